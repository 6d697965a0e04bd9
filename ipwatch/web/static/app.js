// Keyboard and comfort only: every page does all it does without this file.
(() => {
  "use strict";

  const OFF = "ipwatch.shortcuts.off";
  const one = (selector) => document.querySelector(selector);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const isTyping = (target) =>
    target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]") !== null;

  const remember = (off) => {
    try {
      off ? localStorage.setItem(OFF, "1") : localStorage.removeItem(OFF);
    } catch {
      // A browser that keeps nothing starts with the shortcuts on.
    }
  };
  const areOff = () => {
    try {
      return localStorage.getItem(OFF) === "1";
    } catch {
      return false;
    }
  };

  const step = (by) => {
    const rows = all("[data-row]");
    if (rows.length > 0) {
      const at = rows.indexOf(document.activeElement);
      const next = at < 0 ? (by > 0 ? 0 : rows.length - 1) : at + by;
      if (next >= 0 && next < rows.length) {
        rows[next].focus();
        rows[next].closest("li").scrollIntoView({ block: "nearest" });
      } else {
        one(by > 0 ? "[rel=next]" : "[rel=prev]")?.focus();
      }
      return;
    }
    one(by > 0 ? "a[rel=next]" : "a[rel=prev]")?.click();
  };

  const choose = (number) => {
    const verdict = all("[data-verdict]")[number - 1];
    if (verdict) {
      verdict.checked = true;
      verdict.focus();
    }
  };

  const help = () => {
    const dialog = one("#help");
    dialog?.open ? dialog.close() : dialog?.showModal();
  };

  const keys = {
    j: () => step(1),
    k: () => step(-1),
    1: () => choose(1),
    2: () => choose(2),
    3: () => choose(3),
    4: () => choose(4),
    n: () => one("[data-note]")?.focus(),
    o: () => one("[data-original]")?.click(),
    e: () => one("[data-evidence]")?.click(),
    u: () => one("[data-up]")?.click(),
    "/": () => one("[data-search]")?.focus(),
    "?": help,
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey && event.key === "Enter" && event.target.matches("[data-note]")) {
      event.target.form.requestSubmit();
      return;
    }
    if (event.key === "Escape" && isTyping(event.target)) {
      event.target.blur();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping(event.target)) {
      return;
    }
    if (event.key !== "?" && (areOff() || one("#help")?.open)) {
      return;
    }
    const act = Object.hasOwn(keys, event.key) ? keys[event.key] : undefined;
    if (act) {
      event.preventDefault();
      act();
    }
  });

  for (const control of all("[data-instant]")) {
    control.addEventListener("change", () => control.form.requestSubmit());
  }

  const shortcuts = one("#shortcuts");
  if (shortcuts) {
    shortcuts.checked = !areOff();
    shortcuts.addEventListener("change", () => remember(!shortcuts.checked));
  }
  for (const button of all("[data-help]")) {
    button.hidden = false;
    button.addEventListener("click", help);
  }

  // A decision is sent once, however often the key is pressed.
  for (const form of all("form[data-once]")) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) {
        event.preventDefault();
      }
      form.dataset.sent = "1";
    });
  }
  addEventListener("pageshow", () => {
    for (const form of all("form[data-once]")) {
      delete form.dataset.sent;
    }
  });
})();

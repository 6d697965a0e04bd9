"""The review page in headless Chromium, over real HTTP on loopback."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from browsing import chromium
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Request
from web.asking import HOST
from web.conftest import Filled
from web.world import HOSTILE

from ipwatch.store import review

pytestmark = pytest.mark.browser

PAGES = (
    "/?state=all",
    "/cases/1",
    "/cases/71",
    "/cases/72",
    "/cases/1/original",
    "/sources",
    "/runs",
    "/watchlists",
    "/reports",
    "/audit",
    "/login",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def address(filled: Filled) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(filled.app(), host=HOST, port=0, log_level="error", ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started:
        assert thread.is_alive()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    yield f"http://{HOST}:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(20)


def watched(browser: Browser, address: str, *, width: int = 1280, javascript: bool = True) -> tuple[Page, list[str]]:
    """Return a page, and the list that fills with every dialog, foreign request and console error."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, java_script_enabled=javascript, locale="ja-JP"
    )
    page = context.new_page()
    trouble: list[str] = []

    def note_dialog(dialog: Dialog) -> None:
        trouble.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def note_request(request: Request) -> None:
        if not request.url.startswith((address, "data:")):
            trouble.append(request.url)

    def note_error(message: ConsoleMessage) -> None:
        if message.type == "error":
            trouble.append(message.text)

    page.on("dialog", note_dialog)
    page.on("request", note_request)
    page.on("console", note_error)
    return page, trouble


def decisions(filled: Filled, case_id: int) -> list[tuple[str, str]]:
    with filled.database.read_session() as session:
        return [(decision.verdict.value, decision.reviewer) for decision in review.decisions_of(session, case_id)]


def case_of(page: Page) -> int:
    return int(page.url.rpartition("/")[2].partition("?")[0])


def test_ten_cases_are_decided_by_keyboard_alone(browser: Browser, address: str, filled: Filled) -> None:
    page, trouble = watched(browser, address)
    page.goto(address + "/")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url("**/cases/*")
    page.locator("[name=reviewer]").focus()
    page.keyboard.type("審査 1234 jk")
    page.keyboard.press("Escape")
    done = []
    for number in range(10):
        case_id = case_of(page)
        page.keyboard.press(str(number % 4 + 1))
        page.keyboard.press("Enter")
        page.wait_for_url(f"**decided={case_id}*")
        done.append(case_id)
    verdicts = [decisions(filled, case_id) for case_id in done]
    order = ["infringing", "not_infringing", "genuine", "needs_more"]
    assert verdicts == [[(order[number % 4], "審査 1234 jk")] for number in range(10)]
    assert len(set(done)) == 10
    assert trouble == []
    page.context.close()


def test_shortcuts_help_and_switching_them_off(browser: Browser, address: str) -> None:
    page, trouble = watched(browser, address)
    page.goto(address + "/cases/1")
    page.keyboard.press("?")
    assert page.locator("#help").is_visible()
    page.locator("#shortcuts").uncheck()
    page.keyboard.press("?")
    assert not page.locator("#help").is_visible()
    page.keyboard.press("2")
    assert page.locator("[data-verdict]:checked").count() == 0
    page.keyboard.press("?")
    page.locator("#shortcuts").check()
    page.keyboard.press("?")
    page.keyboard.press("2")
    assert page.locator("[data-verdict]:checked").get_attribute("value") == "not_infringing"
    page.keyboard.press("o")
    page.wait_for_url("**/original*")
    page.keyboard.press("u")
    page.wait_for_url("**/cases/1*")
    page.keyboard.press("e")
    page.wait_for_url("**/evidence/*")
    assert trouble == []
    page.context.close()


@pytest.mark.parametrize("javascript", [True, False])
def test_a_case_is_found_and_decided_by_mouse(
    browser: Browser, address: str, filled: Filled, *, javascript: bool
) -> None:
    page, trouble = watched(browser, address, javascript=javascript)
    page.goto(address + "/?lang=en")
    page.get_by_role("link", name="medium").click()
    page.locator("[name=q]").fill("kazami")
    page.get_by_role("button", name="Search").click()
    page.locator("[data-row]").first.click()
    case_id = case_of(page)
    page.get_by_text("genuine goods", exact=True).click()
    page.locator("[name=note]").fill("bought from the maker")
    page.locator("[name=reviewer]").fill("Hanako")
    page.get_by_role("button", name="Record the decision").click()
    page.wait_for_url(f"**decided={case_id}*")
    assert decisions(filled, case_id) == [("genuine", "Hanako")]
    assert trouble == []
    page.context.close()


def test_hostile_records_run_nothing_and_ask_nobody(browser: Browser, address: str) -> None:
    page, trouble = watched(browser, address)
    for number in range(61, 62 + len(HOSTILE)):
        page.goto(f"{address}/cases/{number}", wait_until="networkidle")
        page.goto(f"{address}/cases/{number}/original", wait_until="networkidle")
    for path in ("/?state=all", "/?state=all&sort=due", "/sources", "/?q=%3Cscript%3Ealert(9)%3C/script%3E"):
        page.goto(address + path, wait_until="networkidle")
    assert [line for line in trouble if "404" not in line] == []
    page.context.close()


@pytest.mark.parametrize("width", [390, 1280, 1600])
def test_no_page_scrolls_sideways_and_none_is_blank(browser: Browser, address: str, width: int) -> None:
    page, _ = watched(browser, address, width=width)
    for path in PAGES:
        page.goto(address + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert len(page.screenshot()) > 15_000, path
        assert page.locator("h1").inner_text().strip()
    page.context.close()


def test_the_language_switch_keeps_place_and_filter(browser: Browser, address: str) -> None:
    page, _ = watched(browser, address)
    page.goto(address + "/?state=all&band=high")
    assert page.locator("html").get_attribute("lang") == "ja"
    page.get_by_role("link", name="English").click()
    assert page.locator("html").get_attribute("lang") == "en"
    assert "band=high" in page.url
    page.goto(address + "/cases/1")
    assert page.get_by_role("button", name="Record the decision").is_visible()
    page.context.close()


def test_pictures_are_really_drawn(browser: Browser, address: str) -> None:
    page, _ = watched(browser, address)
    page.goto(address + "/?signal=image", wait_until="networkidle")
    widths = page.evaluate("[...document.querySelectorAll('.thumb img')].slice(0, 6).map((one) => one.naturalWidth)")
    assert len(widths) == 6
    assert all(width > 0 for width in widths)
    page.context.close()

from __future__ import annotations

import ast
import errno
import os
import pickle
import re
import shutil
import string
import tomllib
from functools import cache
from pathlib import Path

import pytest

import ipwatch
from ipwatch.terms import (
    KEYS,
    LANGUAGES,
    STORED,
    Catalogue,
    Joined,
    in_language,
    message,
    os_reason,
    render,
    template,
    text_from_bytes,
    text_of,
    text_to_bytes,
)

PACKAGE = Path(ipwatch.__file__).parent
FILES = PACKAGE / "terms" / "catalogue"


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@cache
def used_in_code() -> tuple[frozenset[str], tuple[re.Pattern[str], ...]]:
    """Return every text in the code and the templates, and patterns of those that are put together."""
    texts, patterns = set(), set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                parts = [re.escape(part.value) if isinstance(part, ast.Constant) else ".+" for part in node.values]
                patterns.add("".join(str(part) for part in parts))
    for path in PACKAGE.rglob("*.html"):
        source = path.read_text("utf-8")
        texts |= set(re.findall(r'"([^"\s]+)"', source))
        patterns |= {re.escape(part) + ".+" for part in re.findall(r'"([a-z_]+\.)" ~', source)}
        patterns |= {re.escape(part) + r"\..+" for part in re.findall(r'known\("([a-z_]+)"', source)}
    for path in PACKAGE.rglob("*.toml"):
        if path.parent != FILES:
            texts |= set(re.findall(r"^\"?([a-z_0-9]+)\"? =", path.read_text("utf-8"), re.MULTILINE))
    return frozenset(texts), tuple(re.compile(part) for part in patterns if re.match(r"[a-z_.\\]{4}", part))


def is_used(key: str) -> bool:
    texts, patterns = used_in_code()
    section, _, name = key.partition(".")
    forms = {key, name.removesuffix(".fix") or key}
    return bool(forms & texts) or any(
        pattern.fullmatch(form) for pattern in patterns for form in (*forms, f"{section}.{name}")
    )


def test_every_language_has_the_same_keys_with_the_same_arguments() -> None:
    catalogue = Catalogue(FILES)
    assert {"ja", "en"} <= set(catalogue.languages)
    for lang in catalogue.languages:
        assert catalogue.keys(lang) == KEYS, lang
        for key in KEYS:
            assert template(key, lang).strip(), (lang, key)
            assert fields(template(key, lang)) == fields(template(key, "en")), (lang, key)


def test_no_section_has_a_key_of_another() -> None:
    for lang in LANGUAGES:
        sections = Catalogue(FILES).sections(lang)
        names = [
            name if section in STORED else f"{section}.{name}" for section in sections for name in sections[section]
        ]
        assert len(names) == len(set(names)) == len(KEYS)


def test_every_key_is_used() -> None:
    # The glossary is also what the project's people agree to call things.
    agreed = Catalogue(FILES).keys_of("glossary")
    # These two belong to commands and to click: tests/cli/test_help.py.
    others = {key for key in KEYS if key.startswith(("help.", "click."))}
    assert sorted(key for key in KEYS - agreed - others if not is_used(key)) == []


def test_every_message_named_in_code_is_there() -> None:
    named = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                function = node.func
                name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
                if name in {"message", "say", "render"} and isinstance(node.args[0].value, str):
                    named.add(node.args[0].value)
    assert {key for key in named if "." not in key or not key.endswith(".html")} - KEYS == set()


def test_a_third_language_is_one_new_file(tmp_path: Path) -> None:
    for path in FILES.glob("*.toml"):
        shutil.copy(path, tmp_path)
    lines = (FILES / "en.toml").read_text("utf-8").replace('"nav.queue" = "Queue"', '"nav.queue" = "File d’attente"')
    (tmp_path / "fr.toml").write_text(lines, "utf-8")
    catalogue = Catalogue(tmp_path)
    assert catalogue.languages == ("en", "fr", "ja")
    assert catalogue.keys("fr") == KEYS
    assert catalogue.render("web.nav.queue", "fr") == "File d’attente"
    assert catalogue.render("web.due.left", "fr", count=3) == "3 days left"


def test_a_message_is_its_english_sentence_and_can_be_rendered_in_japanese() -> None:
    text = message("web.due.left", count=3)
    assert text == "3 days left"
    assert f"{text}" == "3 days left"
    assert in_language(text, "ja") == "あと3日"
    assert in_language("3 days left", "ja") == "3 days left"
    lines = Joined([text, "plain"])
    assert lines == "3 days left\nplain"
    assert in_language(lines, "ja") == "あと3日\nplain"


def test_a_message_within_a_message_is_rendered_in_the_same_language() -> None:
    outer = message("web.case.threshold", threshold=message("web.due.today"))
    assert outer == "threshold due today"
    assert in_language(outer, "ja") == "しきい値 本日まで"


def test_a_message_goes_to_another_process_whole() -> None:
    for text in (message("web.due.left", count=3), Joined([message("web.due.today")])):
        copied = pickle.loads(pickle.dumps(text))  # noqa: S301 - our own bytes
        assert copied == text
        assert in_language(copied, "ja") == in_language(text, "ja") != text


def test_what_the_catalogue_has_not_is_an_error() -> None:
    with pytest.raises(KeyError):
        render("no.such.key", "en")
    with pytest.raises(ValueError, match="'fr'"):
        render("web.due.today", "fr")
    with pytest.raises(KeyError):
        message("web.due.left")


def test_the_files_are_plain_tables_of_texts() -> None:
    for path in FILES.glob("*.toml"):
        for messages in tomllib.loads(path.read_text("utf-8")).values():
            assert all(isinstance(text, str) for text in messages.values())


def test_a_common_reason_of_the_system_is_a_message_and_another_stays() -> None:
    common = os_reason(FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), "x"))
    assert (common, in_language(common, "ja")) == (
        "No such file or directory",
        "そのようなファイルやディレクトリはありません",
    )
    assert os_reason(OSError(errno.EXDEV, os.strerror(errno.EXDEV))) == os.strerror(errno.EXDEV)
    assert os_reason(OSError("cut off")) == "cut off"


def test_an_error_among_the_arguments_stands_for_its_message() -> None:
    inner = ValueError(message("system.EIO"))
    outer = message("lists.at", place="x", text=inner)
    assert (outer, in_language(outer, "ja")) == ("x: Input/output error", "x: 入出力の誤りです")
    assert text_of(inner) is inner.args[0]
    assert text_of(KeyError("x")) == "'x'"


def test_a_text_goes_to_another_process_in_every_language() -> None:
    text = text_from_bytes(text_to_bytes(message("lists.at", place="x", text=message("system.EIO"))))
    assert (text, in_language(text, "ja")) == ("x: Input/output error", "x: 入出力の誤りです")
    assert text_from_bytes(text_to_bytes("plain")) == "plain"
    assert in_language(pickle.loads(pickle.dumps(text)), "ja") == "x: 入出力の誤りです"  # noqa: S301 - our own
    with pytest.raises((ValueError, KeyError)):
        text_from_bytes(b"[")

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path

import pytest

import ipwatch.web
from ipwatch.cases import CaseState
from ipwatch.records import FailureReason, HolderKind, ImageRefusal, RequestKind, RightKind, Verdict
from ipwatch.store.review import Band, Sort
from ipwatch.terms import KEYS, TERM_KEYS, template
from ipwatch.web.pages import known
from ipwatch.web.routes.queue import SIGNALS
from ipwatch.web.words import has

TEMPLATES = sorted((Path(ipwatch.web.__file__).parent / "templates").glob("*.html"))


def test_every_string_a_template_names_is_there() -> None:
    named = {key for path in TEMPLATES for key in re.findall(r"\bt\(\"([a-z_.]+)\"[,)]", path.read_text("utf-8"))}
    assert len(named) > 100
    assert {key for key in named if not has(key)} == set()


@pytest.mark.parametrize(
    ("prefix", "values"),
    [
        ("state", CaseState), ("verdict", Verdict), ("band", Band), ("sort", Sort), ("failure", FailureReason),
        ("refusal", ImageRefusal), ("request_kind", RequestKind), ("right_kind", RightKind),
        ("holder_kind", HolderKind),
    ],
)  # fmt: skip
@pytest.mark.parametrize("lang", ["ja", "en"])
def test_every_value_of_a_closed_set_has_words(prefix: str, values: type[StrEnum], lang: str) -> None:
    for value in values:
        assert has(f"{prefix}.{value}") or value in TERM_KEYS
        assert known(prefix, value, lang=lang)


def test_every_signal_has_a_name_in_japanese() -> None:
    assert [name for name in SIGNALS if known("signal", name, lang="ja") == name] == []


def test_only_decisions_say_infringing() -> None:
    words = {key.removeprefix("web."): key for key in KEYS if key.startswith("web.")}
    saying = {
        key
        for key, full in words.items()
        if "infringing" in template(full, "en").lower() or "侵害と判断" in template(full, "ja")
    }
    assert {key.partition(".")[0] for key in saying} == {"state", "verdict"}


def test_templates_never_mark_anything_safe_and_quote_every_attribute() -> None:
    for path in TEMPLATES:
        source = path.read_text("utf-8")
        assert not re.search(r"\|\s*safe\b|autoescape\s+false", source), path
        assert not re.search(r"<[^>{%]*\s[a-z-]+={{", source), path

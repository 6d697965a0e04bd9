from __future__ import annotations

import re

import pytest

from ipwatch.matching.explain import explain
from ipwatch.matching.score import MAIN_WEIGHTS, QUALIFIERS
from ipwatch.terms import REASON_KEYS, TERMS, render

PAIRS = [
    ("SONY", "ЅОNY headphones"),
    ("SONY", "case for SONY WH-1000"),
    ("Canon", "canonical form"),
    ("今治タオル", "今治タオル風 ハンカチ"),
    ("ソニー", "sony walkman"),
    ("スキッパー", "スチッパー"),
    ("花王", "東芝"),
    ("SONY", ""),
    ("SONY", "\ud800\x00"),
]


@pytest.mark.parametrize(("watched", "seen"), PAIRS)
@pytest.mark.parametrize("lang", ["ja", "en"])
def test_every_signal_is_told_in_both_languages(watched: str, seen: str, lang: str) -> None:
    signals = explain(watched, seen)
    assert {"name", "sound"} <= {signal.name for signal in signals}
    for signal in signals:
        assert signal.term in REASON_KEYS
        reason = render(signal.term, lang, watched=signal.compared[0], seen=signal.compared[1])
        assert "{" not in reason
        assert render(signal.name, lang)


def test_what_does_not_match_is_told_as_well() -> None:
    signals = {signal.term: signal for signal in explain("花王", "東芝")}
    assert signals["name_different"].score == 0.0
    assert "sound_unknown" in signals


def test_the_sound_of_two_kana_names_names_its_rule() -> None:
    assert "sound_voicing" in {signal.term for signal in explain("クレカ", "グレカ")}


@pytest.mark.parametrize(("watched", "seen"), [("", "x"), ("鶴", "鶴"), ("a" * 201, "x"), ("SONY", "x" * 100_000)])
def test_what_cannot_be_compared_is_refused(watched: str, seen: str) -> None:
    with pytest.raises(ValueError, match="characters"):
        explain(watched, seen)


def test_every_reason_has_words_and_every_weight_a_reason() -> None:
    assert set(QUALIFIERS) <= REASON_KEYS
    assert set(MAIN_WEIGHTS) <= set(TERMS)
    for term in TERMS.values():
        assert term.ja
        assert term.en
        assert set(re.findall(r"{(\w*)}", term.ja)) <= {"watched", "seen"}
    for key in REASON_KEYS:
        assert "{seen}" in TERMS[key].en or "{watched}" in TERMS[key].en


def test_an_unknown_term_or_language_is_an_error() -> None:
    with pytest.raises(KeyError):
        render("no_such_term", "en")
    with pytest.raises(ValueError, match="'fr'"):
        render("mark", "fr")


def test_arguments_are_inserted_as_they_are() -> None:
    assert "{seen.__class__}" in render("context_used", "en", watched="", seen="{seen.__class__}")

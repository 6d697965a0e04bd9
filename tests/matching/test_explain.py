from __future__ import annotations

import re

import pytest

from ipwatch.matching.explain import explain, explanation
from ipwatch.matching.score import MAIN_WEIGHTS, QUALIFIERS, combine
from ipwatch.records import Difference
from ipwatch.terms import DIFFERENCE_KEYS, REASON_KEYS, TERMS, render

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


@pytest.mark.parametrize(("watched", "seen"), PAIRS)
def test_the_points_make_up_the_score(watched: str, seen: str) -> None:
    told = explanation(watched, seen)
    assert len(told.points) == len(told.signals)
    assert told.score == pytest.approx(min(1.0, max(0.0, sum(told.points))), abs=0.0002)
    assert told.score == combine(told.signals)


@pytest.mark.parametrize(("watched", "seen"), PAIRS)
def test_a_signal_lists_the_differences_of_what_it_compared(watched: str, seen: str) -> None:
    for signal in explain(watched, seen):
        for difference in signal.differences:
            assert difference.term in DIFFERENCE_KEYS
            for lang in ("ja", "en"):
                assert "{" not in render(difference.term, lang, watched=difference.watched, seen=difference.seen)


def test_a_disguised_name_says_how_it_was_disguised() -> None:
    (signal,) = [each for each in explain("SONY", "ЅО\u200bNY headphones") if each.name == "name"]
    assert signal.span == (0, 5)
    assert [one.term for one in signal.differences] == ["spelling_cyrillic", "spelling_hidden"]


def test_what_a_generated_spelling_finds_is_compared_with_the_mark_itself() -> None:
    signals = explain("ノリマ", "norima 時計")
    found = [one for signal in signals for one in signal.differences]
    assert Difference(term="spelling_in_latin", watched="ノリマ", seen="norima") in found


def test_the_forms_and_readings_of_a_mark_are_told() -> None:
    told = explanation("ノリマ", "クレカ")
    assert told.forms[0].text == "ノリマ"
    assert any(form.generated for form in told.forms)
    assert (told.readings, told.seen_readings) == (("ノリマ",), ("クレカ",))
    assert told.proposed == ()
    assert explanation("風見", "x").readings == ()


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
        assert set(re.findall(r"{(\w*)}", term.ja)) == set(re.findall(r"{(\w*)}", term.en))
    for key in REASON_KEYS:
        assert set(re.findall(r"{(\w*)}", TERMS[key].ja)) <= {"watched", "seen"}
        assert "{seen}" in TERMS[key].en or "{watched}" in TERMS[key].en


def test_an_unknown_term_or_language_is_an_error() -> None:
    with pytest.raises(KeyError):
        render("no_such_term", "en")
    with pytest.raises(ValueError, match="'fr'"):
        render("mark", "fr")


def test_arguments_are_inserted_as_they_are() -> None:
    assert "{seen.__class__}" in render("context_used", "en", watched="", seen="{seen.__class__}")

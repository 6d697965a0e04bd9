from __future__ import annotations

import re

import pytest

from ipwatch.matching.explain import ReadAs, explain, explanation
from ipwatch.matching.score import MAIN_WEIGHTS, QUALIFIERS, combine
from ipwatch.records import Difference
from ipwatch.terms import DIFFERENCE_KEYS, REASON_KEYS, TERM_KEYS, render, template

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


@pytest.mark.parametrize(("watched", "observed"), PAIRS)
@pytest.mark.parametrize("lang", ["ja", "en"])
def test_every_signal_has_a_reason_in_both_languages(watched: str, observed: str, lang: str) -> None:
    signals = explain(watched, observed)
    assert {"name", "sound"} <= {signal.name for signal in signals}
    for signal in signals:
        assert signal.term in REASON_KEYS
        reason = render(signal.term, lang, watched=signal.compared[0], seen=signal.compared[1])
        assert "{" not in reason
        assert render(signal.name, lang)


def test_what_does_not_match_has_signals_as_well() -> None:
    signals = {signal.term: signal for signal in explain("花王", "東芝")}
    assert signals["name_different"].score == 0.0
    assert "sound_unknown" in signals


@pytest.mark.parametrize(("watched", "observed"), PAIRS)
def test_the_points_make_up_the_score(watched: str, observed: str) -> None:
    result = explanation(watched, observed)
    assert len(result.points) == len(result.signals)
    assert result.score == pytest.approx(min(1.0, max(0.0, sum(result.points))), abs=0.0002)
    assert result.score == combine(result.signals)


@pytest.mark.parametrize(("watched", "observed"), PAIRS)
def test_a_signal_lists_the_differences_of_what_it_compared(watched: str, observed: str) -> None:
    for signal in explain(watched, observed):
        for difference in signal.differences:
            assert difference.term in DIFFERENCE_KEYS
            for lang in ("ja", "en"):
                assert "{" not in render(difference.term, lang, watched=difference.watched, seen=difference.seen)


def test_a_disguised_name_says_how_it_was_disguised() -> None:
    (signal,) = [each for each in explain("SONY", "ЅО\u200bNY headphones") if each.name == "name"]
    assert signal.span == (0, 5)
    assert [difference.term for difference in signal.differences] == ["spelling_cyrillic", "spelling_hidden"]


def test_what_a_generated_spelling_finds_is_compared_with_the_mark_itself() -> None:
    signals = explain("ノリマ", "norima 時計")
    found_differences = [difference for signal in signals for difference in signal.differences]
    assert Difference(term="spelling_in_latin", watched="ノリマ", seen="norima") in found_differences


def test_the_variants_and_readings_of_a_mark_are_listed() -> None:
    result = explanation("ノリマ", "クレカ")
    assert result.variants[0].text == "ノリマ"
    assert any(variant.generated for variant in result.variants)
    assert (result.readings, result.observed_readings) == (("ノリマ",), ("クレカ",))
    assert result.proposed == ()
    assert explanation("風見", "x").readings == ()


@pytest.mark.parametrize(
    ("watched", "observed", "read_as"),
    [
        ("NORIMA", "N0RIMA", ReadAs.MARK),
        ("NORIMA", "N O R I M A", ReadAs.MARK),
        ("ノリマ", "ノリマプレミアム", ReadAs.MARK),
        ("Norima Garden", "norima gardens", ReadAs.MARK),
        ("ノリマ", "ノリマ ケース 対応", ReadAs.TITLE),
        ("NORIMA", "case for NORIMA", ReadAs.TITLE),
        ("ノリマ", "ノリマ腕時計電池式防水文字盤黒色革紐付属品一式保証書有箱無送料込", ReadAs.TITLE),
    ],
)
def test_the_words_of_a_text_decide_what_it_is_read_as(watched: str, observed: str, read_as: ReadAs) -> None:
    assert explanation(watched, observed).read_as is read_as
    for other in ReadAs:
        assert explanation(watched, observed, other).read_as is other


def test_a_title_is_not_compared_as_a_whole() -> None:
    title, mark = (explanation("ノリマ", "ノリマ グレカ", read_as) for read_as in (ReadAs.TITLE, ReadAs.MARK))
    assert not [signal for signal in title.signals if signal.term.startswith("sound_") and signal.score]
    assert "ノリマグレカ" in [signal.compared[1] for signal in mark.signals if signal.name == "sound"]


def test_a_mark_with_generic_words_is_compared_as_a_filing_is() -> None:
    assert "name_contained_generic" in {signal.term for signal in explain("ノリマ", "ノリマプレミアム")}


@pytest.mark.parametrize("observed", ["N0RIMA", "N O R I M A", "NORI-MA", "n\u200borima", "the N0RIMA clock"])
def test_a_name_that_is_spelled_out_does_not_sound_different(observed: str) -> None:
    terms = {signal.term for signal in explain("NORIMA", observed)}
    assert "sound_as_spelled" in terms
    assert "sound_different" not in terms


@pytest.mark.parametrize(("watched", "observed"), [("森谷織", "新森谷織本舗"), ("モリヤナオ", "新モリヤナオ堂")])
def test_kanji_without_a_reading_do_not_count_as_the_same_sound(watched: str, observed: str) -> None:
    assert "sound_unknown" in {signal.term for signal in explain(watched, observed)}


def test_a_name_that_matches_by_two_sounds_counts_once() -> None:
    sounds = [signal for signal in explain("MINORIMA", "ミノリマ") if signal.name == "sound"]
    assert len(sounds) == 1


@pytest.mark.parametrize(
    ("watched", "observed"), [("Elevain", "Pamashoes"), ("Qannon", "Phthelo vinyl"), ("NORIMA", "xx")]
)
def test_sounds_are_shown_as_they_are_spelled(watched: str, observed: str) -> None:
    for signal in explain(watched, observed):
        assert signal.compared[0] == watched
        assert signal.compared[1] in observed


def test_the_words_around_name_the_spelling_that_stands_there() -> None:
    (style,) = [signal for signal in explain("ノリマ", "norima compatible case") if signal.name == "context"]
    assert style.compared == ("norima", "compatible")


def test_a_hit_is_not_repeated_in_a_generated_spelling() -> None:
    for watched, observed in [("ノリマ", "norima walkman"), ("ソラミオネ", "soramione bag"), ("NORIMA", "ノリマ")]:
        result = explanation(watched, observed)
        generated = {variant.text for variant in result.variants if variant.generated}
        idle = [signal for signal, points in zip(result.signals, result.points, strict=True) if not points]
        assert not [signal for signal in idle if signal.name in {"spelling", "pronunciation"}]
        counted_at = {signal.span for signal, points in zip(result.signals, result.points, strict=True) if points}
        assert not [signal for signal in idle if signal.compared[0] in generated and signal.span in counted_at]


def test_a_filing_in_other_classes_scores_less() -> None:
    result = explanation("NORIMA", "NORIMA")
    assert result.score_apart == pytest.approx(result.score + QUALIFIERS["class_apart"])


def test_a_missing_analyser_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ipwatch.text.phonetics.reading.find_spec", lambda _: None)
    assert explanation("風見", "x").analyser_missing
    assert not explanation("ノリマ", "x").analyser_missing


def test_the_sound_of_two_kana_names_names_its_rule() -> None:
    assert "sound_voicing" in {signal.term for signal in explain("クレカ", "グレカ")}


@pytest.mark.parametrize(("watched", "observed"), [("", "x"), ("鶴", "鶴"), ("a" * 201, "x"), ("SONY", "x" * 100_000)])
def test_what_cannot_be_compared_is_refused(watched: str, observed: str) -> None:
    with pytest.raises(ValueError, match="characters"):
        explain(watched, observed)


def test_every_reason_has_words_and_every_weight_a_reason() -> None:
    assert set(QUALIFIERS) <= REASON_KEYS
    assert set(MAIN_WEIGHTS) <= TERM_KEYS
    for key in REASON_KEYS:
        named = set(re.findall(r"{(\w*)}", template(key, "en")))
        assert named
        assert named <= {"watched", "seen"}


def test_an_unknown_term_or_language_is_an_error() -> None:
    with pytest.raises(KeyError):
        render("no_such_term", "en")
    with pytest.raises(ValueError, match="'fr'"):
        render("mark", "fr")


def test_arguments_are_inserted_as_they_are() -> None:
    assert "{seen.__class__}" in render("context_used", "en", watched="", seen="{seen.__class__}")

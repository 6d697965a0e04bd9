from __future__ import annotations

import time
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipwatch.matching.filing import FiledMark, filing_signals
from ipwatch.matching.filing_index import FilingIndex, signals_reference
from ipwatch.matching.forms import Form, SeenText, forms_of
from ipwatch.records import RightKind, Signal, WatchedMark
from ipwatch.text.reading import readings_of

BEATS = "カサタナハマヤラワキシチニヒミリクスツヌ"


def watched(text: str, *, readings: Sequence[str] = (), variants: Sequence[str] = ()) -> WatchedMark:
    return WatchedMark(
        watchlist="sample",
        id="sample",
        text=text,
        kind=RightKind.TRADEMARK,
        readings=tuple(readings),
        variants=tuple(variants),
    )


def prepared(mark: WatchedMark) -> tuple[tuple[Form, ...], tuple[str, ...]]:
    return forms_of(mark)[0], readings_of(mark.text, mark.readings)


def filed(text: str | None, *readings: str) -> FiledMark:
    return FiledMark(SeenText.of("mark_text", text) if text else None, readings_of(text or "", readings))


def signals(mark: WatchedMark, filing: FiledMark) -> dict[str, Signal]:
    forms, readings = prepared(mark)
    return {signal.name: signal for signal in filing_signals(forms, readings, filing)}


def test_readings_of_the_register_are_compared_and_the_rule_is_named() -> None:
    found = signals(watched("皆川", readings=["ミナガワ"]), filed("南河", "ミナカワ"))
    assert found["sound"].term == "sound_voicing"
    assert found["sound"].compared == ("ミナガワ", "ミナカワ")
    assert found["sound"].field == "readings"
    assert [one.term for one in found["sound"].differences] == ["mora_voicing"]
    assert "name" not in found


def test_kanji_without_a_reading_are_not_guessed_at() -> None:
    assert signals(watched("皆川", readings=["ミナガワ"]), filed("水無川")) == {}
    assert signals(watched("皆川"), filed("ミナガワ")) == {}


def test_kana_in_the_filed_mark_is_its_reading_where_the_register_gives_none() -> None:
    found = signals(watched("ミナガワ"), filed("みなかわ"))
    assert found["sound"].term == "sound_voicing"


@pytest.mark.parametrize(
    ("mark", "filing", "term"),
    [
        (watched("ソラミオ"), filed("Soramio"), "sound_key"),
        (watched("Soramio"), filed("ソラミオ"), "sound_reading"),
        (watched("Soramio"), filed("宙澪", "ソラミオ"), "sound_key"),
        (watched("ソラミオ"), filed("소라미오"), "sound_key"),
        (watched("ソラミオンテラス"), filed("Soranion Teras"), "sound_spelling"),
        (watched("空澪", variants=["Soramio"]), filed("Sorramio"), "sound_key"),
    ],
)
def test_names_are_compared_across_scripts_by_sound(mark: WatchedMark, filing: FiledMark, term: str) -> None:
    assert signals(mark, filing)["sound"].term == term


def test_other_names_and_short_ones_are_not_alike_across_scripts() -> None:
    assert signals(watched("ソラミオ"), filed("Serafina")) == {}
    assert signals(watched("ミオ"), filed("nio")) == {}


def test_what_a_person_declared_in_kana_counts_as_a_reading() -> None:
    found = signals(watched("SORAMIO", variants=["ソラミオ"]), filed("宙澪", "ソラビオ"))
    assert found["sound"].compared == ("ソラミオ", "ソラビオ")


def test_a_name_is_compared_whole_and_contained_as_a_word_of_its_own() -> None:
    assert signals(watched("soramio"), filed("soramia"))["name"].term == "name_near"
    assert signals(watched("soramio"), filed("soramio garden"))["name"].term == "name_contained"


def test_a_filing_without_text_and_readings_says_nothing() -> None:
    assert signals(watched("ソラミオ"), filed(None)) == {}


@pytest.mark.parametrize(
    "text", ["ソラミオ" * 500, "soramio " * 250, "소라미오" * 500, "x" * 2_000, "今治" * 1_000, "a\u0301" * 900]
)
def test_long_filings_are_compared_in_bounded_time(text: str) -> None:
    forms, readings = prepared(watched("ソラミオ", variants=["Soramio", "x" * 200, "뷁" * 200]))
    began = time.process_time()
    list(FilingIndex([forms], [readings]).signals([filed(text, text[:500])] * 20))
    assert time.process_time() - began < 10.0


def test_ten_thousand_readings_on_one_mark_are_compared_in_bounded_time() -> None:
    several = tuple("".join(BEATS[number // 20**at % 20] for at in range(5)) for number in range(10_000))
    began = time.process_time()
    found = list(FilingIndex([()], [several]).signals([filed("宙澪", several[77])] * 5))
    assert [signals[0][0].score for signals in found] == [1.0] * 5
    assert time.process_time() - began < 20.0


MARKS = [
    watched("ソラミオ"),
    watched("Soramio Garden"),
    watched("今治タオル", readings=["イマバリタオル"], variants=["Imabari Towel", "今治毛巾"]),
    watched("皆川商事", readings=["ミナガワショウジ"]),
    watched("KANETOYO", variants=["カネトヨ"]),
    watched("ネコ"),
    watched("소라미오"),
]
TEXTS = st.sampled_from(
    [
        "ソラミオ", "そらみお", "Soramio", "s0ramio", "soramia", "soramio garden", "garden", "今治タオル", "今治",
        "今治毛巾 専門", "imabari taoru", "皆川", "KANETOYO", "カネトヨ", "kanetoyo tools", "カナトヨ", "ネコ", "ネロ",
        "neko", "소라미오", "카네토요", "\ud800", "", "・", "ミ" * 300,
    ]
)  # fmt: skip
READINGS = st.lists(
    st.sampled_from(
        ["ソラミオ", "ソラビオ", "イマバリタオル", "ミナカワ", "ミナガワショージ", "カネトヨ", "カネドヨ", "ネコ", "ア"]
    ),
    max_size=2,
)
FILINGS = st.lists(st.builds(lambda text, readings: filed(text, *readings), TEXTS, READINGS), max_size=5)


@settings(deadline=None)  # the first index compiles its engine
@given(st.lists(st.sampled_from(MARKS), max_size=7), FILINGS)
def test_the_index_says_what_comparing_every_mark_says(marks: list[WatchedMark], filings: list[FiledMark]) -> None:
    forms, readings = [prepared(mark)[0] for mark in marks], [prepared(mark)[1] for mark in marks]
    index = FilingIndex(forms, readings)
    assert list(index.signals(filings)) == list(signals_reference(forms, readings, filings))


LETTERS = st.text(alphabet="abカガ ー", min_size=1, max_size=9)


@settings(deadline=None)
@given(st.lists(LETTERS, max_size=5), st.lists(LETTERS, max_size=5))
def test_the_index_is_lossless_on_names_of_few_letters(marks: list[str], texts: list[str]) -> None:
    both = [prepared(watched(mark)) for mark in marks]
    forms, readings = [forms for forms, _ in both], [readings for _, readings in both]
    filings = [filed(text) for text in texts]
    assert list(FilingIndex(forms, readings).signals(filings)) == list(signals_reference(forms, readings, filings))

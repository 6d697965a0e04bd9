from __future__ import annotations

import time
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipwatch.matching.filings.index import FilingIndex, signals_reference
from ipwatch.matching.filings.signals import FiledMark, filing_signals
from ipwatch.matching.score import DEFAULT_THRESHOLD, STRENGTHS, combine
from ipwatch.matching.variants import ObservedText, Variant, variants_of
from ipwatch.records import RightKind, Signal, WatchedMark
from ipwatch.terms import render
from ipwatch.text.phonetics.reading import readings_of

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


def prepared(mark: WatchedMark) -> tuple[tuple[Variant, ...], tuple[str, ...]]:
    return variants_of(mark)[0], readings_of(mark.text, mark.readings)


def filed(text: str | None, *readings: str) -> FiledMark:
    return FiledMark(ObservedText.of("mark_text", text) if text else None, readings_of(text or "", readings))


def signals(mark: WatchedMark, filing: FiledMark) -> dict[str, Signal]:
    variants, readings = prepared(mark)
    return {signal.name: signal for signal in filing_signals(variants, readings, filing)}


def test_readings_of_the_register_are_compared_and_the_rule_is_named() -> None:
    by_name = signals(watched("皆川", readings=["ミナガワ"]), filed("南河", "ミナカワ"))
    assert by_name["sound"].term == "sound_voicing"
    assert by_name["sound"].compared == ("ミナガワ", "ミナカワ")
    assert by_name["sound"].field == "readings"
    assert [difference.term for difference in by_name["sound"].differences] == ["mora_voicing"]
    assert "name" not in by_name


def test_kanji_without_a_reading_are_not_guessed_at() -> None:
    assert signals(watched("皆川", readings=["ミナガワ"]), filed("水無川")) == {}
    assert signals(watched("皆川"), filed("ミナガワ")) == {}


@pytest.mark.parametrize("text", ["SORAMIO ヘッドホン", "今治ヘッドホン", "X-1 ヘッドホン"])
def test_a_mark_that_is_kana_in_part_does_not_sound_the_same(text: str) -> None:
    by_name = signals(watched("ヘッドホン"), filed(text))
    assert "sound" not in by_name or by_name["sound"].term != "sound_same"


def test_kana_in_the_filed_mark_is_its_reading_where_the_register_gives_none() -> None:
    by_name = signals(watched("ミナガワ"), filed("みなかわ"))
    assert by_name["sound"].term == "sound_voicing"


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


def test_other_names_and_short_ones_are_not_similar_across_scripts() -> None:
    assert signals(watched("ソラミオ"), filed("Serafina")) == {}
    assert signals(watched("ミオ"), filed("nio")) == {}


def test_what_a_person_declared_in_kana_counts_as_a_reading() -> None:
    by_name = signals(watched("SORAMIO", variants=["ソラミオ"]), filed("宙澪", "ソラビオ"))
    assert by_name["sound"].compared == ("ソラミオ", "ソラビオ")


def test_a_name_is_compared_whole_and_contained_as_a_word_of_its_own() -> None:
    assert signals(watched("soramio"), filed("soramia"))["name"].term == "name_near"
    assert signals(watched("soramio"), filed("soramio garden"))["name"].term == "name_contained"


@pytest.mark.parametrize(
    ("mark", "text"),
    [
        ("ブライトミオン", "ブライトミオンプレミアム"),
        ("ブライトミオン", "ネオブライトミオン"),
        ("もりやな", "新もりやな堂"),
        ("もりやな", "本家もりやな"),
        ("もりや", "もりや総本店"),
        ("ソラミオ", "ザ・ソラミオ・ジャパン株式会社"),
        ("Soramio", "THESORAMIO"),
        ("Soramio", "soramiopremium"),
        ("NRM", "nrmcollection"),
        ("森谷", "新森谷堂"),
        ("森谷織", "本家森谷織"),
        ("森ラボ", "森ラボ本店"),
    ],
)
def test_a_name_with_nothing_but_generic_words_is_almost_the_name(mark: str, text: str) -> None:
    signal = signals(watched(mark), filed(text))["name"]
    assert signal.term == "name_contained_generic"
    assert signal.compared == (mark, text)
    assert STRENGTHS["name_beside_others"] < signal.score == STRENGTHS["name_beside_laudatory"] < 1.0
    assert combine([signal]) >= DEFAULT_THRESHOLD


@pytest.mark.parametrize(
    ("mark", "text"),
    [
        ("ブライトミオン", "ブライトミオンガラス"),
        ("ブライトミオン", "アマネブライトミオン"),
        ("もりやなは", "もりやなは時計"),
        ("soramio", "soramiowatch"),
        ("Soramiole", "soramiolebrint"),
    ],
)
def test_a_name_next_to_other_words_is_weaker(mark: str, text: str) -> None:
    signal = signals(watched(mark), filed(text))["name"]
    assert (signal.term, signal.score) == ("name_contained", STRENGTHS["name_beside_others"])
    assert combine([signal]) < DEFAULT_THRESHOLD


@pytest.mark.parametrize(
    ("mark", "text"),
    [
        ("キリン", "キリンジ"),
        ("ライオン", "ライオンズマンション"),
        ("もりや", "もりやなか"),
        ("もりや", "もりやねお"),
        ("ソラミオー", "アメソラミオン"),
        ("ダモイソー", "セメダモイン"),
        ("ソラミオ", "ソラミオナガ"),
        ("NRM", "nrmax"),
        ("sis", "thesis"),
        ("森谷", "森谷川"),
        ("和バス", "大和バス"),
        ("ミオグループホールディングス", "ソラミオグループホールディングス"),
        ("ニラクス", "アルコニラクス"),
        ("ブライトミオン", "アマネブライトミオンガラス"),
    ],
)
def test_letters_that_coincide_by_chance_do_not_contain_the_name(mark: str, text: str) -> None:
    by_name = signals(watched(mark), filed(text))
    assert "name" not in by_name or not by_name["name"].term.startswith("name_contained")


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_why_a_composite_mark_is_similar_is_reported(lang: str) -> None:
    signal = signals(watched("ソラミオ"), filed("ソラミオプレミアム"))["name"]
    reason = render(signal.term, lang, watched=signal.compared[0], seen=signal.compared[1])
    assert "ソラミオプレミアム" in reason
    assert {"ja": "識別力", "en": "laudatory"}[lang] in reason
    assert [(difference.term, difference.seen) for difference in signal.differences] == [
        ("spelling_letter_added", "プレミアム")
    ]


def test_a_filing_without_text_and_readings_has_no_signals() -> None:
    assert signals(watched("ソラミオ"), filed(None)) == {}


@pytest.mark.parametrize(
    "text",
    [
        "ソラミオ" * 500,
        "プレミアム" * 400 + "ソラミオ",
        "soramio " * 250,
        "소라미오" * 500,
        "x" * 2_000,
        "今治" * 1_000,
        "a\u0301" * 900,
    ],
)
def test_long_filings_are_compared_in_bounded_time(text: str) -> None:
    variants, readings = prepared(watched("ソラミオ", variants=["Soramio", "x" * 200, "뷁" * 200]))
    began = time.process_time()
    list(FilingIndex([variants], [readings]).signals([filed(text, text[:500])] * 20))
    assert time.process_time() - began < 10.0


def test_ten_thousand_readings_on_one_mark_are_compared_in_bounded_time() -> None:
    several = tuple("".join(BEATS[number // 20**position % 20] for position in range(5)) for number in range(10_000))
    began = time.process_time()
    results = list(FilingIndex([()], [several]).signals([filed("宙澪", several[77])] * 5))
    assert [signals[0][0].score for signals in results] == [1.0] * 5
    assert time.process_time() - began < 20.0


MARKS = [
    watched("ソラミオ"),
    watched("Soramio Garden"),
    watched("今治タオル", readings=["イマバリタオル"], variants=["Imabari Towel", "今治毛巾"]),
    watched("皆川商事", readings=["ミナガワショウジ"]),
    watched("KANETOYO", variants=["カネトヨ"]),
    watched("ネコ"),
    watched("소라미오"),
    watched("今治"),
    watched("ソニラ"),
    watched("ブライトミオン"),
]
TEXTS = st.sampled_from(
    [
        "ソラミオ", "そらみお", "Soramio", "s0ramio", "soramia", "soramio garden", "garden", "今治タオル", "今治",
        "今治毛巾 専門", "imabari taoru", "皆川", "KANETOYO", "カネトヨ", "kanetoyo tools", "カナトヨ", "ネコ", "ネロ",
        "neko", "新今治堂", "今治堂", "ネオソラミオ", "ソラミオプレミアム", "ソラミオ時計", "ソラミオジ", "ソニラ本舗",
        "ソニラネオ",         "ブライトミオンヌ", "ブライトミオンガラス", "thesoramiogardenpremium",
        "소라미오프", "소라미오", "카네토요", "\ud800", "", "・", "ミ" * 300,
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
def test_the_index_agrees_with_comparing_every_mark(marks: list[WatchedMark], filings: list[FiledMark]) -> None:
    variants, readings = [prepared(mark)[0] for mark in marks], [prepared(mark)[1] for mark in marks]
    index = FilingIndex(variants, readings)
    assert list(index.signals(filings)) == list(signals_reference(variants, readings, filings))


LETTERS = st.text(alphabet="abカガ ー", min_size=1, max_size=9)


@settings(deadline=None)
@given(st.lists(LETTERS, max_size=5), st.lists(LETTERS, max_size=5))
def test_the_index_is_lossless_on_names_of_few_letters(marks: list[str], texts: list[str]) -> None:
    both = [prepared(watched(mark)) for mark in marks]
    variants, readings = [variants for variants, _ in both], [readings for _, readings in both]
    filings = [filed(text) for text in texts]
    assert list(FilingIndex(variants, readings).signals(filings)) == list(
        signals_reference(variants, readings, filings)
    )

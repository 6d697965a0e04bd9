from __future__ import annotations

import pytest

from ipwatch.matching.names.phonetic import PhoneticText, likeness, phonetic_signals
from ipwatch.matching.names.phonetic_index import SoundIndex
from ipwatch.matching.score import combine
from ipwatch.matching.variants import ObservedText, variant_of
from ipwatch.records import Signal


def phonetic_match(mark: str, title: str) -> tuple[Signal, ...]:
    variant = variant_of(mark)
    assert variant is not None
    text = PhoneticText(ObservedText.of("title", title))
    matches = [
        phonetic_signals(variant, text, (match.first, match.last), match.similarity)
        for _, match in SoundIndex([variant]).find([title])
    ]
    return max(matches, key=combine, default=())


@pytest.mark.parametrize(
    ("mark", "title", "surface"),
    [
        ("Panasonic", "新品 パナソニック ラジオ", "パナソニック"),
        ("Panasonic", "新品 ﾊﾟﾅｿﾆｯｸ製", "ﾊﾟﾅｿﾆｯｸ"),
        ("パナソニック", "new Panasonic radio", "Panasonic"),
        ("ロレックス", "Rolex watch", "Rolex"),
        ("グリーンパーク", "genuine Green Park bag", "Green Park"),
        ("ミドリヤマ", "new Midoriyanma bag", "Midoriyanma"),
    ],
)
def test_a_name_matches_its_sound_in_another_script(mark: str, title: str, surface: str) -> None:
    main, *reasons = phonetic_match(mark, title)
    assert main.span is not None
    assert title[slice(*main.span)] == main.compared[1] == surface
    assert main.name == "sound"
    assert {reason.name for reason in reasons} <= {"pronunciation"}


@pytest.mark.parametrize("title", ["Panasonic radio", "Panasonik radio", "ラジオ", ""])
def test_the_same_script_and_other_sounds_are_nothing(title: str) -> None:
    assert phonetic_match("Panasonic", title) == ()


def test_lower_similarity_scores_less() -> None:
    same, near = phonetic_match("ミドリヤマ", "Midoriyama bag"), phonetic_match("ミドリヤマ", "Midriamma bag")
    assert same[0].score == 1.0
    assert same[0].term == "sound_key"
    assert 0.0 < near[0].score < 1.0


def test_an_ordinary_word_and_a_short_one_say_less_each_in_a_line() -> None:
    terms = {signal.term: signal.score for signal in phonetic_match("クロス", "a cross of gold")}
    assert terms["heard_word"] < 0.0
    assert terms["heard_short"] < 0.0
    assert {signal.term for signal in phonetic_match("ミドリヤマ", "Midoriyama bag")} == {"sound_key"}


def test_ordinary_words_side_by_side_are_rarer_than_each() -> None:
    matches = [phonetic_match("レコードバスケット", "a record basket"), phonetic_match("バスケット", "a basket")]
    together, alone = (next(signal.score for signal in signals if signal.term == "heard_word") for signals in matches)
    assert alone < together < 0.0


@pytest.mark.parametrize(
    ("name", "surface"),
    [("J SPORTS", "スポーツ"), ("Three Forest", "スリー"), ("ジェイ・スポーツ", "sports"), ("レイザー", "leisure")],
)
def test_a_missing_word_or_another_ordinary_one_is_another_name(name: str, surface: str) -> None:
    assert likeness(name, surface) == 0.0


def test_generic_words_of_a_name_may_be_missing() -> None:
    assert likeness("Midoriyama Japan", "ミドリヤマ") > 0.0


@pytest.mark.parametrize("hostile", ["\ud800" * 9, "\0" * 99, "ア" * 3_000, "a\u0301" * 3_000, "Midoriyama " * 300])
def test_hostile_titles_take_bounded_time(hostile: str) -> None:
    assert bool(phonetic_match("ミドリヤマ", hostile)) == ("Midoriyama" in hostile)

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipwatch.text.normalize import MAX_CHARACTERS, plain, plain_letters, plain_span, skeleton


@pytest.mark.parametrize(
    ("disguised", "mark"),
    [
        ("ＳＯＮＹ", "SONY"),
        ("S0NY", "SONY"),
        ("ѕоnу", "SONY"),  # Cyrillic
        ("ЅОΝΥ", "SONY"),  # Cyrillic and Greek
        ("S\u200bO N-Y", "SONY"),
        ("Pokémon", "POKEMON"),
        ("Ｐ０ｋｅｍｏｎ", "Pokemon"),
        ("p@n@s0nic", "Panasonic"),
        ("$ONY", "SONY"),
        ("【ASIC$】", "ASICS"),
        ("口レックス", "ロレックス"),
        ("ポケモソ", "ポケモン"),
        ("シヤネル", "シャネル"),
        ("ぽけもん", "ポケモン"),
        ("ｶﾞﾝﾀﾞﾑ", "ガンダム"),
        ("か\u3099んだむ", "ガンダム"),
        ("トヨ夕", "トヨタ"),
        ("松阪午", "松阪牛"),
        ("サーモス", "サモス"),
        ("ヴァイオリン", "バイオリン"),
        ("ｳﾞｧｲｵﾘﾝ", "バイオリン"),
        ("ハヅキ", "ハズキ"),
        ("N\u0337i\u0335k\u0336o\u0338n\u0334", "Nikon"),  # marks over and through every letter
        ("ｎｉｋｏｎ", "NIKON"),
        ("ǀmabari", "Imabari"),
        ("ꜱᴏɴʏ", "SONY"),  # small capitals
        ("S🅾N🅈", "SONY"),  # white letter on a dark square, letter in a square
        ("S🅞NY", "SONY"),  # white letter on a dark disc
        ("今冶タオル", "今治タオル"),
        ("鬼減の刀", "鬼滅の刃"),
        ("任夭堂", "任天堂"),
    ],
)
def test_disguises_fold_onto_the_mark(disguised: str, mark: str) -> None:
    assert skeleton(disguised).text == skeleton(mark).text


@pytest.mark.parametrize(
    ("a", "b"), [("ソニー", "サニー"), ("SONY", "SANY"), ("今治", "今泊"), ("カ", "ガ"), ("バ", "パ")]
)
def test_different_names_stay_apart(a: str, b: str) -> None:
    assert skeleton(a).text != skeleton(b).text


def test_spans_lead_back_to_the_original() -> None:
    text = "★新品★ か\u3099ん\u200bだむー 1/144"
    folded = skeleton(text)
    at = folded.text.index("ガンダム")
    start, end = folded.span(at, at + 4)
    assert text[start:end] == "か\u3099ん\u200bだむー"


@pytest.mark.parametrize("place", [(0, 0), (2, 1), (0, 99), (-1, 1)])
def test_a_range_outside_the_skeleton_is_refused(place: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="no such range"):
        skeleton("abc").span(*place)


def test_leet_signs_count_between_letters_only() -> None:
    assert skeleton("Yahoo!").text == skeleton("Yahoo").text
    assert skeleton("$100").text == skeleton("100").text
    assert skeleton("a$b").text == skeleton("asb").text


@pytest.mark.parametrize("text", ["", "\x00\x00", "\ud800", "🎌🎏", "- / ·", "\u3099\u309a"])
def test_texts_without_letters_have_an_empty_skeleton(text: str) -> None:
    assert skeleton(text).text == ""


def test_too_long_a_text_is_refused_and_the_longest_is_quick() -> None:
    with pytest.raises(ValueError, match=str(MAX_CHARACTERS)):
        skeleton("あ" * (MAX_CHARACTERS + 1))
    began = time.process_time()
    folded = skeleton("a" + "\u0301" * (MAX_CHARACTERS - 1))
    assert folded.text == "a"
    assert folded.span(0, 1) == (0, MAX_CHARACTERS)
    assert time.process_time() - began < 1.0


@given(st.text(alphabet=st.characters(), max_size=60))
def test_the_offsets_rise_and_lie_within_any_text(text: str) -> None:
    folded = skeleton(text)
    assert len(folded.offsets) == len(folded.text)
    assert list(folded.offsets) == sorted(folded.offsets)
    assert all(0 <= offset < len(text) for offset in folded.offsets)


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing(text: str) -> None:
    once = skeleton(text).text
    assert skeleton(once).text == once


def test_plain_letters_forgive_spelling_and_keep_lookalikes() -> None:
    assert plain_letters("Ｐoké-MON") == plain_letters("pokemon")
    assert plain_letters("シヤネル") == plain_letters("しゃねる")
    assert plain_letters("ヴァン") == plain_letters("バン")
    assert plain_letters("口レックス") != plain_letters("ロレックス")
    assert plain_letters("S0NY") != plain_letters("SONY")


@pytest.mark.parametrize("text", ["HK$ 200", "US$", "$20 towel", "20$ towel"])
def test_a_dollar_beside_a_sum_or_a_country_is_money(text: str) -> None:
    assert skeleton(text).text == skeleton(text.replace("$", "")).text


@given(st.text(alphabet="aß ㍿ﾀﾞﾌﾟe\u0301Ｗ㎏각\u1100\u1161\u11a8", max_size=12), st.data())
def test_a_plain_span_leads_back_to_what_it_came_from(text: str, data: st.DataObject) -> None:
    folded = plain(text)
    if not folded:
        return
    start = data.draw(st.integers(0, len(folded) - 1))
    end = data.draw(st.integers(start + 1, len(folded)))
    first, last = plain_span(text, start, end)
    assert 0 <= first < last <= len(text)
    assert len(plain(text[:first])) <= start
    assert len(plain(text[:last])) >= end


@pytest.mark.parametrize(("start", "end"), [(-1, 1), (1, 1), (0, 4)])
def test_a_plain_span_outside_of_the_text_is_refused(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="no such range"):
        plain_span("abc", start, end)

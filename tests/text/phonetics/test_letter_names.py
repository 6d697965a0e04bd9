from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipwatch.text.phonetics.kana import morae
from ipwatch.text.phonetics.letter_names import (
    DIGIT_NAMES,
    LETTER_NAMES,
    MAX_SPELLED_OUT,
    is_spelled_out,
    letters_called,
    spelled_out,
)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("FDK", "エフディーケー"),
        ("ＪＣＢ", "ジェーシービー"),
        ("H.I.S.", "エイチアイエス"),
        ("N-E-C", "エヌイーシー"),
        ("dhc", "ディーエイチシー"),
        ("3M", "スリーエム"),
        ("H&M", "エイチアンドエム"),
        ("7&i", "セブンアンドアイ"),
    ],
)
def test_abbreviations_are_called_letter_by_letter(text: str, first: str) -> None:
    ways = list(spelled_out(text))
    assert ways[0] == first
    assert 0 < len(ways) == len(set(ways)) <= MAX_SPELLED_OUT
    assert all(is_spelled_out(way) for way in ways)


@pytest.mark.parametrize(
    "text", ["Sony", "NIKON", "A", "1234", "&", "", "ソニー", "AБC", "BC DF GH JK", "\ud800", "\0"]
)
def test_words_and_numbers_are_not(text: str) -> None:
    assert list(spelled_out(text)) == []


@pytest.mark.parametrize(
    ("kana", "letters"),
    [
        ("エヌイーシー", "nec"),
        ("エイチ・アイ・エス", "his"),
        ("えっちあいえす", "his"),
        ("ジェイシービー", "jcb"),
        ("エーアンドビーシー", "a&bc"),
        ("ケイエイ", ""),  # management
        ("サンゴサン", ""),  # digits
        ("ソニーイー", ""),
        ("", ""),
        ("エー" * 1_000, ""),
    ],
)
def test_kana_that_call_three_letters_are_these_letters(kana: str, letters: str) -> None:
    assert letters_called(kana) == letters


@given(st.text(alphabet="BCDFGHJKLMNPQRSTVWXYZ", min_size=3, max_size=4))
def test_letters_come_back_from_every_way_to_call_them(letters: str) -> None:
    assert letters.lower() in {letters_called(way) for way in spelled_out(letters)}


def test_every_letter_and_digit_has_a_name_in_kana() -> None:
    assert set(LETTER_NAMES) | set(DIGIT_NAMES) == set("abcdefghijklmnopqrstuvwxyz0123456789&")
    names = [name for called in (LETTER_NAMES | DIGIT_NAMES).values() for name in called.split()]
    assert all("".join(morae(name)) == name for name in names)
    assert len(set(names)) == len(names)


def test_a_long_kana_text_is_read_quickly() -> None:
    began = time.process_time()
    for count in range(400):
        letters_called("エイチ" * count)
    assert time.process_time() - began < 1.0

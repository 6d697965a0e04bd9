from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipwatch.text.phonetics.hangul import FINAL_SOUNDS, INITIALS, VOWELS, is_hangul, jamo, romanized

SYLLABLES = st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3)


@pytest.mark.parametrize(
    ("text", "sounds", "latin"),
    [
        ("소니", "ㅅㅗㄴㅣ", "soni"),
        ("아이", "ㅏㅣ", "ai"),
        ("벅스", "ㅂㅓKㅅㅡ", "beokseu"),
        ("강남", "ㄱㅏGㄴㅏM", "gangnam"),
        ("값", "ㄱㅏP", "gap"),
        ("뷁", "ㅂㅞK", "bwek"),
        ("A-소!", "ㅅㅗ", "so"),
        ("ㄱㅏ", "", ""),
        ("", "", ""),
    ],
)
def test_syllables_come_apart(text: str, sounds: str, latin: str) -> None:
    assert jamo(text) == sounds
    assert romanized(text) == latin


def test_conjoining_jamo_are_composed_first() -> None:
    assert jamo(unicodedata.normalize("NFD", "한국")) == jamo("한국") == "ㅎㅏNㄱㅜK"


def test_the_borders_of_the_block() -> None:
    assert [is_hangul(char) for char in "\uabff가힣\ud7a4"] == [False, True, True, False]


@given(SYLLABLES)
def test_every_syllable_has_one_vowel_and_is_spelled(syllable: str) -> None:
    sounds = jamo(syllable)
    assert len([sound for sound in sounds if sound in VOWELS]) == 1
    assert set(sounds) <= set(INITIALS) | set(VOWELS) | set(FINAL_SOUNDS)
    assert romanized(syllable).isascii()
    assert romanized(syllable).islower()

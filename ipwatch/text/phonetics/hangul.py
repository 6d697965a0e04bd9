"""Hangul: decomposition of syllables by arithmetic, and the Latin spelling of each part.

A syllable block is ``0xAC00 + (initial * 21 + vowel) * 28 + final`` (The Unicode Standard, section 3.12). The letters
are those of the Revised Romanization of Korean (2000), without its rules for sounds that change at a syllable's edge.
"""

from __future__ import annotations

import unicodedata

_FIRST, _COUNT = 0xAC00, 11_172
_VOWELS_PER_INITIAL, _FINALS_PER_VOWEL = 21, 28

INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
"""The initial consonants in the order of the arithmetic; ㅇ is silent here."""

VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
"""The vowels in the order of the arithmetic."""

FINAL_SOUNDS = " KKKNNNTLKMLLLPLMPPTTGTTKTPT"
"""The sound of each final as a capital, in the order of the arithmetic: seven sounds (G is ng), a space for none."""

_INITIAL_LETTERS = dict(
    zip(
        INITIALS,
        ["g", "kk", "n", "d", "tt", "r", "m", "b", "pp", "s", "ss", "", "j", "jj", "ch", "k", "t", "p", "h"],
        strict=True,
    )
)
_VOWEL_LETTERS = dict(
    zip(
        VOWELS,
        [
            "a",
            "ae",
            "ya",
            "yae",
            "eo",
            "e",
            "yeo",
            "ye",
            "o",
            "wa",
            "wae",
            "oe",
            "yo",
            "u",
            "wo",
            "we",
            "wi",
            "yu",
            "eu",
            "ui",
            "i",
        ],
        strict=True,
    )
)
_FINAL_LETTERS = {"K": "k", "N": "n", "T": "t", "L": "l", "M": "m", "P": "p", "G": "ng"}
_LETTERS = _INITIAL_LETTERS | _VOWEL_LETTERS | _FINAL_LETTERS


def is_hangul(char: str) -> bool:
    """Whether the character is a Hangul syllable block."""
    return _FIRST <= ord(char) < _FIRST + _COUNT


def jamo(text: str) -> str:
    """Return the sounds of the syllable blocks of a text; other characters are left out.

    Initials and vowels are compatibility jamo, the silent ㅇ is dropped, finals are the capitals of ``FINAL_SOUNDS``:
    ``jamo("벅스") == "ㅂㅓKㅅㅡ"``. Conjoining jamo are composed first.
    """
    return "".join(_sounds(char) for char in unicodedata.normalize("NFC", text) if is_hangul(char))


def romanized(text: str) -> str:
    """Return the Latin spelling of the syllable blocks of a text, letter by letter."""
    return "".join(_LETTERS[sound] for sound in jamo(text))


def _sounds(syllable: str) -> str:
    rest, final = divmod(ord(syllable) - _FIRST, _FINALS_PER_VOWEL)
    initial, vowel = divmod(rest, _VOWELS_PER_INITIAL)
    return f"{INITIALS[initial]}{VOWELS[vowel]}{FINAL_SOUNDS[final]}".replace("ㅇ", "").rstrip()

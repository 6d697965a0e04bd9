"""What one character folds to, and how it acts on its neighbours: shared by the string path and the batch path."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from ipwatch.text.folding.confusables import (
    HAN_LOOKALIKES,
    HAN_VARIANTS,
    KANA_LOOKALIKES,
    LEET,
    LEET_SYMBOLS,
    LETTER_LOOKALIKES,
    MASKING_SIGNS,
    SAME_LETTERS,
)
from ipwatch.text.folding.kana_equivalence import HISTORICAL, LARGE, SAME_SOUND, V_ROW

PROLONGED = frozenset("ーｰ")
VOICING = {"\u3099": "\u3099", "゛": "\u3099", "ﾞ": "\u3099", "\u309a": "\u309a", "゜": "\u309a", "ﾟ": "\u309a"}
"""Marks that voice the preceding kana, to the combining mark."""

KANA_REPEATS = {"ヽ": "", "ゝ": "", "ヾ": "\u3099", "ゞ": "\u3099"}
"""Marks that repeat the preceding kana (いすゞ), to the voicing they add."""

V_SOUNDS = dict(zip("ァィェォアイエオ", "バビベボバビベボ", strict=True))
"""Vowels after ヴ, small or large, to the kana of both."""

V_KANA = frozenset("ヴゔ")
JAMO_VOWELS = frozenset(map(chr, range(0x1161, 0x1176)))
JAMO_FINALS = frozenset(map(chr, range(0x11A8, 0x11C3)))
"""The parts of a Hangul syllable that join the preceding character."""

_LARGE_KANA = {**LARGE} | dict(zip("ㇰㇱㇲㇳㇴㇵㇶㇷㇸㇹㇺㇻㇼㇽㇾㇿ", "クシストヌハヒフヘホムラリルレロ", strict=True))
_SAME_SOUND_KANA = {**SAME_SOUND, **V_ROW, **HISTORICAL}
_HIRAGANA_TO_KATAKANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0")
_MARK_SIGNS = frozenset("™℠")
_STRETCHERS = frozenset("ـߺ")
_MODIFIERS = frozenset(
    chr(code)
    for block in (range(0x02B9, 0x02D2), range(0x02EC, 0x02EF), range(0xA717, 0xA720), range(0xA788, 0xA789))
    for code in block
)
_NO_LETTERS = _FILLERS | _STRETCHERS | _MODIFIERS
"""Letters by general category that are not read as letters: fillers, kashida, apostrophes and tone marks."""

_KATAKANA = range(0x30A0, 0x3200)
_HANGUL = range(0xAC00, 0xD7A4)


LETTER, DIGIT, SYMBOL, CLINGING, WRITTEN, MASKING = 1, 2, 4, 8, 16, 32
"""Traits, as bits: folds to a Latin letter; is a digit; is a sign that represents a letter next to letters; is a mark
on the preceding character, or invisible; is a letter of any script; is a sign that masks a letter next to letters."""

_IOTA_SUBSCRIPT = "\u0345"
_WITH_IOTA = re.compile("[\u0345\u1f80-\u1fff]")


def to_katakana(text: str) -> str:
    """Return the text in NFKC with its hiragana written as katakana."""
    return unicodedata.normalize("NFKC", text).translate(_HIRAGANA_TO_KATAKANA)


def plain(text: str) -> str:
    """Return the text in NFKC and case-folded: the spelling that readers consider the same.

    The iota below a Greek vowel is left out, which case folding alone turns from a mark into a letter.
    """
    if _WITH_IOTA.search(text):
        text = unicodedata.normalize("NFD", text).replace(_IOTA_SUBSCRIPT, "")
    return unicodedata.normalize("NFKC", text).casefold()


def is_invisible(char: str) -> bool:
    """Whether the character is invisible: a format or control character, a filler, or half a surrogate pair."""
    return char in _FILLERS or unicodedata.category(char) in {"Cf", "Cc", "Cs"}


@cache
def is_vowel_sign(char: str) -> bool:
    """Whether a mark writes a vowel, as in Thai and the scripts of India: part of a word, not an accent."""
    if unicodedata.category(char) not in {"Mn", "Mc"}:
        return False
    name = unicodedata.name(char, "")
    return "VOWEL SIGN" in name or name.startswith(("THAI CHARACTER SARA", "THAI CHARACTER MAI HAN-AKAT"))


@cache
def trait_of(char: str) -> int:
    """Return the traits of the character that matter to its neighbours, or 0."""
    masking = MASKING if char in MASKING_SIGNS else 0
    if char in LEET_SYMBOLS:
        return SYMBOL | masking
    if char in VOICING or unicodedata.category(char)[0] == "M" or (is_invisible(char) and not char.isspace()):
        return CLINGING
    if unicodedata.digit(char, None) is not None:
        return DIGIT
    folded = FOLD[char]
    letter = LETTER if folded.isascii() and folded else 0
    return letter | (masking or (WRITTEN if folded or char in PROLONGED else 0))


def fold_kana(char: str) -> str:
    """Return one katakana without its size and its spelling; nothing for ー."""
    if char in PROLONGED:
        return ""
    large = _LARGE_KANA.get(char, char)
    return _SAME_SOUND_KANA.get(large, large)


def _fold_han(char: str) -> str:
    lookalike = HAN_LOOKALIKES.get(char, char)
    return HAN_VARIANTS.get(lookalike, lookalike)


def _fold_char(char: str) -> str:
    """Return the letters and digits that the character folds to on its own.

    None for marks, separators and hidden characters. Look-alikes are folded before NFKC, which would otherwise turn
    some of them (ϲ) into a letter they do not look like.
    """
    if char in LETTER_LOOKALIKES:
        return _leet(LETTER_LOOKALIKES[char])
    if char in LEET_SYMBOLS:
        return _leet(LEET_SYMBOLS[char])
    category = unicodedata.category(char)[0]
    if category == "C" or char in _MARK_SIGNS or (category == "M" and not is_vowel_sign(char)):
        return ""
    value = unicodedata.digit(char, None)
    if value is not None:
        return _leet(str(value))
    return "".join(_fold_letter(letter) for letter in to_katakana(plain(char)))


def _fold_letter(letter: str) -> str:
    """Return what one character of a text in NFKC and small letters folds to."""
    if ord(letter) in _KATAKANA:
        kana = fold_kana(letter)
        return KANA_LOOKALIKES.get(kana, kana) if unicodedata.category(letter)[0] == "L" else ""
    if ord(letter) in _HANGUL:
        return letter
    letters = []
    for part in unicodedata.normalize("NFD", LETTER_LOOKALIKES.get(letter, letter)):
        base = SAME_LETTERS.get(part, part)
        base = _fold_han(LETTER_LOOKALIKES.get(base, base))
        is_letter = unicodedata.category(base[0])[0] in {"L", "N"} or is_vowel_sign(base[0])
        letters.append(_leet(base) if is_letter and part not in _NO_LETTERS else "")
    return "".join(letters)


def _leet(letters: str) -> str:
    return "".join(LEET.get(letter, letter) for letter in letters)


_ACTING = (LEET_SYMBOLS, MASKING_SIGNS, VOICING, KANA_REPEATS, V_KANA)


class _FoldTable(dict[str, str]):
    """The fold of every character that occurred so far, and those of them whose fold depends on neighbours.

    There are fewer than 1.2 million.
    """

    def __init__(self) -> None:
        super().__init__()
        self.contextual: set[str] = set()

    def __missing__(self, char: str) -> str:
        if any(char in acting for acting in _ACTING) or is_vowel_sign(char):
            self.contextual.add(char)
        folded = _fold_char(char)
        self[char] = folded
        return folded


FOLD = _FoldTable()
"""What each character folds to without its neighbours; signs fold to the letter they may represent."""

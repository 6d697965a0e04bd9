"""The skeleton of a text: what is left once case, width, kana spelling, look-alikes and hidden characters are folded.

Two texts with one skeleton look alike to a hurried reader. A skeleton is for comparing, never for showing: its offset
map leads every match back to the code points of the original.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass

from ipwatch.text.confusable import HAN_LOOKALIKES, KANA_LOOKALIKES, LEET, LEET_SYMBOLS, LETTER_LOOKALIKES

MAX_CHARACTERS = 20_000
"""The longest text that is folded at once; a longer one is refused, so that one record cannot hold up a run."""

_PROLONGED = frozenset("ーｰ")
_VOICING = {"\u3099": "\u3099", "゛": "\u3099", "ﾞ": "\u3099", "\u309a": "\u309a", "゜": "\u309a", "ﾟ": "\u309a"}
_LARGE_KANA = dict(zip("ァィゥェォッャュョヮヵヶ", "アイウエオツヤユヨワカケ", strict=True))
_SAME_SOUND_KANA = {"ヂ": "ジ", "ヅ": "ズ", "ヲ": "オ", "ヴ": "ブ"}
_V_SOUNDS = {"ァ": "バ", "ィ": "ビ", "ェ": "ベ", "ォ": "ボ"}
_V_KANA = frozenset("ヴゔ")
# $ONY and ASIC$; with three letters beside it, so that the money of HK$ and US$ stays money.
_DOLLAR_AT_EDGE = re.compile(r"(?<![^\W_])\$(?=[A-Za-z]{3})|(?<=[A-Za-z]{3})\$(?![^\W_])")
_HIRAGANA_TO_KATAKANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}


@dataclass(frozen=True, slots=True)
class Skeleton:
    """A folded text and where each of its characters came from: ``offsets[i]`` is a code point index of ``source``."""

    text: str
    offsets: tuple[int, ...]
    source: str

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the half-open range of the source that the non-empty range ``start:end`` of the skeleton came from.

        Marks, hidden characters and ー that follow its last character belong to it.
        """
        if not 0 <= start < end <= len(self.text):
            raise ValueError(f"no such range in a skeleton of {len(self.text)}: {start}:{end}")
        stop = self.offsets[end - 1] + 1
        while stop < len(self.source) and _clings(self.source[stop]):
            stop += 1
        return self.offsets[start], stop


def skeleton(text: str) -> Skeleton:
    """Return the folded form of a text with its offset map; raises ``ValueError`` above ``MAX_CHARACTERS``.

    Look-alikes are folded before NFKC, which would otherwise turn some of them (ϲ) into a letter they do not look like.
    """
    if len(text) > MAX_CHARACTERS:
        raise ValueError(f"a text of {len(text)} characters is not compared; the limit is {MAX_CHARACTERS}")
    folded: list[str] = []
    offsets: list[int] = []
    after_v = False
    for index, char in enumerate(text):
        if char in _VOICING:
            after_v = _voice(folded, offsets, text, index)
            continue
        kept = _FOLD[char] or _leet_symbol(text, index)
        if after_v and to_katakana(char) in _V_SOUNDS:
            folded[-1] = _V_SOUNDS[to_katakana(char)]
            kept = ""
        after_v = char in _V_KANA
        for letter in kept:
            folded.append(letter)
            offsets.append(index)
    return Skeleton("".join(folded), tuple(offsets), text)


def to_katakana(text: str) -> str:
    """Return the text in NFKC with its hiragana written as katakana."""
    return unicodedata.normalize("NFKC", text).translate(_HIRAGANA_TO_KATAKANA)


def plain(text: str) -> str:
    """Return the text in NFKC and case-folded: what everybody calls the same spelling."""
    return unicodedata.normalize("NFKC", text).casefold()


def plain_span(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the half-open range of the text that the non-empty range ``start:end`` of its ``plain`` form came from.

    A character that turns into several is taken whole; marks that join the last one belong to it.
    """
    ends = [len(plain(text[:stop])) for stop in range(len(text) + 1)]
    if not 0 <= start < end <= ends[-1]:
        raise ValueError(f"no such range in a plain text of {ends[-1]}: {start}:{end}")
    first = bisect_right(ends, start) - 1
    last = bisect_right(ends, end) - 1
    return first, last if ends[last] == end else last + 1


def plain_letters(text: str) -> str:
    """Return the letters and digits of a text as everybody writes them: case, width, accents and kana spelling folded.

    Unlike a skeleton it keeps look-alikes apart: two texts with one skeleton and other plain letters were disguised.
    """
    spelled = to_katakana(plain(text))
    for small, voiced in _V_SOUNDS.items():
        spelled = spelled.replace(f"ヴ{small}", voiced)
    kept = []
    for char in spelled:
        if "\u30a0" <= char <= "\u30ff":
            large = _LARGE_KANA.get(char, char)
            kept.append(_SAME_SOUND_KANA.get(large, large))
        else:
            kept.append(unicodedata.normalize("NFD", char))
    letters = (char for char in "".join(kept) if char not in _PROLONGED)
    return "".join(char for char in letters if unicodedata.category(char)[0] in "LN")


def is_invisible(char: str) -> bool:
    """Whether the character is a format or control character, or half a surrogate pair: nothing a reader sees."""
    return unicodedata.category(char) in {"Cf", "Cc", "Cs"}


def _clings(char: str) -> bool:
    return char in _VOICING or char in _PROLONGED or unicodedata.category(char) in {"Mn", "Mc", "Me", "Cf"}


def _voice(folded: list[str], offsets: list[int], text: str, index: int) -> bool:
    """Give the kana just before the voicing mark its voiced form, and return whether that is ヴ.

    A mark on anything else is dropped.
    """
    if not offsets or offsets[-1] != index - 1:
        return False
    voiced = unicodedata.normalize("NFC", to_katakana(text[index - 1]) + _VOICING[text[index]])
    if len(voiced) == 1:
        folded[-1] = _FOLD[voiced]
    return voiced in _V_KANA


def _leet_symbol(text: str, index: int) -> str:
    letter = LEET_SYMBOLS.get(text[index])
    if letter is None:
        return ""
    if text[index - 1 : index].isalnum() and text[index + 1 : index + 2].isalnum():
        return letter
    return letter if _DOLLAR_AT_EDGE.match(text, index) else ""


def _fold_kana(char: str) -> str:
    if char in _PROLONGED:
        return ""
    char = _LARGE_KANA.get(char, char)
    char = _SAME_SOUND_KANA.get(char, char)
    return KANA_LOOKALIKES.get(char, char)


def _fold_char(char: str) -> str:
    """Return the letters and digits that the character folds to; none for marks, separators and hidden characters."""
    if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Cn"}:
        return ""
    text = LETTER_LOOKALIKES.get(char, char)
    text = to_katakana(plain(text))
    letters = []
    for letter in text:
        if "\u30a0" <= letter <= "\u30ff":
            letters.append(_fold_kana(letter))
            continue
        seen = LETTER_LOOKALIKES.get(letter, letter)
        base = "".join(part for part in unicodedata.normalize("NFD", seen) if unicodedata.category(part)[0] != "M")
        base = unicodedata.normalize("NFC", base)
        base = LETTER_LOOKALIKES.get(base, base)
        base = HAN_LOOKALIKES.get(base, base)
        letters.append("".join(LEET.get(part, part) for part in base))
    return "".join(part for part in "".join(letters) if unicodedata.category(part)[0] in "LN")


class _FoldTable(dict[str, str]):
    """The fold of every character met so far; there are fewer than 1.2 million."""

    def __missing__(self, char: str) -> str:
        folded = _fold_char(char)
        self[char] = folded
        return folded


_FOLD = _FoldTable()

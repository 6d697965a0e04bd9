"""The words of many texts at once, by arrays: the ranges between the boundaries of ``word_boundaries``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from ipwatch.matching.names.word_boundaries import Boundary, boundaries
from ipwatch.matching.variants import ObservedText, Script, script_of
from ipwatch.text.folding.characters import (
    FOLD,
    JAMO_FINALS,
    JAMO_VOWELS,
    KANA_REPEATS,
    V_KANA,
    VOICING,
    is_vowel_sign,
)
from ipwatch.text.folding.confusables import LEET_SYMBOLS, LONG_MARK_LOOKALIKES
from ipwatch.text.folding.packed import SEPARATOR, FoldedTexts
from ipwatch.text.folding.skeleton import Skeleton

_CODES = 0x110000
# Bits of the class of a character; the bits above them hold the script of a letter.
_LETTER, _SEPARATES, _SEPARATES_ALONE, _LOWER, _UPPER, _ALPHA, _UNCLEAR, _MET = (1 << bit for bit in range(8))
_SCRIPT = 8
_SCRIPTS = {script: number for number, script in enumerate(Script)}
_ALPHABETIC, _DIGIT = _SCRIPTS[Script.ALPHABETIC], _SCRIPTS[Script.DIGIT]
_JOINING = JAMO_VOWELS | JAMO_FINALS | LONG_MARK_LOOKALIKES

Positions = NDArray[np.int64]
Classes = NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class WordRanges:
    """Words as rows (int64): number of the text, first letter and the one after the last in its folded form.

    ``unclear`` are the texts without rows, because the folding of their letters depends on neighbours: ``boundaries``
    finds their words.
    """

    text: Positions
    start: Positions
    end: Positions
    unclear: Positions

    def of_length(self, length: int) -> Positions:
        """Return the rows of the words of that many letters."""
        return np.flatnonzero(self.end - self.start == length)


def word_ranges(texts: Sequence[str], folded: FoldedTexts) -> WordRanges:
    """Return the words of texts; ``folded`` are their skeletons."""
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    ends = np.cumsum(lengths + 1) - 1
    classes = _classes(texts)
    classes[ends] = 0
    unclear = _unclear(classes, ends, folded)
    for text in unclear.tolist():
        classes[ends[text] - lengths[text] : ends[text]] = 0
    positions = np.flatnonzero(classes & _LETTER)
    last = np.searchsorted(positions, ends)
    counts = np.diff(last, prepend=0)
    text = np.repeat(np.arange(len(texts)), counts)
    if not len(positions):
        return WordRanges(positions, positions, positions, unclear)
    begins = np.flatnonzero(np.append(True, _boundaries(classes, positions, text)))
    stops = np.append(begins[1:], len(positions))
    of_word = text[begins]
    first = (last - counts)[of_word]
    return WordRanges(of_word, begins - first, stops - first, unclear)


def _unclear(classes: Classes, ends: Positions, folded: FoldedTexts) -> Positions:
    """Return the texts with characters that may fold to anything but one letter or none.

    Where a text has as many letters as its folded form, no sign in it was read as a letter.
    """
    counts = np.diff(np.searchsorted(np.flatnonzero(classes & _LETTER), ends), prepend=0)
    miscounted = np.flatnonzero(counts != np.diff(folded.starts) - 1)
    return np.union1d(miscounted, np.searchsorted(ends, np.flatnonzero(classes & _UNCLEAR)))


def _boundaries(classes: Classes, positions: Positions, text: Positions) -> NDArray[np.bool_]:
    """Return whether there is a boundary between each letter and the next one, in the same text or the next."""
    letters = classes[positions]
    left, right = positions[:-1], positions[1:]
    passed = np.cumsum((classes & _SEPARATES) != 0)
    only_one = right - left == 2  # noqa: PLR2004 - one character between the two
    separated = np.where(only_one, (classes[left + 1] & _SEPARATES_ALONE) != 0, passed[right] != passed[left])
    other_text = text[1:] != text[:-1]
    scripts = _read_digits(letters >> np.uint16(_SCRIPT), other_text)
    capital = ((letters[1:] & _UPPER) != 0) & _end_small(letters[:-1], classes[left - 1])
    return np.asarray(separated | (scripts[:-1] != scripts[1:]) | capital | other_text)


def _end_small(letters: Classes, before: Classes) -> NDArray[np.bool_]:
    """Return whether lower-case words may end with the letters, by the characters before them."""
    return np.asarray(((letters & _LOWER) != 0) & (((before & _LOWER) != 0) | ((before & _ALPHA) == 0)))


def _read_digits(scripts: Classes, other_text: NDArray[np.bool_]) -> Classes:
    """Return the scripts with each digit between two letters of an alphabet read as one of them."""
    alphabetic = scripts == _ALPHABETIC
    between = (scripts[1:-1] == _DIGIT) & alphabetic[:-2] & alphabetic[2:] & ~other_text[:-1] & ~other_text[1:]
    read = scripts.copy()
    read[1:-1][between] = _ALPHABETIC
    return read


class _Table:
    """The class of each code point, computed when it first occurs."""

    def __init__(self) -> None:
        self._classes = np.zeros(_CODES, np.uint16)
        self._meeting = Lock()

    def look_up(self, codes: NDArray[np.uint32]) -> Classes:
        """Return the class of each code point, in an array of its own."""
        classes = self._classes[codes]
        unmet = np.unique(codes[classes == 0])
        if len(unmet):
            with self._meeting:
                for code in unmet.tolist():
                    self._classes[code] = _class_of(chr(code))
            classes = self._classes[codes]
        return classes


@cache
def _table() -> _Table:
    return _Table()


def _classes(texts: Sequence[str]) -> Classes:
    joined = "".join(f"{text}{chr(SEPARATOR)}" for text in texts)
    return _table().look_up(np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32))


def _class_of(char: str) -> int:
    letters = FOLD[char]
    contextual = char in VOICING or char in KANA_REPEATS or char in V_KANA or is_vowel_sign(char)
    case = _LOWER * char.islower() | _UPPER * char.isupper() | _ALPHA * char.isalpha()
    if char in LEET_SYMBOLS or not letters:
        separates = _SEPARATES * _separates(char + char) | _SEPARATES_ALONE * _separates(char)
        return _MET | case | _UNCLEAR * contextual | separates
    script = Script.ALPHABETIC if letters.isascii() and not char.isalnum() else script_of(char)
    unclear = contextual or len(letters) > 1 or not _JOINING.isdisjoint(letters)
    return _MET | case | _LETTER | _UNCLEAR * unclear | _SCRIPTS[script] << _SCRIPT


def _separates(between: str) -> bool:
    """Whether characters that leave no letter separate two letters of one script."""
    source = f"a{between}a"
    observed = ObservedText("", source, Skeleton("aa", (0, len(source) - 1), source))
    return boundaries(observed)[1] is not Boundary.NONE

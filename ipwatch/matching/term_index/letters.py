"""Letters in eight bits, so that eight of them are compared in one machine word.

Different letters may share a code: words of codes only exclude what cannot be a hit; the remaining candidates are
compared by their code points.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ipwatch.text.folding.packed import SEPARATOR

HIGH_BYTE_FACTOR = 165
"""Shifts a script by its high byte. With 165, katakana share no codes with the Latin letters and digits."""

WORD_LETTERS = 8
GRAM_LETTERS = 4

NEAR_LETTERS = 11
"""Number of letters that are examined as a set: a word, and three edits that move its letters."""

SET_BITS = 62
"""Number of low bits of a set that represent letters; the two above hold a number."""


def letter_codes(letters: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """Return a code of 1..255 for each code point, and 0 for a separator."""
    mixed = (letters + (letters >> np.uint32(8)) * np.uint32(HIGH_BYTE_FACTOR)).astype(np.uint8)
    return np.where(letters == SEPARATOR, np.uint8(0), np.maximum(mixed, np.uint8(1)))


def words_from(codes: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """Return the word at each position, its first letter lowest; the last seven positions have none."""
    return np.ndarray((max(0, len(codes) - WORD_LETTERS + 1),), "<u8", np.ascontiguousarray(codes).data, strides=(1,))


def words_before(codes: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """Return the same words with their last letter lowest: the text before a position, nearest letter first."""
    return np.ndarray((max(0, len(codes) - WORD_LETTERS + 1),), ">u8", np.ascontiguousarray(codes).data, strides=(1,))


def grams(codes: NDArray[np.uint8], length: int) -> NDArray[np.uint32]:
    """Return the gram of 1..4 letters at each position of the last axis, its first letter lowest."""
    count = max(0, codes.shape[-1] - length + 1)
    packed = np.zeros((*codes.shape[:-1], count), np.uint32)
    for offset in range(length):
        packed |= codes[..., offset : offset + count].astype(np.uint32) << np.uint32(8 * offset)
    return packed


def letter_bits(codes: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """Return each code as a set of one; a separator is the empty set."""
    return (codes > 0).astype(np.uint64) << (codes % np.uint8(SET_BITS)).astype(np.uint64)


def sets_from(codes: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """Return the set of the ``NEAR_LETTERS`` letters from each position on; the last positions have none."""
    single = letter_bits(codes)
    four = single[:-3] | single[1:-2] | single[2:-1] | single[3:]
    eight = four[:-4] | four[4:]
    sets: NDArray[np.uint64] = eight[: len(codes) - NEAR_LETTERS + 1] | four[NEAR_LETTERS - 4 :]
    return sets

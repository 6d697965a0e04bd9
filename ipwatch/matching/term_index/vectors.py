"""The engine in numpy alone: the same index, each step for a block of texts at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ipwatch.matching.term_index.letters import (
    GRAM_LETTERS,
    NEAR_LETTERS,
    SET_BITS,
    WORD_LETTERS,
    letter_codes,
    sets_from,
    words_before,
    words_from,
)
from ipwatch.matching.term_index.packed import (
    BLOOM_FACTOR,
    GROUP_MASK,
    LONGER_3,
    LONGER_4,
    SLOT_FACTOR,
    Packed,
    hashed,
)
from ipwatch.matching.term_index.postings import OFFSET_SHIFT, TERM_SHIFT, Compare
from ipwatch.matching.term_index.windows import TextBlock
from ipwatch.text.folding.packed import FoldedTexts

_BLOCK_LETTERS = 1 << 18
_CANDIDATES_AT_ONCE = 1 << 18
_MARGIN = 3 * WORD_LETTERS

_BYTE = np.uint64(0xFF)
_LOW_BITS, _LOW_BIT = np.uint64(0x7F7F7F7F7F7F7F7F), np.uint64(0x0101010101010101)
_SET = np.uint64((1 << SET_BITS) - 1)
_ALL_BUT_LAST = np.uint64(0x00FFFFFFFFFFFFFF)
_1, _7, _8, _32 = (np.uint64(number) for number in (1, 7, 8, 32))


def search(index: Packed, texts: FoldedTexts) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int16]]:
    """Return term positions, text positions and minimum distances of all hits, sorted by text, then term."""
    parts = [np.zeros((3, 0), np.int64)]
    first = 0
    while first < len(texts):
        fitting = int(np.searchsorted(texts.starts, texts.starts[first] + _BLOCK_LETTERS, side="right")) - 1
        last = min(max(first + 1, fitting), len(texts))
        term, text, distance = _search_block(index, texts, first, last)
        parts.append(np.stack([term, text + first, distance]))
        first = last
    term, text, distance = np.concatenate(parts, axis=1)
    return term.astype(np.int32), text.astype(np.int32), distance.astype(np.int16)


def _search_block(
    index: Packed, texts: FoldedTexts, first: int, last: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    start = texts.starts[first]
    letters = texts.codes[start : texts.starts[last]]
    codes = _Codes.of(letters)
    block = TextBlock(index, letters, texts.starts[first : last + 1] - start)
    for group, gram_positions, size in _groups(index, codes.begin(np.arange(len(letters)))):
        for kind in Compare:
            for postings, positions in _candidates(index, group, gram_positions, kind):
                kept = _kept(index, codes, postings, positions, size, kind)
                detail = index.detail[postings[kept]]
                within = (detail >> np.uint64(OFFSET_SHIFT)) & _BYTE
                block.compare(
                    (detail >> np.uint64(TERM_SHIFT)).astype(np.int64), positions[kept], within.astype(np.int64)
                )
    return block.hits()


@dataclass(frozen=True, slots=True)
class _Codes:
    """The letter codes of a block as words, after and before any position up to a margin outside of it."""

    words: NDArray[np.uint64]
    reversed_words: NDArray[np.uint64]
    sets: NDArray[np.uint64]

    @classmethod
    def of(cls, letters: NDArray[np.uint32]) -> _Codes:
        codes = np.pad(letter_codes(letters), _MARGIN)
        return cls(words_from(codes), words_before(codes), sets_from(codes))

    def begin(self, positions: NDArray[np.int64]) -> NDArray[np.uint64]:
        return self.words[positions + _MARGIN]

    def before(self, positions: NDArray[np.int64]) -> NDArray[np.uint64]:
        return self.reversed_words[positions + (_MARGIN - WORD_LETTERS)]


def _groups(index: Packed, words: NDArray[np.uint64]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], int]]:
    """Yield groups of postings and the positions of their gram, for each length of gram."""
    if index.any_single:
        singles = index.singles[words & _BYTE]
        positions = np.flatnonzero(singles)
        yield singles[positions].astype(np.int64), positions, 1
    pairs = index.pairs[words & np.uint64(0xFFFF)]
    positions = np.flatnonzero(pairs & np.uint32(GROUP_MASK))
    yield (pairs[positions] & np.uint32(GROUP_MASK)).astype(np.int64), positions, 2
    for flag, size in ((LONGER_3, GRAM_LETTERS - 1), (LONGER_4, GRAM_LETTERS)):
        positions = np.flatnonzero(pairs & np.uint32(flag))
        group = _longer_groups(index, (words[positions] & np.uint64((1 << 8 * size) - 1)).astype(np.uint32))
        known = np.flatnonzero(group)
        yield group[known], positions[known], size


def _longer_groups(index: Packed, keys: NDArray[np.uint32]) -> NDArray[np.int64]:
    group = np.zeros(len(keys), np.int64)
    bit = hashed(keys, BLOOM_FACTOR, index.bloom_shift)
    pending = np.flatnonzero((index.bloom[bit >> 6] >> (bit & 63).astype(np.uint64)) & _1)
    position = hashed(keys[pending], SLOT_FACTOR, index.slot_shift)
    while len(pending):
        slot = index.slots[position]
        same = slot >> _32 == keys[pending]
        group[pending[same]] = (slot[same] & np.uint64(0xFFFFFFFF)).astype(np.int64)
        open_ = ~same & (slot != 0)
        pending, position = pending[open_], position[open_] + 1
    return group


def _candidates(
    index: Packed, group: NDArray[np.int64], positions: NDArray[np.int64], kind: Compare
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield postings with the position of their gram in the text, about ``_CANDIDATES_AT_ONCE`` at a time."""
    begin, end = index.bounds[group, kind].astype(np.int64), index.bounds[group, kind + 1].astype(np.int64)
    some = np.flatnonzero(end > begin)
    begin, positions = begin[some], positions[some]
    count = end[some] - begin
    chunk = np.cumsum(count) // _CANDIDATES_AT_ONCE
    for part in np.split(np.arange(len(some)), np.flatnonzero(np.diff(chunk)) + 1):
        many = count[part]
        ahead = np.cumsum(many) - many
        postings = np.arange(many.sum()) + np.repeat(begin[part] - ahead, many)
        yield postings, np.repeat(positions[part], many)


def _kept(  # noqa: PLR0917 - one candidate is all of these
    index: Packed, codes: _Codes, postings: NDArray[np.int64], positions: NDArray[np.int64], size: int, kind: Compare
) -> NDArray[np.int64]:
    """Return which candidates may be hits by the codes next to the gram."""
    if kind == Compare.ONE_EDIT_BEHIND:
        return _within_one_edit(index.adjacent[postings], codes.begin(positions + size))
    if kind == Compare.ONE_EDIT_BEFORE:
        return _within_one_edit(index.adjacent[postings], codes.before(positions))
    if kind == Compare.AS_IT_IS:
        adjacent = index.adjacent[postings]
        return np.flatnonzero(((adjacent ^ codes.begin(positions + size)) & _spread(adjacent)) == 0)
    sets = index.sets[postings]
    absent = np.bitwise_count(sets[:, 0] & _SET & ~codes.sets[positions + (size + _MARGIN)])
    absent += np.bitwise_count(sets[:, 1] & ~codes.sets[positions + (_MARGIN - NEAR_LETTERS)])
    some = np.flatnonzero(absent <= sets[:, 0] >> np.uint64(SET_BITS))
    return some[_within_edits(index, codes, postings[some], positions[some], size)]


def _spread(word: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Set all bits of each byte that is not 0."""
    high = (((word & _LOW_BITS) + _LOW_BITS) | word) & ~_LOW_BITS
    bits: NDArray[np.uint64] = (high - (high >> _7)) | high
    return bits


def _within_one_edit(adjacent: NDArray[np.uint64], observed: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return where the codes, nearest first, may be equal up to one edit; with false positives, no false negatives.

    Up to the first difference everything is equal. From there on it is equal again after one letter substituted, two
    swapped, one inserted (the observed letters move down) or one omitted (the letters of the term move down).
    """
    known = _spread(adjacent)
    differs = (adjacent ^ observed) & known
    lowest = differs & (~differs + _1)
    rest = ~(lowest - _1)
    inserted = (adjacent ^ (observed >> _8)) & known & _ALL_BUT_LAST & rest
    left_out = ((adjacent >> _8) ^ observed) & (known >> _8) & rest
    byte = _spread(lowest)
    only = differs & byte
    swapped = (differs == (only | (only << _8))) & ((((adjacent >> _8) ^ observed) & byte) == 0)
    return np.flatnonzero((inserted == 0) | (left_out == 0) | (differs == only) | swapped)


def _within_edits(
    index: Packed, codes: _Codes, postings: NDArray[np.int64], positions: NDArray[np.int64], size: int
) -> NDArray[np.int64]:
    """Return where the sides of the gram need no more than the allowed edits; false positives occur."""
    edits = (index.detail[postings] & _BYTE).astype(np.int64)
    errors = _min_errors(index.adjacent[postings], codes.begin, positions + size, edits)
    some = np.flatnonzero(errors <= edits)
    errors = errors[some] + _min_errors(index.before[postings[some]], codes.before, positions[some], edits[some])
    return some[errors <= edits[some]]


def _min_errors(
    adjacent: NDArray[np.uint64],
    words: Callable[[NDArray[np.int64]], NDArray[np.uint64]],
    positions: NDArray[np.int64],
    edits: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Return the minimum number of edits on one side (shifted Hamming), counted up to one above the edits.

    With e edits all letters but e are where they were, moved by at most e positions. Nothing is counted for as many
    edits as a word has letters, or more.
    """
    differ = _spread(adjacent) & _spread(adjacent ^ words(positions)) & _LOW_BIT
    errors = np.zeros(len(positions), np.int64)
    open_ = np.flatnonzero((differ != 0) & (edits < WORD_LETTERS))
    while len(open_):
        errors[open_] += 1
        moved = errors[open_]
        for near in (positions[open_] - moved, positions[open_] + moved):
            differ[open_] &= _spread(adjacent[open_] ^ words(near))
        open_ = open_[(errors[open_] <= edits[open_]) & (np.bitwise_count(differ[open_]) > errors[open_])]
    return errors

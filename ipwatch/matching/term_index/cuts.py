"""Where a term is cut: into rare grams, because each occurrence of one costs a comparison."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ipwatch.matching.term_index.letters import GRAM_LETTERS, grams, letter_codes
from ipwatch.text.folding.packed import FoldedTexts

SAMPLE_LETTERS = 500_000
"""Letters of a sample that are counted; more do not move the cuts."""

_HASH_BITS = 18
_HASH_FACTOR = np.uint32(0x9E3779B1)
_UNSEEN = (0.0, 1000.0, 40.0, 3.0, 0.5)
"""Assumed occurrences in a million letters of a gram of 0..4 letters, besides those counted."""
_PER_MILLION = 1e6


class GramCounts:
    """Frequencies of the grams of one to four letters. The cuts depend on them, the hits never do."""

    def __init__(self) -> None:
        self._counts = [np.zeros(1 << min(_HASH_BITS, 8 * length), np.int64) for length in range(GRAM_LETTERS + 1)]
        self._letters = 0

    def add(self, texts: FoldedTexts) -> None:
        """Count the first ``SAMPLE_LETTERS`` letters of the texts."""
        codes = letter_codes(texts.codes[:SAMPLE_LETTERS])
        self._letters += len(codes)
        for length in range(1, GRAM_LETTERS + 1):
            np.add.at(self._counts[length], _buckets(grams(codes, length), length), 1)

    def costs(self, codes: NDArray[np.uint8], length: int) -> NDArray[np.float32]:
        """Return the expected occurrences in a million letters of each gram of the rows of codes."""
        return self.expected(grams(codes, length), length)

    def expected(self, packed: NDArray[np.uint32], length: int) -> NDArray[np.float32]:
        """Return the expected occurrences in a million letters of grams of one length."""
        counted = self._counts[length][_buckets(packed, length)]
        return (counted * (_PER_MILLION / max(self._letters, 1)) + _UNSEEN[length]).astype(np.float32)


def _buckets(packed: NDArray[np.uint32], length: int) -> NDArray[np.uint32]:
    if 8 * length <= _HASH_BITS:
        return packed
    return (packed * _HASH_FACTOR) >> np.uint32(32 - _HASH_BITS)


def rarest_grams(codes: NDArray[np.uint8], counts: GramCounts) -> tuple[NDArray[np.int64], int]:
    """Return the start of the rarest gram in each row, and the length of all of them."""
    length = min(GRAM_LETTERS, codes.shape[1])
    return np.argmin(counts.costs(codes, length), axis=1), length


def rarest_halves(codes: NDArray[np.uint8], counts: GramCounts) -> NDArray[np.int64]:
    """Return for each row the cut (1..m-1) next to which the grams that end and begin there are rarest."""
    rows, size = codes.shape
    left = np.empty((rows, size - 1), np.float32)
    right = np.empty((rows, size - 1), np.float32)
    by_length = [counts.costs(codes, length) for length in range(1, min(GRAM_LETTERS, size - 1) + 1)]
    for cut in range(1, size):
        before, behind = min(GRAM_LETTERS, cut), min(GRAM_LETTERS, size - cut)
        left[:, cut - 1] = by_length[before - 1][:, cut - before]
        right[:, cut - 1] = by_length[behind - 1][:, cut]
    cuts: NDArray[np.int64] = np.argmin(left + right, axis=1) + 1
    return cuts


@dataclass(frozen=True, slots=True)
class GramsApart:
    """Grams of each row of letters that do not overlap, row by gram.

    Where a gram ``touches`` the preceding one, ``before`` is true if the preceding one is the rarer of the two when the
    letters over the cut are swapped.
    """

    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]
    touches: NDArray[np.bool_]
    before: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Stage:
    """The cheapest placements of a number of grams; the columns are ends, 0..m."""

    ending: NDArray[np.float32]  # the last gram ends exactly here
    by: NDArray[np.float32]  # the last gram ends here or before
    by_end: NDArray[np.int64]  # the end of that gram
    length: NDArray[np.int64]  # of the gram that ends exactly here
    touches: NDArray[np.bool_]  # whether it begins where the preceding gram ends
    before: NDArray[np.bool_]  # whether the preceding gram is the rarer one with the letters over the cut swapped


class _Costs:
    """The cost of the grams of rows of codes, unchanged and with the letters over a cut swapped."""

    def __init__(self, codes: NDArray[np.uint8], counts: GramCounts) -> None:
        rows, size = codes.shape
        self.lengths = range(1, min(GRAM_LETTERS, size) + 1)
        self.plain = {length: counts.costs(codes, length) for length in self.lengths}
        # Rows by cuts 0..m, for the gram that ends at the cut, or begins there; unused where there is none.
        self.before = np.zeros((GRAM_LETTERS + 1, rows, size + 1), np.float32)
        self.behind = np.zeros((GRAM_LETTERS + 1, rows, size + 1), np.float32)
        wide = codes.astype(np.uint32)
        for length in self.lengths:
            shorter = grams(codes, length - 1)
            other = shorter[:, : size - length] | (wide[:, length:] << np.uint32(8 * (length - 1)))
            self.before[length, :, length:size] = counts.expected(other, length)
            other = wide[:, : size - length] | (shorter[:, 2 : size - length + 2] << np.uint32(8))
            self.behind[length, :, 1 : size - length + 1] = counts.expected(other, length)


def rarest_grams_apart(codes: NDArray[np.uint8], count: int, counts: GramCounts) -> GramsApart:
    """Return ``count`` grams of each row that do not overlap and are rarest together.

    A dynamic program over the ends of the grams; there must be at least as many letters as grams.
    """
    rows, size = codes.shape
    costs = _Costs(codes, counts)
    nothing = np.full((rows, size + 1), np.inf, np.float32)
    nothing[:, 0] = 0
    none = np.zeros((rows, size + 1), np.int64)
    stages = [_Stage(nothing, np.zeros_like(nothing), none, none, none.astype(bool), none.astype(bool))]
    for _ in range(count):
        stages.append(_next_stage(stages[-1], costs, first=len(stages) == 1))
    starts, lengths = np.empty((2, rows, count), np.int64)
    touches, before = np.empty((2, rows, count), bool)
    row = np.arange(rows)
    end = stages[count].by_end[:, size]
    for number in range(count - 1, -1, -1):
        stage = stages[number + 1]
        lengths[:, number] = stage.length[row, end]
        starts[:, number] = start = end - lengths[:, number]
        touches[:, number], before[:, number] = stage.touches[row, end], stage.before[row, end]
        end = np.where(touches[:, number], start, stages[number].by_end[row, np.maximum(start - 1, 0)])
    return GramsApart(starts, lengths, touches, before)


def _next_stage(last: _Stage, costs: _Costs, *, first: bool) -> _Stage:
    rows, ends = last.ending.shape
    apart = np.full((rows, ends), np.inf, np.float32)
    apart[:, 1:] = last.by[:, :-1]
    swapped_before = np.take_along_axis(costs.before, last.length[None], axis=0)[0]
    ending = np.full((rows, ends), np.inf, np.float32)
    length_of = np.ones((rows, ends), np.int64)
    touches = np.zeros((rows, ends), bool)
    before = np.zeros((rows, ends), bool)
    for length in costs.lengths:
        starts = slice(0, ends - length)
        swapped = costs.behind[length][:, starts]
        rarer = swapped_before[:, starts] < swapped
        touching = last.ending[:, starts] + np.minimum(swapped, swapped_before[:, starts])
        touch = (touching < apart[:, starts]) & (not first)
        offered = (last.by if first else np.minimum(touching, apart[:, starts]))[:, starts] + costs.plain[length]
        better = offered < ending[:, length:]
        ending[:, length:] = np.where(better, offered, ending[:, length:])
        length_of[:, length:][better] = length
        touches[:, length:] = np.where(better, touch, touches[:, length:])
        before[:, length:] = np.where(better, rarer, before[:, length:])
    by = np.minimum.accumulate(ending, axis=1)
    by_end = np.maximum.accumulate(np.where(ending <= by, np.arange(ends), 0), axis=1)
    return _Stage(ending, by, by_end, length_of, touches, before)

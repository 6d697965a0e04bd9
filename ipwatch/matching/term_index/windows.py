"""Exact distances of many terms to many windows of texts at once, in numpy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ipwatch.matching.term_index.packed import Packed

_WINDOWS_AT_ONCE = 1 << 18
_CELLS_AT_ONCE = 1 << 20
_BEYOND = np.uint32(0xFFFFFFFF)
"""Fills positions outside of a text; not a code point, and never cheaper than an omitted letter."""
_SMALL = 100
"""Length up to which distances are counted in eight bits."""


class TextBlock:
    """The minimum distances so far of the terms to the texts of a block.

    Windows are collected until there are many; where those of one term in one text hold more letters than the text, the
    text is compared as a whole once, and then no more: no text costs more than twice what brute force would.
    """

    def __init__(self, index: Packed, letters: NDArray[np.uint32], starts: NDArray[np.int64]) -> None:
        self._index = index
        self._letters = letters
        self._starts = starts
        self._waiting: list[NDArray[np.int64]] = []
        self._count = 0
        self._best = np.zeros((2, 0), np.int64)  # pair (text * terms + term), distance; sorted by pair
        self._final = np.zeros(0, np.int64)  # pairs that cannot change, sorted

    def compare(self, term: NDArray[np.int64], position: NDArray[np.int64], within: NDArray[np.int64]) -> None:
        """Compare terms where their letter ``within`` is at ``position`` of the block."""
        text = np.searchsorted(self._starts, position, side="right") - 1
        pair = text * len(self._index.edits) + term
        if len(self._final):
            known = np.minimum(np.searchsorted(self._final, pair), len(self._final) - 1)
            new = np.flatnonzero(self._final[known] != pair)
            pair, position, within = pair[new], position[new], within[new]
        self._waiting.append(np.stack([pair, position - within]))
        self._count += len(pair)
        if self._count > _WINDOWS_AT_ONCE:
            self._settle()

    def hits(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Return term, text and minimum distance of each hit, sorted by text, then term."""
        self._settle()
        pair, distance = self._best
        return pair % len(self._index.edits), pair // len(self._index.edits), distance

    def _settle(self) -> None:
        if not self._count:
            return
        pair, start = np.concatenate(self._waiting, axis=1)
        self._waiting, self._count = [], 0
        order = np.lexsort((start, pair))
        pair, start = pair[order], start[order]
        new = np.ones(len(pair), bool)
        new[1:] = (pair[1:] != pair[:-1]) | (start[1:] != start[:-1])
        pair, start = pair[new], start[new]
        term, text = pair % len(self._index.edits), pair // len(self._index.edits)
        edits = self._index.edits[term]
        first, last = self._starts[text], self._starts[text + 1] - 1
        length = self._index.starts[term + 1] - self._index.starts[term]
        _, which, times = np.unique(pair, return_inverse=True, return_counts=True)
        whole = times[which] * (length + 2 * edits) > last - first
        begin = np.where(whole, first, np.maximum(first, start - edits))
        end = np.where(whole, last, np.minimum(last, start + length + edits))
        once = np.ones(len(pair), bool)
        once[1:] = ~whole[1:] | (pair[1:] != pair[:-1])
        distance = self._distances(term[once], begin[once], end[once])
        self._keep(pair[once], distance, distance <= edits[once], whole[once] | (distance == 0))

    def _keep(
        self, pair: NDArray[np.int64], distance: NDArray[np.int64], hit: NDArray[np.bool_], final: NDArray[np.bool_]
    ) -> None:
        self._final = np.union1d(self._final, pair[final])
        merged = np.concatenate([self._best, np.stack([pair[hit], distance[hit]])], axis=1)
        merged = merged[:, np.lexsort((merged[1], merged[0]))]
        first = np.ones(merged.shape[1], bool)
        first[1:] = merged[0, 1:] != merged[0, :-1]
        self._best = merged[:, first]

    def _distances(
        self, term: NDArray[np.int64], begin: NDArray[np.int64], end: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        length = self._index.starts[term + 1] - self._index.starts[term]
        width = end - begin
        order = np.lexsort((width, length))
        distances = np.empty(len(term), np.int64)
        offset = 0
        while offset < len(order):
            size = int(length[order[offset]])
            last = int(np.searchsorted(length[order], size, side="right"))
            rows = max(1, _CELLS_AT_ONCE // (size + 1))
            members = order[offset : min(last, offset + rows)]
            # Windows of similar width, because padding is compared in vain.
            widest = max(2 * int(width[members[0]]), int(width[members[0]]) + 2)
            members = members[: max(1, int(np.searchsorted(width[members], widest, side="right")))]
            pattern = self._index.letters[self._index.starts[term[members]] + np.arange(size)[:, None]]
            distances[members] = self._min_distances(pattern, begin[members], end[members])
            offset += len(members)
        return distances

    def _min_distances(
        self, pattern: NDArray[np.uint32], begin: NDArray[np.int64], end: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Return the minimum distance of each column of the pattern to a substring of its window.

        The table of ``hits_reference`` with each cell reduced by its row, so that an omitted letter costs nothing there
        and a column is a running minimum. A diagonal of two steps never costs more than two, so the swap needs no
        condition except for what it saves.
        """
        size, kind = len(pattern), np.int8 if len(pattern) <= _SMALL else np.int16
        old = np.zeros((size + 1, len(begin)), kind)
        older = old
        best = old[size]
        same_before = np.zeros(pattern.shape, bool)
        for step in range(int((end - begin).max())):
            positions = np.minimum(begin + step, len(self._letters) - 1)
            letter = np.where(begin + step < end, self._letters[positions], _BEYOND)
            same = pattern == letter
            new = np.zeros_like(old)
            np.minimum(old[:-1] - same, old[1:] + kind(1), out=new[1:])
            np.minimum(new[2:], older[:-2] - (same_before[1:] & same[:-1]), out=new[2:])
            np.minimum.accumulate(new, axis=0, out=new)
            best = np.minimum(best, new[size])
            older, old, same_before = old, new, same
        distances: NDArray[np.int64] = best.astype(np.int64) + size
        return distances

"""Whole strings that few edits tell apart, among many: each length against each length, without a Python loop."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA

Pairs = NDArray[np.int64]
"""Rows of two positions, one in either sequence."""

_CELLS_AT_ONCE = 1 << 22
_PAIRS_AT_ONCE = 1 << 15
_MOST_EDITS = 254
"""What one byte of a cell can tell from "more"."""


def near_pairs(left: Sequence[str], right: Sequence[str], edits: Callable[[int, int], int]) -> Iterator[Pairs]:
    """Yield every pair whose OSA distance is at most ``edits(length, length)``, all of a batch of the same two lengths.

    Raises ``ValueError`` where more than 254 edits are allowed. Memory is bounded for any number of strings.
    """
    ours, theirs = _by_length(left), _by_length(right)
    for mine, rows in ours.items():
        for other, columns in theirs.items():
            allowed = edits(mine, other)
            if abs(mine - other) > allowed:
                continue
            if allowed > _MOST_EDITS:
                raise ValueError(f"{allowed} edits are not counted; the limit is {_MOST_EDITS}")
            near = _near(left, right, rows, columns, allowed) if allowed else _same(left, right, rows, columns)
            yield from near


def _same(
    left: Sequence[str], right: Sequence[str], rows: NDArray[np.int64], columns: NDArray[np.int64]
) -> Iterator[Pairs]:
    places: dict[str, list[int]] = {}
    for position in columns.tolist():
        places.setdefault(right[position], []).append(position)
    for row in rows.tolist():
        if left[row] in places:
            yield np.array([(row, column) for column in places[left[row]]], np.int64)


def _near(
    left: Sequence[str], right: Sequence[str], rows: NDArray[np.int64], columns: NDArray[np.int64], allowed: int
) -> Iterator[Pairs]:
    choices = [right[position] for position in columns]
    step = max(1, _CELLS_AT_ONCE // len(choices))
    for start in range(0, len(rows), step):
        block = rows[start : start + step]
        queries = [left[position] for position in block]
        table = process.cdist(queries, choices, scorer=OSA.distance, score_cutoff=allowed, dtype=np.uint8, workers=1)
        i, j = np.nonzero(table <= allowed)
        for first in range(0, len(i), _PAIRS_AT_ONCE):
            part = slice(first, first + _PAIRS_AT_ONCE)
            yield np.column_stack([block[i[part]], columns[j[part]]])


def _by_length(strings: Sequence[str]) -> dict[int, NDArray[np.int64]]:
    found: dict[int, list[int]] = {}
    for position, string in enumerate(strings):
        found.setdefault(len(string), []).append(position)
    return {length: np.array(positions, np.int64) for length, positions in sorted(found.items())}

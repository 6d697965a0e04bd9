"""All pairs of strings within a number of edits, each length against each length, without a Python loop."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA

Pairs = NDArray[np.int64]
"""Rows of two positions, one in each sequence."""

_CELLS_AT_ONCE = 1 << 22
_PAIRS_AT_ONCE = 1 << 15
_MAX_EDITS = 254
"""The largest distance that one byte of a cell can distinguish from "more"."""


def near_pairs(left: Sequence[str], right: Sequence[str], edits: Callable[[int, int], int]) -> Iterator[Pairs]:
    """Yield every pair with an OSA distance up to ``edits(length, length)``; a batch has pairs of the same lengths.

    Raises ``ValueError`` where more than 254 edits are allowed. Memory is bounded for any number of strings.
    """
    left_rows, right_rows = _by_length(left), _by_length(right)
    for left_length, rows in left_rows.items():
        for right_length, columns in right_rows.items():
            allowed = edits(left_length, right_length)
            if abs(left_length - right_length) > allowed:
                continue
            if allowed > _MAX_EDITS:
                raise ValueError(f"{allowed} edits are not counted; the limit is {_MAX_EDITS}")
            near = _near(left, right, rows, columns, allowed) if allowed else _same(left, right, rows, columns)
            yield from near


def _same(
    left: Sequence[str], right: Sequence[str], rows: NDArray[np.int64], columns: NDArray[np.int64]
) -> Iterator[Pairs]:
    columns_of: dict[str, list[int]] = {}
    for position in columns.tolist():
        columns_of.setdefault(right[position], []).append(position)
    for row in rows.tolist():
        if left[row] in columns_of:
            yield np.array([(row, column) for column in columns_of[left[row]]], np.int64)


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
    by_length: dict[int, list[int]] = {}
    for position, string in enumerate(strings):
        by_length.setdefault(len(string), []).append(position)
    return {length: np.array(positions, np.int64) for length, positions in sorted(by_length.items())}

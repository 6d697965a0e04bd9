"""The index of hashes: they are added and disabled, queries are searched for among the enabled ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from types import ModuleType
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from ipwatch.matching.images.features import HASH_WORDS
from ipwatch.matching.images.hamming import vectors
from ipwatch.matching.images.hamming.hits import Hashes, Hits, Rows, check_hashes, check_radius
from ipwatch.matching.images.hamming.plan import flips_by_slot, max_entries, probing_pays
from ipwatch.matching.images.hamming.segment import MAX_ROWS, Segment

Engine = Literal["auto", "numpy", "numba"]
Ids = npt.NDArray[np.int64]

COMPILED_FROM = 1 << 27
"""Pairs of query and hash that an index has searched before numba is used.

Loading numba takes as long as numpy for that many, and compiling for the first time longer.
"""

_TAIL_ROWS = 1 << 14
_MERGE_FACTOR = 4


@dataclass(slots=True, eq=False)
class _SegmentRows:
    """A segment, and which of its rows are disabled."""

    segment: Segment
    disabled: npt.NDArray[np.bool_] = field(init=False)

    def __post_init__(self) -> None:
        self.disabled = np.zeros(len(self.segment.ids), bool)

    def disable(self, ids: Ids) -> int:
        """Disable the rows under these ids; return how many were enabled before."""
        gone = np.isin(self.segment.ids, ids) & ~self.disabled
        self.disabled |= gone
        return int(gone.sum())


class HammingIndex:
    """256-bit hashes under the caller's ids; ``search`` finds exactly what ``brute_force`` finds.

    Hashes are kept in segments, each indexed once and never changed, and a tail of up to 16,384 that are compared one
    by one. A segment is at least four times as large as the next, so that hashes are seldom indexed again. Searches may
    run in several threads.
    """

    def __init__(self, *, engine: Engine = "auto") -> None:
        if engine not in get_args(Engine):
            raise ValueError(f"an engine is one of {', '.join(get_args(Engine))}, not {engine!r}")
        self._engine: Engine = engine
        self._searched = 0
        self._segments: list[_SegmentRows] = []
        self._tail_hashes: Hashes = np.empty((0, HASH_WORDS), np.uint64)
        self._tail_ids: Ids = np.empty(0, np.int64)

    def __len__(self) -> int:
        return len(self._tail_ids) + sum(len(kept.disabled) - int(kept.disabled.sum()) for kept in self._segments)

    def add(self, hashes: Hashes, ids: Ids) -> None:
        """Add copies of the hashes, uint64[n, 4], each under its id, int64[n], which need not be new.

        Raises ``ValueError`` for arrays of another kind, or of different lengths.
        """
        check_hashes(hashes)
        if ids.dtype != np.int64 or ids.shape != (len(hashes),):
            raise ValueError(f"{len(hashes)} hashes need ids int64[{len(hashes)}], not {ids.dtype}{list(ids.shape)}")
        self._tail_hashes = np.concatenate([self._tail_hashes, hashes])
        self._tail_ids = np.concatenate([self._tail_ids, ids])
        if len(self._tail_ids) < _TAIL_ROWS:
            return
        merged, rows = [], len(self._tail_ids)
        while self._segments and len(self._segments[-1].disabled) < _MERGE_FACTOR * rows:
            merged.append(self._segments.pop())
            rows += len(merged[-1].disabled)
        self._seal(merged[::-1])

    def disable(self, ids: Ids) -> int:
        """Disable the hashes under these ids; return how many were enabled."""
        gone = np.isin(self._tail_ids, ids)
        self._tail_hashes, self._tail_ids = self._tail_hashes[~gone], self._tail_ids[~gone]
        return int(gone.sum()) + sum(kept.disable(ids) for kept in self._segments)

    def compact(self) -> None:
        """Index everything as one segment without the disabled hashes, which is the fastest and the smallest."""
        if len(self._segments) != 1 or len(self._tail_ids) or self._segments[0].disabled.any():
            segments, self._segments = self._segments, []
            self._seal(segments)

    def search(self, queries: Hashes, radius: int, *, recall: float = 1.0) -> Hits:
        """Return every hash within the radius of a query, uint64[q, 4].

        With a ``recall`` below 1 fewer buckets are searched: of the hashes at exactly the radius, with any bits
        flipped, at least that share is found, of nearer ones more, and nothing beyond the radius. Raises ``ValueError``
        for other queries, a radius outside 0 to 256 or a recall outside 0 to 1.
        """
        check_hashes(queries)
        check_radius(radius)
        if not 0 < recall <= 1:
            raise ValueError(f"a recall is above 0 and at most 1, not {recall}")
        queries = np.ascontiguousarray(queries)
        engine = self._searches(len(queries))
        query, row, distance = engine.scan(self._tail_hashes, queries, radius)
        parts = [(query, self._tail_ids[row], distance)]
        for kept in self._segments:
            query, row, distance = _rows_within(engine, kept.segment, queries, radius, recall)
            alive = ~kept.disabled[row]
            parts.append((query[alive], kept.segment.ids[row[alive]], distance[alive]))
        return Hits.sorted(parts)

    def _seal(self, merged: list[_SegmentRows]) -> None:
        hashes = [
            kept.segment.hashes[~kept.disabled] if kept.disabled.any() else kept.segment.hashes for kept in merged
        ]
        ids = [kept.segment.ids[~kept.disabled] for kept in merged]
        all_hashes = np.concatenate([*hashes, self._tail_hashes]) if merged else self._tail_hashes
        all_ids = np.concatenate([*ids, self._tail_ids])
        self._tail_hashes, self._tail_ids = np.empty((0, HASH_WORDS), np.uint64), np.empty(0, np.int64)
        for begin in range(0, len(all_ids), MAX_ROWS):
            segment = Segment.of(all_hashes[begin : begin + MAX_ROWS], all_ids[begin : begin + MAX_ROWS])
            self._segments.append(_SegmentRows(segment))

    def _searches(self, queries: int) -> ModuleType:
        self._searched += queries * (len(self._tail_ids) + sum(len(kept.disabled) for kept in self._segments))
        if self._engine == "numba" or (self._engine == "auto" and self._searched >= COMPILED_FROM and _has_numba()):
            from ipwatch.matching.images.hamming import compiled  # noqa: PLC0415 - the extra may be missing

            return compiled
        return vectors


def _rows_within(engine: ModuleType, segment: Segment, queries: Hashes, radius: int, recall: float) -> Rows:
    """Return the hits of a segment by the cheaper plan, including disabled ones."""
    flips = flips_by_slot(radius, recall)
    compared = segment.postings.shape[1]
    if flips is None or (recall == 1 and not probing_pays(flips, compared, len(queries), engine.COSTS)):
        rows: Rows = engine.scan(segment.hashes, queries, radius)
        return rows
    hits, given_up = engine.probe(segment, queries, flips, radius, max_entries(flips, compared))
    query, row, distance = segment.with_copies(hits)
    if not given_up.any():
        return query, row, distance
    left = np.flatnonzero(given_up)
    also = engine.scan(segment.hashes, np.ascontiguousarray(queries[left]), radius)
    return (
        np.concatenate([query, left[also[0]].astype(np.int32)]),
        np.concatenate([row, also[1]]),
        np.concatenate([distance, also[2]]),
    )


@cache
def _has_numba() -> bool:
    """Whether the extra ``speed`` is installed."""
    return find_spec("numba") is not None

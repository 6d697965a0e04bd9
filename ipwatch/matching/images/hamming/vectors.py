"""The searches in numpy, for machines without numba, with identical hits."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ipwatch.matching.images.hamming.hits import Hashes, Rows
from ipwatch.matching.images.hamming.plan import NOT_PROBED, WIDTHS, Costs, ball
from ipwatch.matching.images.hamming.segment import Segment, bits_of_rows, expanded, keys_of

COSTS = Costs(group=60, entry=20, candidate=60, pair=3.3, hash=2)

_BLOCK_ROWS = 1 << 13
_GROUPS_AT_ONCE = 1 << 19

Positions = npt.NDArray[np.int64]


class _Ranges(NamedTuple):
    """Where the entries of the groups of each query begin, and their number: int64[q, m] each."""

    first: Positions
    lengths: Positions


def scan(hashes: Hashes, queries: Hashes, radius: int) -> Rows:
    """Return the hits of comparing all with all, in blocks of rows that fit in the cache."""
    parts: list[Rows] = []
    for begin in range(0, len(hashes), _BLOCK_ROWS):
        columns = np.ascontiguousarray(hashes[begin : begin + _BLOCK_ROWS].T)
        for position, query in enumerate(queries):
            distance = np.bitwise_count(columns[0] ^ query[0]).astype(np.uint16)
            for column, word in zip(columns[1:], query[1:], strict=True):
                distance += np.bitwise_count(column ^ word)
            near = np.flatnonzero(distance <= radius)
            if len(near):
                parts.append((np.full(len(near), position, np.int32), near + begin, distance[near]))
    return _joined(parts)


def probe(
    segment: Segment, queries: Hashes, flips: tuple[int, ...], radius: int, limit: int
) -> tuple[Rows, npt.NDArray[np.bool_]]:
    """Return the hits in the buckets reached by the flips, and which queries exceeded the limit of entries.

    The latter have no hits here and must be scanned for.
    """
    slots = [slot for slot, searched in enumerate(flips) if searched != NOT_PROBED]
    groups = sum(len(ball(segment.high_bits, flips[slot])[0]) for slot in slots)
    block = max(_GROUPS_AT_ONCE // groups, 1)
    parts: list[Rows] = []
    given_up = np.zeros(len(queries), bool)
    for begin in range(0, len(queries), block):
        asked = queries[begin : begin + block]
        ranges = {slot: _ranges(segment, asked, slot, flips[slot]) for slot in slots}
        entries = sum(there.lengths.sum(axis=1) for there in ranges.values())
        given_up[begin : begin + block] = entries > limit
        kept = np.flatnonzero(~given_up[begin : begin + block])
        for slot, there in ranges.items():
            candidates = _candidates(segment, asked, kept, slot, flips=flips[slot], ranges=there)
            query, row, distance = _within(segment, asked, candidates, flips[:slot], radius)
            parts.append(((query + begin).astype(np.int32), row, distance))
    return _joined(parts), given_up


def _joined(parts: list[Rows]) -> Rows:
    return (
        np.concatenate([np.empty(0, np.int32), *(query for query, _, _ in parts)]),
        np.concatenate([np.empty(0, np.int64), *(row for _, row, _ in parts)]),
        np.concatenate([np.empty(0, np.uint16), *(distance for _, _, distance in parts)]),
    )


def _ranges(segment: Segment, queries: Hashes, slot: int, flips: int) -> _Ranges:
    masks, _ = ball(segment.high_bits, flips)
    group = (keys_of(queries, slot) >> np.uint64(WIDTHS[slot] - segment.high_bits)).astype(np.int64)
    groups = group[:, None] ^ masks.astype(np.int64)
    first = segment.starts[slot, groups].astype(np.int64)
    end = np.minimum(segment.starts[slot, groups + 1].astype(np.int64), segment.postings.shape[1])
    return _Ranges(first, np.maximum(end - first, 0))


def _candidates(
    segment: Segment, queries: Hashes, kept: Positions, slot: int, *, flips: int, ranges: _Ranges
) -> tuple[Positions, Positions]:
    """Return the queries and the rows whose keys are near enough."""
    first, lengths = ranges.first[kept], ranges.lengths[kept]
    _, flipped = ball(segment.high_bits, flips)
    row_bits, left = np.uint32(bits_of_rows(len(segment.hashes))), WIDTHS[slot] - segment.high_bits
    entries = segment.postings[slot, expanded(first.ravel(), lengths.ravel())]
    query = np.repeat(kept, lengths.sum(axis=1))
    lowest = (keys_of(queries, slot) & np.uint64((1 << left) - 1)).astype(np.uint32)
    allowed = np.repeat(np.tile(np.uint8(flips) - flipped, len(kept)), lengths.ravel())
    row = (entries & ((np.uint32(1) << row_bits) - np.uint32(1))).astype(np.int64)
    near = (np.bitwise_count((entries >> row_bits) ^ lowest[query]) <= allowed) & (row < len(segment.hashes))
    return query[near], row[near]


def _within(
    segment: Segment,
    queries: Hashes,
    candidates: tuple[Positions, Positions],
    flips_before: tuple[int, ...],
    radius: int,
) -> tuple[Positions, Positions, npt.NDArray[np.uint16]]:
    """Return the candidates within the radius that no previous slot led to."""
    query, row = candidates
    differing = segment.hashes[row] ^ queries[query]
    distance = np.bitwise_count(differing).sum(axis=1, dtype=np.uint16)
    new = distance <= radius
    for slot, flips in enumerate(flips_before):
        new &= np.bitwise_count(keys_of(differing, slot)).astype(np.int64) > flips
    return query[new], row[new], distance[new]

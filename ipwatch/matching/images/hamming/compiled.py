"""The searches compiled by numba (extra ``speed``).

Every cast is explicit: in numba an operation of an unsigned and a signed number is done in floating point. All of it is
one file, and what it needs from others is passed as an argument: numba caches compiled code as long as the file of the
outermost function is unchanged.
"""

# ruff: noqa: PLR0917 - a compiled function has no keywords

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from ipwatch.matching.images.hamming.hits import Hashes, Rows
from ipwatch.matching.images.hamming.plan import OFFSETS, WIDTHS, Costs, ball
from ipwatch.matching.images.hamming.segment import Segment, bits_of_rows

Function = TypeVar("Function", bound=Callable[..., Any])
Number = Any
"""A whole number: int to a reader, int64 to numba."""

Word = Any
"""uint64."""

HitTable = npt.NDArray[np.int64]
"""Query position, row and distance of each hit, one row each."""

COSTS = Costs(group=15, entry=2, candidate=25, pair=0.15, hash=2.7)

_BLOCK_ROWS = 1 << 10
_HITS_AT_FIRST = 1 << 10
_GROUPS_AHEAD = 8
_ROWS_AHEAD = 16
_WORD_SHIFT, _BIT_MASK = 6, 63


class _Index(NamedTuple):
    """A segment, and how its slots are searched. ``slots`` int64[s, 3]: offset, width and flips of each slot."""

    words: npt.NDArray[np.uint64]  # of all hashes, one after the other
    postings: npt.NDArray[np.uint32]
    starts: npt.NDArray[np.uint32]
    slots: npt.NDArray[np.int64]
    masks: npt.NDArray[np.uint32]  # which groups are searched: those for no flip, then for one flip, and so on
    flipped: npt.NDArray[np.uint8]
    begins: npt.NDArray[np.int64]  # where the masks for each number of flips begin
    high_bits: int
    row_bits: int


class _Work(NamedTuple):
    """Memory of one search: bounds of the groups of a slot, and the candidates in them."""

    first: npt.NDArray[np.int64]
    end: npt.NDArray[np.int64]
    rows: npt.NDArray[np.uint32]


def scan(hashes: Hashes, queries: Hashes, radius: int) -> Rows:
    """Return the hits of comparing all with all, in blocks of rows that fit in the cache."""
    count, hits = _scan(_readable(hashes), _readable(queries), radius, _BLOCK_ROWS, _HITS_AT_FIRST)
    return _rows(count, hits)


def probe(
    segment: Segment, queries: Hashes, flips: tuple[int, ...], radius: int, limit: int
) -> tuple[Rows, npt.NDArray[np.bool_]]:
    """Return the hits in the buckets reached by the flips, and which queries exceeded the limit of entries.

    The latter have no hits here and must be scanned for.
    """
    balls = [ball(segment.high_bits, searched) for searched in range(max(flips) + 1)]
    max_groups = max(len(masks) for masks, _ in balls)
    index = _Index(
        words=_readable(segment.hashes.reshape(-1)),
        postings=_readable(segment.postings),
        starts=_readable(segment.starts),
        slots=np.array([OFFSETS, WIDTHS, flips], np.int64).T.copy(),
        masks=np.concatenate([masks for masks, _ in balls]),
        flipped=np.concatenate([flipped for _, flipped in balls]),
        begins=np.cumsum([0, *(len(masks) for masks, _ in balls)]),
        high_bits=segment.high_bits,
        row_bits=bits_of_rows(len(segment.hashes)),
    )
    work = _Work(np.empty(max_groups, np.int64), np.empty(max_groups, np.int64), np.empty(limit + 1, np.uint32))
    count, hits, given_up = _probe(index, _readable(queries), radius, limit, work, _HITS_AT_FIRST)
    return _rows(count, hits), given_up


def _readable(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the array as a read-only view of one type, so that numba compiles once."""
    plain = np.ascontiguousarray(array).view(np.ndarray)
    plain.flags.writeable = False
    return plain


def _rows(count: int, hits: HitTable) -> Rows:
    return hits[0, :count].astype(np.int32), hits[1, :count].copy(), hits[2, :count].astype(np.uint16)


def _compiled(function: Function) -> Function:
    return cast("Function", numba.njit(nogil=True)(function))


def _kept_compiled(function: Function) -> Function:
    """Compile, and cache on disk where a writable directory for that exists."""
    try:
        return cast("Function", numba.njit(nogil=True, cache=True)(function))
    except RuntimeError:
        return _compiled(function)


def _emit_bit_count(_context: Any, word: Any) -> Any:
    """Count the set bits with one instruction."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return word(word), generate


_bit_count = cast("Callable[[Word], Word]", intrinsic(_emit_bit_count))


def _emit_prefetch(_context: Any, array: Any, index: Any) -> Any:
    """Prefetch an element of an array into the cache without waiting for it."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        view = context.make_array(signature.args[0])(context, builder, arguments[0])
        address = builder.gep(view.data, [arguments[1]])
        to_read, to_keep, data = (context.get_constant(types.int32, flag) for flag in (0, 3, 1))
        kind = ir.FunctionType(ir.VoidType(), [address.type, to_read.type, to_keep.type, data.type])
        prefetch = builder.module.declare_intrinsic("llvm.prefetch", [address.type], kind)
        builder.call(prefetch, [address, to_read, to_keep, data])
        return context.get_dummy_value()

    return types.void(array, index), generate


_prefetch = cast("Callable[[npt.NDArray[Any], Number], None]", intrinsic(_emit_prefetch))


@_kept_compiled
def _scan(
    hashes: Hashes, queries: Hashes, radius: Number, block_rows: Number, hits_at_first: Number
) -> tuple[Number, HitTable]:
    count, hits = np.int64(0), np.empty((3, hits_at_first), np.int64)
    first, second, third, fourth = (
        np.empty(block_rows, np.uint64),
        np.empty(block_rows, np.uint64),
        np.empty(block_rows, np.uint64),
        np.empty(block_rows, np.uint64),
    )
    limit = np.uint64(radius)
    for begin in range(0, len(hashes), block_rows):
        rows = min(block_rows, len(hashes) - begin)
        for row in range(rows):
            first[row], second[row] = hashes[begin + row, 0], hashes[begin + row, 1]
            third[row], fourth[row] = hashes[begin + row, 2], hashes[begin + row, 3]
        for position in range(len(queries)):
            word_0, word_1, word_2, word_3 = (
                queries[position, 0],
                queries[position, 1],
                queries[position, 2],
                queries[position, 3],
            )
            near = np.int64(0)
            for row in range(rows):
                near += np.int64(
                    _bit_count(first[row] ^ word_0)
                    + _bit_count(second[row] ^ word_1)
                    + _bit_count(third[row] ^ word_2)
                    + _bit_count(fourth[row] ^ word_3)
                    <= limit
                )
            if near == 0:
                continue
            if count + near > hits.shape[1]:
                hits = _grown(hits, count, near)
            for row in range(rows):
                distance = (
                    _bit_count(first[row] ^ word_0)
                    + _bit_count(second[row] ^ word_1)
                    + _bit_count(third[row] ^ word_2)
                    + _bit_count(fourth[row] ^ word_3)
                )
                if distance <= limit:
                    hits[0, count], hits[1, count], hits[2, count] = position, begin + row, np.int64(distance)
                    count += 1
    return count, hits


@_kept_compiled
def _probe(
    index: _Index, queries: Hashes, radius: Number, limit: Number, work: _Work, hits_at_first: Number
) -> tuple[Number, HitTable, npt.NDArray[np.bool_]]:
    count, hits = np.int64(0), np.empty((3, hits_at_first), np.int64)
    given_up = np.zeros(len(queries), np.bool_)
    for position in range(len(queries)):
        query = queries[position]
        before, entries = count, np.int64(0)
        for slot in range(len(index.slots)):
            if index.slots[slot, 2] < 0:
                continue
            key = _key(query, index.slots[slot, 0], index.slots[slot, 1])
            entries += _bounds(index, slot, key, work)
            if entries > limit:
                given_up[position] = True
                count = before
                break
            candidates = _candidates(index, slot, key, work)
            count, hits = _compare(index, slot, candidates, query, position, radius, work, count, hits)
    return count, hits, given_up


@_compiled
def _key(words: npt.NDArray[np.uint64], offset: Number, width: Number) -> Word:
    word, bit = offset >> _WORD_SHIFT, offset & _BIT_MASK
    key = words[word] >> np.uint64(bit)
    if bit + width > _BIT_MASK + 1:
        key |= words[word + 1] << np.uint64(_BIT_MASK + 1 - bit)
    return key & np.uint64((np.int64(1) << width) - 1)


@_compiled
def _bounds(index: _Index, slot: Number, key: Word, work: _Work) -> Number:
    """Record where the groups of a key begin and end; return their number of entries."""
    flips = index.slots[slot, 2]
    group = np.int64(key >> np.uint64(index.slots[slot, 1] - index.high_bits))
    begin, groups = index.begins[flips], index.begins[flips + 1] - index.begins[flips]
    starts, first, end, masks = index.starts[slot], work.first, work.end, index.masks
    last = index.postings.shape[1]
    entries = np.int64(0)
    for number in range(groups):
        there = group ^ np.int64(masks[begin + number])
        first[number] = starts[there]
        end[number] = max(min(np.int64(starts[there + 1]), last), first[number])
        entries += end[number] - first[number]
    return entries


@_compiled
def _candidates(index: _Index, slot: Number, key: Word, work: _Work) -> Number:
    """Record the rows whose keys are near enough; return their number."""
    flips = index.slots[slot, 2]
    begin, groups = index.begins[flips], index.begins[flips + 1] - index.begins[flips]
    row_bits = np.uint32(index.row_bits)
    row_mask = (np.uint32(1) << row_bits) - np.uint32(1)
    left = np.uint64(index.slots[slot, 1] - index.high_bits)
    lowest = np.uint32(key & ((np.uint64(1) << left) - np.uint64(1)))
    postings, first, end, rows, flipped = index.postings[slot], work.first, work.end, work.rows, index.flipped
    count = np.int64(0)
    for number in range(groups):
        if number + _GROUPS_AHEAD < groups:
            _prefetch(postings, first[number + _GROUPS_AHEAD])
            _prefetch(postings, end[number + _GROUPS_AHEAD])
        allowed = np.uint64(flips - np.int64(flipped[begin + number]))
        for position in range(first[number], end[number]):
            entry = postings[position]
            rows[count] = entry & row_mask
            count += np.int64(_bit_count(np.uint64((entry >> row_bits) ^ lowest)) <= allowed)
    return count


@_compiled
def _compare(
    index: _Index,
    slot: Number,
    candidates: Number,
    query: npt.NDArray[np.uint64],
    position: Number,
    radius: Number,
    work: _Work,
    count: Number,
    hits: HitTable,
) -> tuple[Number, HitTable]:
    """Add the candidates within the radius that no previous slot led to."""
    words, rows, limit = index.words, work.rows, np.uint64(radius)
    last = np.int64(len(words) >> 2)
    for number in range(candidates):
        if number + _ROWS_AHEAD < candidates:
            _prefetch(words, np.int64(rows[number + _ROWS_AHEAD]) << 2)
        row = np.int64(rows[number])
        if row >= last:
            continue
        offset = row << 2
        distance = (
            _bit_count(words[offset] ^ query[0])
            + _bit_count(words[offset + 1] ^ query[1])
            + _bit_count(words[offset + 2] ^ query[2])
            + _bit_count(words[offset + 3] ^ query[3])
        )
        if distance <= limit and _is_new(index.slots, slot, words[offset : offset + 4], query):
            if count == hits.shape[1]:
                hits = _grown(hits, count, 1)
            hits[0, count], hits[1, count], hits[2, count] = position, row, np.int64(distance)
            count += 1
    return count, hits


@_compiled
def _is_new(
    slots: npt.NDArray[np.int64], slot: Number, words: npt.NDArray[np.uint64], query: npt.NDArray[np.uint64]
) -> Any:
    for before in range(slot):
        offset, width, flips = slots[before, 0], slots[before, 1], slots[before, 2]
        if np.int64(_bit_count(_key(words, offset, width) ^ _key(query, offset, width))) <= flips:
            return False
    return True


@_compiled
def _grown(hits: HitTable, count: Number, more: Number) -> HitTable:
    larger = np.empty((3, 2 * count + more), np.int64)
    larger[:, :count] = hits[:, :count]
    return larger

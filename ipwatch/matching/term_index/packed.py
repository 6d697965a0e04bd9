"""The packed index: from a gram of a text to its postings by one bit, one slot and one row of bounds."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ipwatch.matching.term_index.letters import GRAM_LETTERS
from ipwatch.matching.term_index.postings import Compare, Postings, key_of
from ipwatch.matching.term_index.terms import Terms

LONGER_3 = 1 << 30
LONGER_4 = 1 << 31
GROUP_MASK = LONGER_3 - 1
SLOT_FACTOR = 0x9E3779B97F4A7C15
BLOOM_FACTOR = 0xD6E8FEB86659FD93

_BLOOM_BITS_A_KEY = 16
_LONGER_FROM = 3


class Packed(NamedTuple):
    """The arrays that a search reads; a group is the postings of one gram, numbered from 1.

    ``singles`` (int32, 256): group of each single letter. ``pairs`` (uint32, 65536): group of each pair, and whether
    longer grams begin with it (``LONGER_3``, ``LONGER_4``). ``bloom`` (uint64): one bit for each longer gram, at its
    hash shifted right by ``bloom_shift``. ``slots`` (uint64): gram and group of the longer ones, linear probing from
    the hash shifted right by ``slot_shift``, 0 where free. ``bounds`` (int32, groups + 1 by 5): where the postings of
    each ``Compare`` begin. ``adjacent``, ``before``, ``sets``, ``detail``: the postings. ``letters``, ``starts``,
    ``edits``: the terms.
    """

    singles: NDArray[np.int32]
    pairs: NDArray[np.uint32]
    bloom: NDArray[np.uint64]
    slots: NDArray[np.uint64]
    bounds: NDArray[np.int32]
    adjacent: NDArray[np.uint64]
    before: NDArray[np.uint64]
    sets: NDArray[np.uint64]
    detail: NDArray[np.uint64]
    letters: NDArray[np.uint32]
    starts: NDArray[np.int64]
    edits: NDArray[np.int32]
    bloom_shift: int
    slot_shift: int
    any_single: bool

    @property
    def nbytes(self) -> int:
        """Size of the arrays in bytes."""
        return sum(field.nbytes for field in self if isinstance(field, np.ndarray))


def packed(terms: Terms, postings: Postings) -> Packed:
    """Return the index over the postings of the terms."""
    by = np.argsort(postings.order, kind="stable")
    lengths, keys, compares = key_of(postings.order[by])
    new = np.ones(len(by), bool)
    new[1:] = (lengths[1:] != lengths[:-1]) | (keys[1:] != keys[:-1])
    first = np.flatnonzero(new)
    group_length, group_key = lengths[first], keys[first]
    group = np.arange(1, len(first) + 1, dtype=np.uint32)
    singles, pairs = _direct(group_length, group_key, group)
    longer = group_length >= _LONGER_FROM
    bloom, bloom_shift = _bloom(group_key[longer])
    slots, slot_shift = _slots(group_key[longer], group[longer])
    return Packed(
        singles=singles,
        pairs=pairs,
        bloom=bloom,
        slots=slots,
        bounds=_bounds(np.cumsum(new), compares, len(first)),
        adjacent=postings.adjacent[by],
        before=postings.before[by],
        sets=postings.sets[by],
        detail=postings.detail[by],
        letters=terms.letters.copy(),
        starts=terms.starts,
        edits=terms.edits,
        bloom_shift=bloom_shift,
        slot_shift=slot_shift,
        any_single=bool(singles.any()),
    )


def _bounds(group: NDArray[np.int64], compares: NDArray[np.int64], groups: int) -> NDArray[np.int32]:
    kinds = len(Compare)
    counted = np.bincount(group * kinds + compares, minlength=(groups + 1) * kinds)
    ends = np.cumsum(counted).reshape(groups + 1, kinds)
    return np.concatenate([ends[:, :1] - counted.reshape(groups + 1, kinds)[:, :1], ends], axis=1).astype(np.int32)


def _direct(
    lengths: NDArray[np.int64], keys: NDArray[np.uint32], group: NDArray[np.uint32]
) -> tuple[NDArray[np.int32], NDArray[np.uint32]]:
    singles = np.zeros(1 << 8, np.int32)
    pairs = np.zeros(1 << 16, np.uint32)
    singles[keys[lengths == 1]] = group[lengths == 1]
    pairs[keys[lengths == _LONGER_FROM - 1]] = group[lengths == _LONGER_FROM - 1]
    for length, flag in ((_LONGER_FROM, LONGER_3), (GRAM_LETTERS, LONGER_4)):
        pairs[np.unique(keys[lengths == length] & np.uint32(0xFFFF))] |= np.uint32(flag)
    return singles, pairs


def hashed(keys: NDArray[np.uint32], factor: int, shift: int) -> NDArray[np.int64]:
    """Return the slot of each gram in a table of 2 ** (64 - shift) slots."""
    return ((keys.astype(np.uint64) * np.uint64(factor)) >> np.uint64(shift)).astype(np.int64)


def _bloom(keys: NDArray[np.uint32]) -> tuple[NDArray[np.uint64], int]:
    size = max(10, (len(keys) * _BLOOM_BITS_A_KEY).bit_length())
    bits = np.zeros(1 << size, np.uint8)
    bits[hashed(keys, BLOOM_FACTOR, 64 - size)] = 1
    return np.packbits(bits, bitorder="little").view("<u8"), 64 - size


def _slots(keys: NDArray[np.uint32], group: NDArray[np.uint32]) -> tuple[NDArray[np.uint64], int]:
    """Fill the table in the order of the home slots: each key is in its home slot or directly after a run of full ones.

    The last slot remains free, so that probing ends without wrapping around.
    """
    size = max(4, (2 * len(keys)).bit_length())
    home = hashed(keys, SLOT_FACTOR, 64 - size)
    order = np.argsort(home, kind="stable")
    rank = np.arange(len(keys))
    position = np.maximum.accumulate(home[order] - rank) + rank if len(keys) else home
    slots = np.zeros(max(1 << size, int(position.max(initial=0)) + 1) + 1, np.uint64)
    slots[position] = (keys[order].astype(np.uint64) << np.uint64(32)) | group[order]
    return slots, 64 - size

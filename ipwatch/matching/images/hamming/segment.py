"""A segment: hashes indexed together once and never changed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ipwatch.matching.images.hamming.hits import Hashes, Rows
from ipwatch.matching.images.hamming.plan import OFFSETS, WIDTHS, group_bits

MAX_ROWS = 1 << 29
"""A row and the rest of a key share 32 bits."""

_WORD = 64
_LEFT, _RIGHT = np.uint64(0x9E3779B97F4A7C15), np.uint64(29)


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """Hashes and, for each slot, the positions of those with a given key.

    ``hashes`` uint64[n, 4]; ``ids`` int64[n]; ``copies`` uint32[c, 2]: row of a hash, and row of a later one equal to
    it, which has no postings (a placeholder picture occurs a hundred thousand times, and is compared once);
    ``postings`` uint32[s, n - c]: by slot, sorted by key, the row in the low bits and the lowest bits of the key above;
    ``starts`` uint32[s, g + 1]: where a group of keys with the same high bits begins in the postings.
    """

    hashes: Hashes
    ids: npt.NDArray[np.int64]
    copies: npt.NDArray[np.uint32]
    postings: npt.NDArray[np.uint32]
    starts: npt.NDArray[np.uint32]

    @classmethod
    def of(cls, hashes: Hashes, ids: npt.NDArray[np.int64]) -> Segment:
        """Return the hashes indexed; raises ``ValueError`` for none or more than ``MAX_ROWS``."""
        count = len(hashes)
        if not 0 < count <= MAX_ROWS:
            raise ValueError(f"a segment holds 1 to {MAX_ROWS} hashes, not {count}")
        copies = equal_rows(hashes)
        rows = np.arange(count, dtype=np.uint64)
        rows = np.delete(rows, copies[:, 1]) if len(copies) else rows
        high_bits, row_bits = group_bits(len(rows)), bits_of_rows(count)
        postings = np.empty((len(WIDTHS), len(rows)), np.uint32)
        starts = np.zeros((len(WIDTHS), (1 << high_bits) + 1), np.uint32)
        for slot, width in enumerate(WIDTHS):
            keys = keys_of(hashes, slot)
            keys = keys[rows] if len(copies) else keys
            keys <<= np.uint64(row_bits)
            keys |= rows
            keys.sort()
            kept = row_bits + width - high_bits
            postings[slot] = keys & np.uint64((1 << kept) - 1)
            keys >>= np.uint64(kept)
            np.cumsum(np.bincount(keys.view(np.int64), minlength=1 << high_bits), out=starts[slot, 1:])
        return cls(hashes, ids, copies, postings, starts)

    @property
    def high_bits(self) -> int:
        """The number of high bits of a key that distinguish the groups."""
        return int(self.starts.shape[1] - 1).bit_length() - 1

    def with_copies(self, hits: Rows) -> Rows:
        """Return the hits of postings, each together with the hashes that are equal to it."""
        query, row, distance = hits
        first = np.searchsorted(self.copies[:, 0], row)
        more = np.searchsorted(self.copies[:, 0], row, side="right") - first
        number = np.repeat(np.arange(len(row)), more)
        copy_rows = expanded(first, more)
        return (
            np.concatenate([query, query[number]]),
            np.concatenate([row, self.copies[copy_rows, 1].astype(np.int64)]),
            np.concatenate([distance, distance[number]]),
        )


def bits_of_rows(count: int) -> int:
    """Return the number of bits of a row index among that many."""
    return max((count - 1).bit_length(), 1)


def keys_of(hashes: Hashes, slot: int) -> npt.NDArray[np.uint64]:
    """Return the bits of a slot, uint64[n]."""
    offset, width = OFFSETS[slot], WIDTHS[slot]
    word, bit = divmod(offset, _WORD)
    keys = hashes[:, word] >> np.uint64(bit)
    if bit + width > _WORD:
        keys |= hashes[:, word + 1] << np.uint64(_WORD - bit)
    keys &= np.uint64((1 << width) - 1)
    return keys


def expanded(first: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the numbers from each first one on, as many as its length, one range after the other."""
    ends = np.cumsum(lengths)
    numbers = np.arange(int(ends[-1]) if len(ends) else 0)
    numbers += np.repeat(first - (ends - lengths), lengths)
    return numbers


def equal_rows(hashes: Hashes) -> npt.NDArray[np.uint32]:
    """Return pairs of rows with the same hash, uint32[c, 2], sorted: the first of its kind, and each later one.

    They are found by a 64-bit checksum; where two kinds share one, a later row may be missed, which only costs time.
    """
    mixed = np.zeros(len(hashes), np.uint64)
    for word in range(hashes.shape[1]):
        mixed ^= hashes[:, word]
        mixed *= _LEFT
        mixed ^= mixed >> _RIGHT
    in_order = np.sort(mixed)
    repeated = np.unique(in_order[1:][in_order[1:] == in_order[:-1]])
    if not len(repeated):
        return np.empty((0, 2), np.uint32)
    position = np.minimum(np.searchsorted(repeated, mixed), len(repeated) - 1)
    rows = np.flatnonzero(repeated[position] == mixed)
    rows = rows[np.argsort(mixed[rows], kind="stable")]
    new = np.r_[True, mixed[rows][1:] != mixed[rows][:-1]]
    heads = rows[np.flatnonzero(new)[np.cumsum(new) - 1]]
    same = (heads != rows) & (hashes[heads] == hashes[rows]).all(axis=1)
    pairs = np.stack([heads[same], rows[same]], axis=1).astype(np.uint32)
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]

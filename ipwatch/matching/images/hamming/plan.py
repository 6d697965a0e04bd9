"""The plan of a search: which buckets are searched, or that everything is compared.

A hash is cut into eleven slots of 23 and 24 bits (multi-index hashing; Norouzi, Punjani and Fleet 2014). If slot i is
searched up to k_i flipped bits, a hash that is missed differs by at least k_i + 1 bits in every slot; so a sum of k_i +
1 above the radius finds everything. For radius 31 that is two flips in ten slots and one in the eleventh: 2,843 buckets
of 2^23 or 2^24, with 3,000 hashes to compare among ten million. With slots of 16 bits, for which one flip suffices, it
is 272 buckets, but 41,500 hashes, each of them outside the cache.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations
from math import comb, log2
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ipwatch.matching.images.features import HASH_BITS

WIDTHS = (24, 24, 24, 23, 23, 23, 23, 23, 23, 23, 23)
"""Bits of each slot, from the lowest bit of the first word upwards."""

OFFSETS = tuple(sum(WIDTHS[:slot]) for slot in range(len(WIDTHS)))

MAX_FLIPS = 4
"""With more flips, a slot has more buckets than a scan compares rows in the same time."""

_HASHES_A_GROUP = 8

_MIN_LIMIT = 1 << 16

NOT_PROBED = -1


class Costs(NamedTuple):
    """Cost of a way of searching, in nanoseconds: measured, and only the proportions matter.

    For each group searched, each entry read there, each candidate compared; in a scan for each pair of query and hash,
    and once for each hash whatever the number of queries.
    """

    group: float
    entry: float
    candidate: float
    pair: float
    hash: float


def group_bits(hashes: int) -> int:
    """Return the number of bits of a slot's key that distinguish its groups in an index of that many hashes.

    The rest of the key is stored with the row, so that the table of groups is small compared with the postings.
    """
    return min(max(round(log2(max(hashes, 1) / _HASHES_A_GROUP)), 1), *WIDTHS)


@lru_cache(maxsize=64)
def ball(bits: int, flips: int) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint8]]:
    """Return all words of ``bits`` bits with at most ``flips`` set, ascending, and the number of set bits of each."""
    words = sorted(
        (sum(1 << position for position in positions), count)
        for count in range(flips + 1)
        for positions in combinations(range(bits), count)
    )
    return np.array([word for word, _ in words], np.uint32), np.array([count for _, count in words], np.uint8)


@lru_cache(maxsize=256)
def flips_by_slot(radius: int, recall: float) -> tuple[int, ...] | None:
    """Return the flipped bits that each slot is searched for, ``NOT_PROBED`` for not at all; ``None`` if too many.

    ``recall`` 1 finds everything within the radius. Below, it is the share found of the hashes at the radius itself,
    with any bits flipped; nearer ones are found more often.
    """
    flips = [NOT_PROBED] * len(WIDTHS)
    while not _enough(flips, radius, recall):
        slot = min(range(len(WIDTHS)), key=lambda slot: (comb(WIDTHS[slot], flips[slot] + 1), slot))
        flips[slot] += 1
        if flips[slot] > MAX_FLIPS:
            return None
    return tuple(flips)


def expected_recall(flips: tuple[int, ...], distance: int) -> float:
    """Return the share of hashes found at a distance, if every choice of flipped bits is equally likely."""
    missed = [1, *[0] * distance]
    for width, searched in zip(WIDTHS, flips, strict=True):
        after = [0] * (distance + 1)
        for before, ways in enumerate(missed):
            for here in range(searched + 1, min(width, distance - before) + 1):
                after[before + here] += ways * comb(width, here)
        missed = after
    return 1 - missed[distance] / comb(HASH_BITS, distance)


def max_entries(flips: tuple[int, ...], hashes: int) -> int:
    """Return the number of entries from which a scan is better for a query: many hashes in a few buckets."""
    return max(_MIN_LIMIT, hashes // 16, int(4 * _expected(flips, hashes)[1]))


def probing_pays(flips: tuple[int, ...], hashes: int, queries: int, costs: Costs) -> bool:
    """Whether searching buckets takes less time than comparing everything."""
    groups, entries, candidates = _expected(flips, hashes)
    probing = costs.group * groups + costs.entry * entries + costs.candidate * candidates
    return queries * probing < hashes * (costs.hash + queries * costs.pair)


def _enough(flips: list[int], radius: int, recall: float) -> bool:
    if sum(flips) + len(flips) > radius:
        return True
    return recall < 1 and expected_recall(tuple(flips), radius) >= recall


def _expected(flips: tuple[int, ...], hashes: int) -> tuple[float, float, float]:
    """Return groups, entries and candidates of one query, for evenly distributed hashes."""
    high_bits = group_bits(hashes)
    groups = entries = candidates = 0.0
    for width, searched in zip(WIDTHS, flips, strict=True):
        here = _ball_size(high_bits, searched)
        groups += here
        entries += here * hashes / 2**high_bits
        candidates += _ball_size(width, searched) * hashes / 2**width
    return groups, entries, candidates


def _ball_size(bits: int, flips: int) -> int:
    return sum(comb(bits, count) for count in range(flips + 1))

"""The plan of a search: which buckets are looked into, or that everything is compared.

A hash is cut into eleven slots of 23 and 24 bits (multi-index hashing; Norouzi, Punjani and Fleet 2014). If slot i is
searched up to k_i flipped bits, a hash that is missed differs by k_i + 1 bits at least in every slot; so the sum of
k_i + 1 above the radius finds everything. For radius 31 that is two flips in ten slots and one in the eleventh: 2,843
buckets of 2^23 or 2^24, with 3,000 hashes to compare among ten million. With slots of 16 bits, which one flip serves,
it is 272 buckets, but 41,500 hashes, each of them out of the cache.
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
"""Bits of each slot, from the lowest bit of the first word on."""

OFFSETS = tuple(sum(WIDTHS[:slot]) for slot in range(len(WIDTHS)))

MAX_FLIPS = 4
"""Above, a slot has more buckets than a scan has rows to compare in the same time."""

_HASHES_A_GROUP = 8

_MIN_LIMIT = 1 << 16

NOT_PROBED = -1


class Costs(NamedTuple):
    """What a way of searching takes, in nanoseconds: measured, and only the proportions matter.

    For each group looked into, each entry read there, each candidate compared; in a scan for each pair of query and
    hash, and once for each hash whatever the number of queries.
    """

    group: float
    entry: float
    candidate: float
    pair: float
    hash: float


def group_bits(hashes: int) -> int:
    """Return how many bits of a slot's key tell its groups apart in an index of so many hashes.

    The rest of the key is kept beside the row, so that the table of groups stays small beside the postings.
    """
    return min(max(round(log2(max(hashes, 1) / _HASHES_A_GROUP)), 1), *WIDTHS)


@lru_cache(maxsize=64)
def ball(bits: int, flips: int) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint8]]:
    """Return all words of so many bits with at most so many set, rising, and how many are set in each."""
    words = sorted(
        (sum(1 << position for position in positions), count)
        for count in range(flips + 1)
        for positions in combinations(range(bits), count)
    )
    return np.array([word for word, _ in words], np.uint32), np.array([count for _, count in words], np.uint8)


@lru_cache(maxsize=256)
def flips_by_slot(radius: int, recall: float) -> tuple[int, ...] | None:
    """Return how many flipped bits each slot is searched for, ``NOT_PROBED`` for none at all; ``None``: too many.

    ``recall`` 1 finds everything within the radius. Below, it is the share found of the hashes at the radius itself,
    the flipped bits anywhere; nearer ones are found more often.
    """
    flips = [NOT_PROBED] * len(WIDTHS)
    while not _enough(flips, radius, recall):
        slot = min(range(len(WIDTHS)), key=lambda slot: (comb(WIDTHS[slot], flips[slot] + 1), slot))
        flips[slot] += 1
        if flips[slot] > MAX_FLIPS:
            return None
    return tuple(flips)


def expected_recall(flips: tuple[int, ...], distance: int) -> float:
    """Return the share of hashes found at a distance, where every choice of flipped bits is as likely."""
    missed = [1, *[0] * distance]
    for width, searched in zip(WIDTHS, flips, strict=True):
        after = [0] * (distance + 1)
        for before, ways in enumerate(missed):
            for here in range(searched + 1, min(width, distance - before) + 1):
                after[before + here] += ways * comb(width, here)
        missed = after
    return 1 - missed[distance] / comb(HASH_BITS, distance)


def max_entries(flips: tuple[int, ...], hashes: int) -> int:
    """Return from how many entries on a query is better served by a scan: hashes that crowd in a few buckets."""
    return max(_MIN_LIMIT, hashes // 16, int(4 * _expected(flips, hashes)[1]))


def probing_pays(flips: tuple[int, ...], hashes: int, queries: int, costs: Costs) -> bool:
    """Whether looking into buckets takes less time than comparing all."""
    groups, entries, candidates = _expected(flips, hashes)
    probing = costs.group * groups + costs.entry * entries + costs.candidate * candidates
    return queries * probing < hashes * (costs.hash + queries * costs.pair)


def _enough(flips: list[int], radius: int, recall: float) -> bool:
    if sum(flips) + len(flips) > radius:
        return True
    return recall < 1 and expected_recall(tuple(flips), radius) >= recall


def _expected(flips: tuple[int, ...], hashes: int) -> tuple[float, float, float]:
    """Return groups, entries and candidates of one query, for hashes that spread evenly."""
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

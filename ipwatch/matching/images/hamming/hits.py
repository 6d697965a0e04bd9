"""The result of a search, and the brute force that defines it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ipwatch.matching.images.features import HASH_BITS, HASH_WORDS

Hashes = npt.NDArray[np.uint64]
Rows = tuple[npt.NDArray[np.int32], npt.NDArray[np.int64], npt.NDArray[np.uint16]]
"""Query position, row of the searched hashes and distance of each hit, in any order."""


@dataclass(frozen=True, slots=True, eq=False)
class Hits:
    """The hashes within the radius: ``query`` int32[m] (position), ``id`` int64[m], ``distance`` uint16[m] in bits.

    Sorted by query, then distance, then id. An id of several hashes occurs once for each of them.
    """

    query: npt.NDArray[np.int32]
    id: npt.NDArray[np.int64]
    distance: npt.NDArray[np.uint16]

    def __len__(self) -> int:
        return len(self.query)

    @classmethod
    def sorted(cls, parts: Sequence[tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]]]) -> Hits:
        """Return the hits of all parts (query, id, distance) in order."""
        query = np.concatenate([np.empty(0, np.int32), *(part[0] for part in parts)])
        ids = np.concatenate([np.empty(0, np.int64), *(part[1] for part in parts)])
        distance = np.concatenate([np.empty(0, np.uint16), *(part[2] for part in parts)])
        order = np.lexsort((ids, distance, query))
        return cls(query[order], ids[order], distance[order])


def brute_force(hashes: Hashes, ids: npt.NDArray[np.int64], queries: Hashes, radius: int) -> Hits:
    """Return every hash within the radius of a query, by comparing all with all: the definition of a hit.

    ``hashes`` uint64[n, 4], ``ids`` int64[n], ``queries`` uint64[q, 4]; raises ``ValueError`` for other shapes or a
    radius outside 0 to 256.
    """
    check_hashes(hashes)
    check_hashes(queries)
    check_radius(radius)
    parts = []
    for position, query in enumerate(queries):
        distance = np.bitwise_count(hashes ^ query).sum(axis=1, dtype=np.uint16)
        near = distance <= radius
        parts.append((np.full(int(near.sum()), position, np.int32), ids[near], distance[near]))
    return Hits.sorted(parts)


def check_hashes(hashes: npt.NDArray[Any]) -> None:
    """Raise ``ValueError`` for anything but uint64[n, 4]."""
    if hashes.dtype != np.uint64 or hashes.ndim != 2 or hashes.shape[1] != HASH_WORDS:  # noqa: PLR2004 - a table
        raise ValueError(f"hashes are uint64[n, {HASH_WORDS}], not {hashes.dtype}{list(hashes.shape)}")


def check_radius(radius: int) -> None:
    """Raise ``ValueError`` for a radius that no two hashes can have."""
    if not 0 <= radius <= HASH_BITS:
        raise ValueError(f"a radius is 0 to {HASH_BITS} bits, not {radius}")

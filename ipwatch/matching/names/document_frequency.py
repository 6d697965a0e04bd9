"""Surface counts (表記の出現数): in how many texts of the user's own crawl the words around a hit occur.

"million" occurs in hundreds of titles, the spelling of an imitation in few: what is frequent and is not the name itself
is an ordinary word. A key is the ``surface_key`` of an ``Occurrence``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from math import log10

MIN_TOTAL = 10_000
"""Minimum number of documents for a frequency: in a small crawl one seller's imitation is a large share."""

_PER = 100_000
_SEVERAL = 10.0
"""Number of other documents in 100,000 that may all come from one seller."""

_MAX_FREQUENCY = 2.0


class SurfaceCounts:
    """Number of documents that each key occurs in, out of ``total``; both can be stored and restored."""

    def __init__(self, counts: Mapping[str, int] | None = None, total: int = 0) -> None:
        self._counts = Counter(counts or {})
        self._total = total
        if total < 0 or any(count < 1 for count in self._counts.values()):
            raise ValueError("a document count is 1 or more, and the total no less than 0")

    @property
    def total(self) -> int:
        """Number of documents counted, with or without a hit."""
        return self._total

    def add(self, documents: int, keys: Iterable[Iterable[str]]) -> None:
        """Add ``documents`` to the total; ``keys`` holds the keys of each of them that has hits."""
        if documents < 0:
            raise ValueError(f"no such number of documents: {documents}")
        self._total += documents
        for document_keys in keys:
            self._counts.update(set(document_keys))

    def count(self, key: str) -> int:
        """Return the number of documents that the key occurs in."""
        return self._counts[key]

    def items(self) -> Iterable[tuple[str, int]]:
        """Return every key with its count."""
        return self._counts.items()

    def frequency(self, key: str) -> float:
        """Return the frequency of the key in other documents, 0..2: 0 up to 10 in 100,000, 1 for 100, 2 from 1,000 on.

        One seller's imitation occurs in a few listings, a word in hundreds. The frequency is 0 for fewer than
        ``MIN_TOTAL`` documents.
        """
        if self._total < MIN_TOTAL:
            return 0.0
        share = (self._counts[key] - 1) * _PER / self._total
        return min(_MAX_FREQUENCY, log10(share / _SEVERAL)) if share > _SEVERAL else 0.0

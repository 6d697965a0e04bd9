"""Surface counts (表記の出現数): in how many texts of one's own crawl the words around a hit stand.

"million" stands in hundreds of titles, an imitation's spelling in few: what is written often and is not the name itself
is a word. ``key`` is what ``evidence.surface_key`` returns for a hit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from math import log10

MIN_TOTAL = 10_000
"""Documents from which on a crawl tells words from names: of a few, one seller's imitation is soon a good part."""

_PER = 100_000
_SEVERAL = 10.0
"""So many other documents in 100,000 may be one seller's."""

_MAX_FREQUENCY = 2.0


class SurfaceCounts:
    """In how many documents each key was met, out of ``total``; both can be stored and given back."""

    def __init__(self, counts: Mapping[str, int] | None = None, total: int = 0) -> None:
        self._counts = Counter(counts or {})
        self._total = total
        if total < 0 or any(count < 1 for count in self._counts.values()):
            raise ValueError("a document count is 1 or more, and the total no less than 0")

    @property
    def total(self) -> int:
        """How many documents were counted, with or without a hit in them."""
        return self._total

    def add(self, documents: int, keys: Iterable[Iterable[str]]) -> None:
        """Count ``documents`` more; ``keys`` holds for each of them that has hits the keys of its hits."""
        if documents < 0:
            raise ValueError(f"no such number of documents: {documents}")
        self._total += documents
        for document_keys in keys:
            self._counts.update(set(document_keys))

    def count(self, key: str) -> int:
        """Return in how many documents the key was met."""
        return self._counts[key]

    def items(self) -> Iterable[tuple[str, int]]:
        """Return every key with its count."""
        return self._counts.items()

    def frequency(self, key: str) -> float:
        """Return how often the key stands in other documents, 0..2: 0 up to 10 in 100,000, 1 for 100, 2 from 1,000 on.

        One seller's imitation stands in a few listings as well; a word stands in hundreds. Of fewer than
        ``LEAST_TOTAL`` documents nothing can be said: 0.
        """
        if self._total < MIN_TOTAL:
            return 0.0
        share = (self._counts[key] - 1) * _PER / self._total
        return min(_MAX_FREQUENCY, log10(share / _SEVERAL)) if share > _SEVERAL else 0.0

"""The term index (照合索引): terms are added and removed, texts are searched for all of them at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.util import find_spec
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from ipwatch.matching.term_index.cuts import GramCounts
from ipwatch.matching.term_index.definition import Hits, check_terms, check_texts
from ipwatch.matching.term_index.packed import Packed, packed
from ipwatch.matching.term_index.postings import Postings, postings_of
from ipwatch.matching.term_index.terms import Terms
from ipwatch.text.folding.packed import FoldedTexts

Engine = Literal["auto", "numpy", "numba"]
HitColumns = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int16]]
Search = Callable[[Packed, FoldedTexts], HitColumns]

COMPILED_FROM = 1 << 22
"""Letters that an index has searched before numba is used.

Loading numba takes as long as numpy for that many, and compiling for the first time much longer.
"""

_SMALL_SEGMENT = 64
_MERGE_FACTOR = 2


@dataclass(frozen=True, slots=True)
class _Segment:
    """Terms that were packed together; immutable except for the mask of removed ones."""

    terms: Terms
    postings: Postings
    packed: Packed
    alive: NDArray[np.bool_]

    @classmethod
    def of(cls, terms: Terms, postings: Postings) -> _Segment:
        return cls(terms, postings, packed(terms, postings), np.ones(len(terms), bool))

    @classmethod
    def merged(cls, segments: Sequence[_Segment]) -> _Segment:
        """Return the terms that are left, packed again; their cuts are unchanged."""
        parts, offset = [], 0
        for segment in segments:
            position = np.where(segment.alive, np.cumsum(segment.alive) - 1 + offset, -1)
            parts.append(segment.postings.renumbered(position))
            offset += int(segment.alive.sum())
        terms = Terms.joined([segment.terms.kept(segment.alive) for segment in segments])
        return cls.of(terms, Postings.joined(parts))


class TermIndex:
    """Terms with their allowed edits; ``search`` finds exactly the hits that ``hits_reference`` finds.

    ``sample`` is text similar to that to be searched: it affects the cuts of the terms and so the speed, never the
    hits; without it the terms themselves are counted. ``engine``: ``auto`` uses numba where it is installed, after
    ``COMPILED_FROM`` letters were searched.

    Terms are kept in segments that are merged when the newer is not much smaller than the older, as in a log-structured
    index: how often a term is packed again grows with the logarithm of the number of terms.
    """

    def __init__(self, *, sample: FoldedTexts | None = None, engine: Engine = "auto") -> None:
        if engine not in get_args(Engine):
            raise ValueError(f"no engine {engine!r}: auto, numpy or numba")
        if engine == "numba":
            _numba()  # raises now where it is missing
        self._engine: Engine = engine
        self._searched = 0
        self._counts = GramCounts()
        self._count_terms = sample is None
        if sample is not None:
            self._counts.add(sample)
        self._segments: list[_Segment] = []
        self._next_id = 0

    def __len__(self) -> int:
        return sum(int(segment.alive.sum()) for segment in self._segments)

    @property
    def nbytes(self) -> int:
        """Size in bytes of the arrays that a search reads."""
        return sum(segment.packed.nbytes for segment in self._segments)

    def add(self, terms: Sequence[str], edits: Sequence[int]) -> range:
        """Add terms and return their ids, which ascend and are never reused; two equal terms are two terms.

        Raises ``ValueError`` and adds none where one is empty, has more than ``MAX_TERM_LETTERS`` letters or a NUL, or
        may have as many edits as letters.
        """
        check_terms(terms, edits)
        ids = range(self._next_id, self._next_id + len(terms))
        if not ids:
            return ids
        new = Terms.of(terms, edits, self._next_id)
        if self._count_terms:
            self._counts.add(new.as_texts())
        self._segments.append(_Segment.of(new, postings_of(new, self._counts)))
        self._next_id = ids.stop
        self._merge()
        return ids

    def remove(self, ids: Collection[int]) -> None:
        """Remove terms; raises ``KeyError`` and removes none where one of the ids has no term."""
        wanted = np.unique(np.fromiter(ids, np.int64, len(ids)))
        removals = []
        for number, segment in enumerate(self._segments):
            low, high = np.searchsorted(wanted, (segment.terms.ids[0], segment.terms.ids[-1] + 1))
            rows = np.searchsorted(segment.terms.ids, wanted[low:high])
            here = (segment.terms.ids[rows] == wanted[low:high]) & segment.alive[rows]
            removals.append((number, rows[here]))
        if sum(len(rows) for _, rows in removals) < len(wanted):
            raise KeyError(f"no term has one of the ids {wanted[:10].tolist()}")
        for number, rows in removals:
            if len(rows):
                alive = self._segments[number].alive.copy()
                alive[rows] = False
                self._segments[number] = replace(self._segments[number], alive=alive)
        self._segments = [self._compacted(segment) for segment in self._segments if segment.alive.any()]

    def search(self, texts: FoldedTexts) -> Hits:
        """Return every hit of a term of the index; raises ``ValueError`` where the texts are not well formed."""
        check_texts(texts)
        search = self._search_in(texts)
        parts = [_with_ids(segment, search(segment.packed, texts)) for segment in self._segments]
        if len(parts) == 1:
            return Hits(*parts[0])
        parts.append((np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.int16)))
        return Hits.sorted(
            np.concatenate([term for term, _, _ in parts]),
            np.concatenate([text for _, text, _ in parts]),
            np.concatenate([distance for _, _, distance in parts]),
        )

    def _search_in(self, texts: FoldedTexts) -> Search:
        """Return the engine for the texts; all engines find the same."""
        self._searched += len(texts.codes)
        many = self._searched >= COMPILED_FROM and _has_numba()
        return _numba() if self._engine == "numba" or (self._engine == "auto" and many) else _numpy()

    def _merge(self) -> None:
        while len(self._segments) > 1:
            older, newer = (len(segment.terms) for segment in self._segments[-2:])
            if older > max(_MERGE_FACTOR * newer, _SMALL_SEGMENT):
                return
            self._segments[-2:] = [_Segment.merged(self._segments[-2:])]

    @staticmethod
    def _compacted(segment: _Segment) -> _Segment:
        return _Segment.merged([segment]) if 2 * segment.alive.sum() < len(segment.alive) else segment


def _with_ids(segment: _Segment, columns: HitColumns) -> HitColumns:
    term, text, distance = columns
    if not segment.alive.all():
        kept = segment.alive[term]
        term, text, distance = term[kept], text[kept], distance[kept]
    return segment.terms.ids[term], text, distance


@cache
def _has_numba() -> bool:
    """Whether the extra ``speed`` is installed."""
    return find_spec("numba") is not None


@cache
def _numba() -> Search:
    from ipwatch.matching.term_index.compiled import search  # noqa: PLC0415 - the extra may be missing

    return search


@cache
def _numpy() -> Search:
    from ipwatch.matching.term_index.vectors import search  # noqa: PLC0415 - only what is asked for is loaded

    return search

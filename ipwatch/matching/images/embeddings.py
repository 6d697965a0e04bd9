"""Embeddings: model vectors of pictures, the nearest ones by cosine, and their false-match rates."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from ipwatch.terms import message

MAX_DIMENSIONS = 8192

Vectors = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int64]

_BLOCK_ROWS = 1 << 14
_BLOCK_QUERIES = 256
_PAIRS_AT_ONCE = 1 << 12
_MERGE_FACTOR = 4

# More than the rounding error of a product of unit vectors in single precision: what is within it of the last one kept
# is computed again in double precision, so that the result does not depend on the blocks.
_ROUNDING = 1e-4


@dataclass(frozen=True, slots=True)
class Calibration:
    """Rates at which unrelated pictures are as similar: ascending ``similarities``, descending ``rates`` per pair."""

    similarities: tuple[float, ...]
    rates: tuple[float, ...]

    def __post_init__(self) -> None:
        steps = list(zip(self.similarities, self.rates, strict=True))
        if len(steps) < 2 or not all(-1 <= similarity <= 1 and 0 < rate <= 1 for similarity, rate in steps):  # noqa: PLR2004 - a line
            raise ValueError(message("model.two_steps"))
        if any(lower[0] >= higher[0] or lower[1] < higher[1] for lower, higher in pairwise(steps)):
            raise ValueError(message("model.order"))

    def rate(self, similarity: float) -> float:
        """Return the false-match rate: log-linear between two steps, never below that of the last one.

        Below the first step nothing was measured: the rate is 1.
        """
        logs = [math.log10(rate) for rate in self.rates]
        return float(10 ** np.interp(similarity, self.similarities, logs, left=0.0))

    def similarity_at(self, rate: float) -> float | None:
        """Return the minimum similarity with at most this rate, ``None`` where none is known."""
        if rate < self.rates[-1]:
            return None
        logs = [math.log10(step) for step in self.rates]
        return float(np.interp(-math.log10(rate), [-log for log in logs], self.similarities))


@dataclass(frozen=True, slots=True, eq=False)
class Neighbours:
    """The nearest vectors: ``query`` int32[m] (position), ``id`` int64[m], ``similarity`` float64[m], a cosine.

    Sorted by query, then falling similarity, then id.
    """

    query: npt.NDArray[np.int32]
    id: Ids
    similarity: npt.NDArray[np.float64]


def unit(vectors: Vectors) -> Vectors:
    """Return the vectors with length 1; a vector without length stays, and is similar to nothing."""
    wide = vectors.astype(np.float64)
    lengths = np.linalg.norm(wide, axis=1, keepdims=True)
    wide /= np.where(lengths > 0, lengths, 1.0)
    made: Vectors = wide.astype(np.float32)
    return made


@dataclass(slots=True, eq=False)
class _Block:
    """Vectors that were added together."""

    vectors: Vectors
    ids: Ids
    disabled: npt.NDArray[np.bool_]


class EmbeddingIndex:
    """Vectors of one version of a model under the caller's ids; ``search`` compares with every one of them.

    ``version`` names the model and how pictures are brought to it (``Embedder.version``): vectors of two versions are
    never compared.
    """

    def __init__(self, version: str, dimensions: int) -> None:
        if not 1 <= dimensions <= MAX_DIMENSIONS:
            raise ValueError(f"an embedding has 1 to {MAX_DIMENSIONS} dimensions, not {dimensions}")
        self.version = version
        self.dimensions = dimensions
        self._blocks: list[_Block] = []

    def __len__(self) -> int:
        return sum(len(block.ids) - int(block.disabled.sum()) for block in self._blocks)

    def add(self, vectors: Vectors, ids: Ids) -> None:
        """Keep the vectors, float32[n, d], brought to length 1, each under its id, int64[n], which need not be new.

        Raises ``ValueError`` for arrays of another kind, of different lengths, or with numbers that are not finite.
        """
        self._check(vectors)
        if ids.dtype != np.int64 or ids.shape != (len(vectors),):
            raise ValueError(f"{len(vectors)} vectors need ids int64[{len(vectors)}], not {ids.dtype}{list(ids.shape)}")
        if not len(ids):
            return
        parts = [(unit(vectors), ids.copy())]
        rows = len(ids)
        while self._blocks and len(self._blocks[-1].ids) < _MERGE_FACTOR * rows:
            last = self._blocks.pop()
            parts.append((last.vectors[~last.disabled], last.ids[~last.disabled]))
            rows += len(last.ids)
        all_vectors = np.concatenate([part[0] for part in reversed(parts)])
        all_ids = np.concatenate([part[1] for part in reversed(parts)])
        self._blocks.append(_Block(all_vectors, all_ids, np.zeros(len(all_ids), bool)))

    def disable(self, ids: Ids) -> int:
        """Disable the vectors under these ids; return how many were enabled."""
        count = 0
        for block in self._blocks:
            gone = np.isin(block.ids, ids) & ~block.disabled
            block.disabled |= gone
            count += int(gone.sum())
        return count

    def search(self, queries: Vectors, limit: int, *, min_similarity: float = -1.0) -> Neighbours:
        """Return, for each query float32[q, d], up to ``limit`` nearest vectors of at least ``min_similarity``.

        Exact: every vector is compared; of equally near ones those with the lowest ids are taken. Raises ``ValueError``
        for other queries, or numbers that are not finite.
        """
        self._check(queries)
        if limit < 1:
            raise ValueError(f"at least one neighbour is asked for, not {limit}")
        parts = [
            _nearest(unit(queries[begin : begin + _BLOCK_QUERIES]), begin, self._blocks, limit, min_similarity)
            for begin in range(0, len(queries), _BLOCK_QUERIES)
        ]
        return Neighbours(
            np.concatenate([np.empty(0, np.int32), *(part.query for part in parts)]),
            np.concatenate([np.empty(0, np.int64), *(part.id for part in parts)]),
            np.concatenate([np.empty(0, np.float64), *(part.similarity for part in parts)]),
        )

    def _check(self, vectors: npt.NDArray[Any]) -> None:
        if vectors.dtype != np.float32 or vectors.ndim != 2 or vectors.shape[1] != self.dimensions:  # noqa: PLR2004 - a table
            raise ValueError(f"embeddings are float32[n, {self.dimensions}], not {vectors.dtype}{list(vectors.shape)}")
        if not np.isfinite(vectors).all():
            raise ValueError("the numbers of an embedding are finite")


def _nearest(queries: Vectors, begin: int, blocks: Sequence[_Block], limit: int, min_similarity: float) -> Neighbours:
    """Return the nearest vectors of a few queries, numbered from ``begin``."""
    held: list[tuple[npt.NDArray[Any], ...]] = [(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float64))]
    for block in blocks:
        for first in range(0, len(block.ids), _BLOCK_ROWS):
            rows = slice(first, first + _BLOCK_ROWS)
            held = [_kept([*held, _likely(queries, block, rows, limit, min_similarity)], limit)]
    query, ids, similarity = held[0]
    return Neighbours((query + begin).astype(np.int32), ids, similarity)


def _likely(
    queries: Vectors, block: _Block, rows: slice, limit: int, min_similarity: float
) -> tuple[npt.NDArray[Any], ...]:
    """Return, from some rows of a block, every one that may be among the nearest of a query: query, id, similarity."""
    vectors = block.vectors[rows]
    rough = queries @ vectors.T
    rough[:, block.disabled[rows]] = -np.inf
    bound = np.full(len(queries), min_similarity, np.float64)
    if limit < rough.shape[1]:
        bound = np.maximum(bound, np.partition(rough, -limit, axis=1)[:, -limit])
    query, row = np.nonzero(rough >= (bound - _ROUNDING)[:, None])
    similarity = np.clip(_cosines(queries, query, vectors, row), -1, 1)
    near = (similarity >= min_similarity) & ~block.disabled[rows][row]
    return query[near], block.ids[rows][row[near]], similarity[near]


def _cosines(
    queries: Vectors, query: npt.NDArray[np.int64], vectors: Vectors, row: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """Return the products of pairs of unit vectors in double precision, some pairs at a time."""
    similarity = np.empty(len(query), np.float64)
    for first in range(0, len(query), _PAIRS_AT_ONCE):
        some = slice(first, first + _PAIRS_AT_ONCE)
        left, right = queries[query[some]].astype(np.float64), vectors[row[some]].astype(np.float64)
        similarity[some] = np.einsum("nd,nd->n", left, right)
    return similarity


def _kept(parts: Sequence[tuple[npt.NDArray[Any], ...]], limit: int) -> tuple[npt.NDArray[Any], ...]:
    query, ids, similarity = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((ids, -similarity, query))
    query, ids, similarity = query[order], ids[order], similarity[order]
    rank = np.arange(len(query)) - np.searchsorted(query, query)
    return query[rank < limit], ids[rank < limit], similarity[rank < limit]

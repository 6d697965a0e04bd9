from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipwatch.matching.images import embeddings
from ipwatch.matching.images.embeddings import Calibration, EmbeddingIndex, Neighbours, unit

Vectors = npt.NDArray[np.float32]
MODEL = "sha256:1"


def drawn(count: int, dimensions: int = 16, seed: int = 1) -> Vectors:
    return np.random.default_rng(seed).normal(size=(count, dimensions)).astype(np.float32)


def rows(neighbours: Neighbours) -> list[tuple[int, int, float]]:
    return [
        (query, name, round(similarity, 6))
        for query, name, similarity in zip(
            neighbours.query.tolist(), neighbours.id.tolist(), neighbours.similarity.tolist(), strict=True
        )
    ]


def expected(
    vectors: Vectors, ids: npt.NDArray[np.int64], queries: Vectors, limit: int, min_similarity: float
) -> list[tuple[int, int, float]]:
    """All pairs compared, one by one."""
    neighbours = []
    for position, query in enumerate(unit(queries).astype(np.float64)):
        cosines = [
            (-float(query @ vector), int(name))
            for vector, name in zip(unit(vectors).astype(np.float64), ids, strict=True)
        ]
        nearest = sorted(cosine for cosine in cosines if -cosine[0] >= min_similarity)[:limit]
        neighbours += [(position, name, round(-cosine, 6)) for cosine, name in nearest]
    return neighbours


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let several blocks of rows, queries and pairs meet in what tests search."""
    monkeypatch.setattr(embeddings, "_BLOCK_ROWS", 32)
    monkeypatch.setattr(embeddings, "_BLOCK_QUERIES", 5)
    monkeypatch.setattr(embeddings, "_PAIRS_AT_ONCE", 7)


STEP = st.tuples(st.sampled_from(["add", "disable"]), st.integers(0, 60), st.integers(1, 9))


@settings(max_examples=60, deadline=None)
@given(st.lists(STEP, max_size=8), st.integers(1, 12), st.sampled_from([-1.0, 0.0, 0.4]))
def test_any_order_of_steps_finds_what_comparing_all_finds(
    steps: list[tuple[str, int, int]], limit: int, min_similarity: float
) -> None:
    index = EmbeddingIndex(MODEL, 16)
    vectors, ids = np.empty((0, 16), np.float32), np.empty(0, np.int64)
    for number, (step, first, second) in enumerate(steps):
        if step == "add":
            new, named = drawn(first, seed=number) * second, np.arange(first, dtype=np.int64) * second
            index.add(new, named)
            vectors, ids = np.concatenate([vectors, new]), np.concatenate([ids, named])
        else:
            gone = np.isin(ids, range(first, first + second))
            assert index.disable(np.arange(first, first + second)) == gone.sum()
            vectors, ids = vectors[~gone], ids[~gone]
        assert len(index) == len(ids)
    queries = np.concatenate([drawn(6, seed=99), vectors[::20]])
    assert rows(index.search(queries, limit, min_similarity=min_similarity)) == expected(
        vectors, ids, queries, limit, min_similarity
    )


def test_equally_near_ones_come_by_their_ids_from_whatever_block() -> None:
    index = EmbeddingIndex(MODEL, 16)
    names = np.random.default_rng(5).permutation(200).astype(np.int64)
    lengths = np.exp2(np.arange(200) % 20).astype(np.float32)
    index.add(np.tile(drawn(1), (200, 1)) * lengths[:, None], names)
    neighbours = index.search(drawn(1), 30)
    assert neighbours.id.tolist() == list(range(30))
    assert neighbours.similarity == pytest.approx(np.ones(30))
    assert neighbours.similarity.max() <= 1


def test_vectors_without_length_are_similar_to_nothing() -> None:
    index = EmbeddingIndex(MODEL, 3)
    index.add(np.array([[0, 0, 0], [2, 0, 0]], np.float32), np.array([1, 2]))
    queries = np.array([[0, 0, 0], [1, 1, 0]], np.float32)
    assert rows(index.search(queries, 5, min_similarity=0.1)) == [(1, 2, round(0.5**0.5, 6))]
    assert index.search(queries[:1], 5).similarity.tolist() == [0, 0]


def test_an_empty_index_and_no_queries_have_no_neighbours() -> None:
    index = EmbeddingIndex(MODEL, 16)
    assert len(index.search(drawn(3), 4).query) == 0
    index.add(drawn(0), np.empty(0, np.int64))
    index.add(drawn(2), np.arange(2))
    assert len(index.search(drawn(0), 4).query) == 0
    index.disable(np.arange(2))
    assert len(index.search(drawn(3), 4).query) == 0
    assert len(index) == 0


def test_adding_copies_and_merges_small_blocks() -> None:
    index = EmbeddingIndex(MODEL, 16)
    for number in range(100):
        vectors, ids = drawn(3, seed=number), np.arange(3) + 3 * number
        index.add(vectors, ids)
        vectors[:], ids[:] = 0, 0
    sizes = [len(block.ids) for block in index._blocks]
    assert sum(sizes) == 300
    assert len(sizes) <= 5
    assert index.search(drawn(3, seed=50), 1).id.tolist() == [150, 151, 152]


@pytest.mark.parametrize(
    ("vectors", "ids"),
    [
        (drawn(2, 15), np.arange(2)),
        (drawn(2).astype(np.float64), np.arange(2)),
        (drawn(1)[0], np.arange(1)),
        (drawn(2), np.arange(3)),
        (drawn(2), np.arange(2, dtype=np.int32)),
        (drawn(2) * np.float32(np.nan), np.arange(2)),
        (drawn(2) * np.float32(np.inf), np.arange(2)),
    ],
    ids=["dimensions", "type", "row", "lengths", "type of ids", "nan", "infinite"],
)
def test_other_arrays_are_refused(vectors: Any, ids: Any) -> None:
    with pytest.raises(ValueError, match=r"embedding|ids"):
        EmbeddingIndex(MODEL, 16).add(vectors, ids)


def test_other_questions_are_refused() -> None:
    with pytest.raises(ValueError, match="dimensions"):
        EmbeddingIndex(MODEL, 0)
    with pytest.raises(ValueError, match="at least one neighbour"):
        EmbeddingIndex(MODEL, 16).search(drawn(1), 0)
    with pytest.raises(ValueError, match="float32"):
        EmbeddingIndex(MODEL, 16).search(drawn(1, 8), 1)


def test_a_rate_lies_on_a_line_of_its_logarithm_and_never_below_the_last() -> None:
    calibration = Calibration((0.0, 0.5, 0.9), (1.0, 1e-4, 1e-8))
    assert calibration.rate(-1) == 1
    assert calibration.rate(0.25) == pytest.approx(1e-2)
    assert calibration.rate(0.7) == pytest.approx(1e-6)
    assert calibration.rate(1.0) == pytest.approx(1e-8)
    similarity = calibration.similarity_at(1e-6)
    assert similarity == pytest.approx(0.7)
    assert calibration.similarity_at(1e-9) is None
    assert calibration.similarity_at(1.0) == 0


@pytest.mark.parametrize(
    ("similarities", "rates"),
    [
        ((0.1,), (0.1,)),
        ((0.1, 0.2), (0.1,)),
        ((0.2, 0.1), (0.1, 0.01)),
        ((0.1, 0.2), (0.01, 0.1)),
        ((0.1, 1.2), (0.1, 0.01)),
        ((0.1, 0.2), (0.1, 0.0)),
        ((0.1, float("nan")), (0.1, 0.01)),
    ],
)
def test_other_calibrations_are_refused(similarities: tuple[float, ...], rates: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match=r"calibration|zip"):
        Calibration(similarities, rates)

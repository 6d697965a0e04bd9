from __future__ import annotations

import itertools
from collections.abc import Callable
from math import comb
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipwatch.matching.images.hamming import HammingIndex, Hits, brute_force, index, plan, segment, vectors

Engine = index.Engine
ENGINES: list[Engine] = ["numpy", "numba"]
RADII = [0, 1, 7, 10, 11, 21, 22, 31, 32, 43, 54, 55, 70, 128, 255, 256]


def rows(hits: Hits) -> list[tuple[int, int, int]]:
    return list(zip(hits.query.tolist(), hits.id.tolist(), hits.distance.tolist(), strict=True))


def drawn(count: int, seed: int = 1) -> npt.NDArray[np.uint64]:
    return np.random.default_rng(seed).integers(0, 1 << 64, (count, 4), dtype=np.uint64)


def flipped(hashes: npt.NDArray[np.uint64], flips: Any, seed: int = 2) -> npt.NDArray[np.uint64]:
    """Return the hashes with so many bits flipped in each."""
    rng = np.random.default_rng(seed)
    bits = np.unpackbits(hashes.view(np.uint8), axis=1)
    for row, count in zip(bits, np.broadcast_to(flips, len(hashes)), strict=True):
        row[rng.choice(256, int(count), replace=False)] ^= 1
    return np.packbits(bits, axis=1).view(np.uint64)


def family(size: int, members: int, max_flips: int, seed: int = 3) -> npt.NDArray[np.uint64]:
    """Return hashes in families, each around one hash, with up to so many bits flipped."""
    hashes = np.repeat(drawn(size // members + 1, seed), members, axis=0)[:size]
    return flipped(hashes, np.random.default_rng(seed).integers(0, max_flips + 1, size), seed)


@pytest.fixture(autouse=True)
def small_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let segments begin at a size that tests reach, and let every radius probe that can."""
    monkeypatch.setattr(index, "_TAIL_ROWS", 64)
    monkeypatch.setattr(index, "probing_pays", lambda *_: True)


def filled(hashes: npt.NDArray[np.uint64], ids: npt.NDArray[np.int64], engine: Engine, steps: int = 1) -> HammingIndex:
    made = HammingIndex(engine=engine)
    for part, named in zip(np.array_split(hashes, steps), np.array_split(ids, steps), strict=True):
        made.add(part, named)
    return made


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("radius", RADII)
@pytest.mark.parametrize("steps", [1, 7])
def test_every_radius_finds_what_brute_force_finds(engine: Engine, radius: int, steps: int) -> None:
    hashes = np.concatenate([family(300, 30, 40), drawn(200), family(100, 50, 0)])
    ids = np.arange(600, dtype=np.int64)[::-1] * 3
    queries = np.concatenate([flipped(hashes[::40], radius), drawn(5, 9), hashes[-2:]])
    made = filled(hashes, ids, engine, steps)
    assert len(made) == 600
    assert rows(made.search(queries, radius)) == rows(brute_force(hashes, ids, queries, radius))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("radius", [3, 10, 21, 31, 43])
def test_flips_that_spare_no_slot_are_found_at_the_radius_and_not_beyond(engine: Engine, radius: int) -> None:
    flips = plan.flips_by_slot(radius, 1.0)
    assert flips is not None
    hashes = drawn(100)
    ids = np.arange(100, dtype=np.int64)
    made = filled(hashes, ids, engine)
    for spared in (slot for slot, searched in enumerate(flips) if searched != plan.NOT_PROBED):
        bits = [searched + (slot != spared) for slot, searched in enumerate(flips)]
        query = hashes[7:8].copy()
        for slot, count in enumerate(bits):
            for number in range(count):
                bit = plan.OFFSETS[slot] + (5 * number) % plan.WIDTHS[slot]
                query[0, bit // 64] ^= np.uint64(1) << np.uint64(bit % 64)
        assert rows(made.search(query, radius)) == rows(brute_force(hashes, ids, query, radius))
        assert sum(bits) == radius
        assert rows(made.search(query, radius)) == [(0, 7, radius)]


STEP = st.one_of(
    st.tuples(st.just("add"), st.integers(0, 120), st.integers(0, 50)),
    st.tuples(st.just("disable"), st.integers(0, 30), st.integers(0, 12)),
    st.tuples(st.just("compact"), st.just(0), st.just(0)),
)


@pytest.mark.parametrize("engine", ENGINES)
@settings(max_examples=60, deadline=None)
@given(steps=st.lists(STEP, max_size=12), radius=st.integers(0, 256), seed=st.integers(0, 1 << 20))
def test_any_order_of_adding_and_disabling_finds_what_brute_force_finds(
    engine: Engine, steps: list[tuple[str, int, int]], radius: int, seed: int
) -> None:
    made = HammingIndex(engine=engine)
    hashes, ids = np.empty((0, 4), np.uint64), np.empty(0, np.int64)
    rng = np.random.default_rng(seed)
    for number, (step, first, second) in enumerate(steps):
        if step == "add":
            new = family(first, 10, second, seed % 4 + number % 2)
            named = rng.integers(0, 30, first)
            made.add(new, named)
            hashes, ids = np.concatenate([hashes, new]), np.concatenate([ids, named])
        elif step == "disable":
            gone = np.isin(ids, range(first, first + second))
            assert made.disable(np.arange(first, first + second)) == gone.sum()
            hashes, ids = hashes[~gone], ids[~gone]
        else:
            made.compact()
        assert len(made) == len(ids)
    queries = np.concatenate([flipped(hashes[::25], min(radius, 60)), drawn(3, seed)])
    assert rows(made.search(queries, radius)) == rows(brute_force(hashes, ids, queries, radius))


@pytest.mark.parametrize("recall", [0.5, 0.9, 0.99])
@pytest.mark.parametrize("radius", [16, 31, 40])
def test_the_approximate_mode_finds_the_announced_share_the_same_in_both_engines(recall: float, radius: int) -> None:
    hashes = drawn(1500)
    ids = np.arange(1500, dtype=np.int64)
    queries = flipped(hashes, radius)
    hits = filled(hashes, ids, "numpy").search(queries, radius, recall=recall)
    assert rows(hits) == rows(filled(hashes, ids, "numba").search(queries, radius, recall=recall))
    right = set(rows(brute_force(hashes, ids, queries, radius)))
    assert set(rows(hits)) <= right
    assert len(hits) >= (recall - 3 * (recall * (1 - recall) / 1500) ** 0.5) * len(right)


def test_the_expected_recall_is_that_of_counting_every_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "WIDTHS", (3, 3, 2))
    monkeypatch.setattr(plan, "HASH_BITS", 8)
    for flips in ((1, 0, -1), (0, 0, 0), (-1, 2, 0)):
        for distance in range(9):
            words = [word for word in range(256) if word.bit_count() == distance]
            hits = sum(
                (word & 7).bit_count() <= flips[0]
                or (word >> 3 & 7).bit_count() <= flips[1]
                or (word >> 6).bit_count() <= flips[2]
                for word in words
            )
            assert plan.expected_recall(flips, distance) == pytest.approx(hits / comb(8, distance))


def test_a_plan_is_exact_by_the_pigeonhole_and_no_dearer() -> None:
    assert plan.flips_by_slot(31, 1.0) == (2, 2, 1, 2, 2, 2, 2, 2, 2, 2, 2)
    assert plan.flips_by_slot(10, 1.0) == (0,) * 11
    for radius in range(55):
        flips = plan.flips_by_slot(radius, 1.0)
        assert flips is not None
        assert sum(flips) + len(flips) == radius + 1
    assert plan.flips_by_slot(55, 1.0) is None
    fewer = plan.flips_by_slot(31, 0.99)
    assert fewer is not None
    assert 0.99 <= plan.expected_recall(fewer, 31) < 1


@pytest.mark.parametrize("engine", ENGINES)
def test_hashes_that_crowd_in_one_bucket_are_scanned_for(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    crowd = drawn(900)
    crowd[:, 0] = drawn(1)[0, 0]
    hashes, ids = np.concatenate([crowd, drawn(100, 4)]), np.arange(1000, dtype=np.int64)
    monkeypatch.setattr(index, "max_entries", lambda *_: 1200)
    queries = np.concatenate([flipped(crowd[:3], 20), flipped(hashes[-3:], 31), crowd[5:6]])
    made = filled(hashes, ids, engine)
    kept = made._segments[0].segment
    _, given_up = made._searches(1).probe(kept, queries, (1,) * 11, 31, 1200)
    assert given_up.tolist() == [True, True, True, False, False, False, True]
    assert rows(made.search(queries, 31)) == rows(brute_force(hashes, ids, queries, 31))


@pytest.mark.parametrize("engine", ENGINES)
def test_a_hash_that_occurs_often_has_one_posting_and_all_its_hits(engine: Engine) -> None:
    hashes = np.concatenate([np.repeat(drawn(2), 500, axis=0), drawn(50, 5)])
    ids = np.arange(1050, dtype=np.int64)
    made = filled(hashes, ids, engine)
    assert made._segments[0].segment.postings.shape[1] == 52
    made.disable(np.array([0, 3]))
    left = np.delete(ids, [0, 3])
    queries = flipped(hashes[[0, 600, 1020]], 12)
    assert rows(made.search(queries, 31)) == rows(brute_force(hashes[left], left, queries, 31))


def test_other_hashes_with_an_equal_checksum_are_no_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segment, "_LEFT", np.uint64(0))
    hashes = np.concatenate([drawn(5), drawn(5)[:2]])
    hashes[:, 3] = 0
    assert len(segment.equal_rows(hashes)) <= 2
    made = filled(np.tile(hashes, (20, 1)), np.arange(140, dtype=np.int64), "numpy")
    assert len(made.search(hashes[:1], 0)) == 40


def test_an_empty_index_and_no_queries_have_no_hits() -> None:
    for engine in ENGINES:
        made = HammingIndex(engine=engine)
        assert len(made.search(drawn(3), 256)) == 0
        made.compact()
        assert len(made) == 0
        made.add(drawn(100), np.arange(100, dtype=np.int64))
        assert len(made.search(drawn(0), 31)) == 0
        assert made.disable(np.arange(200)) == 100
        assert len(made.search(drawn(3), 256)) == 0
        made.compact()
        assert len(made._segments) == 0


def test_adding_copies_and_seldom_indexes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    indexed: list[int] = []
    of: Callable[..., segment.Segment] = segment.Segment.of

    def counted(*arrays: Any) -> segment.Segment:
        indexed.append(len(arrays[0]))
        return of(*arrays)

    monkeypatch.setattr(segment.Segment, "of", counted)
    made = HammingIndex(engine="numpy")
    hashes = drawn(6400)
    for begin in range(0, 6400, 32):
        part = hashes[begin : begin + 32].copy()
        made.add(part, np.arange(begin, begin + 32))
        part[:] = 0
    sizes = [len(kept.disabled) for kept in made._segments]
    assert all(large >= 4 * small for large, small in itertools.pairwise(sizes))
    assert sum(indexed) < 6400 * 8
    assert rows(made.search(hashes[::100], 0)) == [(number, number * 100, 0) for number in range(64)]


@pytest.mark.parametrize(
    ("hashes", "ids"),
    [
        (np.zeros((2, 3), np.uint64), np.zeros(2, np.int64)),
        (np.zeros((2, 4), np.int64), np.zeros(2, np.int64)),
        (np.zeros(4, np.uint64), np.zeros(1, np.int64)),
        (np.zeros((2, 4), np.uint64), np.zeros(3, np.int64)),
        (np.zeros((2, 4), np.uint64), np.zeros(2, np.int32)),
    ],
)
def test_other_arrays_are_refused(hashes: Any, ids: Any) -> None:
    with pytest.raises(ValueError, match="hashes"):
        HammingIndex().add(hashes, ids)


def test_other_questions_are_refused() -> None:
    made = HammingIndex()
    for radius in (-1, 257):
        with pytest.raises(ValueError, match="radius"):
            made.search(drawn(1), radius)
    for recall in (0.0, 1.1, float("nan")):
        with pytest.raises(ValueError, match="recall"):
            made.search(drawn(1), 31, recall=recall)
    with pytest.raises(ValueError, match="uint64"):
        made.search(np.zeros((1, 32), np.uint8), 31)
    with pytest.raises(ValueError, match="engine"):
        HammingIndex(engine="gpu")  # type: ignore[arg-type]  # what is refused


def test_numba_is_taken_for_many_pairs_and_only_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "COMPILED_FROM", 100)
    made = HammingIndex()
    made.add(drawn(10), np.arange(10, dtype=np.int64))
    assert made._searches(9) is vectors
    assert made._searches(1) is not vectors
    monkeypatch.setattr(index, "_has_numba", lambda: False)
    assert made._searches(1) is vectors

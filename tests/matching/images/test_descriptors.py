from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipwatch.matching.images.descriptors import (
    ENTRIES,
    INVERTED,
    MIRRORED,
    DescriptorIndex,
    pack_descriptors,
    transformed,
    unpack_descriptors,
)
from ipwatch.matching.images.features import Keypoints


def histograms(seed: int, count: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (rng.gamma(0.6, 30, (count, ENTRIES))).clip(0, 200).astype(np.float32)


def keypoints(descriptors: np.ndarray) -> Keypoints:
    count = len(descriptors)
    return Keypoints(
        points=np.arange(2 * count, dtype=np.float32).reshape(count, 2),
        sizes=np.full(count, 4, np.float32),
        angles=np.linspace(0, 350, count, dtype=np.float32),
        descriptors=pack_descriptors(descriptors),
    )


def jittered(descriptors: np.ndarray, seed: int, amount: float = 0.15) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (descriptors * rng.uniform(1 - amount, 1 + amount, descriptors.shape)).astype(np.float32)


def test_four_bits_keep_what_a_descriptor_says() -> None:
    descriptors = histograms(1, 200)
    exact = np.sqrt(descriptors / descriptors.sum(axis=1, keepdims=True))
    assert ((exact * unpack_descriptors(pack_descriptors(descriptors))).sum(axis=1) > 0.99).all()


def test_a_packed_descriptor_takes_half_a_byte_an_entry() -> None:
    assert pack_descriptors(histograms(2, 3)).shape == (3, 64)


def test_an_empty_descriptor_is_packed_and_unpacked_without_a_warning() -> None:
    assert not unpack_descriptors(pack_descriptors(np.zeros((1, ENTRIES), np.float32))).any()


def test_descriptors_of_another_kind_are_refused() -> None:
    with pytest.raises(ValueError, match=r"uint8\[m, 64\], not \[2, 32\]"):
        unpack_descriptors(np.zeros((2, 32), np.uint8))


@pytest.mark.parametrize("order", [MIRRORED, INVERTED])
def test_mirroring_and_inverting_twice_is_nothing(order: np.ndarray) -> None:
    assert (order[order] == np.arange(ENTRIES)).all()
    assert (order != np.arange(ENTRIES)).any()


@given(st.booleans(), st.booleans())
def test_looking_twice_the_same_way_gives_the_picture_back(mirrored: bool, inverted: bool) -> None:
    own = keypoints(histograms(3, 20))
    rows, descriptors = transformed(own, 100, mirrored=mirrored, inverted=inverted)
    again = Keypoints(
        points=rows[:, :2], sizes=rows[:, 2], angles=rows[:, 3], descriptors=pack_descriptors(descriptors**2)
    )
    back, entries = transformed(again, 100, mirrored=mirrored, inverted=inverted)
    straight, expected = transformed(own, 100, mirrored=False, inverted=False)
    assert np.allclose(back[:, :3], straight[:, :3], atol=1e-3)
    assert np.allclose(np.cos(np.radians(back[:, 3] - straight[:, 3])), 1)
    assert ((entries * expected).sum(axis=1) > 0.98).all()


def test_a_descriptor_is_found_again_among_those_of_many_references() -> None:
    stored = [histograms(seed, 40) for seed in range(50)]
    index = DescriptorIndex([keypoints(each) for each in stored])
    asked = unpack_descriptors(pack_descriptors(jittered(stored[17], 1)))
    near = index.neighbours(asked, 0.8, 1)
    right = index.owners[near.stored] == 17
    assert right.mean() > 0.9
    assert len(np.unique(near.query[right])) > 35
    assert (near.stored[right] - 17 * 40 == near.query[right]).all()


def test_neighbours_come_best_first_and_no_more_than_asked_for() -> None:
    query = histograms(1, 1)
    index = DescriptorIndex([keypoints(jittered(query, seed, 0.1 * (seed + 1))) for seed in range(6)])
    near = index.neighbours(unpack_descriptors(pack_descriptors(query)), 0.5, 4)
    assert len(near.query) == 4
    assert (np.diff(near.cosines) <= 0).all()
    assert (near.cosines >= 0.5).all()
    assert 0 in near.stored


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 30))
def test_the_index_gives_no_pair_that_is_not_so_near(seed: int, count: int) -> None:
    stored, asked = histograms(seed, count), histograms(seed + 1, 9)
    index = DescriptorIndex([keypoints(stored)])
    vectors = unpack_descriptors(pack_descriptors(asked))
    near = index.neighbours(vectors, 0.7, 5)
    exact = vectors @ unpack_descriptors(pack_descriptors(stored)).T
    assert (exact[near.query, near.stored] > 0.7 - 0.05 - 0.1).all()
    assert (np.bincount(near.query, minlength=9) <= 5).all()


def test_the_same_references_give_the_same_index() -> None:
    references = [keypoints(histograms(seed, 30)) for seed in range(10)]
    asked = unpack_descriptors(pack_descriptors(histograms(99, 30)))
    first, second = (DescriptorIndex(references).neighbours(asked, 0.6, 3) for _ in range(2))
    assert np.array_equal(first.stored, second.stored)
    assert np.array_equal(first.cosines, second.cosines)


def test_an_index_of_nothing_finds_nothing() -> None:
    for index in (DescriptorIndex([]), DescriptorIndex([keypoints(histograms(1, 0))])):
        assert not len(index.neighbours(unpack_descriptors(pack_descriptors(histograms(2, 3))), 0.5, 2).query)
    empty = np.zeros((0, ENTRIES), np.float32)
    assert not len(DescriptorIndex([keypoints(histograms(1, 4))]).neighbours(empty, 0.5, 2).query)

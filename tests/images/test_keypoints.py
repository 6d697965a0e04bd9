from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pictures_drawn import drawing, scene

from ipwatch.images.keypoints import (
    OBSERVED_EDGE,
    OBSERVED_KEYPOINTS,
    REFERENCE_KEYPOINTS,
    observed_keypoints,
    reference_keypoints,
)
from ipwatch.matching.images.descriptors import transformed
from ipwatch.matching.images.features import Keypoints


def turned_apart(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return np.abs((first - second + 180) % 360 - 180)


def found_again(keypoints: Keypoints, width: int, again: Keypoints, **variant: bool) -> tuple[float, float]:
    """The share of keypoints found again in the changed picture, and the median cosine of their descriptors."""
    rows, descriptors = transformed(keypoints, width, **variant)
    others, known = transformed(again, width, mirrored=False, inverted=False)
    apart = np.hypot(rows[:, None, 0] - others[None, :, 0], rows[:, None, 1] - others[None, :, 1])
    apart += 0.1 * turned_apart(rows[:, None, 3], others[None, :, 3])
    nearest = apart.argmin(axis=1)
    close = apart.min(axis=1) < 2
    return float(close.mean()), float(np.median((descriptors[close] * known[nearest[close]]).sum(axis=1)))


def test_a_picture_full_of_things_has_many_keypoints_and_no_more_than_are_kept() -> None:
    keypoints = observed_keypoints(scene(1, 400, 400), 1.0)
    assert 100 < len(keypoints.points) <= OBSERVED_KEYPOINTS
    assert keypoints.points.shape == (len(keypoints.sizes), 2)
    assert keypoints.descriptors.shape == (len(keypoints.angles), 64)
    assert {a.dtype.name for a in (keypoints.points, keypoints.sizes, keypoints.angles)} == {"float32"}
    assert keypoints.descriptors.dtype == np.uint8
    assert len(reference_keypoints(scene(1, 400, 400), 1.0).points) <= REFERENCE_KEYPOINTS


def test_a_flat_picture_has_none() -> None:
    keypoints = observed_keypoints(np.full((200, 300), 128, np.uint8), 1.0)
    assert keypoints.points.shape == (0, 2)
    assert keypoints.descriptors.shape == (0, 64)


@pytest.mark.parametrize("shape", [(1, 1), (1, 1024), (1024, 1), (3, 2), (2, 1024)])
def test_very_small_and_narrow_pictures_are_described(shape: tuple[int, int]) -> None:
    grey = np.arange(shape[0] * shape[1], dtype=np.uint32).reshape(shape).astype(np.uint8)
    for keypoints in (observed_keypoints(grey, 1.0), reference_keypoints(grey, 1.0)):
        assert len(keypoints.points) == len(keypoints.descriptors)


@pytest.mark.parametrize(
    "grey",
    [np.zeros((0, 4), np.uint8), np.zeros((4, 4), np.float32), np.zeros((4, 4, 3), np.uint8)],
)
def test_another_array_is_refused(grey: np.ndarray) -> None:
    with pytest.raises(ValueError, match="a grey picture is"):
        observed_keypoints(grey, 1.0)


def test_the_negative_has_the_same_keypoints_turned_about() -> None:
    grey = scene(2, 380, 300)
    share, cosine = found_again(
        observed_keypoints(grey, 1.0), 380, observed_keypoints(255 - grey, 1.0), mirrored=False, inverted=True
    )
    assert share > 0.99
    assert cosine > 0.9999


@pytest.mark.parametrize("inverted", [False, True])
def test_the_mirrored_picture_has_the_same_keypoints_mirrored(*, inverted: bool) -> None:
    grey = scene(3, 380, 300)
    changed = np.ascontiguousarray(grey[:, ::-1])
    share, cosine = found_again(
        observed_keypoints(grey, 1.0),
        380,
        observed_keypoints(255 - changed if inverted else changed, 1.0),
        mirrored=True,
        inverted=inverted,
    )
    assert share > 0.8
    assert cosine > 0.99


def test_points_lie_at_full_size_whatever_size_was_analysed() -> None:
    large = scene(4, 1000, 800)
    small = cv2.resize(large, (500, 400), interpolation=cv2.INTER_AREA)
    from_large, from_small = observed_keypoints(large, 2.0), observed_keypoints(small, 4.0)
    apart = np.hypot(*(from_large.points[:, None] - from_small.points[None]).transpose(2, 0, 1)).min(axis=1)
    assert np.median(apart) < 2000 / OBSERVED_EDGE
    assert from_large.points.max() < 2000


def test_a_small_mark_is_enlarged_and_has_keypoints() -> None:
    small = cv2.resize(drawing(5, 400), (64, 64), interpolation=cv2.INTER_AREA)
    assert len(observed_keypoints(small, 1.0).points) >= 5


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000))
def test_the_same_picture_gives_the_same_keypoints(seed: int) -> None:
    grey = scene(seed, 120, 90)
    first, second = observed_keypoints(grey, 1.0), observed_keypoints(grey.copy(), 1.0)
    assert np.array_equal(first.points, second.points)
    assert np.array_equal(first.descriptors, second.descriptors)

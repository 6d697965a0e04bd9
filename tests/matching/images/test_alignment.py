from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pictures_drawn import drawing, scene

from ipwatch.matching.images.alignment import NOTHING, Agreement, Canvas, agreement, shifted

SIZE = (480, 360)


def canvas(grey: np.ndarray) -> Canvas:
    return Canvas.of(grey, (grey.shape[1], grey.shape[0]))


def agreed(reference: np.ndarray, observed: np.ndarray, matrix: np.ndarray | None = None) -> Agreement:
    return agreement(canvas(reference), canvas(observed), np.eye(3) if matrix is None else matrix)


def warped(grey: np.ndarray, matrix: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    return cv2.warpPerspective(grey, matrix, size, flags=cv2.INTER_AREA, borderValue=200)


def test_a_picture_agrees_with_itself_entirely() -> None:
    measured = agreed(scene(1, *SIZE), scene(1, *SIZE))
    assert measured.correlation > 0.97
    assert measured.same > 0.97
    assert measured.visible == pytest.approx(1)
    assert measured.blocks > 50


@pytest.mark.parametrize(
    "draw", [lambda seed: scene(seed, 300, 300), lambda seed: drawing(seed, 300)], ids=["scenes", "drawings"]
)
def test_other_pictures_do_not_agree(draw: object) -> None:
    assert callable(draw)
    correlations = [agreed(draw(seed), draw(seed + 100)).correlation for seed in range(12)]
    assert max(correlations) < 0.6


@pytest.mark.parametrize(
    "change",
    [lambda g: 255 - g, lambda g: (g * 0.5 + 90).astype(np.uint8), lambda g: cv2.GaussianBlur(g, (0, 0), 2)],
    ids=["negative", "faint", "blurred"],
)
def test_recoloured_blurred_and_inverted_pictures_agree(change: object) -> None:
    assert callable(change)
    grey = scene(3, *SIZE)
    assert agreed(grey, np.ascontiguousarray(change(grey))).correlation > 0.85


def test_a_covered_third_leaves_the_other_blocks_similar() -> None:
    grey = scene(4, *SIZE)
    covered = grey.copy()
    covered[:, :160] = scene(99, 160, SIZE[1])
    measured = agreed(grey, covered)
    assert 0.55 < measured.same < 0.8
    assert 0.5 < measured.correlation < 0.85


def test_a_part_is_compared_where_it_is_visible() -> None:
    grey = scene(5, *SIZE)
    part = np.ascontiguousarray(grey[90:270, 120:360])
    measured = agreed(grey, part, np.array([[1.0, 0, -120], [0, 1, -90], [0, 0, 1]]))
    assert measured.correlation > 0.95
    assert 0.1 < measured.visible < 0.5


@settings(max_examples=12, deadline=None)
@given(st.floats(0.3, 1.6), st.floats(-180, 180), st.integers(0, 50))
def test_a_turned_and_scaled_copy_agrees_where_it_lies(scale: float, degrees: float, seed: int) -> None:
    grey = scene(seed, 300, 300)
    matrix = np.vstack([cv2.getRotationMatrix2D((150, 150), degrees, scale), [0, 0, 1]])
    matrix[:2, 2] += 150
    assert agreed(grey, warped(grey, matrix, (600, 600)), matrix).correlation > 0.8


@pytest.mark.parametrize("offset", [(6.0, 0.0), (0.0, -7.0), (5.0, 5.0)])
def test_a_placing_slightly_off_is_shifted_to_where_it_belongs(offset: tuple[float, float]) -> None:
    grey = scene(7, 400, 400)
    wrong = np.array([[1.01, 0, offset[0]], [0, 0.99, offset[1]], [0, 0, 1]])
    better = shifted(canvas(grey), canvas(grey), wrong)
    assert agreed(grey, grey, better).correlation > max(0.97, agreed(grey, grey, wrong).correlation)
    corner = better @ [400, 400, 1]
    assert np.hypot(*(corner[:2] / corner[2] - 400)) < 3


def test_shifting_makes_no_match_of_other_pictures() -> None:
    correlations = []
    for seed in range(8):
        own, other = scene(seed, 300, 300), scene(seed + 50, 300, 300)
        correlations.append(agreed(own, other, shifted(canvas(own), canvas(other), np.eye(3))).correlation)
    assert max(correlations) < 0.5


def test_nothing_drawn_and_nothing_visible_is_no_agreement() -> None:
    flat = np.full((100, 100), 200, np.uint8)
    assert agreed(flat, scene(1, 100, 100)) == NOTHING
    away = np.array([[1.0, 0, 5000], [0, 1, 0], [0, 0, 1]])
    assert agreed(scene(1, 100, 100), scene(1, 100, 100), away) == NOTHING


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 40), st.integers(1, 700), st.integers(0, 99))
def test_pictures_of_any_shape_are_compared(height: int, width: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    first = rng.integers(0, 256, (height, width), dtype=np.uint8)
    second = rng.integers(0, 256, (width, height), dtype=np.uint8)
    matrix = np.eye(3) + rng.normal(0, 0.2, (3, 3)) * [[1, 1, 50], [1, 1, 50], [1e-3, 1e-3, 0]]
    measured = agreed(first, second, shifted(canvas(first), canvas(second), matrix))
    assert 0 <= measured.correlation <= 1
    assert 0 <= measured.same <= measured.similar <= 1


def test_a_large_sketch_is_made_smaller_and_keeps_its_place() -> None:
    grey = scene(9, 475, 333)
    small = Canvas.of(grey, (1900, 1332))
    assert max(small.levels.shape) <= 160
    assert small.levels.shape[1] / small.points[0] == pytest.approx(1900, abs=13)
    assert small.levels[10, 20] == pytest.approx(grey[30:33, 60:63].mean(), abs=1e-3)

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipwatch.matching.images.geometry import Matches, corners, mapped, placings

EXTENT = (800.0, 600.0)


def at_random(rng: np.random.Generator, count: int) -> np.ndarray:
    return np.column_stack(
        [
            rng.uniform(0, EXTENT[0], count),
            rng.uniform(0, EXTENT[1], count),
            2 ** rng.uniform(1, 5, count),
            rng.uniform(0, 360, count),
        ]
    )


def similarity(scale: float, degrees: float, x: float, y: float) -> np.ndarray:
    cos, sin = scale * np.cos(np.radians(degrees)), scale * np.sin(np.radians(degrees))
    return np.array([[cos, -sin, x], [sin, cos, y], [0, 0, 1.0]])


def moved(rows: np.ndarray, matrix: np.ndarray, rng: np.random.Generator, jitter: float = 0.5) -> np.ndarray:
    """The rows where the matrix puts them, as a detector would find them again."""
    linear = matrix[:2, :2]
    scale, turn = np.sqrt(np.linalg.det(linear)), np.degrees(np.arctan2(linear[1, 0], linear[0, 0]))
    points = mapped(matrix, rows[:, :2]) + rng.normal(0, jitter, (len(rows), 2))
    sizes = rows[:, 2] * scale * 2 ** rng.normal(0, 0.1, len(rows))
    return np.column_stack([points, sizes, rows[:, 3] + turn + rng.normal(0, 3, len(rows))])


def matches(reference: np.ndarray, observed: np.ndarray) -> Matches:
    return Matches(reference=reference, observed=observed, quality=np.full(len(observed), 0.1))


def mixed(seed: int, matrix: np.ndarray, true: int, false: int) -> Matches:
    rng = np.random.default_rng(seed)
    own, others = at_random(rng, true), at_random(rng, false)
    order = rng.permutation(true + false)
    observed = np.concatenate([moved(own, matrix, rng), at_random(rng, false)])
    return matches(np.concatenate([own, others])[order], observed[order])


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1000), st.floats(0.25, 2.0), st.floats(-180, 180), st.floats(-100, 300), st.floats(-100, 300))
def test_a_placing_is_found_among_four_times_as_many_wrong_matches(
    seed: int, scale: float, degrees: float, x: float, y: float
) -> None:
    matrix = similarity(scale, degrees, x, y)
    best = placings(mixed(seed, matrix, 15, 60), EXTENT)[0]
    assert best.log_alarms < -10
    assert len(best.inliers) >= 12
    apart = np.hypot(*(mapped(best.matrix, corners(400, 300)) - mapped(matrix, corners(400, 300))).T)
    assert apart.max() < 0.03 * EXTENT[0]


def test_matches_at_random_surprise_no_one() -> None:
    alarms = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        placed = placings(matches(at_random(rng, 100), at_random(rng, 100)), EXTENT)
        alarms += [placed[0].log_alarms if placed else 0.0]
    assert min(alarms) > -3
    assert np.median(alarms) > -0.5


def test_the_more_agree_the_less_chance_explains_it() -> None:
    placed = [placings(mixed(1, similarity(0.8, 20, 50, 40), true, 60), EXTENT)[0] for true in (5, 10, 20, 40)]
    assert [p.log_alarms for p in placed] == sorted((p.log_alarms for p in placed), reverse=True)
    assert placed[0].log_alarms < -5


def test_a_picture_in_perspective_is_placed_to_the_corners() -> None:
    matrix = np.array([[0.9, 0.05, 40], [-0.04, 0.8, 60], [4e-4, 1e-4, 1.0]])
    best = placings(mixed(5, matrix, 60, 60), EXTENT)[0]
    apart = np.hypot(*(mapped(best.matrix, corners(800, 600)) - mapped(matrix, corners(800, 600))).T)
    assert apart.max() < 12
    assert len(best.inliers) > 50


@pytest.mark.parametrize(
    "matrix",
    [np.array([[-1.0, 0, 700], [0, 1, 0], [0, 0, 1]]), np.array([[0.005, 0, 300], [0, 0.005, 300], [0, 0, 1]])],
    ids=["mirrored", "shrunk to a point"],
)
def test_no_copy_is_placed_like_that(matrix: np.ndarray) -> None:
    rng = np.random.default_rng(2)
    own = at_random(rng, 40)
    observed = np.column_stack([mapped(matrix, own[:, :2]), own[:, 2], own[:, 3]])
    assert all(placing.log_alarms > -8 for placing in placings(matches(own, observed), EXTENT))


def test_a_squeezed_picture_is_placed_in_a_band_at_most() -> None:
    rng = np.random.default_rng(2)
    own = at_random(rng, 40)
    observed = np.column_stack([mapped(np.array([[1.0, 0, 0], [0, 0.15, 200], [0, 0, 1]]), own[:, :2]), own[:, 2:]])
    for placing in placings(matches(own, observed), EXTENT):
        values = np.linalg.svd(placing.matrix[:2, :2], compute_uv=False)
        assert values[0] < 3 * values[1]
        assert len(placing.inliers) < 20


def test_one_point_matched_many_times_counts_once() -> None:
    rng = np.random.default_rng(3)
    own = np.repeat(at_random(rng, 2), 20, axis=0)
    observed = moved(own, similarity(1, 0, 10, 10), rng, jitter=0.1)
    assert all(len(placing.inliers) <= 4 for placing in placings(matches(own, observed), EXTENT))
    assert all(placing.log_alarms > -5 for placing in placings(matches(own, observed), EXTENT))


def test_every_inlier_is_another_point_of_either_side() -> None:
    for placing in placings(mixed(4, similarity(0.5, 90, 300, 0), 40, 80), EXTENT):
        assert len(np.unique(placing.inliers)) == len(placing.inliers)


def test_points_on_a_line_are_placed_without_shear() -> None:
    rng = np.random.default_rng(6)
    own = at_random(rng, 12)
    own[:, 1] = 300
    best = placings(matches(own, moved(own, similarity(0.7, 10, 100, 100), rng)), EXTENT)[0]
    values = np.linalg.svd(best.matrix[:2, :2], compute_uv=False)
    assert values[0] / values[1] < 1.05


@pytest.mark.parametrize("count", [0, 1, 2])
def test_too_few_matches_are_no_placing(count: int) -> None:
    rows = at_random(np.random.default_rng(1), count)
    assert placings(matches(rows, rows), EXTENT) == []


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 100_000), st.integers(3, 60))
def test_whatever_comes_in_what_comes_out_is_finite(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    own, observed = at_random(rng, count), at_random(rng, count)
    own[: count // 2] = own[0]
    observed[: count // 3, 2] = 1e-3
    for placing in placings(matches(own, observed), EXTENT):
        assert np.isfinite(placing.matrix).all()
        assert np.isfinite(placing.log_alarms)


def test_the_same_matches_give_the_same_placing() -> None:
    first, second = (placings(mixed(8, similarity(0.6, 45, 200, 50), 20, 80), EXTENT)[0] for _ in range(2))
    assert np.array_equal(first.matrix, second.matrix)

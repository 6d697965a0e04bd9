from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from ipwatch.matching.images.features import (
    Emblems,
    Ground,
    ImageFeatures,
    Keypoints,
    ReferenceImage,
    Regions,
    View,
)
from ipwatch.matching.images.logos import LogoIndex, LogoTable
from ipwatch.matching.images.outlines import OutlineSet, Scene, agreements, edges, improved, outline
from ipwatch.matching.images.plain import plain_shapes, plainness
from ipwatch.matching.images.polar import ANGLES, RADIUS, RINGS, PolarShapes, similar_shapes
from ipwatch.records import MatchKind

Grey = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]

SIDE = 200


def glyph(x: Floats, y: Floats) -> npt.NDArray[np.bool_]:
    """Return where a made-up sign has ink: a hook, a bar and a dot within the square from -1 to 1."""
    hook = (np.hypot(x + 0.1, y) < 0.9) & (np.hypot(x + 0.1, y) > 0.6) & ~((x > 0.1) & (y < 0.2))
    bar = (np.abs(x + 0.15) < 0.13) & (y > -0.5) & (y < 0.75)
    dot = np.hypot(x - 0.6, y + 0.55) < 0.22
    return np.asarray(hook | bar | dot)


def drawn(size: int, matrix: Floats, *, ink: int = 40, ground: int = 220) -> Grey:
    """Return the sign on a square page; ``matrix`` float64[2, 3] maps the sign's square to pixels."""
    fine = 3
    y, x = (np.mgrid[0 : size * fine, 0 : size * fine] + 0.5) / fine - 0.5
    back = np.linalg.inv(matrix[:, :2])
    u, v = np.tensordot(back, np.stack([x - matrix[0, 2], y - matrix[1, 2]]), axes=1)
    cover = glyph(u, v).reshape(size, fine, size, fine).mean(axis=(1, 3))
    return np.asarray(ground + (ink - ground) * cover, dtype=np.uint8)


def placing(size: float, turn: float, x: float, y: float) -> Floats:
    cos, sin = size * np.cos(turn), size * np.sin(turn)
    return np.array([[cos, -sin, x], [sin, cos, y]])


def polar_shape() -> tuple[npt.NDArray[np.float32], Grey]:
    """Return the sign's frame in its own square, and its packed drawing."""
    y, x = np.mgrid[-1:1:400j, -1:1:400j]
    inside = glyph(x, y)
    points = np.column_stack([x[inside], y[inside]])
    powers, axes = np.linalg.eigh(np.cov(points.T))
    root = (axes * np.sqrt(powers)) @ axes.T * RADIUS
    frame = np.column_stack([root, points.mean(axis=0)])
    radii, angles = (np.arange(RINGS) + 0.5) / RINGS, np.arange(ANGLES) * 2 * np.pi / ANGLES
    disc = np.stack([radii[:, None] * np.cos(angles), radii[:, None] * np.sin(angles)]).reshape(2, -1)
    u, v = root @ disc + frame[:, 2:]
    return frame.astype(np.float32), np.packbits(glyph(u, v))


def picture(sketch: Grey, frames: Floats, shapes: Grey) -> ImageFeatures:
    view = View(
        frame=0,
        ground=Ground.WHITE,
        regions=Regions(
            kinds=np.zeros(0, np.uint8),
            outlines=np.zeros((0, 4, 2), np.float32),
            hashes=np.zeros((0, 1, 4), np.uint64),
            qualities=np.zeros(0, np.uint8),
        ),
        keypoints=Keypoints(
            points=np.zeros((0, 2), np.float32),
            sizes=np.zeros(0, np.float32),
            angles=np.zeros(0, np.float32),
            descriptors=np.zeros((0, 64), np.uint8),
        ),
        emblems=Emblems(frames=frames.astype(np.float32), shapes=shapes),
        sketch=sketch,
    )
    return ImageFeatures(
        sha256="0" * 64, width=sketch.shape[1], height=sketch.shape[0], phash="0" * 16, dhash="0" * 16, views=(view,)
    )


def shown(matrix: Floats, size: int = SIDE, *, ink: int = 40, ground: int = 220) -> ImageFeatures:
    frame, shape = polar_shape()
    squared = np.vstack([frame, [0, 0, 1]])
    return picture(drawn(size, matrix, ink=ink, ground=ground), (matrix @ squared)[None], shape[None])


def photographed(matrix: Floats, size: int, *, ink: int, ground: int) -> ImageFeatures:
    """Return the sign in light from one side, as a camera captures it."""
    flat = shown(matrix, size, ink=ink, ground=ground)
    light = np.linspace(-55, 45, size)[:, None] + np.linspace(0, 20, size)
    view = flat.views[0]
    return replace(flat, views=(replace(view, sketch=np.clip(view.sketch + light, 0, 255).astype(np.uint8)),))


@pytest.fixture(scope="module")
def reference() -> ReferenceImage:
    return ReferenceImage(mark="house/sign", path="sign.png", features=shown(placing(90, 0, 100, 100)))


def test_edges_do_not_know_light_from_dark() -> None:
    sketch = drawn(SIDE, placing(80, 0.3, 100, 100)).astype(np.float32)

    assert np.allclose(edges(sketch), edges(255 - sketch), atol=1e-4)


@pytest.mark.parametrize(("ink", "ground"), [(40, 220), (220, 40), (140, 180)])
def test_a_true_placing_agrees_and_a_false_one_does_not(ink: int, ground: int) -> None:
    known = outline(drawn(SIDE, placing(90, 0, 100, 100)), SIDE, 46)
    assert known is not None
    true = placing(40, 0.4, 90, 120)
    scene = Scene.of(drawn(240, true, ink=ink, ground=ground), 240)
    exact = true @ np.linalg.inv(np.vstack([placing(90, 0, 100, 100), [0, 0, 1]]))
    false = exact + np.array([[0, 0, 30], [0, 0, -35]])

    right, wrong = agreements(scene, OutlineSet.of([known]), np.zeros(2, np.intp), np.stack([exact, false]))

    assert right > 0.8
    assert wrong < 0.35


def test_a_placing_beside_the_picture_agrees_with_nothing() -> None:
    known = outline(drawn(SIDE, placing(90, 0, 100, 100)), SIDE, 46)
    assert known is not None
    scene = Scene.of(drawn(240, placing(110, 0.4, 120, 120)), 240)
    outside = np.array([[[0.5, 0, x], [0, 0.5, y]] for x, y in ((-300, 0), (300, 0), (0, -1e7), (1e7, 1e7))])

    assert np.array_equal(agreements(scene, OutlineSet.of([known]), np.zeros(4, np.intp), outside), np.zeros(4))


def test_a_rough_placing_is_improved() -> None:
    known = outline(drawn(SIDE, placing(90, 0, 100, 100)), SIDE, 22)
    assert known is not None
    true = placing(40, 0.4, 90, 120)
    scene = Scene.of(drawn(240, true), 240)
    exact = true @ np.linalg.inv(np.vstack([placing(90, 0, 100, 100), [0, 0, 1]]))
    rough = exact + np.array([[0.03, 0, 4], [0, -0.02, -4]])

    alone, first = OutlineSet.of([known]), np.zeros(1, np.intp)
    placings, scores = improved(scene, alone, first, rough[None], first_step=0.08, rounds=4)

    corners = np.array([[10.0, 10, 1], [190, 10, 1], [190, 190, 1], [10, 190, 1]])
    assert scores[0] > agreements(scene, alone, first, rough[None])[0]
    assert np.abs(placings[0] @ corners.T - exact @ corners.T).max() < 5


def test_a_plain_picture_has_no_outline() -> None:
    assert outline(np.full((50, 80), 200, np.uint8), 80, 46) is None


def test_a_plain_shape_is_known_as_plain_and_a_sign_is_not() -> None:
    def measured(sketch: Grey) -> float:
        coarse, fine = (outline(sketch, sketch.shape[1], steps) for steps in (22, 46))
        assert coarse is not None
        assert fine is not None
        return plainness(coarse, fine)

    assert measured(plain_shapes()[0]) > 0.9
    assert measured(plain_shapes()[4]) > 0.9
    assert measured(drawn(SIDE, placing(90, 0, 100, 100))) < 0.75


@pytest.mark.parametrize("shift", [0, 7, 30])
def test_a_turned_shape_is_like_itself_and_the_turn_is_returned(shift: int) -> None:
    _, packed = polar_shape()
    turned = np.packbits(np.roll(np.unpackbits(packed).reshape(RINGS, ANGLES), shift, axis=1))
    noise = np.random.default_rng(2).integers(0, 256, (20, packed.size)).astype(np.uint8)

    observed, stored, turn = similar_shapes(
        PolarShapes.of(turned[None]), PolarShapes.of(np.vstack([noise, packed])), 10
    )

    assert (observed[0], stored[0]) == (0, 20)
    assert turn[0] == pytest.approx(2 * np.pi * shift / ANGLES, abs=1e-6)


@pytest.mark.parametrize(("size", "turn"), [(40, 0.0), (24, 0.9), (60, 3.0)])
@pytest.mark.parametrize(("ink", "ground"), [(60, 200), (210, 60)])
def test_a_logo_is_found_small_turned_and_inverted(
    reference: ReferenceImage, size: float, turn: float, ink: int, ground: int
) -> None:
    observed = photographed(placing(size, turn, 150, 130), 300, ink=ink, ground=ground)

    matches = list(LogoIndex([reference]).matches(observed, ()))

    assert [(number, match.kind) for number, match in matches] == [(0, MatchKind.LOGO)]
    assert matches[0][1].outline is not None
    middle = np.array(matches[0][1].outline).mean(axis=0)
    assert np.abs(middle - [150, 130]).max() < 0.2 * size
    assert matches[0][1].rate < 1e-3


def test_a_drawing_is_left_to_the_other_ways_of_finding(reference: ReferenceImage) -> None:
    flat = shown(placing(40, 0.0, 150, 130), 300)
    assert list(LogoIndex([reference]).matches(flat, ())) == []


def test_a_picture_that_the_sign_fills_is_left_to_the_search_for_copies(reference: ReferenceImage) -> None:
    filled = photographed(placing(95, 0.1, 100, 100), SIDE, ink=60, ground=200)

    assert list(LogoIndex([reference]).matches(filled, ())) == []


def test_nothing_is_found_in_a_picture_without_the_logo(reference: ReferenceImage) -> None:
    frame, _ = polar_shape()
    sketch = np.random.default_rng(3).integers(40, 220, (240, 320)).astype(np.uint8)
    disc = np.packbits(np.repeat(np.arange(RINGS) < 9, ANGLES))
    observed = picture(sketch, (placing(60, 0, 150, 120) @ np.vstack([frame, [0, 0, 1]]))[None], disc[None])

    assert list(LogoIndex([reference]).matches(observed, ())) == []
    assert list(LogoIndex([]).matches(observed, ())) == []


def test_the_rate_falls_by_a_tenth_each_decade_and_is_unknown_below_the_knee() -> None:
    table = LogoTable(knee=10.0, rate_at_knee=1e-3, decade=5.0)

    assert table.rate(9.99) == 1.0
    assert table.rate(10.0) == pytest.approx(1e-3)
    assert table.rate(20.0) == pytest.approx(1e-5)

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from ipwatch.images.emblems import MAX_OBSERVED, MAX_PER_REFERENCE, observed_emblems, reference_emblems
from ipwatch.matching.images.polar import ANGLES, RINGS, SHAPE_BYTES

Grey = npt.NDArray[np.uint8]


def arrow(size: int, *, light: bool = False) -> Grey:
    """Return a bold arrow with a notch, alone on its ground."""
    ink, ground = (230, 40) if light else (40, 230)
    canvas = np.full((size, size), ground, np.uint8)
    points = np.array([[0.1, 0.4], [0.55, 0.4], [0.55, 0.15], [0.9, 0.5], [0.55, 0.85], [0.55, 0.6], [0.1, 0.6]])
    cv2.fillPoly(canvas, [(points * size).astype(np.int32)], ink)
    return canvas


def goods_with(drawing: Grey, left: int, top: int) -> Grey:
    page = np.full((480, 640), 150, np.uint8)
    page[top : top + drawing.shape[0], left : left + drawing.shape[1]] = drawing
    return page


def nearest_bits(first: Grey, second: Grey) -> int:
    return int(np.bitwise_count(first[:, None] ^ second[None]).sum(axis=2).min())


@pytest.mark.parametrize("light", [False, True])
@pytest.mark.parametrize("size", [60, 120, 240])
def test_a_shape_on_goods_is_drawn_like_the_reference_whatever_its_size_and_polarity(size: int, light: bool) -> None:
    reference = reference_emblems(arrow(400), 1.0)
    observed = observed_emblems(goods_with(arrow(size, light=light), 100, 80), 1.0)

    assert nearest_bits(reference.shapes, observed.shapes) <= 40


def test_holes_of_a_shape_and_pieces_inside_them_stay_apart() -> None:
    page = np.full((300, 300), 230, np.uint8)
    cv2.circle(page, (150, 150), 40, 40, 14)
    cv2.circle(page, (150, 150), 6, 40, -1)

    emblems = reference_emblems(page, 1.0)

    rings = np.unpackbits(emblems.shapes, axis=1).reshape(-1, RINGS, ANGLES).mean(axis=2)
    assert ((rings[:, :3] == 0).all(axis=1) & (rings.max(axis=1) > 0.9)).any()


def test_the_frame_lies_where_the_shape_is_in_full_size_pixels() -> None:
    page = goods_with(arrow(120), 200, 100)

    emblems = observed_emblems(page, 2.0)

    middles = emblems.frames[:, :, 2] / 2
    reach = np.abs(middles - [200 + 58, 100 + 60]).max(axis=1)
    assert reach.min() < 6


def test_no_more_shapes_are_kept_than_the_bound() -> None:
    noisy = np.random.default_rng(1).integers(0, 256, (90, 90)).astype(np.uint8)
    page = np.kron(noisy, np.ones((10, 10), np.uint8))

    emblems = observed_emblems(page, 1.0)

    assert 0 < len(emblems.shapes) <= MAX_OBSERVED
    assert emblems.shapes.shape[1] == SHAPE_BYTES
    assert len(reference_emblems(page, 1.0).shapes) <= MAX_PER_REFERENCE


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (900, 1), (40, 40)])
def test_a_plain_picture_of_any_size_has_no_shapes(shape: tuple[int, int]) -> None:
    plain = np.full(shape, 128, np.uint8)

    for emblems in (observed_emblems(plain, 1.0), reference_emblems(plain, 1.0)):
        assert emblems.frames.shape == (0, 2, 3)
        assert emblems.shapes.shape == (0, SHAPE_BYTES)


@pytest.mark.parametrize(
    "wrong", [np.zeros((4, 4, 3), np.uint8), np.zeros((4, 4), np.float32), np.zeros((0, 4), np.uint8)]
)
def test_another_array_is_refused(wrong: npt.NDArray[np.generic]) -> None:
    with pytest.raises(ValueError, match="a grey picture is"):
        observed_emblems(wrong, 1.0)  # type: ignore[arg-type]  # the point of the test

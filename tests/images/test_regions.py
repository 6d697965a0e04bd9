from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ipwatch.images.regions import MAX_REGIONS, observed_regions, reference_regions
from ipwatch.images.regions.borders import trimmed
from ipwatch.images.regions.boxes import Box
from ipwatch.images.regions.islands import islands
from ipwatch.images.regions.panels import panels
from ipwatch.images.regions.quads import quads
from ipwatch.images.regions.rectangles import rectangles
from ipwatch.matching.images.features import RegionKind, Regions

COPY = 56
"""Bits below which a photo is taken for a copy in every class of comparisons."""


def scene(seed: int, height: int = 240, width: int = 320) -> np.ndarray:
    """Return soft light with blobs: a picture without straight edges, other for each seed."""
    rng = np.random.default_rng(seed)
    rough = rng.uniform(20, 235, (7, 9)).astype(np.float32)
    smooth = cv2.resize(rough, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.clip(smooth + rng.normal(0, 3, (height, width)), 0, 255).astype(np.uint8)


def mark(edge: int = 200) -> np.ndarray:
    """Return a black drawing on white that looks other in every orientation."""
    drawing = np.full((edge, edge), 255, np.uint8)
    for number, (x, y, w, h) in enumerate([(40, 40, 24, 120), (64, 40, 90, 24), (64, 92, 60, 20), (110, 120, 50, 40)]):
        cv2.rectangle(drawing, (x, y), (x + w, y + h), 20 * number, -1)
    cv2.circle(drawing, (130, 80), 14, 30, -1)
    return drawing


def nearest(observed: Regions, reference: Regions) -> tuple[int, RegionKind, int]:
    """Return the minimum distance, the kind of the observed region and the orientation."""
    apart = np.bitwise_count(observed.hashes[:, :1, None] ^ reference.hashes[None]).sum(axis=-1)
    region, _, orientation = np.unravel_index(int(apart.reshape(len(observed.kinds), -1, 8).argmin()), apart.shape)
    return int(apart.min()), RegionKind(int(observed.kinds[region])), int(orientation)


def on(ground: np.ndarray, picture: np.ndarray, left: int, top: int) -> np.ndarray:
    out = ground.copy()
    out[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
    return out


def test_a_reference_is_kept_whole_trimmed_and_square_in_all_orientations() -> None:
    regions = reference_regions(on(np.full((300, 420), 250, np.uint8), scene(1), 60, 30), 2.0)
    assert regions.kinds.tolist() == [RegionKind.WHOLE, RegionKind.TRIMMED, RegionKind.SQUARE]
    assert regions.hashes.shape == (3, 8, 4)
    assert regions.outlines[0].tolist() == [[0, 0], [840, 0], [840, 600], [0, 600]]
    assert np.abs(regions.outlines[1] - np.array([[120, 60], [760, 60], [760, 540], [120, 540]])).max() <= 6


def test_an_observed_picture_keeps_one_orientation() -> None:
    regions = observed_regions(scene(2), 1.0)
    assert regions.hashes.shape[1:] == (1, 4)
    assert regions.kinds[0] == RegionKind.WHOLE


@pytest.mark.parametrize("noise", [0, 4])
@pytest.mark.parametrize("level", [0, 128, 255])
def test_borders_are_trimmed_through_noise(level: int, noise: int) -> None:
    ground = np.full((300, 400), level, np.float64)
    ground[40:280, 30:350] = scene(3)
    ground += np.random.default_rng(0).normal(0, noise / 2, ground.shape)
    box = trimmed(np.clip(ground, 0, 255).astype(np.uint8))
    assert box.close_to(Box(30, 40, 350, 280), 0.02)


def test_a_small_drawing_on_much_ground_is_not_trimmed_to() -> None:
    picture = np.full((300, 300), 255, np.uint8)
    picture[140:160, 140:160] = 0
    assert trimmed(picture) == Box(0, 0, 300, 300)


def test_a_caption_is_cut_away() -> None:
    page = on(np.full((330, 320), 255, np.uint8), scene(4), 0, 90)
    cv2.putText(page, "FREE SHIPPING", (20, 50), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 0, 2)
    distance, kind, _ = nearest(observed_regions(page, 1.0), reference_regions(scene(4), 1.0))
    assert distance <= COPY
    assert kind == RegionKind.PANEL


def test_a_screenshot_is_cut_to_the_picture() -> None:
    page = np.full((512, 250), 24, np.uint8)
    for row in (20, 50, 330, 360, 390, 420):
        cv2.putText(page, "text of a page", (10, row), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 220, 1)
    page = on(page, cv2.resize(scene(5), (250, 188), interpolation=cv2.INTER_AREA), 0, 90)
    assert nearest(observed_regions(page, 1.0), reference_regions(scene(5), 1.0))[0] <= COPY


@pytest.mark.parametrize("gutter", [0, 8])
def test_every_cell_of_a_collage_is_a_panel(gutter: int) -> None:
    height, width = 2 * 160 + gutter, 2 * 160 + gutter
    page = np.full((height, width), 255, np.uint8)
    cells = [scene(seed, 160, 160) for seed in (6, 7, 8, 9)]
    for number, cell in enumerate(cells):
        page = on(page, cell, number % 2 * (160 + gutter), number // 2 * (160 + gutter))
    observed = observed_regions(page, 1.0)
    for cell in cells:
        assert nearest(observed, reference_regions(cell, 1.0))[0] <= COPY


def test_panels_of_one_picture_are_none() -> None:
    assert panels(scene(10), 14) == []


def test_a_picture_laid_into_another_is_a_rectangle() -> None:
    inset = cv2.resize(scene(11), (140, 105), interpolation=cv2.INTER_AREA)
    page = on(scene(12) // 2, inset // 3 + 160, 150, 70)
    assert any(box.close_to(Box(150, 70, 290, 175), 0.03) for box in rectangles(page, 10))


def test_a_picture_photographed_from_a_screen_is_laid_straight() -> None:
    corners = np.array([[60, 50], [270, 30], [285, 215], [45, 200]], np.float32)
    square = np.array([[0, 0], [320, 0], [320, 240], [0, 240]], np.float32)
    matrix = cv2.getPerspectiveTransform(square, corners)
    wall = cv2.warpPerspective(scene(13) // 2 + 100, matrix, (330, 250), borderValue=(30.0,))
    corners_of_quads = quads(wall, 6)
    assert min(float(np.abs(quad - corners).max()) for quad in corners_of_quads) <= 4
    assert nearest(observed_regions(wall, 1.0), reference_regions(scene(13), 1.0))[0] <= COPY


@pytest.mark.parametrize("degrees", [5, 20, 45])
def test_a_picture_turned_on_an_even_ground_is_laid_straight(degrees: int) -> None:
    matrix = cv2.getRotationMatrix2D((160, 120), degrees, 1.0)
    matrix[:, 2] += [90, 130]
    page = cv2.warpAffine(scene(14), matrix, (500, 500), borderValue=(255.0,))
    distance, kind, _ = nearest(observed_regions(page, 1.0), reference_regions(scene(14), 1.0))
    assert distance <= COPY
    assert kind == RegionKind.QUAD


def test_drawings_apart_on_an_even_ground_are_islands() -> None:
    page = np.full((240, 500), 255, np.uint8)
    page = on(on(page, mark(), 20, 20), mark(), 280, 20)
    boxes, _ = islands(page)
    assert any(box.close_to(Box(60, 60, 181, 181), 0.04) for box in boxes)
    assert any(box.close_to(Box(320, 60, 441, 181), 0.04) for box in boxes)


def test_no_islands_lie_on_an_uneven_ground() -> None:
    assert islands(scene(15)) == ([], [])


@pytest.mark.parametrize("orientation", range(8))
def test_the_orientation_found_is_the_one_a_picture_was_laid_in(orientation: int) -> None:
    laid = scene(16)[:, ::-1] if orientation >= 4 else scene(16)
    laid = np.ascontiguousarray(np.rot90(laid, -(orientation % 4)))
    distance, _, detected = nearest(observed_regions(laid, 1.0), reference_regions(scene(16), 1.0))
    assert detected == orientation
    assert distance <= 4


@pytest.mark.parametrize("share", [0.2, 0.5, 0.66])
@pytest.mark.parametrize("across", [True, False])
def test_flat_and_two_toned_pictures_have_no_hash_of_good_quality(share: float, across: bool) -> None:
    two_toned = np.full((300, 300), 240, np.uint8)
    two_toned[:, int(300 * share) :] = 30
    for picture in (np.full((300, 300), 90, np.uint8), two_toned if across else two_toned.T.copy()):
        assert observed_regions(picture, 1.0).qualities.max() < 50
        assert reference_regions(picture, 1.0).qualities.max() < 50


@pytest.mark.parametrize("shape", [(1, 1), (1, 4000), (4000, 1), (2, 512), (23, 23), (24, 24), (30, 512)])
def test_pictures_of_any_shape_have_regions(shape: tuple[int, int]) -> None:
    grey = np.random.default_rng(17).integers(0, 256, shape).astype(np.uint8)
    for regions in (observed_regions(grey, 3.0), reference_regions(grey, 3.0)):
        assert regions.kinds[0] == RegionKind.WHOLE
        assert regions.outlines[0].tolist()[2] == [3 * shape[1], 3 * shape[0]]


def test_the_regions_of_a_busy_picture_are_bounded() -> None:
    down, across = np.mgrid[0:512, 0:512]
    grid = ((down % 24 < 2) | (across % 24 < 2)).astype(np.uint8) * 200
    squares = np.random.default_rng(18).integers(0, 256, (16, 16)).astype(np.uint8).repeat(32, 0).repeat(32, 1)
    for picture in (grid, squares):
        assert len(observed_regions(picture, 1.0).kinds) <= MAX_REGIONS


@given(grey=arrays.arrays(np.uint8, st.tuples(st.integers(1, 90), st.integers(1, 90))))
@settings(max_examples=60, deadline=None)
def test_outlines_stay_near_the_picture_whatever_it_shows(grey: np.ndarray) -> None:
    regions = observed_regions(grey, 1.0)
    assert np.isfinite(regions.outlines).all()
    assert len(regions.kinds) == len(regions.hashes) == len(regions.qualities) <= MAX_REGIONS

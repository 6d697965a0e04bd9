from __future__ import annotations

import io
import math

import numpy as np
import numpy.typing as npt
import pytest
from drawn import animated, bomb, drawing, encoded, moving, svg
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from ipwatch.errors import ImageError
from ipwatch.images import draw_correspondence
from ipwatch.images.draw import MAX_PAIRS

TOP, SIDE, LINE = (230, 159, 0), (86, 180, 233), (240, 228, 66)
MARGIN, GAP = 14, 28
REFERENCE = encoded(Image.new("RGB", (400, 300), "white"))
OBSERVED = encoded(Image.new("RGB", (800, 600), "white"))

OUTLINES: dict[str, list[tuple[float, float]]] = {
    "copy": [(0, 0), (800, 0), (800, 600), (0, 600)],
    "part": [(-200, -100), (1000, -100), (1000, 800), (-200, 800)],
    "flip": [(700, 100), (100, 100), (100, 500), (700, 500)],
    "rotation": [(600, 100), (600, 500), (200, 500), (200, 100)],
    "collage": [(400, 300), (800, 300), (800, 600), (400, 600)],
    "logo": [(500.5, 200.25), (620, 220), (600, 310), (490, 290)],
}


def levels(data: bytes) -> npt.NDArray[np.uint8]:
    with Image.open(io.BytesIO(data)) as image:
        assert image.format == "PNG"
        assert not image.info
        return np.asarray(image.convert("RGB"))


def drawn_at(picture: npt.NDArray[np.uint8], colour: tuple[int, int, int], x: float, y: float, around: int = 3) -> bool:
    """Whether the colour is drawn at a place."""
    rows = slice(max(math.floor(y) - around, 0), math.floor(y) + around + 1)
    columns = slice(max(math.floor(x) - around, 0), math.floor(x) + around + 1)
    return bool((np.abs(picture[rows, columns].astype(np.int16) - colour).max(axis=-1) < 40).any())


def count(picture: npt.NDArray[np.uint8], colour: tuple[int, int, int]) -> int:
    return int((picture == colour).all(axis=-1).sum())


def on_observed(x: float, y: float, edge: int = 400) -> tuple[float, float]:
    """Map a point of the observed picture to the drawing, where both pictures are as wide as the edge."""
    return MARGIN + edge + GAP + x * edge / 800, MARGIN + y * edge / 800


@pytest.mark.parametrize("kind", OUTLINES)
def test_every_kind_shows_where_each_side_of_the_reference_lies(kind: str) -> None:
    corners = OUTLINES[kind]
    picture = levels(draw_correspondence(REFERENCE, OBSERVED, outline=corners, edge=400))
    assert picture.shape == (300 + 2 * MARGIN, 800 + 2 * MARGIN + GAP, 3)
    drawn_sides = 0
    for number, colour in enumerate((TOP, SIDE, SIDE, SIDE)):
        (x, y), (to_x, to_y) = corners[number], corners[(number + 1) % 4]
        middle = on_observed((x + to_x) / 2, (y + to_y) / 2)
        if 0 < middle[0] < picture.shape[1] and 0 < middle[1] < picture.shape[0]:
            assert drawn_at(picture, colour, *middle)
            drawn_sides += 1
    assert drawn_sides == 4 or kind == "part"
    for x, y, colour in ((200, 0, TOP), (400, 150, SIDE), (200, 300, SIDE), (0, 150, SIDE)):
        assert drawn_at(picture, colour, MARGIN + x, MARGIN + y)


def test_without_an_outline_the_whole_picture_is_framed() -> None:
    assert draw_correspondence(REFERENCE, OBSERVED) == draw_correspondence(
        REFERENCE, OBSERVED, outline=OUTLINES["copy"]
    )


def test_the_upper_left_corner_is_a_disc_and_the_upper_right_one_a_square() -> None:
    picture = levels(draw_correspondence(REFERENCE, OBSERVED, outline=OUTLINES["flip"], edge=400))
    for (x, y), (to_x, to_y) in (
        ((MARGIN, MARGIN), (MARGIN + 400, MARGIN)),
        (on_observed(700, 100), on_observed(100, 100)),
    ):
        for across in (-5, 4):
            assert tuple(picture[round(to_y) - 5, round(to_x) + across]) == TOP
            assert tuple(picture[round(y) - 5, round(x) + across]) != TOP


def test_points_are_joined_and_corners_where_there_are_none() -> None:
    pairs = [((100, 150), (500, 400)), ((300, 50), (600, 150))]
    picture = levels(draw_correspondence(REFERENCE, OBSERVED, outline=OUTLINES["collage"], pairs=pairs, edge=400))
    for (x, y), (to_x, to_y) in pairs:
        assert drawn_at(picture, LINE, MARGIN + x, MARGIN + y)
        assert drawn_at(picture, LINE, *on_observed(to_x, to_y))
    corner = levels(draw_correspondence(REFERENCE, OBSERVED, outline=OUTLINES["collage"], edge=400))
    halfway = (MARGIN + on_observed(400, 300)[0]) / 2, (MARGIN + on_observed(400, 300)[1]) / 2
    assert drawn_at(corner, LINE, *halfway)
    assert not drawn_at(picture, LINE, *halfway)


def test_points_of_the_full_size_lie_on_a_thumbnail_as_on_the_picture() -> None:
    pairs = [((1000.0, 1500.0), (400.0, 300.0))]
    whole = encoded(Image.new("RGB", (4000, 3000), "white"))
    small = encoded(Image.new("RGB", (160, 120), "white"))
    large = draw_correspondence(whole, OBSERVED, pairs=pairs, edge=400)
    assert large == draw_correspondence(small, OBSERVED, pairs=pairs, reference_size=(4000, 3000), edge=400)
    assert drawn_at(levels(large), LINE, MARGIN + 100, MARGIN + 150)


def test_many_points_are_thinned() -> None:
    pairs = [((200.0, 150.0), (400.0, 300.0))] * 10_000 + [((10.0, 290.0), (20.0, 20.0))]
    few = [*pairs[: MAX_PAIRS - 1], pairs[0]]
    assert draw_correspondence(REFERENCE, OBSERVED, pairs=pairs) == draw_correspondence(REFERENCE, OBSERVED, pairs=few)


def test_the_pictures_themselves_are_shown_with_clear_parts_on_white() -> None:
    clear = Image.new("RGBA", (400, 300), (0, 0, 0, 0))
    picture = levels(draw_correspondence(encoded(clear), encoded(drawing((800, 600))), edge=400))
    assert (picture[60:250, 30:400] == 255).all(axis=-1).mean() > 0.9
    shown = np.asarray(drawing((800, 600)).resize((400, 300), Image.Resampling.BOX), np.int16)
    inner = picture[MARGIN + 20 : MARGIN + 280, MARGIN + 400 + GAP + 20 : MARGIN + 780 + GAP].astype(np.int16)
    assert np.abs(inner - shown[20:280, 20:380]).mean() < 1


def test_svg_references_and_moving_pictures_are_drawn() -> None:
    reference = svg('<rect width="200" height="100" fill="#ff0000"/>')
    picture = levels(draw_correspondence(reference, animated(moving(3), "GIF"), edge=200))
    assert picture.shape == (150 + 2 * MARGIN, 400 + 2 * MARGIN + GAP, 3)
    assert tuple(picture[MARGIN + 75, MARGIN + 30]) == (255, 0, 0)


@pytest.mark.parametrize("size", [(1, 1), (1, 10_000), (10_000, 1), (7, 5)])
def test_odd_shapes_are_drawn(size: tuple[int, int]) -> None:
    odd = encoded(Image.new("RGB", size, "white"))
    for reference, observed in ((odd, OBSERVED), (REFERENCE, odd)):
        picture = levels(draw_correspondence(reference, observed, edge=300))
        assert max(picture.shape) <= 2 * 300 + 2 * MARGIN + GAP
        assert count(picture, TOP) > 0


NUMBER = st.floats(-1e300, 1e300) | st.floats(-1000, 2000)
POINT = st.tuples(NUMBER, NUMBER)


@settings(max_examples=60, deadline=None)
@given(st.lists(POINT, min_size=4, max_size=4), st.lists(st.tuples(POINT, POINT), max_size=5))
def test_any_finite_geometry_is_drawn_in_bounds(
    outline: list[tuple[float, float]], pairs: list[tuple[tuple[float, float], tuple[float, float]]]
) -> None:
    picture = levels(draw_correspondence(REFERENCE, OBSERVED, outline=outline, pairs=pairs, edge=120))
    assert picture.shape == (90 + 2 * MARGIN, 240 + 2 * MARGIN + GAP, 3)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_geometry_that_is_not_finite_is_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        draw_correspondence(REFERENCE, OBSERVED, outline=[(0, 0), (1, bad), (1, 1), (0, 1)])
    with pytest.raises(ValueError, match="finite"):
        draw_correspondence(REFERENCE, OBSERVED, pairs=[((0, 0), (bad, 1))])


def test_other_outlines_and_edges_are_refused() -> None:
    with pytest.raises(ValueError, match="four corners"):
        draw_correspondence(REFERENCE, OBSERVED, outline=[(0, 0), (1, 1), (0, 1)])
    for edge in (0, 2001):
        with pytest.raises(ValueError, match="edge"):
            draw_correspondence(REFERENCE, OBSERVED, edge=edge)


@pytest.mark.parametrize("data", [b"", b"<html>", REFERENCE[:60], bomb(9_000)], ids=["empty", "html", "cut", "bomb"])
def test_a_picture_that_cannot_be_used_is_refused(data: bytes) -> None:
    for reference, observed in ((data, OBSERVED), (REFERENCE, data)):
        with pytest.raises(ImageError):
            draw_correspondence(reference, observed)

"""Draws a correspondence: the reference and the observed picture side by side, with the matching outline and points.

Colours are of the Okabe and Ito palette, safe for colour-blind people, with a dark rim for any background; shapes and
positions carry the same information. There is no text, so no font is needed.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from ipwatch.images.decode import decode
from ipwatch.images.svg import decode_svg, is_svg

Point = tuple[float, float]
Pair = tuple[Point, Point]
Outline = Sequence[Point]
Colour = tuple[int, int, int]
Drawing = npt.NDArray[np.uint8]

MAX_PAIRS = 40
"""Lines drawn at most; of more pairs an even sample is drawn."""

MAX_EDGE = 2000

_CORNERS = 4
_MARGIN = 14
_GAP = 28
_MAX_ENLARGEMENT = 8.0

# OpenCV's fixed-point coordinates have 4 fractional bits; coordinates are clamped to ``_FAR``, far off the canvas.
_SHIFT, _FAR = 4, 30_000.0

_GROUND: Colour = (238, 238, 238)
_RIM: Colour = (0, 0, 0)
_TOP: Colour = (230, 159, 0)
_SIDE: Colour = (86, 180, 233)
_LINE: Colour = (240, 228, 66)


def draw_correspondence(
    reference: bytes,
    observed: bytes,
    *,
    outline: Outline | None = None,
    pairs: Sequence[Pair] = (),
    reference_size: tuple[int, int] | None = None,
    edge: int = 480,
) -> bytes:
    """Return a PNG with the reference on the left, the observed picture on the right, each at most ``edge`` a side.

    ``outline`` are the reference's corners (upper left, upper right, lower right, lower left) in pixels of the observed
    picture at full size; ``None`` is the whole picture. It is drawn on both pictures: the reference's upper side in
    orange and the others in blue, its upper left corner as a disc and its upper right one as a square, so that flips
    and rotations are visible. ``pairs``, points of the reference and of the observed picture, are joined by lines;
    without any, the corners are. ``reference_size`` is the full size that the pairs are in, where ``reference`` is a
    thumbnail; the reference
    may be an SVG. Raises ``ImageError`` for a picture that cannot be used and ``ValueError`` for coordinates that are
    not finite, an outline without four corners or an edge outside 1 to 2,000.
    """
    if not 1 <= edge <= MAX_EDGE:
        raise ValueError(f"the edge of a drawn picture is 1 to {MAX_EDGE} pixels, not {edge}")
    _check(outline, pairs)
    left = _decoded(reference, edge)
    right = _decoded(observed, edge)
    left_size, right_size = reference_size or left[1], right[1]
    corners = _corners_of(right_size) if outline is None else np.array(outline, np.float64)
    joined = _chosen(pairs) or list(zip(_corners_of(left_size).tolist(), corners.tolist(), strict=True))
    canvas, origins = _laid_out(left[0], right[0])
    to_left = _scale(left[0], left_size), origins[0]
    to_right = _scale(right[0], right_size), origins[1]
    for start, end in joined:
        _line(canvas, _on_canvas(start, to_left), _on_canvas(end, to_right), _LINE, 2)
    for start, end in joined if pairs else ():
        _disc(canvas, _on_canvas(start, to_left), 3, _LINE)
        _disc(canvas, _on_canvas(end, to_right), 3, _LINE)
    _frame(canvas, [_on_canvas(corner, to_left) for corner in _corners_of(left_size).tolist()])
    _frame(canvas, [_on_canvas(corner, to_right) for corner in corners.tolist()])
    out = io.BytesIO()
    Image.fromarray(canvas).save(out, "PNG")
    return out.getvalue()


def _check(outline: Outline | None, pairs: Sequence[Pair]) -> None:
    if outline is not None and len(outline) != _CORNERS:
        raise ValueError(f"an outline has four corners, not {len(outline)}")
    points = [*(outline or ()), *(point for pair in pairs for point in pair)]
    if not all(math.isfinite(x) and math.isfinite(y) for x, y in points):
        raise ValueError("the corners and points of a correspondence are finite")


def _decoded(data: bytes, edge: int) -> tuple[Drawing, tuple[int, int]]:
    """Return the first frame scaled to the edge, with bounded enlargement, and its full size."""
    decoded = decode_svg(data, edge) if is_svg(data) else decode(data, edge)
    colour = decoded.frames[0].colour
    larger = min(edge / max(colour.shape[:2]), _MAX_ENLARGEMENT)
    if larger > 1:
        width, height = (max(int(side * larger), 1) for side in colour.shape[1::-1])
        enlarged: Drawing = np.empty((height, width, 3), np.uint8)
        cv2.resize(colour, (width, height), enlarged, interpolation=cv2.INTER_LINEAR)
        colour = enlarged
    return colour, (decoded.width, decoded.height)


def _laid_out(left: Drawing, right: Drawing) -> tuple[Drawing, tuple[Point, Point]]:
    """Return a canvas with both pictures, vertically centred, and the positions of their upper left corners."""
    height = max(left.shape[0], right.shape[0]) + 2 * _MARGIN
    width = left.shape[1] + right.shape[1] + 2 * _MARGIN + _GAP
    canvas = np.full((height, width, 3), _GROUND, np.uint8)
    origins = []
    across = _MARGIN
    for picture in (left, right):
        down = (height - picture.shape[0]) // 2
        canvas[down : down + picture.shape[0], across : across + picture.shape[1]] = picture
        origins.append((float(across), float(down)))
        across += picture.shape[1] + _GAP
    return canvas, (origins[0], origins[1])


def _corners_of(size: tuple[int, int]) -> npt.NDArray[np.float64]:
    width, height = size
    return np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float64)


def _chosen(pairs: Sequence[Pair]) -> list[Pair]:
    step = max(math.ceil(len(pairs) / MAX_PAIRS), 1)
    return list(pairs[::step])


def _scale(drawn: Drawing, size: tuple[int, int]) -> Point:
    return drawn.shape[1] / size[0], drawn.shape[0] / size[1]


def _on_canvas(point: Sequence[float], panel: tuple[Point, Point]) -> tuple[int, int]:
    """Return the canvas coordinates of a point of a picture in OpenCV's fixed point, clamped to ``_FAR``."""
    scale, origin = panel
    # OpenCV has pixel centres at whole numbers, this module at halves.
    across, down = (
        min(max(value * by + start - 0.5, -_FAR), _FAR) for value, by, start in zip(point, scale, origin, strict=True)
    )
    return round(across * (1 << _SHIFT)), round(down * (1 << _SHIFT))


def _frame(canvas: Drawing, corners: Sequence[tuple[int, int]]) -> None:
    """Draw an outline, the upper side in another colour with a disc and a square at its ends."""
    for number in (1, 2, 3):
        _line(canvas, corners[number], corners[(number + 1) % _CORNERS], _SIDE, 3)
    _line(canvas, corners[0], corners[1], _TOP, 5)
    _disc(canvas, corners[0], 6, _TOP)
    _square(canvas, corners[1], 6)


def _line(canvas: Drawing, start: tuple[int, int], end: tuple[int, int], colour: Colour, width: int) -> None:
    cv2.line(canvas, start, end, _RIM, width + 2, cv2.LINE_AA, _SHIFT)
    cv2.line(canvas, start, end, colour, width, cv2.LINE_AA, _SHIFT)


def _disc(canvas: Drawing, centre: tuple[int, int], radius: int, colour: Colour) -> None:
    cv2.circle(canvas, centre, (radius + 1) << _SHIFT, _RIM, cv2.FILLED, cv2.LINE_AA, _SHIFT)
    cv2.circle(canvas, centre, radius << _SHIFT, colour, cv2.FILLED, cv2.LINE_AA, _SHIFT)


def _square(canvas: Drawing, centre: tuple[int, int], half: int) -> None:
    for size, colour in ((half + 1, _RIM), (half, _TOP)):
        away = size << _SHIFT
        start, end = (centre[0] - away, centre[1] - away), (centre[0] + away, centre[1] + away)
        cv2.rectangle(canvas, start, end, colour, cv2.FILLED, cv2.LINE_AA, _SHIFT)

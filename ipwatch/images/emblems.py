"""Emblems: even shapes in a picture that may be a logo or a part of one, each brought to a common form.

A logo printed on goods is darker or lighter than what is around it. At several levels and sizes the picture is split
into dark and light, its connected pieces (alone, and joined with near neighbours, as the letters of a word) are
normalised by their second moments and drawn in polar form: position, size, shear and polarity are gone, a turn is a
shift along the angle (Flusser and Suk 1993; the pieces are those of Matas et al. 2002, at fixed levels).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from ipwatch.matching.pictures.features import Emblems
from ipwatch.matching.pictures.outlines import ground_of, inner_box
from ipwatch.matching.pictures.polar import ANGLES, RADIUS, RINGS, SHAPE_BYTES

SEEN_EDGE = 512
"""Longer side at which a seen picture is looked at, and halved twice: a logo of 8 % of it is 41 pixels wide."""

MOST_SEEN = 160
MOST_OF_A_REFERENCE = 10

_LEVELS = (40, 75, 110, 145, 180, 215)
_OCTAVES = 3
_SIZES = (28, 112)
"""Longer sides of shapes that are looked for at one octave; the next one looks for twice the size."""

_JOINING = (0, 2)
_LEAST_PIXELS = 50
_LEAST_SIDE = 5
_LEAST_CORNERS = 3
_SAME = 5
_MOST_STRETCH = 60.0

_REFERENCE_EDGES = (100, 60, 40)
_REFERENCE_LEVELS = (0.3, 0.5, 0.7)
_REFERENCE_MARGIN = 8
_LEAST_OF_A_REFERENCE = 0.5
_GROUND_STEP = 20
_DIFFERENT_BITS = 24

_Grey = npt.NDArray[np.uint8]
_Floats = npt.NDArray[np.float32]

_turns = np.arange(ANGLES) * (2 * np.pi / ANGLES)
_radii = (np.arange(RINGS) + 0.5) / RINGS
_ACROSS = (_radii[:, None] * np.cos(_turns)).astype(np.float32)
_DOWN = (_radii[:, None] * np.sin(_turns)).astype(np.float32)


@dataclass(slots=True)
class _Piece:
    labels: npt.NDArray[np.int32]
    number: int
    mask: _Grey
    box: tuple[int, int, int, int]
    scale: float
    stability: int = 1


def seen_emblems(grey: _Grey, scale: float) -> Emblems:
    """Return the shapes of a seen picture, at most ``MOST_SEEN``: those that stay the same over most levels.

    ``grey`` uint8[h, w]; ``scale`` is how many pixels of the full size one of its pixels is. Raises ``ValueError`` for
    another array.
    """
    _check(grey)
    pieces: list[_Piece] = []
    for octave in range(_OCTAVES):
        small, factor = _resized(grey, SEEN_EDGE >> octave)
        pieces += _pieces(small, _LEVELS, factor * scale, _SIZES)
    pieces.sort(key=lambda piece: -piece.stability)
    return _emblems(
        [shape for piece in pieces[: 2 * MOST_SEEN] if (shape := _normalised(piece)) is not None][:MOST_SEEN]
    )


def reference_emblems(grey: _Grey, scale: float) -> Emblems:
    """Return the shapes that make up most of a reference, as they look at several sizes, the largest first.

    ``grey`` and ``scale`` as for ``seen_emblems``; at most ``MOST_OF_A_REFERENCE``, none of a plain picture.
    """
    _check(grey)
    left, top, right, bottom = inner_box(grey)
    inner = grey[top:bottom, left:right]
    low, high = float(inner.min()), float(inner.max())
    if high - low < _GROUND_STEP:
        return _emblems([])
    levels = tuple(round(low + share * (high - low)) for share in _REFERENCE_LEVELS)
    kept: list[tuple[_Floats, _Grey]] = []
    for edge in _REFERENCE_EDGES:
        small, factor = _resized(inner, edge)
        framed = np.pad(small, _REFERENCE_MARGIN, constant_values=ground_of(grey))
        limits = (round(_LEAST_OF_A_REFERENCE * max(small.shape)), max(framed.shape))
        pieces = _pieces(framed, levels, factor * scale, limits)
        pieces.sort(key=lambda piece: (-piece.box[2] * piece.box[3], -piece.stability))
        for piece in pieces:
            shape = _normalised(piece)
            if shape is None or any(_differing(shape[1], other) < _DIFFERENT_BITS for _, other in kept):
                continue
            offset = np.array([left, top], np.float32) * scale - _REFERENCE_MARGIN * factor * scale
            frame = shape[0] + np.column_stack([np.zeros((2, 2), np.float32), offset])
            kept.append((frame.astype(np.float32), shape[1]))
    return _emblems(kept[:MOST_OF_A_REFERENCE])


def _check(grey: _Grey) -> None:
    if grey.ndim != 2 or grey.dtype != np.uint8 or not grey.size:  # noqa: PLR2004 - rows and columns
        raise ValueError(f"a grey picture is uint8[h, w], not {grey.dtype}{list(grey.shape)}")


def _emblems(shapes: list[tuple[_Floats, _Grey]]) -> Emblems:
    return Emblems(
        frames=np.array([frame for frame, _ in shapes], dtype=np.float32).reshape(-1, 2, 3),
        shapes=np.array([bits for _, bits in shapes], dtype=np.uint8).reshape(-1, SHAPE_BYTES),
    )


def _resized(grey: _Grey, edge: int) -> tuple[_Grey, float]:
    """Return the picture no longer than ``edge``, and old pixels per new one."""
    ratio = min(1.0, edge / max(grey.shape))
    size = (max(1, round(grey.shape[1] * ratio)), max(1, round(grey.shape[0] * ratio)))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), dtype=np.uint8), 1 / ratio


def _pieces(grey: _Grey, levels: tuple[int, ...], scale: float, sizes: tuple[int, int]) -> list[_Piece]:
    """Return the connected pieces of the sizes asked for, each once with the number of levels at which it is there."""
    smooth = cv2.GaussianBlur(grey, (0, 0), 0.8)
    found: dict[tuple[int, ...], _Piece] = {}
    for level in levels:
        for light in (False, True):
            kind = cv2.THRESH_BINARY if light else cv2.THRESH_BINARY_INV
            mask = np.asarray(cv2.threshold(smooth, level, 1, kind)[1], dtype=np.uint8)
            for reach in _JOINING:
                joined = _dilated(mask, reach)
                labels = np.asarray(cv2.connectedComponents(joined, connectivity=8)[1], dtype=np.int32)
                for number, box in _boxes(joined, labels, sizes):
                    left, top, width, height = box
                    corners = (left, top, left + width, top + height)
                    key = (light, reach, *(round(value / _SAME) for value in corners))
                    known = found.get(key)
                    if known is None:
                        found[key] = _Piece(labels, number, mask, box, scale)
                    else:
                        known.stability += 1
    return list(found.values())


def _dilated(mask: _Grey, reach: int) -> _Grey:
    if not reach:
        return mask
    return np.asarray(cv2.dilate(mask, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)), dtype=np.uint8)


def _boxes(
    joined: _Grey, labels: npt.NDArray[np.int32], sizes: tuple[int, int]
) -> list[tuple[int, tuple[int, int, int, int]]]:
    """Return label and box (x, y, width, height) of the pieces of the sizes asked for, none as large as the picture.

    Outer contours give them at a third of the time that statistics of every piece take.
    """
    contours, hierarchy = cv2.findContours(joined, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    if hierarchy is None:
        return []
    boxes = []
    for contour, parent in zip(contours, hierarchy[0, :, 3].tolist(), strict=True):
        if parent >= 0 or len(contour) < _LEAST_CORNERS:
            continue
        x, y, width, height = cv2.boundingRect(contour)
        fits = sizes[0] <= max(width, height) <= sizes[1] and min(width, height) >= _LEAST_SIDE
        if fits and (width < joined.shape[1] or height < joined.shape[0]):
            boxes.append((int(labels[contour[0, 0, 1], contour[0, 0, 0]]), (x, y, width, height)))
    return boxes


def _normalised(piece: _Piece) -> tuple[_Floats, _Grey] | None:
    """Return the frame float32[2, 3] and the packed drawing of a piece; nothing of a line or a speck."""
    x, y, width, height = piece.box
    rows, columns = slice(y, y + height), slice(x, x + width)
    shape = ((piece.labels[rows, columns] == piece.number) & (piece.mask[rows, columns] > 0)).astype(np.uint8)
    moments = cv2.moments(shape, binaryImage=True)
    area = moments["m00"]
    if area < _LEAST_PIXELS:
        return None
    centre = np.array([moments["m10"], moments["m01"]]) / area
    spread = np.array([[moments["mu20"], moments["mu11"]], [moments["mu11"], moments["mu02"]]]) / area
    powers, axes = np.linalg.eigh(spread)
    if powers[0] < 1 or powers[1] > _MOST_STRETCH * powers[0]:
        return None
    root = ((axes * np.sqrt(powers)) @ axes.T * RADIUS).astype(np.float32)
    across = root[0, 0] * _ACROSS + root[0, 1] * _DOWN + np.float32(centre[0])
    down = root[1, 0] * _ACROSS + root[1, 1] * _DOWN + np.float32(centre[1])
    drawn = cv2.remap(shape * 255, across, down, cv2.INTER_LINEAR, borderValue=0)
    middle = (np.array([x, y]) + centre + 0.5) * piece.scale - 0.5
    frame = np.column_stack([root * piece.scale, middle]).astype(np.float32)
    return frame, np.packbits(drawn.ravel() > 127)  # noqa: PLR2004 - more than half of the point


def _differing(one: _Grey, other: _Grey) -> int:
    return int(np.bitwise_count(one ^ other).sum())

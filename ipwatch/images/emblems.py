"""Emblems: solid shapes in a picture that may be a logo or a part of one, in normalised form.

A logo printed on goods is darker or lighter than what is around it. At several levels and sizes the picture is split
into dark and light. The connected pieces (alone, and joined with close neighbours, as the letters of a word) are
normalised by their second moments and drawn in polar form, which is invariant to position, size, shear and polarity; a
rotation is a shift along the angle (Flusser and Suk 1993; the pieces are those of Matas et al. 2002, at fixed levels).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from cv2.typing import MatLike

from ipwatch.matching.images.features import Emblems
from ipwatch.matching.images.outlines import ground_of, inner_box
from ipwatch.matching.images.polar import ANGLES, RADIUS, RINGS, SHAPE_BYTES

OBSERVED_EDGE = 512
"""Longer side of an observed picture, and half and a quarter of it: a logo of 8 % of it is 41 pixels wide."""

MAX_OBSERVED = 160
MAX_PER_REFERENCE = 10

_LEVELS = (40, 75, 110, 145, 180, 215)
_OCTAVES = 3
_SIZES = (28, 112)
"""Range of the longer side of shapes at one octave; the next octave has twice the size."""

_JOINING = (0, 2)
_MIN_PIXELS = 50
_MIN_SIDE = 5
_MIN_CORNERS = 3
_SAME = 5
_MAX_STRETCH = 60.0

_REFERENCE_EDGES = (100, 60, 40)
_REFERENCE_LEVELS = (0.3, 0.5, 0.7)
_REFERENCE_MARGIN = 8
_MIN_SHARE_OF_REFERENCE = 0.5
_GROUND_STEP = 20
_DIFFERENT_BITS = 24
_MOMENTS = ("m00", "m10", "m01", "mu20", "mu11", "mu02")
_HALF = 127

_Grey = npt.NDArray[np.uint8]
_Floats = npt.NDArray[np.float32]

_turns = np.arange(ANGLES) * (2 * np.pi / ANGLES)
_radii = (np.arange(RINGS) + 0.5) / RINGS
_DISC = np.stack([_radii[:, None] * np.cos(_turns), _radii[:, None] * np.sin(_turns)]).reshape(2, -1).astype(np.float32)


@dataclass(slots=True)
class _Piece:
    """A connected piece: its ``borders``, the outer one first, are those of ``mask`` with close neighbours joined."""

    borders: list[MatLike]
    mask: _Grey
    box: tuple[int, int, int, int]
    scale: float
    stability: int = 1


def observed_emblems(grey: _Grey, scale: float) -> Emblems:
    """Return the shapes of an observed picture, at most ``MAX_OBSERVED``: those that are stable over most levels.

    ``grey`` uint8[h, w]; ``scale`` is the number of full-size pixels along one of its pixels. Raises ``ValueError`` for
    another array.
    """
    _check(grey)
    pieces: list[_Piece] = []
    for octave in range(_OCTAVES):
        small, factor = _resized(grey, OBSERVED_EDGE >> octave)
        pieces += _pieces(small, _LEVELS, factor * scale, _SIZES)
    pieces.sort(key=lambda piece: -piece.stability)
    frames, shapes = _normalised(pieces[: 2 * MAX_OBSERVED])
    return Emblems(frames=frames[:MAX_OBSERVED], shapes=shapes[:MAX_OBSERVED])


def reference_emblems(grey: _Grey, scale: float) -> Emblems:
    """Return the shapes that make up most of a reference, at several sizes, the largest first.

    ``grey`` and ``scale`` as for ``observed_emblems``; at most ``MAX_PER_REFERENCE``, none for a plain picture.
    """
    _check(grey)
    left, top, right, bottom = inner_box(grey)
    inner = grey[top:bottom, left:right]
    low, high = float(inner.min()), float(inner.max())
    if high - low < _GROUND_STEP:
        return Emblems(frames=np.zeros((0, 2, 3), np.float32), shapes=np.zeros((0, SHAPE_BYTES), np.uint8))
    levels = tuple(round(low + share * (high - low)) for share in _REFERENCE_LEVELS)
    kept: list[tuple[_Floats, _Grey]] = []
    for edge in _REFERENCE_EDGES:
        small, factor = _resized(inner, edge)
        framed = np.pad(small, _REFERENCE_MARGIN, constant_values=ground_of(grey))
        limits = (round(_MIN_SHARE_OF_REFERENCE * max(small.shape)), max(framed.shape))
        pieces = _pieces(framed, levels, factor * scale, limits)
        pieces.sort(key=lambda piece: (-piece.box[2] * piece.box[3], -piece.stability))
        frames, shapes = _normalised(pieces)
        frames[:, :, 2] += np.array([left, top], np.float32) * scale - _REFERENCE_MARGIN * factor * scale
        for frame, shape in zip(frames, shapes, strict=True):
            if all(_differing(shape, other) >= _DIFFERENT_BITS for _, other in kept):
                kept.append((frame, shape))
    kept = kept[:MAX_PER_REFERENCE]
    return Emblems(
        frames=np.array([frame for frame, _ in kept], dtype=np.float32).reshape(-1, 2, 3),
        shapes=np.array([shape for _, shape in kept], dtype=np.uint8).reshape(-1, SHAPE_BYTES),
    )


def _check(grey: _Grey) -> None:
    if grey.ndim != 2 or grey.dtype != np.uint8 or not grey.size:  # noqa: PLR2004 - rows and columns
        raise ValueError(f"a grey picture is uint8[h, w], not {grey.dtype}{list(grey.shape)}")


def _resized(grey: _Grey, edge: int) -> tuple[_Grey, float]:
    """Return the picture scaled to at most ``edge`` a side, and old pixels per new one."""
    ratio = min(1.0, edge / max(grey.shape))
    size = (max(1, round(grey.shape[1] * ratio)), max(1, round(grey.shape[0] * ratio)))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), dtype=np.uint8), 1 / ratio


def _pieces(grey: _Grey, levels: tuple[int, ...], scale: float, sizes: tuple[int, int]) -> list[_Piece]:
    """Return the connected pieces within ``sizes``, each once with the number of levels at which it occurs."""
    smooth = cv2.GaussianBlur(grey, (0, 0), 0.8)
    by_box: dict[tuple[int, ...], _Piece] = {}
    for level in levels:
        for light in (False, True):
            kind = cv2.THRESH_BINARY if light else cv2.THRESH_BINARY_INV
            mask = np.asarray(cv2.threshold(smooth, level, 1, kind)[1], dtype=np.uint8)
            for reach in _JOINING:
                contours, hierarchy = cv2.findContours(_dilated(mask, reach), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
                for number, box in _boxes(contours, hierarchy, mask.shape, sizes):
                    left, top, width, height = box
                    corners = (left, top, left + width, top + height)
                    key = (light, reach, *(round(value / _SAME) for value in corners))
                    known = by_box.get(key)
                    if known is None:
                        by_box[key] = _Piece(_borders(contours, hierarchy, number), mask, box, scale)
                    else:
                        known.stability += 1
    return list(by_box.values())


def _dilated(mask: _Grey, reach: int) -> _Grey:
    if not reach:
        return mask
    return np.asarray(cv2.dilate(mask, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)), dtype=np.uint8)


def _boxes(
    contours: Sequence[MatLike], hierarchy: MatLike | None, shape: tuple[int, ...], sizes: tuple[int, int]
) -> Iterator[tuple[int, tuple[int, int, int, int]]]:
    """Yield number and box (x, y, width, height) of outer contours within ``sizes``, smaller than the picture."""
    if hierarchy is None:
        return
    for number, (contour, parent) in enumerate(zip(contours, hierarchy[0, :, 3].tolist(), strict=True)):
        if parent >= 0 or len(contour) < _MIN_CORNERS:
            continue
        x, y, width, height = cv2.boundingRect(contour)
        fits = sizes[0] <= max(width, height) <= sizes[1] and min(width, height) >= _MIN_SIDE
        if fits and (width < shape[1] or height < shape[0]):
            yield number, (x, y, width, height)


def _borders(contours: Sequence[MatLike], hierarchy: MatLike, number: int) -> list[MatLike]:
    """Return an outer contour and those of its holes."""
    borders = [contours[number]]
    hole = int(hierarchy[0, number, 2])
    while hole >= 0:
        borders.append(contours[hole])
        hole = int(hierarchy[0, hole, 0])
    return borders


def _rasterised(piece: _Piece) -> _Grey:
    """Return the piece alone, uint8[height, width] of zeros and ones, with its holes (even-odd filling)."""
    x, y, width, height = piece.box
    alone = np.zeros((height, width), np.uint8)
    cv2.fillPoly(alone, piece.borders, 1, offset=(-x, -y))
    return np.asarray(alone & piece.mask[y : y + height, x : x + width], dtype=np.uint8)


def _normalised(pieces: list[_Piece]) -> tuple[_Floats, _Grey]:
    """Return the frames float32[n, 2, 3] and packed drawings of those pieces that are neither lines nor specks."""
    drawings = [_rasterised(piece) for piece in pieces]
    moments = [cv2.moments(drawing, binaryImage=True) for drawing in drawings]
    area, right, down, xx, xy, yy = (
        np.array([[moment[name] for name in _MOMENTS] for moment in moments]).reshape(-1, 6).T
    )
    area = np.maximum(area, 1)
    xx, xy, yy = xx / area, xy / area, yy / area
    # The square root of a symmetric 2 by 2 matrix, and its eigenvalues, in closed form.
    half, away = (xx + yy) / 2, np.hypot((xx - yy) / 2, xy)
    minor, major = half - away, half + away
    kept = np.flatnonzero((area >= _MIN_PIXELS) & (minor >= 1) & (major <= _MAX_STRETCH * minor))
    area, right, down, xx, xy, yy, minor, major = (part[kept] for part in (area, right, down, xx, xy, yy, minor, major))
    both = np.sqrt(minor * major)
    root = np.stack([xx + both, xy, xy, yy + both], axis=1) * (RADIUS / (np.sqrt(minor) + np.sqrt(major)))[:, None]
    centre = np.stack([right / area, down / area], axis=1)
    frames = np.concatenate([root.reshape(-1, 2, 2), centre[:, :, None]], axis=2).astype(np.float32)
    points = frames[:, :, :2] @ _DISC + frames[:, :, 2:]
    bits = np.zeros((len(kept), RINGS, ANGLES), np.uint8)
    for index, (number, (columns, rows)) in enumerate(zip(kept.tolist(), points, strict=True)):
        maps = (columns.reshape(RINGS, ANGLES), rows.reshape(RINGS, ANGLES))
        bits[index] = cv2.remap(drawings[number] * 255, *maps, cv2.INTER_LINEAR, borderValue=0) > _HALF
    scales = np.array([pieces[number].scale for number in kept.tolist()], np.float32)
    corners = np.array([pieces[number].box[:2] for number in kept.tolist()], np.float32).reshape(-1, 2)
    frames[:, :, 2] += corners + np.float32(0.5)
    frames *= scales[:, None, None]
    frames[:, :, 2] -= np.float32(0.5)
    return frames, np.packbits(bits.reshape(-1, RINGS * ANGLES), axis=1)


def _differing(first: _Grey, second: _Grey) -> int:
    return int(np.bitwise_count(first ^ second).sum())

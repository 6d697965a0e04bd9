"""Proposals: collects and hashes the regions of a picture."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from ipwatch.images.hashes import BUFFER_EDGE, dct_hashes, steady_shares
from ipwatch.images.regions.borders import trimmed
from ipwatch.images.regions.boxes import Box, GreyArray, distinct, whole
from ipwatch.images.regions.islands import islands
from ipwatch.images.regions.panels import panels
from ipwatch.images.regions.quads import Corners, quads, rectified
from ipwatch.images.regions.rectangles import rectangles
from ipwatch.matching.images.features import RegionKind, Regions

MAX_REGIONS = 40

_WORKING_EDGE = 320
_RECTIFIED_EDGE = 128
_MIN_EDGE = 24
_SAME_SHARE = 0.015
_MAX_PANELS = 14
_MAX_RECTANGLES = 10
_MAX_QUADS = 6
_MIN_STEADY = 0.2
"""A crest with four-fold symmetry has a quarter of its frequencies; two plain halves have none."""


def observed_regions(grey: GreyArray, scale: float) -> Regions:
    """Return the regions of an observed picture, uint8[h, w], at most ``MAX_REGIONS``, in one orientation each.

    ``scale`` is the number of full-size pixels along one pixel of ``grey``; the outlines are in full-size pixels.
    """
    small, factor = _working(grey)
    if min(small.shape) < _MIN_EDGE:
        return _regions(grey, scale, [(RegionKind.WHOLE, whole(grey))], [], all_orientations=False)
    drawn, turned = islands(small)
    proposals = (
        (RegionKind.TRIMMED, [trimmed(small)]),
        (RegionKind.PANEL, panels(small, _MAX_PANELS)),
        (RegionKind.RECTANGLE, rectangles(small, _MAX_RECTANGLES)),
        (RegionKind.PANEL, drawn),
        (RegionKind.SQUARE, [_square(whole(small))]),
    )
    boxes = [(RegionKind.WHOLE, whole(grey))]
    for kind, proposed in proposals:
        full = [_scaled(box, factor, grey) for box in proposed]
        full = [box for box in full if min(box.width, box.height) >= _MIN_EDGE]
        boxes += [(kind, box) for box in distinct(full, _SAME_SHARE, [box for _, box in boxes])]
    corners = [outline * np.float32(factor) for outline in [*quads(small, _MAX_QUADS), *turned]]
    return _regions(grey, scale, boxes[: MAX_REGIONS - len(corners)], corners, all_orientations=False)


def reference_regions(grey: GreyArray, scale: float) -> Regions:
    """Return the regions of a reference, uint8[h, w]: whole, trimmed, square; in all eight orientations."""
    boxes = [(RegionKind.WHOLE, whole(grey))]
    small, factor = _working(grey)
    proposals = (
        (RegionKind.TRIMMED, _scaled(trimmed(small), factor, grey)),
        (RegionKind.SQUARE, _square(whole(grey))),
    )
    for kind, box in proposals:
        if not any(box.close_to(other, _SAME_SHARE) for _, other in boxes):
            boxes.append((kind, box))
    return _regions(grey, scale, boxes, [], all_orientations=True)


def _working(grey: GreyArray) -> tuple[GreyArray, float]:
    """Return the picture scaled down to the working size, and old pixels per new one."""
    factor = max(grey.shape) / _WORKING_EDGE
    if factor <= 1:
        return grey, 1.0
    height, width = (max(1, round(side / factor)) for side in grey.shape)
    return np.asarray(cv2.resize(grey, (width, height), interpolation=cv2.INTER_AREA), np.uint8), factor


def _scaled(box: Box, factor: float, grey: GreyArray) -> Box:
    height, width = grey.shape
    left, top, right, bottom = (round(edge * factor) for edge in box)
    return Box(max(0, left), max(0, top), min(width, right), min(height, bottom))


def _square(box: Box) -> Box:
    edge = min(box.width, box.height)
    left, top = (box.width - edge) // 2, (box.height - edge) // 2
    return Box(left, top, left + edge, top + edge).within(box)


def _regions(
    grey: GreyArray,
    scale: float,
    boxes: Sequence[tuple[RegionKind, Box]],
    corners: Sequence[Corners],
    *,
    all_orientations: bool,
) -> Regions:
    buffers = [_buffer(box.of(grey)) for _, box in boxes]
    buffers += [_buffer(rectified(grey, outline, _RECTIFIED_EDGE)) for outline in corners]
    stacked = np.stack(buffers)
    hashes, qualities = dct_hashes(stacked, all_orientations=all_orientations)
    qualities[steady_shares(stacked) < _MIN_STEADY] = 0
    outlines = [_outline(box) for _, box in boxes] + [np.asarray(outline, np.float32) for outline in corners]
    return Regions(
        kinds=np.array([kind for kind, _ in boxes] + [RegionKind.QUAD] * len(corners), dtype=np.uint8),
        outlines=np.stack(outlines) * np.float32(scale),
        hashes=hashes,
        qualities=qualities,
    )


def _buffer(grey: GreyArray) -> npt.NDArray[np.float32]:
    return cv2.resize(grey, (BUFFER_EDGE, BUFFER_EDGE), interpolation=cv2.INTER_AREA).astype(np.float32)


def _outline(box: Box) -> npt.NDArray[np.float32]:
    left, top, right, bottom = box
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], dtype=np.float32)

"""Panels: pictures next to each other, separated at gutters and seams (recursive X-Y cut)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import cv2
import numpy as np

from ipwatch.images.regions.borders import level_range, trimmed
from ipwatch.images.regions.boxes import Box, GreyArray, whole

_MIN_EDGE = 28
_MAX_DEPTH = 3
_MAX_CUTS = 8
_GUTTER_RANGE = 12
_SEAM_STEP = 10
_SEAM_SHARE = 0.5
_SEAM_ABOVE = 0.3
_RIM = 3


def panels(grey: GreyArray, limit: int) -> list[Box]:
    """Return at most ``limit`` boxes of panels, larger structures first; none where nothing can be cut."""
    boxes: list[Box] = []
    level = [whole(grey)]
    for _ in range(_MAX_DEPTH):
        parts = [part for box in level for part in _parts(grey, box)]
        boxes += parts
        level = parts
    return boxes[:limit]


def _parts(grey: GreyArray, box: Box) -> Iterator[Box]:
    for axis in (0, 1):
        edges = _edges(box.of(grey), axis)
        if len(edges) < 2:  # noqa: PLR2004 - one part is no cut
            continue
        min_length = max(_MIN_EDGE, (box.height if axis == 0 else box.width) // 16)
        for first, last in sorted(edges, key=lambda edge: edge[0] - edge[1])[:_MAX_CUTS]:
            if last - first < min_length:
                continue
            if axis == 0:
                part = Box(box.left, box.top + first, box.right, box.top + last)
            else:
                part = Box(box.left + first, box.top, box.left + last, box.bottom)
            part = trimmed(part.of(grey)).within(part)
            if min(part.width, part.height) >= _MIN_EDGE:
                yield part
        return


def _edges(grey: GreyArray, axis: int) -> list[tuple[int, int]]:
    """Return first and last (exclusive) row of each part between uniform rows or seams (axis 1: columns)."""
    rows = grey if axis == 0 else grey.T
    if min(rows.shape) < _MIN_EDGE:
        return []
    even = level_range(rows, 1) <= _GUTTER_RANGE
    bounds = np.flatnonzero(np.diff(np.concatenate([[True], even, [True]]).astype(np.int8)))
    seams = _seams(rows)
    edges: list[tuple[int, int]] = []
    for first, last in bounds.reshape(-1, 2).tolist():
        cuts = [cut for cut in seams if first + _RIM < cut < last - _RIM]
        edges += pairwise([first, *cuts, last])
    return edges


def _seams(rows: GreyArray) -> list[int]:
    """Return the rows that differ from the row above in most columns, and much more than the rows around do."""
    steps = cv2.absdiff(rows[1:], rows[:-1])
    strong = (steps > _SEAM_STEP).mean(axis=1)
    around = np.maximum(np.roll(strong, _RIM), np.roll(strong, -_RIM))
    mean = steps.mean(axis=1)
    candidates = np.flatnonzero((strong > _SEAM_SHARE) & (strong > around + _SEAM_ABOVE))
    return [int(row) + 1 for row in candidates if mean[row] == mean[max(0, row - _RIM) : row + _RIM + 1].max()]

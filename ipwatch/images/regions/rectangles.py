"""Rectangles: axis-aligned boxes bounded by long straight edges, such as inset and adjacent pictures."""

from __future__ import annotations

from itertools import combinations, islice
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from ipwatch.images.regions.boxes import Box, GreyArray

_STEP = 7
_MIN_LENGTH = 0.14
_MAX_THICKNESS = 5
_SEGMENTS = 18
_MIN_WIDTH = 0.12
_MAX_AREA = 0.96
_REACH = 0.03
_MIN_COVER = 0.6
_MIN_CLOSED = 0.8
_RIM_COST = 0.3
_MAX_CANDIDATES = 1000


class _Segment(NamedTuple):
    position: int
    first: int
    last: int


def rectangles(grey: GreyArray, limit: int) -> list[Box]:
    """Return at most ``limit`` boxes whose four sides are straight edges or the picture's rim, best covered first."""
    height, width = grey.shape
    sides = [*_segments(_steps(grey)), _Segment(0, 0, height), _Segment(width, 0, height)]
    bars = [*_segments(_steps(grey.T)), _Segment(0, 0, width), _Segment(height, 0, width)]
    candidates = (box for pair in combinations(sides, 2) for box in _closed(*pair, bars, width, height))
    scored = list(islice(candidates, _MAX_CANDIDATES))
    scored.sort(key=lambda candidate: -candidate[0])
    reach = _REACH * max(height, width) / 2
    kept: list[Box] = []
    for _, box in scored:
        if all(max(abs(a - b) for a, b in zip(box, other, strict=True)) >= reach for other in kept):
            kept.append(box)
            if len(kept) == limit:
                break
    return kept


def _steps(grey: GreyArray) -> npt.NDArray[np.uint8]:
    """Return 1 where a column differs from the one before it more than the neighbouring columns do."""
    change = np.zeros(grey.shape, np.uint8)
    change[:, 1:] = cv2.absdiff(np.ascontiguousarray(grey[:, 1:]), np.ascontiguousarray(grey[:, :-1]))
    highest = cv2.dilate(change, np.ones((1, 3), np.uint8))
    return np.asarray((change > _STEP) & (change == highest), dtype=np.uint8)


def _segments(steps: npt.NDArray[np.uint8]) -> list[_Segment]:
    """Return the longest vertical runs of steps: the column, and the first and last row."""
    closed = cv2.morphologyEx(np.ascontiguousarray(steps), cv2.MORPH_CLOSE, np.ones((5, 1), np.uint8))
    length = max(12, int(_MIN_LENGTH * steps.shape[0]))
    opened = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((length, 1), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(opened)
    thin = [row for row in stats[1:].tolist() if row[2] <= _MAX_THICKNESS]
    thin.sort(key=lambda row: -row[3])
    return [_Segment(x + w // 2, y, y + h) for x, y, w, h, _ in thin[:_SEGMENTS]]


def _closed(
    segment: _Segment, other: _Segment, bars: list[_Segment], width: int, height: int
) -> list[tuple[float, Box]]:
    """Return the boxes between two vertical segments and any two bars that bound them, each with its score."""
    left, right = min(segment.position, other.position), max(segment.position, other.position)
    top, bottom = max(segment.first, other.first), min(segment.last, other.last)
    reach = _REACH * max(width, height)
    if right - left < _MIN_WIDTH * width or bottom - top < _MIN_WIDTH * height:
        return []
    rows = sorted(
        {
            bar.position
            for bar in bars
            if top - reach <= bar.position <= bottom + reach
            and min(bar.last, right) - max(bar.first, left) > _MIN_COVER * (right - left)
        }
    )
    boxes = []
    for above, below in combinations(rows, 2):
        tall = below - above
        shared = min(bottom, below) - max(top, above)
        if tall < _MIN_WIDTH * height or shared < _MIN_CLOSED * tall:
            continue
        if (right - left) * tall > _MAX_AREA * width * height:
            continue
        rims = (left == 0) + (right == width) + (above == 0) + (below == height)
        boxes.append((shared / tall - _RIM_COST * rims, Box(left, above, right, below)))
    return boxes

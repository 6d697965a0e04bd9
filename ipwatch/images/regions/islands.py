"""Islands: drawings on a uniform background, joined over gaps of several widths."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from ipwatch.images.regions.boxes import Box, GreyArray, whole
from ipwatch.images.regions.quads import Corners, clockwise

_DRAWN_STEP = 14
_GAPS = (0.03, 0.08)
"""Share of the longer side: parts closer to each other are joined."""

_MIN_EDGE = 20
_MIN_AREA_SHARE = 0.015
_MAX_ISLANDS = 5
_STRAIGHT = 1.5
_MIN_EVEN = 0.5


def islands(grey: GreyArray) -> tuple[list[Box], list[Corners]]:
    """Return connected drawings on the background level of most of the picture's rim, large before small.

    Their boxes, and for rotated ones the outlines float32[4, 2] of their smallest rotated rectangles.
    """
    ground = _ground(grey)
    if ground is None:
        return [], []
    drawn = (cv2.absdiff(grey, np.full_like(grey, ground)) > _DRAWN_STEP).astype(np.uint8)
    boxes: list[Box] = []
    turned: list[Corners] = []
    for gap in _GAPS:
        labels, parts = _joined(drawn, max(1, round(gap * max(grey.shape))) | 1)
        boxes += [box for _, box in parts]
        if gap == _GAPS[-1]:
            rectangles = [
                _turned(labels[box.top : box.bottom, box.left : box.right] == label, box) for label, box in parts
            ]
            turned = [corners for corners in [_turned(drawn > 0, whole(grey)), *rectangles] if corners is not None]
    return boxes, turned


def _joined(drawn: npt.NDArray[np.uint8], width: int) -> tuple[npt.NDArray[np.int32], list[tuple[int, Box]]]:
    """Return the labels of the parts after closing gaps up to a width, and label and box of the largest ones."""
    wide = cv2.copyMakeBorder(drawn, width, width, width, width, cv2.BORDER_CONSTANT, value=0)
    closed = cv2.morphologyEx(wide, cv2.MORPH_CLOSE, np.ones((width, width), np.uint8))[width:-width, width:-width]
    _, labels, stats, _ = cv2.connectedComponentsWithStats(closed)
    boxes = [(number, Box(x, y, x + w, y + h)) for number, (x, y, w, h, _) in enumerate(stats.tolist())]
    large = [
        (number, box)
        for number, box in boxes[1:]
        if min(box.width, box.height) >= _MIN_EDGE and box.area >= _MIN_AREA_SHARE * drawn.size
    ]
    return np.asarray(labels, np.int32), sorted(large, key=lambda part: -part[1].area)[:_MAX_ISLANDS]


def _turned(mask: npt.NDArray[np.bool_], box: Box) -> Corners | None:
    """Return the smallest rotated rectangle around the set pixels, ``None`` where it is axis-aligned or thin."""
    rows = np.flatnonzero(mask.any(axis=1))
    first = mask[rows].argmax(axis=1)
    last = mask.shape[1] - 1 - mask[rows, ::-1].argmax(axis=1)
    if rows.size < _MIN_EDGE:
        return None
    ends = np.column_stack([np.concatenate([first, last]) + box.left, np.concatenate([rows, rows]) + box.top])
    rectangle = cv2.minAreaRect(ends.astype(np.float32))
    _, (width, height), angle = rectangle
    if min(width, height) < _MIN_EDGE or min(angle % 90, -angle % 90) < _STRAIGHT:
        return None
    return clockwise(np.asarray(cv2.boxPoints(rectangle), np.float32))


def _ground(grey: GreyArray) -> int | None:
    """Return the level of most of the rim, ``None`` where there is none."""
    rim = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    level = int(np.median(rim))
    even = np.abs(rim.astype(np.int16) - level) <= _DRAWN_STEP
    return level if even.mean() >= _MIN_EVEN else None

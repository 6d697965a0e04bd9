"""Quadrilaterals: pictures in perspective or rotated, detected by their outline and rectified."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from ipwatch.images.regions.boxes import GreyArray

_MIN_AREA = 0.03
_MAX_AREA = 0.985
_MIN_FILL = 0.85
_CORNER_SHARES = (0.01, 0.02, 0.03)
_SIDE_REACH = 0.03
_MIN_SIDE_POINTS = 3
_PARALLEL = 0.05
_CONTOURS = 8
_SAME_CORNER = 0.02
_GROUND_STEP = 12

Corners = npt.NDArray[np.float32]
Outline = npt.NDArray[Any]


def quads(grey: GreyArray, limit: int) -> list[Corners]:
    """Return at most ``limit`` outlines float32[4, 2] of quadrilaterals, corners clockwise from the upper left."""
    reach = _SAME_CORNER * max(grey.shape)
    kept: list[Corners] = []
    sharpened: list[Corners] = []
    for mask in _masks(grey):
        contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
        for contour in sorted(contours, key=cv2.contourArea, reverse=True)[:_CONTOURS]:
            corners = _quad(contour, grey.size)
            if corners is None or any(np.abs(corners - other).max() < reach for other in kept):
                continue
            kept.append(corners)
            sharpened.append(_sharpened(corners, contour.reshape(-1, 2).astype(np.float32)))
            if len(kept) == limit:
                return sharpened
    return sharpened


def rectified(grey: GreyArray, corners: Corners, edge: int) -> GreyArray:
    """Return the quadrilateral rectified to a square, uint8[edge, edge]."""
    target = np.array([[0, 0], [edge, 0], [edge, edge], [0, edge]], dtype=np.float32)
    matrix = cv2.getPerspectiveTransform(corners, target)
    return np.asarray(cv2.warpPerspective(grey, matrix, (edge, edge), flags=cv2.INTER_LINEAR), np.uint8)


def _masks(grey: GreyArray) -> list[Outline]:
    kernel = np.ones((3, 3), np.uint8)
    rim = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    drawn = (cv2.absdiff(grey, np.full_like(grey, int(np.median(rim)))) > _GROUND_STEP).astype(np.uint8)
    return [
        cv2.dilate(cv2.Canny(grey, 40, 120), kernel),
        cv2.dilate(cv2.Canny(cv2.GaussianBlur(grey, (5, 5), 0), 20, 60), kernel),
        cv2.morphologyEx(drawn, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8)),
    ]


def _quad(contour: Outline, pixels: int) -> Corners | None:
    if cv2.contourArea(contour) < _MIN_AREA * pixels:
        return None
    hull = cv2.convexHull(contour)
    corners = _four_corners(hull)
    area = abs(cv2.contourArea(corners))
    if area > _MAX_AREA * pixels or cv2.contourArea(hull) < _MIN_FILL * area:
        return None
    return clockwise(corners)


def _four_corners(hull: Outline) -> Corners:
    """Return the corners of a hull that has about four; else those of the smallest rotated rectangle."""
    length = cv2.arcLength(hull, True)
    for tolerance in _CORNER_SHARES:
        polygon = cv2.approxPolyDP(hull, tolerance * length, True)
        if len(polygon) == 4:  # noqa: PLR2004 - corners
            return np.asarray(polygon.reshape(4, 2), np.float32)
    return np.asarray(cv2.boxPoints(cv2.minAreaRect(hull)), np.float32)


def _sharpened(corners: Corners, points: Corners) -> Corners:
    """Return the intersections of lines fitted to the outline along its four sides, or else the given corners."""
    lines = []
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        along = end - start
        length = float(np.hypot(*along))
        if length < 1:
            return corners
        along /= length
        offset = points - start
        position = offset @ along
        apart = np.abs(offset[:, 0] * along[1] - offset[:, 1] * along[0])
        near = (position > 0.1 * length) & (position < 0.9 * length) & (apart < _SIDE_REACH * length)
        if near.sum() < _MIN_SIDE_POINTS:
            return corners
        lines.append(cv2.fitLine(points[near], cv2.DIST_HUBER, 0, 0.01, 0.01).ravel())
    met = [_meeting(before, after) for before, after in zip(np.roll(lines, 1, axis=0), lines, strict=True)]
    moved = np.array(met, np.float32)
    reach = _SIDE_REACH * 2 * float(np.ptp(corners, axis=0).max())
    return moved if np.isfinite(moved).all() and np.abs(moved - corners).max() < reach else corners


def _meeting(first: npt.NDArray[np.float32], second: npt.NDArray[np.float32]) -> tuple[float, float]:
    """Return the intersection of two lines (direction x and y, point x and y), infinity where they are parallel."""
    (ax, ay, x, y), (bx, by, u, v) = first.tolist(), second.tolist()
    turn = ax * by - ay * bx
    if abs(turn) < _PARALLEL:
        return np.inf, np.inf
    share = ((u - x) * by - (v - y) * bx) / turn
    return x + share * ax, y + share * ay


def clockwise(corners: Corners) -> Corners:
    """Return the corners in clockwise order, the one closest to the upper left first."""
    middle = corners.mean(axis=0)
    angles = np.arctan2(corners[:, 1] - middle[1], corners[:, 0] - middle[0])
    ordered = corners[np.argsort(angles)]
    return np.roll(ordered, -int(np.argmin(ordered.sum(axis=1))), axis=0)

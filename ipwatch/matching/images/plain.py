"""Plain shapes: discs, rings, bars, polygons, stars. A reference is only as distinctive as it differs from them.

Goods are full of caps, buttons, labels and folds. The agreement of a plain shape with a reference is what anything
round or square would reach: a match has to exceed it.
"""

# ruff: noqa: PLR2004 - the numbers are the proportions of the shapes

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from ipwatch.matching.images.outlines import Matrices, Outline, OutlineSet, Scene, agreements, edges, improved

_SIDE = 144
_RADIUS = 54.0
_TURNS = 12
_TRIED = 4
_INK, _PAPER = 32, 224

Mask = npt.NDArray[np.bool_]


@cache
def plain_shapes() -> tuple[npt.NDArray[np.uint8], ...]:
    """Return the drawings, dark on light, uint8[144, 144] each."""
    y, x = np.mgrid[0:_SIDE, 0:_SIDE] - (_SIDE - 1) / 2
    u, v = x / _RADIUS, y / _RADIUS
    disc = u**2 + v**2
    masks: list[Mask] = [disc < 1, (disc < 1) & (disc > 0.25), (disc < 1) & (disc > 0.6)]
    masks += [(disc < 0.07) | ((disc < 1) & (disc > 0.35))]
    masks += [_polygon(u, v, corners) for corners in (3, 4, 5, 6)]
    masks += [_polygon(u, v, corners) & ~_polygon(u / 0.65, v / 0.65, corners) for corners in (3, 4)]
    masks += [(abs(u) < 1) & (abs(v) < 1 / long) for long in (3, 7)]
    masks += [u**2 + (v * 2.2) ** 2 < 1, _star(u, v, 5), _star(u, v, 4)]
    masks += [((abs(u) < width) | (abs(v) < width)) & (np.maximum(abs(u), abs(v)) < 1) for width in (0.15, 0.33)]
    masks += [(np.maximum(abs(u), abs(v)) < 1) & (disc > 0.45)]
    masks += [(np.maximum(abs(u), abs(v)) < 1) & ((np.maximum(abs(u), abs(v)) > 0.8) | (disc < 0.3))]
    square = np.maximum(abs(u), abs(v)) < 1
    masks += [square & _striped(v, stripes) for stripes in (3, 5, 7)]
    masks += [(disc < 1) & _striped(v, stripes) for stripes in (5, 9)]
    masks += [
        (abs(u) < 1) & (abs(v + abs(u) - 0.3) < 0.25),
        (np.maximum(abs(u), abs(v)) < 1) & ((u < -0.4) | (v > 0.4)),
    ]
    return tuple(np.where(mask, _INK, _PAPER).astype(np.uint8) for mask in masks)


def _striped(v: npt.NDArray[np.float64], stripes: int) -> Mask:
    """Return every second of that many stripes across the shape, the outer ones with ink."""
    return np.asarray(np.floor((v + 1) / 2 * stripes) % 2 == 0)


def _polygon(u: npt.NDArray[np.float64], v: npt.NDArray[np.float64], corners: int) -> Mask:
    inner = np.cos(np.pi / corners)
    sides = [2 * np.pi * number / corners for number in range(corners)]
    return np.asarray(np.all([u * np.cos(side) + v * np.sin(side) < inner for side in sides], axis=0))


def _star(u: npt.NDArray[np.float64], v: npt.NDArray[np.float64], points: int) -> Mask:
    radius, angle = np.hypot(u, v), np.arctan2(v, u)
    phase = np.abs((angle * points / (2 * np.pi)) % 1 - 0.5) * 2
    return np.asarray(radius < 0.4 + 0.6 * (1 - phase))


@cache
def _mosaic() -> tuple[Scene, npt.NDArray[np.float64]]:
    """Return all the shapes in one picture, and the frame float64[n, 3, 3] of each."""
    shapes = plain_shapes()
    columns = int(np.ceil(np.sqrt(len(shapes))))
    page = np.full((-(-len(shapes) // columns) * _SIDE, columns * _SIDE), _PAPER, np.uint8)
    frames = []
    for number, shape in enumerate(shapes):
        top, left = number // columns * _SIDE, number % columns * _SIDE
        page[top : top + _SIDE, left : left + _SIDE] = shape
        frame = _frame(*_ink(shape))
        frame[:2, 2] += (left, top)
        frames.append(frame)
    return Scene.of(page, page.shape[1]), np.array(frames)


def _ink(drawing: npt.NDArray[np.uint8]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    strength = np.abs(edges(drawing.astype(np.float32)))
    rows, columns = np.nonzero(strength > 0.3)
    return np.column_stack([columns, rows]).astype(np.float64), strength[rows, columns].astype(np.float64)


def _frame(points: npt.NDArray[np.float64], weights: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the placing float64[3, 3] that maps an isotropic distribution of points to these points."""
    middle = np.average(points, axis=0, weights=weights)
    centred = points - middle
    spread = (centred * weights[:, None]).T @ centred / weights.sum()
    powers, axes = np.linalg.eigh(spread)
    out = np.eye(3)
    out[:2, :2] = (axes * np.sqrt(np.maximum(powers, 1e-6))) @ axes.T
    out[:2, 2] = middle
    return out


def plainness(coarse: Outline, fine: Outline) -> float:
    """Return how well the plain shape most similar to a reference agrees with it, 0 to 1."""
    scene, frames = _mosaic()
    drawn = coarse.normals.any(axis=1)
    own = np.linalg.inv(_frame(coarse.points[drawn], coarse.weights[drawn].astype(np.float64)))
    angles = 2 * np.pi * np.arange(_TURNS) / _TURNS
    turned = np.zeros((_TURNS, 3, 3))
    turned[:, 0, 0] = turned[:, 1, 1] = np.cos(angles)
    turned[:, 1, 0], turned[:, 0, 1], turned[:, 2, 2] = np.sin(angles), -np.sin(angles), 1
    placings: Matrices = (frames[:, None] @ turned @ own).reshape(-1, 3, 3)[:, :2]
    rough, exact = OutlineSet.of([coarse]), OutlineSet.of([fine])
    scores = agreements(scene, rough, np.zeros(len(placings), np.intp), placings).reshape(-1, _TURNS)
    first = scores.argmax(axis=1) + _TURNS * np.arange(len(frames))
    placings, reached = improved(
        scene, rough, np.zeros(len(first), np.intp), placings[first], first_step=0.08, rounds=2
    )
    first = np.argsort(-reached)[:_TRIED]
    _, reached = improved(scene, exact, np.zeros(len(first), np.intp), placings[first], first_step=0.03, rounds=2)
    return float(max(reached.max(), 0.0))

"""Outlines: where a reference's edges run, and how well a seen picture has edges there that run the same way.

An edge is a direction without a sign: light on dark and dark on light, any two colours, are one (doubled angles,
Bigün and Granlund 1987). Strength is measured against the surroundings, so that a faint print counts. A placing is
improved by small steps of its six parameters until no step makes the outlines agree better.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Field = npt.NDArray[np.complex64]
Matrices = npt.NDArray[np.float64]

_EDGE_POINTS = 220
_BLANK_POINTS = 80
_BLANK_WEIGHT = 0.3
_STRONG = 0.3
_AROUND = 4
_NOISE = 6.0
_GROUND_STEP = 24
_LEAST_SIDE = 12
_MARGIN = 4


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Outline:
    """Points of a reference: on its edges, and blank ones where it has none.

    ``points`` float64[p, 2] in pixels of the reference; ``normals`` float64[p, 2] across the edge, zero at blank
    points; ``weights`` float32[p]; ``span`` is the length of its longer side in those pixels and ``steps`` in how many
    pixels it was looked at.
    """

    points: npt.NDArray[np.float64]
    normals: npt.NDArray[np.float64]
    weights: Floats
    span: float
    steps: int

    @property
    def middle(self) -> npt.NDArray[np.float64]:
        """The middle of the edges, float64[2]."""
        drawn = self.normals.any(axis=1)
        return np.asarray(self.points[drawn].mean(axis=0) if drawn.any() else self.points.mean(axis=0))


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A seen picture's edges at several sizes, each half of the one before.

    ``scale`` is how many pixels one point of the first is.
    """

    fields: tuple[Field, ...]
    scale: float

    @classmethod
    def of(cls, sketch: npt.NDArray[np.uint8], width: int) -> Scene:
        """Return the edges of a picture ``width`` pixels wide, from its sketch uint8[h, w]."""
        grey = sketch.astype(np.float32)
        fields = [edges(grey)]
        while min(grey.shape) >= 2 * _LEAST_SIDE:
            height, across = grey.shape[0] // 2 * 2, grey.shape[1] // 2 * 2
            grey = grey[:height, :across].reshape(height // 2, 2, across // 2, 2).mean(axis=(1, 3))
            fields.append(edges(grey))
        return cls(tuple(fields), width / sketch.shape[1])


def edges(grey: npt.NDArray[np.float32] | npt.NDArray[np.float64]) -> Field:
    """Return for each point the direction across its edge, doubled, as long as the edge is strong: complex64[h, w]."""
    padded = np.asarray(np.pad(grey, 2, mode="edge"), dtype=np.float32)
    rows = (padded[:-2] + 2 * padded[1:-1] + padded[2:]) / 4
    smooth = (rows[:, :-2] + 2 * rows[:, 1:-1] + rows[:, 2:]) / 4
    across, down = smooth[1:-1, 2:] - smooth[1:-1, :-2], smooth[2:, 1:-1] - smooth[:-2, 1:-1]
    gradient = (across + 1j * down).astype(np.complex64)
    power = np.asarray(across**2 + down**2, dtype=np.float32)
    return np.asarray(gradient**2 / np.sqrt(power * (power + _mean_around(power) + _NOISE) + 1e-6), dtype=np.complex64)


def _mean_around(values: Floats) -> Floats:
    """Return the mean over 9 by 9 points, less at the rim."""
    for axis in (0, 1):
        total = np.cumsum(
            np.pad(values, [(1, 0) if a == axis else (0, 0) for a in (0, 1)]), axis=axis, dtype=np.float64
        )
        place = np.arange(values.shape[axis])
        high, low = np.minimum(place + _AROUND + 1, values.shape[axis]), np.maximum(place - _AROUND, 0)
        count = (high - low).astype(np.float64)
        sums = total.take(high, axis=axis) - total.take(low, axis=axis)
        values = (sums / (count[:, None] if axis == 0 else count[None])).astype(np.float32)
    return values


def outline(sketch: npt.NDArray[np.uint8], width: int, steps: int) -> Outline | None:
    """Return the outline of a reference ``width`` pixels wide, seen ``steps`` pixels long; none of a plain picture."""
    left, top, right, bottom = inner_box(sketch)
    inner = sketch[top:bottom, left:right].astype(np.float32)
    longer = max(inner.shape)
    shape = (max(3, round(inner.shape[0] * steps / longer)), max(3, round(inner.shape[1] * steps / longer)))
    small = np.pad(_averaged(inner, *shape), _MARGIN, constant_values=ground_of(sketch))
    field = edges(small)
    strength = np.abs(field)
    rows, columns = np.nonzero(strength > _STRONG)
    if len(rows) < _LEAST_SIDE:
        return None
    picked = np.linspace(0, len(rows) - 1, min(len(rows), _EDGE_POINTS)).round().astype(np.intp)
    rows, columns = rows[picked], columns[picked]
    blank_rows, blank_columns = np.nonzero(strength < _STRONG / 3)
    some = np.linspace(0, max(len(blank_rows) - 1, 0), min(len(blank_rows), _BLANK_POINTS)).round().astype(np.intp)
    turned = np.angle(field[rows, columns]) / 2
    normals = np.concatenate([np.column_stack([np.cos(turned), np.sin(turned)]), np.zeros((len(some), 2))])
    at = np.column_stack([np.append(columns, blank_columns[some]), np.append(rows, blank_rows[some])]) - _MARGIN + 0.5
    scale = width / sketch.shape[1]
    size = np.array([inner.shape[1] / shape[1], inner.shape[0] / shape[0]])
    weights = np.append(strength[rows, columns], np.full(len(some), _BLANK_WEIGHT))
    return Outline(
        points=(at * size + [left, top]) * scale - 0.5,
        normals=normals,
        weights=weights.astype(np.float32),
        span=longer * scale,
        steps=steps,
    )


def inner_box(grey: npt.NDArray[np.uint8]) -> tuple[int, int, int, int]:
    """Return the box (left, top, right, bottom) of what differs from the ground at the picture's rim."""
    far = np.abs(grey.astype(np.int16) - ground_of(grey)) > _GROUND_STEP
    if not far.any():
        return 0, 0, grey.shape[1], grey.shape[0]
    rows, columns = np.flatnonzero(far.any(axis=1)), np.flatnonzero(far.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def ground_of(grey: npt.NDArray[np.uint8]) -> int:
    """Return the level at the picture's rim."""
    return int(np.median(np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])))


def _averaged(grey: Floats, height: int, width: int) -> Floats:
    rows, columns = _shares(grey.shape[0], height), _shares(grey.shape[1], width)
    return np.asarray(rows @ grey @ columns.T, dtype=np.float32)


def _shares(old: int, new: int) -> Floats:
    bounds, cells = np.linspace(0, old, new + 1), np.arange(old)
    shared = np.minimum(bounds[1:, None], cells[None] + 1) - np.maximum(bounds[:-1, None], cells[None])
    weights = np.maximum(shared, 0)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), dtype=np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class OutlineSet:
    """Outlines of several references, filled up to one length with points of no weight.

    ``points`` float64[o, p, 2], ``normals`` complex128[o, p] (x + iy), ``weights`` float64[o, p]; ``spans``,
    ``steps`` float64[o]; ``middles`` float64[o, 2].
    """

    points: npt.NDArray[np.float64]
    normals: npt.NDArray[np.complex128]
    weights: npt.NDArray[np.float64]
    spans: npt.NDArray[np.float64]
    steps: npt.NDArray[np.float64]
    middles: npt.NDArray[np.float64]

    @classmethod
    def of(cls, outlines: Sequence[Outline]) -> OutlineSet:
        """Return the outlines side by side."""
        longest = _EDGE_POINTS + _BLANK_POINTS
        points, normals = np.zeros((len(outlines), longest, 2)), np.zeros((len(outlines), longest), np.complex128)
        weights = np.zeros((len(outlines), longest))
        for number, one in enumerate(outlines):
            count = len(one.points)
            points[number, :count], weights[number, :count] = one.points, one.weights
            normals[number, :count] = one.normals[:, 0] + 1j * one.normals[:, 1]
        return cls(
            points,
            normals,
            weights,
            np.array([one.span for one in outlines]),
            np.array([float(one.steps) for one in outlines]),
            np.array([one.middle for one in outlines]).reshape(-1, 2),
        )


def agreements(
    scene: Scene, known: OutlineSet, owners: npt.NDArray[np.intp], placings: Matrices
) -> npt.NDArray[np.float64]:
    """Return how well outline ``owners[n]`` agrees with a scene under placing float64[n, 2, 3], from -1 to 1."""
    linear = placings[:, :, :2]
    determinant = linear[:, 0, 0] * linear[:, 1, 1] - linear[:, 0, 1] * linear[:, 1, 0]
    size = np.sqrt(np.maximum(np.abs(determinant), 1e-9))
    points = known.points[owners] @ linear.transpose(0, 2, 1) + placings[:, None, :, 2]
    found = _looked_up(scene, points, size * (known.spans / known.steps)[owners])
    normals, weights = known.normals[owners], known.weights[owners]
    # A normal is mapped by the inverse transposed; its length does not matter.
    across = linear[:, 1, 1, None] * normals.real - linear[:, 1, 0, None] * normals.imag
    down = linear[:, 0, 0, None] * normals.imag - linear[:, 0, 1, None] * normals.real
    power = np.maximum(across**2 + down**2, 1e-12)
    shared = (found.real * (across**2 - down**2) + found.imag * 2 * across * down) / power * weights
    wanted = (weights * (normals != 0)).sum(axis=1)
    strength = ((found.real**2 + found.imag**2) * weights).sum(axis=1)
    return np.asarray(shared.sum(axis=1) / np.sqrt(np.maximum(strength * wanted, 1e-9)))


def _looked_up(scene: Scene, points: npt.NDArray[np.float64], step: npt.NDArray[np.float64]) -> Field:
    """Return the edges at points float64[n, p, 2], each placing at the size whose points are nearest to its step."""
    wanted = np.log2(np.maximum(step / scene.scale, 1e-6))
    level = np.clip(np.round(wanted), 0, len(scene.fields) - 1).astype(np.intp)
    out = np.zeros(points.shape[:2], dtype=np.complex64)
    for number in np.unique(level):
        chosen = np.flatnonzero(level == number)
        field = scene.fields[number]
        there = np.floor((points[chosen] + 0.5) / (scene.scale * 2.0**number)).clip(-1, 1 << 20).astype(np.intp)
        x, y = there[..., 0], there[..., 1]
        inside = (x >= 0) & (y >= 0) & (x < field.shape[1]) & (y < field.shape[0])
        flat = np.where(inside, y * field.shape[1] + x, 0)
        out[chosen] = field.ravel()[flat] * inside
    return out


_CHANGES = np.array([[1, 0, 0, 1], [0, -1, 1, 0], [1, 0, 0, -1], [0, 1, 1, 0]], dtype=np.float64).reshape(4, 2, 2)
"""Directions of the linear part: size, turn, stretch, shear."""


def improved(
    scene: Scene, known: OutlineSet, owners: npt.NDArray[np.intp], placings: Matrices, *, first_step: float, rounds: int
) -> tuple[Matrices, npt.NDArray[np.float64]]:
    """Return the placings after steps of place, size, turn and shear, and how well they agree then.

    Each round tries a step either way in all six parameters, then the step in all of them at once whose parabolas
    promise most, and keeps what is best. The first steps are a share of the outline's span, later ones 0.7 of the last.
    """
    now, best = placings.copy(), agreements(scene, known, owners, placings)
    count = len(placings)
    for number in range(rounds):
        size = first_step * 0.7**number
        steps = np.concatenate([np.eye(6), -np.eye(6)]) * size
        tried = np.concatenate([_moved(known, owners, now, np.tile(step, (count, 1))) for step in steps])
        scores = agreements(scene, known, np.tile(owners, len(steps)), tried).reshape(len(steps), count)
        rising, falling = scores[:6].T, scores[6:].T
        bend = np.minimum(rising + falling - 2 * best[:, None], -1e-3)
        jump = np.clip((falling - rising) / (2 * bend), -1, 1) * size
        joint = _moved(known, owners, now, jump)
        scores = np.vstack([scores, agreements(scene, known, owners, joint)])
        tried = np.concatenate([tried, joint]).reshape(len(scores), count, 2, 3)
        first = scores.argmax(axis=0)
        top = scores[first, np.arange(count)]
        better = top > best
        now[better], best[better] = tried[first, np.arange(count)][better], top[better]
    return now, best


def _moved(
    known: OutlineSet, owners: npt.NDArray[np.intp], placings: Matrices, steps: npt.NDArray[np.float64]
) -> Matrices:
    """Return the placings after the reference was moved by steps float64[n, 6] about its middle."""
    middle = known.middles[owners]
    linear = np.eye(2) + np.tensordot(steps[:, 2:], _CHANGES, axes=1)
    shift = middle - (linear @ middle[..., None])[..., 0] + steps[:, :2] * known.spans[owners, None]
    out = np.empty_like(placings)
    out[:, :, :2] = placings[:, :, :2] @ linear
    out[:, :, 2] = (placings[:, :, :2] @ shift[..., None])[..., 0] + placings[:, :, 2]
    return out

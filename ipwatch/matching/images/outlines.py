"""Outlines: where a reference's edges run, and how well an observed picture has edges in the same direction there.

An edge is a direction without a sign: light on dark and dark on light, any two colours, are the same (doubled angles,
Bigün and Granlund 1987). Strength is measured relative to the surroundings, so that a faint print counts. A placing is
refined by small steps of its six parameters until no step makes the outlines agree better.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Field = npt.NDArray[np.complex64]
Integers = npt.NDArray[np.int64]
Matrices = npt.NDArray[np.float64]

_EDGE_POINTS = 220
_BLANK_POINTS = 80
_BLANK_WEIGHT = 0.3
_STRONG = 0.3
_AROUND = 4
_NOISE = 6.0
_GROUND_STEP = 24
_MIN_SIDE = 12
_MARGIN = 4


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Outline:
    """Points of a reference: on its edges, and blank ones where it has none.

    ``points`` float64[p, 2] in pixels of the reference; ``normals`` float64[p, 2] across the edge, zero at blank
    points; ``weights`` float32[p]; ``span`` is the length of its longer side in those pixels and ``steps`` the number
    of pixels in which it was sampled.
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
    """The edges of an observed picture at several sizes, each half of the previous one.

    ``values`` complex64[n] holds the edges of one size after the other, row by row, within a border of zeros one point
    wide; ``starts``, ``widths`` and ``heights`` int64[sizes] are the offset of each and its size including the border.
    ``scale`` is the number of pixels per point of the first size.
    """

    values: Field
    starts: Integers
    widths: Integers
    heights: Integers
    scale: float

    @classmethod
    def of(cls, sketch: npt.NDArray[np.uint8], width: int) -> Scene:
        """Return the edges of a picture ``width`` pixels wide, from its sketch uint8[h, w]."""
        grey = sketch.astype(np.float32)
        fields = [np.pad(edges(grey), 1)]
        while min(grey.shape) >= 2 * _MIN_SIDE:
            height, across = grey.shape[0] // 2 * 2, grey.shape[1] // 2 * 2
            rows = grey[0:height:2, :across] + grey[1:height:2, :across]
            grey = np.asarray((rows[:, ::2] + rows[:, 1::2]) / 4, dtype=np.float32)
            fields.append(np.pad(edges(grey), 1))
        heights, widths = np.array([field.shape for field in fields], dtype=np.int64).T
        starts = np.append(0, np.cumsum(heights * widths)[:-1])
        return cls(
            np.concatenate([field.ravel() for field in fields]), starts, widths, heights, width / sketch.shape[1]
        )


def edges(grey: npt.NDArray[np.float32] | npt.NDArray[np.float64]) -> Field:
    """Return the doubled direction across the edge at each point, as long as the edge is strong: complex64[h, w]."""
    padded = np.asarray(np.pad(grey, 2, mode="edge"), dtype=np.float32)
    rows = padded[:-2] + 2 * padded[1:-1] + padded[2:]
    smooth = (rows[:, :-2] + 2 * rows[:, 1:-1] + rows[:, 2:]) / 16
    across, down = smooth[1:-1, 2:] - smooth[1:-1, :-2], smooth[2:, 1:-1] - smooth[:-2, 1:-1]
    power = across**2 + down**2
    strength = np.sqrt(power * (power + _mean_around(power) + _NOISE) + 1e-6)
    out = np.empty(grey.shape, dtype=np.complex64)
    out.real, out.imag = (across**2 - down**2) / strength, 2 * across * down / strength
    return out


def _mean_around(values: Floats) -> Floats:
    """Return the mean over 9 by 9 points, over fewer at the border."""
    sums = np.pad(values, _AROUND)
    for _ in (0, 1):
        # Two, four, eight neighbours and the ninth; in the second round along the other axis.
        two = sums[:-1] + sums[1:]
        four = two[:-2] + two[2:]
        sums = (four[:-5] + four[4:-1] + sums[8:]).T
    counts = [np.minimum(np.arange(side), _AROUND) for side in values.shape]
    rows, columns = (count + count[::-1] + 1 for count in counts)
    return np.asarray(sums / np.outer(rows, columns).astype(np.float32), dtype=np.float32)


def outline(sketch: npt.NDArray[np.uint8], width: int, steps: int) -> Outline | None:
    """Return the outline of a reference ``width`` pixels wide, sampled ``steps`` pixels long; ``None`` if plain."""
    left, top, right, bottom = inner_box(sketch)
    inner = sketch[top:bottom, left:right].astype(np.float32)
    longer = max(inner.shape)
    shape = (max(3, round(inner.shape[0] * steps / longer)), max(3, round(inner.shape[1] * steps / longer)))
    small = np.pad(_averaged(inner, *shape), _MARGIN, constant_values=ground_of(sketch))
    field = edges(small)
    strength = np.abs(field)
    rows, columns = np.nonzero(strength > _STRONG)
    if len(rows) < _MIN_SIDE:
        return None
    picked = np.linspace(0, len(rows) - 1, min(len(rows), _EDGE_POINTS)).round().astype(np.intp)
    rows, columns = rows[picked], columns[picked]
    blank_rows, blank_columns = np.nonzero(strength < _STRONG / 3)
    some = np.linspace(0, max(len(blank_rows) - 1, 0), min(len(blank_rows), _BLANK_POINTS)).round().astype(np.intp)
    turned = np.angle(field[rows, columns]) / 2
    normals = np.concatenate([np.column_stack([np.cos(turned), np.sin(turned)]), np.zeros((len(some), 2))])
    positions = (
        np.column_stack([np.append(columns, blank_columns[some]), np.append(rows, blank_rows[some])]) - _MARGIN + 0.5
    )
    scale = width / sketch.shape[1]
    size = np.array([inner.shape[1] / shape[1], inner.shape[0] / shape[0]])
    weights = np.append(strength[rows, columns], np.full(len(some), _BLANK_WEIGHT))
    return Outline(
        points=(positions * size + [left, top]) * scale - 0.5,
        normals=normals,
        weights=weights.astype(np.float32),
        span=longer * scale,
        steps=steps,
    )


def inner_box(grey: npt.NDArray[np.uint8]) -> tuple[int, int, int, int]:
    """Return the box (left, top, right, bottom) of the content that differs from the background at the border."""
    far = np.abs(grey.astype(np.int16) - ground_of(grey)) > _GROUND_STEP
    if not far.any():
        return 0, 0, grey.shape[1], grey.shape[0]
    rows, columns = np.flatnonzero(far.any(axis=1)), np.flatnonzero(far.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def ground_of(grey: npt.NDArray[np.uint8]) -> int:
    """Return the level at the border of the picture."""
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
    """Outlines of several references, padded to one length with points of weight 0.

    ``points`` and ``normals`` float32[o, 2, p], all x before all y; ``weights`` float32[o, p]; ``drawn`` float64[o] is
    the weight of the points on edges; ``spans``, ``steps`` float64[o]; ``middles`` float64[o, 2].
    """

    points: Floats
    normals: Floats
    weights: Floats
    drawn: npt.NDArray[np.float64]
    spans: npt.NDArray[np.float64]
    steps: npt.NDArray[np.float64]
    middles: npt.NDArray[np.float64]

    @classmethod
    def of(cls, outlines: Sequence[Outline]) -> OutlineSet:
        """Return the outlines stacked."""
        max_points = max((len(member.points) for member in outlines), default=0)
        points, normals = np.zeros((2, len(outlines), 2, max_points), dtype=np.float32)
        weights = np.zeros((len(outlines), max_points), dtype=np.float32)
        for number, member in enumerate(outlines):
            count = len(member.points)
            points[number, :, :count], normals[number, :, :count] = member.points.T, member.normals.T
            weights[number, :count] = member.weights
        return cls(
            points,
            normals,
            weights,
            (weights * normals.any(axis=1)).sum(axis=1, dtype=np.float64),
            np.array([member.span for member in outlines]),
            np.array([float(member.steps) for member in outlines]),
            np.array([member.middle for member in outlines]).reshape(-1, 2),
        )

    def of_owners(self, owners: npt.NDArray[np.intp]) -> OutlineSet:
        """Return the outlines with these indices, in this order."""
        return OutlineSet(
            self.points[owners],
            self.normals[owners],
            self.weights[owners],
            self.drawn[owners],
            self.spans[owners],
            self.steps[owners],
            self.middles[owners],
        )


def agreements(
    scene: Scene, known: OutlineSet, owners: npt.NDArray[np.intp], placings: Matrices
) -> npt.NDArray[np.float64]:
    """Return how well outline ``owners[n]`` agrees with a scene under placing float64[n, 2, 3], from -1 to 1."""
    return _agreed(scene, known.of_owners(owners), placings)


def _agreed(scene: Scene, outlines: OutlineSet, placings: Matrices) -> npt.NDArray[np.float64]:
    """Return how well each of n outlines agrees with a scene under placings float64[..., n, 2, 3]."""
    linear = placings[..., :2]
    size = np.sqrt(np.maximum(np.abs(np.linalg.det(linear)), 1e-9))
    wanted = np.log2(np.maximum(size * (outlines.spans / outlines.steps) / scene.scale, 1e-6))
    level = np.clip(np.round(wanted), 0, len(scene.starts) - 1).astype(np.intp)
    cells = placings / (scene.scale * 2.0 ** level[..., None, None])
    cells[..., 2] += 0.5 / (scene.scale * 2.0 ** level[..., None]) + 1
    sampled = _sample(scene, level, outlines.points, cells)
    # A normal is mapped by the inverse transpose; its length does not matter.
    xx, xy, yx, yy = (cells[..., row, column, None].astype(np.float32) for row in (0, 1) for column in (0, 1))
    x, y = outlines.normals[:, 0], outlines.normals[:, 1]
    across, down = yy * x - yx * y, xx * y - xy * x
    squares = across * across, down * down
    shared = sampled.real * (squares[0] - squares[1]) + sampled.imag * (2 * across * down)
    shared /= np.maximum(squares[0] + squares[1], np.float32(1e-12))
    strength = sampled.real**2 + sampled.imag**2
    total, strong = (np.einsum("...np,np->...n", part, outlines.weights) for part in (shared, strength))
    return np.asarray(total / np.sqrt(np.maximum(strong * outlines.drawn, 1e-9)), dtype=np.float64)


def _sample(scene: Scene, level: npt.NDArray[np.intp], points: Floats, cells: Matrices) -> Field:
    """Return the edges complex64[..., n, p] at points float32[n, 2, p], mapped by ``cells`` to their sizes."""
    xx, xy, x_offset, yx, yy, y_offset = (
        cells[..., row, column, None].astype(np.float32) for row in (0, 1) for column in (0, 1, 2)
    )
    x, y = points[:, 0], points[:, 1]
    columns, rows = xx * x + xy * y + x_offset, yx * x + yy * y + y_offset
    np.clip(columns, 0, (scene.widths[level][..., None] - 1).astype(np.float32), out=columns)
    np.clip(rows, 0, (scene.heights[level][..., None] - 1).astype(np.float32), out=rows)
    position = rows.astype(np.int32) * scene.widths[level][..., None].astype(np.int32) + columns.astype(np.int32)
    return scene.values[position + scene.starts[level][..., None].astype(np.int32)]


_CHANGES = np.array([[1, 0, 0, 1], [0, -1, 1, 0], [1, 0, 0, -1], [0, 1, 1, 0]], dtype=np.float64)
"""Directions of the linear part: scale, rotation, stretch, shear."""


def improved(
    scene: Scene, known: OutlineSet, owners: npt.NDArray[np.intp], placings: Matrices, *, first_step: float, rounds: int
) -> tuple[Matrices, npt.NDArray[np.float64]]:
    """Return the placings after steps of position, scale, rotation and shear, and how well they then agree.

    Each round tries a step either way in all six parameters, then a combined step to the optima of the fitted
    parabolas, and keeps the best. The first steps are a share of the outline's span, later ones 0.7 of the previous.
    """
    outlines = known.of_owners(owners)
    current, best = placings.copy(), _agreed(scene, outlines, placings)
    count = len(placings)
    for number in range(rounds):
        size = first_step * 0.7**number
        steps = np.concatenate([np.eye(6), -np.eye(6)]) * size
        tried = _moved(outlines, current, steps[:, None])
        scores = _agreed(scene, outlines, tried)
        rising, falling = scores[:6].T, scores[6:].T
        bend = np.minimum(rising + falling - 2 * best[:, None], -1e-3)
        jump = np.clip((falling - rising) / (2 * bend), -1, 1) * size
        joint = _moved(outlines, current, jump)
        scores = np.vstack([scores, _agreed(scene, outlines, joint)])
        tried = np.concatenate([tried, joint[None]])
        first = scores.argmax(axis=0)
        top = scores[first, np.arange(count)]
        better = top > best
        current[better], best[better] = tried[first, np.arange(count)][better], top[better]
    return current, best


def _moved(outlines: OutlineSet, placings: Matrices, steps: npt.NDArray[np.float64]) -> Matrices:
    """Return placings float64[..., n, 2, 3] after moving each of n references by steps float64[..., n or 1, 6].

    A reference is moved about its middle, before it is placed.
    """
    linear = np.eye(2) + (steps[..., 2:] @ _CHANGES).reshape(*steps.shape[:-1], 2, 2)
    middle = outlines.middles[..., None]
    shift = middle - linear @ middle + (steps[..., :2] * outlines.spans[:, None])[..., None]
    step = np.concatenate([np.broadcast_to(linear, (*shift.shape[:-1], 2)), shift], axis=-1)
    moved: Matrices = placings[..., :2] @ step
    moved[..., 2] += placings[..., 2]
    return moved

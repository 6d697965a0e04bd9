"""Verification of a placing point by point: do the drawings agree where the reference is assumed to be?

Both pictures are resampled to one grid in the reference's frame, no finer than either shows. The placing is first
shifted to where they agree best (Lucas and Kanade 1981, on levels normalised for local brightness and contrast), then
compared block by block by the correlation of gradients: gradients do not depend on brightness or tint, and blocks allow
for a covered part. A few keypoints and a grid that agrees are strong evidence; many keypoints and a grid that does not
agree are none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_CANVAS = 160
_GRID = 96
_SHIFTING_GRID = 56
_MIN_GRID = 20
_BLOCK = 8
_ROUNDS = 4
_NOISE = 2.0
"""Difference in levels between neighbours that is due to coding alone."""

_DRAWN = 4.0
_INSIDE = 0.6
_SIMILAR = 0.5
_SAME = 0.8
_MAX_SHIFT = 0.12
_WINDOW = 9
_FLAT = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How a placed reference agrees with the observed picture.

    ``blocks`` that show something of the reference and lie inside the picture; ``similar`` and ``same`` are the shares
    of them whose gradients correlate by more than 0.5 and 0.8; ``correlation`` is over all of them, weighted by what
    the reference draws there; ``both`` is weighted by what either draws; ``visible`` is the share of the reference's
    drawing that lies inside.
    """

    blocks: int
    similar: float
    same: float
    correlation: float
    both: float
    visible: float


NOTHING = Agreement(blocks=0, similar=0.0, same=0.0, correlation=0.0, both=0.0, visible=0.0)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Canvas:
    """A small grey copy of a picture.

    ``levels`` float32[h, w]; ``size`` is the picture's width and height in pixels, ``points`` the number of points of
    the copy per pixel, across and down.
    """

    levels: npt.NDArray[np.float32]
    size: tuple[int, int]
    points: tuple[float, float]

    @classmethod
    def of(cls, sketch: npt.NDArray[np.uint8], size: tuple[int, int]) -> Canvas:
        """Return the sketch uint8[h, w] of a picture of that size, reduced by a whole number where it is large."""
        every = -(-max(sketch.shape) // _CANVAS)
        rows, columns = (np.arange(0, side, every) for side in sketch.shape)
        sums = np.add.reduceat(np.add.reduceat(sketch, rows, axis=0, dtype=np.float32), columns, axis=1)
        counts = np.diff(np.append(rows, sketch.shape[0]))[:, None] * np.diff(np.append(columns, sketch.shape[1]))
        return cls(
            levels=(sums / counts).astype(np.float32),
            size=size,
            points=(sketch.shape[1] / every / size[0], sketch.shape[0] / every / size[1]),
        )


def agreement(reference: Canvas, observed: Canvas, matrix: Floats) -> Agreement:
    """Return how the reference agrees with the observed picture under a placing.

    ``matrix`` float64[3, 3] maps the reference's pixels at full size to those of the observed picture.
    """
    shape = _grid(reference, observed, matrix, _GRID)
    own = _resized(reference, *shape)
    sampled, inside = _sample(shape, reference.size, observed, matrix)
    return _compared(own, sampled, inside)


def shifted(reference: Canvas, observed: Canvas, matrix: Floats) -> Floats:
    """Return the placing moved, rotated, scaled and sheared slightly to where the pictures agree best."""
    shape = _grid(reference, observed, matrix, _SHIFTING_GRID)
    own = _evened(_resized(reference, *shape))
    to_grid = np.array(
        [
            [2 / reference.size[0], 0, 1 / reference.size[0] - 1],
            [0, 2 / reference.size[1], 1 / reference.size[1] - 1],
            [0, 0, 1],
        ]
    )
    from_grid = np.linalg.inv(to_grid)
    step = np.eye(3)
    for _ in range(_ROUNDS):
        sampled, inside = _sample(shape, reference.size, observed, matrix @ from_grid @ step @ to_grid)
        change = _change(own, _evened(sampled), inside)
        if change is None:
            break
        step = step @ change
        if np.abs(step - np.eye(3)).max() > _MAX_SHIFT:
            return matrix
    return np.asarray(matrix @ from_grid @ step @ to_grid)


def _change(own: Floats, sampled: Floats, inside: npt.NDArray[np.bool_]) -> Floats | None:
    """Return the affine step, in coordinates from -1 to 1, that brings the sampled levels closer to the own ones."""
    height, width = own.shape
    across, down = np.gradient(sampled, axis=1) * width / 2, np.gradient(sampled, axis=0) * height / 2
    x = np.broadcast_to((np.arange(width) * 2 + 1) / width - 1, own.shape)
    y = np.broadcast_to(((np.arange(height) * 2 + 1) / height - 1)[:, None], own.shape)
    usable = inside.astype(np.float64)
    polarity = 1.0 if float((own * sampled * usable).sum()) >= 0 else -1.0
    wrong = own * polarity - sampled
    weight = usable / (1 + wrong**2)
    slopes = np.stack([across * x, across * y, across, down * x, down * y, down]).reshape(6, -1)
    weighted = slopes * weight.ravel()
    normal = weighted @ slopes.T
    ridge = 1e-3 * float(np.trace(normal)) / 6 + 1e-9
    solution = np.linalg.solve(normal + ridge * np.eye(6), weighted @ wrong.ravel())
    if not np.isfinite(solution).all():
        return None
    change = np.eye(3)
    change[:2] += solution.reshape(2, 3)
    return change


def _evened(grey: Floats) -> Floats:
    """Return the levels minus the mean around them, divided by the spread around them."""
    mean = _around(grey)
    spread = np.sqrt(np.maximum(_around(grey**2) - mean**2, 0))
    return np.asarray((grey - mean) / (spread + 3 * _NOISE))


def _around(values: Floats) -> Floats:
    """Return the mean of the window around each point, the border repeated."""
    half = _WINDOW // 2
    for axis in (0, 1):
        pad = [(half + 1, half) if other == axis else (0, 0) for other in (0, 1)]
        sums = np.cumsum(np.pad(values, pad, mode="edge"), axis=axis)
        high = np.take(sums, range(_WINDOW, sums.shape[axis]), axis=axis)
        values = (high - np.take(sums, range(sums.shape[axis] - _WINDOW), axis=axis)) / _WINDOW
    return values


def _grid(reference: Canvas, observed: Canvas, matrix: Floats, max_side: int) -> tuple[int, int]:
    """Return the grid's height and width: no finer than the reference's sketch or the observed picture."""
    height, width = reference.size[1] * reference.points[1], reference.size[0] * reference.points[0]
    shown = _area(reference.size, matrix) * observed.points[0] * observed.points[1] / (height * width)
    longer = max(height, width)
    ratio = max(min(1.0, max_side / longer, float(np.sqrt(shown))), min(1.0, _MIN_GRID / longer))
    return max(6, round(height * ratio)), max(6, round(width * ratio))


def _area(size: tuple[int, int], matrix: Floats) -> float:
    """Return the approximate number of pixels of the observed picture that the reference covers."""
    return float(abs(matrix[0, 0] * matrix[1, 1] - matrix[0, 1] * matrix[1, 0])) * size[0] * size[1]


def _resized(canvas: Canvas, height: int, width: int) -> Floats:
    """Return the picture as float64[height, width], each point the mean of the area it covers."""
    rows = _averaging(canvas.levels.shape[0], canvas.size[1] * canvas.points[1], height)
    columns = _averaging(canvas.levels.shape[1], canvas.size[0] * canvas.points[0], width)
    return np.asarray(rows @ canvas.levels @ columns.T, dtype=np.float64)


def _averaging(old: int, extent: float, new: int) -> npt.NDArray[np.float32]:
    """Return the weights float32[new, old] by which each new point is the mean of the old ones it covers.

    The old points extend to ``extent``, which may lie within the last one.
    """
    edges = np.linspace(0, extent, new + 1)
    cells = np.arange(old)
    shared = np.minimum(edges[1:, None], cells[None] + 1) - np.maximum(edges[:-1, None], cells[None])
    weights = np.maximum(shared, 0)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), dtype=np.float32)


def _sample(
    shape: tuple[int, int], size: tuple[int, int], observed: Canvas, matrix: Floats
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Return the observed picture at the grid's points, and which of them lie inside it."""
    height, width = shape
    x = (np.arange(width) + 0.5) * size[0] / width - 0.5
    y = ((np.arange(height) + 0.5) * size[1] / height - 0.5)[:, None]
    across, down, depth = (row[0] * x + row[1] * y + row[2] for row in matrix)
    depth = np.where(np.abs(depth) < _FLAT, _FLAT, depth)
    along, below = observed.points
    step = np.sqrt(_area(size, matrix) * along * below / (height * width))
    levels, coarser = observed.levels, max(1, int(step + 0.3))
    if coarser > 1:
        wide, high = observed.size[0] * along / coarser, observed.size[1] * below / coarser
        levels = _resized(observed, max(1, round(high)), max(1, round(wide))).astype(np.float32)
        along, below = levels.shape[1] / observed.size[0], levels.shape[0] / observed.size[1]
    across = (across / depth + 0.5) * along - 0.5
    down = (down / depth + 0.5) * below - 0.5
    inside = (depth > 0) & _within(across, observed.size[0] * along) & _within(down, observed.size[1] * below)
    return _between(levels, across, down), inside


def _within(positions: Floats, extent: float) -> npt.NDArray[np.bool_]:
    """Return which positions lie on points that extend half a point further, over an extent of that many points."""
    return np.asarray(np.abs(positions + 0.5 - extent / 2) < extent / 2)


def _between(levels: npt.NDArray[np.float32], across: Floats, down: Floats) -> Floats:
    """Return the linearly interpolated levels, those at the border beyond it."""
    rows, columns = levels.shape
    across, down = np.clip(across, 0, columns - 1), np.clip(down, 0, rows - 1)
    left, top = across.astype(np.intp), down.astype(np.intp)
    u, v = across - left, down - top
    right = (left + 1 < columns).astype(np.intp)
    bottom = (top + 1 < rows).astype(np.intp) * columns
    flat, index = levels.ravel(), top * columns + left
    upper = flat[index] * (1 - u) + flat[index + right] * u
    lower = flat[index + bottom] * (1 - u) + flat[index + bottom + right] * u
    return np.asarray(upper * (1 - v) + lower * v)


def _compared(own: Floats, sampled: Floats, inside: npt.NDArray[np.bool_]) -> Agreement:
    (own_x, own_y), (sampled_x, sampled_y) = _gradients(own), _gradients(sampled)
    usable = inside[1:-1, 1:-1] & inside[:-2, 1:-1] & inside[2:, 1:-1] & inside[1:-1, :-2] & inside[1:-1, 2:]
    numbers = _blocks(usable.shape)
    count = int(numbers.max()) + 1
    points, shown = np.bincount(numbers, minlength=count), np.bincount(numbers, usable.ravel(), count)
    own_power, sampled_power, shared = (
        np.bincount(numbers, (values * usable).ravel(), count)
        for values in (own_x**2 + own_y**2, sampled_x**2 + sampled_y**2, own_x * sampled_x + own_y * sampled_y)
    )
    noise = _NOISE**2 * np.maximum(shown, 1)
    cosine = np.abs(shared) / np.sqrt((own_power + noise) * (sampled_power + noise))
    enough = shown >= _INSIDE * points
    drawn = enough & (own_power > _DRAWN**2 * np.maximum(shown, 1))
    if not drawn.any():
        return NOTHING
    weight = np.sqrt(own_power) * drawn
    either = np.sqrt(np.maximum(own_power, sampled_power)) * enough
    return Agreement(
        blocks=int(drawn.sum()),
        similar=float((cosine[drawn] > _SIMILAR).mean()),
        same=float((cosine[drawn] > _SAME).mean()),
        correlation=float((weight * cosine).sum() / weight.sum()),
        both=float((either * cosine).sum() / either.sum()),
        visible=float(own_power.sum() / (own_x**2 + own_y**2).sum()),
    )


def _gradients(grey: Floats) -> tuple[Floats, Floats]:
    """Return the Sobel gradients, in levels per point, without the border."""
    across, down = (grey[:, 2:] - grey[:, :-2]) / 2, (grey[2:] - grey[:-2]) / 2
    return (
        (across[:-2] + 2 * across[1:-1] + across[2:]) / 4,
        (down[:, :-2] + 2 * down[:, 1:-1] + down[:, 2:]) / 4,
    )


def _blocks(shape: tuple[int, ...]) -> npt.NDArray[np.intp]:
    """Return the block of each point of a grid, about ``_BLOCK`` by ``_BLOCK`` points large."""
    rows = np.arange(shape[0]) * max(1, round(shape[0] / _BLOCK)) // shape[0]
    columns = np.arange(shape[1]) * max(1, round(shape[1] / _BLOCK)) // shape[1]
    return np.asarray((rows[:, None] * (columns[-1] + 1) + columns[None]).ravel(), dtype=np.intp)

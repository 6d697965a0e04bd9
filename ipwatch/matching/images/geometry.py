"""Geometry of matched keypoints: the placing of a reference in an observed picture, and how improbable it is by chance.

A single correspondence determines a placing: position, scale and rotation (Lowe 2004). All these hypotheses are scored
at once; the best are fitted again to the matches that agree with them. The measure in the end is the expected number of
false alarms (Desolneux, Moisan and Morel 2000; Moisan and Stival 2004): how many placings would agree as well among as
many matches at random positions. Nothing is sampled at random, so that the same input gives the same result.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

MIN_INLIERS = 3
_FLAT = 1e-9
_HYPOTHESES = 100
_REFINED = 4
_LOOSE = 0.05
"""Tolerance of a hypothesis from one correspondence, as a share of the observed picture's longer side."""

_TOLERANCES = (0.03, 0.02, 0.015)
_FINEST = 0.003
"""Smaller residuals are counted as this: points are not located more precisely."""

_SIZE_FACTOR = 2.0
_TURN = 35.0
_BY_CHANCE = 0.05
"""Share of random matches whose size and angle agree with a placing too: 70 of 360 degrees, a fourth of sizes."""

_MIN_SCALE, _MAX_SCALE = 0.02, 12.0
_MAX_STRETCH = 3.0
_MIN_SPREAD = 0.18
"""Points in a band narrower than this, relative to its length, do not determine shear."""

_MIN_FOR_SHEAR = 6
_MIN_FOR_PERSPECTIVE = 12
_SAME = 0.008


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Matches:
    """Correspondences between a reference and an observed picture, best first.

    ``reference`` and ``observed`` are float64[n, 4]: x, y, size and angle in degrees; ``quality`` float64[n].
    """

    reference: Floats
    observed: Floats
    quality: Floats


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Placing:
    """The position of a reference in an observed picture.

    ``matrix`` float64[3, 3] maps its points there; ``inliers`` are the indices of the distinct matches that agree;
    ``log_alarms`` is the decimal logarithm of the number of false alarms: the lower, the less probable by chance.
    """

    matrix: Floats
    inliers: npt.NDArray[np.intp]
    log_alarms: float


def placings(matches: Matches, extent: tuple[float, float], limit: int = 2) -> list[Placing]:
    """Return up to ``limit`` placings that at least three distinct matches agree on, the most significant first.

    ``extent`` is the observed picture's width and height.
    """
    if len(matches.quality) < MIN_INLIERS:
        return []
    longer = max(extent)
    matrices = _hypotheses(matches)[:_HYPOTHESES]
    matrices = matrices[_sane(matrices)]
    if not len(matrices):
        return []
    agreeing = _agreeing(matrices, matches, _LOOSE * longer)
    support = agreeing @ matches.quality
    refined: list[Placing] = []
    taken: list[npt.NDArray[np.bool_]] = []
    for number in np.argsort(-support, kind="stable"):
        if any((agreeing[number] & mask).sum() > 0.7 * agreeing[number].sum() for mask in taken):
            continue
        taken.append(agreeing[number])
        placing = _refined(matrices[number], matches, extent)
        if placing is not None:
            refined.append(placing)
        if len(taken) == _REFINED:
            break
    refined.sort(key=lambda placing: placing.log_alarms)
    return refined[:limit]


def mapped(matrix: Floats, points: Floats) -> Floats:
    """Return points float64[n, 2] as the matrix maps them."""
    out = points @ matrix[:, :2].T + matrix[:, 2]
    return np.asarray(out[:, :2] / np.where(np.abs(out[:, 2:]) < _FLAT, _FLAT, out[:, 2:]))


def corners(width: float, height: float) -> Floats:
    """Return the corners of a picture from the upper left clockwise, float64[4, 2]."""
    return np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float64)


def _hypotheses(matches: Matches) -> Floats:
    """Return the similarity transform implied by each match, float64[n, 3, 3]."""
    scale = matches.observed[:, 2] / np.maximum(matches.reference[:, 2], 1e-6)
    turn = np.radians(matches.observed[:, 3] - matches.reference[:, 3])
    cos, sin = scale * np.cos(turn), scale * np.sin(turn)
    x, y = matches.reference[:, 0], matches.reference[:, 1]
    out = np.zeros((len(scale), 3, 3))
    out[:, 0, 0], out[:, 0, 1], out[:, 1, 0], out[:, 1, 1] = cos, -sin, sin, cos
    out[:, 0, 2] = matches.observed[:, 0] - cos * x + sin * y
    out[:, 1, 2] = matches.observed[:, 1] - sin * x - cos * y
    out[:, 2, 2] = 1
    return out


def _sane(matrices: Floats) -> npt.NDArray[np.bool_]:
    """Return which placings neither mirror nor shrink, grow, shear or stretch beyond the changes of a copy."""
    linear = matrices[:, :2, :2]
    determinant = _determinants(linear)
    spread = (linear**2).sum(axis=(1, 2))
    root = np.sqrt(np.maximum(spread**2 - 4 * determinant**2, 0))
    large, small = np.sqrt((spread + root) / 2), np.sqrt(np.maximum((spread - root) / 2, 1e-18))
    return np.asarray((determinant > 0) & (small > _MIN_SCALE) & (large < _MAX_SCALE) & (large < _MAX_STRETCH * small))


def _determinants(matrices: Floats) -> Floats:
    return np.asarray(matrices[:, 0, 0] * matrices[:, 1, 1] - matrices[:, 0, 1] * matrices[:, 1, 0])


def _agreeing(matrices: Floats, matches: Matches, tolerance: float) -> npt.NDArray[np.bool_]:
    """Return which matches agree with which placing in position, size and angle, bool[h, n]."""
    residuals = _residuals(matrices, matches)
    scale = np.sqrt(np.maximum(_determinants(matrices), 1e-12))
    turn = np.degrees(np.arctan2(matrices[:, 1, 0] - matrices[:, 0, 1], matrices[:, 0, 0] + matrices[:, 1, 1]))
    sizes = np.log2(matches.observed[:, 2] / np.maximum(matches.reference[:, 2], 1e-6))[None] - np.log2(scale)[:, None]
    angles = (matches.observed[:, 3] - matches.reference[:, 3])[None] - turn[:, None]
    angles = np.abs((angles + 180) % 360 - 180)
    return np.asarray((residuals < tolerance) & (np.abs(sizes) < np.log2(_SIZE_FACTOR)) & (angles < _TURN))


def _residuals(matrices: Floats, matches: Matches) -> Floats:
    """Return the distance of each match from its position under each placing, float64[h, n]."""
    x, y = matches.reference[:, 0], matches.reference[:, 1]
    rows = np.stack([x, y, np.ones_like(x)])
    across, down, depth = (matrices[:, row] @ rows for row in range(3))
    depth = np.where(np.abs(depth) < _FLAT, _FLAT, depth)
    return np.asarray(np.hypot(across / depth - matches.observed[:, 0], down / depth - matches.observed[:, 1]))


def _refined(matrix: Floats, matches: Matches, extent: tuple[float, float]) -> Placing | None:
    """Return the placing fitted again to the matches that agree, or ``None`` where too few do."""
    longer = max(extent)
    inliers = _distinct(_agreeing(matrix[None], matches, _LOOSE * longer)[0], matches, longer)
    for tolerance in _TOLERANCES:
        if len(inliers) < MIN_INLIERS:
            return None
        fitted = _fitted(matches, inliers)
        if fitted is None or not _sane(fitted[None])[0]:
            return None
        matrix = fitted
        inliers = _distinct(_agreeing(matrix[None], matches, tolerance * longer)[0], matches, longer)
    if len(inliers) < MIN_INLIERS:
        return None
    matrix, inliers = _in_perspective(matrix, inliers, matches, longer)
    residuals = _residuals(matrix[None], matches)[0][inliers]
    alarms = _log_alarms(np.sort(residuals), len(matches.quality), extent)
    return Placing(matrix=matrix, inliers=inliers, log_alarms=alarms)


def _distinct(agreeing: npt.NDArray[np.bool_], matches: Matches, longer: float) -> npt.NDArray[np.intp]:
    """Return the agreeing matches, one for each position in the reference and in the picture, the better first."""
    numbers = np.flatnonzero(agreeing)
    step = _SAME * longer
    for points in (matches.reference, matches.observed):
        if not len(numbers):
            break
        cells = np.floor(points[numbers, :2] / step).astype(np.int64)
        _, first = np.unique(cells[:, 0] * 1_000_003 + cells[:, 1], return_index=True)
        numbers = numbers[np.sort(first)]
    return np.asarray(numbers, dtype=np.intp)


def _fitted(matches: Matches, inliers: npt.NDArray[np.intp]) -> Floats | None:
    """Return the least-squares affine placing, or a similarity where the points do not span an area."""
    source, target = matches.reference[inliers, :2], matches.observed[inliers, :2]
    middle, there = source.mean(axis=0), target.mean(axis=0)
    centred, wanted = source - middle, target - there
    spread = np.linalg.svd(centred, compute_uv=False)
    if spread[0] <= _FLAT:
        return None
    if len(inliers) >= _MIN_FOR_SHEAR and spread[1] > _MIN_SPREAD * spread[0]:
        linear = np.linalg.lstsq(centred, wanted, rcond=None)[0].T
    else:
        linear = _similarity(centred, wanted)
    out = np.eye(3)
    out[:2, :2] = linear
    out[:2, 2] = there - linear @ middle
    return out


def _in_perspective(
    matrix: Floats, inliers: npt.NDArray[np.intp], matches: Matches, longer: float
) -> tuple[Floats, npt.NDArray[np.intp]]:
    """Return the placing in perspective with its inliers, if more matches agree with it than with the flat one."""
    for tolerance in (_LOOSE, _TOLERANCES[-1], _TOLERANCES[-1]):
        around = _distinct(_agreeing(matrix[None], matches, tolerance * longer)[0], matches, longer)
        if len(around) < _MIN_FOR_PERSPECTIVE:
            return matrix, inliers
        tilted = _homography(matches.reference[around, :2], matches.observed[around, :2])
        if tilted is None or not _sane(tilted[None])[0]:
            return matrix, inliers
        agreeing = _distinct(_agreeing(tilted[None], matches, _TOLERANCES[-1] * longer)[0], matches, longer)
        if len(agreeing) <= len(inliers):
            return matrix, inliers
        matrix, inliers = tilted, agreeing
    return matrix, inliers


def _homography(source: Floats, target: Floats) -> Floats | None:
    """Return the least-squares homography between normalised points (Hartley 1997)."""
    own, there = _levelling(source), _levelling(target)
    x, y = mapped(own, source).T
    u, v = mapped(there, target).T
    zeros, ones = np.zeros_like(x), np.ones_like(x)
    rows = np.concatenate(
        [
            np.column_stack([x, y, ones, zeros, zeros, zeros, -u * x, -u * y, -u]),
            np.column_stack([zeros, zeros, zeros, x, y, ones, -v * x, -v * y, -v]),
        ]
    )
    solution = np.linalg.svd(rows, full_matrices=False)[2][-1].reshape(3, 3)
    matrix = np.linalg.inv(there) @ solution @ own
    return matrix / matrix[2, 2] if abs(matrix[2, 2]) > _FLAT else None


def _levelling(points: Floats) -> Floats:
    """Return the matrix that brings points to a mean of 0 and a spread of 1."""
    middle = points.mean(axis=0)
    scale = 1 / max(float(points.std()), _FLAT)
    return np.array([[scale, 0, -scale * middle[0]], [0, scale, -scale * middle[1]], [0, 0, 1]])


def _similarity(centred: Floats, wanted: Floats) -> Floats:
    """Return the least-squares rotation and scale (Umeyama 1991) between centred points."""
    power = float((centred**2).sum())
    cos = float((centred * wanted).sum()) / power
    sin = float((centred[:, 0] * wanted[:, 1] - centred[:, 1] * wanted[:, 0]).sum()) / power
    return np.array([[cos, -sin], [sin, cos]])


def _log_alarms(residuals: Floats, matches: int, extent: tuple[float, float]) -> float:
    """Return the minimum log10 of the number of false alarms over the number of agreeing matches."""
    longer = max(extent)
    number = np.arange(1, len(residuals) + 1)
    chance = np.minimum(
        np.pi * np.maximum(residuals, _FINEST * longer) ** 2 / (extent[0] * extent[1]) * _BY_CHANCE, 1.0
    )
    free = 2
    counted = number > free
    if not counted.any():
        return 0.0
    drawn = number[counted] - free
    choices = _log_choose(matches - free, drawn)
    tests = np.log10(max(matches, 2)) * free
    return float((tests + choices + drawn * np.log10(chance[counted])).min())


def _log_choose(total: int, drawn: npt.NDArray[np.intp]) -> Floats:
    logs = np.concatenate([[0.0], np.cumsum(np.log10(np.arange(1, max(total, int(drawn.max())) + 1)))])
    return np.asarray(logs[total] - logs[drawn] - logs[np.maximum(total - drawn, 0)])

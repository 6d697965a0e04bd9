"""SIFT descriptors: packed, mirrored, inverted, and retrieved from those of many references.

The index is an inverted file (Sivic and Zisserman 2003; Jégou, Douze and Schmid 2011): descriptors of the references
are in lists around centres, and an observed descriptor is compared only with the lists of its nearest centres. The
number of lists and their length both grow with the square root of the number of references.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ipwatch.matching.images.features import Keypoints

ENTRIES = 128
PACKED = ENTRIES // 2
LEVELS_PER_UNIT = 50.0
"""Entries of RootSIFT above 0.3 are rare (one in a thousand): sixteen levels of 1/50 hold them."""

_ENTRIES = np.arange(ENTRIES).reshape(4, 4, 8)
MIRRORED = _ENTRIES[::-1][:, :, -np.arange(8) % 8].ravel()
"""Order of the entries of a mirrored picture's descriptor: cells across the main direction and angles run backwards."""

INVERTED = _ENTRIES[::-1, ::-1].ravel()
"""Order of the entries in a negative: the main direction is reversed, and the cells with it."""

VARIANTS = ((False, False), (True, False), (False, True), (True, True))
"""Variants of an observed picture: mirrored or not, as a negative or not."""

DIMENSIONS = 64
"""Directions along which stored descriptors are kept, of 128: the others hold a twentieth of the variation."""

_ROUNDS = 6
_SAMPLE = 40
_LEARNED_FROM = 100_000
_PROBES = 4
_BUILD_CHUNK = 4096
_COSINE_STEPS = 1 << 14

Floats = npt.NDArray[np.float32]


def pack_descriptors(descriptors: Floats) -> npt.NDArray[np.uint8]:
    """Return SIFT descriptors float32[m, 128] as RootSIFT in four bits an entry, uint8[m, 64]."""
    shares = descriptors / np.maximum(descriptors.sum(axis=1, keepdims=True), 1e-6)
    levels = np.minimum(np.rint(np.sqrt(shares) * LEVELS_PER_UNIT), 15).astype(np.uint8)
    return np.ascontiguousarray(levels[:, ::2] << 4 | levels[:, 1::2])


def unpack_descriptors(packed: npt.NDArray[np.uint8]) -> Floats:
    """Return packed descriptors as unit vectors float32[m, 128]; raises ``ValueError`` for another shape."""
    if packed.shape[1:] != (PACKED,):
        raise ValueError(f"packed descriptors are uint8[m, {PACKED}], not {list(packed.shape)}")
    levels = np.empty((len(packed), ENTRIES), dtype=np.float32)
    levels[:, ::2] = packed >> 4
    levels[:, 1::2] = packed & 15
    return np.asarray(levels / np.maximum(np.linalg.norm(levels, axis=1, keepdims=True), 1e-6), dtype=np.float32)


def transformed(keypoints: Keypoints, width: float, *, mirrored: bool, inverted: bool) -> tuple[Floats, Floats]:
    """Return keypoints as they are in the mirrored picture, the negative or both.

    That is float32[m, 4] of x, y, size and angle, and unit vectors float32[m, 128]; ``width`` is the picture's.
    """
    rows = np.column_stack([keypoints.points, keypoints.sizes, keypoints.angles]).astype(np.float32)
    descriptors = unpack_descriptors(keypoints.descriptors)
    if mirrored:
        rows[:, 0] = width - 1 - rows[:, 0]
        rows[:, 3] = 180 - rows[:, 3]
        descriptors = descriptors[:, MIRRORED]
    if inverted:
        rows[:, 3] += 180
        descriptors = descriptors[:, INVERTED]
    rows[:, 3] %= 360
    return rows, descriptors


@dataclass(frozen=True, slots=True, eq=False)
class Neighbours:
    """Pairs of a query descriptor and a stored one, by index, with their cosine, best first."""

    query: npt.NDArray[np.int64]
    stored: npt.NDArray[np.int64]
    cosines: Floats


class DescriptorIndex:
    """The descriptors of many references, searched by similarity."""

    def __init__(self, references: Sequence[Keypoints]) -> None:
        """Sort the descriptors of the references into lists; ``owners`` is the reference of each."""
        counts = np.array([len(reference.points) for reference in references], dtype=np.int64)
        self.owners = np.repeat(np.arange(len(references)), counts)
        self.rows = np.concatenate(
            [np.zeros((0, 4), np.float32)]
            + [np.column_stack([r.points, r.sizes, r.angles]).astype(np.float32) for r in references]
        )
        packed = np.concatenate([np.zeros((0, PACKED), np.uint8)] + [r.descriptors for r in references])
        sample = unpack_descriptors(packed[:: max(1, len(packed) // _LEARNED_FROM)])
        self._projection = _principal(sample)
        lists = max(1, round(np.sqrt(len(packed))))
        few = sample if len(sample) <= _SAMPLE * lists else sample[:: len(sample) // (_SAMPLE * lists)]
        self._centres = _centres(few @ self._projection, lists)
        vectors = np.empty((len(packed), DIMENSIONS), dtype=np.int8)
        assigned = np.empty(len(packed), dtype=np.int64)
        for start in range(0, len(packed), _BUILD_CHUNK):
            part = slice(start, start + _BUILD_CHUNK)
            projected = unpack_descriptors(packed[part]) @ self._projection
            vectors[part] = np.clip(np.rint(projected * 127), -127, 127)
            assigned[part] = _nearest(projected, self._centres)
        self._order = np.argsort(assigned, kind="stable")
        self._vectors = vectors[self._order]
        self._starts = np.searchsorted(assigned[self._order], np.arange(lists + 1))

    def neighbours(self, descriptors: Floats, min_cosine: float, limit: int) -> Neighbours:
        """Return, for each unit vector, up to ``limit`` stored ones with a cosine of at least ``min_cosine``."""
        if not len(self._order) or not len(descriptors):
            return Neighbours(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32))
        vectors = descriptors @ self._projection
        nearness = vectors @ self._centres.T - (self._centres**2).sum(axis=1) / 2
        probes = min(_PROBES, nearness.shape[1])
        chosen = np.argpartition(-nearness, probes - 1, axis=1)[:, :probes].ravel()
        asking = np.repeat(np.arange(len(vectors)), probes)
        order = np.argsort(chosen, kind="stable")
        bounds = np.searchsorted(chosen[order], np.arange(len(self._centres) + 1))
        queries, stored, cosines = [], [], []
        for number in np.flatnonzero(np.diff(bounds)):
            start, end = self._starts[number], self._starts[number + 1]
            who = asking[order[bounds[number] : bounds[number + 1]]]
            near = vectors[who] @ self._vectors[start:end].T.astype(np.float32) * np.float32(1 / 127)
            flat = np.flatnonzero(near >= min_cosine)
            row = flat // near.shape[1]
            queries.append(who[row])
            stored.append(flat - row * near.shape[1] + start)
            cosines.append(near.ravel()[flat])
        return _best(np.concatenate(queries), self._order[np.concatenate(stored)], np.concatenate(cosines), limit)


def _best(queries: npt.NDArray[np.int64], stored: npt.NDArray[np.int64], cosines: Floats, limit: int) -> Neighbours:
    """Return the best pairs of each query descriptor; one number for each pair sorts faster than three keys."""
    steps = np.rint((1 - cosines) * _COSINE_STEPS).clip(0, _COSINE_STEPS - 1).astype(np.uint64)
    keys = np.sort(queries.astype(np.uint64) << np.uint64(46) | steps << np.uint64(32) | stored.astype(np.uint64))
    asked = (keys >> np.uint64(46)).astype(np.int64)
    first = np.flatnonzero(np.diff(asked, prepend=-1))
    rank = np.arange(len(asked)) - np.repeat(first, np.diff(np.append(first, len(asked))))
    keys, asked = keys[rank < limit], asked[rank < limit]
    near = 1 - (keys >> np.uint64(32) & np.uint64(_COSINE_STEPS - 1)).astype(np.float32) / np.float32(_COSINE_STEPS)
    return Neighbours(asked, (keys & np.uint64(0xFFFFFFFF)).astype(np.int64), near)


def _principal(sample: Floats) -> Floats:
    """Return the directions along which descriptors vary most, float32[128, 64]."""
    moment = sample.T.astype(np.float64) @ sample.astype(np.float64)
    _, directions = np.linalg.eigh(moment)
    return np.asarray(directions[:, ::-1][:, :DIMENSIONS], dtype=np.float32)


def _centres(vectors: Floats, lists: int) -> Floats:
    """Return the k-means centres, starting from vectors spaced evenly through the references."""
    if len(vectors) <= lists:
        return vectors.copy() if len(vectors) else np.zeros((1, DIMENSIONS), np.float32)
    centres = vectors[np.linspace(0, len(vectors) - 1, lists).astype(np.int64)]
    for _ in range(_ROUNDS):
        assigned = _nearest(vectors, centres)
        order = np.argsort(assigned, kind="stable")
        taken, first = np.unique(assigned[order], return_index=True)
        sums = np.add.reduceat(vectors[order], first, axis=0)
        centres = centres.copy()
        centres[taken] = sums / np.diff(np.append(first, len(order)))[:, None]
    return centres


def _nearest(vectors: Floats, centres: Floats) -> npt.NDArray[np.int64]:
    half = (centres**2).sum(axis=1) / 2
    parts = [
        np.argmax(vectors[start : start + _BUILD_CHUNK] @ centres.T - half, axis=1)
        for start in range(0, len(vectors), _BUILD_CHUNK)
    ]
    return np.concatenate(parts) if parts else np.zeros(0, np.int64)

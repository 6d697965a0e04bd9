"""Local features of a picture: SIFT keypoints with RootSIFT descriptors of four bits per entry.

SIFT: Lowe 2004; RootSIFT: Arandjelović and Zisserman 2012. A descriptor keeps the order of its 128 entries, because the
descriptors of the mirrored picture and of the negative are permutations of it (``matching.images.descriptors``).
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from ipwatch.matching.images.descriptors import ENTRIES, pack_descriptors
from ipwatch.matching.images.features import Keypoints

OBSERVED_EDGE = 400
"""Longer side of an observed picture; SIFT doubles it first, so that details of two pixels count."""

REFERENCE_EDGE = 480
MIN_EDGE = 160
"""Smaller pictures are enlarged to it: descriptors need space around a point."""

OBSERVED_KEYPOINTS = 400
REFERENCE_KEYPOINTS = 400

_MARGIN = 10
"""Pixels of replicated border: SIFT finds nothing close to the border, and marks are cropped tightly."""

_CONTRAST = 0.015
"""Minimum contrast of a point; OpenCV's default is 0.04, at which faint prints and plain cloth have none."""

_EDGE_RATIO = 12.0


def observed_keypoints(grey: npt.NDArray[np.uint8], scale: float) -> Keypoints:
    """Return the keypoints of an observed picture, up to ``OBSERVED_KEYPOINTS``.

    ``grey`` uint8[h, w]; ``scale`` is the number of full-size pixels along one of its pixels. Raises ``ValueError`` for
    another array.
    """
    return _keypoints(grey, scale, OBSERVED_EDGE, OBSERVED_KEYPOINTS, layers=2)


def reference_keypoints(grey: npt.NDArray[np.uint8], scale: float) -> Keypoints:
    """Return the keypoints of a reference, up to ``REFERENCE_KEYPOINTS``, at a larger size than of an observed picture.

    ``grey`` uint8[h, w]; ``scale`` is the number of full-size pixels along one of its pixels. Raises ``ValueError`` for
    another array.
    """
    return _keypoints(grey, scale, REFERENCE_EDGE, REFERENCE_KEYPOINTS, layers=3)


def _keypoints(grey: npt.NDArray[np.uint8], scale: float, edge: int, limit: int, *, layers: int) -> Keypoints:
    if grey.ndim != 2 or grey.dtype != np.uint8 or not grey.size:  # noqa: PLR2004 - rows and columns
        raise ValueError(f"a grey picture is uint8[h, w], not {grey.dtype}{list(grey.shape)}")
    looked_at, factor = _resized(grey, edge)
    framed = cv2.copyMakeBorder(looked_at, _MARGIN, _MARGIN, _MARGIN, _MARGIN, cv2.BORDER_REPLICATE)
    detected, descriptors = _detector(limit, layers).detectAndCompute(framed, None)
    if descriptors is None:
        detected, descriptors = (), np.zeros((0, ENTRIES), dtype=np.float32)
    rows = np.array([(*point.pt, point.size, point.angle) for point in detected], dtype=np.float32).reshape(-1, 4)
    inside = _inside(rows[:, :2] - _MARGIN, looked_at.shape)
    order = np.argsort([-point.response for point in detected], kind="stable")
    order = order[inside[order]][:limit]
    rows, entries = rows[order], np.asarray(descriptors, dtype=np.float32)[order]
    # Scaling keeps pixel centres (at halves) in place.
    points = (rows[:, :2] - _MARGIN + 0.5) * np.float32(factor * scale) - 0.5
    return Keypoints(
        points=_short(points),
        sizes=_short(rows[:, 2] * np.float32(factor * scale)),
        angles=_short(rows[:, 3]),
        descriptors=pack_descriptors(entries),
    )


def _inside(points: npt.NDArray[np.float32], shape: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    """Return which points are in the picture, not in its added border."""
    # Pixel centres are at whole numbers here.
    within = points + 0.5
    return np.asarray(((within >= 0) & (within < [shape[1], shape[0]])).all(axis=1))


def _resized(grey: npt.NDArray[np.uint8], edge: int) -> tuple[npt.NDArray[np.uint8], float]:
    """Return the picture with its longer side between ``MIN_EDGE`` and ``edge``, and old pixels per new one."""
    longer = max(grey.shape)
    wanted = min(max(longer, MIN_EDGE), edge)
    if wanted == longer:
        return grey, 1.0
    ratio = wanted / longer
    size = (max(1, round(grey.shape[1] * ratio)), max(1, round(grey.shape[0] * ratio)))
    smaller = cv2.resize(grey, size, interpolation=cv2.INTER_AREA if ratio < 1 else cv2.INTER_CUBIC)
    return np.asarray(smaller, dtype=np.uint8), 1 / ratio


def _short(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return the values rounded to 12 binary digits (1/4 pixel in 1,000), which compress to half the bytes."""
    bits = np.ascontiguousarray(values, dtype=np.float32).view(np.uint32)
    return ((bits + np.uint32(1 << 11)) & np.uint32(0xFFFFF000)).view(np.float32)


@lru_cache(maxsize=8)
def _detector(limit: int, layers: int) -> cv2.SIFT:
    return cv2.SIFT.create(limit, layers, _CONTRAST, _EDGE_RATIO)

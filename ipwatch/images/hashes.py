"""Global hashes: a 256-bit DCT hash like PDQ in all orientations from one transform, and imagehash's prefilters.

The hash is PDQ's ("The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm", Facebook 2019): 16 x 16
frequencies of a 64 x 64 cosine transform, a bit for each that is above their median. The same luminance gives the same
hash as the reference in C++; from decoded pictures it may differ by at most 10 bits at a quality of 80 or more
(``pdq/README.md`` of facebook/ThreatExchange).
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import imagehash
import numpy as np
import numpy.typing as npt
from PIL import Image

BUFFER_EDGE = 64
"""Side of the square luminance buffer that is transformed."""

_FREQUENCIES = 16
_BITS = _FREQUENCIES * _FREQUENCIES
_MIN_PDQ_EDGE = 5
_QUALITY_DIVISOR = 90
_MAX_QUALITY = 100
_NOISE = 2.0

FloatArray = npt.NDArray[np.float32]
GreyArray = npt.NDArray[np.uint8]


class Orientation(NamedTuple):
    """One of the eight orientations of a picture: mirrored left to right or not, then rotated clockwise."""

    name: str
    flip: bool
    degrees: int


ORIENTATIONS = (
    Orientation("upright", flip=False, degrees=0),
    Orientation("quarter turn", flip=False, degrees=90),
    Orientation("half turn", flip=False, degrees=180),
    Orientation("three-quarter turn", flip=False, degrees=270),
    Orientation("mirrored", flip=True, degrees=0),
    Orientation("mirrored, quarter turn", flip=True, degrees=90),
    Orientation("mirrored, half turn", flip=True, degrees=180),
    Orientation("mirrored, three-quarter turn", flip=True, degrees=270),
)
"""The order of a reference's hashes: hash ``i`` is that of the picture in ``ORIENTATIONS[i]``."""


def _transform() -> FloatArray:
    frequencies = np.arange(1, _FREQUENCIES + 1)[:, None]
    points = 2 * np.arange(BUFFER_EDGE)[None, :] + 1
    scale = np.sqrt(2.0 / BUFFER_EDGE)
    return np.asarray(scale * np.cos(np.pi / (2 * BUFFER_EDGE) * frequencies * points), dtype=np.float32)


_TRANSFORM = _transform()
_ALTERNATING = np.where(np.arange(_FREQUENCIES) % 2 == 0, -1.0, 1.0).astype(np.float32)
"""Mirroring a picture negates its odd frequencies, and the first kept frequency is 1."""


def dct_hashes(buffers: FloatArray, *, all_orientations: bool) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint8]]:
    """Return the hashes uint64[n, o, 4] and qualities uint8[n] of luminance float32[n, 64, 64] from 0 to 255.

    ``o`` is 8, in the order of ``ORIENTATIONS``, or 1: the upright one. The bytes of a hash in memory are those of
    PDQ's hexadecimal form: ``hashes[i, j].tobytes().hex()``.
    """
    if buffers.ndim != 3 or buffers.shape[1:] != (BUFFER_EDGE, BUFFER_EDGE):  # noqa: PLR2004 - pictures by rows by columns
        raise ValueError(f"the luminance of pictures is [n, {BUFFER_EDGE}, {BUFFER_EDGE}], not {buffers.shape}")
    upright = _TRANSFORM @ buffers.astype(np.float32, copy=False) @ _TRANSFORM.T
    laid = _orientations(upright) if all_orientations else upright[:, None]
    return _bits(laid), qualities(buffers)


def qualities(buffers: FloatArray) -> npt.NDArray[np.uint8]:
    """Return PDQ's quality, 0 to 100, of luminance float32[n, 64, 64]: the sum of its steps in whole percent."""
    down = np.trunc(np.diff(buffers, axis=1) * (100 / 255))
    across = np.trunc(np.diff(buffers, axis=2) * (100 / 255))
    steps = np.abs(down).sum(axis=(1, 2)) + np.abs(across).sum(axis=(1, 2))
    return np.asarray(np.minimum(steps // _QUALITY_DIVISOR, _MAX_QUALITY), dtype=np.uint8)


def steady_shares(buffers: FloatArray) -> FloatArray:
    """Return float32[n]: the share of a hash's bits that are stable under noise of a level or two.

    A picture split into two tones has a good quality by its gradients, but nearly all of its frequencies are zero:
    their bits are rounding noise, the same in every such picture.
    """
    frequencies = (_TRANSFORM @ buffers @ _TRANSFORM.T).reshape(-1, _BITS)
    above = np.abs(frequencies - np.median(frequencies, axis=1, keepdims=True))
    return np.asarray((above > _NOISE).mean(axis=1), dtype=np.float32)


def pdq_buffer(luminance: FloatArray) -> FloatArray:
    """Return the 64 x 64 buffer of the PDQ reference from luminance float32[h, w], 0 to 255.

    Two passes of a box filter, then the points closest to the centres of 64 x 64 cells (Jarosz filter). Raises
    ``ValueError`` below 5 pixels a side, where the reference gives no hash.
    """
    height, width = luminance.shape
    if min(height, width) < _MIN_PDQ_EDGE:
        raise ValueError(f"PDQ hashes pictures of at least {_MIN_PDQ_EDGE} pixels a side, not {width} x {height}")
    if height == width == BUFFER_EDGE:
        return luminance
    filtered = luminance
    for _ in range(2):
        filtered = _box_filter(_box_filter(filtered, axis=1), axis=0)
    rows = ((np.arange(BUFFER_EDGE) + 0.5) * height / BUFFER_EDGE).astype(np.intp)
    columns = ((np.arange(BUFFER_EDGE) + 0.5) * width / BUFFER_EDGE).astype(np.intp)
    return filtered[np.ix_(rows, columns)]


def gates(grey: GreyArray) -> tuple[str, str]:
    """Return imagehash's 64-bit pHash and dHash of a grey picture uint8[h, w], as 16 hexadecimal digits each."""
    small = cv2.resize(grey, (128, 128), interpolation=cv2.INTER_AREA) if min(grey.shape) > 256 else grey  # noqa: PLR2004
    picture = Image.fromarray(small)
    return str(imagehash.phash(picture)), str(imagehash.dhash(picture))


def _box_filter(luminance: FloatArray, *, axis: int) -> FloatArray:
    """Return the means over a window along one axis, truncated at the ends as in the reference."""
    length = luminance.shape[axis]
    window = (length + 2 * BUFFER_EDGE - 1) // (2 * BUFFER_EDGE)
    before = window - (window + 2) // 2
    after = (window + 2) // 2 - 1
    sums = np.cumsum(luminance, axis=axis, dtype=np.float64)
    zero = np.zeros_like(sums.take([0], axis=axis))
    sums = np.concatenate([zero, sums], axis=axis)
    first = np.maximum(np.arange(length) - before, 0)
    last = np.minimum(np.arange(length) + after + 1, length)
    counts = (last - first).reshape((-1, 1) if axis == 0 else (1, -1))
    means = (sums.take(last, axis=axis) - sums.take(first, axis=axis)) / counts
    return np.asarray(means, dtype=np.float32)


def _orientations(upright: FloatArray) -> FloatArray:
    """Return float32[n, 8, 16, 16]: the frequencies of each picture in each orientation."""
    across, down = _ALTERNATING, _ALTERNATING[:, None]
    turned = upright.transpose(0, 2, 1)
    laid = (
        upright,
        turned * across,
        upright * across * down,
        turned * down,
        upright * across,
        turned * across * down,
        upright * down,
        turned,
    )
    return np.stack(laid, axis=1)


def _bits(frequencies: FloatArray) -> npt.NDArray[np.uint64]:
    """Return a bit for each frequency above the lower median, the highest frequency's bit first."""
    flat = frequencies.reshape(*frequencies.shape[:-2], _BITS)
    median = np.partition(flat, _BITS // 2 - 1, axis=-1)[..., _BITS // 2 - 1, None]
    packed = np.packbits((flat > median)[..., ::-1], axis=-1)
    return np.ascontiguousarray(packed).view(np.uint64)

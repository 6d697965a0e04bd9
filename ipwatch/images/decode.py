"""Pictures decoded within bounds: upright, of the size looked at, in grey and in colour; and made into thumbnails.

Every picture is hostile: the format must be on a list and the size is read before a pixel is. What cannot be used is
refused with an ``ImageError`` whose ``reason`` is a ``PictureRefusal``; nothing else is raised for bad bytes.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from ipwatch.images.animation import other_frames
from ipwatch.images.opening import load, opened, orientation, reading
from ipwatch.images.pixels import Levels, averaged, fitted, laid, transparency, upright
from ipwatch.matching.images.features import Ground

_MIN_TRANSPARENCY = 0.005
"""Less than half a percent, the soft edge of a round corner, is not worth a second look on black."""

_SIDEWAYS = frozenset({5, 6, 7, 8})
"""The EXIF orientations of pictures that are stored with their sides exchanged."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Raster:
    """The pixels of one frame, upright: ``grey`` uint8[h, w] and ``colour`` uint8[h, w, 3] in the order R, G, B.

    ``frame`` counts from 0; ``ground`` is what its transparent parts were laid on. Where the picture was decoded
    without colour, ``colour`` is the grey, thrice. The arrays may be read-only.
    """

    frame: int
    ground: Ground
    grey: npt.NDArray[np.uint8]
    colour: npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Decoded:
    """A decoded picture: the ``sha256`` of the file, its upright full size in pixels, and what was looked at."""

    sha256: str
    width: int
    height: int
    frames: tuple[Raster, ...]


def decode(data: bytes, edge: int, *, colour: bool = True) -> Decoded:
    """Return a picture upright, its frames made no wider or higher than ``edge`` pixels; raises ``ImageError``.

    Each pixel of a raster is the mean of the area it covers; nothing is enlarged. The first frame on white comes first.
    Where its transparent parts make a difference it comes on black too, and up to three other frames of an animation
    follow on white. Nothing of the file but these pixels goes on: no metadata, no bytes behind the picture. Without
    ``colour`` it takes about half the time.
    """
    if edge < 1:
        raise ValueError(f"a raster's edge is at least one pixel, not {edge}")
    with opened(data) as image:
        turn = orientation(image)
        width, height = image.size
        first, size = _first_frame(image, edge, colour=colour)
        frames = tuple(_rasters(image, first, size, turn, colour=colour))
    if turn in _SIDEWAYS:
        width, height = height, width
    return Decoded(sha256=hashlib.sha256(data).hexdigest(), width=width, height=height, frames=frames)


def _first_frame(image: Image.Image, edge: int, *, colour: bool) -> tuple[Levels, tuple[int, int]]:
    """Return the first frame no larger than ``edge``, and its size as stored; a large JPEG is never decoded whole."""
    size = fitted(image.size, edge)
    with reading():
        image.draft(None if colour else "L", size)
    load(image)
    with reading():
        return averaged(image, size, colour=colour), size


def _rasters(image: Image.Image, first: Levels, size: tuple[int, int], turn: int, *, colour: bool) -> Iterator[Raster]:
    yield _raster(0, Ground.WHITE, first, turn)
    if _MIN_TRANSPARENCY <= transparency(first) < 1:
        yield _raster(0, Ground.BLACK, first, turn)
    for number, levels in other_frames(image, first, size, colour=colour):
        yield _raster(number, Ground.WHITE, levels, turn)


def _raster(frame: int, ground: Ground, levels: Levels, turn: int) -> Raster:
    grey, colour = laid(upright(levels, turn), ground)
    return Raster(frame=frame, ground=ground, grey=grey, colour=colour)


def thumbnail(data: bytes, edge: int) -> bytes:
    """Return the picture as a new PNG no wider or higher than ``edge`` pixels; raises ``ImageError``.

    The pixels are drawn anew on white, so no metadata, profile, comment or trailing bytes of the original remain.
    """
    if edge < 1:
        raise ValueError(f"a thumbnail's edge is at least one pixel, not {edge}")
    with opened(data) as image:
        turn = orientation(image)
        first, _ = _first_frame(image, edge, colour=True)
    out = io.BytesIO()
    Image.fromarray(_raster(0, Ground.WHITE, first, turn).colour).save(out, "PNG", optimize=True)
    return out.getvalue()

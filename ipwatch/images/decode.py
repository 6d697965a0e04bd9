"""Bounded decoding of pictures: upright, at the working size, in grey and in colour; and thumbnails.

Every picture is untrusted: its format must be on a list, and its size is checked before pixels are decoded. A picture
that cannot be used raises ``ImageError`` with a ``ImageRefusal`` as ``reason``; bad bytes raise nothing else.
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
from ipwatch.images.opening import decoding_errors, load, opened, orientation
from ipwatch.images.pixels import Levels, averaged, fitted, laid, transparency, upright
from ipwatch.matching.images.features import Ground

_MIN_TRANSPARENCY = 0.005
"""Pictures with less transparency, such as soft edges of round corners, are used on white only."""

_SIDEWAYS = frozenset({5, 6, 7, 8})
"""The EXIF orientations of pictures that are stored with their sides exchanged."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Raster:
    """The pixels of one frame, upright: ``grey`` uint8[h, w] and ``colour`` uint8[h, w, 3] in the order R, G, B.

    ``frame`` counts from 0; ``ground`` is the background of transparent parts. Where the picture was decoded without
    colour, ``colour`` repeats the grey in three channels. The arrays may be read-only.
    """

    frame: int
    ground: Ground
    grey: npt.NDArray[np.uint8]
    colour: npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Decoded:
    """A decoded picture: the ``sha256`` of the file, its upright full size in pixels, and its rasters."""

    sha256: str
    width: int
    height: int
    frames: tuple[Raster, ...]


def decode(data: bytes, edge: int, *, colour: bool = True) -> Decoded:
    """Return a picture upright, its frames scaled down to at most ``edge`` pixels a side; raises ``ImageError``.

    Each pixel of a raster is the mean of the area it covers; nothing is enlarged. The first raster is the first frame
    on white, followed by the same on black where transparency matters, and by up to three other frames of an animation
    on white. Metadata and trailing bytes of the file are dropped. Without ``colour`` it takes about half the time.
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
    """Return the first frame at most ``edge`` a side, and its stored size; large JPEGs are decoded at reduced size."""
    size = fitted(image.size, edge)
    with decoding_errors():
        image.draft(None if colour else "L", size)
    load(image)
    with decoding_errors():
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
    """Return the picture as a new PNG of at most ``edge`` pixels a side; raises ``ImageError``.

    It is re-encoded on white, so no metadata, profile, comment or trailing bytes of the original remain.
    """
    if edge < 1:
        raise ValueError(f"a thumbnail's edge is at least one pixel, not {edge}")
    with opened(data) as image:
        turn = orientation(image)
        first, _ = _first_frame(image, edge, colour=True)
    out = io.BytesIO()
    Image.fromarray(_raster(0, Ground.WHITE, first, turn).colour).save(out, "PNG", optimize=True)
    return out.getvalue()

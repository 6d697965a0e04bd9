"""Animations: selects further frames besides the first, within a bounded amount of work."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from ipwatch.errors import ImageError
from ipwatch.images.opening import load
from ipwatch.images.pixels import Levels, averaged, laid
from ipwatch.matching.images.features import Ground

MAX_OTHER_FRAMES = 3

_ANIMATED_FORMATS = frozenset({"GIF", "PNG", "WEBP", "AVIF"})
"""A JPEG may contain other pictures too (MPO), but these are depth maps, gain maps and stereo views."""

_MAX_FRAME = 100
_MAX_CANVAS = 4_000_000
"""Decoders of animations hold up to four canvases, so of larger ones only the first frame is used."""

_MAX_TOTAL = 50_000_000
"""Pixels decoded after the first frame: about half a second of work."""

_THUMBNAIL_SIZE = (32, 32)
_DIFFERENT = 6.0
"""Frames differ when their 32 by 32 points do by this many of 255 levels on average; blinking text is less."""

_PLAINLY_DIFFERENT = 2 * _DIFFERENT


@dataclass(frozen=True, slots=True, eq=False)
class _Frame:
    number: int
    thumbnail: npt.NDArray[np.float32]
    levels: Levels


def other_frames(image: Image.Image, first: Levels, size: tuple[int, int], *, colour: bool) -> list[tuple[int, Levels]]:
    """Return up to three further frames of an animation with their numbers, averaged to ``size``.

    ``image`` is at its first frame, whose pixels are ``first``. The frames differ from the first and from one another,
    and are spread over the first hundred, or over as many as 50 million pixels allow. The number of frames that a file
    declares is not trusted; of one that is truncated or broken the frames before that are used.
    """
    if image.format not in _ANIMATED_FORMATS:
        return []
    kept = [_Frame(0, _thumbnail(first), first)]
    for number in _numbers(image):
        thumbnail = _thumbnail(averaged(image, _THUMBNAIL_SIZE, colour=False))
        if min(_difference(thumbnail, each.thumbnail) for each in kept) < _DIFFERENT:
            continue
        kept.append(_Frame(number, thumbnail, averaged(image, size, colour=colour)))
        if len(kept) > 1 + MAX_OTHER_FRAMES:
            kept.remove(min(kept[1:], key=lambda frame: _retention_key(frame, kept)))
    return [(each.number, each.levels) for each in kept[1:]]


def _numbers(image: Image.Image) -> Iterator[int]:
    """Yield the numbers of the frames after the first, each when it has been decoded."""
    pixels = image.width * image.height
    if pixels > _MAX_CANVAS:
        return
    for number in range(1, min(_MAX_FRAME, _MAX_TOTAL // pixels + 1)):
        try:
            load(image, number)
        except ImageError:
            return
        yield number


def _thumbnail(levels: Levels) -> npt.NDArray[np.float32]:
    grey, _ = laid(levels, Ground.WHITE)
    return averaged(Image.fromarray(grey), _THUMBNAIL_SIZE, colour=False)[:, :, 0].astype(np.float32)


def _difference(first: npt.NDArray[np.float32], second: npt.NDArray[np.float32]) -> float:
    return float(np.abs(first - second).mean())


def _retention_key(frame: _Frame, among: list[_Frame]) -> tuple[float, float]:
    """Return the distance of a frame to its most similar one (capped), and the number of frames it represents.

    ``among`` is in order; the last one represents an unknown number.
    """
    difference = min(_difference(frame.thumbnail, other.thumbnail) for other in among if other is not frame)
    index = among.index(frame)
    ends = among[index + 1].number if index + 1 < len(among) else math.inf
    return min(difference, _PLAINLY_DIFFERENT), ends - among[index - 1].number

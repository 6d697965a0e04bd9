"""Pixels: a loaded picture of any mode as an array, averaged to the working size, upright, and on a background."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from ipwatch.matching.images.features import Ground

Levels = npt.NDArray[np.uint8]
"""uint8[h, w, c] with one channel (grey) or three (R, G, B), times opacity where a last channel holds the opacity."""

_BAND_PIXELS = 1 << 20
"""Larger pictures are converted in bands of rows of about so many pixels, to avoid a second copy."""

_GREY_MODES = frozenset({"1", "L", "I;16"})
_DEEP_MODE = "I;16"
_PALETTE_SIZE = 256
_OPAQUE = 255
_CLEAR_CHANNELS = frozenset({2, 4})


def fitted(size: tuple[int, int], edge: int) -> tuple[int, int]:
    """Return the size scaled down to a longer side of at most ``edge``, with its aspect ratio; at least 1 by 1."""
    longer = max(size)
    if longer <= edge:
        return size
    width, height = (max(1, round(side * edge / longer)) for side in size)
    return width, height


def averaged(image: Image.Image, size: tuple[int, int], *, colour: bool) -> Levels:
    """Return a loaded picture scaled down to ``size`` (width, height): each pixel is the mean of its area.

    Without ``colour`` it is grey, the luma of ITU-R BT.601, which takes half the time.
    ICC profiles are ignored: their effect is far below the tolerance of hashes and keypoints, marketplaces strip them,
    and they would expose one more parser to untrusted bytes.
    """
    width, height = image.size
    rows = max(1, _BAND_PIXELS // width)
    if rows >= height:
        return _resized(_levels(image, colour=colour), size)
    tops = range(0, height, rows)
    parts = (_levels(image.crop((0, top, width, min(top + rows, height))), colour=colour) for top in tops)
    bands = [_resized(levels, (size[0], levels.shape[0])) for levels in parts]
    return _resized(np.concatenate(bands), size)


def upright(levels: Levels, orientation: int) -> Levels:
    """Return the pixels transformed by the EXIF ``orientation`` 1..8."""
    if orientation in {5, 6, 7, 8}:
        levels = levels.swapaxes(0, 1)
    if orientation in {2, 3, 6, 7}:
        levels = levels[:, ::-1]
    if orientation in {3, 4, 7, 8}:
        levels = levels[::-1]
    return np.ascontiguousarray(levels)


def laid(levels: Levels, ground: Ground) -> tuple[Levels, Levels]:
    """Return the pixels on a background, in grey (uint8[h, w]) and in colour (uint8[h, w, 3])."""
    shown = levels
    if levels.shape[2] in _CLEAR_CHANNELS:
        shown = np.ascontiguousarray(levels[:, :, :-1])
        if ground is Ground.WHITE:
            # By rounding, premultiplied colour can exceed the opacity by one level.
            shown = shown + np.minimum(_OPAQUE - levels[:, :, -1:], _OPAQUE - shown)
    if shown.shape[2] == 1:
        return shown[:, :, 0], np.broadcast_to(shown, (*shown.shape[:2], 3))
    return np.asarray(cv2.cvtColor(shown, cv2.COLOR_RGB2GRAY), dtype=np.uint8), shown


def transparency(levels: Levels) -> float:
    """Return the mean transparency of the picture, 0 to 1."""
    if levels.shape[2] not in _CLEAR_CHANNELS:
        return 0.0
    return float(_OPAQUE - levels[:, :, -1].mean(dtype=np.float64)) / _OPAQUE


def _resized(levels: Levels, size: tuple[int, int]) -> Levels:
    if (levels.shape[1], levels.shape[0]) == size:
        return levels
    resized = np.asarray(cv2.resize(levels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    # OpenCV drops the axis of a single channel; restored here.
    return resized.reshape(size[1], size[0], levels.shape[2])


def _levels(image: Image.Image, *, colour: bool) -> Levels:
    plain = _eight_bits(image)
    if plain.mode in {"LA", "RGBA"}:
        plain = plain.convert("RGBA").convert("RGBa") if colour else plain.convert("LA").convert("La")
    elif not colour:
        plain = plain.convert("L")
    levels = np.asarray(plain)
    return levels[:, :, np.newaxis] if levels.ndim == 2 else levels  # noqa: PLR2004


def _eight_bits(image: Image.Image) -> Image.Image:
    """Return the picture in mode L, LA, RGB or RGBA."""
    key = image.info.get("transparency")
    if image.mode == _DEEP_MODE:
        return _deep(image, key)
    if image.mode == "P":
        return _palette(image, key)
    if image.mode == "PA" or (key is not None and image.mode in {"RGB", *_GREY_MODES}):
        return image.convert("RGBA")
    if image.mode in _GREY_MODES:
        return image.convert("L")
    return image if image.mode in {"LA", "RGBA"} else image.convert("RGB")


def _deep(image: Image.Image, key: object) -> Image.Image:
    """Return a 16-bit grey picture in 8 bits; Pillow's own conversion clips instead of scaling."""
    deep = np.asarray(image)
    grey = Image.fromarray((deep >> 8).astype(np.uint8))
    if key is None:
        return grey
    return Image.merge("LA", (grey, Image.fromarray(np.where(deep == key, 0, _OPAQUE).astype(np.uint8))))


def _palette(image: Image.Image, key: object) -> Image.Image:
    """Return the picture of a palette image; opacities beyond the palette are ignored."""
    if key is None:
        return image.convert("RGB")
    if isinstance(key, bytes):
        image.info["transparency"] = key[:_PALETTE_SIZE]
    return image.convert("RGBA")

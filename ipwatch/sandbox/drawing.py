"""Draws the pictures of the sandbox: photograph-like goods on a textured background, emblems, and edited copies.

The same picture and seed give the same pixels, independent of installed fonts.
"""

from __future__ import annotations

import io
from random import Random

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps

from ipwatch.sandbox.chance import generator
from ipwatch.sandbox.emblems import SIDE as EMBLEM_SIDE
from ipwatch.sandbox.emblems import emblem
from ipwatch.sandbox.pictures import Change, DrawnImage
from ipwatch.sandbox.shapes import SIDE, outline

_COARSE = 5
_GRAIN = 7
_EDGE = 60
_STEEL, _WOOD, _INK, _CREAM = (176, 182, 190), (128, 88, 52), (34, 38, 52), (232, 222, 200)
_RED, _GREEN, _BLUE, _PINK, _GOLD = (168, 32, 38), (64, 122, 62), (46, 82, 148), (226, 152, 168), (204, 164, 72)
_COLOURS = {
    "blade": ((_STEEL, _WOOD), (_STEEL, _INK), ((140, 146, 156), _RED)),
    "stick": ((_INK, _GOLD), (_RED, _STEEL), (_BLUE, _GOLD), (_GREEN, _INK)),
    "bottle": ((_CREAM, _PINK), (_PINK, _CREAM), (_BLUE, _STEEL), (_GREEN, _CREAM)),
    "headphone": ((_INK, _STEEL), (_STEEL, _INK), (_RED, _INK), (_CREAM, _WOOD)),
    "bag": ((_BLUE, _INK), (_GREEN, _GOLD), (_RED, _INK), (_GOLD, _WOOD)),
    "cloth": ((_CREAM, _BLUE), (_PINK, _CREAM), (_GREEN, _CREAM), (_BLUE, _STEEL)),
    "tin": ((_GREEN, _GOLD), (_INK, _GREEN), (_RED, _GOLD), (_CREAM, _GREEN)),
    "slab": (((156, 52, 50), _CREAM), (_INK, _STEEL), (_CREAM, _BLUE), ((136, 60, 60), _PINK)),
    "bowl": ((_RED, _INK), (_INK, _RED), (_WOOD, _GOLD), (_CREAM, _BLUE)),
    "round": ((_RED, _GOLD), (_GREEN, _GOLD), (_GOLD, _RED), (_PINK, _CREAM)),
    "figure": ((_PINK, _BLUE), (_BLUE, _GOLD), (_CREAM, _RED), (_GREEN, _PINK)),
    "box": ((_BLUE, _GOLD), (_CREAM, _RED), (_INK, _PINK), (_GREEN, _CREAM)),
    "shirt": ((_CREAM, _INK), (_INK, _CREAM), (_BLUE, _CREAM), (_PINK, _INK)),
}


def draw_file(picture: DrawnImage, seed: int) -> bytes:
    """Return the bytes of the picture in its file type; raises ``KeyError`` for an unknown shape."""
    image = draw_picture(picture, seed)
    quality = 58 if Change.RECOMPRESS in picture.changes else 88
    target = io.BytesIO()
    if picture.extension == "png":
        image.save(target, "PNG", compress_level=1)
    elif picture.extension == "webp":
        image.save(target, "WEBP", quality=quality, method=0)
    else:
        image.save(target, "JPEG", quality=quality)
    return target.getvalue()


def draw_picture(picture: DrawnImage, seed: int) -> Image.Image:
    """Return the picture as RGB pixels, with its changes made."""
    if picture.emblem_only and picture.overlay is not None:
        image = Image.new("RGB", (EMBLEM_SIDE, EMBLEM_SIDE), (255, 255, 255))
        mark = emblem(picture.overlay)
        image.paste(mark, (0, 0), mark)
    else:
        image = _photograph(picture, seed)
    rng = generator(seed, picture.subject, *picture.changes)
    for change in picture.changes:
        image = _changed(image, change, rng)
    return image


def _photograph(picture: DrawnImage, seed: int) -> Image.Image:
    rng = generator(seed, picture.subject)
    pixels = np.random.default_rng(rng.getrandbits(64))
    image = _texture(pixels, rng, _ground(rng), spread=26)
    mask = Image.new("L", (SIDE, SIDE), 0)
    outline(picture.shape, ImageDraw.Draw(mask), rng)
    mask = mask.rotate(rng.uniform(-28, 28), resample=Image.Resampling.BILINEAR)
    mask = mask.transform(
        (SIDE, SIDE),
        Image.Transform.AFFINE,
        (rng.uniform(0.8, 1.15), 0, rng.randint(-34, 40), 0, rng.uniform(0.8, 1.15), rng.randint(-34, 40)),
        resample=Image.Resampling.BILINEAR,
    )
    shadow = mask.reduce(4).filter(ImageFilter.GaussianBlur(3)).resize((SIDE, SIDE)).point(lambda level: level // 3)
    image.paste((18, 16, 20), (rng.randint(4, 14), rng.randint(6, 16)), shadow)
    first, second = rng.choice(_COLOURS[picture.shape])
    image.paste(_texture(pixels, rng, first, spread=34), (0, 0), mask.point(_is_inside))
    image.paste(_texture(pixels, rng, second, spread=24), (0, 0), mask.point(_is_detail))
    if picture.overlay is not None:
        _paste_emblem(image, picture.overlay, rng)
    return _grained(image, pixels)


def _is_inside(level: int) -> int:
    return 255 if level > _EDGE else 0


def _is_detail(level: int) -> int:
    return 255 if _EDGE < level < 255 - _EDGE else 0


def _ground(rng: Random) -> tuple[int, int, int]:
    """Return a muted colour, as of a table, a cloth or a studio wall."""
    level = rng.randint(96, 226)
    return (level + rng.randint(-6, 26), level + rng.randint(-10, 12), level + rng.randint(-34, 14))


def _texture(pixels: np.random.Generator, rng: Random, colour: tuple[int, int, int], *, spread: int) -> Image.Image:
    """Return a soft field of colour: a few patches close to ``colour``, enlarged."""
    base = np.array([channel + rng.randint(-24, 24) for channel in colour])
    patches = base + pixels.normal(0, spread, (_COARSE, _COARSE, 1)) + pixels.normal(0, 8, (_COARSE, _COARSE, 3))
    small = Image.fromarray(np.clip(patches, 0, 255).astype(np.uint8))
    return small.resize((SIDE, SIDE), Image.Resampling.BICUBIC)


def _grained(image: Image.Image, pixels: np.random.Generator) -> Image.Image:
    grain: NDArray[np.int16] = pixels.integers(-_GRAIN, _GRAIN + 1, (SIDE, SIDE, 1), dtype=np.int16)
    return Image.fromarray(np.clip(np.asarray(image, dtype=np.int16) + grain, 0, 255).astype(np.uint8))


def _paste_emblem(image: Image.Image, mark: str, rng: Random) -> None:
    side = rng.randint(150, 200)
    small = emblem(mark).resize((side, side), Image.Resampling.BILINEAR)
    position = (rng.randint(60, 300 - side), rng.randint(70, 300 - side))
    plate = Image.new("RGBA", (side, side), (250, 248, 244, 235))
    image.paste(plate, position, plate)
    image.paste(small, position, small)


def _changed(image: Image.Image, change: Change, rng: Random) -> Image.Image:
    width, height = image.size
    match change:
        case Change.RESIZE:
            factor = rng.choice((0.55, 0.7, 1.25))
            image = image.resize((int(width * factor), int(height * factor)), Image.Resampling.BILINEAR)
        case Change.CROP:
            cut = int(width * rng.uniform(0.02, 0.05))
            image = image.crop((cut, cut // 2, width - cut // 2, height - cut))
        case Change.MIRROR:
            image = ImageOps.mirror(image)
        case Change.BORDER:
            image = ImageOps.expand(image, border=rng.randint(8, 18), fill=rng.choice(("white", "black", "#c01822")))
        case Change.BRIGHTEN:
            factor = rng.uniform(1.08, 1.22)
            image = image.point(lambda level: min(255, int(level * factor)))
        case Change.CAPTION:
            draw = ImageDraw.Draw(image)
            draw.rectangle((0, height - height // 11, width, height), fill=(196, 24, 36))
            draw.text((8, height - height // 12), "SALE  FREE SHIPPING", "white", font=ImageFont.load_default(size=20))
        case Change.RECOMPRESS:
            pass  # applied when the file is encoded
    return image

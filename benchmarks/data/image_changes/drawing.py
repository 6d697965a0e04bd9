"""What the changes are drawn with: fonts, words of shop pages, random colours, fitting."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageFont, ImageOps

Change = Callable[[Image.Image, np.random.Generator, Sequence[Image.Image]], Image.Image]

WHITE = (255, 255, 255)
BLACK = (0, 0, 0)

_JAPANESE_FONTS = (
    Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"),
    Path("/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc"),
)
_JAPANESE = (
    "新品未使用",
    "送料無料",
    "早い者勝ち",
    "値下げ中",
    "正規品",
    "本日限定",
    "即日発送",
    "匿名配送",
    "訳あり",
    "在庫僅か",
)
_ENGLISH = ("BRAND NEW", "FREE SHIPPING", "LAST ONE", "SALE", "GENUINE", "TODAY ONLY", "IN STOCK", "HOT DEAL")


@cache
def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Return a font with Japanese where the system has one, otherwise Pillow's own."""
    for path in _JAPANESE_FONTS:
        if path.exists():
            return ImageFont.truetype(str(path), max(8, size))
    return ImageFont.load_default(max(8, size))


def words(rng: np.random.Generator) -> str:
    """Return a phrase of a shop page, in Japanese where it can be drawn."""
    known = _JAPANESE if any(path.exists() for path in _JAPANESE_FONTS) else _ENGLISH
    return known[int(rng.integers(len(known)))]


def colour(rng: np.random.Generator) -> tuple[int, int, int]:
    """Return any colour."""
    red, green, blue = (int(value) for value in rng.integers(0, 256, 3))
    return red, green, blue


def other(rng: np.random.Generator, others: Sequence[Image.Image]) -> Image.Image:
    """Return one of the other pictures."""
    return others[int(rng.integers(len(others)))]


def saved(image: Image.Image, quality: int, kind: str = "JPEG") -> Image.Image:
    """Return the picture after a lossy encoding."""
    out = io.BytesIO()
    image.save(out, kind, quality=quality)
    return Image.open(io.BytesIO(out.getvalue())).convert("RGB")


def fit(image: Image.Image, width: float, height: float) -> Image.Image:
    """Return the picture scaled to lie within the box."""
    return ImageOps.contain(image, (max(1, int(width)), max(1, int(height))))


def cover(image: Image.Image, width: float, height: float) -> Image.Image:
    """Return the picture scaled and cut to fill the box."""
    return ImageOps.fit(image, (max(1, int(width)), max(1, int(height))))


def from_floats(values: np.ndarray) -> Image.Image:
    """Return a picture of float values 0 to 255."""
    return Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))


def sign(rng: np.random.Generator) -> int:
    """Return 1 or -1."""
    return 1 if rng.uniform() < 0.5 else -1

"""Outlines of goods, drawn as white on a mask of ``SIDE`` pixels."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from PIL import ImageDraw

SIDE = 360
Draw = ImageDraw.ImageDraw
_WHITE = 255
_HALF = 128


def outline(shape: str, draw: Draw, rng: Random) -> None:
    """Draw the outline of a thing; its proportions depend on ``rng``. Raises ``KeyError`` for an unknown shape."""
    _SHAPES[shape](draw, rng)


def _blade(draw: Draw, rng: Random) -> None:
    top, length, depth = rng.randint(120, 190), rng.randint(150, 215), rng.randint(30, 72)
    tip = 40 + length
    draw.polygon(
        [(40, top), (tip - 40, top), (tip, top + depth // 2), (tip - 70, top + depth), (40, top + depth)], fill=_WHITE
    )
    draw.rounded_rectangle((tip - 235 + length, top - 4, 332, top + rng.randint(18, 30)), radius=9, fill=_HALF)
    draw.rectangle((28, top - 2, 44, top + depth // 2), fill=_HALF)


def _stick(draw: Draw, rng: Random) -> None:
    width, count = rng.randint(14, 34), rng.randint(1, 4)
    for index in range(count):
        left = 180 + (index * 2 - count + 1) * (width + 6) - width // 2
        draw.rounded_rectangle((left, 50 + rng.randint(0, 40), left + width, 270), radius=width // 2, fill=_WHITE)
        draw.polygon([(left, 268), (left + width, 268), (left + width // 2, 318)], fill=_HALF)


def _bottle(draw: Draw, rng: Random) -> None:
    width, shoulder, neck = rng.randint(80, 160), rng.randint(110, 170), rng.randint(24, 50)
    left = 180 - width // 2
    draw.rounded_rectangle((left, shoulder, left + width, 322), radius=rng.randint(4, 40), fill=_WHITE)
    draw.rectangle((180 - neck // 2, shoulder - 40, 180 + neck // 2, shoulder + 10), fill=_WHITE)
    draw.rounded_rectangle((180 - neck, shoulder - 80, 180 + neck, shoulder - 36), radius=6, fill=_HALF)
    draw.rectangle((left + 12, shoulder + 60, left + width - 12, shoulder + 60 + rng.randint(30, 80)), fill=_HALF)


def _headphone(draw: Draw, rng: Random) -> None:
    radius, cup = rng.randint(90, 125), rng.randint(34, 58)
    draw.arc((180 - radius, 60, 180 + radius, 60 + 2 * radius), 180, 360, fill=_WHITE, width=rng.randint(10, 26))
    for side in (-1, 1):
        middle = 180 + side * radius
        draw.ellipse((middle - cup, 60 + radius - 20, middle + cup, 60 + radius + cup * 2), fill=_WHITE)
        draw.ellipse((middle - cup // 2, 70 + radius, middle + cup // 2, 70 + radius + cup), fill=_HALF)


def _bag(draw: Draw, rng: Random) -> None:
    width, top = rng.randint(130, 210), rng.randint(80, 130)
    left = 180 - width // 2
    draw.arc((150, top - 50, 210, top + 40), 180, 360, fill=_HALF, width=12)
    draw.rounded_rectangle((left, top, left + width, 325), radius=rng.randint(20, 60), fill=_WHITE)
    draw.rounded_rectangle((left + 20, 220, left + width - 20, 305), radius=16, fill=_HALF)


def _cloth(draw: Draw, rng: Random) -> None:
    folds, top = rng.randint(2, 6), rng.randint(70, 120)
    height = (300 - top) // folds
    for index in range(folds):
        inset = rng.randint(0, 34)
        box = (50 + inset, top + index * height, 310 - rng.randint(0, 34), top + (index + 1) * height - 3)
        draw.rounded_rectangle(box, radius=height // 3, fill=_WHITE if index % 2 else _HALF)
    draw.rectangle((70, top + 10, 70 + rng.randint(16, 50), 296), fill=_HALF)


def _tin(draw: Draw, rng: Random) -> None:
    width, top = rng.randint(110, 180), rng.randint(90, 150)
    left, right = 180 - width // 2, 180 + width // 2
    draw.rectangle((left, top, right, 300), fill=_WHITE)
    draw.ellipse((left, 280, right, 322), fill=_WHITE)
    draw.ellipse((left, top - 22, right, top + 22), fill=_HALF)
    draw.rectangle((left, top + 60, right, top + 60 + rng.randint(30, 70)), fill=_HALF)


def _slab(draw: Draw, rng: Random) -> None:
    width, height = rng.randint(110, 250), rng.randint(110, 250)
    left, top = 180 - width // 2, 180 - height // 2
    draw.rounded_rectangle((left, top, left + width, top + height), radius=rng.randint(8, 50), fill=_WHITE)
    for _ in range(rng.randint(2, 6)):
        x, y = rng.randint(left, left + width - 20), rng.randint(top, top + height - 20)
        draw.ellipse((x, y, x + rng.randint(12, 60), y + rng.randint(8, 30)), fill=_HALF)


def _bowl(draw: Draw, rng: Random) -> None:
    width, top, depth = rng.randint(170, 270), rng.randint(120, 170), rng.randint(100, 190)
    left, right = 180 - width // 2, 180 + width // 2
    draw.pieslice((left, top - depth, right, top + depth), 0, 180, fill=_WHITE)
    draw.ellipse((left, top - 26, right, top + 26), fill=_HALF)
    draw.rectangle((150, top + depth - 12, 210, top + depth + 14), fill=_WHITE)


def _round(draw: Draw, rng: Random) -> None:
    for _ in range(rng.randint(1, 5)):
        radius, x, y = rng.randint(44, 92), rng.randint(110, 250), rng.randint(120, 250)
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=_WHITE)
        draw.ellipse((x - radius // 2, y - radius // 2, x - radius // 8, y - radius // 8), fill=_HALF)


def _figure(draw: Draw, rng: Random) -> None:
    head, body = rng.randint(44, 74), rng.randint(60, 110)
    draw.polygon([(180, 120), (180 - body, 310), (180 + body, 310)], fill=_WHITE)
    draw.ellipse((180 - head, 60, 180 + head, 60 + 2 * head), fill=_WHITE)
    for side in (-1, 1):
        x = 180 + side * head // 2
        draw.ellipse((x - 9, 60 + head - 8, x + 9, 60 + head + 14), fill=_HALF)
        draw.line((180, 190, 180 + side * rng.randint(70, 130), rng.randint(150, 260)), fill=_WHITE, width=20)
    draw.rectangle((110, 306, 250, 326), fill=_HALF)


def _box(draw: Draw, rng: Random) -> None:
    width, height, skew = rng.randint(110, 190), rng.randint(150, 220), rng.randint(16, 46)
    left, top = 180 - width // 2, 190 - height // 2
    draw.rectangle((left, top, left + width, top + height), fill=_WHITE)
    draw.polygon(
        [(left + width, top), (left + width + skew, top - skew), (left + width + skew, top + height - skew),
         (left + width, top + height)], fill=_HALF,
    )  # fmt: skip
    draw.rectangle((left + 14, top + 20, left + width - 14, top + rng.randint(50, 110)), fill=_HALF)


def _shirt(draw: Draw, rng: Random) -> None:
    sleeve, waist = rng.randint(30, 70), rng.randint(70, 100)
    draw.polygon(
        [(130, 70), (230, 70), (300, 110), (300 - 10, 110 + sleeve), (180 + waist, 140), (180 + waist, 320),
         (180 - waist, 320), (180 - waist, 140), (70, 110 + sleeve), (60, 110)], fill=_WHITE,
    )  # fmt: skip
    draw.pieslice((145, 45, 215, 95), 0, 180, fill=_HALF)


_SHAPES: dict[str, Callable[[Draw, Random], None]] = {
    "blade": _blade,
    "stick": _stick,
    "bottle": _bottle,
    "headphone": _headphone,
    "bag": _bag,
    "cloth": _cloth,
    "tin": _tin,
    "slab": _slab,
    "bowl": _bowl,
    "round": _round,
    "figure": _figure,
    "box": _box,
    "shirt": _shirt,
}

"""Logos and characters of the invented marks, drawn from simple geometry and Pillow's built-in Latin letters."""

from __future__ import annotations

import math
from functools import lru_cache
from random import Random

from PIL import Image, ImageDraw, ImageFont

from ipwatch.sandbox.catalogue import load_catalogue
from ipwatch.sandbox.chance import generator

SIDE = 240
_INKS = (
    (24, 34, 82), (140, 20, 34), (12, 84, 62), (96, 44, 118), (30, 30, 34), (178, 84, 12), (10, 96, 134), (120, 88, 20),
)  # fmt: skip
_CENTRE = (SIDE // 2, 98)

_RAYS = 2

Draw = ImageDraw.ImageDraw
Colour = tuple[int, int, int]


@lru_cache(maxsize=64)
def emblem(mark: str) -> Image.Image:
    """Return the emblem of a mark as RGBA, ``SIDE`` pixels square, transparent; do not modify it in place."""
    brands = load_catalogue().brands
    index = next(number for number, brand in enumerate(brands) if brand.key == mark)
    brand = brands[index]
    image = Image.new("RGBA", (SIDE, SIDE), (255, 255, 255, 0))
    draw = ImageDraw.Draw(image)
    rng = generator("emblem", mark)
    ink, second = _INKS[index % len(_INKS)], _INKS[(index * 3 + 1) % len(_INKS)]
    if brand.has_character:
        _character(draw, rng, index, ink, second)
    else:
        _crest(draw, rng, index, ink, second)
    _letters(draw, brand.latin.upper(), ink)
    return image


def label(word: str) -> Image.Image:
    """Return a label that is not the emblem of any mark, as RGB: a word in Latin letters below a pattern of bars."""
    image = Image.new("RGB", (SIDE, SIDE), (255, 255, 255))
    draw = ImageDraw.Draw(image)
    rng = generator("label", word)
    ink = rng.choice(_INKS)
    left = 12
    while left < SIDE - 24:
        width = rng.randint(6, 26)
        draw.rectangle((left, rng.randint(10, 110), left + width, rng.randint(120, 190)), fill=ink)
        left += width + rng.randint(4, 14)
    _letters(draw, word, ink)
    return image


def _letters(draw: Draw, word: str, ink: Colour) -> None:
    font = ImageFont.load_default(size=26)
    width = draw.textlength(word, font=font)
    if width > SIDE - 8:
        font = ImageFont.load_default(size=26 * (SIDE - 8) / width)
        width = draw.textlength(word, font=font)
    draw.text(((SIDE - width) / 2, SIDE - 38), word, fill=ink, font=font)


def _crest(draw: Draw, rng: Random, index: int, ink: Colour, second: Colour) -> None:
    """Draw a crest of petals around a core: number, shape and rotation of the petals differ by mark."""
    petals, inner = 3 + index * 5 % 6, rng.randint(20, 34)
    x0, y0 = _CENTRE
    ring = rng.choice((0, 5, 10))
    if ring:
        draw.ellipse((x0 - 94, y0 - 94, x0 + 94, y0 + 94), outline=ink, width=ring)
    turn = rng.random()
    for petal in range(petals):
        angle = 2 * math.pi * (petal + turn) / petals
        x, y = x0 + math.cos(angle) * 52, y0 + math.sin(angle) * 52
        form = (index + index // 6) % 4
        if form == 0:
            draw.ellipse((x - inner, y - inner, x + inner, y + inner), fill=ink)
        elif form == 1:
            draw.regular_polygon((x, y, inner), 4, rotation=math.degrees(-angle), fill=ink)
        elif form == _RAYS:
            draw.polygon([(x0, y0), (x + inner, y - inner), (x - inner, y + inner)], fill=ink)
        else:
            box = (x - inner * 1.4, y - inner * 1.4, x + inner * 1.4, y + inner * 1.4)
            draw.arc(box, math.degrees(angle), math.degrees(angle) + 200, fill=ink, width=13)
    draw.regular_polygon((x0, y0, rng.randint(14, 30)), rng.randint(3, 8), fill=second)


def _character(draw: Draw, rng: Random, index: int, ink: Colour, second: Colour) -> None:
    """Draw a mascot; head, ears and body differ by mark."""
    face = (min(255, ink[0] + 120), min(255, ink[1] + 120), min(255, ink[2] + 120))
    level = rng.randint(66, 82)
    _body(draw, index, ink, second)
    _ears(draw, rng, index, ink)
    head = ((70, 34, 170, 134), (44, 46, 196, 126), (84, 20, 156, 146), (60, 40, 180, 130), (52, 28, 188, 140))[
        index % 5
    ]
    if index % 2:
        draw.rounded_rectangle(head, radius=22 + index % 3 * 8, fill=face, outline=ink, width=6)
    else:
        draw.ellipse(head, fill=face, outline=ink, width=6)
    eye, gap = rng.randint(6, 12), rng.randint(16, 26)
    for side in (-1, 1):
        x = 120 + side * gap
        draw.ellipse((x - eye, level - eye, x + eye, level + eye), fill=second)
        draw.ellipse((x - 3, level - 5, x + 3, level), fill=(255, 255, 255))
    draw.arc((100, level + 6, 140, level + 34), 10, 170, fill=ink, width=5)


def _ears(draw: Draw, rng: Random, index: int, ink: Colour) -> None:
    size, spread = rng.randint(18, 32), rng.randint(34, 56)
    for side in (-1, 1):
        x = 120 + side * spread
        match index % 4:
            case 0:
                draw.ellipse((x - size, 14, x + size, 14 + 2 * size), fill=ink)
            case 1:
                draw.polygon([(x - size, 70), (x + side * size, 0), (x + size, 70)], fill=ink)
            case 2:
                draw.rounded_rectangle((x - 10, 0, x + 10, 70), radius=10, fill=ink)
            case _:
                draw.line((120, 40, x, 6), fill=ink, width=6)
                draw.ellipse((x - 11, 0, x + 11, 22), fill=ink)


def _body(draw: Draw, index: int, ink: Colour, second: Colour) -> None:
    match index % 4:
        case 0:
            draw.polygon([(120, 90), (50, 198), (190, 198)], fill=second)
        case 1:
            draw.ellipse((70, 110, 170, 200), fill=second)
            draw.polygon([(160, 150), (232, 120), (206, 186)], fill=ink)
        case 2:
            draw.rectangle((88, 120, 152, 198), fill=second)
            draw.line((30, 120, 210, 170), fill=ink, width=14)
        case _:
            draw.pieslice((30, 90, 210, 270), 180, 360, fill=second)

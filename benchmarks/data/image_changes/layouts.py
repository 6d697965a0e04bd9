"""Changes by what is laid over or around a picture: texts, stickers, borders, screenshots, collages."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageOps

from benchmarks.data.image_changes.drawing import BLACK, WHITE, Change, colour, cover, fit, font, other, words


def text_over(image: Image.Image, rng: np.random.Generator, _others: Sequence[Image.Image]) -> Image.Image:
    """Return the picture with three phrases written over it."""
    out = image.copy()
    draw = ImageDraw.Draw(out)
    for _ in range(3):
        size = int(image.width * rng.uniform(0.07, 0.13))
        position = (rng.uniform(0, 0.5) * image.width, rng.uniform(0, 0.9) * image.height)
        edge = max(1, int(size * 0.06))
        draw.text(position, words(rng), font=font(size), fill=colour(rng), stroke_width=edge, stroke_fill=WHITE)
    return out


def _bands(image: Image.Image, rng: np.random.Generator, _others: Sequence[Image.Image]) -> Image.Image:
    out = image.copy()
    draw = ImageDraw.Draw(out)
    height = image.height * 0.12
    for top in (0.0, image.height - height):
        draw.rectangle((0, top, image.width, top + height), fill=colour(rng))
        position = (image.width * 0.05, top + height * 0.1)
        draw.text(position, words(rng) + words(rng), font=font(int(height * 0.6)), fill=WHITE)
    return out


def _watermarked(image: Image.Image, _rng: np.random.Generator, _others: Sequence[Image.Image]) -> Image.Image:
    layer = Image.new("RGBA", (image.width * 2, image.height * 2), (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)
    size = max(8, int(image.width * 0.08))
    for y in range(0, layer.height, size * 3):
        for x in range(0, layer.width, size * 6):
            draw.text((x, y), "SHOP2026", font=font(size), fill=(255, 255, 255, 90))
    left, top = image.width // 2, image.height // 2
    out = image.convert("RGBA")
    out.alpha_composite(layer.rotate(30).crop((left, top, left + image.width, top + image.height)))
    return out.convert("RGB")


def sticker(share: float) -> Change:
    """Return the change by a round sticker over a share of the area."""

    def change(image: Image.Image, rng: np.random.Generator, _others: Sequence[Image.Image]) -> Image.Image:
        out = image.copy()
        draw = ImageDraw.Draw(out)
        radius = math.sqrt(share * image.width * image.height / math.pi)
        x = rng.uniform(radius, max(radius + 1, image.width - radius))
        y = rng.uniform(radius, max(radius + 1, image.height - radius))
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour(rng))
        draw.text((x - radius * 0.7, y - radius * 0.35), "SALE", font=font(int(radius * 0.6)), fill=WHITE)
        return out

    return change


def bordered(share: float) -> Change:
    """Return the change by a border of any colour, a share of the longer side thick."""
    return lambda image, rng, _others: ImageOps.expand(image, int(share * max(image.size)), colour(rng))


def _square(image: Image.Image, rng: np.random.Generator, _others: Sequence[Image.Image]) -> Image.Image:
    edge = max(image.size)
    return ImageOps.pad(image, (edge, edge), color=WHITE if rng.uniform() < 0.5 else BLACK)


def _letterboxed(image: Image.Image, _rng: np.random.Generator, _others: Sequence[Image.Image]) -> Image.Image:
    return ImageOps.pad(image, (image.width, int(image.width * 16 / 9)), color=BLACK)


def _captioned(image: Image.Image, rng: np.random.Generator, _others: Sequence[Image.Image]) -> Image.Image:
    band = int(image.height * 0.28)
    out = Image.new("RGB", (image.width, image.height + band), WHITE)
    out.paste(image, (0, band))
    size = int(min(band * 0.4, image.width * 0.09))
    ImageDraw.Draw(out).text((image.width * 0.04, band * 0.2), words(rng) + words(rng), font=font(size), fill=BLACK)
    return out


def _screenshot(image: Image.Image, rng: np.random.Generator, _others: Sequence[Image.Image]) -> Image.Image:
    width, height = 720, 1480
    dark = rng.uniform() > 0.7
    page = Image.new("RGB", (width, height), (24, 24, 26) if dark else WHITE)
    ink = (230, 230, 230) if dark else (30, 30, 30)
    draw = ImageDraw.Draw(page)
    draw.text((24, 14), f"12:{int(rng.integers(60)):02d}", font=font(30), fill=ink)
    draw.text((width - 150, 14), "5G 84%", font=font(30), fill=ink)
    draw.text((24, 80), f"< {words(rng)}", font=font(36), fill=ink)
    shown = fit(image, width, 860)
    page.paste(shown, ((width - shown.width) // 2, 150))
    y = 170 + shown.height
    draw.text((24, y), f"{words(rng)} {words(rng)}", font=font(38), fill=ink)
    draw.text((24, y + 60), f"¥{int(rng.integers(900, 30_000)):,} (税込)", font=font(42), fill=(210, 40, 40))
    for line in range(4):
        draw.text((24, y + 130 + 46 * line), words(rng) + words(rng) + words(rng), font=font(28), fill=ink)
    draw.rectangle((24, height - 120, width - 24, height - 40), fill=(220, 50, 50))
    draw.text((width // 2 - 110, height - 108), "購入手続きへ", font=font(38), fill=WHITE)
    return page


def grid(rows: int, columns: int, gap: int) -> Change:
    """Return the change into one cell of a grid of pictures."""

    def change(image: Image.Image, rng: np.random.Generator, others: Sequence[Image.Image]) -> Image.Image:
        cell = 300
        page = Image.new("RGB", (columns * (cell + gap) + gap, rows * (cell + gap) + gap), WHITE)
        cell_number = int(rng.integers(rows * columns))
        for number in range(rows * columns):
            shown = image if number == cell_number else other(rng, others)
            row, column = divmod(number, columns)
            page.paste(cover(shown, cell, cell), (gap + column * (cell + gap), gap + row * (cell + gap)))
        return page

    return change


def _side_by_side(image: Image.Image, rng: np.random.Generator, others: Sequence[Image.Image]) -> Image.Image:
    height = 600
    pair = [
        shown.resize((max(1, shown.width * height // shown.height), height)) for shown in (image, other(rng, others))
    ]
    if rng.uniform() < 0.5:
        pair.reverse()
    page = Image.new("RGB", (pair[0].width + pair[1].width, height))
    page.paste(pair[0], (0, 0))
    page.paste(pair[1], (pair[0].width, 0))
    return page


def inset(share: float) -> Change:
    """Return the change into a picture in a picture, a share of the other's side."""

    def change(image: Image.Image, rng: np.random.Generator, others: Sequence[Image.Image]) -> Image.Image:
        page, shown = cover(other(rng, others), 800, 800), fit(image, 800 * share, 800 * share)
        page.paste(shown, (int(rng.uniform(0, 800 - shown.width)), int(rng.uniform(0, 800 - shown.height))))
        return page

    return change


OVERLAY: dict[str, Change] = {
    "text over": text_over,
    "bands": _bands,
    "watermark": _watermarked,
    "sticker 15 %": sticker(0.15),
    "sticker 30 %": sticker(0.3),
}
FRAME: dict[str, Change] = {
    "border 5 %": bordered(0.05),
    "border 15 %": bordered(0.15),
    "padded square": _square,
    "letterboxed": _letterboxed,
    "caption": _captioned,
    "screenshot": _screenshot,
}
COLLAGE: dict[str, Change] = {
    "side by side": _side_by_side,
    "grid 2 x 2": grid(2, 2, 8),
    "grid 2 x 3, no gap": grid(2, 3, 0),
    "grid 3 x 3": grid(3, 3, 8),
    "inset 50 %": inset(0.5),
    "inset 25 %": inset(0.25),
}

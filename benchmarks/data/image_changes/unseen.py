"""Mixtures as sellers make them (``MIX``), and the changes that nothing was ever fitted on (``UNSEEN``)."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from benchmarks.data.image_changes.drawing import Change, colour, fit, font, from_floats, saved, sign
from benchmarks.data.image_changes.layouts import bordered, text_over
from benchmarks.data.image_changes.pixels import tinted_light
from benchmarks.data.image_changes.views import cropped


def _listing(image: Image.Image, rng: np.random.Generator, others: Sequence[Image.Image]) -> Image.Image:
    written = text_over(cropped(0.85)(image, rng, others), rng, others)
    return saved(fit(bordered(0.05)(written, rng, others), 480, 480), 60)


def _mirrored_crop(image: Image.Image, rng: np.random.Generator, others: Sequence[Image.Image]) -> Image.Image:
    return saved(ImageOps.mirror(cropped(0.75)(tinted_light(image, rng, others), rng, others)), 60)


def _faces(image: Image.Image, rng: np.random.Generator, _others: Sequence[Image.Image]) -> Image.Image:
    """Return the picture under four round faces as messengers offer them."""
    out = image.copy()
    draw = ImageDraw.Draw(out)
    for _ in range(4):
        radius = min(image.size) * rng.uniform(0.07, 0.13)
        x, y = rng.uniform(radius, image.width - radius), rng.uniform(radius, image.height - radius)
        box = (x - radius, y - radius, x + radius, y + radius)
        draw.ellipse(box, fill=(255, 205, 60), outline=(200, 140, 20), width=max(1, int(radius * 0.06)))
        for side in (-1, 1):
            eye, middle = radius * 0.12, x + side * radius * 0.35
            draw.ellipse(
                (middle - eye, y - radius * 0.35 - eye, middle + eye, y - radius * 0.35 + eye), fill=(70, 45, 10)
            )
        smile = (x - radius * 0.55, y - radius * 0.4, x + radius * 0.55, y + radius * 0.6)
        draw.arc(smile, 20, 160, fill=(70, 45, 10), width=max(1, int(radius * 0.1)))
    return out


def _with_shadow(image: Image.Image, rng: np.random.Generator, _others: Sequence[Image.Image]) -> Image.Image:
    """Return the picture with round corners on a page, its shadow below it."""
    margin = int(0.12 * max(image.size))
    mask = Image.new("L", image.size, 0)
    ImageDraw.Draw(mask).rounded_rectangle(
        (0, 0, *image.size), radius=int(min(image.size) * rng.uniform(0.05, 0.12)), fill=255
    )
    size = (image.width + 2 * margin, image.height + 2 * margin)
    shadow = Image.new("L", size, 0)
    shadow.paste(mask, (margin + margin // 5, margin + margin // 4))
    page = Image.new("RGB", size, (246, 246, 244))
    page.paste((60, 60, 60), (0, 0), shadow.filter(ImageFilter.GaussianBlur(margin / 5)))
    page.paste(image, (margin, margin), mask)
    return page


def _duotone(image: Image.Image, rng: np.random.Generator, _others: Sequence[Image.Image]) -> Image.Image:
    dark = tuple(int(value) for value in rng.integers(0, 90, 3))
    light = tuple(int(value) for value in rng.integers(170, 256, 3))
    return ImageOps.colorize(image.convert("L"), dark, light)


def _posterised(image: Image.Image, rng: np.random.Generator, _others: Sequence[Image.Image]) -> Image.Image:
    return ImageOps.posterize(image, int(rng.integers(2, 4)))


def _printed(image: Image.Image, rng: np.random.Generator, _others: Sequence[Image.Image]) -> Image.Image:
    """Return the picture printed in dots and scanned: a rotated dot screen, grain, blur, paper that is not white."""
    large = fit(image, 900, 900) if max(image.size) > 900 else image
    grey = np.asarray(large).astype(np.float32)
    y, x = np.mgrid[0 : large.height, 0 : large.width]
    angle = rng.uniform(0.2, 1.2)
    pitch = rng.uniform(3.5, 5)
    across = np.cos(2 * np.pi * (x * math.cos(angle) + y * math.sin(angle)) / pitch)
    along = np.cos(2 * np.pi * (y * math.cos(angle) - x * math.sin(angle)) / pitch)
    dots = 255 / (1 + np.exp(-(grey - 128 + 60 * (across + along)[..., None]) / 14))
    paper = 0.86 * dots + 22 + rng.normal(0, 6, dots.shape)
    return saved(from_floats(paper).filter(ImageFilter.GaussianBlur(1.3)), 75)


def _barrel(image: Image.Image, rng: np.random.Generator, _others: Sequence[Image.Image]) -> Image.Image:
    """Return the picture through a wide-angle lens, bulging or pinched."""
    width, height = image.size
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    u, v = (x - width / 2) / (width / 2), (y - height / 2) / (height / 2)
    bend = 1 + sign(rng) * rng.uniform(0.08, 0.14) * (u**2 + v**2 - 1)
    at_x, at_y = u * bend * width / 2 + width / 2, v * bend * height / 2 + height / 2
    distorted = cv2.remap(np.asarray(image), at_x.astype(np.float32), at_y.astype(np.float32), cv2.INTER_LINEAR)
    return Image.fromarray(distorted)


def _instant_film(image: Image.Image, rng: np.random.Generator, _others: Sequence[Image.Image]) -> Image.Image:
    """Return an instant photo of the picture, faded, on a table, slightly rotated."""
    faded = from_floats(np.asarray(image).astype(np.float32) * np.array([0.82, 0.8, 0.7]) + np.array([38, 34, 40]))
    edge = int(0.07 * max(image.size))
    card = Image.new("RGB", (image.width + 2 * edge, image.height + 5 * edge), (250, 248, 240))
    card.paste(faded, (edge, edge))
    return card.rotate(rng.uniform(-9, 9), Image.Resampling.BICUBIC, expand=True, fillcolor=colour(rng))


def _tiled_watermark(image: Image.Image, rng: np.random.Generator, _others: Sequence[Image.Image]) -> Image.Image:
    layer = Image.new("RGBA", (image.width * 2, image.height * 2), (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)
    step = max(24, int(image.width * rng.uniform(0.1, 0.16)))
    ink = (0, 0, 0, 80) if rng.uniform() < 0.5 else (255, 255, 255, 110)
    for row, y in enumerate(range(0, layer.height, step)):
        for x in range((row % 2) * step, layer.width, step * 2):
            draw.rectangle((x, y, x + step * 0.5, y + step * 0.5), outline=ink, width=max(1, step // 14))
            draw.text((x + step * 0.6, y), "stock", font=font(int(step * 0.4)), fill=ink)
    left, top = image.width // 2, image.height // 2
    out = image.convert("RGBA")
    out.alpha_composite(layer.rotate(rng.uniform(-40, 40)).crop((left, top, left + image.width, top + image.height)))
    return out.convert("RGB")


def _moved(image: Image.Image, rng: np.random.Generator, _others: Sequence[Image.Image]) -> Image.Image:
    """Return the picture taken with a hand that moved by 2 % of its size."""
    length = max(3, int(0.02 * max(image.size)))
    kernel = np.zeros((length, length), np.float32)
    angle = rng.uniform(0, math.pi)
    for step in np.linspace(-0.5, 0.5, 4 * length):
        x, y = (length - 1) * (0.5 + step * math.cos(angle)), (length - 1) * (0.5 + step * math.sin(angle))
        kernel[round(y), round(x)] = 1
    return Image.fromarray(cv2.filter2D(np.asarray(image), -1, kernel / kernel.sum()))


def _passed_on(image: Image.Image, rng: np.random.Generator, _others: Sequence[Image.Image]) -> Image.Image:
    """Return the picture as it looks after five people passed it on: scaled and encoded each time."""
    out = image
    for _ in range(5):
        share = rng.uniform(0.75, 1.2)
        out = saved(out.resize((int(out.width * share), int(out.height * share))), int(rng.integers(35, 65)))
    return out


def on_cloth(values: np.ndarray, rng: np.random.Generator, depth: float = 0.22) -> tuple[np.ndarray, np.ndarray]:
    """Return the picture bent along the folds of a cloth, and the light on the folds (float, 1 is none)."""
    height, width = values.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    shift_x, shift_y, light = np.zeros_like(x), np.zeros_like(x), np.ones_like(x)
    for _ in range(3):
        angle, wave = rng.uniform(0, math.pi), max(width, height) * rng.uniform(0.25, 0.6)
        phase = 2 * np.pi * (x * math.cos(angle) + y * math.sin(angle)) / wave + rng.uniform(0, 6)
        shift_x += np.float32(0.008 * max(width, height)) * np.sin(phase)
        shift_y += np.float32(0.008 * max(width, height)) * np.cos(phase)
        light += np.float32(depth / 3) * np.sin(phase + 1)
    bent = cv2.remap(values, x + shift_x, y + shift_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return bent, light


def _on_a_shirt(image: Image.Image, rng: np.random.Generator, _others: Sequence[Image.Image]) -> Image.Image:
    """Return a drawn T-shirt with the picture printed on its chest, over the folds."""
    page = Image.new("RGB", (800, 800), (225, 225, 222))
    cloth = tuple(int(value) for value in rng.integers(90, 256, 3))
    draw = ImageDraw.Draw(page)
    shirt = [
        (250, 70),
        (330, 110),
        (470, 110),
        (550, 70),
        (730, 200),
        (660, 310),
        (600, 270),
        (600, 760),
        (200, 760),
        (200, 270),
        (140, 310),
        (70, 200),
    ]
    draw.polygon(shirt, fill=cloth)
    draw.ellipse((330, 60, 470, 150), fill=(225, 225, 222))
    shown = fit(image, 330, 400)
    page.paste(shown, (400 - shown.width // 2, 200))
    bent, light = on_cloth(np.asarray(page).astype(np.float32), rng)
    return saved(from_floats(bent * light[..., None] + rng.normal(0, 3, bent.shape)), 80)


MIX: dict[str, Change] = {"listing": _listing, "mirrored crop": _mirrored_crop}
UNSEEN: dict[str, Change] = {
    "faces over": _faces,
    "shadow, round corners": _with_shadow,
    "duotone": _duotone,
    "posterised": _posterised,
    "printed, scanned": _printed,
    "lens distortion": _barrel,
    "instant film": _instant_film,
    "tiled watermark": _tiled_watermark,
    "hand moved": _moved,
    "passed on 5 times": _passed_on,
    "on a T-shirt": _on_a_shirt,
}

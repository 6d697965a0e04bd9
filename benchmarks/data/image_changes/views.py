"""Changes of what is in view: crops, flips, rotations, perspective, a screen photographed."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
from PIL import Image, ImageFilter, ImageOps

from benchmarks.data.image_changes.drawing import WHITE, Change, fit, from_floats, saved, sign


def cropped(kept: float) -> Change:
    """Return the crop that keeps a share of the area, anywhere, with an aspect ratio a little changed."""

    def change(image: Image.Image, rng: np.random.Generator, _others: Sequence[Image.Image]) -> Image.Image:
        side, ratio = math.sqrt(kept), 1 + rng.uniform(-0.12, 0.12)
        width, height = image.width * min(1.0, side * ratio), image.height * min(1.0, side / ratio)
        x, y = rng.uniform(0, image.width - width + 1e-6), rng.uniform(0, image.height - height + 1e-6)
        return image.crop((int(x), int(y), int(x + width), int(y + height)))

    return change


def turned(degrees: float) -> Change:
    """Return the rotation either way on a white ground that holds the whole picture."""

    def change(image: Image.Image, rng: np.random.Generator, _others: Sequence[Image.Image]) -> Image.Image:
        return image.rotate(degrees * sign(rng), Image.Resampling.BICUBIC, expand=True, fillcolor=WHITE)

    return change


def turned_and_cropped(degrees: float) -> Change:
    """Return the rotation either way with the corners cut off, as an editing app does."""

    def change(image: Image.Image, rng: np.random.Generator, _others: Sequence[Image.Image]) -> Image.Image:
        rotated = image.rotate(degrees * sign(rng), Image.Resampling.BICUBIC)
        angle, (width, height) = math.radians(degrees), image.size
        share = 1 / (math.cos(angle) + max(width / height, height / width) * math.sin(angle))
        dx, dy = width * (1 - share) / 2, height * (1 - share) / 2
        return rotated.crop((int(dx), int(dy), int(width - dx), int(height - dy)))

    return change


def in_perspective(share: float) -> Change:
    """Return the picture seen at an angle: every corner drawn inwards by up to a share of the side."""

    def change(image: Image.Image, rng: np.random.Generator, _others: Sequence[Image.Image]) -> Image.Image:
        width, height = image.size
        corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
        inwards = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]])
        moved = corners + rng.uniform(0, share, (4, 2)) * [width, height] * inwards
        matrix = cv2.getPerspectiveTransform(corners, moved.astype(np.float32))
        warped = cv2.warpPerspective(
            np.asarray(image), matrix, (width, height), flags=cv2.INTER_AREA, borderValue=(235, 235, 235)
        )
        return Image.fromarray(warped)

    return change


def _on_a_screen(image: Image.Image, rng: np.random.Generator, _others: Sequence[Image.Image]) -> Image.Image:
    """Return a photo of a screen that shows the picture: bezel, moiré, perspective, vignette, gamma, noise, JPEG."""
    shown = ImageOps.expand(fit(image, 700, 700), 24, (15, 15, 15))
    values = np.asarray(shown).astype(np.float32)
    height, width = values.shape[:2]
    y, x = np.mgrid[0:height, 0:width]
    frequency = rng.uniform(0.18, 0.35)
    values *= (1 + 0.08 * np.sin(2 * np.pi * frequency * (x * math.cos(0.2) + y * math.sin(0.2))))[..., None]
    full = (int(width * 1.25), int(height * 1.25))
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    placed = (
        corners + [(full[0] - width) / 2, (full[1] - height) / 2] + rng.uniform(-0.06, 0.06, (4, 2)) * [width, height]
    )
    matrix = cv2.getPerspectiveTransform(corners, placed.astype(np.float32))
    ground = [float(value) for value in rng.integers(40, 200, 3)]
    warped = cv2.warpPerspective(values, matrix, full, borderValue=ground)
    y, x = np.mgrid[0 : full[1], 0 : full[0]]
    vignette = 1 - 0.7 * ((x / full[0] - 0.5) ** 2 + (y / full[1] - 0.5) ** 2)
    light = 255 * (np.clip(warped * vignette[..., None], 0, 255) / 255) ** rng.uniform(0.75, 1.3)
    noisy = light * np.array([1.05, 1.0, 0.92]) + rng.normal(0, 5, light.shape)
    return saved(from_floats(noisy).filter(ImageFilter.GaussianBlur(0.8)), 70)


CROP: dict[str, Change] = {f"crop to {int(100 * kept)} %": cropped(kept) for kept in (0.9, 0.75, 0.5, 0.25)}
TURN: dict[str, Change] = {
    "mirrored": lambda image, _rng, _others: ImageOps.mirror(image),
    "turned 90": lambda image, _rng, _others: image.transpose(Image.Transpose.ROTATE_90),
    "turned 180": lambda image, _rng, _others: image.transpose(Image.Transpose.ROTATE_180),
}
ROTATE: dict[str, Change] = {
    "turned 5": turned(5),
    "turned 10, cropped": turned_and_cropped(10),
    "turned 20": turned(20),
    "turned 45": turned(45),
}
CAMERA: dict[str, Change] = {
    "perspective 10 %": in_perspective(0.1),
    "perspective 20 %": in_perspective(0.2),
    "photo of a screen": _on_a_screen,
}

"""A logo put on a photo of goods: pasted, printed into the cloth, in another colour, inverted, rotated, blurred."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, ImageFilter

from benchmarks.data.image_changes.drawing import from_floats, saved
from benchmarks.data.image_changes.unseen import on_cloth

SHARES = (0.5, 0.4, 0.3, 0.2, 0.12, 0.08)
"""Widths of the logo, as shares of the photo's longer side."""

_EDGE = 900
_GROUND_STEP = 24


@dataclass(frozen=True, slots=True)
class Placing:
    """How a logo is put on a photo.

    ``rendering``: ``pasted`` with its ground, ``printed`` (its ink multiplied into the cloth and its folds), ``tinted``
    (the ink in any one colour), ``inverted`` (negative, with its ground) or ``reversed`` (its ink in white on the
    cloth). ``turn`` degrees either way, ``bend`` the share by which corners move, ``blur`` the radius in pixels.
    """

    rendering: str
    share: float
    turn: float = 20
    bend: float = 0.06
    blur: float = 0
    quality: int = 75

    @property
    def name(self) -> str:
        """The placing in words, as a table's row."""
        usual = Placing(self.rendering, self.share)
        extra = [
            f"{key} {getattr(self, key):g}"
            for key in ("turn", "bend", "blur")
            if getattr(self, key) != getattr(usual, key)
        ]
        return ", ".join([f"{self.rendering} {100 * self.share:.0f} %", *extra])


PLACINGS: tuple[Placing, ...] = (
    *(Placing("pasted", share) for share in SHARES),
    *(Placing("printed", share) for share in SHARES),
    *(Placing("tinted", share) for share in (0.3, 0.12)),
    *(Placing("inverted", share) for share in (0.3, 0.12)),
    *(Placing("reversed", share) for share in (0.3, 0.12)),
    *(Placing(rendering, 0.3, blur=2) for rendering in ("pasted", "printed")),
    *(Placing(rendering, 0.3, turn=180) for rendering in ("pasted", "printed")),
    *(Placing(rendering, 0.3, bend=0.18) for rendering in ("pasted", "printed")),
)


def trimmed(logo: Image.Image) -> Image.Image:
    """Return the logo without the plain margin around it."""
    values = np.asarray(logo).astype(np.int16)
    far = np.abs(values - values[0, 0]).max(axis=2) > _GROUND_STEP
    if not far.any():
        return logo
    rows, columns = np.flatnonzero(far.any(axis=1)), np.flatnonzero(far.any(axis=0))
    return logo.crop((int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1))


def placed(
    logo: Image.Image, photo: Image.Image, placing: Placing, rng: np.random.Generator
) -> tuple[Image.Image, np.ndarray]:
    """Return the photo, 900 pixels long, with the logo on it, and the logo's corners float[4, 2], upper left first."""
    long = _EDGE / max(photo.size)
    page = photo.resize((round(photo.width * long), round(photo.height * long)), Image.Resampling.BICUBIC)
    shape = trimmed(logo)
    scale = placing.share * _EDGE / max(shape.size)
    shape = shape.resize(
        (max(8, round(shape.width * scale)), max(8, round(shape.height * scale))), Image.Resampling.LANCZOS
    )
    corners, matrix = _placement(shape.size, page.size, placing, rng)
    ink, cover = _ink(shape, placing, rng)
    ink = cv2.warpPerspective(ink, matrix, page.size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    cover = cv2.warpPerspective(cover, matrix, page.size, flags=cv2.INTER_LINEAR)[..., None]
    ground = np.asarray(page).astype(np.float32)
    if placing.rendering in {"printed", "tinted", "reversed"}:
        layers, light = on_cloth(np.dstack([ink, cover]), rng, depth=0.12)
        ink, cover = layers[..., :3], layers[..., 3:]
        grain = cv2.GaussianBlur(ground, (0, 0), 1) / np.maximum(cv2.GaussianBlur(ground, (0, 0), 12), 8)
        ground, ink = ground * light[..., None], ink * light[..., None] * np.clip(grain, 0.6, 1.4)
    if placing.rendering == "printed":
        out = ground * (1 - cover) + cover * (ground * ink / 255)
    else:
        out = ground * (1 - cover) + cover * ink
    image = from_floats(out)
    if placing.blur:
        image = image.filter(ImageFilter.GaussianBlur(placing.blur))
    return saved(image, placing.quality), corners


def _ink(shape: Image.Image, placing: Placing, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    values = np.asarray(shape).astype(np.float32)
    dark = 1 - np.asarray(shape.convert("L")).astype(np.float32) / 255
    solid = np.ones(dark.shape, np.float32)
    stencil = np.clip(dark * 1.3, 0, 1).astype(np.float32)
    match placing.rendering:
        case "pasted":
            return values, solid
        case "inverted":
            return 255 - values, solid
        case "printed":
            return values, solid
        case "tinted":
            return np.broadcast_to(rng.integers(0, 256, 3).astype(np.float32), values.shape).copy(), stencil
        case "reversed":
            return np.full_like(values, 245), stencil
    raise ValueError(f"no such rendering: {placing.rendering}")


def _placement(
    size: tuple[int, int], page: tuple[int, int], placing: Placing, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    width, height = size
    flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    angle = math.radians(rng.uniform(-placing.turn, placing.turn))
    turning = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    moved = (flat - flat.mean(axis=0)) @ turning.T + rng.uniform(-placing.bend, placing.bend, (4, 2)) * [width, height]
    moved -= moved.min(axis=0)
    room = np.array(page) * 0.98
    moved *= min(1.0, float((room / moved.max(axis=0)).min()))
    moved += rng.uniform(0, np.array(page) - moved.max(axis=0))
    return moved, cv2.getPerspectiveTransform(flat, moved.astype(np.float32))

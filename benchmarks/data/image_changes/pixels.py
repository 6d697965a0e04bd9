"""Changes that move no point: codecs, sizes, blur, noise, colours."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from benchmarks.data.image_changes.drawing import Change, fit, from_floats, saved


def codec(quality: int, kind: str = "JPEG") -> Change:
    """Return the change by a lossy encoding."""
    return lambda image, _rng, _others: saved(image, quality, kind)


def scaled(share: float) -> Change:
    """Return the change to a share of the size."""
    return lambda image, _rng, _others: fit(image, image.width * share, image.height * share)


def small(edge: int) -> Change:
    """Return the change to a thumbnail."""
    return lambda image, _rng, _others: fit(image, edge, edge)


def stretched(ratio: float) -> Change:
    """Return the change of the aspect ratio, wider or higher."""

    def change(image: Image.Image, rng: np.random.Generator, _others: Sequence[Image.Image]) -> Image.Image:
        width, height = image.size
        wide = rng.uniform() < 0.5
        return image.resize((int(width * ratio), height) if wide else (width, int(height * ratio)))

    return change


def blurred(radius: float) -> Change:
    """Return the change by a Gaussian blur."""
    return lambda image, _rng, _others: image.filter(ImageFilter.GaussianBlur(radius))


def enhanced(
    kind: type[ImageEnhance.Brightness | ImageEnhance.Contrast | ImageEnhance.Color], low: float, high: float
) -> Change:
    """Return the change of brightness, contrast or saturation to one of two factors."""
    return lambda image, rng, _others: kind(image).enhance(low if rng.uniform() < 0.5 else high)


def _same(image: Image.Image, _rng: np.random.Generator, _others: Sequence[Image.Image]) -> Image.Image:
    return image.copy()


def _noisy(image: Image.Image, rng: np.random.Generator, _others: Sequence[Image.Image]) -> Image.Image:
    return from_floats(np.asarray(image) + rng.normal(0, 18, (image.height, image.width, 3)))


def _hue(image: Image.Image, rng: np.random.Generator, _others: Sequence[Image.Image]) -> Image.Image:
    values = np.asarray(image.convert("HSV")).copy()
    values[..., 0] += np.uint8(rng.integers(20, 108))
    return Image.frombytes("HSV", image.size, values.tobytes()).convert("RGB")


def tinted_light(image: Image.Image, rng: np.random.Generator, _others: Sequence[Image.Image]) -> Image.Image:
    """Return the picture in warm or cold light."""
    factors = (1.18, 1.02, 0.8) if rng.uniform() < 0.5 else (0.82, 1.0, 1.2)
    return from_floats(np.asarray(image) * np.array(factors))


CODEC: dict[str, Change] = {
    "identity": _same,
    "jpeg 90": codec(90),
    "jpeg 50": codec(50),
    "jpeg 20": codec(20),
    "webp 40": codec(40, "WEBP"),
    "half size": scaled(0.5),
    "128 pixels": small(128),
    "stretched 1.25": stretched(1.25),
    "blur 2": blurred(2),
    "blur 4": blurred(4),
    "noise": _noisy,
}
COLOUR: dict[str, Change] = {
    "brightness": enhanced(ImageEnhance.Brightness, 0.65, 1.4),
    "contrast": enhanced(ImageEnhance.Contrast, 0.6, 1.5),
    "saturation": enhanced(ImageEnhance.Color, 0.3, 1.9),
    "hue": _hue,
    "warm or cold": tinted_light,
    "grey": lambda image, _rng, _others: image.convert("L").convert("RGB"),
}
INVERT: dict[str, Change] = {"inverted": lambda image, _rng, _others: ImageOps.invert(image)}

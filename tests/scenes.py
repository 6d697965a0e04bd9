"""Scenes: drawn pictures with enough in them to be recognised, described as the engine compares them."""

from __future__ import annotations

import random
from functools import cache
from typing import Any

from drawn import encoded
from PIL import Image, ImageDraw, ImageFilter

from ipwatch.images import Purpose, extract_features
from ipwatch.matching.images.features import ImageFeatures, ReferenceImage


def scene(seed: int, size: tuple[int, int] = (480, 360)) -> Image.Image:
    """Draw a scene like no other seed's: overlapping shapes of many sizes and colours, softened like a photograph."""
    dice = random.Random(seed)  # noqa: S311 - a drawing, not a secret
    width, height = size
    image = Image.new("RGB", size, tuple(dice.randrange(90, 230) for _ in range(3)))
    draw = ImageDraw.Draw(image)
    for _ in range(90):
        x, y, edge = dice.uniform(0, width), dice.uniform(0, height), dice.uniform(0.03, 0.22) * width
        colour = tuple(dice.randrange(256) for _ in range(3))
        number = dice.choice((3, 4, 5))
        corners = [(x + dice.uniform(-edge, edge), y + dice.uniform(-edge, edge)) for _ in range(number)]
        if dice.random() < 0.3:
            draw.ellipse((x - edge / 2, y - edge / 3, x + edge / 2, y + edge / 3), fill=colour)
        else:
            draw.polygon(corners, fill=colour)
    return image.filter(ImageFilter.GaussianBlur(0.7))


def observed_features(image: Image.Image, kind: str = "JPEG", **options: Any) -> ImageFeatures:
    """Return the features of a seller's picture."""
    return extract_features(encoded(image, kind, **options), Purpose.OBSERVED)


def reference(image: Image.Image, *, mark: str = "norima/norima", path: str = "norima/logo.png") -> ReferenceImage:
    """Return a picture as a rights holder's reference."""
    return ReferenceImage(mark=mark, path=path, features=extract_features(encoded(image), Purpose.REFERENCE))


@cache
def scene_reference(seed: int, mark: str = "norima/norima", path: str = "norima/logo.png") -> ReferenceImage:
    """Return the scene of that seed as a reference; made once for all tests."""
    return reference(scene(seed), mark=mark, path=path)


@cache
def observed_scene(seed: int) -> ImageFeatures:
    """Return the features of the scene of that seed as a seller's picture; computed once for all tests."""
    return observed_features(scene(seed), quality=80)

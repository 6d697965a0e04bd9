"""The real pictures that the picture benchmarks read, split into references and others.

Groups: ``photos`` (clothing, grocery, Kodak, samples), ``marks`` (specimens of the Japan Patent Office, family crests),
``logos`` (single-colour brand glyphs drawn from SVG) and ``characters`` (drawings in one style). The halves are
disjoint and the same on every machine: a shuffle of the sorted names by a fixed seed. Pictures of one thing are one
family, which falls into one half as a whole and is never counted as its own negative. Packages of one brand share their
design, so the brand is the family; all of them stand on the same shelves, so no pair of them is a negative
(``same_shop``).
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import resvg_py
from PIL import Image

from benchmarks.data.folders import SHARED

GROUPS = ("photos", "marks", "logos", "characters")

_EDGE_OF_SVG = 512
_SHOP = "grocery/"
_FOLDERS: dict[str, tuple[tuple[str, str], ...]] = {
    "photos": (
        ("clothing_cc0", "**/*.jpg"),
        ("grocery", "**/*.jpg"),
        ("kodak", "**/*.png"),
        ("skimage", "**/*.png"),
        ("skimage", "**/*.jpg"),
    ),
    "marks": (("jpo_marks", "**/*.jpg"), ("kamon_wiki", "**/*.png"), ("kamon_wiki", "**/*.jpg")),
    "logos": (("logos_simpleicons", "icons/*.svg"),),
    "characters": (
        ("char_gophers_svg", "**/*.svg"),
        ("char_gopher_stickers", "png/*.png"),
        ("char_visualnovel", "**/*.png"),
    ),
}


@dataclass(frozen=True, slots=True)
class RealImage:
    """A picture of a set: where it lies, and the ``family`` of pictures that show the same thing."""

    group: str
    path: Path
    family: str

    @property
    def name(self) -> str:
        """The file's name, for tables and contact sheets."""
        return self.path.stem

    def image(self) -> Image.Image:
        """Return the picture in RGB on white, an SVG drawn 512 pixels wide or high."""
        if self.path.suffix == ".svg":
            drawn = resvg_py.svg_to_bytes(svg_path=str(self.path), width=_EDGE_OF_SVG, height=_EDGE_OF_SVG)
            opened = Image.open(io.BytesIO(bytes(drawn)))
        else:
            opened = Image.open(self.path)
        layered = opened.convert("RGBA")
        ground = Image.new("RGBA", layered.size, "white")
        ground.alpha_composite(layered)
        return ground.convert("RGB")


def pictures(group: str, data: Path = SHARED) -> tuple[RealImage, ...]:
    """Return all pictures of a group, sorted by name; raises ``FileNotFoundError`` where there are none."""
    members = [
        RealImage(group=group, path=path, family=_family(path))
        for folder, pattern in _FOLDERS[group]
        for path in sorted((data / "images" / folder).glob(pattern))
    ]
    if not members:
        raise FileNotFoundError(f"no pictures of the group {group} below {data / 'images'}")
    return tuple(members)


def halves(group: str, data: Path = SHARED) -> tuple[tuple[RealImage, ...], tuple[RealImage, ...]]:
    """Return the references and the other pictures of a group: disjoint families, shuffled, the same everywhere."""
    everything = pictures(group, data)
    families = sorted({picture.family for picture in everything})
    others = {family for family in families if _coin(family)}
    return (
        _shuffled([picture for picture in everything if picture.family not in others]),
        _shuffled([picture for picture in everything if picture.family in others]),
    )


def of_half(pictures: Sequence[RealImage], half: int | None) -> list[RealImage]:
    """Return the pictures of the families in that half, 0 or 1, or all: a fit on one half is checked on the other."""
    return [picture for picture in pictures if half is None or _half_of(picture.family) == half]


def _half_of(family: str) -> int:
    return hashlib.sha256(f"check {family}".encode()).digest()[0] % 2


def shop_photos(data: Path = SHARED) -> tuple[tuple[RealImage, ...], tuple[RealImage, ...]]:
    """Return the clothing and grocery photos of both halves: what logos are put on."""
    first, second = halves("photos", data)
    return tuple(p for p in first if _is_shop(p)), tuple(p for p in second if _is_shop(p))


def same_shop(first: str, second: str) -> bool:
    """Return whether pictures of the two families may show the same shelf."""
    return first.startswith(_SHOP) and second.startswith(_SHOP)


def _is_shop(picture: RealImage) -> bool:
    return any(part in {"clothing_cc0", "grocery"} for part in picture.path.parts)


def _family(path: Path) -> str:
    if "grocery" in path.parts:
        return f"{_SHOP}{path.parent.name.partition('-')[0]}"
    return f"{path.parent.name}/{path.name}"


def _coin(family: str) -> bool:
    return hashlib.sha256(family.encode()).digest()[0] % 2 == 1


def _shuffled(members: Sequence[RealImage]) -> tuple[RealImage, ...]:
    order = np.random.default_rng(4).permutation(len(members))
    return tuple(members[int(index)] for index in order)

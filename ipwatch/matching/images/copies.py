"""Copies: pictures with global hashes near a reference's, with the rate at which unrelated pictures are as near.

The hashes of all regions of an observed picture are compared with those of all regions of a reference in all
orientations. The significance of a distance depends on what was compared: drawings in a few tones are nearer to each
other than photos, the simplest shapes are nearest, many inner regions are tried where there is one whole picture, and
seven orientations where one is upright. So each class of comparisons has its own table, of the smallest distance
between two unrelated pictures over all tries of the class; ``benchmarks/training/fit_copies.py`` fits them into
``copies.toml``.

imagehash's pHash and dHash are not used here: pHash finds 36 % of the changed photos at a rate of 1e-5 where these find
78 % at 1e-6, and a hash of the same pixels confirms little. They are kept for exchange with other systems.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from itertools import product
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ipwatch.matching.images.features import HASH_BITS, HASH_WORDS, ImageFeatures, ReferenceImage, RegionKind
from ipwatch.matching.images.hamming import HammingIndex
from ipwatch.matching.images.match import ImageMatch, Point
from ipwatch.records import MatchKind

Hashes = npt.NDArray[np.uint64]

MIN_QUALITY = 50
"""PDQ's own minimum: hashes of a lower quality are not compared, because flat and two-toned pictures are all similar.
"""

_PHOTO_ENTROPY = 2.4
"""Bits of entropy of a sketch's 16 levels from which a picture is treated as a photo.

Of 200 photos 7 % lie below, of 440 marks, logos and characters 1 % above.
"""

_REGULAR_FROM = 1.2
_REACH = 4
_SIDE = 16
_UPRIGHT = 0
_FLIPPED_FROM = 4
_ORIENTATIONS = 8
INNER = np.array([RegionKind.PANEL, RegionKind.RECTANGLE, RegionKind.QUAD], dtype=np.uint8)
_MIN_RATE = 1e-12
_PART_OF_A_COLLAGE = 0.6
_TURNED_FROM = 10.0
"""Degrees; less is the slant of a photograph taken by hand."""


class Look(StrEnum):
    """What is compared, which determines how easily it is near: the reference's tones, or a regular side."""

    PHOTO = "photo"
    DRAWING = "drawing"
    REGULAR = "regular"


class CopyClass(NamedTuple):
    """Comparisons of one kind: the look, an inner region or the picture as such, turned or upright."""

    look: Look
    inner: bool
    turned: bool


_LOOKS = tuple(Look)
_REGULAR = _LOOKS.index(Look.REGULAR)
CLASSES = tuple(CopyClass(*parts) for parts in product(Look, (False, True), (False, True)))
"""All classes in the order of their numbers: the number is ``4 * look + 2 * inner + turned``."""


@dataclass(frozen=True, slots=True, eq=False)
class CopyTable:
    """Rates of a fit: ``rates`` float64[classes, 257] of unrelated pictures at that distance or nearer, by class.

    Each rate counts all tries of the class; ``tries`` is the factor from the smallest rate over the classes to the rate
    of any of them being as small.
    """

    rates: npt.NDArray[np.float64]
    tries: float

    @classmethod
    def from_toml(cls, text: str) -> CopyTable:
        """Return the table of a fit: ``distances`` and, by class, the decimal logarithms of the rates at them."""
        table = tomllib.loads(text)
        distances = np.arange(HASH_BITS + 1)
        logarithms = {
            _class_of(row): np.interp(distances, table["distances"], row["log10_rates"]) for row in table["class"]
        }
        return cls(np.stack([10.0 ** logarithms[number] for number in range(len(CLASSES))]), float(table["tries"]))

    def radius(self, rate: float) -> int:
        """Return the largest distance whose rate is at most this in any class, -1 if there is none."""
        return int((self.rates * self.tries <= rate).any(axis=0).sum()) - 1


def _class_of(row: Mapping[str, object]) -> int:
    return CLASSES.index(CopyClass(Look(str(row["look"])), bool(row["inner"]), bool(row["turned"])))


@cache
def fitted_table() -> CopyTable:
    """Return the table that is part of the package."""
    return CopyTable.from_toml(files(__package__).joinpath("copies.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True, eq=False)
class Comparisons:
    """Hashes of an observed picture near those of references, all arrays of one length.

    ``reference``, ``view`` and ``region`` (of the observed picture), ``orientation``, ``number`` of the class in
    ``CLASSES``, ``distance`` in bits.
    """

    reference: npt.NDArray[np.intp]
    view: npt.NDArray[np.intp]
    region: npt.NDArray[np.intp]
    orientation: npt.NDArray[np.intp]
    number: npt.NDArray[np.intp]
    distance: npt.NDArray[np.intp]


class CopyIndex:
    """The hashes of reference pictures, indexed for comparison with those of observed pictures."""

    def __init__(self, references: Sequence[ReferenceImage], table: CopyTable | None = None) -> None:
        self._references = tuple(references)
        self._table = table or fitted_table()
        rows = [
            (owner, view, region)
            for owner, reference in enumerate(self._references)
            for view in reference.features.views
            for region in np.flatnonzero(view.regions.qualities >= MIN_QUALITY).tolist()
        ]
        hashes = [view.regions.hashes[region] for _, view, region in rows]
        self._owner = np.array([owner for owner, _, _ in rows], dtype=np.intp)
        self._index = HammingIndex()
        if hashes:
            self._index.add(np.concatenate(hashes), np.arange(len(hashes) * _ORIENTATIONS, dtype=np.int64))
        tones = {id(view): _LOOKS.index(Look.PHOTO if is_photo(view.sketch) else Look.DRAWING) for _, view, _ in rows}
        upright = np.array([laid[_UPRIGHT] for laid in hashes], dtype=np.uint64).reshape(-1, HASH_WORDS)
        self._looks = np.where(is_regular(upright), _REGULAR, [tones[id(view)] for _, view, _ in rows]).astype(np.intp)

    def looks(self) -> npt.NDArray[np.bool_]:
        """Return bool[references, looks]: the looks of the regions of each reference."""
        has = np.zeros((len(self._references), len(Look)), dtype=np.bool_)
        has[self._owner, self._looks] = True
        return has

    def matches(self, picture: ImageFeatures, rate: float = 1e-3) -> Iterator[tuple[int, ImageMatch]]:
        """Yield the index and the best match of each reference that the picture comes from, at most at that rate."""
        comparisons = self.comparisons(picture, self._table.radius(rate))
        rates = self._table.rates[comparisons.number, comparisons.distance] * self._table.tries * len(picture.views)
        order = np.lexsort((comparisons.distance, rates, comparisons.reference))
        _, firsts = np.unique(comparisons.reference[order], return_index=True)
        for index in order[firsts].tolist():
            reference = self._references[int(comparisons.reference[index])]
            total = float(rates[index]) * len(reference.features.views)
            if total <= rate:
                yield (
                    int(comparisons.reference[index]),
                    _match(reference, picture, comparisons, index, max(total, _MIN_RATE)),
                )

    def comparisons(self, picture: ImageFeatures, radius: int) -> Comparisons:
        """Return every pair of good hashes, of the picture and of a reference, at most the radius apart."""
        regions = [
            (number, region)
            for number, view in enumerate(picture.views)
            for region in np.flatnonzero(view.regions.qualities >= MIN_QUALITY).tolist()
        ]
        if not regions or not len(self._index) or radius < 0:
            return Comparisons(*(np.empty(0, np.intp) for _ in range(6)))
        queries = np.stack([picture.views[number].regions.hashes[region, 0] for number, region in regions])
        hits = self._index.search(queries, radius)
        views, region_numbers = np.array(regions, dtype=np.intp)[hits.query].T
        row, orientation = np.divmod(hits.id.astype(np.intp), _ORIENTATIONS)
        inner = np.array([picture.views[number].regions.kinds[region] in INNER for number, region in regions])
        looks = np.where(is_regular(queries)[hits.query], _REGULAR, self._looks[row])
        return Comparisons(
            reference=self._owner[row],
            view=views,
            region=region_numbers,
            orientation=orientation,
            number=4 * looks + 2 * inner[hits.query] + (orientation != _UPRIGHT),
            distance=hits.distance.astype(np.intp),
        )


def is_photo(sketch: npt.NDArray[np.uint8]) -> bool:
    """Return whether a picture in grey has the many tones of a photo, not the few of a drawing."""
    shares = np.bincount(sketch.ravel() >> 4, minlength=16) / sketch.size
    shares = shares[shares > 0]
    return float(-(shares * np.log2(shares)).sum()) >= _PHOTO_ENTROPY


def is_regular(hashes: Hashes) -> npt.NDArray[np.bool_]:
    """Return bool[n] for uint64[n, 4]: whether they are hashes of the simplest shapes, which many others are near."""
    return regularity(hashes) >= _REGULAR_FROM


def regularity(hashes: Hashes) -> npt.NDArray[np.float64]:
    """Return float64[n] for uint64[n, 4]: how much the bits, as signs of 16 x 16 frequencies, repeat each other.

    It is the root of the summed squares of their autocorrelations at shifts of up to 4 frequencies: about 0.7 for the
    bits of a photo, above 1.2 for those of a bar, a ring, a chequerboard, or a small thing in the middle of nothing.
    """
    bits = np.unpackbits(np.ascontiguousarray(hashes).view(np.uint8).reshape(-1, HASH_BITS // 8), axis=1)
    signs = bits[:, ::-1].reshape(-1, _SIDE, _SIDE).astype(np.float32) * 2 - 1
    total = np.zeros(len(hashes))
    for down, across in product(range(_REACH + 1), range(-_REACH, _REACH + 1)):
        if down == 0 and across <= 0:
            continue
        window = signs[:, down:, max(0, across) : _SIDE + min(0, across)]
        shifted = signs[:, : _SIDE - down, max(0, -across) : _SIDE - max(0, across)]
        total += (window * shifted).mean(axis=(1, 2), dtype=np.float64) ** 2
    return np.sqrt(total)


def _match(
    reference: ReferenceImage, picture: ImageFeatures, comparisons: Comparisons, index: int, rate: float
) -> ImageMatch:
    number, region, orientation = (
        int(comparisons.view[index]),
        int(comparisons.region[index]),
        int(comparisons.orientation[index]),
    )
    regions = picture.views[number].regions
    whole = regions.kinds[region] == RegionKind.WHOLE
    return ImageMatch(
        reference=reference,
        observed=picture,
        kind=_kind(picture, number, region, orientation),
        rate=rate,
        view=number,
        distance=int(comparisons.distance[index]),
        outline=None if whole and orientation == _UPRIGHT else _laid(regions.outlines[region], orientation),
    )


def _kind(picture: ImageFeatures, number: int, region: int, orientation: int) -> MatchKind:
    if orientation >= _FLIPPED_FROM:
        return MatchKind.FLIP
    regions = picture.views[number].regions
    rightwards, downwards = regions.outlines[region][1] - regions.outlines[region][0]
    if orientation != _UPRIGHT or abs(math.degrees(math.atan2(downwards, rightwards))) > _TURNED_FROM:
        return MatchKind.ROTATION
    kind = RegionKind(int(regions.kinds[region]))
    if kind in {RegionKind.WHOLE, RegionKind.TRIMMED}:
        return MatchKind.COPY
    share = _area(regions.outlines[region]) / (picture.width * picture.height)
    if share > _PART_OF_A_COLLAGE:
        return MatchKind.COPY
    return MatchKind.COLLAGE if kind == RegionKind.PANEL else MatchKind.PART


def _area(outline: npt.NDArray[np.float32]) -> float:
    across, down = outline[:, 0], outline[:, 1]
    return abs(float(across @ np.roll(down, -1) - down @ np.roll(across, -1))) / 2


def _laid(outline: npt.NDArray[np.float32], orientation: int) -> tuple[Point, Point, Point, Point]:
    """Return the outline of an observed region with the corners in the order of the reference's own.

    A picture rotated clockwise by a quarter has its upper left corner at the upper right, and so on; a mirrored one was
    mirrored before it was rotated.
    """
    corners = np.roll(outline, -(orientation % _FLIPPED_FROM), axis=0)
    if orientation >= _FLIPPED_FROM:
        corners = corners[[1, 0, 3, 2]]
    first, second, third, fourth = ((float(x), float(y)) for x, y in corners)
    return first, second, third, fourth

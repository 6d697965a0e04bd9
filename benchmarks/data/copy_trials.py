"""Changed pictures against references, for the fit and the benchmark of region hashes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from benchmarks.data.image_changes import KINDS, UNSEEN
from benchmarks.data.image_sets import RealImage
from ipwatch.images.regions import observed_regions, reference_regions
from ipwatch.matching.images.copies import CLASSES, CopyIndex, CopyTable
from ipwatch.matching.images.features import (
    Emblems,
    Ground,
    ImageFeatures,
    Keypoints,
    ReferenceImage,
    Regions,
    View,
)

SAME_THING = 20
"""SIFT correspondences under one affine map: 10 to 14 are chance between unrelated marks and photos examined."""

_EDGE = 512
_SKETCH = 480
_POOL = 24
_CLOSER_LOOK = 80

Grey = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Changed:
    """A changed picture in grey: the kind of change, the originals it may show, and of which reference it is."""

    kind: str
    known: bool
    shows: tuple[RealImage, ...]
    truth: RealImage | None
    grey: Grey


@dataclass(frozen=True, slots=True, eq=False)
class Query:
    """A changed picture: the kind of change, the originals it may show, and of which reference it is (or none)."""

    kind: str
    known: bool
    shows: tuple[RealImage, ...]
    truth: RealImage | None
    features: ImageFeatures


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """References and queries of one group, one half of the pictures being references."""

    group: str
    references: tuple[RealImage, ...]
    index: CopyIndex
    queries: tuple[Query, ...]


def features(grey: Grey, regions: Regions) -> ImageFeatures:
    """Return features that hold regions and a sketch alone."""
    no_points = Keypoints(
        points=np.empty((0, 2), np.float32),
        sizes=np.empty(0, np.float32),
        angles=np.empty(0, np.float32),
        descriptors=np.empty((0, 32), np.uint8),
    )
    no_emblems = Emblems(frames=np.empty((0, 2, 3), np.float32), shapes=np.empty((0, 128), np.uint8))
    view = View(
        frame=0,
        ground=Ground.WHITE,
        regions=regions,
        keypoints=no_points,
        emblems=no_emblems,
        sketch=shrunk(grey, _SKETCH) & np.uint8(0xF0),
    )
    height, width = grey.shape
    return ImageFeatures(sha256="", width=width, height=height, phash="", dhash="", views=(view,))


def shrunk(grey: Grey, edge: int) -> Grey:
    """Return the picture with neither side longer than ``edge``."""
    factor = edge / max(grey.shape)
    if factor >= 1:
        return grey
    size = (max(1, round(grey.shape[1] * factor)), max(1, round(grey.shape[0] * factor)))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)


def grey_of(image: Image.Image) -> Grey:
    """Return a picture in grey at the size at which regions are searched."""
    return shrunk(np.asarray(image.convert("L")), _EDGE)


def trial(group: str, references: Sequence[RealImage], others: Sequence[RealImage], count: int, seed: int) -> Trial:
    """Return the references, and ``count`` of them and of the others under each kind of change."""
    watched = []
    for picture in references:
        grey = grey_of(_bounded(picture.image()))
        described = features(grey, reference_regions(grey, 1.0))
        watched.append(ReferenceImage(mark=picture.name, path=str(picture.path), features=described))
    queries = [
        Query(each.kind, each.known, each.shows, each.truth, features(each.grey, observed_regions(each.grey, 1.0)))
        for each in changed(references, others, count, seed)
    ]
    return Trial(group, tuple(references), CopyIndex(watched, _ANY), tuple(queries))


def changed(references: Sequence[RealImage], others: Sequence[RealImage], count: int, seed: int) -> Iterator[Changed]:
    """Yield ``count`` references and ``count`` others under each kind of change."""
    images = {picture: _bounded(picture.image()) for picture in (*references, *others)}
    pool = others[:_POOL]
    kinds = [(name, change, family) for family, changes in KINDS.items() for name, change in changes.items()]
    kinds += [(name, change, "") for name, change in UNSEEN.items()]
    for number, (name, change, family) in enumerate(kinds):
        rng = np.random.default_rng([seed, number])
        for source, true in ((references, True), (others, False)):
            for index in rng.choice(len(source), min(count, len(source)), replace=False).tolist():
                own = np.random.default_rng([seed, number, index])
                image = change(images[source[index]], own, [images[picture] for picture in pool])
                shows = (source[index], *pool) if family == "collage" else (source[index],)
                yield Changed(name, bool(family), shows, source[index] if true else None, grey_of(image))


class SameThing:
    """Which originals show the same thing: those of one family, or similar by SIFT under one affine map."""

    def __init__(self) -> None:
        self._decided: dict[tuple[Path, Path], bool] = {}
        self._points: dict[Path, tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]] = {}
        self._sift = cv2.SIFT_create(600)  # type: ignore[attr-defined]  # the stub lags behind the library

    def holds(self, first: RealImage, second: RealImage, distance: int) -> bool:
        """Return whether the pictures show the same thing; only near ones are examined further."""
        if first.family == second.family:
            return True
        if distance > _CLOSER_LOOK:
            return False
        key = (first.path, second.path)
        if key not in self._decided:
            self._decided[key] = self._inliers(first, second) >= SAME_THING
        return self._decided[key]

    def _inliers(self, left: RealImage, right: RealImage) -> int:
        (points, descriptors), (others, known) = self._described(left), self._described(right)
        if min(len(points), len(others)) < 8:
            return 0
        pairs = cv2.BFMatcher().knnMatch(descriptors, known, k=2)
        good = [first for first, second in pairs if first.distance < 0.85 * second.distance]
        if len(good) < SAME_THING:
            return 0
        here = points[[match.queryIdx for match in good]]
        there = others[[match.trainIdx for match in good]]
        _, inliers = cv2.estimateAffine2D(here, there, ransacReprojThreshold=6)
        return 0 if inliers is None else int(inliers.sum())

    def _described(self, picture: RealImage) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        if picture.path not in self._points:
            grey = cv2.copyMakeBorder(shrunk(grey_of(picture.image()), 384), 16, 16, 16, 16, cv2.BORDER_REPLICATE)
            keypoints, descriptors = self._sift.detectAndCompute(grey, None)
            points = np.array([point.pt for point in keypoints], np.float32).reshape(-1, 2)
            self._points[picture.path] = (points, descriptors)
        return self._points[picture.path]


def _bounded(image: Image.Image) -> Image.Image:
    image.thumbnail((720, 720))
    return image


_ANY = CopyTable(np.ones((len(CLASSES), 257)), 1.0)

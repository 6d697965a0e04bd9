"""Changed pictures placed in references by their keypoints, for the fit and the benchmark of local features."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from benchmarks.data.copy_trials import SameThing, shrunk
from benchmarks.data.image_changes import KINDS, UNSEEN, Change
from benchmarks.data.image_sets import RealImage
from ipwatch.images.keypoints import observed_keypoints, reference_keypoints
from ipwatch.matching.images.features import (
    Emblems,
    Ground,
    ImageFeatures,
    ReferenceImage,
    Regions,
    View,
)
from ipwatch.matching.images.local import LocalIndex, LocalMatch

_EDGE = 1024
_SKETCH, _STEP = 480, 16
_POOL = 24

MIN_SAME, MIN_VISIBLE, MAX_LOG_ALARMS = 0.6, 0.5, -5.0

Grey = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class PlacedQuery:
    """A changed picture, the references it was placed in, and which of those it is of or shows the same thing as.

    ``truth`` is the number of the reference it was made from, -1 where of none; ``same`` are numbers of references that
    show the same thing as one of the pictures in it, which are not counted. ``known`` says whether kinds of this sort
    may be fitted on. Times are CPU seconds.
    """

    group: str
    kind: str
    known: bool
    name: str
    references: int
    truth: int
    same: frozenset[int]
    placed: tuple[LocalMatch, ...]
    described_in: float
    placed_in: float


def features(image: Image.Image, *, reference: bool) -> ImageFeatures:
    """Return features that hold keypoints and a sketch alone, as ``images.extract_features`` makes them."""
    full = np.asarray(image.convert("L"))
    grey = shrunk(full, _EDGE)
    describe = reference_keypoints if reference else observed_keypoints
    view = View(
        frame=0,
        ground=Ground.WHITE,
        regions=Regions(
            kinds=np.empty(0, np.uint8),
            outlines=np.empty((0, 4, 2), np.float32),
            hashes=np.empty((0, 8 if reference else 1, 4), np.uint64),
            qualities=np.empty(0, np.uint8),
        ),
        keypoints=describe(grey, full.shape[1] / grey.shape[1]),
        emblems=Emblems(frames=np.empty((0, 2, 3), np.float32), shapes=np.empty((0, 72), np.uint8)),
        sketch=_sketch(grey),
    )
    return ImageFeatures(sha256="", width=full.shape[1], height=full.shape[0], phash="", dhash="", views=(view,))


def indexed(references: Sequence[RealImage]) -> LocalIndex:
    """Return the index of the references."""
    return LocalIndex(
        [
            ReferenceImage(mark=p.name, path=str(p.path), features=features(p.image(), reference=True))
            for p in references
        ]
    )


def trials(
    group: str, references: Sequence[RealImage], others: Sequence[RealImage], count: int, seed: int
) -> Iterator[PlacedQuery]:
    """Yield ``count`` of the references and of the others under each kind of change, placed in the references."""
    index = indexed(references)
    same = SameDrawing(index, references)
    pool = others[:_POOL]
    rasters = [_bounded(picture) for picture in pool]
    for number, (kind, change, family) in enumerate(_kinds()):
        rng = np.random.default_rng([seed, number])
        for source, true in ((references, True), (others, False)):
            for picture_number in rng.choice(len(source), min(count, len(source)), replace=False).tolist():
                image = change(
                    _bounded(source[picture_number]),
                    np.random.default_rng([seed, number, picture_number, true]),
                    rasters,
                )
                started = time.process_time()
                observed = features(image, reference=False)
                described = time.process_time()
                placed = tuple(index.placed(observed))
                ended = time.process_time()
                truth = picture_number if true else -1
                asked = {match.reference for match in placed} - {truth}
                shows = (source[picture_number], *pool) if family == "collage" else (source[picture_number],)
                yield PlacedQuery(
                    group=group,
                    kind=kind,
                    known=bool(family),
                    name=source[picture_number].name,
                    references=len(references),
                    truth=truth,
                    same=frozenset().union(*(same.numbers(picture, asked) for picture in shows)),
                    placed=placed,
                    described_in=described - started,
                    placed_in=ended - described,
                )


def by_reference(query: PlacedQuery) -> Mapping[int, list[LocalMatch]]:
    """Return the placings by the number of the reference."""
    out: dict[int, list[LocalMatch]] = {}
    for match in query.placed:
        out.setdefault(match.reference, []).append(match)
    return out


def _kinds() -> list[tuple[str, Change, str]]:
    known = [(name, change, family) for family, changes in KINDS.items() for name, change in changes.items()]
    return known + [(name, change, "") for name, change in UNSEEN.items()]


class SameDrawing:
    """Which references show the same thing as a picture, both unchanged.

    Besides what ``SameThing`` finds, these are drawings that are similar almost everywhere: in ``MIN_SAME`` of the
    blocks, with ``MIN_VISIBLE`` of the drawing visible. Crests have few corners, so that correspondences alone do not
    identify two drawings of one crest.
    """

    def __init__(self, index: LocalIndex, references: Sequence[RealImage]) -> None:
        self._index = index
        self._references = references
        self._same = SameThing()
        self._similar: dict[RealImage, frozenset[int]] = {}

    def numbers(self, picture: RealImage, asked: Iterable[int]) -> frozenset[int]:
        """Return which of the references asked about show the same thing as the picture."""
        if picture not in self._similar:
            placed = self._index.placed(features(picture.image(), reference=False))
            self._similar[picture] = frozenset(
                match.reference
                for match in placed
                if match.agreement.same >= MIN_SAME
                and match.agreement.visible >= MIN_VISIBLE
                and match.log_alarms < MAX_LOG_ALARMS
            )
        similar = self._similar[picture]
        return frozenset(n for n in asked if n in similar or self._same.holds(picture, self._references[n], 0))


def _sketch(grey: Grey) -> Grey:
    small = shrunk(grey, _SKETCH).astype(np.uint16)
    return np.minimum((small + _STEP // 2) // _STEP * _STEP, 255).astype(np.uint8)


def _bounded(picture: RealImage) -> Image.Image:
    image = picture.image()
    image.thumbnail((720, 720))
    return image

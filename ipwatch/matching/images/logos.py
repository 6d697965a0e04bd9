"""Logos pasted or printed on goods, at any size from a twelfth of the picture, in any colour, rotated, faint.

Possible placings of a reference are proposed by keypoints (``local``) and by shapes in polar form (``polar``); each is
refined and judged by its ``outlines``. The measure is how much better the outlines agree than those of the plain shape
most similar to the reference (``plain``), together with the evidence of the keypoints.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ipwatch.matching.images.copies import is_photo
from ipwatch.matching.images.features import ImageFeatures, ReferenceImage, View
from ipwatch.matching.images.geometry import corners, mapped
from ipwatch.matching.images.local import LocalMatch
from ipwatch.matching.images.match import ImageMatch
from ipwatch.matching.images.outlines import Matrices, Outline, OutlineSet, Scene, agreements, improved, outline
from ipwatch.matching.images.plain import plainness
from ipwatch.matching.images.polar import PolarShapes, Whitening, similar_shapes
from ipwatch.records import MatchKind

MAX_RATE = 1e-3
"""Less certain matches are not reported."""

_COARSE, _FINE = 22, 46
_PAIRS = 1500
_PLACINGS = 80
_OF_ONE_REFERENCE = 3
_IMPROVED = 20
_JUDGED = 6

_AGREEMENT_WEIGHT = 12.0
_AGREED, _AGREED_FULLY = 0.2, 0.6
"""Agreements from which keypoints count, and count fully: drawings by one artist share eyes and hands, not outlines."""

_MAX_SURPRISE = 30.0
_MAX_AGREEMENT = 0.99
_MIN_SCALE, _MAX_STRETCH = 0.01, 3.5
_MAX_SHARE = 0.4
"""A logo on goods leaves room for the goods: what fills the picture is judged as a copy, not by its outlines."""


class LogoPlacing(NamedTuple):
    """A reference placed in a view: ``matrix`` float64[2, 3] maps its pixels into the observed picture."""

    reference: int
    view: int
    matrix: npt.NDArray[np.float64]
    agreement: float
    statistic: float


@dataclass(frozen=True, slots=True)
class LogoTable:
    """False-match rates per pair of views: unknown below ``knee``, divided by ten for each ``decade`` above it."""

    knee: float
    rate_at_knee: float
    decade: float

    def rate(self, statistic: float) -> float:
        """Return the share of pairs of unrelated pictures whose statistic is at least this."""
        if statistic < self.knee:
            return 1.0
        return float(self.rate_at_knee * 10.0 ** -((statistic - self.knee) / self.decade))


@cache
def fitted_table() -> LogoTable:
    """Return the table that ``benchmarks/training/fit_logos.py`` fitted."""
    text = resources.files("ipwatch.matching.images").joinpath("logos.toml").read_text(encoding="utf-8")
    rates = tomllib.loads(text)["rates"]
    return LogoTable(knee=rates["knee"], rate_at_knee=rates["rate_at_knee"], decade=rates["decade"])


class LogoIndex:
    """References prepared to be found as logos on goods."""

    def __init__(
        self,
        references: Sequence[ReferenceImage],
        table: LogoTable | None = None,
        whitening: Whitening | None = None,
    ) -> None:
        """Prepare the references; one without any edges is never found."""
        self._references = tuple(references)
        self._table = table
        self._whitening = whitening
        outlines: list[tuple[Outline, Outline]] = []
        numbers, shapes, frames, owners = [], [], [], []
        for number, reference in enumerate(self._references):
            view = reference.features.views[0]
            reference_outlines = _outlines(view, reference.features.width)
            if reference_outlines is None:
                continue
            shapes.append(view.emblems.shapes)
            frames.append(view.emblems.frames)
            owners.append(np.full(len(view.emblems.frames), len(outlines)))
            outlines.append(reference_outlines)
            numbers.append(number)
        self._numbers = np.array(numbers, dtype=np.intp)
        self._coarse, self._fine = (OutlineSet.of([pair[index] for pair in outlines]) for index in (0, 1))
        self._outlines = outlines
        self._areas = np.array([float(np.prod(np.ptp(fine.points, axis=0))) for _, fine in outlines])
        self._by_reference = {number: index for index, number in enumerate(numbers)}
        self._frames = _squared(np.concatenate([np.zeros((0, 2, 3), np.float32), *frames]))
        self._owners = np.concatenate([np.zeros(0, np.intp), *owners]).astype(np.intp)
        self._shapes = PolarShapes.of(np.concatenate([np.zeros((0, 72), np.uint8), *shapes]), whitening)

    @cached_property
    def _plain(self) -> npt.NDArray[np.float64]:
        """The plainness of each reference with outlines; it takes longest, and only a photograph asks for it."""
        return np.array([plainness(*pair) for pair in self._outlines])

    def matches(
        self, picture: ImageFeatures, placed: Sequence[LocalMatch], rate: float = MAX_RATE
    ) -> Iterator[tuple[int, ImageMatch]]:
        """Yield the index and the match of each reference that lies in the picture, at most at that rate.

        ``placed`` is the result of ``LocalIndex.placed`` for the same picture and the same references.
        """
        table = self._table or fitted_table()
        best: dict[int, LogoPlacing] = {}
        for placing in self.placings(picture, placed):
            known = best.get(placing.reference)
            if known is None or known.statistic < placing.statistic:
                best[placing.reference] = placing
        for number, placing in best.items():
            reached = min(1.0, table.rate(placing.statistic) * len(picture.views))
            if reached <= rate:
                yield number, _match(self._references[number], picture, placing, reached)

    def placings(self, picture: ImageFeatures, placed: Sequence[LocalMatch]) -> Iterator[LogoPlacing]:
        """Yield the placings of references that were judged, however weak the evidence.

        A drawing is not a photograph of goods: its letters and shapes are those of many marks, so it is left to the
        comparison of hashes and keypoints.
        """
        for number, view in enumerate(picture.views):
            if not is_photo(view.sketch):
                continue
            scene = Scene.of(view.sketch, picture.width)
            local = [match for match in placed if match.view == number and match.reference in self._by_reference]
            owners = [self._by_reference[match.reference] for match in local]
            matrices = [match.matrix[:2] / match.matrix[2, 2] for match in local]
            by_shape, shape_owners = self._by_shape(view)
            everything = np.concatenate([np.array(matrices).reshape(-1, 2, 3), by_shape])
            owner = np.concatenate([np.array(owners, dtype=np.intp), shape_owners])
            alarms: dict[int, float] = {}
            for index, match in zip(owners, local, strict=True):
                alarms[index] = min(alarms.get(index, 0.0), match.log_alarms)
            room = _MAX_SHARE * picture.width * picture.height
            fits = _sane(everything) & (_sizes(everything) * self._areas[owner] <= room)
            yield from self._judged(number, scene, everything[fits], owner[fits], alarms)

    def _by_shape(self, view: View) -> tuple[Matrices, npt.NDArray[np.intp]]:
        """Return the placings implied by pairs of similar shapes, and their references."""
        observed = PolarShapes.of(view.emblems.shapes, self._whitening)
        observed_rows, stored_rows, turn = similar_shapes(observed, self._shapes, _PAIRS)
        taken: dict[int, int] = {}
        chosen = []
        for index, owner in enumerate(self._owners[stored_rows].tolist()):
            if taken.get(owner, 0) < _OF_ONE_REFERENCE:
                taken[owner] = taken.get(owner, 0) + 1
                chosen.append(index)
            if len(chosen) == _PLACINGS:
                break
        observed_rows, stored_rows, turn = observed_rows[chosen], stored_rows[chosen], turn[chosen]
        turned = np.zeros((len(turn), 3, 3))
        turned[:, 0, 0] = turned[:, 1, 1] = np.cos(turn)
        turned[:, 1, 0], turned[:, 0, 1], turned[:, 2, 2] = np.sin(turn), -np.sin(turn), 1
        placings = _squared(view.emblems.frames[observed_rows]) @ turned @ np.linalg.inv(self._frames[stored_rows])
        return placings[:, :2], self._owners[stored_rows]

    def _judged(
        self, view: int, scene: Scene, placings: Matrices, owners: npt.NDArray[np.intp], alarms: dict[int, float]
    ) -> Iterator[LogoPlacing]:
        score = agreements(scene, self._coarse, owners, placings)
        first = np.argsort(-self._values(score, owners, alarms), kind="stable")[:_IMPROVED]
        placings, score = improved(scene, self._coarse, owners[first], placings[first], first_step=0.08, rounds=3)
        owners = owners[first]
        second = np.argsort(-self._values(score, owners, alarms), kind="stable")[:_JUDGED]
        placings, score = improved(scene, self._fine, owners[second], placings[second], first_step=0.03, rounds=3)
        values = self._values(score, owners[second], alarms)
        for matrix, agreement, owner, value in zip(placings, score, owners[second], values, strict=True):
            yield LogoPlacing(int(self._numbers[owner]), view, matrix, float(agreement), float(value))

    def _values(
        self, agreement: npt.NDArray[np.float64], owners: npt.NDArray[np.intp], alarms: dict[int, float]
    ) -> npt.NDArray[np.float64]:
        """Return the statistics: agreement beyond that of a plain shape, and the significance of the keypoints."""
        surprise = np.array([min(-alarms.get(owner, 0.0), _MAX_SURPRISE) for owner in owners.tolist()])
        counted = np.clip((agreement - _AGREED) / (_AGREED_FULLY - _AGREED), 0, 1)
        beyond = _improbability(agreement) - _improbability(self._plain[owners])
        return np.asarray(_AGREEMENT_WEIGHT * beyond + surprise * counted)


def _improbability(agreement: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return how improbable an agreement is by coincidence, if edges were independent (Fisher 1915)."""
    return np.asarray(-np.log(1 - np.clip(agreement, 0, _MAX_AGREEMENT) ** 2))


def _outlines(view: View, width: int) -> tuple[Outline, Outline] | None:
    coarse, fine = (outline(view.sketch, width, steps) for steps in (_COARSE, _FINE))
    return None if coarse is None or fine is None else (coarse, fine)


def _squared(frames: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    out = np.zeros((len(frames), 3, 3))
    out[:, :2] = frames
    out[:, 2, 2] = 1
    return out


def _sizes(placings: Matrices) -> npt.NDArray[np.float64]:
    """Return the factor by which each placing enlarges areas."""
    return np.asarray(np.abs(np.linalg.det(placings[:, :, :2])))


def _sane(placings: Matrices) -> npt.NDArray[np.bool_]:
    """Return which placings neither shrink a reference to nothing nor distort its shape."""
    sizes = np.linalg.svd(placings[:, :, :2], compute_uv=False)
    return np.asarray((sizes[:, 1] > _MIN_SCALE) & (sizes[:, 0] < _MAX_STRETCH * sizes[:, 1]))


def _match(reference: ReferenceImage, picture: ImageFeatures, placing: LogoPlacing, rate: float) -> ImageMatch:
    matrix = np.vstack([placing.matrix, [0, 0, 1]])
    rim = mapped(matrix, corners(reference.features.width, reference.features.height))
    first, second, third, fourth = ((float(x), float(y)) for x, y in rim)
    return ImageMatch(
        reference=reference,
        observed=picture,
        kind=MatchKind.LOGO,
        rate=rate,
        view=placing.view,
        outline=(first, second, third, fourth),
    )

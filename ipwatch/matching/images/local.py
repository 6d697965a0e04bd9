"""Copies and parts of references found by keypoints: candidates by votes, placed, verified, and rated.

Every keypoint of an observed picture votes for the references that have a similar one, at the scale and rotation
between the two (Jégou, Douze and Schmid 2008). The few references with most votes are matched in full, placed
(``geometry``), and compared point by point (``alignment``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ipwatch.matching.images.alignment import Agreement, Canvas, agreement, shifted
from ipwatch.matching.images.descriptors import (
    VARIANTS,
    DescriptorIndex,
    Neighbours,
    transformed,
    unpack_descriptors,
)
from ipwatch.matching.images.features import ImageFeatures, Keypoints, ReferenceImage
from ipwatch.matching.images.geometry import Matches, Placing, corners, mapped, placings
from ipwatch.matching.images.local_rates import LocalTable, fitted_table, has_tones
from ipwatch.matching.images.match import ImageMatch, Pair
from ipwatch.records import MatchKind

Floats = npt.NDArray[np.float32]

MAX_RATE = 1e-3
"""Less certain matches are not reported."""

_VOTING_COSINE = 0.87
_NEIGHBOURS = 4
_VOTERS = (240, 120, 120, 120)
"""Number of the strongest keypoints that vote: of the picture as it is, mirrored, as a negative, and both."""

_VOTE = np.float32(0.01)
_TURNS, _SIZES = 8, 16
_CANDIDATES = 6
_MIN_VOTES = 0.12
_MIN_SHARE = 0.05

_MATCHING_COSINE = 0.8
_MATCHES = 200
_QUALITY = 0.02

_SETTLED = 0.97
_UNLIKELY = 0.3
_SURPRISING = -8.0

_PAIRS = 40
_UPRIGHT = 10.0
_WHOLE = 0.8
_CUT = 0.9


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class LocalMatch:
    """A reference placed in a view of an observed picture.

    ``reference`` is its index; ``rate`` is the false-match rate of ``statistic`` for one pair of views; ``matrix``
    float64[3, 3] maps the reference's pixels into the observed picture; ``points`` float64[n, 2, 2] are matched points
    of the reference and of the picture.
    """

    reference: int
    view: int
    mirrored: bool
    inverted: bool
    log_alarms: float
    agreement: Agreement
    statistic: float
    rate: float
    matrix: npt.NDArray[np.float64]
    points: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    """An observed picture as it is or mirrored, positive or negative: its keypoints and their unit vectors."""

    rows: Floats
    descriptors: Floats
    mirrored: bool
    inverted: bool


class LocalIndex:
    """The keypoints of references, to find them in observed pictures."""

    def __init__(self, references: Sequence[ReferenceImage], table: LocalTable | None = None) -> None:
        """Index every view of the references."""
        self._references = tuple(references)
        self._table = table or fitted_table()
        pictures = [reference.features for reference in self._references]
        self._owners = [number for number, picture in enumerate(pictures) for _ in picture.views]
        views = [view for picture in pictures for view in picture.views]
        self._keypoints = [view.keypoints for view in views]
        self._canvases = [
            Canvas.of(view.sketch, (pictures[number].width, pictures[number].height))
            for number, view in zip(self._owners, views, strict=True)
        ]
        self._photos = [has_tones(canvas.levels) for canvas in self._canvases]
        self._index = DescriptorIndex(self._keypoints)

    def matches(
        self, picture: ImageFeatures, placed: Iterable[LocalMatch] | None = None, *, rate: float = MAX_RATE
    ) -> Iterator[tuple[int, ImageMatch]]:
        """Yield the index and the match of each reference that lies in the picture, at most at that rate.

        ``placed`` is the result of ``placed`` for the same picture, where it is available.
        """
        best: dict[int, LocalMatch] = {}
        for match in self.placed(picture) if placed is None else placed:
            known = best.get(match.reference)
            if known is None or (match.rate, -match.statistic) < (known.rate, -known.statistic):
                best[match.reference] = match
        for number, match in best.items():
            reference = self._references[number]
            tries = len(picture.views) * len(reference.features.views)
            total = min(1.0, match.rate * tries)
            if total <= rate:
                yield number, _match(match, reference, picture, total)

    def placed(self, picture: ImageFeatures) -> Iterator[LocalMatch]:
        """Yield the references that may lie in the picture, each with its best placing, however weak the evidence."""
        for number, view in enumerate(picture.views):
            canvas = Canvas.of(view.sketch, (picture.width, picture.height))
            looks = [
                _Look(
                    *transformed(view.keypoints, picture.width, mirrored=mirrored, inverted=inverted),
                    mirrored,
                    inverted,
                )
                for mirrored, inverted in VARIANTS
            ]
            for stored, variant in self._candidates(looks):
                yield from self._verified(stored, looks[variant], canvas, number)

    def _candidates(self, looks: Sequence[_Look]) -> list[tuple[int, int]]:
        """Return the views of references, each with a variant of the picture, that have most votes."""
        counts = np.minimum([len(look.rows) for look in looks], _VOTERS)
        rows = np.concatenate([look.rows[:count] for look, count in zip(looks, counts, strict=True)])
        descriptors = np.concatenate([look.descriptors[:count] for look, count in zip(looks, counts, strict=True)])
        near = self._index.neighbours(descriptors, _VOTING_COSINE, _NEIGHBOURS)
        if not len(near.query):
            return []
        variant = np.repeat(np.arange(len(looks)), counts)[near.query]
        owners = self._index.owners[near.stored] * len(looks) + variant
        votes = _votes(owners, rows[near.query], self._index.rows[near.stored], _weights(near))
        totals = np.zeros(len(self._keypoints) * len(looks))
        np.maximum.at(totals, votes[0], votes[1])
        chosen = np.argsort(-totals, kind="stable")[:_CANDIDATES]
        enough = max(_MIN_VOTES, _MIN_SHARE * float(totals[chosen[0]]))
        return [divmod(int(number), len(looks)) for number in chosen if totals[number] >= enough]

    def _verified(self, stored: int, look: _Look, observed: Canvas, view: int) -> Iterator[LocalMatch]:
        """Yield the best placing of a reference's view in an observed view, if there is one."""
        own = self._canvases[stored]
        matches = _matched(look, self._keypoints[stored])
        verified = []
        for placing in placings(matches, observed.size):
            back = _mirroring(observed.size[0]) if look.mirrored else np.eye(3)
            matrix, agreed = _checked(placing, back @ placing.matrix, own, observed)
            points = np.stack(
                [matches.reference[placing.inliers, :2], mapped(back, matches.observed[placing.inliers, :2])], axis=1
            )
            statistic = self._table.statistic(placing.log_alarms, agreed)
            verified.append(
                LocalMatch(
                    reference=self._owners[stored],
                    view=view,
                    mirrored=look.mirrored,
                    inverted=look.inverted,
                    log_alarms=placing.log_alarms,
                    agreement=agreed,
                    statistic=statistic,
                    rate=self._table.rate(statistic, photo=self._photos[stored]),
                    matrix=matrix,
                    points=points,
                )
            )
        if verified:
            yield max(verified, key=lambda match: match.statistic)


def _weights(near: Neighbours) -> Floats:
    """Return the weight of each pair of descriptors: how much nearer it is than the farthest of the observed one.

    The farthest represents unrelated descriptors; the descriptor of the second reference would not, because near
    duplicates among the references are all as near.
    """
    first = np.flatnonzero(np.diff(near.query, prepend=-1))
    runs = np.diff(np.append(first, len(near.query)))
    farthest = np.where(runs == _NEIGHBOURS, near.cosines[first + runs - 1], np.float32(_VOTING_COSINE))
    return np.asarray(near.cosines - np.repeat(farthest, runs) + _VOTE)


def _votes(
    owners: npt.NDArray[np.int64], observed: Floats, stored: Floats, weights: Floats
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Return owners and the weight of each for one rotation and scale; a vote counts for the two nearest of either."""
    size = np.log2(np.maximum(observed[:, 2], 1e-3) / np.maximum(stored[:, 2], 1e-3))
    turn = (observed[:, 3] - stored[:, 3]) % 360 / (360 / _TURNS)
    cells = [
        ((owners * 4 + turned * 2 + scaled) * _TURNS + np.floor(turn + turned / 2).astype(np.int64) % _TURNS) * _SIZES
        + np.clip(np.floor(size + scaled / 2) + _SIZES // 2, 0, _SIZES - 1).astype(np.int64)
        for turned in (0, 1)
        for scaled in (0, 1)
    ]
    taken, inverse = np.unique(np.concatenate(cells), return_inverse=True)
    totals = np.bincount(inverse, np.tile(weights, 4)).astype(np.float64)
    return taken // (4 * _TURNS * _SIZES), totals


def _matched(look: _Look, reference: Keypoints) -> Matches:
    """Return the correspondences between a picture and one reference that are the best of either side."""
    rows = np.column_stack([reference.points, reference.sizes, reference.angles]).astype(np.float64)
    near = look.descriptors @ unpack_descriptors(reference.descriptors).T
    if not near.size:
        return Matches(reference=rows[:0], observed=rows[:0], quality=np.zeros(0))
    liked = (near >= near.max(axis=1, keepdims=True)) | (near >= near.max(axis=0, keepdims=True))
    observed, own = np.nonzero(liked & (near >= _MATCHING_COSINE))
    quality = near[observed, own].astype(np.float64)
    order = np.argsort(-quality, kind="stable")[:_MATCHES]
    return Matches(
        reference=rows[own[order]],
        observed=look.rows[observed[order]].astype(np.float64),
        quality=quality[order] - _MATCHING_COSINE + _QUALITY,
    )


def _checked(
    placing: Placing, matrix: npt.NDArray[np.float64], own: Canvas, observed: Canvas
) -> tuple[npt.NDArray[np.float64], Agreement]:
    """Return the placing and the agreement of the drawings, shifted where a better fit could decide."""
    agreed = agreement(own, observed, matrix)
    open_still = agreed.correlation < _SETTLED and (agreed.correlation > _UNLIKELY or placing.log_alarms < _SURPRISING)
    if open_still:
        moved = shifted(own, observed, matrix)
        better = agreement(own, observed, moved)
        if better.correlation > agreed.correlation:
            return moved, better
    return matrix, agreed


def _mirroring(width: float) -> npt.NDArray[np.float64]:
    return np.array([[-1.0, 0, width - 1], [0, 1, 0], [0, 0, 1]])


def _match(match: LocalMatch, reference: ReferenceImage, picture: ImageFeatures, rate: float) -> ImageMatch:
    outline = mapped(match.matrix, corners(reference.features.width, reference.features.height))
    first, second, third, fourth = ((float(x), float(y)) for x, y in outline)
    pairs: list[Pair] = [((a, b), (c, d)) for (a, b), (c, d) in match.points[:_PAIRS].tolist()]
    return ImageMatch(
        reference=reference,
        observed=picture,
        kind=_kind(match, outline, picture),
        rate=rate,
        view=match.view,
        inliers=len(match.points),
        outline=(first, second, third, fourth),
        pairs=tuple(pairs),
    )


def _kind(match: LocalMatch, outline: npt.NDArray[np.float64], picture: ImageFeatures) -> MatchKind:
    """Return how the reference was used: the first of mirrored, rotated, cut, collage, whole that applies."""
    if match.mirrored:
        return MatchKind.FLIP
    across = outline[1] - outline[0]
    if abs(np.degrees(np.arctan2(across[1], across[0]))) > _UPRIGHT:
        return MatchKind.ROTATION
    if match.agreement.visible < _CUT:
        return MatchKind.PART
    sides = np.minimum(outline.max(axis=0), [picture.width, picture.height]) - np.maximum(outline.min(axis=0), 0)
    share = float(np.prod(np.maximum(sides, 0))) / (picture.width * picture.height)
    return MatchKind.COPY if share >= _WHOLE else MatchKind.COLLAGE

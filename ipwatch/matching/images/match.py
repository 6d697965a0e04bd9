"""Matches: how an observed picture comes from a reference, where, and how surely."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ipwatch.matching.images.features import ImageFeatures, ReferenceImage
from ipwatch.records import ImageEvidence, MatchKind, Signal

OPERATING_RATE = 1e-6
"""One pair of unrelated pictures in a million is taken for a match: the rate at which the score is the threshold."""

SCORE_AT_OPERATING_RATE = 0.70
SCORE_PER_DECADE = 0.1

Point = tuple[float, float]
Pair = tuple[Point, Point]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageMatch:
    """One reference that an observed picture was taken from.

    ``rate`` is the false-match rate: the share of pairs of unrelated pictures that are at least as similar, all tries
    over regions, orientations and renderings included. ``outline`` are the corners of the reference (upper left, upper
    right, lower right, lower left) in pixels of the observed picture, ``None`` where it is the whole picture; ``pairs``
    are points of the reference and the points where they were found. ``distance`` is in bits of 256.
    """

    reference: ReferenceImage
    observed: ImageFeatures
    kind: MatchKind
    rate: float
    view: int = 0
    distance: int | None = None
    inliers: int | None = None
    outline: tuple[Point, Point, Point, Point] | None = None
    pairs: tuple[Pair, ...] = ()

    @property
    def score(self) -> float:
        """The score 0..1: 0.70 at one false match in a million pairs, 0.1 more for each power of ten below."""
        return score_of(self.rate)

    @property
    def region(self) -> tuple[int, int, int, int] | None:
        """The box (x, y, width, height) around the outline, in whole pixels within the observed picture."""
        if self.outline is None:
            return None
        across = [min(max(x, 0.0), float(self.observed.width)) for x, _ in self.outline]
        down = [min(max(y, 0.0), float(self.observed.height)) for _, y in self.outline]
        left, top = math.floor(min(across)), math.floor(min(down))
        return left, top, math.ceil(max(across)) - left, math.ceil(max(down)) - top


def score_of(rate: float) -> float:
    """Return the score 0..1 of a false-match rate per pair, rounded to four places."""
    decades = math.log10(OPERATING_RATE / max(rate, 1e-300))
    return round(min(1.0, max(0.0, SCORE_AT_OPERATING_RATE + SCORE_PER_DECADE * decades)), 4)


def image_signal(match: ImageMatch, picture: str) -> Signal:
    """Return the signal of a match of the picture that the record calls ``picture``."""
    return Signal(
        name="image",
        score=match.score,
        term=f"image_{match.kind}",
        compared=(match.reference.path, picture),
        field="images",
        picture=ImageEvidence(
            kind=match.kind,
            reference_sha256=match.reference.features.sha256,
            seen_sha256=match.observed.sha256,
            false_match_rate=match.rate,
            distance=match.distance,
            inliers=match.inliers,
            region=match.region,
            outline=match.outline,
            pairs=match.pairs,
        ),
    )

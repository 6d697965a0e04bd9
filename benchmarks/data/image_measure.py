"""Runs the picture engine and its peers over changed pictures; counts true and false matches."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import imagehash
import numpy as np
from PIL import Image, ImageDraw

from benchmarks.data.image_features import observed_features
from benchmarks.data.image_sets import same_shop
from ipwatch.matching.images.engine import ImageIndex
from ipwatch.matching.images.features import ImageFeatures, ReferenceImage, RegionKind
from ipwatch.matching.images.match import OPERATING_RATE, ImageMatch

SURE = -math.log10(OPERATING_RATE)
"""The score of the engine at which its rate is one in a million; peers have no such score."""


@dataclass(frozen=True, slots=True, eq=False)
class Query:
    """An observed picture: how it was changed, the ``family`` of what it shows, and whether it is innocent.

    Other pictures in it, such as those of a collage, belong to no shop.
    """

    kind: str
    family: str
    image: Image.Image
    innocent: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class FalseMatch:
    """A picture taken for a reference that it was not made of."""

    query: Query
    match: ImageMatch


@dataclass(slots=True, eq=False)
class Measured:
    """What a run found: for each query its kind and whether it has a reference, and by method the best true score.

    ``mistaken`` are by method the best scores of wrong pairs, one for each query. Scores are the negative decimal
    logarithm of the rate, peers' minus a distance.
    """

    kinds: list[str] = field(default_factory=list)
    positive: list[bool] = field(default_factory=list)
    true: dict[str, list[float]] = field(default_factory=dict)
    mistaken: dict[str, list[float]] = field(default_factory=dict)
    false_matches: list[FalseMatch] = field(default_factory=list)
    pairs: int = 0

    def allowed(self, method: str) -> float:
        """Return the score above which at most one in a million wrong pairs lies."""
        scores = np.sort(np.array(self.mistaken[method]))[::-1]
        allowed_pairs = int(self.pairs * OPERATING_RATE)
        return float(scores[min(allowed_pairs, len(scores) - 1)]) if len(scores) else -np.inf

    def recall(
        self, method: str, kinds: Iterable[str], above: float | None = None, *, min_score: float = -np.inf
    ) -> float:
        """Return the share of changed pictures of the kinds with a true score above a score and at least a minimum."""
        wanted = set(kinds)
        bar = self.allowed(method) if above is None else above
        scores = [
            score
            for kind, positive, score in zip(self.kinds, self.positive, self.true[method], strict=True)
            if positive and kind in wanted
        ]
        return float(np.mean([score > bar and score >= min_score for score in scores])) if scores else float("nan")


class Engines:
    """The product's engine and its peers, over the same references."""

    METHODS = ("ipwatch", "pHash-64", "PDQ-256")

    def __init__(self, references: Sequence[ReferenceImage]) -> None:
        """Make the references ready."""
        self.references = tuple(references)
        self.families = np.array([reference.mark for reference in references])
        self._index = ImageIndex(self.references)
        self._phash = np.array([int(reference.features.phash, 16) for reference in references], dtype=np.uint64)
        self._pdq = np.array([_whole(reference.features) for reference in references])

    def run(
        self, queries: Iterable[Query], describe: Callable[[Image.Image], ImageFeatures] = observed_features
    ) -> Measured:
        """Return what was found in the queries."""
        out = Measured(true={name: [] for name in self.METHODS}, mistaken={name: [] for name in self.METHODS})
        for query in queries:
            features = describe(query.image)
            matches = self._index.matches([features])[0]
            own = self.families == query.family
            other = np.array([not same_shop(query.family, family) for family in self.families]) & ~own
            out.kinds.append(query.kind)
            out.positive.append(not query.innocent)
            out.pairs += int(other.sum())
            scores = {"ipwatch": np.zeros(len(self.references))}
            numbers = {reference.path: number for number, reference in enumerate(self.references)}
            for match in matches:
                number = numbers[match.reference.path]
                scores["ipwatch"][number] = -math.log10(match.rate)
                if match.rate <= OPERATING_RATE and other[number]:
                    out.false_matches.append(FalseMatch(query, match))
            phash = np.uint64(int(str(imagehash.phash(query.image)), 16))
            scores["pHash-64"] = -np.bitwise_count(self._phash ^ phash).astype(np.float64)
            scores["PDQ-256"] = -np.bitwise_count(self._pdq ^ _whole(features)).sum(axis=1).astype(np.float64)
            for method, values in scores.items():
                out.true[method].append(float(values[own].max()) if own.any() else -np.inf)
                out.mistaken[method].append(float(values[other].max()))
        return out


def _whole(features: ImageFeatures) -> np.ndarray:
    """Return the hash uint64[4] of the whole unchanged picture, or a value that no picture has."""
    regions = features.views[0].regions
    whole = np.flatnonzero(regions.kinds == RegionKind.WHOLE)
    return np.asarray(regions.hashes[whole[0], 0]) if len(whole) else np.full(4, 0x5555555555555555, np.uint64)


def contact_sheet(mistakes: Sequence[FalseMatch], limit: int = 40) -> Image.Image:
    """Return the false matches side by side: the observed picture with the outline, the reference, kind, score."""
    cell, columns = 240, 3
    shown = sorted(mistakes, key=lambda mistake: -mistake.match.score)[:limit]
    rows = -(-max(len(shown), 1) // columns)
    page = Image.new("RGB", (columns * (2 * cell + 20), rows * (cell + 30)), (90, 90, 90))
    draw = ImageDraw.Draw(page)
    for number, mistake in enumerate(shown):
        row, column = divmod(number, columns)
        left, top = column * (2 * cell + 20), row * (cell + 30)
        picture = mistake.query.image.convert("RGB")
        if mistake.match.outline is not None:
            pen = ImageDraw.Draw(picture)
            pen.polygon(list(mistake.match.outline), outline=(255, 0, 0), width=max(2, picture.width // 150))
        picture.thumbnail((cell, cell))
        page.paste(picture, (left, top))
        sketch = Image.fromarray(mistake.match.reference.features.views[0].sketch)
        sketch.thumbnail((cell, cell))
        page.paste(sketch, (left + cell + 4, top))
        text = f"{mistake.match.score:.2f} {mistake.match.kind} | {mistake.query.kind}"
        draw.text((left + 4, top + cell + 6), text, fill=(255, 255, 255))
    return page

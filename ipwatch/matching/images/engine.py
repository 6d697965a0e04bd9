"""The engine: observed pictures against references, by copies, keypoints, logos and a model; the surest match wins.

Each stage gives the rate at which two unrelated pictures are at least as similar as what it found. Hashes of a whole
picture and keypoints examine different things: their rates are combined as Fisher combines the significances of tests,
the weaker by half, because they are not quite independent. Both together count for more than either; one alone, where
the other finds nothing, counts for less. An operator's model examines the same things again: if there is one, it is
another try, and provides the explanation only where nothing else does.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from ipwatch.matching.images.copies import MIN_QUALITY, CopyIndex
from ipwatch.matching.images.embedded import EmbeddedReferences
from ipwatch.matching.images.embeddings import Calibration
from ipwatch.matching.images.features import ImageFeatures, ReferenceImage
from ipwatch.matching.images.local import LocalIndex
from ipwatch.matching.images.logos import LogoIndex
from ipwatch.matching.images.match import OPERATING_RATE, ImageMatch

MIN_KEYPOINTS = 4
"""Three agree on some placing by chance."""

MAX_RATE = 1e-5
"""Less certain matches are not reported: with a thousand references, one picture in ten would have one at 1e-4."""

MIN_RATE = 1e-12
"""Smallest rate that is reported: no larger number of pairs was ever compared."""

_MIN_PRODUCT = 1e-300

_INDEPENDENT = 0.5
"""Unrelated photographs of similar things at one location are slightly similar both by hashes and by keypoints."""


class ImageIndex:
    """Reference pictures, indexed so that observed pictures are compared with all of them at once.

    ``excluded`` are shared stock pictures (denylist): a picture that comes from one of them more surely than from a
    reference is no evidence. With a ``calibration``, embeddings are compared too; raises ``ValueError`` for those of
    several models.
    """

    def __init__(
        self,
        references: Sequence[ReferenceImage],
        *,
        excluded: Sequence[ReferenceImage] = (),
        calibration: Calibration | None = None,
    ) -> None:
        every = (*references, *excluded)
        self._watched = len(references)
        self._copies = CopyIndex(every)
        self._local = LocalIndex(every)
        self._logos = LogoIndex(every)
        self._embedded = EmbeddedReferences(every, calibration) if calibration is not None else None

    def matches(self, pictures: Sequence[ImageFeatures]) -> list[list[ImageMatch]]:
        """Return for each picture every reference that it comes from, the surest first."""
        return [self._matches(picture) if self._watched else [] for picture in pictures]

    def embeds(self, picture: ImageFeatures) -> bool:
        """Return whether the picture can be compared by every stage, by embeddings too if the references have any."""
        return self._embedded is None or self._embedded.compares(picture)

    def _matches(self, picture: ImageFeatures) -> list[ImageMatch]:
        best = self._best(picture)
        everybodys = min((match.rate for index, match in best.items() if index >= self._watched), default=math.inf)
        matches = [match for index, match in best.items() if index < self._watched and match.rate <= MAX_RATE]
        return sorted(
            (match for match in matches if match.rate < everybodys),
            key=lambda match: (match.rate, match.reference.mark, match.reference.path),
        )

    def _best(self, picture: ImageFeatures) -> dict[int, ImageMatch]:
        """Return the best explanation by each reference that has any."""
        placed = tuple(self._local.placed(picture))
        local, copies = dict(self._local.matches(picture, placed)), dict(self._copies.matches(picture))
        # A logo on goods does not affect the hashes of a whole picture, so it is a separate try.
        best = {
            index: another_try(combined(local.get(index), copies.get(index))) for index in local.keys() | copies.keys()
        }
        for index, match in self._logos.matches(picture, placed):
            logo = another_try(match)
            best[index] = preferred(best[index], logo) if index in best else logo
        if self._embedded is not None:
            best = {index: another_try(match) for index, match in best.items()}
            for index, match in self._embedded.matches(picture, MAX_RATE / 2):
                embedded = another_try(match)
                best[index] = preferred(best[index], embedded) if index in best else embedded
        return {index: replace(match, rate=max(match.rate, MIN_RATE)) for index, match in best.items()}


def preferred(specific: ImageMatch, other: ImageMatch) -> ImageMatch:
    """Return the more specific match if it is sure enough, because it explains more; otherwise the surer one."""
    return specific if specific.rate <= OPERATING_RATE or specific.rate <= other.rate else other


def another_try(match: ImageMatch) -> ImageMatch:
    """Return the match at the rate that results when the better of two is chosen."""
    return replace(match, rate=min(1.0, 2 * match.rate))


def combined(placed: ImageMatch | None, copied: ImageMatch | None) -> ImageMatch:
    """Return the surer of the matches by keypoints and by hashes, at the rate of both together (Fisher 1932).

    The weaker counts by half its decades, and a stage that finds nothing as a rate of 1. Raises ``ValueError`` where
    neither found anything.
    """
    matches = sorted((match for match in (placed, copied) if match is not None), key=lambda match: match.rate)
    if not matches:
        raise ValueError("neither keypoints nor hashes found anything")
    product = max(matches[0].rate * math.prod(match.rate**_INDEPENDENT for match in matches[1:]), _MIN_PRODUCT)
    return replace(
        matches[0],
        rate=product * (1.0 - math.log(product)),
        distance=copied.distance if copied is not None else None,
        inliers=placed.inliers if placed is not None else None,
        # Keypoints locate the whole reference, hashes only the part of it that was compared.
        outline=placed.outline if placed is not None else matches[0].outline,
        pairs=placed.pairs if placed is not None else (),
    )


def has_no_content(reference: ReferenceImage) -> bool:
    """Return whether a reference has too little content for any picture to be found by it."""
    return not any(
        (view.regions.qualities >= MIN_QUALITY).any()
        or len(view.keypoints.points) >= MIN_KEYPOINTS
        or len(view.emblems.shapes)
        for view in reference.features.views
    )

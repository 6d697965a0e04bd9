"""Pictures: whether a picture is a copy of a reference, by the distance of their perceptual hashes.

Distances are in bits of 64. Among 129,766 pairs of unrelated photographs, registered marks and crests, pHash <= 8 with
dHash <= 14 joined 5 and pHash <= 6 alone 8; a copy that was recompressed or halved stays within 4. Half of the pHash of
a symmetric drawing is chance: copies of crests and plain logos differed by up to 24 bits, but their dHash by 2 at most,
and that pair of bounds joined 9 of 263,175 pairs of other pictures, most of them crests of one family.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from ipwatch.records import PictureHashes, ReferencePicture, Signal

MAX_PHASH = 8
MAX_DHASH = 14
MAX_SINGLE = 6
"""Where only one hash can be compared (mirrored, trimmed), it must be nearer."""

MAX_SYMMETRIC_PHASH = 24
MAX_SYMMETRIC_DHASH = 2

_SCORE_AT_LIMIT = 0.75


class ImageKind(StrEnum):
    """How a picture comes from a reference."""

    COPY = "copy"
    FLIP = "flip"
    PART = "part"


@dataclass(frozen=True, slots=True)
class ImageMatch:
    """One reference that a picture was taken from: how, at what distance in bits, and the score 0..1."""

    reference: ReferencePicture
    kind: ImageKind
    distance: int
    score: float


def compare_pictures(reference: ReferencePicture, seen: PictureHashes) -> ImageMatch | None:
    """Return how the picture comes from the reference, or ``None``; a flat picture comes from nothing."""
    mine = reference.hashes
    if mine.flat or seen.flat:
        return None
    copied, slopes = _bits(mine.phash, seen.phash), _bits(mine.dhash, seen.dhash)
    if copied <= MAX_PHASH and slopes <= MAX_DHASH:
        return _match(reference, ImageKind.COPY, copied, MAX_PHASH)
    if copied <= MAX_SYMMETRIC_PHASH and slopes <= MAX_SYMMETRIC_DHASH:
        return _match(reference, ImageKind.COPY, copied, MAX_SYMMETRIC_PHASH)
    flipped = min(_bits(mine.phash, seen.phash_mirrored), _bits(mine.phash_mirrored, seen.phash))
    if flipped <= MAX_SINGLE:
        return _match(reference, ImageKind.FLIP, flipped, MAX_SINGLE)
    trimmed = _trimmed_distance(mine, seen)
    if trimmed <= MAX_SINGLE:
        return _match(reference, ImageKind.PART, trimmed, MAX_SINGLE)
    return None


class ReferenceIndex:
    """Reference pictures in arrays, so that a picture is compared with all of them at once."""

    def __init__(self, references: Sequence[ReferencePicture]) -> None:
        self._references = tuple(reference for reference in references if not reference.hashes.flat)
        self._phash = _column(reference.hashes.phash for reference in self._references)
        self._dhash = _column(reference.hashes.dhash for reference in self._references)
        self._mirrored = _column(reference.hashes.phash_mirrored for reference in self._references)
        self._trimmed = _column(reference.hashes.phash_trimmed for reference in self._references)

    def matches(self, seen: PictureHashes) -> list[ImageMatch]:
        """Return every reference the picture comes from, best first."""
        if seen.flat or not self._references:
            return []
        whole, mirrored, trimmed = (
            np.uint64(int(value, 16)) for value in (seen.phash, seen.phash_mirrored, seen.phash_trimmed)
        )
        near = np.bitwise_count(self._phash ^ whole) <= MAX_PHASH
        near |= np.bitwise_count(self._dhash ^ np.uint64(int(seen.dhash, 16))) <= MAX_SYMMETRIC_DHASH
        for column, value in (
            (self._phash, mirrored),
            (self._mirrored, whole),
            (self._trimmed, trimmed),
            (self._trimmed, whole),
            (self._phash, trimmed),
        ):
            near |= np.bitwise_count(column ^ value) <= MAX_SINGLE
        found = (compare_pictures(self._references[index], seen) for index in np.flatnonzero(near))
        return sorted(
            (match for match in found if match is not None),
            key=lambda match: (-match.score, match.reference.mark, match.reference.path),
        )


def image_signal(match: ImageMatch, picture: str) -> Signal:
    """Return the signal of a picture, named as the record names it, that comes from a reference."""
    return Signal(
        name="image",
        score=match.score,
        term=f"image_{match.kind}",
        compared=(match.reference.path, picture),
        field="images",
    )


def _bits(a: str, b: str) -> int:
    return (int(a, 16) ^ int(b, 16)).bit_count()


def _trimmed_distance(mine: PictureHashes, seen: PictureHashes) -> int:
    return min(
        _bits(mine.phash_trimmed, seen.phash_trimmed),
        _bits(mine.phash_trimmed, seen.phash),
        _bits(mine.phash, seen.phash_trimmed),
    )


def _column(hashes: Iterable[str]) -> npt.NDArray[np.uint64]:
    return np.array([int(value, 16) for value in hashes], dtype=np.uint64)


def _match(reference: ReferencePicture, kind: ImageKind, distance: int, limit: int) -> ImageMatch:
    return ImageMatch(reference, kind, distance, round(1.0 - (1.0 - _SCORE_AT_LIMIT) * distance / limit, 4))

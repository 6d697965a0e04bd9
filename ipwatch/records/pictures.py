"""What is known of pictures."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class MatchKind(StrEnum):
    """How a picture comes from a reference."""

    COPY = "copy"
    PART = "part"
    FLIP = "flip"
    ROTATION = "rotation"
    COLLAGE = "collage"
    LOGO = "logo"
    EMBEDDING = "embedding"


class PictureRefusal(StrEnum):
    """The closed list of reasons why a picture was not used."""

    EMPTY = "empty"
    NOT_A_PICTURE = "not_a_picture"
    FORMAT = "format"
    TOO_LARGE = "too_large"
    TOO_MANY_PIXELS = "too_many_pixels"
    TRUNCATED = "truncated"
    BROKEN = "broken"
    MEMORY = "memory"
    TOO_SLOW = "too_slow"


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureEvidence:
    """What was measured where a picture comes from a reference, both named by the SHA-256 of their files.

    ``false_match_rate`` is per pair of unrelated pictures, ``distance`` in bits of 256, ``inliers`` the points that
    agree on one place. ``region`` (x, y, width, height) and ``outline`` (the reference's corners from the upper left
    clockwise) are in pixels of the seen picture; ``None`` is the whole. ``pairs`` are some of the points: where they
    are in the reference and where in the seen picture.
    """

    kind: MatchKind
    reference_sha256: str
    seen_sha256: str
    false_match_rate: float
    distance: int | None = None
    inliers: int | None = None
    region: tuple[int, int, int, int] | None = None
    outline: tuple[tuple[float, float], ...] | None = None
    pairs: tuple[tuple[tuple[float, float], tuple[float, float]], ...] = ()

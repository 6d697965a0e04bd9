"""What is known of pictures."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class PictureRefusal(StrEnum):
    """The closed list of reasons why a picture was not used."""

    EMPTY = "empty"
    NOT_A_PICTURE = "not_a_picture"
    FORMAT = "format"
    TOO_LARGE = "too_large"
    TOO_MANY_PIXELS = "too_many_pixels"
    TRUNCATED = "truncated"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureHashes:
    """Perceptual hashes of one picture, each 64 bits as 16 hexadecimal digits; ``sha256`` is of the file.

    ``flat`` says the picture has too little in it for its hashes to mean anything: it never matches.
    """

    sha256: str
    width: int
    height: int
    phash: str
    dhash: str
    phash_mirrored: str
    phash_trimmed: str
    flat: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferencePicture:
    """A rights holder's picture of a mark: ``path`` as the watchlist names it."""

    mark: str
    path: str
    hashes: PictureHashes

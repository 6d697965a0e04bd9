"""Pictures of the sandbox as data, drawn on demand by ``ipwatch.sandbox.drawing``."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from random import Random


class Change(StrEnum):
    """Edits in copies of a picture."""

    RECOMPRESS = "recompress"
    RESIZE = "resize"
    CROP = "crop"
    MIRROR = "mirror"
    BORDER = "border"
    BRIGHTEN = "brighten"
    CAPTION = "caption"


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnImage:
    """One picture. ``subject`` is the photographed object: the same subject gives the same photograph.

    ``overlay`` is the key of a mark whose emblem is pasted on the goods, or shown alone with ``emblem_only``.
    """

    subject: str
    shape: str
    extension: str = "jpg"
    overlay: str | None = None
    emblem_only: bool = False
    changes: tuple[Change, ...] = ()

    @property
    def shows_mark(self) -> bool:
        """Whether it is a picture of the holder or shows the emblem of a mark: no other can match a reference."""
        return self.overlay is not None or self.subject.startswith("genuine:")

    @property
    def media_type(self) -> str:
        """The media type of the file."""
        return {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}[self.extension]


def emblem_of(mark: str, *, extension: str = "png") -> DrawnImage:
    """Return the emblem of a mark on white: its logo or its character."""
    return DrawnImage(subject=f"emblem:{mark}", shape="emblem", extension=extension, overlay=mark, emblem_only=True)


def genuine_photo(mark: str, shape: str, number: int, *, character: bool, extension: str = "png") -> DrawnImage:
    """Return one of the holder's own product photographs of a mark."""
    return DrawnImage(
        subject=f"genuine:{mark}:{number}", shape=shape, extension=extension, overlay=mark if character else None
    )


def copied(picture: DrawnImage, rng: Random) -> DrawnImage:
    """Return a copy of the picture with one to three edits."""
    some = rng.sample([change for change in Change if change is not Change.RECOMPRESS], k=rng.choice((0, 1, 1, 2)))
    changes = (*sorted(some), Change.RECOMPRESS)
    return DrawnImage(
        subject=picture.subject,
        shape=picture.shape,
        extension=any_extension(rng),
        overlay=picture.overlay,
        emblem_only=picture.emblem_only,
        changes=changes,
    )


def any_extension(rng: Random) -> str:
    """Return a random file type, most often JPEG."""
    return rng.choice(("jpg", "jpg", "jpg", "png", "webp"))

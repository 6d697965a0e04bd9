"""Pictures that the review page may show."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from ipwatch.store.tables import PictureRow, ReferencePictureRow


@dataclass(frozen=True, slots=True)
class KnownImage:
    """What is known of a picture: accepted where ``refusal`` is ``None``."""

    sha256: str
    refusal: str | None


def find_picture(session: Session, sha256: str) -> KnownImage | None:
    """Return what is known of a picture, or ``None`` where no picture has that hash."""
    row = session.execute(
        select(PictureRow.sha256, PictureRow.refusal).where(PictureRow.sha256 == sha256)
    ).one_or_none()
    return None if row is None else KnownImage(row.sha256, row.refusal)


def reference_thumbnail(session: Session, reference_id: int) -> bytes | None:
    """Return the thumbnail (PNG) of a reference picture, or ``None`` where there is none of that number."""
    return session.scalar(select(ReferencePictureRow.thumbnail).where(ReferencePictureRow.id == reference_id))

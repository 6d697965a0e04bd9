"""Data for drawing the corresponding regions of a picture and a reference."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from ipwatch.records import ImageEvidence
from ipwatch.store.review.stored_json import read_signals
from ipwatch.store.tables import FindingRow, ReferencePictureRow


@dataclass(frozen=True, slots=True)
class Correspondence:
    """The picture evidence, and the thumbnail (PNG) and original size in pixels of the reference."""

    evidence: ImageEvidence
    thumbnail: bytes
    reference_size: tuple[int, int]


def find_correspondence(session: Session, finding_id: int, number: int) -> Correspondence | None:
    """Return the picture evidence of the signal of that number (from 0) in a finding, or ``None``."""
    finding = session.get(FindingRow, finding_id)
    signals = read_signals(finding.signals) if finding is not None else ()
    evidence = signals[number].picture if number < len(signals) else None
    if evidence is None:
        return None
    query = select(ReferencePictureRow.thumbnail, ReferencePictureRow.width, ReferencePictureRow.height)
    row = session.execute(query.where(ReferencePictureRow.sha256 == evidence.reference_sha256).limit(1)).first()
    if row is None or row.width is None or row.height is None:
        return None
    return Correspondence(evidence, row.thumbnail, (row.width, row.height))

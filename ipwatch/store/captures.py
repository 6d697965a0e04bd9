"""Captures: which document was seen at which URL and when. The bytes are in the evidence store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from ipwatch.records import Document, RequestKind
from ipwatch.store.inserts import table_of
from ipwatch.store.rows import text_sha256
from ipwatch.store.tables import CaptureRow

_CAPTURE = table_of(CaptureRow)
_OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """One time a document was seen."""

    id: int
    run_id: int | None
    source: str
    kind: RequestKind
    url: str
    final_url: str
    status: int
    fetched_at: datetime
    sha256: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """What was captured: ``total`` captures, ``recent`` ones, and the bytes of bodies that were new among those."""

    total: int
    recent: int
    new_bytes: int


def growth(session: Session, *, since: datetime) -> Growth:
    """Return how much was captured in all and from ``since`` on. Reads every capture."""
    first = (
        select(func.min(_CAPTURE.c.fetched_at).label("at"), func.max(_CAPTURE.c.size).label("size"))
        .group_by(_CAPTURE.c.sha256)
        .subquery()
    )
    new_bytes = session.scalar(select(func.coalesce(func.sum(first.c.size), 0)).where(first.c.at >= since))
    recent = session.scalar(select(func.count()).select_from(_CAPTURE).where(_CAPTURE.c.fetched_at >= since))
    total = session.scalar(select(func.count()).select_from(_CAPTURE))
    return Growth(total=total or 0, recent=recent or 0, new_bytes=int(new_bytes or 0))


def add_capture(session: Session, document: Document, *, run_id: int | None, readable: bool = True) -> int:
    """Append a capture and return its id.

    Where the body could not be read (``readable=False``) its validators are left out, so that the next run asks for the
    body again instead of being told that nothing changed. Commit it together with the records that were read from the
    document: a validator without its records would hide them for good.
    """
    capture = {
        "run_id": run_id,
        "source": document.source,
        "kind": document.kind.value,
        "url": document.url,
        "url_sha256": text_sha256(document.url),
        "final_url": document.final_url,
        "status": document.status,
        "fetched_at": document.fetched_at,
        "sha256": document.sha256,
        "size": document.size,
        "etag": document.header("etag") if readable else None,
        "last_modified": document.header("last-modified") if readable else None,
    }
    number: int = session.execute(insert(_CAPTURE).values(**capture).returning(_CAPTURE.c.id)).scalar_one()
    return number


def validator(session: Session, url: str) -> tuple[str | None, str | None, str] | None:
    """Return ETag, Last-Modified and SHA-256 of the newest answer 200 of exactly that URL, or ``None``.

    ``None`` also where that answer carried neither of the two: there is nothing to ask a server by.
    """
    row = session.execute(
        select(_CAPTURE.c.etag, _CAPTURE.c.last_modified, _CAPTURE.c.sha256)
        .where(_CAPTURE.c.url_sha256 == text_sha256(url), _CAPTURE.c.status == _OK)
        .order_by(_CAPTURE.c.fetched_at.desc(), _CAPTURE.c.id.desc())
        .limit(1)
    ).one_or_none()
    if row is None or (row.etag is None and row.last_modified is None):
        return None
    return row.etag, row.last_modified, row.sha256


def captures_of(session: Session, sha256: str) -> list[Capture]:
    """Return every time a document of that hash was seen, oldest first."""
    query = select(_CAPTURE).where(_CAPTURE.c.sha256 == sha256).order_by(_CAPTURE.c.fetched_at, _CAPTURE.c.id)
    return [
        Capture(
            id=row.id,
            run_id=row.run_id,
            source=row.source,
            kind=RequestKind(row.kind),
            url=row.url,
            final_url=row.final_url,
            status=row.status,
            fetched_at=row.fetched_at,
            sha256=row.sha256,
            size=row.size,
        )
        for row in session.execute(query)
    ]

"""Captures: which document was fetched from which URL and when. The bytes are in the evidence store."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from ipwatch.records import Document, RequestKind
from ipwatch.store.inserts import table_of
from ipwatch.store.rows import text_sha256
from ipwatch.store.tables import CaptureRow

_CAPTURE = table_of(CaptureRow)
_OK, _NOT_MODIFIED = 200, 304


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCapture:
    """One capture of a document."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredValidators:
    """The stored validators of a URL, the body they belong to, and when that body was read in full."""

    etag: str | None
    last_modified: str | None
    sha256: str
    read_in_full_at: datetime


def add_capture(
    session: Session, document: Document, *, run_id: int | None, trusted: bool = True, brought: int | None = None
) -> int:
    """Append a capture and return its id.

    Only a ``trusted`` document, which gave what it was asked for, keeps its validators: what a server calls unchanged
    would otherwise hide for good what a wrong body once hid. ``brought`` counts the records and further addresses that
    were read from it, where it could be read. Commit it together with those records.
    """
    etag, modified = (document.header("etag"), document.header("last-modified")) if trusted else (None, None)
    if trusted and document.from_cache:
        # "Not modified" repeats only what changed of the stored headers (RFC 9111 section 3.2).
        known = validator(session, document.url)
        if known is not None:
            etag, modified = etag or known.etag, modified or known.last_modified
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
        "etag": etag,
        "last_modified": modified,
        "brought": brought,
    }
    number: int = session.execute(insert(_CAPTURE).values(**capture).returning(_CAPTURE.c.id)).scalar_one()
    return number


def validator(session: Session, url: str) -> StoredValidators | None:
    """Return the validators of exactly that URL from its newest answer (200 or 304).

    ``None`` where there is no such answer or it carried no validator: a conditional request needs one.
    """
    answered = _CAPTURE.c.url_sha256 == text_sha256(url)
    newest = (_CAPTURE.c.fetched_at.desc(), _CAPTURE.c.id.desc())
    columns = (_CAPTURE.c.etag, _CAPTURE.c.last_modified, _CAPTURE.c.sha256)
    query = select(*columns).where(answered, _CAPTURE.c.status.in_((_OK, _NOT_MODIFIED))).order_by(*newest).limit(1)
    row = session.execute(query).one_or_none()
    if row is None or (row.etag is None and row.last_modified is None):
        return None
    in_full = select(_CAPTURE.c.fetched_at).where(answered, _CAPTURE.c.status == _OK).order_by(*newest).limit(1)
    read_in_full_at = session.scalar(in_full)
    if read_in_full_at is None:
        return None
    return StoredValidators(
        etag=row.etag, last_modified=row.last_modified, sha256=row.sha256, read_in_full_at=read_in_full_at
    )


def brought_before(session: Session, urls: Iterable[str]) -> dict[str, int]:
    """Return ``brought`` of the newest readable capture of each URL, for the URLs that have one."""
    counts: dict[str, int] = {}
    for url in urls:
        brought: int | None = session.scalar(
            select(_CAPTURE.c.brought)
            .where(_CAPTURE.c.url_sha256 == text_sha256(url), _CAPTURE.c.brought.is_not(None))
            .order_by(_CAPTURE.c.fetched_at.desc(), _CAPTURE.c.id.desc())
            .limit(1)
        )
        if brought is not None:
            counts[url] = brought
    return counts


def captures_of(session: Session, sha256: str) -> list[StoredCapture]:
    """Return every capture of a document of that hash, oldest first."""
    query = select(_CAPTURE).where(_CAPTURE.c.sha256 == sha256).order_by(_CAPTURE.c.fetched_at, _CAPTURE.c.id)
    return [
        StoredCapture(
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

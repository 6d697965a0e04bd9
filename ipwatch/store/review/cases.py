"""One case with everything a person needs to decide it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ipwatch.cases import CaseKind, CaseState
from ipwatch.records import Listing, ListingKind, MarkRecord, RightKind, Sign, Signal, Verdict, WatchedMark
from ipwatch.store import rows
from ipwatch.store.review.stored_json import (
    WatchlistVersion,
    newest_watchlists,
    read_signals,
    read_signs,
    read_watchlist,
)
from ipwatch.store.tables import (
    CaseRow,
    FilingPictureRow,
    FilingRow,
    FilingVersionRow,
    FindingRow,
    ListingPictureRow,
    ListingRow,
    ListingVersionRow,
    PictureRow,
    ReferencePictureRow,
    ReviewDecisionRow,
    WatchlistVersionRow,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredFinding:
    """A finding as it was stored; never rewritten. A filing has no kind, nor has what was found before listings had."""

    id: int
    score: float
    threshold: float
    matcher_version: str
    signals: tuple[Signal, ...]
    kind: ListingKind | None
    suspicion: float | None
    signs: tuple[Sign, ...]
    document_sha256: str | None
    watchlist_sha256: str
    found_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a named person decided, and on which finding."""

    id: int
    finding_id: int
    verdict: Verdict
    reviewer: str
    note: str
    decided_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture of a listing or filing: ``sha256`` once fetched, ``refusal`` where it could not be used."""

    url: str
    sha256: str | None
    refusal: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A rights holder's picture of the mark."""

    id: int
    path: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A field that changed between two versions; ``None`` is a missing value."""

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A version of the record and what it changed; the first changes nothing."""

    seen_at: datetime
    document_sha256: str | None
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDetail:
    """A case. ``record`` is the listing or filing as last read, ``watched`` the mark it was compared with."""

    id: int
    version: int
    subject: str
    is_filing: bool
    mark: str
    watched: WatchedMark | None
    holder: str
    watchlist: WatchlistVersion | None
    right_kind: RightKind
    source: str
    country: str | None
    state: CaseState
    kind: CaseKind
    score: float
    suspicion: float | None
    due_on: date | None
    opened_at: datetime
    updated_at: datetime
    record: Listing | MarkRecord | None
    first_seen_at: datetime | None
    last_seen_at: datetime | None
    gone_at: datetime | None
    document_sha256: str | None
    findings: tuple[ScoredFinding, ...]
    decisions: tuple[Decision, ...]
    pictures: tuple[Picture, ...]
    references: tuple[Reference, ...]
    versions: tuple[Version, ...]


def load_case(session: Session, case_id: int) -> CaseDetail | None:
    """Return a case with its findings and decisions, newest first, or ``None`` where there is none of that number."""
    row = session.get(CaseRow, case_id)
    if row is None:
        return None
    findings = _findings(session, case_id)
    subject = _subject(session, row)
    watchlist = _watchlist_of(session, row, findings)
    stored = watchlist.marks.get(row.mark.partition("/")[2]) if watchlist else None
    return CaseDetail(
        id=row.id,
        version=row.version,
        subject=row.subject,
        is_filing=row.filing_id is not None,
        mark=row.mark,
        watched=rows.load(WatchedMark, stored) if stored is not None else None,
        holder=row.holder,
        watchlist=watchlist,
        right_kind=RightKind(row.right_kind),
        source=row.source,
        country=row.country,
        state=CaseState(row.state),
        kind=CaseKind(row.kind),
        score=row.score,
        suspicion=row.suspicion,
        due_on=row.due_on,
        opened_at=row.opened_at,
        updated_at=row.updated_at,
        record=_record(subject),
        first_seen_at=subject.first_seen_at if subject else None,
        last_seen_at=subject.last_seen_at if subject else None,
        gone_at=subject.gone_at if isinstance(subject, ListingRow) else None,
        document_sha256=subject.document_sha256 if subject else None,
        findings=findings,
        decisions=decisions_of(session, case_id),
        pictures=_pictures(session, row),
        references=_references(session, row.mark),
        versions=_versions(session, row),
    )


def decisions_of(session: Session, case_id: int) -> tuple[Decision, ...]:
    """Return the decisions about a case, newest first."""
    query = select(ReviewDecisionRow).where(ReviewDecisionRow.case_id == case_id).order_by(ReviewDecisionRow.id.desc())
    return tuple(
        Decision(
            id=row.id,
            finding_id=row.finding_id,
            verdict=Verdict(row.verdict),
            reviewer=row.reviewer,
            note=row.note,
            decided_at=row.decided_at,
        )
        for row in session.scalars(query)
    )


def _findings(session: Session, case_id: int) -> tuple[ScoredFinding, ...]:
    query = select(FindingRow).where(FindingRow.case_id == case_id).order_by(FindingRow.id.desc())
    return tuple(
        ScoredFinding(
            id=row.id,
            score=row.score,
            threshold=row.threshold,
            matcher_version=row.matcher_version,
            signals=read_signals(row.signals),
            kind=None if row.kind is None else ListingKind(row.kind),
            suspicion=row.suspicion,
            signs=read_signs(row.signs),
            document_sha256=row.document_sha256,
            watchlist_sha256=row.watchlist_sha256,
            found_at=row.found_at,
        )
        for row in session.scalars(query)
    )


def _subject(session: Session, row: CaseRow) -> ListingRow | FilingRow | None:
    if row.listing_id is not None:
        return session.get(ListingRow, row.listing_id)
    if row.filing_id is not None:
        return session.get(FilingRow, row.filing_id)
    return None


def _watchlist_of(session: Session, row: CaseRow, findings: Sequence[ScoredFinding]) -> WatchlistVersion | None:
    """Return the watchlist the newest finding was made with, so that the person sees what was compared."""
    if findings:
        used = session.get(WatchlistVersionRow, findings[0].watchlist_sha256)
        if used is not None:
            return read_watchlist(used)
    return newest_watchlists(session, [row.holder]).get(row.holder)


def _record(subject: ListingRow | FilingRow | None) -> Listing | MarkRecord | None:
    match subject:
        case ListingRow():
            return rows.load(Listing, subject.data)
        case FilingRow():
            return rows.load(MarkRecord, subject.data)
        case None:
            return None


def _pictures(session: Session, row: CaseRow) -> tuple[Picture, ...]:
    shown = ListingPictureRow if row.listing_id is not None else FilingPictureRow
    owned = (
        ListingPictureRow.listing_id == row.listing_id
        if row.listing_id is not None
        else FilingPictureRow.filing_id == row.filing_id
    )
    query = (
        select(shown.url, shown.sha256, PictureRow.refusal)
        .outerjoin(PictureRow, PictureRow.sha256 == shown.sha256)
        .where(owned)
        .order_by(shown.position, shown.id)
    )
    return tuple(Picture(url=url, sha256=sha256, refusal=refusal) for url, sha256, refusal in session.execute(query))


def _references(session: Session, mark: str) -> tuple[Reference, ...]:
    query = (
        select(ReferencePictureRow.id, ReferencePictureRow.path, ReferencePictureRow.sha256)
        .where(ReferencePictureRow.mark == mark, ReferencePictureRow.excluded.is_(False))
        .order_by(ReferencePictureRow.id)
    )
    return tuple(Reference(id=number, path=path, sha256=sha256) for number, path, sha256 in session.execute(query))


def _versions(session: Session, row: CaseRow) -> tuple[Version, ...]:
    """Return the versions of the record, newest first, each with what it changed."""
    history: Sequence[ListingVersionRow | FilingVersionRow]
    if row.listing_id is not None:
        of_listing = select(ListingVersionRow).where(ListingVersionRow.listing_id == row.listing_id)
        history = session.scalars(of_listing.order_by(ListingVersionRow.seen_at, ListingVersionRow.id)).all()
    else:
        of_filing = select(FilingVersionRow).where(FilingVersionRow.filing_id == row.filing_id)
        history = session.scalars(of_filing.order_by(FilingVersionRow.seen_at, FilingVersionRow.id)).all()
    versions = []
    previous: Mapping[str, Any] | None = None
    for entry in history:
        changes = () if previous is None else tuple(changes_between(previous, entry.data))
        versions.append(Version(seen_at=entry.seen_at, document_sha256=entry.document_sha256, changes=changes))
        previous = entry.data
    return tuple(reversed(versions))


def changes_between(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    """Yield each field whose value differs, nested fields with a dot; the hash of the document is no field."""
    old, new = dict(_flat(before)), dict(_flat(after))
    for field in sorted(old.keys() | new.keys()):
        if old.get(field) != new.get(field):
            yield Change(field=field, before=old.get(field), after=new.get(field))


def _flat(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, inner in value.items():
        if key == "document_sha256" or inner is None:
            continue
        if isinstance(inner, Mapping):
            yield from _flat(inner, f"{prefix}{key}.")
        elif isinstance(inner, list | tuple):
            yield f"{prefix}{key}", "\n".join(str(element) for element in inner)
        else:
            yield f"{prefix}{key}", str(inner)

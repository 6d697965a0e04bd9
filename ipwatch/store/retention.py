"""Retention: deletes what has expired. Evidence, versions, findings, decisions and audit events are never deleted.

Each function deletes one batch, so that the database is locked for milliseconds only; the caller repeats it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Table, and_, delete, exists, func, insert, select, update
from sqlalchemy.orm import Session, aliased

from ipwatch.store.inserts import is_postgres, table_of
from ipwatch.store.tables import FrontierRow, IssueRow, ListingRow, MaintenanceRow, RunRow, SightingRow

_FRONTIER, _RUN, _ISSUE = table_of(FrontierRow), table_of(RunRow), table_of(IssueRow)
_SIGHTING, _MAINTENANCE = table_of(SightingRow), table_of(MaintenanceRow)

Sighting = tuple[int, int]


def delete_requests(session: Session, *, ended_before: datetime, limit: int) -> int:
    """Delete up to ``limit`` requests of one run that ended before that time; return how many.

    The run keeps its counts, and of its failed requests the number for each reason: its report stays the same.
    """
    finished = (_RUN.c.state != "running") & (_RUN.c.ended_at < ended_before)
    run_id = session.scalar(
        select(_RUN.c.id).where(finished, exists().where(_FRONTIER.c.run_id == _RUN.c.id)).order_by(_RUN.c.id).limit(1)
    )
    if run_id is None:
        return 0
    some = select(_FRONTIER.c.id).where(_FRONTIER.c.run_id == run_id).order_by(_FRONTIER.c.id).limit(limit)
    ids = list(session.scalars(some))
    counts = session.execute(
        select(_FRONTIER.c.reason, func.count())
        .where(_FRONTIER.c.id.in_(ids), _FRONTIER.c.state == "failed")
        .group_by(_FRONTIER.c.reason)
    ).all()
    if counts:
        kept = dict(session.scalar(select(_RUN.c.failures).where(_RUN.c.id == run_id)) or {})
        for reason, count in counts:
            kept[reason] = kept.get(reason, 0) + count
        session.execute(update(_RUN).where(_RUN.c.id == run_id).values(failures=kept))
    session.execute(delete(_FRONTIER).where(_FRONTIER.c.id.in_(ids)))
    return len(ids)


def delete_issues(session: Session, *, noted_before: datetime, limit: int) -> int:
    """Delete up to ``limit`` issues that were noted before that time; return how many."""
    return _delete(session, _ISSUE, _ISSUE.c.noted_at < noted_before, limit)


def delete_maintenance(session: Session, *, ended_before: datetime, limit: int) -> int:
    """Delete up to ``limit`` notes of maintenance that ended before that time; return how many."""
    return _delete(session, _MAINTENANCE, _MAINTENANCE.c.ended_at < ended_before, limit)


def superfluous_sightings(
    session: Session, *, sighted_before: datetime, after_listing: int, listings: int
) -> tuple[list[Sighting], int | None]:
    """Return the redundant sightings of the next ``listings`` listings, and the last of these, or ``None`` at the end.

    The first and the last sighting of a listing in each month (Japan time) are all that a monthly summary or a price
    history needs (the content is in the versions). ``sighted_before`` should be the beginning of a month.
    """
    last = session.scalar(
        select(func.max(ListingRow.id)).where(ListingRow.id > after_listing, ListingRow.id <= after_listing + listings)
    )
    if last is None:
        beyond = session.scalar(select(func.min(ListingRow.id)).where(ListingRow.id > after_listing))
        return [], None if beyond is None else beyond - 1
    sighting, earlier, later = aliased(SightingRow), aliased(SightingRow), aliased(SightingRow)
    month = _month(session, sighting)

    def same_month(other: type[SightingRow], side: ColumnElement[bool]) -> ColumnElement[bool]:
        return exists().where(
            and_(
                other.listing_id == sighting.listing_id,
                side,
                _month(session, other) == month,
                other.seen_at < sighted_before,
            )
        )

    rows = session.execute(
        select(sighting.listing_id, sighting.run_id).where(
            sighting.listing_id > after_listing,
            sighting.listing_id <= last,
            sighting.seen_at < sighted_before,
            same_month(earlier, earlier.run_id < sighting.run_id),
            same_month(later, later.run_id > sighting.run_id),
        )
    )
    return [(listing_id, run_id) for listing_id, run_id in rows], last


def delete_sightings(session: Session, sightings: Sequence[Sighting]) -> int:
    """Delete these sightings; return how many they are."""
    for listing_id, run_id in sightings:
        session.execute(delete(_SIGHTING).where(_SIGHTING.c.listing_id == listing_id, _SIGHTING.c.run_id == run_id))
    return len(sightings)


def last_maintenance(session: Session) -> datetime | None:
    """Return when the newest maintenance began, or ``None``."""
    last: datetime | None = session.scalar(select(func.max(_MAINTENANCE.c.started_at)))
    return last


def note_maintenance(
    session: Session, *, started_at: datetime, ended_at: datetime, deleted: dict[str, int], problems: Sequence[str]
) -> None:
    """Store what a maintenance deleted and found."""
    row = {"started_at": started_at, "ended_at": ended_at, "deleted": deleted, "problems": list(problems)}
    session.execute(insert(_MAINTENANCE).values(**row))


def _delete(session: Session, table: Table, which: ColumnElement[bool], limit: int) -> int:
    ids = list(session.scalars(select(table.c.id).where(which).order_by(table.c.id).limit(limit)))
    session.execute(delete(table).where(table.c.id.in_(ids)))
    return len(ids)


def _month(session: Session, row: type[SightingRow]) -> ColumnElement[str]:
    """Return year and month of a sighting in Japan time."""
    if is_postgres(session):
        return func.to_char(func.timezone("Asia/Tokyo", row.seen_at), "YYYY-MM")
    return func.strftime("%Y-%m", row.seen_at, "+9 hours")

"""Which cases a queue shows and in which order, as conditions on the tables."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Float, Select, Text, and_, cast, exists, func, literal, or_, select
from sqlalchemy.orm import aliased

from ipwatch.cases import QUIET, CaseKind, CaseState
from ipwatch.records import RightKind
from ipwatch.store.tables import CaseRow, FilingRow, FindingRow, ListingRow


class Sort(StrEnum):
    """Order of the queue: the most suspicious first, newest first, or the nearest due date first."""

    SCORE = "score"
    NEWEST = "newest"
    DUE = "due"


class Band(StrEnum):
    """Band of the number that the queue is sorted by: the suspicion of a judged listing, the score of all else."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


CaseQuery = Select[*tuple[Any, ...]]

HIGH_FROM = 0.9
MEDIUM_FROM = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueFilter:
    """What to show; ``None`` is no restriction. ``text`` is searched in titles, mark texts, subjects and mark keys.

    Without a ``kind``, cases whose newest finding is a mere mention are left out unless ``mentions`` asks for them.
    """

    state: CaseState | None = CaseState.OPEN
    kind: CaseKind | None = None
    mentions: bool = False
    source: str | None = None
    holder: str | None = None
    mark: str | None = None
    right_kind: RightKind | None = None
    country: str | None = None
    band: Band | None = None
    signal: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """Position in an order: the sort value (a score, an ISO time or date, or ``""`` for none) and the case's id."""

    value: str
    id: int

    def encode(self) -> str:
        """Return the cursor as it is written in a URL."""
        return f"{self.value}~{self.id}"

    @classmethod
    def decode(cls, text: str) -> Cursor:
        """Parse a cursor; raises ``ValueError`` where it is none."""
        value, separator, number = text.rpartition("~")
        if not separator:
            raise ValueError(f"no cursor: {text!r}")
        return cls(value, int(number))


def restrict(query: CaseQuery, chosen: QueueFilter) -> CaseQuery:
    """Add every condition of a filter to a query over cases."""
    query = restrict_unfaceted(query, chosen)
    for column, wanted in (
        (CaseRow.state, chosen.state),
        (CaseRow.kind, chosen.kind),
        (CaseRow.source, chosen.source),
        (CaseRow.holder, chosen.holder),
        (CaseRow.right_kind, chosen.right_kind),
        (CaseRow.country, chosen.country),
    ):
        if wanted is not None:
            query = query.where(column == str(wanted))
    if chosen.kind is None and not chosen.mentions:
        query = query.where(CaseRow.kind.not_in(sorted(QUIET)))
    match chosen.band:
        case Band.HIGH:
            query = query.where(CaseRow.priority >= HIGH_FROM)
        case Band.MEDIUM:
            query = query.where(CaseRow.priority >= MEDIUM_FROM, CaseRow.priority < HIGH_FROM)
        case Band.LOW:
            query = query.where(CaseRow.priority < MEDIUM_FROM)
    return query


def restrict_unfaceted(query: CaseQuery, chosen: QueueFilter) -> CaseQuery:
    """Add the conditions that no facet counts: text, mark and kind of signal."""
    if chosen.text:
        query = query.select_from(CaseRow).outerjoin(ListingRow, ListingRow.id == CaseRow.listing_id)
        query = query.outerjoin(FilingRow, FilingRow.id == CaseRow.filing_id)
    if chosen.mark is not None:
        query = query.where(CaseRow.mark == chosen.mark)
    if chosen.text:
        columns = (ListingRow.title, FilingRow.mark_text, CaseRow.subject, CaseRow.mark)
        query = query.where(or_(*(column.icontains(chosen.text, autoescape=True) for column in columns)))
    if chosen.signal is not None:
        query = query.where(_newest_finding_has(chosen.signal))
    return query


def _newest_finding_has(name: str) -> ColumnElement[bool]:
    """Return the condition that the newest finding of a case has a signal of that name.

    The stored text is searched: inside a JSON string every quotation mark is escaped, so no compared value can look
    like the name of a signal.
    """
    later = aliased(FindingRow)
    newest = select(func.max(later.id)).where(later.case_id == CaseRow.id).correlate(CaseRow).scalar_subquery()
    named = cast(FindingRow.signals, Text).contains(f'"name": "{name}"', autoescape=True)
    return exists().where(FindingRow.id == newest, named)


def order_by(sort: Sort, *, backwards: bool) -> tuple[ColumnElement[Any], ...]:
    """Return the order of a queue, or its reverse: the value sorted by, and the newer case first among equals."""
    by_id = CaseRow.id.asc() if backwards else CaseRow.id.desc()
    match sort:
        case Sort.SCORE:
            return (CaseRow.priority.asc() if backwards else CaseRow.priority.desc(), by_id)
        case Sort.NEWEST:
            return (CaseRow.opened_at.asc() if backwards else CaseRow.opened_at.desc(), by_id)
        case Sort.DUE:
            undated = CaseRow.due_on.is_(None)
            if backwards:
                return (undated.desc(), CaseRow.due_on.desc(), by_id)
            return (undated.asc(), CaseRow.due_on.asc(), by_id)


def cursor_of(row: CaseRow, sort: Sort) -> Cursor:
    """Return the position of a case in an order."""
    match sort:
        case Sort.SCORE:
            return Cursor(repr(row.priority), row.id)
        case Sort.NEWEST:
            return Cursor(row.opened_at.isoformat(), row.id)
        case Sort.DUE:
            return Cursor(row.due_on.isoformat() if row.due_on else "", row.id)


def beyond(sort: Sort, cursor: Cursor, *, backwards: bool) -> ColumnElement[bool]:
    """Return the condition that a row is after the cursor, or before it; raises ``ValueError`` for a bad cursor."""
    match sort:
        case Sort.SCORE:
            # Compared as literals of the column's own type, or PostgreSQL would compare a double with a numeric.
            priority = literal(finite(cursor.value), Float)
            return _after_cursor(CaseRow.priority, priority, cursor.id, rising=backwards)
        case Sort.NEWEST:
            opened = literal(_timestamp(cursor.value), CaseRow.opened_at.type)
            return _after_cursor(CaseRow.opened_at, opened, cursor.id, rising=backwards)
        case Sort.DUE:
            return _past_due(cursor, backwards=backwards)


def finite(text: str) -> float:
    """Parse a number of a cursor; raises ``ValueError`` where it is none, or not finite."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"no score: {text!r}")
    return number


def _timestamp(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"a time without its offset: {text!r}")
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"a time that no calendar has: {text!r}") from error


def _after_cursor(column: Any, value: ColumnElement[Any], case_id: int, *, rising: bool) -> ColumnElement[bool]:
    if rising:
        return and_(column >= value, or_(column > value, CaseRow.id > case_id))
    return and_(column <= value, or_(column < value, CaseRow.id < case_id))


def _past_due(cursor: Cursor, *, backwards: bool) -> ColumnElement[bool]:
    due = CaseRow.due_on
    if not cursor.value:
        same = and_(due.is_(None), CaseRow.id > cursor.id if backwards else CaseRow.id < cursor.id)
        return or_(due.is_not(None), same) if backwards else same
    day = date.fromisoformat(cursor.value)
    if backwards:
        return or_(due < day, and_(due == day, CaseRow.id > cursor.id))
    return or_(due > day, due.is_(None), and_(due == day, CaseRow.id < cursor.id))

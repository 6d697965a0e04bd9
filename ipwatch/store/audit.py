"""The audit trail: who did what and when, each event carrying the hash of the one before it.

A chain shows that an event was changed, removed, added or moved in its middle. It cannot show that its newest events
were removed, nor that all of it was written again: for that a hash of it must be kept out of reach of those with write
access, for example in a published summary.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.exc import DataError
from sqlalchemy.orm import Session

from ipwatch.errors import StoreError
from ipwatch.store.inserts import serialise, table_of
from ipwatch.store.rows import clean, digest, plain
from ipwatch.store.tables import AuditEventRow
from ipwatch.terms import Message, message

_EVENT = table_of(AuditEventRow)
_CHAIN_LOCK = 4_937_021_546
_CHUNK = 1000

FIRST = "0" * 64
"""What the first event carries in place of the hash before it."""


class Defect(StrEnum):
    """What can be wrong with a chain."""

    NOT_FOLLOWING = "not_following"
    CHANGED = "changed"
    UNREADABLE = "unreadable"
    HEAD_MISSING = "head_missing"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: ``event`` is the id of the event, or ``head`` the hash that no event has."""

    defect: Defect
    event: int | None = None
    head: str | None = None

    def __str__(self) -> str:
        """Return it as a sentence in English."""
        return str(self.sentence())

    def sentence(self) -> Message:
        """Return it as a sentence."""
        match self.defect:
            case Defect.NOT_FOLLOWING:
                return message("store.audit_not_following", event=self.event)
            case Defect.CHANGED:
                return message("store.audit_changed", event=self.event)
            case Defect.UNREADABLE:
                return message("store.audit_unreadable", event=self.event)
            case Defect.HEAD_MISSING:
                return message("store.audit_head_missing", head=self.head)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """Result of a verification: the number of events, the newest one with its hash, and every problem."""

    events: int
    last_event: int | None
    head: str | None
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event for display; ``defect`` is set where its content was changed or it does not follow the one before it.

    An event that cannot be read any more has no time, and empty texts.
    """

    id: int
    at: datetime | None
    actor: str
    action: str
    target: str
    detail: Mapping[str, Any]
    hash: str
    defect: Defect | None

    @property
    def intact(self) -> bool:
        """Whether nothing is wrong with it."""
        return self.defect is None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPage:
    """Some events, newest first; ``older`` and ``newer`` are the cursors of the adjacent pages, or ``None``."""

    events: tuple[Event, ...]
    older: int | None
    newer: int | None


def append(session: Session, *, actor: str, action: str, target: str, detail: Mapping[str, Any], now: datetime) -> str:
    """Append an event and return its hash; it is stored when the caller's transaction commits."""
    serialise(session, _CHAIN_LOCK)
    event = {
        "at": now,
        "actor": clean(actor),
        "action": clean(action),
        "target": clean(target),
        "detail": plain(detail),
        "previous_hash": head(session) or FIRST,
    }
    event["hash"] = _hash(event)
    session.execute(insert(_EVENT).values(**event))
    return str(event["hash"])


def head(session: Session) -> str | None:
    """Return the hash of the newest event, or ``None``."""
    return session.scalar(select(_EVENT.c.hash).order_by(_EVENT.c.id.desc()).limit(1))


def count_after(session: Session, event: int | None) -> int:
    """Return how many events are newer than the one of that id, or how many there are."""
    return session.scalar(select(func.count()).where(_EVENT.c.id > (event or 0))) or 0


def verify(session: Session, heads: Collection[str] = ()) -> Chain:
    """Hash every event again and follow the chain; ``heads`` are hashes written down earlier that must be in it."""
    problems = []
    missing = set(heads)
    previous, last, events = FIRST, None, 0
    for number, event in _read_all(session):
        events, last = events + 1, number
        if event is None:
            problems.append(Problem(Defect.UNREADABLE, number))
            previous = _hash_of(session, number, None)
            continue
        if event["previous_hash"] != previous:
            problems.append(Problem(Defect.NOT_FOLLOWING, number))
        if not _is_as_written(event):
            problems.append(Problem(Defect.CHANGED, number))
        previous = event["hash"]
        missing.discard(previous)
    problems.extend(Problem(Defect.HEAD_MISSING, head=lost) for lost in sorted(missing))
    return Chain(events=events, last_event=last, head=previous if events else None, problems=tuple(problems))


def list_events(session: Session, limit: int, *, before: int | None = None, after: int | None = None) -> EventPage:
    """Return ``limit`` events newest first: those older than ``before`` or newer than ``after``, else the newest.

    Each is verified by itself and against the event before it.
    """
    ids = select(_EVENT.c.id)
    if after is not None:
        nearest = session.scalars(ids.where(_EVENT.c.id > after).order_by(_EVENT.c.id).limit(limit)).all()
        ids = ids.where(_EVENT.c.id <= max(nearest, default=after))
    elif before is not None:
        ids = ids.where(_EVENT.c.id < before)
    # One more: the oldest of the page must follow it.
    chosen = session.scalars(ids.order_by(_EVENT.c.id.desc()).limit(limit + 1)).all()
    rows = _read(session, sorted(chosen))
    before_it = [FIRST] + [_hash_of(session, number, row) for number, row in rows]
    shown = [_shown(number, row, previous) for (number, row), previous in zip(rows, before_it, strict=False)]
    events = tuple(reversed(shown))[:limit]
    newest = session.scalar(select(func.max(_EVENT.c.id)))
    return EventPage(
        events=events,
        older=events[-1].id if len(chosen) > limit else None,
        newer=events[0].id if events and newest is not None and newest > events[0].id else None,
    )


def _shown(number: int, row: Mapping[Any, Any] | None, previous: str) -> Event:
    if row is None:
        return Event(id=number, at=None, actor="", action="", target="", detail={}, hash="", defect=Defect.UNREADABLE)
    detail = row["detail"] if isinstance(row["detail"], Mapping) else {"": row["detail"]}
    defect = None if row["previous_hash"] == previous else Defect.NOT_FOLLOWING
    return Event(
        id=number,
        at=row["at"],
        actor=str(row["actor"]),
        action=str(row["action"]),
        target=str(row["target"]),
        detail=detail,
        hash=str(row["hash"]),
        defect=defect if _is_as_written(row) else Defect.CHANGED,
    )


Read = tuple[int, Mapping[Any, Any] | None]


def _read_all(session: Session) -> Iterator[Read]:
    """Yield every event with its id in order, ``None`` for one that is no event any more."""
    ids = select(_EVENT.c.id).order_by(_EVENT.c.id).limit(_CHUNK)
    chunk = session.scalars(ids).all()
    while chunk:
        yield from _read(session, chunk)
        chunk = session.scalars(ids.where(_EVENT.c.id > chunk[-1])).all()


def _read(session: Session, ids: Sequence[int]) -> list[Read]:
    """Return neighbouring events by their ids in order."""
    if not ids:
        return []
    wanted = select(_EVENT).where(_EVENT.c.id >= ids[0], _EVENT.c.id <= ids[-1]).order_by(_EVENT.c.id)
    try:
        return [(row["id"], row) for row in session.execute(wanted).mappings()]
    except _UNREADABLE:
        return [(ids[0], None)] if len(ids) == 1 else [event for number in ids for event in _read(session, [number])]


def _hash_of(session: Session, number: int, row: Mapping[Any, Any] | None) -> str:
    if row is not None:
        return str(row["hash"])
    return str(session.scalar(select(_EVENT.c.hash).where(_EVENT.c.id == number)))


# What a value that no event can have makes of a row: no JSON, no time, a time beyond the calendar.
_UNREADABLE = (ValueError, TypeError, OverflowError, RecursionError, DataError)


def _is_as_written(event: Mapping[Any, Any]) -> bool:
    try:
        return bool(event["hash"] == _hash(event))
    except (StoreError, ValueError, OverflowError):
        return False


def _hash(event: Mapping[Any, Any]) -> str:
    happened_at: datetime = event["at"]
    content = (event["actor"], event["action"], event["target"], event["detail"], event["previous_hash"])
    return digest(happened_at.astimezone(UTC).isoformat(timespec="microseconds"), *content)

"""Fifty ways to tamper with the audit trail, by somebody who owns the database: each is found."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, text, update
from store_records import NOW

from ipwatch.pipeline.audit import verify_audit
from ipwatch.store import audit, audit_checks
from ipwatch.store.audit import Defect
from ipwatch.store.inserts import table_of
from ipwatch.store.session import Database, Session
from ipwatch.store.tables import AuditEventRow

EVENT = table_of(AuditEventRow)
EVENTS = 12
Tamper = str | Callable[[Session], None]


def fill(database: Database, count: int = EVENTS) -> None:
    with database.write_session() as session:
        for number in range(count):
            audit.append(
                session,
                actor="白井" if number % 2 else "黒田",
                action="case.decided",
                target=f"case:{number}",
                detail={"verdict": "infringing", "note": f"同じ商品 {number}", "score": 0.1 + 0.2},
                now=NOW + timedelta(seconds=number),
            )


def unlock(session: Session) -> None:
    """Take the triggers away, as the owner of a database can."""
    if session.get_bind().dialect.name == "sqlite":
        for verb in ("update", "delete"):
            session.execute(text(f"DROP TRIGGER audit_event_{verb}_refused"))
            session.execute(text(f"DROP TRIGGER audit_check_{verb}_refused"))
    else:
        for table in ("audit_event", "audit_check"):
            session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))


def copy_event(number: int, to: int) -> Tamper:
    """Insert an event again under another id."""

    def tamper(session: Session) -> None:
        row = dict(session.execute(select(EVENT).where(EVENT.c.id == number)).mappings().one())
        session.execute(insert(EVENT).values(row | {"id": to}))

    return tamper


def forge(to: int, *, after: str | None = None) -> Tamper:
    """Insert an event that never was, with a hash that is right for it."""

    def tamper(session: Session) -> None:
        event = {"at": NOW, "actor": "forger", "action": "case.decided", "target": "case:1", "detail": {}}
        event["previous_hash"] = after or audit.FIRST
        session.execute(insert(EVENT).values(id=to, hash=audit._hash(event), **event))

    return tamper


def move(number: int, to: int) -> str:
    return f"UPDATE audit_event SET id = {to} WHERE id = {number}"  # noqa: S608 - our own statement


def swap(first: int, second: int) -> Tamper:
    """Let two events change places."""

    def tamper(session: Session) -> None:
        for statement in (move(first, 1000), move(second, first), move(1000, second)):
            session.execute(text(statement))

    return tamper


def exchange(column: str, first: int, second: int) -> Tamper:
    """Let two events change one of their values."""

    def tamper(session: Session) -> None:
        values = {
            event: session.scalar(select(EVENT.c[column]).where(EVENT.c.id == event)) for event in (first, second)
        }
        for event, other in ((first, second), (second, first)):
            session.execute(update(EVENT).where(EVENT.c.id == event).values({column: values[other]}))

    return tamper


def rewrite_from(number: int) -> Tamper:
    """Change an event, and give it and all that follow the hashes that are right for it."""

    def tamper(session: Session) -> None:
        previous = session.scalar(select(EVENT.c.hash).where(EVENT.c.id == number - 1)) or audit.FIRST
        rows = session.execute(select(EVENT).where(EVENT.c.id >= number).order_by(EVENT.c.id)).mappings().all()
        for row in rows:
            event = dict(row) | {"previous_hash": previous}
            if event["id"] == number:
                event["actor"] = "somebody else"
            previous = event["hash"] = audit._hash(event)
            session.execute(update(EVENT).where(EVENT.c.id == event["id"]).values(event))

    return tamper


def set_to(column: str, value: str, number: int) -> str:
    return f"UPDATE audit_event SET {column} = {value} WHERE id = {number}"  # noqa: S608 - our own statement


TAMPERINGS: dict[str, Tamper] = {
    # Edited.
    **{f"actor of {number}": set_to("actor", "'another'", number) for number in (1, 6, 12)},
    **{f"target of {number}": set_to("target", "'case:99'", number) for number in (6,)},
    **{f"action of {number}": set_to("action", "'account_added'", number) for number in (1, 6, 12)},
    **{f"time of {number}": set_to("at", "'2026-01-01 00:00:00.000000'", number) for number in (1, 12)},
    "a microsecond": set_to("at", "'2026-11-22 03:00:05.000001'", 6),
    **{f"details of {number}": set_to("detail", "'{}'", number) for number in (1, 6, 12)},
    "a verdict": set_to("detail", "'" + json.dumps({"verdict": "genuine", "score": 0.3}) + "'", 6),
    "details that are a list": set_to("detail", "'[1]'", 6),
    "a letter in a name": set_to("actor", "actor || ' '", 6),
    "an invisible letter": set_to("actor", "actor || '\u200b'", 6),
    "no name": set_to("actor", "''", 6),
    "the hash": set_to("hash", "'" + "a" * 64 + "'", 6),
    "the hash of the newest": set_to("hash", "'" + "a" * 64 + "'", 12),
    "the hash in capitals": set_to("hash", "upper(hash)", 6),
    "the hash before": set_to("previous_hash", "'" + "b" * 64 + "'", 6),
    "the hash before the first": set_to("previous_hash", "'" + "1" * 64 + "'", 1),
    "all names": "UPDATE audit_event SET actor = 'another'",
    "who did what": exchange("actor", 5, 8),
    "what was done": exchange("detail", 5, 8),
    "when it was done": exchange("at", 5, 6),
    "two hashes": exchange("hash", 5, 6),
    # Removed.
    **{f"removed {number}": f"DELETE FROM audit_event WHERE id = {number}" for number in (1, 2, 6, 11)},  # noqa: S608
    "removed the first half": "DELETE FROM audit_event WHERE id <= 6",
    "removed every other": "DELETE FROM audit_event WHERE id % 2 = 0",
    # Moved.
    "swapped neighbours": swap(5, 6),
    "swapped first and last": swap(1, 12),
    "moved to the end": move(5, 90),
    "moved to the front": move(5, 0),
    "moved before the first": move(5, -3),
    # Inserted.
    "repeated at the end": copy_event(6, 90),
    "repeated at the front": copy_event(6, 0),
    "forged at the front": forge(0),
    "forged before all": forge(-7),
    "forged at the end": forge(90, after="c" * 64),
    # Cut off, or written again: found by the head of an earlier verification.
    "cut off one": "DELETE FROM audit_event WHERE id = 12",
    "cut off half": "DELETE FROM audit_event WHERE id > 6",
    "cut off all": "DELETE FROM audit_event",
    "written again from the first": rewrite_from(1),
    "written again from the middle": rewrite_from(6),
    "written again at the end": rewrite_from(12),
}  # fmt: skip


def test_fifty_tamperings_are_fifty_found(database: Database) -> None:
    assert len(TAMPERINGS) == 50
    fill(database)
    head = verify_audit(database, now=NOW).head
    assert head is not None
    missed = []
    for name, tamper in TAMPERINGS.items():
        with database.write_session() as session:
            unlock(session)
            if callable(tamper):
                tamper(session)
            else:
                assert session.execute(text(tamper)).rowcount > 0, name  # type: ignore[attr-defined] # of an UPDATE
            if not audit.verify(session, audit_checks.confirmed_heads(session)).problems:
                missed.append(name)
            session.rollback()
    assert missed == []
    with database.read_session() as session:
        assert audit.verify(session, [head]).problems == ()


def test_what_a_chain_cannot_show_is_shown_by_a_head_that_was_written_down(database: Database) -> None:
    fill(database)
    with database.read_session() as session:
        head = audit.head(session)
    assert head is not None
    with database.write_session() as session:
        unlock(session)
        session.execute(text("DELETE FROM audit_event WHERE id > 9"))
        session.execute(text("DELETE FROM audit_check"))
    assert verify_audit(database, now=NOW).ok
    check = verify_audit(database, now=NOW, heads=[head])
    assert [(problem.defect, problem.head) for problem in check.first] == [(Defect.HEAD_MISSING, head)]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "statement",
    [
        set_to("detail", "'no json'", 6),
        set_to("detail", "'" + "[" * 100_000 + "'", 6),
        set_to("detail", "'{\"n\": NaN}'", 6),
        set_to("at", "'yesterday'", 6),
        set_to("at", "'0001-01-01 00:00:00.000000'", 6),
        set_to("actor", "x'fffe'", 6),
        set_to("hash", "x'fffe'", 6),
    ],
    ids=["no JSON", "deep", "no number", "no time", "the first time", "bytes", "bytes for a hash"],
)
def test_what_sqlite_holds_and_no_event_can_is_found_and_shown(database: Database, statement: str) -> None:
    _is_found_and_shown(database, statement)


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
@pytest.mark.parametrize(
    "statement",
    [
        set_to("at", "'infinity'", 6),
        set_to("at", "'9999-12-31 23:59:59+00'", 6),
        set_to("detail", "'" + "[" * 5_000 + "]" * 5_000 + "'", 6),
    ],
    ids=["infinity", "the last time", "deep"],
)
def test_what_postgres_holds_and_no_event_can_is_found_and_shown(database: Database, statement: str) -> None:
    _is_found_and_shown(database, statement)


def _is_found_and_shown(database: Database, statement: str) -> None:
    fill(database)
    with database.write_session() as session:
        unlock(session)
        session.connection().exec_driver_sql(statement)
        assert 6 in {problem.event for problem in audit.verify(session).problems}
        shown = audit.list_events(session, 50)
        assert [event.id for event in shown.events] == list(range(12, 0, -1))
        assert {6} <= {event.id for event in shown.events if not event.intact} <= {6, 7}


def test_events_are_paged_without_gap_or_double_in_both_directions(database: Database) -> None:
    fill(database)
    with database.read_session() as session:
        page = audit.list_events(session, 5)
        older = [event.id for event in page.events]
        assert page.newer is None
        while page.older is not None:
            page = audit.list_events(session, 5, before=page.older)
            older += [event.id for event in page.events]
        newer = [event.id for event in page.events]
        while page.newer is not None:
            page = audit.list_events(session, 5, after=page.newer)
            newer = [event.id for event in page.events] + newer
        assert audit.list_events(session, 5, before=1).events == ()
        assert audit.list_events(session, 5, after=12).newer is None
    assert older == newer == list(range(12, 0, -1))


def test_a_verification_is_recorded_and_cannot_be_changed(database: Database) -> None:
    assert verify_audit(database, now=NOW).events == 0
    fill(database)
    with database.read_session() as session:
        assert audit.count_after(session, None) == EVENTS
    check = verify_audit(database, now=NOW + timedelta(days=1))
    assert (check.ok, check.events, check.last_event) == (True, EVENTS, EVENTS)
    fill(database, 3)
    with database.read_session() as session:
        assert audit_checks.latest(session) == check
        assert audit.count_after(session, check.last_event) == 3
    for statement in ("UPDATE audit_check SET ok = ok", "DELETE FROM audit_check"):
        with pytest.raises(Exception, match="insert-only"), database.write_session() as session:
            session.execute(text(statement))

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import text
from store_records import NOW

from ipwatch.store import audit
from ipwatch.store.session import Database, Session

DETAIL = {"verdict": "infringing", "note": "同じ商品\x00", "score": 0.1 + 0.2, "nested": {"b": [1, None], "a": True}}


def _fill(database: Database) -> None:
    with database.write_session() as session:
        for number in range(5):
            audit.append(
                session,
                actor="白井\ud800",
                action="case.decided",
                target=f"case:{number}",
                detail=DETAIL,
                now=NOW + timedelta(microseconds=number),
            )


def _tamper(session: Session, statement: str) -> None:
    """Change the trail as somebody would who owns the database and can take its triggers away."""
    if session.get_bind().dialect.name == "sqlite":
        for verb in ("update", "delete"):
            session.execute(text(f"DROP TRIGGER audit_event_{verb}_refused"))
    else:
        session.execute(text("ALTER TABLE audit_event DISABLE TRIGGER USER"))
    session.execute(text(statement))


def test_an_untouched_trail_verifies(database: Database) -> None:
    with database.read_session() as session:
        assert audit.verify(session).problems == ()
        assert audit.head(session) is None
    _fill(database)
    with database.read_session() as session:
        assert audit.verify(session).problems == ()
        assert audit.head(session) is not None


@pytest.mark.parametrize(
    ("statement", "events"),
    [
        ("UPDATE audit_event SET actor = 'another' WHERE id = 3", {3}),
        ("UPDATE audit_event SET detail = '{}' WHERE id = 3", {3}),
        ("UPDATE audit_event SET at = '2020-01-01 00:00:00.000000' WHERE id = 3", {3}),
        ("UPDATE audit_event SET target = 'case:9', action = 'x' WHERE id = 5", {5}),
        ("UPDATE audit_event SET hash = previous_hash WHERE id = 2", {2, 3}),
        ("DELETE FROM audit_event WHERE id = 1", {2}),
        ("DELETE FROM audit_event WHERE id = 4", {5}),
        ("UPDATE audit_event SET id = 90 WHERE id = 2", {3, 90}),
    ],
)
def test_every_tampering_is_found_where_it_was_done(database: Database, statement: str, events: set[int]) -> None:
    _fill(database)
    with database.write_session() as session:
        _tamper(session, statement)
        chain = audit.verify(session)
    assert {problem.event for problem in chain.problems} == events


def test_a_cut_off_end_shows_only_by_the_head_that_was_written_down(database: Database) -> None:
    _fill(database)
    with database.write_session() as session:
        before = audit.head(session)
        _tamper(session, "DELETE FROM audit_event WHERE id = 5")
        assert audit.verify(session).problems == ()
        assert audit.head(session) != before


def test_an_event_is_undone_with_its_transaction(database: Database) -> None:
    def work() -> None:
        with database.write_session() as session:
            audit.append(session, actor="a", action="b", target="c", detail={}, now=NOW)
            raise KeyError

    with pytest.raises(KeyError):
        work()
    with database.read_session() as session:
        assert audit.head(session) is None


def test_writers_at_once_make_one_chain(database: Database) -> None:
    def work() -> None:
        for _ in range(25):
            with database.write_session(durable=False) as session:
                audit.append(session, actor="a", action="b", target="c", detail={}, now=NOW)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    with database.read_session() as session:
        assert audit.verify(session).problems == ()
        assert session.scalar(text("SELECT count(*) FROM audit_event")) == 100

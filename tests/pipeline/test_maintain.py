from __future__ import annotations

import os
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select, text

from ipwatch.pipeline import maintain as module
from ipwatch.pipeline.maintain import EVERY, Retention, due, maintain
from ipwatch.records import Request, RequestKind
from ipwatch.store import audit, frontier, runs
from ipwatch.store.session import Database
from ipwatch.store.tables import FrontierRow, MaintenanceRow

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
KEEP = Retention(
    requests=timedelta(days=30), sightings=timedelta(days=400), issues=timedelta(days=400), logs=timedelta(days=90)
)


def old_requests(database: Database, count: int) -> None:
    then = NOW - timedelta(days=60)
    with database.write_session() as session:
        run_id = runs.start_run(session, kind="collect", source="rakuten", now=then)
        asked = [Request(source="rakuten", url=f"https://x.example/{n}", kind=RequestKind.PAGE) for n in range(count)]
        frontier.push(session, run_id, asked)
        runs.finish_run(session, run_id, state="done", now=then)


def test_it_deletes_checks_and_writes_down_what_it_did(database: Database, tmp_path: Path) -> None:
    old_requests(database, 25)
    assert due(database, NOW)
    done = maintain(database, tmp_path, KEEP, now=lambda: NOW)
    assert (done.deleted["requests"], done.problems) == (25, ())
    with database.read_session() as session:
        assert session.scalar(select(func.count()).select_from(FrontierRow)) == 0
        (noted,) = session.scalars(select(MaintenanceRow)).all()
    assert (noted.started_at, noted.deleted, noted.problems) == (NOW, done.deleted, [])
    assert not due(database, NOW + EVERY - timedelta(minutes=1))
    assert due(database, NOW + EVERY)


def test_an_audit_event_that_was_changed_is_a_problem(database: Database, tmp_path: Path) -> None:
    with database.write_session() as session:
        audit.append(session, actor="hanako", action="decided", target="case 1", detail={}, now=NOW)
    with database.write_session() as session:
        if session.get_bind().dialect.name == "sqlite":
            session.execute(text("DROP TRIGGER audit_event_update_refused"))
        else:
            session.execute(text("ALTER TABLE audit_event DISABLE TRIGGER ALL"))
        session.execute(text("UPDATE audit_event SET actor = 'taro'"))
    done = maintain(database, tmp_path, KEEP, now=lambda: NOW)
    assert any("audit event 1" in problem for problem in done.problems)


def test_others_write_between_its_batches(database: Database, tmp_path: Path) -> None:
    """While 20,000 requests are deleted another writer is never held up for long."""
    old_requests(database, 20_000)
    waits: list[float] = []
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            began = time.monotonic()
            with database.write_session() as session:
                runs.start_run(session, kind="screen", source=None, now=NOW)
            waits.append(time.monotonic() - began)
            time.sleep(0.01)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        began = time.monotonic()
        assert maintain(database, tmp_path, KEEP, now=lambda: NOW).deleted["requests"] == 20_000
        spent = time.monotonic() - began
    finally:
        stop.set()
        writer.join()
    assert len(waits) > module.BATCH / 1000
    assert max(waits) < max(1.0, spent / 2)


def test_leftovers_and_old_logs_go_and_large_logs_are_moved(database: Database, tmp_path: Path) -> None:
    spool, logs = tmp_path / "spool", tmp_path / "logs"
    spool.mkdir()
    logs.mkdir()

    def file(path: Path, age: timedelta, size: int = 10) -> Path:
        path.write_bytes(b"x" * size)
        moment = (NOW - age).timestamp()
        os.utime(path, (moment, moment))
        return path

    left = file(spool / "bulk-left", timedelta(days=3))
    coming = file(spool / "bulk-coming", timedelta(minutes=50))
    old = file(logs / "old.log", timedelta(days=91))
    large = file(logs / "server.log", timedelta(0), module.MAX_LOG_BYTES + 1)
    with large.open("ab") as writer:
        done = maintain(database, tmp_path, KEEP, now=lambda: NOW)
        writer.write(b"after")
    assert done.deleted["files"] == 2
    assert (left.exists(), coming.exists(), old.exists()) == (False, True, False)
    assert large.read_bytes() == b"after"
    assert (logs / "server.log.1").stat().st_size == module.MAX_LOG_BYTES + 1

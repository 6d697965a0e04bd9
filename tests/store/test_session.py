from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import OperationalError
from store_records import FILING, FINDING, LISTING, NOW, WATCHLIST, document

from ipwatch.errors import ConfigError, StoreError
from ipwatch.store import audit, audit_checks, captures, engine, filings, findings, listings, runs, sources, watchlists
from ipwatch.store.db_errors import explain
from ipwatch.store.inserts import table_of
from ipwatch.store.session import Database
from ipwatch.store.tables import INSERT_ONLY, Base, CaseRow, FindingRow, ReviewDecisionRow, RunRow

WRITERS, TIMES = 4, 200


@pytest.mark.parametrize(
    "url",
    [
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:x?mode=memory",
        "mysql://host/name",
        "nonsense",
        "",
        "sqlite:///",
    ],
)
def test_a_url_that_cannot_be_used_is_a_config_error(url: str) -> None:
    with pytest.raises(ConfigError, match=r"sqlite:////path/to/ipwatch\.db"):
        Database(url)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_postgresql_gets_our_driver(scheme: str) -> None:
    database = Database(f"{scheme}://somebody:secret@nowhere.invalid/ipwatch")
    assert database.url.drivername == "postgresql+psycopg"
    assert "secret" not in database.name
    assert "secret" not in repr(database)


def test_what_is_written_is_read(database: Database) -> None:
    with database.write_session() as session:
        run_id = runs.start_run(session, kind="screen", source=None, now=NOW)
    with database.read_session() as session:
        assert runs.run_report(session, run_id).started_at == NOW


@pytest.mark.parametrize("durable", [True, False])
def test_a_block_that_raises_leaves_nothing(database: Database, *, durable: bool) -> None:
    def work() -> None:
        with database.write_session(durable=durable) as session:
            runs.start_run(session, kind="screen", source=None, now=NOW)
            raise KeyError

    with pytest.raises(KeyError):
        work()
    with database.read_session() as session:
        assert runs.recent_runs(session, 10) == []


def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises(StoreError, match="may not be written to from here"), database.read_session() as session:
        runs.start_run(session, kind="screen", source=None, now=NOW)


def test_a_writer_can_write_after_a_reader(database: Database) -> None:
    for _ in range(3):
        with database.read_session() as session:
            runs.recent_runs(session, 1)
        with database.write_session() as session:
            runs.start_run(session, kind="screen", source=None, now=NOW)


def test_a_naive_datetime_is_refused(database: Database) -> None:
    with pytest.raises(StoreError, match="without a zone"), database.write_session() as session:
        runs.start_run(session, kind="screen", source=None, now=datetime(2026, 1, 1))  # noqa: DTZ001 - the point


def test_times_come_back_aware_and_in_utc(database: Database) -> None:
    tokyo = datetime.fromisoformat("2026-11-22T12:00:00+09:00")
    with database.write_session() as session:
        run_id = runs.start_run(session, kind="screen", source=None, now=tokyo)
        started_at = session.scalar(select(RunRow.started_at).where(RunRow.id == run_id))
    assert started_at is not None
    assert started_at.isoformat() == "2026-11-22T03:00:00+00:00"


def test_hostile_text_is_stored_by_every_column_of_text(database: Database) -> None:
    with database.write_session() as session:
        run_id = runs.start_run(session, kind="collect", source="shop", now=NOW)
        runs.finish_run(session, run_id, state="failed", now=NOW, message="a\x00b\ud800c")
        sources.set_state(session, "shop", "failed", message="\x00\udfff", now=NOW)
    with database.read_session() as session:
        assert runs.run_report(session, run_id).message == "a\ufffdb\ufffdc"
        assert sources.states(session)[0].message == "\ufffd\ufffd"


def test_writers_at_once_lose_nothing(database: Database) -> None:
    with database.write_session() as session:
        run_id = runs.start_run(session, kind="screen", source=None, now=NOW)
    faults: list[Exception] = []

    def count() -> None:
        for _ in range(TIMES):
            try:
                with database.write_session(durable=False) as session:
                    row = session.scalars(select(RunRow).where(RunRow.id == run_id).with_for_update()).one()
                    row.parsed += 1
            except StoreError as error:
                faults.append(error)

    _at_once(count)
    assert faults == []
    with database.read_session() as session:
        assert runs.run_report(session, run_id).parsed == WRITERS * TIMES


def test_counts_added_at_once_add_up(database: Database) -> None:
    with database.write_session() as session:
        run_id = runs.start_run(session, kind="screen", source=None, now=NOW)

    def count() -> None:
        for _ in range(50):
            with database.write_session(durable=False) as session:
                runs.add_counts(session, run_id, parsed=2, new=1)

    _at_once(count)
    with database.read_session() as session:
        report = runs.run_report(session, run_id)
    assert (report.parsed, report.new) == (400, 200)


def test_a_lock_that_is_not_given_up_is_explained(
    tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_TIMEOUT", 0.1)
    path = tmp_path / "locked.db"
    path.write_bytes(sqlite_template.read_bytes())
    database = Database(f"sqlite:///{path}")
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="another transaction kept it busy"), database.write_session() as session:
        runs.start_run(session, kind="screen", source=None, now=NOW)
    holder.execute("ROLLBACK")
    with database.write_session() as session:
        runs.start_run(session, kind="screen", source=None, now=NOW)
    holder.close()
    database.dispose()


def test_a_full_disk_is_explained_and_what_was_there_stays(tmp_path: Path, sqlite_template: Path) -> None:
    path = tmp_path / "small.db"
    path.write_bytes(sqlite_template.read_bytes())
    database = Database(f"sqlite:///{path}")
    with database.write_session() as session:
        run_id = runs.start_run(session, kind="screen", source=None, now=NOW)

    def fill_the_disk() -> None:
        with database.write_session() as session:
            pages = session.scalar(text("PRAGMA page_count"))
            session.execute(text(f"PRAGMA max_page_count = {pages}"))
            runs.finish_run(session, run_id, state="failed", now=NOW, message="x" * 1_000_000)

    with pytest.raises(StoreError, match="free space and run the same command again"):
        fill_the_disk()
    database.dispose()
    with database.read_session() as session:
        assert runs.run_report(session, run_id).state == "running"
        assert session.scalar(text("PRAGMA integrity_check")) == "ok"
    database.dispose()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "letter.db"
    path.write_text("Dear Sir or Madam, " * 100)
    database = Database(f"sqlite:///{path}")
    with pytest.raises(StoreError, match="no SQLite database"):
        database.require_current()
    database.dispose()


def test_a_server_that_does_not_answer_is_explained() -> None:
    database = Database("postgresql://somebody:secret@/ipwatch?host=/nowhere")
    with pytest.raises(StoreError, match="check that") as caught:
        database.require_current()
    assert "secret" not in str(caught.value)
    database.dispose()


def test_tables_of_another_program_are_refused(database: Database) -> None:
    with database.write_session() as session:
        session.execute(text("DROP TABLE alembic_version"))
    with pytest.raises(StoreError, match="run: ipwatch db upgrade"):
        database.require_current()


def test_a_missing_table_is_explained(database: Database) -> None:
    with database.write_session() as session:
        session.execute(text("DROP TABLE source_state"))
    with pytest.raises(StoreError, match="run: ipwatch db upgrade"), database.read_session() as session:
        sources.states(session)


def test_a_row_the_schema_forbids_is_refused_without_its_values(database: Database) -> None:
    with pytest.raises(StoreError, match="a row was refused"), database.write_session() as session:
        runs.start_run(session, kind="espionage", source="secret-value", now=NOW)
    with pytest.raises(StoreError, match="a row was refused"), database.write_session() as session:
        sources.set_state(session, "rakuten", "ok", run_id=4711, now=NOW)


@pytest.mark.parametrize("table", INSERT_ONLY)
@pytest.mark.parametrize("verb", ["update", "delete"])
def test_history_cannot_be_rewritten(database: Database, table: str, verb: str) -> None:
    _fill(database)
    rows = Base.metadata.tables[table]
    with database.read_session() as session:
        before = session.execute(select(rows).order_by(rows.c.id)).all()
    assert before
    change = rows.update().values(id=rows.c.id + 1000) if verb == "update" else rows.delete()
    with pytest.raises(StoreError, match=f"{table} is insert-only"), database.write_session() as session:
        session.execute(change)
    with database.read_session() as session:
        assert session.execute(select(rows).order_by(rows.c.id)).all() == before


def test_history_cannot_be_replaced_on_sqlite(tmp_path: Path, sqlite_template: Path) -> None:
    path = tmp_path / "history.db"
    path.write_bytes(sqlite_template.read_bytes())
    database = Database(f"sqlite:///{path}")
    with database.write_session() as session:
        audit.append(session, actor="a", action="b", target="c", detail={}, now=NOW)
    with pytest.raises(StoreError, match="insert-only"), database.write_session() as session:
        session.execute(text("INSERT OR REPLACE INTO audit_event SELECT * FROM audit_event"))
    database.dispose()


@pytest.mark.parametrize(
    ("original", "expected"),
    [
        ("database or disk is full", "free space"),
        ("attempt to write a readonly database", "check the rights"),
        ("database disk image is malformed", "restore it from a backup"),
        ("disk I/O error", "it cannot be opened"),
    ],
)
def test_faults_of_the_disk_say_what_to_do(original: str, expected: str) -> None:
    error = OperationalError("INSERT ...", {"password": "secret"}, sqlite3.OperationalError(original))
    explained = str(explain(error, "sqlite:///x.db"))
    assert re.search(expected, explained)
    assert original in explained
    assert "secret" not in explained


def _fill(database: Database) -> None:
    """Leave at least one row in every table that is insert-only."""
    with database.write_session() as session:
        run_id = runs.start_run(session, kind="collect", source="rakuten", now=NOW)
        captures.add_capture(session, document("https://api.example/1"), run_id=run_id)
        listings.upsert(session, LISTING, run_id=run_id, now=NOW)
        filings.upsert(session, FILING, run_id=run_id, now=NOW)
        watchlists.save_watchlist(session, WATCHLIST, NOW)
        findings.record_finding(
            session,
            FINDING,
            row_id=1,
            is_filing=False,
            run_id=run_id,
            holder="kazami-towel",
            right_kind=WATCHLIST.marks[0].kind,
            watchlist_sha256=WATCHLIST.sha256,
            source="rakuten",
            country="JP",
            due_on=None,
            input_hash="d" * 64,
            document_sha256=None,
            now=NOW,
        )
        decision = {
            "case_id": session.scalar(select(CaseRow.id)),
            "finding_id": session.scalar(select(FindingRow.id)),
            "verdict": "genuine",
            "reviewer": "白井",
            "note": "",
            "decided_at": NOW,
        }
        session.execute(insert(table_of(ReviewDecisionRow)).values(**decision))
        audit.append(session, actor="白井", action="case.decided", target="case:1", detail={}, now=NOW)
        audit_checks.record(session, audit.verify(session), now=NOW)


def _at_once(work: Callable[[], None]) -> None:
    threads = [threading.Thread(target=work) for _ in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
        assert not thread.is_alive()


def test_a_new_file_that_another_process_writes_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    writer = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    writer.execute("BEGIN IMMEDIATE")
    ends = threading.Timer(0.3, writer.execute, ["COMMIT"])
    ends.start()
    opened = engine.connect(engine.parse_url(f"sqlite:///{path}"))
    with opened.connect() as connection:
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
    ends.join()
    writer.close()
    opened.dispose()

"""A busy database, a lost connection, a restarted server: the work is done once, or rolled back and reported."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from conftest import PostgresServer
from lossy_postgres import LossyWay, Moment
from sqlalchemy import make_url, text
from store_records import NOW

from ipwatch.errors import StoreError
from ipwatch.store import engine, runs
from ipwatch.store.session import Database, Session

TIMES = 20


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    url = postgres_server.create(migrated=True)
    yield url
    postgres_server.drop(url)


@pytest.fixture
def postgres(postgres_url: str) -> Iterator[Database]:
    opened = Database(postgres_url)
    yield opened
    opened.dispose()


@pytest.fixture
def way(postgres_server: PostgresServer) -> Iterator[LossyWay]:
    folder = Path(tempfile.mkdtemp(prefix="ipwatch-way-"))
    host = Path(str(make_url(postgres_server.uri).query["host"]))
    opened = LossyWay(folder, host / ".s.PGSQL.5432")
    yield opened
    opened.close()
    shutil.rmtree(folder)


def start(database: Database) -> int:
    return database.write(lambda session: runs.start_run(session, kind="screen", source=None, now=NOW))


def parsed(database: Database, run_id: int) -> int:
    return database.read(lambda session: runs.run_report(session, run_id)).parsed


def terminate(url: str) -> None:
    """End every connection to the database, as its administrator can at any time."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_a_busy_database_is_tried_again_and_counts_once(
    tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_TIMEOUT", 0.05)
    path = tmp_path / "busy.db"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    run_id = start(database)
    holder = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN IMMEDIATE")
    threading.Timer(0.5, holder.execute, ("ROLLBACK",)).start()
    database.write(lambda session: runs.add_counts(session, run_id, parsed=1))
    assert parsed(database, run_id) == 1
    holder.execute("BEGIN IMMEDIATE")
    threading.Timer(0.5, holder.execute, ("ROLLBACK",)).start()
    with database.write_session() as opened:
        runs.add_counts(opened, run_id, parsed=1)
    assert parsed(database, run_id) == 2
    holder.close()
    database.dispose()


@pytest.mark.postgres
def test_work_whose_connection_is_ended_is_done_once(postgres: Database, postgres_url: str) -> None:
    run_id = start(postgres)
    calls = 0

    def work(session: Session) -> None:
        nonlocal calls
        calls += 1
        runs.add_counts(session, run_id, parsed=1)
        if calls == 1:
            terminate(postgres_url)
        runs.add_counts(session, run_id, new=1)

    postgres.write(work)
    assert calls == 2
    report = postgres.read(lambda session: runs.run_report(session, run_id))
    assert (report.parsed, report.new) == (1, 1)


@pytest.mark.postgres
def test_reading_goes_on_after_a_lost_connection(postgres: Database, postgres_url: str) -> None:
    run_id = start(postgres)
    with postgres.read_session() as session:
        assert runs.run_report(session, run_id).parsed == 0
    terminate(postgres_url)
    with postgres.read_session() as session:  # from a pool of dead connections
        assert runs.run_report(session, run_id).parsed == 0
    calls = 0

    def work(session: Session) -> int:
        nonlocal calls
        calls += 1
        if calls == 1:
            session.execute(text("SELECT 1"))
            terminate(postgres_url)
        return runs.run_report(session, run_id).parsed

    assert postgres.read(work) == 0
    assert calls == 2


@pytest.mark.postgres
@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("durable", [True, False])
def test_a_commit_whose_answer_is_lost_is_not_done_twice(
    postgres_url: str, way: LossyWay, moment: Moment, *, durable: bool
) -> None:
    url = make_url(postgres_url).update_query_dict({"host": str(way.folder)})
    database = Database(url.render_as_string(hide_password=False))
    run_id = start(database)
    for number in range(TIMES):
        way.broken_at = moment
        database.write(lambda session: runs.add_counts(session, run_id, parsed=1), durable=durable)
        assert parsed(database, run_id) == number + 1
    assert way.broken == TIMES
    database.dispose()


@pytest.mark.postgres
def test_a_server_that_is_restarted_is_waited_for(postgres_server: PostgresServer, postgres_url: str) -> None:
    database = Database(postgres_url)
    run_id = start(database)
    stop = threading.Event()
    faults: list[BaseException] = []
    done = 0

    def work() -> None:
        nonlocal done
        try:
            while not stop.is_set():
                database.write(lambda session: runs.add_counts(session, run_id, parsed=1))
                database.read(lambda session: runs.run_report(session, run_id))
                done += 1
        except BaseException as error:  # noqa: BLE001 - shown by the test
            faults.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    while done < 3 and not faults:
        time.sleep(0.01)
    postgres_server.restart()
    before = done
    deadline = time.monotonic() + 60
    while done < before + 3 and not faults and time.monotonic() < deadline:
        time.sleep(0.01)
    stop.set()
    thread.join(60)
    assert faults == []
    assert done >= before + 3
    assert parsed(database, run_id) == done
    database.dispose()


@pytest.mark.postgres
def test_a_server_that_stays_away_is_reported_in_one_sentence(postgres_url: str, way: LossyWay) -> None:
    url = make_url(postgres_url).update_query_dict({"host": str(way.folder)})
    database = Database(url.render_as_string(hide_password=False), pauses=(0.01, 0.01))
    run_id = start(database)
    database.dispose()
    way.close()
    with pytest.raises(StoreError, match="the server cannot be reached") as caught:
        database.write(lambda session: runs.add_counts(session, run_id, parsed=1))
    assert "\n" not in str(caught.value)


@pytest.mark.postgres
def test_as_many_tries_are_made_as_there_are_pauses_and_one(postgres_url: str, way: LossyWay) -> None:
    url = make_url(postgres_url).update_query_dict({"host": str(way.folder)})
    database = Database(url.render_as_string(hide_password=False), pauses=(0.01, 0.01))
    run_id = start(database)
    tries = 0

    def lost(session: Session) -> None:
        nonlocal tries
        tries += 1
        way.broken_at = "before"
        runs.add_counts(session, run_id, parsed=1)

    with pytest.raises(StoreError):
        database.write(lost)
    assert tries == 3
    database.dispose()

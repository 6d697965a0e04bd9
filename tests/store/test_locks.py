"""Locks between the processes of an installation, on SQLite and on PostgreSQL."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from conftest import PostgresServer

from ipwatch.store.locks import lock_between_processes
from ipwatch.store.session import Database

HOLDER = """
import sys, time
from pathlib import Path
from ipwatch.store.locks import lock_between_processes
from ipwatch.store.session import Database
lock = lock_between_processes(Database(sys.argv[1]), Path(sys.argv[2]), "shopify")
assert lock.take()
print("taken", flush=True)
time.sleep(600)
"""


def test_one_at_a_time_holds_a_lock_and_names_do_not_meet(database: Database, tmp_path: Path) -> None:
    # Two machines that share a database have a directory each; next to SQLite there is one.
    others = tmp_path / "other" if database.is_postgres else tmp_path
    with lock_between_processes(database, tmp_path, "shopify") as first:
        assert first.take()
        assert first.confirm()
        with lock_between_processes(database, others, "shopify") as second:
            assert not second.take()
            assert not second.confirm()
        with lock_between_processes(database, others, "ebay") as another:
            assert another.take()
    with lock_between_processes(database, others, "shopify") as third:
        assert third.take()


def test_a_lock_ends_with_its_process(database: Database, database_url: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDER, database_url, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:  # noqa: S603 - our own
        assert holder.stdout is not None
        assert holder.stdout.readline() == "taken\n"
        with lock_between_processes(database, tmp_path, "shopify") as lock:
            assert not lock.take()
            holder.kill()
            holder.wait(60)
            assert any(lock.take() for _ in range(100_000))


@pytest.mark.postgres
def test_a_lock_that_was_lost_with_its_connection_is_taken_again_unless_somebody_else_did(
    postgres_server: PostgresServer, tmp_path: Path
) -> None:
    url = postgres_server.create(migrated=True)
    database = Database(url)
    with (
        lock_between_processes(database, tmp_path, "screening") as first,
        lock_between_processes(database, tmp_path, "screening") as second,
    ):
        assert first.take()
        _end_connections(url)
        assert first.confirm()
        assert not second.take()
        _end_connections(url)
        assert second.take()
        assert not first.confirm()
        assert second.confirm()
    database.dispose()
    postgres_server.drop(url)


def _end_connections(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        query = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = current_database()"
        connection.execute(f"{query} AND pid <> pg_backend_pid()")

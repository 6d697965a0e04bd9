from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cli.command import ipwatch
from sqlalchemy import text
from store_records import listings as some_listings

from ipwatch.store import listings, runs
from ipwatch.store.damage import damage
from ipwatch.store.session import Database, upgrade

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def fill(database: Database) -> None:
    with database.write_session() as session:
        run_id = runs.start_run(session, kind="collect", source="rakuten", now=NOW)
        listings.upsert_many(session, some_listings(400), run_id=run_id, now=NOW)


@pytest.mark.parametrize("full", [False, True])
def test_a_whole_database_has_no_damage(database: Database, database_url: str, *, full: bool) -> None:
    fill(database)
    assert damage(database_url, full=full) == []


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    path = tmp_path / "data" / "ipwatch.db"
    upgrade(f"sqlite:///{path}")
    database = Database(f"sqlite:///{path}")
    fill(database)
    database.dispose()
    return path


def page_of(path: Path, name: str) -> tuple[int, int]:
    """Size and number of a leaf page of a table or an index."""
    with closing(sqlite3.connect(path)) as connection:
        size = connection.execute("PRAGMA page_size").fetchone()[0]
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (name,)).fetchone()
    with path.open("rb") as file:
        file.seek((root - 1) * size)
        page = file.read(size)
    if page[0] in {10, 13}:
        return size, root
    # An interior page: its first cell begins with the number of a child.
    cell = int.from_bytes(page[12:14], "big")
    return size, int.from_bytes(page[cell : cell + 4], "big")


def overwrite(path: Path, name: str) -> None:
    size, page = page_of(path, name)
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\x5a" * size)


@pytest.mark.parametrize("name", ["listing", "listing_version", "sighting"])
def test_a_damaged_page_is_found_and_the_command_says_what_to_do(filled: Path, name: str) -> None:
    environment = {"IPWATCH_DATA_DIR": str(filled.parent)}
    assert ipwatch("db", "check", cwd=filled.parent, environment=environment).code == 0
    overwrite(filled, name)
    checked = ipwatch("db", "check", cwd=filled.parent, environment=environment)
    assert (checked.code, checked.out) == (1, "")
    assert "is damaged" in checked.err
    assert "ipwatch restore BACKUP" in checked.err
    assert str(filled) in checked.err


def test_an_index_that_lacks_a_row_is_found_by_the_full_check(filled: Path) -> None:
    with closing(sqlite3.connect(filled)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        (sql,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'ix_listing_url_sha256'").fetchone()
        partial = f"{sql} WHERE id > 10"
        connection.execute("DROP INDEX ix_listing_url_sha256")
        connection.execute(partial)
        connection.execute("UPDATE sqlite_master SET sql = ? WHERE name = 'ix_listing_url_sha256'", (sql,))
        connection.commit()
    assert any("ix_listing_url_sha256" in problem for problem in damage(f"sqlite:///{filled}", full=True))


def test_a_reference_to_nothing_is_found_by_the_full_check(filled: Path) -> None:
    with closing(sqlite3.connect(filled)) as connection:
        connection.execute("DELETE FROM run")
        connection.commit()
    assert damage(f"sqlite:///{filled}") == []
    assert any("missing row of run" in problem for problem in damage(f"sqlite:///{filled}", full=True))


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_an_index_of_postgres_that_is_not_valid_is_found(database: Database, database_url: str) -> None:
    with database.write_session() as session:
        session.execute(
            text("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix_listing_url_sha256'::regclass")
        )
    assert any("REINDEX INDEX ix_listing_url_sha256" in problem for problem in damage(database_url))

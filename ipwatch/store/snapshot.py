"""A copy of the database at one moment, made while others write to it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from ipwatch.errors import InstallationError
from ipwatch.store.db_errors import explain
from ipwatch.store.engine import BUSY_TIMEOUT, parse_url
from ipwatch.store.tables import Base
from ipwatch.terms import message

Steps = Callable[[int, int], None]

_PAGES = 4096


def is_sqlite(url: str) -> bool:
    """Say whether the URL is that of an SQLite file."""
    return parse_url(url).get_backend_name() == "sqlite"


def copy_sqlite(url: str, target: Path, *, steps: Steps) -> None:
    """Copy an SQLite database as it is at this moment into a new file; ``steps`` is called with pages done and in all.

    The copy is one file without a log. Writers are not held up: a read transaction keeps the moment, so that the copy
    does not begin again with each of their commits. Raises ``StoreError``, also where the copy is damaged: then the
    database is.
    """
    parsed = parse_url(url)
    with (
        _explained(parsed),
        closing(sqlite3.connect(str(parsed.database), timeout=BUSY_TIMEOUT, isolation_level=None)) as source,
        closing(sqlite3.connect(target, isolation_level=None)) as copy,
    ):
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()
        source.backup(copy, pages=_PAGES, progress=lambda _, left, total: steps(total - left, total))
        source.execute("ROLLBACK")
        copy.execute("PRAGMA journal_mode = DELETE")
        (result,) = copy.execute("PRAGMA quick_check(1)").fetchone()
    if result != "ok":
        raise InstallationError(message("store.copy_damaged", database=_shown(parsed), said=result))


def dump_postgres(url: str, target: Path) -> str | None:
    """Dump the database with ``pg_dump`` (custom format); return why that failed, or ``None``.

    The password goes through the environment: a command line can be read by every account.
    """
    program = shutil.which("pg_dump")
    if program is None:
        return message("store.no_pg_dump")
    parsed = parse_url(url)
    plain = parsed.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    password = {} if parsed.password is None else {"PGPASSWORD": parsed.password}
    done = subprocess.run(  # noqa: S603 - a fixed program with arguments of our own
        [program, "--format=custom", "--no-owner", f"--file={target}", f"--dbname={plain}"],
        env={**os.environ, **password},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if done.returncode != 0:
        output = " ".join(done.stderr.decode("utf-8", "replace").split())
        return message("store.pg_dump_failed", database=_shown(parsed), code=done.returncode, said=output)
    return None


def dump_problem(file: Path) -> str | None:
    """Return why a dump of ``dump_postgres`` cannot be read, or ``None``: also where there is no pg_restore to ask."""
    program = shutil.which("pg_restore")
    if program is None:
        return None
    listed = subprocess.run([program, "--list", str(file)], capture_output=True, check=False)  # noqa: S603 - as above
    if listed.returncode == 0:
        return None
    return message(
        "store.pg_restore_failed", file=file.name, said=" ".join(listed.stderr.decode("utf-8", "replace").split())
    )


def revision_of(file: Path) -> str | None:
    """Return the revision of the schema in a copied SQLite file; raises ``StoreError`` where it cannot be read."""
    with _opened(file) as connection:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return None if row is None else str(row[0])


def counts_of(file: Path) -> dict[str, int]:
    """Return the number of rows of each of our tables in a copied SQLite file; raises ``StoreError``."""
    with _opened(file) as connection:
        there = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        return {
            table: int(connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0])  # noqa: S608 - our tables
            for table in sorted(there & set(Base.metadata.tables))
        }


def documents_of(file: Path) -> set[str]:
    """Return the SHA-256 of every document that a copied SQLite file names as captured; raises ``StoreError``."""
    with _opened(file) as connection:
        return {row[0] for row in connection.execute("SELECT DISTINCT sha256 FROM capture")}


@contextmanager
def _opened(file: Path) -> Iterator[sqlite3.Connection]:
    """Open a file that nobody writes to, without creating a log next to it."""
    url = parse_url(f"sqlite:///{file}")
    with _explained(url), closing(sqlite3.connect(f"{file.resolve().as_uri()}?immutable=1", uri=True)) as connection:
        yield connection


@contextmanager
def _explained(url: URL) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise explain(DBAPIError(None, None, error), _shown(url)) from error


def _shown(url: URL) -> str:
    return url.render_as_string(hide_password=True)

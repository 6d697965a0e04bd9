"""Engines: which URLs are accepted, and the settings of every connection."""

from __future__ import annotations

import time
from sqlite3 import SQLITE_BUSY, OperationalError
from sqlite3 import Connection as SQLiteConnection
from typing import Any

from sqlalchemy import Connection, Engine, Pool, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from ipwatch.errors import ConfigError
from ipwatch.terms import message

BUSY_TIMEOUT = 30
"""Seconds that a writer waits for another one before it fails."""

_BUSY_PAUSE = 0.02
_PRIMARY_CODE = 0xFF
"""The bits of SQLite's result codes that say what, not why."""

BEGIN = "ipwatch_begin"
DURABLE = "ipwatch_durable"


def parse_url(url: str) -> URL:
    """Return the URL with the driver we use; raises ``ConfigError`` for anything but an SQLite file or PostgreSQL."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ConfigError(message("store.url_unreadable")) from None
    if parsed.drivername in ("postgres", "postgresql", "postgresql+psycopg"):
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername in ("sqlite", "sqlite+pysqlite"):
        if not parsed.database or parsed.database == ":memory:" or parsed.database.startswith("file:"):
            raise ConfigError(message("store.url_without_file"))
        return parsed
    raise ConfigError(message("store.url_kind", kind=parsed.drivername))


def connect(
    url: URL, *, query_only: bool = False, foreign_keys: bool = True, pool_class: type[Pool] | None = None
) -> Engine:
    """Return an engine, not yet connected, that begins its transactions as ``session.Database`` needs them."""
    postgres = url.get_backend_name() == "postgresql"
    arguments: dict[str, Any] = {} if postgres else {"isolation_level": None, "timeout": BUSY_TIMEOUT}
    try:
        # Errors hide parameters, which may be a password hash or a person's note. A restarted server leaves dead
        # connections in the pool, hence the ping.
        engine = create_engine(
            url, connect_args=arguments, hide_parameters=True, pool_pre_ping=postgres, poolclass=pool_class
        )
    except (ImportError, NoSuchModuleError):
        raise ConfigError(message("store.no_driver")) from None
    if postgres:
        event.listen(engine, "begin", _begin_postgres)
        return engine.execution_options(postgresql_readonly=True) if query_only else engine

    def prepare(connection: SQLiteConnection, _record: object) -> None:
        _write_ahead(connection)
        connection.execute(f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")
        # INSERT OR REPLACE deletes the row it replaces, and fires the delete trigger only where this is on.
        connection.execute("PRAGMA recursive_triggers = ON")
        connection.execute(f"PRAGMA query_only = {'ON' if query_only else 'OFF'}")

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _write_ahead(connection: SQLiteConnection) -> None:
    """Keep writes in a log ahead of the file; the first to do so waits for others, which the busy timeout does not."""
    deadline = time.monotonic() + BUSY_TIMEOUT
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except OperationalError as error:
            if error.sqlite_errorcode & _PRIMARY_CODE != SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(_BUSY_PAUSE)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if DURABLE in options:
        connection.exec_driver_sql(f"PRAGMA synchronous = {'FULL' if options[DURABLE] else 'NORMAL'}")
    # A deferred BEGIN that becomes a writer may get SQLITE_BUSY_SNAPSHOT, which the busy timeout does not cover.
    connection.exec_driver_sql(options.get(BEGIN, "BEGIN"))


def _begin_postgres(connection: Connection) -> None:
    if connection.get_execution_options().get(DURABLE) is False:
        connection.exec_driver_sql("SET LOCAL synchronous_commit = off")

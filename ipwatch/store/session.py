"""The database: SQLite in WAL mode with one writer at a time, or PostgreSQL through psycopg 3.

Every error of SQLAlchemy leaves here as ``StoreError`` with a sentence that says what to do, and never with a password.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from ipwatch.store.engine import BEGIN, DURABLE, connect, parse_url
from ipwatch.store.faults import explained
from ipwatch.store.schema import pending, require_current, upgrade

__all__ = ["Database", "Session", "pending", "upgrade"]


class Database:
    """One database, and the only way to a session with it. Threads may share it; each ``with`` has its own session.

    Nothing is connected, created or checked until the first session; see ``require_current``.
    """

    def __init__(self, url: str) -> None:
        self.url = parse_url(url)
        self._engine = connect(self.url)
        self._writer = self._engine.execution_options(**{BEGIN: "BEGIN IMMEDIATE", DURABLE: True})
        self._collector = self._engine.execution_options(**{BEGIN: "BEGIN IMMEDIATE", DURABLE: False})
        self._reader = connect(self.url, query_only=True)

    def __repr__(self) -> str:
        return f"Database({self.name!r})"

    @property
    def name(self) -> str:
        """The URL of the database without its password."""
        return self.url.render_as_string(hide_password=True)

    @property
    def full_url(self) -> str:
        """The URL with its password: for a connection, never to be shown."""
        return self.url.render_as_string(hide_password=False)

    @contextmanager
    def writing(self, *, durable: bool = True) -> Iterator[Session]:
        """Give a session that is committed at the end of the block, or rolled back where the block raises.

        On SQLite the write lock is taken at the start (BEGIN IMMEDIATE), so what is read in the block is still true
        when it is written. ``durable=False`` lets a power cut, but no crash of the process, undo the newest
        transactions as wholes: faster, for what a collection would fetch again. Raises ``StoreError``.
        """
        with self._session(self._writer if durable else self._collector) as session:
            yield session
            session.commit()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session on one consistent state of the database that cannot write; raises ``StoreError``."""
        with self._session(self._reader) as session:
            yield session

    @contextmanager
    def _session(self, engine: Engine) -> Iterator[Session]:
        with explained(self.name), Session(engine, expire_on_commit=False) as session:
            yield session

    def require_current(self) -> None:
        """Return where the database is at the newest migration; raise ``StoreError`` with the command otherwise."""
        require_current(self.url)

    def dispose(self) -> None:
        """Close every connection that no session holds."""
        self._engine.dispose()
        self._reader.dispose()

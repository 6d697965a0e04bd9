"""The database: SQLite in WAL mode with one writer at a time, or PostgreSQL through psycopg 3.

Every SQLAlchemy error is raised as ``StoreError`` with a sentence on what to do, and never with a password.

A database may be busy, and a server may be restarted during a cycle. ``write`` and ``read`` take a function, so that
its whole transaction can be retried; ``write_session`` and ``read_session`` are context managers and retry only the
begin of the transaction.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from ipwatch.errors import StoreError
from ipwatch.store.db_errors import Passing, explained, is_unknown_transaction, passing
from ipwatch.store.engine import BEGIN, DURABLE, connect, parse_url
from ipwatch.store.schema import pending, require_current, upgrade
from ipwatch.store.turns import turns_at
from ipwatch.terms import message

__all__ = ["Database", "Session", "pending", "upgrade"]

T = TypeVar("T")

_OWN_TRANSACTION = text("SELECT CAST(pg_current_xact_id_if_assigned() AS text)")
_STATE_OF_TRANSACTION = text("SELECT pg_xact_status(CAST(:number AS xid8))")

PAUSES = (0.2, 1.0, 3.0, 8.0, 15.0)
"""Seconds before each retry after a lost connection: a restarted server is back within them."""

PAGE_PAUSES = (0.2, 1.0)
"""The same for requests of the web server, whose caller can simply reload the page."""

BUSY_RETRIES = 2
"""Retries while the database is busy; each waits as long as the first attempt (``BUSY_TIMEOUT``)."""


class Database:
    """One database and its sessions. Threads may share it; a session belongs to one thread.

    Nothing is connected, created or checked until the first session; see ``require_current``. ``pauses`` are the
    seconds before each retry after a lost connection, ``PAUSES`` by default.
    """

    def __init__(self, url: str, *, pauses: Sequence[float] | None = None) -> None:
        self.url = parse_url(url)
        self._pauses = PAUSES if pauses is None else tuple(pauses)
        self._engine = connect(self.url)
        self._writer = self._engine.execution_options(**{BEGIN: "BEGIN IMMEDIATE", DURABLE: True})
        self._collector = self._engine.execution_options(**{BEGIN: "BEGIN IMMEDIATE", DURABLE: False})
        self._reader = connect(self.url, query_only=True)
        self._turns: AbstractContextManager[object] = nullcontext()
        if not self.is_postgres:
            self._turns = turns_at(str(Path(self.url.database or "").resolve()))
        self._reached = False

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

    @property
    def is_postgres(self) -> bool:
        """Whether it is PostgreSQL, which several machines may share."""
        return self.url.get_backend_name() == "postgresql"

    def write(self, work: Callable[[Session], T], *, durable: bool = True) -> T:
        """Return what ``work`` returns once all it wrote is committed; retried while the database is busy or lost.

        ``work`` may be called more than once and must change nothing but the database: of all its calls exactly one is
        committed, also where a connection is lost while it commits. ``durable`` is as for ``write_session``. Raises
        ``StoreError`` where the database stays unreachable, and for any other database error.
        """
        engine = self._writer if durable else self._collector
        return self.patiently(lambda: self._written(engine, work))

    def read(self, work: Callable[[Session], T]) -> T:
        """Return what ``work`` reads from one consistent state of the database; retried as ``write`` is.

        ``work`` may be called more than once. Raises ``StoreError``.
        """

        def once() -> T:
            with self._begun(self._reader) as session:
                return work(session)

        return self.patiently(once)

    def patiently(self, work: Callable[[], T]) -> T:
        """Return what ``work`` returns, retried where its database error is transient (``db_errors.passing``).

        Raises ``StoreError`` where the error persists.
        """
        with explained(self.name):
            return self._patiently(work)

    @contextmanager
    def write_session(self, *, durable: bool = True) -> Iterator[Session]:
        """Yield a session that is committed at the end of the block, or rolled back where the block raises.

        On SQLite the write lock is taken at the start (BEGIN IMMEDIATE), so what is read in the block is still current
        when it is written, and other writers wait until the block ends: keep it short. With ``durable=False`` a power
        cut, but no crash of the process, may undo the newest transactions as a whole: faster, for what a collection
        would fetch again. Raises ``StoreError``.
        """
        engine = self._writer if durable else self._collector
        with explained(self.name), self._turns, self._patiently(lambda: self._begun(engine)) as session:
            yield session
            session.commit()

    @contextmanager
    def read_session(self) -> Iterator[Session]:
        """Yield a read-only session on one consistent state of the database; raises ``StoreError``."""
        with explained(self.name), self._patiently(lambda: self._begun(self._reader)) as session:
            yield session

    def require_current(self) -> None:
        """Return where the database is at the newest migration; raise ``StoreError`` with the command otherwise."""
        require_current(self.url)

    def dispose(self) -> None:
        """Close every connection that no session holds."""
        self._engine.dispose()
        self._reader.dispose()

    def _begun(self, engine: Engine) -> Session:
        """Return a session whose transaction has begun."""
        session = Session(engine, expire_on_commit=False)
        try:
            session.connection()
        except BaseException:
            session.close()
            raise
        self._reached = True
        return session

    def _written(self, engine: Engine, work: Callable[[Session], T]) -> T:
        with self._turns, self._begun(engine) as session:
            result = work(session)
            number: str | None = session.scalar(_OWN_TRANSACTION) if self.is_postgres else None
            try:
                session.commit()
            except DBAPIError as error:
                if not error.connection_invalidated or number is None or not self._is_committed(number):
                    raise
            return result

    def _is_committed(self, number: str) -> bool:
        """Say whether a transaction was committed although its connection was lost before that was confirmed."""

        def state() -> str | None:
            with self._begun(self._reader) as session:
                try:
                    status: str | None = session.scalar(_STATE_OF_TRANSACTION, {"number": number})
                except DBAPIError as error:
                    if is_unknown_transaction(error):
                        return None
                    raise
                return status

        for pause in self._pauses:
            status = self._patiently(state)
            if status != "in progress":
                return status == "committed"
            # The server has not yet noticed that the client is gone.
            time.sleep(pause)
        raise StoreError(message("store.connection_lost", name=self.name))

    def _patiently(self, work: Callable[[], T]) -> T:
        """Return what ``work`` returns, retrying after transient errors."""
        for tried, pause in enumerate(self._pauses):
            try:
                return work()
            except DBAPIError as error:
                fault = passing(error, reached=self._reached)
                if fault is None or (fault is Passing.BUSY and tried >= BUSY_RETRIES):
                    raise
            time.sleep(pause)
        return work()

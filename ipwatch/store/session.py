"""The database: SQLite in WAL mode with one writer at a time, or PostgreSQL through psycopg 3.

Every error of SQLAlchemy leaves here as ``StoreError`` with a sentence that says what to do, and never with a password.

A database may be busy, and a server may be restarted under a running cycle. ``write`` and ``read`` take a function, so
that its transaction can be tried again as a whole; ``writing`` and ``reading`` are for a ``with`` and try again only to
begin.
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

__all__ = ["Database", "Session", "pending", "upgrade"]

T = TypeVar("T")

_OWN_TRANSACTION = text("SELECT CAST(pg_current_xact_id_if_assigned() AS text)")
_STATE_OF_TRANSACTION = text("SELECT pg_xact_status(CAST(:number AS xid8))")

PAUSES = (0.2, 1.0, 3.0, 8.0, 15.0)
"""Seconds before each new try where a connection was lost: a server that is restarted is back within them."""

PAGE_PAUSES = (0.2, 1.0)
"""The same where a reader waits for a page: who asks again a minute later loses nothing."""

BUSY_RETRIES = 2
"""New tries where the database is busy: each of them waits for it as long as the first did."""


class Database:
    """One database, and the only way to a session with it. Threads may share it; each session is one thread's.

    Nothing is connected, created or checked until the first session; see ``require_current``. ``pauses`` are the
    seconds before each new try where a connection was lost, ``PAUSES`` unless told.
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
        """Return what ``work`` returns once all it wrote is committed; a busy or lost database is tried again.

        ``work`` may be called more than once and must change nothing but the database: of all its calls exactly one is
        committed, also where a connection is lost while it commits. ``durable`` is as for ``writing``. Raises
        ``StoreError`` where the database stays away, or as for any other fault.
        """
        engine = self._writer if durable else self._collector
        return self.patiently(lambda: self._written(engine, work))

    def read(self, work: Callable[[Session], T]) -> T:
        """Return what ``work`` reads from one consistent state of the database; tried again as ``write`` is.

        ``work`` may be called more than once. Raises ``StoreError``.
        """

        def once() -> T:
            with self._begun(self._reader) as session:
                return work(session)

        return self.patiently(once)

    def patiently(self, work: Callable[[], T]) -> T:
        """Return what ``work`` does with a connection of its own, tried again where its fault may pass by itself.

        Raises ``StoreError`` where it does not pass.
        """
        with explained(self.name):
            return self._patiently(work)

    @contextmanager
    def writing(self, *, durable: bool = True) -> Iterator[Session]:
        """Give a session that is committed at the end of the block, or rolled back where the block raises.

        On SQLite the write lock is taken at the start (BEGIN IMMEDIATE), so what is read in the block is still true
        when it is written, and nobody else writes until it ends: nothing slow belongs into the block.
        ``durable=False`` lets a power cut, but no crash of the process, undo the newest transactions as wholes: faster,
        for what a collection would fetch again. Raises ``StoreError``.
        """
        engine = self._writer if durable else self._collector
        with explained(self.name), self._turns, self._patiently(lambda: self._begun(engine)) as session:
            yield session
            session.commit()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session on one consistent state of the database that cannot write; raises ``StoreError``."""
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
                    found: str | None = session.scalar(_STATE_OF_TRANSACTION, {"number": number})
                except DBAPIError as error:
                    if is_unknown_transaction(error):
                        return None
                    raise
                return found

        for pause in self._pauses:
            found = self._patiently(state)
            if found != "in progress":
                return found == "committed"
            # The server has not yet noticed that nobody is there any more.
            time.sleep(pause)
        raise StoreError(f"{self.name}: the connection was lost and the server does not say whether it kept the work")

    def _patiently(self, work: Callable[[], T]) -> T:
        """Return what ``work`` returns, trying again where its fault may pass by itself."""
        for tried, pause in enumerate(self._pauses):
            try:
                return work()
            except DBAPIError as error:
                fault = passing(error, reached=self._reached)
                if fault is None or (fault is Passing.BUSY and tried >= BUSY_RETRIES):
                    raise
            time.sleep(pause)
        return work()

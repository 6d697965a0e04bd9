"""Locks between the processes of an installation: on one machine with SQLite, on all that share a PostgreSQL.

Each is released when its process ends, in whatever way. They are session-level advisory locks on PostgreSQL, which are
also released with the connection (``confirm`` takes them again), and ``flock`` on a file otherwise.
"""

from __future__ import annotations

import fcntl
import hashlib
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Protocol, Self

from sqlalchemy import Connection, NullPool, func, select
from sqlalchemy.exc import DBAPIError

from ipwatch.store.engine import connect
from ipwatch.store.session import Database


class Lock(Protocol):
    """A named lock; a context manager that releases it."""

    def take(self) -> bool:
        """Take the lock and return ``True``, or return ``False`` at once where it is held elsewhere."""

    def confirm(self) -> bool:
        """Return whether the lock is still held; one that was lost is taken again where it is free."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...


def lock_between_processes(database: Database, directory: Path, name: str) -> Lock:
    """Return the lock of that name, not taken yet; ``directory`` is for lock files."""
    if database.is_postgres:
        return _AdvisoryLock(database, name)
    return _FileLock(directory / f"{name}.lock")


class _FileLock:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[str] | None = None

    def take(self) -> bool:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = self._path.open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        self._file = file
        return True

    def confirm(self) -> bool:
        return self._file is not None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


class _AdvisoryLock:
    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        # The connection holds the lock, so it is not pooled. No transaction stays open, which would hold back VACUUM.
        self._engine = connect(database.url, pool_class=NullPool).execution_options(isolation_level="AUTOCOMMIT")
        self._key = int.from_bytes(hashlib.sha256(f"ipwatch {name}".encode()).digest()[:8], signed=True)
        self._connection: Connection | None = None

    def take(self) -> bool:
        return self._database.patiently(self._take)

    def confirm(self) -> bool:
        if self._connection is None:
            return False
        try:
            self._connection.execute(select(1))
        except DBAPIError:
            self._drop()
            return self.take()
        return True

    def _take(self) -> bool:
        connection = self._engine.connect()
        try:
            taken = bool(connection.scalar(select(func.pg_try_advisory_lock(self._key))))
        except BaseException:
            connection.invalidate()
            connection.close()
            raise
        if taken:
            self._connection = connection
        else:
            connection.close()
        return taken

    def _drop(self) -> None:
        if self._connection is not None:
            with suppress(DBAPIError):  # a connection that is lost holds no lock any more
                self._connection.close()
            self._connection = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._drop()
        self._engine.dispose()

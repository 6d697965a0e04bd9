"""Database errors as sentences with a remedy, and which of them are transient."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from sqlite3 import SQLITE_BUSY, SQLITE_LOCKED

from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, SQLAlchemyError, StatementError

from ipwatch.errors import InstallationError, StoreError

_IN_USE = "another transaction kept it busy for too long and this one was undone; run the same command again"
_OTHER_TABLES = "its tables are not those of this version; run: ipwatch db upgrade"

# Fragments of SQLite's messages, PostgreSQL's SQLSTATE codes for the same error, and its remedy.
_FAULTS: tuple[tuple[tuple[str, ...], tuple[str, ...], str], ...] = (
    (
        ("database or disk is full",),
        ("53100",),
        "the disk is full; free space and run the same command again: what was not finished was undone",
    ),
    (
        ("database is locked", "database table is locked"),
        ("55P03", "40P01", "40001"),
        _IN_USE,
    ),
    (
        ("no such table", "no such column", "has no column named"),
        ("42P01", "42703"),
        _OTHER_TABLES,
    ),
    (
        ("readonly database", "read-only"),
        ("25006", "42501"),
        "it may not be written to from here; check the rights of the file and its folder, or of the database account",
    ),
    (
        ("file is not a database", "malformed"),
        ("XX001", "XX002"),
        "the file is no SQLite database or is damaged; restore it from a backup (ipwatch restore)",
    ),
    (
        ("unable to open database file", "disk i/o error"),
        ("08000", "08001", "08003", "08004", "08006", "57P01", "57P03", "3D000", "28000", "28P01"),
        "it cannot be opened; check that its folder or server is there, has space, and that the account may use it",
    ),
)

# PostgreSQL's SQLSTATE codes (Appendix A of its manual) for a transaction blocked by another one, and for a server that
# ends a connection, starts, stops or has no free connection.
_BUSY_STATES = frozenset({"55P03", "40P01", "40001"})
_LOST_STATES = frozenset({"57P01", "57P02", "57P03", "53300", "08000", "08001", "08003", "08004", "08006"})
_UNKNOWN_TRANSACTION = "22023"


class Passing(Enum):
    """Transient errors: blocked by another transaction, or a lost connection."""

    BUSY = "busy"
    LOST = "lost"


def passing(error: DBAPIError, *, reached: bool) -> Passing | None:
    """Return why the same work may succeed when it is retried, or ``None`` where it would not.

    ``reached`` is whether the database was reachable before: a server that never answered is no transient error.
    """
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return Passing.BUSY if code & 0xFF in {SQLITE_BUSY, SQLITE_LOCKED} else None
    state = getattr(error.orig, "sqlstate", None)
    if state in _BUSY_STATES:
        return Passing.BUSY
    # libpq gives no SQLSTATE where it cannot connect; there is no statement then either.
    unreachable = reached and state is None and error.statement is None and isinstance(error, OperationalError)
    if error.connection_invalidated or state in _LOST_STATES or unreachable:
        return Passing.LOST
    return None


def is_unknown_transaction(error: DBAPIError) -> bool:
    """Return whether the server has never had a transaction of the number it was asked about."""
    return getattr(error.orig, "sqlstate", None) == _UNKNOWN_TRANSACTION


@contextmanager
def explained(name: str) -> Iterator[None]:
    """Raise every SQLAlchemy error of the block as ``StoreError``; ``name`` is the database's, without password."""
    try:
        yield
    except SQLAlchemyError as error:
        raise explain(error, name) from error


def explain(error: SQLAlchemyError, name: str) -> StoreError:
    """Return the error to raise, in one sentence: which database, what is wrong, what to do.

    It is an ``InstallationError`` where the file or the server itself is the cause: rights, space, damage. Values
    of the statement are never in it.
    """
    if not isinstance(error, StatementError) or error.orig is None:
        return StoreError(f"{name}: {error}")
    message = _first_line(error.orig)
    state = getattr(error.orig, "sqlstate", None)
    for fragments, states, remedy in _FAULTS:
        if state in states or any(fragment in message.lower() for fragment in fragments):
            kind = StoreError if remedy in (_IN_USE, _OTHER_TABLES) else InstallationError
            return kind(f"{name}: {remedy} ({message})")
    if isinstance(error, IntegrityError):
        return StoreError(f"{name}: a row was refused: {message}")
    if isinstance(error, DBAPIError) and state is None and "connection" in message.lower():
        reach = "the server cannot be reached; check that it runs and accepts this account"
        return InstallationError(f"{name}: {reach} ({message})")
    return StoreError(f"{name}: {message}")


def _first_line(error: BaseException) -> str:
    lines = str(error).splitlines()
    return lines[0] if lines else type(error).__name__

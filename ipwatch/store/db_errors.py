"""Database errors as sentences with a remedy, and which of them are transient."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from sqlite3 import SQLITE_BUSY, SQLITE_LOCKED

from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, SQLAlchemyError, StatementError

from ipwatch.errors import InstallationError, StoreError
from ipwatch.terms import message

_IN_USE = message("store.in_use")
_OTHER_TABLES = message("store.other_tables")

# Fragments of SQLite's messages, PostgreSQL's SQLSTATE codes for the same error, and its remedy.
_FAULTS: tuple[tuple[tuple[str, ...], tuple[str, ...], str], ...] = (
    (
        ("database or disk is full",),
        ("53100",),
        message("store.disk_full"),
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
        message("store.not_writable"),
    ),
    (
        ("file is not a database", "malformed"),
        ("XX001", "XX002"),
        message("store.not_a_database"),
    ),
    (
        ("unable to open database file", "disk i/o error"),
        ("08000", "08001", "08003", "08004", "08006", "57P01", "57P03", "3D000", "28000", "28P01"),
        message("store.not_opened"),
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
        return StoreError(message("lists.at", place=name, text=error))
    reason = _first_line(error.orig)
    state = getattr(error.orig, "sqlstate", None)
    for fragments, states, remedy in _FAULTS:
        if state in states or any(fragment in reason.lower() for fragment in fragments):
            kind = StoreError if remedy in (_IN_USE, _OTHER_TABLES) else InstallationError
            return kind(message("store.failed", name=name, mend=remedy, said=reason))
    if isinstance(error, IntegrityError):
        return StoreError(message("store.row_refused", name=name, said=reason))
    if isinstance(error, DBAPIError) and state is None and "connection" in reason.lower():
        reach = message("store.not_reached")
        return InstallationError(message("store.failed", name=name, mend=reach, said=reason))
    return StoreError(message("lists.at", place=name, text=reason))


def _first_line(error: BaseException) -> str:
    lines = str(error).splitlines()
    return lines[0] if lines else type(error).__name__

"""What an error of the database means, in a sentence that says what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from sqlite3 import SQLITE_BUSY, SQLITE_LOCKED

from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, SQLAlchemyError, StatementError

from ipwatch.errors import InstallationError, StoreError

_IN_USE = "another transaction kept it busy for too long and this one was undone; run the same command again"
_OTHER_TABLES = "its tables are not those of this version; run: ipwatch db upgrade"

# Fragments of SQLite's messages, and PostgreSQL's SQLSTATE codes, that name the same fault.
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

# PostgreSQL's SQLSTATE codes (Appendix A of its manual) for a transaction that another one was in the way of, and for a
# server that ends a connection, starts, stops or has no place left.
_BUSY_STATES = frozenset({"55P03", "40P01", "40001"})
_LOST_STATES = frozenset({"57P01", "57P02", "57P03", "53300", "08000", "08001", "08003", "08004", "08006"})
_UNKNOWN_TRANSACTION = "22023"


class Passing(Enum):
    """What may pass by itself: another transaction that is in the way, or a connection that was lost."""

    BUSY = "busy"
    LOST = "lost"


def passing(error: DBAPIError, *, reached: bool) -> Passing | None:
    """Return why the same work may succeed when it is tried again, or ``None`` where it would not.

    ``reached`` says that the database could be reached before: a server that never answered is no blip.
    """
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return Passing.BUSY if code & 0xFF in {SQLITE_BUSY, SQLITE_LOCKED} else None
    state = getattr(error.orig, "sqlstate", None)
    if state in _BUSY_STATES:
        return Passing.BUSY
    # libpq tells no SQLSTATE where it cannot connect; there is no statement then either.
    unreachable = reached and state is None and error.statement is None and isinstance(error, OperationalError)
    if error.connection_invalidated or state in _LOST_STATES or unreachable:
        return Passing.LOST
    return None


def is_unknown_transaction(error: DBAPIError) -> bool:
    """Say whether a server that was asked about a transaction has never had one of that number."""
    return getattr(error.orig, "sqlstate", None) == _UNKNOWN_TRANSACTION


@contextmanager
def explained(name: str) -> Iterator[None]:
    """Let every error of SQLAlchemy leave the block as ``StoreError``; ``name`` is the database's, without password."""
    try:
        yield
    except SQLAlchemyError as error:
        raise explain(error, name) from error


def explain(error: SQLAlchemyError, name: str) -> StoreError:
    """Return the error to raise, in one sentence: which database, what is wrong, what to do.

    It is an ``InstallationError`` where the file or the server itself stands in the way: rights, space, damage. Values
    of the statement are never in it.
    """
    if not isinstance(error, StatementError) or error.orig is None:
        return StoreError(f"{name}: {error}")
    said = _first_line(error.orig)
    state = getattr(error.orig, "sqlstate", None)
    for fragments, states, mend in _FAULTS:
        if state in states or any(fragment in said.lower() for fragment in fragments):
            kind = StoreError if mend in (_IN_USE, _OTHER_TABLES) else InstallationError
            return kind(f"{name}: {mend} ({said})")
    if isinstance(error, IntegrityError):
        return StoreError(f"{name}: a row was refused: {said}")
    if isinstance(error, DBAPIError) and state is None and "connection" in said.lower():
        reach = "the server cannot be reached; check that it runs and accepts this account"
        return InstallationError(f"{name}: {reach} ({said})")
    return StoreError(f"{name}: {said}")


def _first_line(error: BaseException) -> str:
    lines = str(error).splitlines()
    return lines[0] if lines else type(error).__name__

"""What an error of the database means, in a sentence that says what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError, StatementError

from ipwatch.errors import InstallationError, StoreError

_IN_USE = "another process kept it locked; see that only one process writes to it, then run the same command again"
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

"""Inserts that skip or replace existing rows (ON CONFLICT) on both databases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, cast

from sqlalchemy import Column, ColumnElement, Row, Table, func, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import Session

from ipwatch.store.tables import Base

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

Item = TypeVar("Item")
AnyRow = Row[*tuple[Any, ...]]

# Both databases bound the parameters of one statement (SQLite 32766, PostgreSQL 65535).
CHUNK = 500


def table_of(model: type[Base]) -> Table:
    """Return the table of a mapped class."""
    return cast("Table", model.__table__)


def is_postgres(session: Session) -> bool:
    """Say whether the session talks to PostgreSQL."""
    return session.get_bind().dialect.name == "postgresql"


def _insert(session: Session, table: Table) -> postgresql.Insert | sqlite.Insert:
    """Return the INSERT of the session's database, which knows ON CONFLICT."""
    if not is_postgres(session):
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - a sixth of what the store takes to load

    return postgresql.insert(table)


def insert_absent(
    session: Session, table: Table, rows: Sequence[Mapping[str, Any]], *, key: Sequence[str], returning: Sequence[str]
) -> list[AnyRow]:
    """Insert the rows whose ``key`` is not yet in the table; return the named columns of those that were inserted."""
    if not rows:
        return []
    columns: list[Column[Any]] = [table.c[name] for name in returning]
    statement = _insert(session, table).on_conflict_do_nothing(index_elements=list(key)).returning(*columns)
    return [row for some in chunks(rows) for row in session.execute(statement, [dict(values) for values in some])]


def insert_or_add(
    session: Session, table: Table, rows: Sequence[Mapping[str, Any]], *, key: Sequence[str], column: str
) -> None:
    """Insert the rows, or add their ``column`` to that of the ones with the same ``key``."""
    if not rows:
        return
    dialect = _insert(session, table)
    added = {column: table.c[column] + dialect.excluded[column]}
    statement = dialect.on_conflict_do_update(index_elements=list(key), set_=added)
    session.connection().execute(statement, [dict(row) for row in rows])


def replace_row(session: Session, table: Table, row: Mapping[str, Any], *, key: Sequence[str]) -> None:
    """Insert the row, or overwrite the columns of the one with the same ``key``."""
    changed = {name: value for name, value in row.items() if name not in key}
    session.execute(_insert(session, table).values(**row).on_conflict_do_update(index_elements=list(key), set_=changed))


def replace_older(
    session: Session, table: Table, row: Mapping[str, Any], *, key: Sequence[str], older: ColumnElement[bool]
) -> None:
    """Insert the row, or overwrite the one with the same ``key`` where that is ``older``."""
    changed = {name: value for name, value in row.items() if name not in key}
    session.execute(
        _insert(session, table).values(**row).on_conflict_do_update(index_elements=list(key), set_=changed, where=older)
    )


def serialise(session: Session, lock: int) -> None:
    """Serialise the transactions that ask for the same lock. SQLite has one writer and needs nothing."""
    if is_postgres(session):
        session.execute(select(func.pg_advisory_xact_lock(lock)))


def chunks(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """Yield the items in chunks that fit into one statement."""
    for start in range(0, len(items), CHUNK):
        yield items[start : start + CHUNK]

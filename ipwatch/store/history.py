"""Versioned records: one row with the newest content, and a version for each change of content."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Table, bindparam, insert, select
from sqlalchemy.orm import Session

from ipwatch.store.inserts import CHUNK, AnyRow, insert_absent


class UpsertResult(StrEnum):
    """What storing a record changed."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowValues:
    """The values of a record to be stored.

    ``key`` identifies it; ``identity`` are columns that are set once, ``columns`` those that follow the record.
    """

    key: str
    identity: Mapping[str, Any]
    columns: Mapping[str, Any]
    data: Mapping[str, Any]
    content_hash: str
    document_sha256: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A record as JSON, hashed, with the URLs of its pictures: made before the transaction begins."""

    entry: RowValues
    images: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionedTable:
    """The tables of one kind of record; ``owner`` is the column of ``versions`` that refers to ``rows``."""

    rows: Table
    versions: Table
    owner: str


@dataclass(frozen=True, slots=True)
class Written:
    """The row of a stored record and what storing it changed."""

    row_id: int
    result: UpsertResult


def write(session: Session, table: VersionedTable, entries: Sequence[RowValues], *, now: datetime) -> list[Written]:
    """Insert or update the entries in their order; return the result of each.

    A key that occurs twice is stored twice, one after the other. The number of statements is constant per chunk.
    """
    written: list[Written] = []
    for group in _groups(entries):
        written.extend(_write_group(session, table, group, now))
    return written


def _groups(entries: Sequence[RowValues]) -> Iterator[list[RowValues]]:
    """Yield groups of consecutive entries in which no key occurs twice, of at most ``CHUNK``."""
    group: dict[str, RowValues] = {}
    for entry in entries:
        if entry.key in group or len(group) == CHUNK:
            yield list(group.values())
            group = {}
        group[entry.key] = entry
    if group:
        yield list(group.values())


def _write_group(session: Session, table: VersionedTable, group: Sequence[RowValues], now: datetime) -> list[Written]:
    known = _known(session, table, [entry.key for entry in group])
    # Ordered by key, so that two writers cannot deadlock.
    missing = sorted((entry for entry in group if entry.key not in known), key=lambda entry: entry.key)
    first = [
        {**_row(entry), **entry.identity, "key": entry.key, "first_seen_at": now, "last_seen_at": now}
        for entry in missing
    ]
    added = insert_absent(session, table.rows, first, key=["key"], returning=["id", "key"])
    inserted = {row.key: row.id for row in added}
    overtaken = [entry.key for entry in missing if entry.key not in inserted]
    if overtaken:
        known |= _known(session, table, overtaken)
    written = [_written(entry, inserted, known) for entry in group]
    _update(session, table, [(entry, known[entry.key]) for entry in group if entry.key in known], now)
    versions = [
        {
            table.owner: stored.row_id,
            "content_hash": entry.content_hash,
            "data": entry.data,
            "document_sha256": entry.document_sha256,
            "seen_at": now,
        }
        for entry, stored in zip(group, written, strict=True)
        if stored.result is not UpsertResult.SAME
    ]
    if versions:
        session.execute(insert(table.versions), versions)
    return written


def _row(entry: RowValues) -> dict[str, Any]:
    return {
        "data": entry.data,
        "content_hash": entry.content_hash,
        "document_sha256": entry.document_sha256,
        **entry.columns,
    }


def _known(session: Session, table: VersionedTable, keys: Sequence[str]) -> dict[str, AnyRow]:
    rows = table.rows.c
    query = select(rows.id, rows.key, rows.content_hash, rows.last_seen_at).where(rows.key.in_(keys))
    return {row.key: row for row in session.execute(query.order_by(rows.key).with_for_update())}


def _written(entry: RowValues, inserted: Mapping[str, int], known: Mapping[str, AnyRow]) -> Written:
    if entry.key in inserted:
        return Written(inserted[entry.key], UpsertResult.NEW)
    before = known[entry.key]
    return Written(before.id, UpsertResult.SAME if before.content_hash == entry.content_hash else UpsertResult.CHANGED)


def _update(session: Session, table: VersionedTable, known: Sequence[tuple[RowValues, AnyRow]], now: datetime) -> None:
    if not known:
        return
    changes = [_row(entry) | {"row_id": row.id, "last_seen_at": max(row.last_seen_at, now)} for entry, row in known]
    session.connection().execute(table.rows.update().where(table.rows.c.id == bindparam("row_id")), changes)

"""Records that are seen again and again: one row as last seen, and a version for each time the content changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Table, bindparam, insert, select
from sqlalchemy.orm import Session

from ipwatch.store.inserts import CHUNK, AnyRow, insert_absent


class Seen(StrEnum):
    """What seeing a record meant."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A record on its way into the database.

    ``key`` names it for ever; ``identity`` are columns set once, ``columns`` those that follow the record.
    """

    key: str
    identity: Mapping[str, Any]
    columns: Mapping[str, Any]
    data: Mapping[str, Any]
    content_hash: str
    document_sha256: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """An entry with the pictures that its record shows: turned into JSON and hashed, before any transaction."""

    entry: Entry
    images: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """Where one kind of record is kept; ``owner`` is the column of the version that names the record's row."""

    rows: Table
    versions: Table
    owner: str


@dataclass(frozen=True, slots=True)
class Written:
    """What became of an entry."""

    row_id: int
    seen: Seen


def write(session: Session, shelf: Shelf, entries: Sequence[Entry], *, at: datetime) -> list[Written]:
    """Store the entries in their order, never doubled; return what became of each.

    A key that comes twice is seen twice, one after the other. The number of statements does not grow with the number
    of entries, up to the size of a chunk.
    """
    written: list[Written] = []
    for group in _groups(entries):
        written.extend(_write_group(session, shelf, group, at))
    return written


def _groups(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    """Yield runs of entries in which no key comes twice and which one statement can carry."""
    group: dict[str, Entry] = {}
    for entry in entries:
        if entry.key in group or len(group) == CHUNK:
            yield list(group.values())
            group = {}
        group[entry.key] = entry
    if group:
        yield list(group.values())


def _write_group(session: Session, shelf: Shelf, group: Sequence[Entry], at: datetime) -> list[Written]:
    known = _known(session, shelf, [entry.key for entry in group])
    # In the order of their keys, so that two writers wait for each other rather than for ever.
    missing = sorted((entry for entry in group if entry.key not in known), key=lambda entry: entry.key)
    first = [
        {**_row(entry), **entry.identity, "key": entry.key, "first_seen_at": at, "last_seen_at": at}
        for entry in missing
    ]
    added = insert_absent(session, shelf.rows, first, key=["key"], returning=["id", "key"])
    inserted = {row.key: row.id for row in added}
    overtaken = [entry.key for entry in missing if entry.key not in inserted]
    if overtaken:
        known |= _known(session, shelf, overtaken)
    written = [_written(entry, inserted, known) for entry in group]
    _update(session, shelf, [(entry, known[entry.key]) for entry in group if entry.key in known], at)
    versions = [
        {
            shelf.owner: one.row_id,
            "content_hash": entry.content_hash,
            "data": entry.data,
            "document_sha256": entry.document_sha256,
            "seen_at": at,
        }
        for entry, one in zip(group, written, strict=True)
        if one.seen is not Seen.SAME
    ]
    if versions:
        session.execute(insert(shelf.versions), versions)
    return written


def _row(entry: Entry) -> dict[str, Any]:
    return {
        "data": entry.data,
        "content_hash": entry.content_hash,
        "document_sha256": entry.document_sha256,
        **entry.columns,
    }


def _known(session: Session, shelf: Shelf, keys: Sequence[str]) -> dict[str, AnyRow]:
    rows = shelf.rows.c
    query = select(rows.id, rows.key, rows.content_hash, rows.last_seen_at).where(rows.key.in_(keys))
    return {row.key: row for row in session.execute(query.order_by(rows.key).with_for_update())}


def _written(entry: Entry, inserted: Mapping[str, int], known: Mapping[str, AnyRow]) -> Written:
    if entry.key in inserted:
        return Written(inserted[entry.key], Seen.NEW)
    before = known[entry.key]
    return Written(before.id, Seen.SAME if before.content_hash == entry.content_hash else Seen.CHANGED)


def _update(session: Session, shelf: Shelf, seen: Sequence[tuple[Entry, AnyRow]], at: datetime) -> None:
    if not seen:
        return
    changes = [_row(entry) | {"row_id": row.id, "last_seen_at": max(row.last_seen_at, at)} for entry, row in seen]
    session.connection().execute(shelf.rows.update().where(shelf.rows.c.id == bindparam("row_id")), changes)

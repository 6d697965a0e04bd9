"""What has to be screened: records whose content, pictures, or what they are compared with has changed since."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, Table, and_, bindparam, null, select
from sqlalchemy.orm import Session

from ipwatch.records import PictureHashes, Record
from ipwatch.store.inserts import chunks, table_of
from ipwatch.store.rows import digest, load
from ipwatch.store.tables import FilingRow, ListingPictureRow, ListingRow, PictureRow

Screened_co = TypeVar("Screened_co", bound=Record, covariant=True)

_LISTING, _FILING = table_of(ListingRow), table_of(FilingRow)
_SHOWN, _PICTURE = table_of(ListingPictureRow), table_of(PictureRow)
# Rows looked through at a time: three short columns each.
_READ_AHEAD = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Screenable(Generic[Screened_co]):
    """A record to be screened, with the hashes of those of its pictures that could be read.

    ``input_hash`` covers all that the comparison depends on; it is what ``mark_screened`` writes down afterwards.
    """

    row_id: int
    record: Screened_co
    pictures: tuple[tuple[str, PictureHashes], ...]
    input_hash: str


def due(
    session: Session, rows: Table, kind: type[Screened_co], *, key_of_screening: str, after_id: int, limit: int
) -> list[Screenable[Screened_co]]:
    """Return up to ``limit`` records after that row that were not screened as they are now, in three queries at most.

    A record written while it is screened stays due: what is written down is the hash of what was read here.
    """
    wanted = dict(_first_due(session, rows, key_of_screening, after_id, limit))
    if not wanted:
        return []
    pictures = _pictures(session, list(wanted)) if rows is _LISTING else {}
    stored = session.execute(select(rows.c.id, rows.c.data).where(rows.c.id.in_(wanted)).order_by(rows.c.id))
    return [
        Screenable(
            row_id=row.id,
            record=load(kind, row.data),
            pictures=tuple(pictures.get(row.id, ())),
            input_hash=wanted[row.id],
        )
        for row in stored
    ]


def mark(session: Session, rows: Table, ids_with_keys: Mapping[int, str] | Iterable[tuple[int, str]]) -> None:
    """Write down for each row what it was screened as."""
    pairs = ids_with_keys.items() if isinstance(ids_with_keys, Mapping) else ids_with_keys
    changes = [{"row_id": row_id, "screened_key": key} for row_id, key in pairs]
    if changes:
        session.connection().execute(rows.update().where(rows.c.id == bindparam("row_id")), changes)


def _first_due(
    session: Session, rows: Table, key_of_screening: str, after_id: int, limit: int
) -> Iterator[tuple[int, str]]:
    found = 0
    result = session.execute(_overview(rows, after_id).execution_options(yield_per=_READ_AHEAD))
    try:
        for (row_id, content_hash, screened_key), group in groupby(result, key=lambda row: (row[0], row[1], row[2])):
            input_hash = digest(key_of_screening, content_hash, sorted({row[3] for row in group if row[3] is not None}))
            if input_hash == screened_key:
                continue
            yield row_id, input_hash
            found += 1
            if found >= limit:
                return
    finally:
        result.close()


def _overview(rows: Table, after_id: int) -> Select[Any]:
    columns = (rows.c.id, rows.c.content_hash, rows.c.screened_key)
    if rows is not _LISTING:
        return select(*columns, null()).where(rows.c.id > after_id).order_by(rows.c.id)
    readable = and_(_PICTURE.c.sha256 == _SHOWN.c.sha256, _PICTURE.c.refusal.is_(None))
    return (
        select(*columns, _PICTURE.c.sha256)
        .outerjoin(_SHOWN, _SHOWN.c.listing_id == rows.c.id)
        .outerjoin(_PICTURE, readable)
        .where(rows.c.id > after_id)
        .order_by(rows.c.id)
    )


def _pictures(session: Session, listing_ids: Sequence[int]) -> dict[int, list[tuple[str, PictureHashes]]]:
    found: dict[int, list[tuple[str, PictureHashes]]] = {}
    for some in chunks(listing_ids):
        query = (
            select(_SHOWN.c.listing_id, _SHOWN.c.url, _PICTURE.c.sha256, _PICTURE.c.hashes)
            .join(_PICTURE, and_(_PICTURE.c.sha256 == _SHOWN.c.sha256, _PICTURE.c.refusal.is_(None)))
            .where(_SHOWN.c.listing_id.in_(some))
            .order_by(_SHOWN.c.listing_id, _SHOWN.c.position)
        )
        for row in session.execute(query):
            hashes = load(PictureHashes, {**row.hashes, "sha256": row.sha256})
            found.setdefault(row.listing_id, []).append((row.url, hashes))
    return found

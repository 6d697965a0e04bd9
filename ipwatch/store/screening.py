"""Which records are due for screening: content, pictures or the watched side have changed since the last one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, and_, bindparam, select
from sqlalchemy.orm import Session

from ipwatch.matching.images.features import FEATURES_VERSION, ImageFeatures
from ipwatch.records import Record
from ipwatch.store.inserts import chunks, table_of
from ipwatch.store.pictures import Shown, features_of
from ipwatch.store.rows import digest, load
from ipwatch.store.tables import PictureRow

Screened_co = TypeVar("Screened_co", bound=Record, covariant=True)

MAX_PICTURES = 200
"""Pictures of a record that are compared, and different pictures of a batch: their features are in memory at once."""

_PICTURE = table_of(PictureRow)
# Rows read at a time: three short columns each.
_LOOK_AHEAD = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreeningKey:
    """What a comparison depends on besides the record: ``pictures`` counts for records that show any."""

    records: str
    pictures: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Screenable(Generic[Screened_co]):
    """A record to be screened, with the features of those of its pictures that could be read.

    ``left_out`` counts those beyond ``MAX_PICTURES``. ``content_hash`` is that of the record alone; ``input_hash``
    covers all that the comparison depends on, and is what ``mark_screened`` writes down afterwards.
    """

    row_id: int
    record: Screened_co
    pictures: tuple[tuple[str, ImageFeatures], ...]
    left_out: int
    content_hash: str
    input_hash: str


def due(
    session: Session, shown: Shown, kind: type[Screened_co], *, key: ScreeningKey, after_id: int, limit: int
) -> list[Screenable[Screened_co]]:
    """Return up to ``limit`` records after that row that were not screened as they are now.

    A batch ends early where its records would show more than ``MAX_PICTURES`` different pictures. A record written
    while it is screened stays due: what is written down is the hash of what was read here.
    """
    wanted = dict(_first_due(session, shown, key, after_id, limit))
    if not wanted:
        return []
    pictures = _pictures(session, shown, list(wanted))
    described = features_of(session, {sha256 for shows in pictures.values() for _, sha256 in shows[:MAX_PICTURES]})
    rows = shown.rows.c
    stored = session.execute(select(rows.id, rows.data, rows.content_hash).where(rows.id.in_(wanted)).order_by(rows.id))
    return [
        Screenable(
            row_id=row.id,
            record=load(kind, row.data),
            pictures=tuple((url, described[sha256]) for url, sha256 in pictures.get(row.id, ())[:MAX_PICTURES]),
            left_out=max(0, len(pictures.get(row.id, ())) - MAX_PICTURES),
            content_hash=row.content_hash,
            input_hash=wanted[row.id],
        )
        for row in stored
    ]


def mark(
    session: Session,
    shown: Shown,
    ids_with_keys: Mapping[int, str] | Iterable[tuple[int, str]],
    *,
    columns: Mapping[int, Mapping[str, Any]] = MappingProxyType({}),
) -> None:
    """Store for each row the ``input_hash`` it was screened with, and other ``columns``: of all rows or of none."""
    pairs = ids_with_keys.items() if isinstance(ids_with_keys, Mapping) else ids_with_keys
    changes = [{"row_id": row_id, "screened_key": key, **columns.get(row_id, {})} for row_id, key in pairs]
    if changes:
        rows = shown.rows
        session.connection().execute(rows.update().where(rows.c.id == bindparam("row_id")), changes)


def _first_due(
    session: Session, shown: Shown, key: ScreeningKey, after_id: int, limit: int
) -> Iterator[tuple[int, str]]:
    count = 0
    different: set[str] = set()
    result = session.execute(_overview(shown, after_id).execution_options(yield_per=_LOOK_AHEAD))
    try:
        for (row_id, content_hash, screened_key), group in groupby(result, key=lambda row: (row[0], row[1], row[2])):
            files = {_described(*row[3:]) for row in group if row[3] is not None}
            input_hash = _input_hash(key, content_hash, files)
            if input_hash == screened_key:
                continue
            different |= files
            if count >= limit or (count and len(different) > MAX_PICTURES):
                return
            count += 1
            yield row_id, input_hash
    finally:
        result.close()


def _input_hash(key: ScreeningKey, content_hash: str, files: set[str]) -> str:
    """Return the hash of a record and its readable pictures; one without any does not depend on what they meet."""
    return digest(key.records, content_hash, [key.pictures, FEATURES_VERSION, sorted(files)] if files else [])


def _described(sha256: str, embedding_version: str | None) -> str:
    """Return the identity of a picture together with the model that embedded it."""
    return f"{sha256} {embedding_version}" if embedding_version else sha256


def _overview(shown: Shown, after_id: int) -> Select[Any]:
    rows, listed = shown.rows.c, shown.pictures.c
    return (
        select(rows.id, rows.content_hash, rows.screened_key, _PICTURE.c.sha256, _PICTURE.c.embedding_version)
        .outerjoin(shown.pictures, listed[shown.owner] == rows.id)
        .outerjoin(_PICTURE, _readable(shown))
        .where(rows.id > after_id)
        .order_by(rows.id)
    )


def _pictures(session: Session, shown: Shown, row_ids: list[int]) -> dict[int, list[tuple[str, str]]]:
    """Return URL and file of every readable picture by record, the main one first."""
    owner, listed = shown.pictures.c[shown.owner], shown.pictures.c
    by_record: dict[int, list[tuple[str, str]]] = {}
    for some in chunks(row_ids):
        query = select(owner, listed.url, listed.sha256).join(_PICTURE, _readable(shown)).where(owner.in_(some))
        for row_id, url, sha256 in session.execute(query.order_by(owner, listed.position)):
            by_record.setdefault(row_id, []).append((url, sha256))
    return by_record


def _readable(shown: Shown) -> ColumnElement[bool]:
    """Return the condition that a picture shown was described by the present version: no features are read for it."""
    return and_(
        _PICTURE.c.features_version == FEATURES_VERSION,
        _PICTURE.c.sha256 == shown.pictures.c.sha256,
        _PICTURE.c.refusal.is_(None),
    )

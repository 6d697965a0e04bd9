"""Register entries: one row each as last read, a version for each change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ipwatch.records import MarkRecord
from ipwatch.store import screening
from ipwatch.store.history import Prepared, RowValues, UpsertResult, VersionedTable, write
from ipwatch.store.inserts import table_of
from ipwatch.store.pictures import BY_FILINGS, sync_pictures
from ipwatch.store.rows import digest, digest_plain, dump, load
from ipwatch.store.screening import Screenable, ScreeningKey
from ipwatch.store.tables import FilingRow, FilingVersionRow

__all__ = [
    "Screenable",
    "UpsertResult",
    "get",
    "mark_screened",
    "prepare",
    "to_screen",
    "upsert",
    "upsert_many",
    "write_prepared",
]

_FILING = table_of(FilingRow)
_VERSIONED = VersionedTable(rows=_FILING, versions=table_of(FilingVersionRow), owner="filing_id")

# Where an entry was read is not part of its content: registers repeat entries in every daily file.
_WHERE_READ = ("document_sha256", "source_url")


def upsert(session: Session, filing: MarkRecord, *, run_id: int, now: datetime) -> UpsertResult:
    """Store one register entry as ``upsert_many`` does; return whether it was new, changed or the same."""
    return upsert_many(session, [filing], run_id=run_id, now=now)[0]


def upsert_many(session: Session, filings: Sequence[MarkRecord], *, run_id: int, now: datetime) -> list[UpsertResult]:
    """Store the entries as read at ``now``; return for each, in order, whether it was new, changed or the same.

    An entry is identified by (office, application number); a change of its content adds a version. An entry whose
    image is a URL shows that picture; one without keeps the picture it had.
    Raises ``StoreError`` for a record that cannot be stored exactly (``rows.dump``).
    """
    return write_prepared(session, [prepare(filing) for filing in filings], run_id=run_id, now=now)


def prepare(filing: MarkRecord) -> Prepared:
    """Return an entry ready to be stored, as JSON and hashed; raises ``StoreError`` as ``upsert_many`` does."""
    shown = filing.image is not None and filing.image.startswith(("http://", "https://"))
    return Prepared(entry=_entry(filing), images=(filing.image,) if filing.image is not None and shown else ())


def write_prepared(session: Session, prepared: Sequence[Prepared], *, run_id: int, now: datetime) -> list[UpsertResult]:  # noqa: ARG001 - as for listings
    """Store prepared entries as ``upsert_many`` does."""
    written = write(session, _VERSIONED, [filing.entry for filing in prepared], now=now)
    images = {
        stored.row_id: filing.images
        for filing, stored in zip(prepared, written, strict=True)
        if stored.result is not UpsertResult.SAME and filing.images
    }
    sync_pictures(session, BY_FILINGS, images)
    return [stored.result for stored in written]


def get(session: Session, office: str, application_number: str) -> MarkRecord | None:
    """Return a register entry as last read, or ``None`` where it was never read."""
    data = session.scalar(select(_FILING.c.data).where(_FILING.c.key == digest(office, application_number)))
    return None if data is None else load(MarkRecord, data)


def to_screen(session: Session, *, key: ScreeningKey, after_id: int = 0, limit: int) -> list[Screenable[MarkRecord]]:
    """Return up to ``limit`` entries after that row that were not screened as they are now (``screening.due``)."""
    return screening.due(session, BY_FILINGS, MarkRecord, key=key, after_id=after_id, limit=limit)


def mark_screened(session: Session, ids_with_keys: Mapping[int, str] | Iterable[tuple[int, str]]) -> None:
    """Write down, by row id, the ``input_hash`` that each entry was screened with."""
    screening.mark(session, BY_FILINGS, ids_with_keys)


def _entry(filing: MarkRecord) -> RowValues:
    data = dump(filing)
    return RowValues(
        key=digest(filing.office, filing.application_number),
        identity={"office": filing.office, "application_number": filing.application_number},
        columns={"mark_text": filing.mark_text, "opposition_until": filing.opposition_until},
        data=data,
        content_hash=digest_plain({field: value for field, value in data.items() if field not in _WHERE_READ}),
        document_sha256=filing.document_sha256,
    )

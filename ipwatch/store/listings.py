"""Listings: one row each as last read, a version for each change, a sighting for each run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from ipwatch.records import Listing, RequestKind
from ipwatch.store import screening
from ipwatch.store.history import Prepared, RowValues, UpsertResult, VersionedTable, write
from ipwatch.store.inserts import insert_absent, table_of
from ipwatch.store.pictures import BY_LISTINGS, sync_pictures
from ipwatch.store.rows import clean, digest, digest_plain, dump, load, text_sha256
from ipwatch.store.screening import Screenable, ScreeningKey
from ipwatch.store.tables import MAX_INDEXED_LENGTH, CaptureRow, ListingRow, ListingVersionRow, SightingRow

__all__ = [
    "Screenable",
    "UpsertResult",
    "get",
    "gone_by_url",
    "mark_screened",
    "prepare",
    "titles",
    "to_screen",
    "upsert",
    "upsert_many",
    "urls_of_listings",
    "write_prepared",
]

_LISTING, _SIGHTING = table_of(ListingRow), table_of(SightingRow)
_VERSIONED = VersionedTable(rows=_LISTING, versions=table_of(ListingVersionRow), owner="listing_id")

_READ_AHEAD = 5_000

# Counters and timestamps change by themselves; versions for these would hide the changes that somebody made.
_COUNTERS = ("document_sha256", "updated_at", "sold", "quantity")
_SELLER_COUNTERS = ("feedback_pct", "feedback_count")


def upsert(session: Session, listing: Listing, *, run_id: int, now: datetime) -> UpsertResult:
    """Store one listing as ``upsert_many`` does; return whether it was new, changed or the same."""
    return upsert_many(session, [listing], run_id=run_id, now=now)[0]


def upsert_many(session: Session, listings: Sequence[Listing], *, run_id: int, now: datetime) -> list[UpsertResult]:
    """Store the listings as read at ``now`` in that run; return for each whether it was new, changed or the same.

    A listing is identified by (marketplace, listing_id). A change of its content adds a version; stock, sales, feedback
    and the marketplace's own time of update are updated without one. A listing that was gone is available again.
    Raises ``StoreError`` for a record that cannot be stored exactly (``rows.dump``).
    """
    return write_prepared(session, [prepare(listing) for listing in listings], run_id=run_id, now=now)


def prepare(listing: Listing) -> Prepared:
    """Return a listing ready to be stored, as JSON and hashed; raises ``StoreError`` as ``upsert_many`` does."""
    return Prepared(entry=_entry(listing), images=listing.images)


def write_prepared(session: Session, prepared: Sequence[Prepared], *, run_id: int, now: datetime) -> list[UpsertResult]:
    """Store prepared listings as ``upsert_many`` does."""
    written = write(session, _VERSIONED, [listing.entry for listing in prepared], now=now)
    _record_sightings(session, [stored.row_id for stored in written], run_id, now)
    changed = {stored.row_id for stored in written if stored.result is not UpsertResult.SAME}
    images = {stored.row_id: listing.images for listing, stored in zip(prepared, written, strict=True)}
    sync_pictures(session, BY_LISTINGS, {row_id: shown for row_id, shown in images.items() if row_id in changed})
    return [stored.result for stored in written]


def gone_by_url(session: Session, url: str, now: datetime) -> int:
    """Mark the listings of a page that answers 404 or 410 as gone; return how many.

    These are the listings with that URL, and those last read from a page at that URL. A missing search result says
    nothing about the listings in it.
    """
    read_there = select(CaptureRow.sha256).where(
        CaptureRow.url_sha256 == text_sha256(url), CaptureRow.kind == RequestKind.PAGE.value
    )
    return _gone(session, or_(_at_url(url), _LISTING.c.document_sha256.in_(read_there)), now)


def urls_of_listings(session: Session, urls: Iterable[str]) -> set[str]:
    """Return those of the URLs that are the page of a stored listing."""
    asked = {text_sha256(url): url for url in urls}
    known = select(_LISTING.c.url_sha256).where(_LISTING.c.url_sha256.in_(asked))
    return {asked[key] for key in session.scalars(known)}


def get(session: Session, marketplace: str, listing_id: str) -> Listing | None:
    """Return a listing as last read, or ``None`` where it was never read."""
    data = session.scalar(select(_LISTING.c.data).where(_LISTING.c.key == _key(marketplace, listing_id)))
    return None if data is None else load(Listing, data)


def titles(session: Session, *, after_id: int = 0, limit: int = _READ_AHEAD) -> list[tuple[int, str]]:
    """Return row id and title of the next listings that have one."""
    wanted = select(_LISTING.c.id, _LISTING.c.title).where(_LISTING.c.id > after_id, _LISTING.c.title.is_not(None))
    return [(row.id, row.title) for row in session.execute(wanted.order_by(_LISTING.c.id).limit(limit))]


def to_screen(session: Session, *, key: ScreeningKey, after_id: int = 0, limit: int) -> list[Screenable[Listing]]:
    """Return up to ``limit`` listings after that row that were not screened as they are now (``screening.due``)."""
    return screening.due(session, BY_LISTINGS, Listing, key=key, after_id=after_id, limit=limit)


def mark_screened(
    session: Session,
    ids_with_keys: Mapping[int, str] | Iterable[tuple[int, str]],
    *,
    goods_kinds: Mapping[int, str | None] | None = None,
) -> None:
    """Write down, by row id, the ``input_hash`` that each listing was screened with.

    ``goods_kinds`` is by row id what kind of goods each title offers; without it, what is known of that stays.
    """
    columns = {row_id: {"goods_kind": kind} for row_id, kind in (goods_kinds or {}).items()}
    screening.mark(session, BY_LISTINGS, ids_with_keys, columns=columns)


def seller_key(listing: Listing) -> str | None:
    """Return by what a seller is known on all marketplaces, cut to what can be indexed; none without an id."""
    if listing.seller is None or listing.seller.id is None:
        return None
    return clean(f"{listing.marketplace}:{listing.seller.id}")[:MAX_INDEXED_LENGTH]


def content_hash(data: Mapping[str, Any]) -> str:
    """Return the hash of a listing's content, without counters and timestamps."""
    content = {field: value for field, value in data.items() if field not in _COUNTERS}
    if content["seller"] is not None:
        content["seller"] = {
            field: value for field, value in content["seller"].items() if field not in _SELLER_COUNTERS
        }
    return digest_plain(content)


def _entry(listing: Listing) -> RowValues:
    data = dump(listing)
    seller_country = listing.seller.country if listing.seller is not None else None
    return RowValues(
        key=_key(listing.marketplace, listing.listing_id),
        identity={"marketplace": listing.marketplace, "listing_id": listing.listing_id},
        columns={
            "title": listing.title,
            "country": listing.ships_from or seller_country,
            "seller": seller_key(listing),
            "status": listing.status,
            "url_sha256": None if listing.url is None else text_sha256(listing.url),
            "gone_at": None,
        },
        data=data,
        content_hash=content_hash(data),
        document_sha256=listing.document_sha256,
    )


def _key(marketplace: str, listing_id: str) -> str:
    return digest(marketplace, listing_id)


def _at_url(url: str) -> ColumnElement[bool]:
    return _LISTING.c.url_sha256 == text_sha256(url)


def _gone(session: Session, which: ColumnElement[bool], now: datetime) -> int:
    gone = update(_LISTING).where(which, _LISTING.c.gone_at.is_(None)).values(gone_at=now).returning(_LISTING.c.id)
    return len(session.execute(gone).all())


def _record_sightings(session: Session, row_ids: Sequence[int], run_id: int, now: datetime) -> None:
    rows = [{"listing_id": row_id, "run_id": run_id, "seen_at": now} for row_id in dict.fromkeys(row_ids)]
    insert_absent(session, _SIGHTING, rows, key=["listing_id", "run_id"], returning=["listing_id"])

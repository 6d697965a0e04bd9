"""Pictures: which of them a listing shows, and what is known of each file by its SHA-256."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from ipwatch.records import Listing, PictureHashes, PictureRefusal
from ipwatch.store.inserts import chunks, insert_absent, table_of
from ipwatch.store.rows import clean, digest, dump, text_sha256
from ipwatch.store.tables import ListingPictureRow, ListingRow, PictureRow

_SHOWN, _PICTURE, _LISTING = table_of(ListingPictureRow), table_of(PictureRow), table_of(ListingRow)


def wanted(session: Session, listings: Sequence[Listing]) -> list[str]:
    """Return the URLs of stored listings' pictures whose file was not fetched yet, the main pictures first."""
    keys = [digest(listing.marketplace, listing.listing_id) for listing in listings]
    return list(
        dict.fromkeys(
            url
            for some in chunks(keys)
            for url in session.scalars(
                select(_SHOWN.c.url)
                .join(_LISTING, _LISTING.c.id == _SHOWN.c.listing_id)
                .where(_LISTING.c.key.in_(some), _SHOWN.c.sha256.is_(None))
                .order_by(_SHOWN.c.position, _SHOWN.c.id)
            )
        )
    )


def record(session: Session, *, url: str, sha256: str) -> int:
    """Note which file stands at a URL, for every listing that shows it; return how many do.

    What is known of the file (``add_hashes`` or ``add_refusal``) must be stored by the end of the transaction.
    """
    found = update(_SHOWN).where(_SHOWN.c.url_sha256 == text_sha256(url)).values(sha256=sha256)
    return len(session.execute(found.returning(_SHOWN.c.id)).all())


def known(session: Session, sha256s: Iterable[str]) -> set[str]:
    """Return those of the files that were hashed or refused before."""
    asked = sorted(set(sha256s))
    return {
        sha256
        for some in chunks(asked)
        for sha256 in session.scalars(select(_PICTURE.c.sha256).where(_PICTURE.c.sha256.in_(some)))
    }


def add_hashes(session: Session, hashes: PictureHashes, at: datetime) -> None:
    """Store the hashes of a file once; a file that is already known keeps what is known of it."""
    stored = {field: value for field, value in dump(hashes).items() if field != "sha256"}
    _add(session, {"sha256": hashes.sha256, "hashes": stored, "refusal": None, "hashed_at": at})


def add_refusal(session: Session, sha256: str, reason: PictureRefusal, at: datetime) -> None:
    """Store why a file cannot be used; a file that is already known keeps what is known of it."""
    _add(session, {"sha256": sha256, "hashes": None, "refusal": PictureRefusal(reason).value, "hashed_at": at})


def sync_pictures(session: Session, images: Mapping[int, Sequence[str]]) -> None:
    """Let each listing (by row id) show exactly these pictures in this order; a URL that stays keeps its file."""
    for some in chunks(list(images)):
        _sync(session, {row_id: dict.fromkeys(map(clean, images[row_id])) for row_id in some})


def _sync(session: Session, images: Mapping[int, Iterable[str]]) -> None:
    shown = {
        (row.listing_id, row.url_sha256): row
        for row in session.execute(
            select(_SHOWN.c.id, _SHOWN.c.listing_id, _SHOWN.c.url_sha256, _SHOWN.c.position).where(
                _SHOWN.c.listing_id.in_(images)
            )
        )
    }
    added: list[dict[str, Any]] = []
    moved: list[dict[str, int]] = []
    for row_id, urls in images.items():
        for position, url in enumerate(urls):
            key = text_sha256(url)
            before = shown.pop((row_id, key), None)
            if before is None:
                added.append({"listing_id": row_id, "position": position, "url": url, "url_sha256": key})
            elif before.position != position:
                moved.append({"row_id": before.id, "to": position})
    for gone in chunks([row.id for row in shown.values()]):
        session.execute(delete(_SHOWN).where(_SHOWN.c.id.in_(gone)))
    if moved:
        place = update(_SHOWN).where(_SHOWN.c.id == bindparam("row_id")).values(position=bindparam("to"))
        session.connection().execute(place, moved)
    if added:
        session.execute(insert(_SHOWN), added)


def _add(session: Session, row: Mapping[str, Any]) -> None:
    insert_absent(session, _PICTURE, [row], key=["sha256"], returning=["sha256"])

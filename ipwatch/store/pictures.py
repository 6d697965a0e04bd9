"""Pictures: which of them a record shows, and what is stored about each file by its SHA-256.

Features and refusals belong to the version that made them: those of an older version are ignored until the file is
processed again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Table, and_, bindparam, delete, func, insert, or_, select, tuple_, update
from sqlalchemy.orm import Session

from ipwatch.errors import StoreError
from ipwatch.matching.images.features import FEATURES_VERSION, ImageFeatures, pack, unpack
from ipwatch.records import ImageRefusal, Listing, StoredRecord
from ipwatch.store.inserts import chunks, replace_older, table_of
from ipwatch.store.rows import clean, digest, text_sha256
from ipwatch.store.tables import FilingPictureRow, FilingRow, ListingPictureRow, ListingRow, PictureRow
from ipwatch.terms import message

_PICTURE = table_of(PictureRow)

# Packed pictures, 40 kB each, read at a time.
_READ_AHEAD = 100


@dataclass(frozen=True, slots=True)
class Shown:
    """The tables that link one kind of record to its pictures; ``owner`` is the column that refers to the record."""

    rows: Table
    pictures: Table
    owner: str


BY_LISTINGS = Shown(table_of(ListingRow), table_of(ListingPictureRow), "listing_id")
BY_FILINGS = Shown(table_of(FilingRow), table_of(FilingPictureRow), "filing_id")
_EVERY = (BY_LISTINGS, BY_FILINGS)


class Outdated(NamedTuple):
    """A file that was processed by another version of the software (``version``) or of the model."""

    version: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedImage:
    """The features of a file, ready to be stored; ``features`` is the result of ``features.pack``.

    Packing takes milliseconds a picture, so it is done outside of transactions.
    """

    sha256: str
    width: int
    height: int
    embedding_version: str | None
    features: bytes


def packed(features: ImageFeatures, data: bytes | None = None) -> PackedImage:
    """Return the features ready to be stored; ``data`` are the same features as ``pack`` gave them, where it did."""
    return PackedImage(
        sha256=features.sha256,
        width=features.width,
        height=features.height,
        embedding_version=features.embedding.version if features.embedding else None,
        features=pack(features) if data is None else data,
    )


def wanted(session: Session, records: Sequence[StoredRecord]) -> list[str]:
    """Return the URLs of stored records' pictures whose file was not fetched yet, main pictures first."""
    offers = [digest(stored.marketplace, stored.listing_id) for stored in records if isinstance(stored, Listing)]
    entries = [
        digest(stored.office, stored.application_number) for stored in records if not isinstance(stored, Listing)
    ]
    return wanted_by_key(session, listing_keys=offers, filing_keys=entries)


def wanted_by_key(session: Session, *, listing_keys: Sequence[str], filing_keys: Sequence[str]) -> list[str]:
    """Return what ``wanted`` does, for records of those keys (``history.Entry.key``)."""
    urls = (*_wanted(session, BY_LISTINGS, listing_keys), *_wanted(session, BY_FILINGS, filing_keys))
    return list(dict.fromkeys(urls))


def record(session: Session, *, url: str, sha256: str) -> int:
    """Store which file a URL holds, for every record that shows it; return how many do.

    The file (``add_features`` or ``add_refusal``) must be stored by the end of the transaction.
    """
    return sum(len(_recorded(session, shown.pictures, url, sha256)) for shown in _EVERY)


def known(
    session: Session, sha256s: Iterable[str], *, embedding_version: str | None = None
) -> dict[str, ImageRefusal | None]:
    """Return those of the files that the present version has processed, each with its refusal or ``None``.

    Here as below ``embedding_version`` is that of the operator's model: files processed with another one do not count.
    ``None`` accepts any.
    """
    asked = sorted(set(sha256s))
    present = _PICTURE.c.features_version == FEATURES_VERSION
    if embedding_version is not None:
        present &= _PICTURE.c.embedding_version == embedding_version
    return {
        sha256: None if refusal is None else ImageRefusal(refusal)
        for some in chunks(asked)
        for sha256, refusal in session.execute(
            select(_PICTURE.c.sha256, _PICTURE.c.refusal).where(_PICTURE.c.sha256.in_(some), present)
        )
    }


def add_features(session: Session, picture: PackedImage, now: datetime) -> None:
    """Store the features of a file, unless the present version has processed it already."""
    described = {"width": picture.width, "height": picture.height, "features": picture.features, "refusal": None}
    _add(session, picture.sha256, described, now, picture.embedding_version)


def add_refusal(
    session: Session, sha256: str, reason: ImageRefusal, now: datetime, *, embedding_version: str | None = None
) -> None:
    """Store why a file cannot be used, unless the present version has processed it already."""
    refused = {"width": None, "height": None, "features": None, "refusal": ImageRefusal(reason).value}
    _add(session, sha256, refused, now, embedding_version)


def features_of(session: Session, sha256s: Iterable[str]) -> dict[str, ImageFeatures]:
    """Return the features of those of the files that the present version has processed, each unpacked once.

    Their embeddings may be missing or another model's, where a file could not be processed again.
    Raises ``StoreError`` for stored features that cannot be read.
    """
    asked = sorted(set(sha256s))
    by_sha256: dict[str, ImageFeatures] = {}
    for start in range(0, len(asked), _READ_AHEAD):
        some = asked[start : start + _READ_AHEAD]
        query = select(_PICTURE.c.sha256, _PICTURE.c.features).where(
            _PICTURE.c.sha256.in_(some),
            _PICTURE.c.features_version == FEATURES_VERSION,
            _PICTURE.c.features.is_not(None),
        )
        by_sha256.update((row.sha256, unpacked(row.sha256, row.features)) for row in session.execute(query))
    return by_sha256


def unpacked(sha256: str, features: bytes) -> ImageFeatures:
    """Return stored features; raises ``StoreError`` where they cannot be read."""
    try:
        return unpack(features)
    except ValueError as error:
        raise StoreError(message("store.features_unreadable", sha256=sha256, error=error)) from error


def outdated(
    session: Session, limit: int, *, after: Outdated | None = None, embedding_version: str | None = None
) -> list[Outdated]:
    """Return up to ``limit`` files that only an older version has processed, after ``after``, in a fixed order."""
    columns = (_PICTURE.c.features_version, _PICTURE.c.sha256)
    query = select(*columns).where(_is_older(embedding_version))
    if after is not None:
        query = query.where(tuple_(*columns) > after)
    return [Outdated(*row) for row in session.execute(query.order_by(*columns).limit(limit))]


def count_outdated(session: Session, *, embedding_version: str | None = None) -> int:
    """Return how many files only an older version has processed."""
    query = select(func.count()).select_from(_PICTURE).where(_is_older(embedding_version))
    return session.scalar(query) or 0


def sync_pictures(session: Session, shown: Shown, images: Mapping[int, Sequence[str]]) -> None:
    """Set the pictures of each record (by row id) to these URLs in this order; a URL that stays keeps its file."""
    for some in chunks(list(images)):
        _sync(session, shown, {row_id: dict.fromkeys(map(clean, images[row_id])) for row_id in some})


def _wanted(session: Session, shown: Shown, keys: Sequence[str]) -> Iterator[str]:
    listed, rows = shown.pictures.c, shown.rows.c
    for some in chunks(keys):
        yield from session.scalars(
            select(listed.url)
            .join(shown.rows, rows.id == listed[shown.owner])
            .where(rows.key.in_(some), listed.sha256.is_(None))
            .order_by(listed.position, listed.id)
        )


def _recorded(session: Session, pictures: Table, url: str, sha256: str) -> Sequence[object]:
    linked = update(pictures).where(pictures.c.url_sha256 == text_sha256(url)).values(sha256=sha256)
    return session.execute(linked.returning(pictures.c.id)).all()


def _sync(session: Session, shown: Shown, images: Mapping[int, Iterable[str]]) -> None:
    table, owner = shown.pictures, shown.pictures.c[shown.owner]
    before = {
        (row[1], row.url_sha256): row
        for row in session.execute(
            select(table.c.id, owner, table.c.url_sha256, table.c.position).where(owner.in_(images))
        )
    }
    added: list[dict[str, Any]] = []
    moved: list[dict[str, int]] = []
    for row_id, urls in images.items():
        for position, url in enumerate(urls):
            key = text_sha256(url)
            known_row = before.pop((row_id, key), None)
            if known_row is None:
                added.append({shown.owner: row_id, "position": position, "url": url, "url_sha256": key})
            elif known_row.position != position:
                moved.append({"row_id": known_row.id, "to": position})
    for gone in chunks([row.id for row in before.values()]):
        session.execute(delete(table).where(table.c.id.in_(gone)))
    if moved:
        reposition = update(table).where(table.c.id == bindparam("row_id")).values(position=bindparam("to"))
        session.connection().execute(reposition, moved)
    if added:
        session.execute(insert(table), added)


def _is_older(embedding_version: str | None) -> ColumnElement[bool]:
    """Return the condition that a file was processed by an older version or with another model."""
    older = _PICTURE.c.features_version < FEATURES_VERSION
    if embedding_version is None:
        return older
    other = _PICTURE.c.embedding_version.is_distinct_from(embedding_version)
    return or_(older, and_(_PICTURE.c.features_version == FEATURES_VERSION, other))


def _add(
    session: Session, sha256: str, known_of_it: Mapping[str, Any], now: datetime, embedding_version: str | None
) -> None:
    made_by = {"features_version": FEATURES_VERSION, "embedding_version": embedding_version}
    row = {"sha256": sha256, **known_of_it, "described_at": now, **made_by}
    replace_older(session, _PICTURE, row, key=["sha256"], older=_is_older(embedding_version))

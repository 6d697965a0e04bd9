"""Watchlists as runs used them, and the reference pictures of their marks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ipwatch.matching.images.features import FEATURES_VERSION, ImageFeatures, ReferenceImage, pack
from ipwatch.records import Watchlist
from ipwatch.store.inserts import chunks, insert_absent, replace_row, table_of
from ipwatch.store.pictures import unpacked
from ipwatch.store.rows import dump
from ipwatch.store.tables import ReferencePictureRow, WatchlistVersionRow

Row = dict[str, object]

_WATCHLIST, _REFERENCE = table_of(WatchlistVersionRow), table_of(ReferencePictureRow)


def save_watchlist(session: Session, watchlist: Watchlist, now: datetime) -> None:
    """Store a watchlist by the hash of its file; the one saved last is the current one of its holder."""
    save_watchlists(session, [watchlist_row(watchlist, now)])


def save_watchlists(session: Session, rows: Iterable[Row]) -> None:
    """Store watchlists, each as returned by ``watchlist_row``."""
    for row in rows:
        replace_row(session, _WATCHLIST, row, key=["sha256"])


def watchlist_row(watchlist: Watchlist, now: datetime) -> Row:
    """Return a watchlist ready to be stored: thousands of marks are converted to JSON outside of the transaction."""
    return {
        "sha256": watchlist.sha256,
        "holder": watchlist.holder.id,
        "name_ja": watchlist.holder.name_ja,
        "name_en": watchlist.holder.name_en,
        "holder_kind": watchlist.holder.kind.value,
        "prefecture": watchlist.holder.prefecture,
        "marks": {mark.id: dump(mark) for mark in watchlist.marks},
        "loaded_at": now,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownReference:
    """Features and thumbnail (PNG) of the file of a reference picture; ``packed`` are the same features, if at hand."""

    features: ImageFeatures
    thumbnail: bytes
    packed: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedImage:
    """A picture that a watchlist names; an ``excluded`` one is shared stock (denylist), and copies of it are no signal.

    ``thumbnail`` is a PNG for the review page; ``packed`` are the features as they are stored, if at hand: to pack them
    takes longer than to store them.
    """

    reference: ReferenceImage
    thumbnail: bytes
    excluded: bool = False
    packed: bytes | None = None


def save_references(session: Session, pictures: Sequence[WatchedImage]) -> None:
    """Store pictures of watchlists, each once by mark, path and hash of the file, with the features of this version."""
    save_reference_rows(session, outdated_references(session, pictures))


def outdated_references(session: Session, pictures: Sequence[WatchedImage]) -> list[Row]:
    """Return those of the pictures that are not stored or out of date, packed, for ``save_reference_rows``."""
    up_to_date = _up_to_date(session, {picture.reference.features.sha256 for picture in pictures})
    return [_row(picture) for picture in pictures if _identity(picture) not in up_to_date]


def save_reference_rows(session: Session, rows: Sequence[Row]) -> None:
    """Store the pictures that ``outdated_references`` returned."""
    insert_absent(session, _REFERENCE, rows, key=["mark", "path", "sha256"], returning=["id"])
    for row in rows:
        same = [_REFERENCE.c[name] == row[name] for name in ("mark", "path", "sha256")]
        session.execute(update(_REFERENCE).where(*same).values(**row))


def known_references(
    session: Session, sha256s: Collection[str], *, embedding_version: str | None = None
) -> dict[str, KnownReference]:
    """Return the references among the files that the present version has stored.

    With the ``embedding_version`` of a model, those of another model are left out.
    """
    present = _REFERENCE.c.features_version == FEATURES_VERSION
    if embedding_version is not None:
        present &= _REFERENCE.c.embedding_version == embedding_version
    references: dict[str, KnownReference] = {}
    for some in chunks(sorted(set(sha256s))):
        query = select(_REFERENCE.c.sha256, _REFERENCE.c.features, _REFERENCE.c.thumbnail).where(
            _REFERENCE.c.sha256.in_(some), present
        )
        for row in session.execute(query):
            if row.sha256 not in references:
                features = unpacked(row.sha256, row.features)
                references[row.sha256] = KnownReference(features=features, thumbnail=row.thumbnail)
    return references


def _up_to_date(session: Session, sha256s: Collection[str]) -> set[tuple[str, str, str, bool, str | None]]:
    names = ("mark", "path", "sha256", "excluded", "embedding_version")
    columns = [_REFERENCE.c[name] for name in names]
    return {
        (row.mark, row.path, row.sha256, row.excluded, row.embedding_version)
        for some in chunks(sorted(sha256s))
        for row in session.execute(
            select(*columns).where(_REFERENCE.c.sha256.in_(some), _REFERENCE.c.features_version == FEATURES_VERSION)
        )
    }


def _identity(picture: WatchedImage) -> tuple[str, str, str, bool, str | None]:
    reference = picture.reference
    return reference.mark, reference.path, reference.features.sha256, picture.excluded, _model_of(reference)


def _model_of(reference: ReferenceImage) -> str | None:
    return reference.features.embedding.version if reference.features.embedding is not None else None


def _row(picture: WatchedImage) -> Row:
    features = picture.reference.features
    return {
        "mark": picture.reference.mark,
        "path": picture.reference.path,
        "sha256": features.sha256,
        "thumbnail": picture.thumbnail,
        "excluded": picture.excluded,
        "width": features.width,
        "height": features.height,
        "features_version": FEATURES_VERSION,
        "embedding_version": _model_of(picture.reference),
        "features": picture.packed or pack(features),
    }

"""Watchlists as runs used them, and the reference pictures of their marks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ipwatch.records import PictureHashes, ReferencePicture, Watchlist
from ipwatch.store.inserts import insert_absent, replace_row, table_of
from ipwatch.store.rows import dump, load
from ipwatch.store.tables import ReferencePictureRow, WatchlistVersionRow

_WATCHLIST, _REFERENCE = table_of(WatchlistVersionRow), table_of(ReferencePictureRow)


def save_watchlist(session: Session, watchlist: Watchlist, at: datetime) -> None:
    """Keep a watchlist as it is now, by the hash of its file; the one saved last is the present one of its holder."""
    row = {
        "sha256": watchlist.sha256,
        "holder": watchlist.holder.id,
        "name_ja": watchlist.holder.name_ja,
        "name_en": watchlist.holder.name_en,
        "holder_kind": watchlist.holder.kind.value,
        "prefecture": watchlist.holder.prefecture,
        "marks": {mark.id: dump(mark) for mark in watchlist.marks},
        "loaded_at": at,
    }
    replace_row(session, _WATCHLIST, row, key=["sha256"])


def save_references(session: Session, references: Sequence[tuple[ReferencePicture, bytes]]) -> None:
    """Keep reference pictures, each with its thumbnail (PNG), once by mark, path and hash of the file."""
    rows = [
        {
            "mark": reference.mark,
            "path": reference.path,
            "sha256": reference.hashes.sha256,
            "hashes": dump(reference.hashes),
            "thumbnail": thumbnail,
        }
        for reference, thumbnail in references
    ]
    insert_absent(session, _REFERENCE, rows, key=["mark", "path", "sha256"], returning=["id"])


def known_references(session: Session) -> dict[str, tuple[PictureHashes, bytes]]:
    """Return hashes and thumbnail of every reference picture that was ever kept, by the SHA-256 of its file."""
    rows = session.execute(select(_REFERENCE.c.sha256, _REFERENCE.c.hashes, _REFERENCE.c.thumbnail))
    return {row.sha256: (load(PictureHashes, row.hashes), row.thumbnail) for row in rows}

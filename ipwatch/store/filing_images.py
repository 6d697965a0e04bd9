"""Pictures extracted from a register's own files, and the filings they belong to (office, application number).

Such a picture has no URL of its own: its captures are stored under the name ``filing:<office>:<number>#<page>``, so
that it is linked to its filing whichever of the two is read first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ipwatch.records import MAX_FILED_PAGES
from ipwatch.store.inserts import chunks, insert_absent, table_of
from ipwatch.store.rows import digest, text_sha256
from ipwatch.store.tables import CaptureRow, FilingPictureRow, FilingRow

_CAPTURE, _FILING, _PICTURE = table_of(CaptureRow), table_of(FilingRow), table_of(FilingPictureRow)

_PAGES = range(1, MAX_FILED_PAGES + 1)

Key = tuple[str, str]


def picture_name(office: str, application_number: str, page: int) -> str:
    """Return the name under which a page of a filing's picture is captured and stored."""
    return f"filing:{office}:{application_number}#{page}"


def newest(session: Session, names: Iterable[str]) -> dict[str, str]:
    """Return the SHA-256 of the newest capture by name, for those of the names that have one."""
    by_hash = {text_sha256(name): name for name in names}
    hashes: dict[str, str] = {}
    for some in chunks(list(by_hash)):
        query = select(_CAPTURE.c.url_sha256, _CAPTURE.c.sha256).where(_CAPTURE.c.url_sha256.in_(some))
        for row in session.execute(query.order_by(_CAPTURE.c.fetched_at, _CAPTURE.c.id)):
            hashes[by_hash[row.url_sha256]] = row.sha256
    return hashes


def link(session: Session, keys: Iterable[Key]) -> None:
    """Link each stored filing, by office and application number, to the pictures that were captured under its name.

    The files must be stored as pictures by the end of the transaction. A key without a stored filing is skipped and
    linked when that is stored.
    """
    for some in chunks(sorted(set(keys))):
        rows = {digest(*key): key for key in some}
        stored = session.execute(select(_FILING.c.id, _FILING.c.key).where(_FILING.c.key.in_(list(rows))))
        _show(session, {rows[row.key]: row.id for row in stored})


def _show(session: Session, filings: Mapping[Key, int]) -> None:
    pages = {picture_name(*key, page): (row_id, page) for key, row_id in filings.items() for page in _PAGES}
    columns = (_PICTURE.c.id, _PICTURE.c.url, _PICTURE.c.sha256)
    query = select(*columns).where(_PICTURE.c.filing_id.in_(list(filings.values())))
    before = {row.url: row for row in session.execute(query)}
    added = []
    for name, sha256 in newest(session, pages).items():
        row_id, page = pages[name]
        if name not in before:
            identity = {"filing_id": row_id, "position": page - 1, "url": name, "url_sha256": text_sha256(name)}
            added.append({**identity, "sha256": sha256})
        elif before[name].sha256 != sha256:
            session.execute(update(_PICTURE).where(_PICTURE.c.id == before[name].id).values(sha256=sha256))
    insert_absent(session, _PICTURE, added, key=["filing_id", "url_sha256"], returning=["id"])

"""Mentions (言及): the listings that name or show a mark, searched and counted, page by page as the queue is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Float, Select, and_, func, literal, or_, select
from sqlalchemy.orm import Session

from ipwatch.records import ListingKind, RightKind, Sign
from ipwatch.store.review.filters import Cursor, finite
from ipwatch.store.review.queue import MAX_PAGE_SIZE
from ipwatch.store.review.stored_json import read_signs
from ipwatch.store.tables import CaseRow, ListingRow, MentionRow


class MentionSort(StrEnum):
    """Order of mentions: newest first, or the most suspicious first."""

    NEWEST = "newest"
    SUSPICION = "suspicion"


@dataclass(frozen=True, slots=True, kw_only=True)
class MentionFilter:
    """Which mentions to show; ``None`` is no restriction. ``text`` is searched in titles."""

    holder: str | None = None
    mark: str | None = None
    kind: ListingKind | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MentionItem:
    """A listing that names or shows a mark, and what was made of it; ``case_id`` where there is a case."""

    id: int
    listing_id: str
    title: str | None
    url: str | None
    price: str | None
    currency: str | None
    seller: str | None
    mark: str
    holder: str
    right_kind: RightKind
    source: str
    country: str | None
    kind: ListingKind
    score: float
    suspicion: float
    signs: tuple[Sign, ...]
    case_id: int | None
    found_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MentionPage:
    """A page of mentions; ``counts`` are those of the whole filter but for its ``kind``."""

    items: tuple[MentionItem, ...]
    counts: dict[ListingKind, int]
    following: Cursor | None


def load_mentions(
    session: Session,
    chosen: MentionFilter,
    *,
    sort: MentionSort = MentionSort.NEWEST,
    size: int = 50,
    after: Cursor | None = None,
) -> MentionPage:
    """Return the page of mentions after a cursor, or the first, with the counts of the filter.

    Raises ``ValueError`` for a bad cursor.
    """
    size = max(1, min(size, MAX_PAGE_SIZE))
    query = _restricted(select(MentionRow.id, MentionRow.suspicion), chosen)
    if chosen.kind is not None:
        query = query.where(MentionRow.kind == chosen.kind.value)
    if after is not None:
        query = query.where(_beyond(sort, after))
    by_id = MentionRow.id.desc()
    order = (by_id,) if sort is MentionSort.NEWEST else (MentionRow.suspicion.desc(), by_id)
    rows = session.execute(query.order_by(*order).limit(size + 1)).all()
    shown = rows[:size]
    more = len(rows) > size
    return MentionPage(
        items=_items(session, [row.id for row in shown]),
        counts=_counts(session, chosen),
        following=_cursor(shown[-1], sort) if more else None,
    )


def _restricted(query: Select[*tuple[Any, ...]], chosen: MentionFilter) -> Select[*tuple[Any, ...]]:
    """Add the conditions of a filter but for the kind; candidates, which have none, are never shown."""
    query = query.where(MentionRow.kind.is_not(None))
    if chosen.holder is not None:
        query = query.where(MentionRow.holder == chosen.holder)
    if chosen.mark is not None:
        # The watchlist of a mark is that of its holder: both name the index.
        query = query.where(MentionRow.holder == chosen.mark.partition("/")[0], MentionRow.mark == chosen.mark)
    if chosen.text:
        query = query.join(ListingRow, ListingRow.id == MentionRow.listing_id)
        query = query.where(ListingRow.title.icontains(chosen.text, autoescape=True))
    return query


def _counts(session: Session, chosen: MentionFilter) -> dict[ListingKind, int]:
    query = _restricted(select(MentionRow.kind, func.count(MentionRow.id)), chosen).group_by(MentionRow.kind)
    counted = {kind: count for kind, count in session.execute(query)}  # noqa: C416 - rows are no pairs to a type checker
    return {kind: counted.get(kind.value, 0) for kind in ListingKind}


def _beyond(sort: MentionSort, cursor: Cursor) -> ColumnElement[bool]:
    if sort is MentionSort.NEWEST:
        if cursor.value:
            raise ValueError(f"no position in this order: {cursor.value!r}")
        return MentionRow.id < cursor.id
    suspicion = literal(finite(cursor.value), Float)
    same = and_(MentionRow.suspicion == suspicion, MentionRow.id < cursor.id)
    return or_(MentionRow.suspicion < suspicion, same)


def _cursor(row: Any, sort: MentionSort) -> Cursor:
    return Cursor("" if sort is MentionSort.NEWEST else repr(row.suspicion), row.id)


def _items(session: Session, ids: list[int]) -> tuple[MentionItem, ...]:
    query = (
        select(MentionRow, ListingRow.listing_id, ListingRow.data, CaseRow.id)
        .join(ListingRow, ListingRow.id == MentionRow.listing_id)
        .outerjoin(CaseRow, and_(CaseRow.listing_id == MentionRow.listing_id, CaseRow.mark == MentionRow.mark))
        .where(MentionRow.id.in_(ids))
    )
    items = {row[0].id: _item(*row) for row in session.execute(query)}
    return tuple(items[number] for number in ids)


def _item(row: MentionRow, listing_id: str, data: dict[str, Any], case_id: int | None) -> MentionItem:
    seller = data.get("seller") or {}
    return MentionItem(
        id=row.id,
        listing_id=listing_id,
        title=data.get("title"),
        url=data.get("url"),
        price=data.get("price"),
        currency=data.get("currency"),
        seller=seller.get("name") or seller.get("id"),
        mark=row.mark,
        holder=row.holder,
        right_kind=RightKind(row.right_kind),
        source=row.source,
        country=row.country,
        kind=ListingKind(row.kind or ListingKind.MENTION),
        score=row.score,
        suspicion=row.suspicion or 0.0,
        signs=read_signs(row.signs),
        case_id=case_id,
        found_at=row.found_at,
    )

"""The queue: cases under a filter, in an order, page by page, with the number of cases behind each choice of a filter.

Pages are keyset pages: they start after the last row of the one before, so that a case opened meanwhile neither repeats
nor hides another. Facets are counted in one grouped query; the count of a choice is the total after choosing it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import case as sql_case
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ipwatch.cases import QUIET, CaseKind, CaseState
from ipwatch.matching.score import MAIN_WEIGHTS, is_main
from ipwatch.records import RightKind, Sign, Signal
from ipwatch.store.pictures import BY_FILINGS, BY_LISTINGS, Shown
from ipwatch.store.review.filters import (
    HIGH_FROM,
    MEDIUM_FROM,
    Band,
    Cursor,
    QueueFilter,
    Sort,
    beyond,
    cursor_of,
    order_by,
    restrict,
    restrict_unfaceted,
)
from ipwatch.store.review.stored_json import newest_watchlists, read_signals, read_signs
from ipwatch.store.tables import (
    CaseRow,
    FilingRow,
    FindingRow,
    ListingRow,
    PictureRow,
    ReferencePictureRow,
)

MAX_PAGE_SIZE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueItem:
    """One line of the queue: the strongest signal of the newest finding, and its strongest sign for infringement."""

    id: int
    subject: str
    is_filing: bool
    title: str | None
    mark: str
    mark_text: str
    holder: str
    holder_ja: str
    holder_en: str
    right_kind: RightKind
    source: str
    country: str | None
    state: CaseState
    kind: CaseKind
    score: float
    suspicion: float | None
    reason: Signal | None
    sign: Sign | None
    picture: str | None
    reference: int | None
    due_on: date | None
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class FacetCount:
    """One choice of a filter and how many cases it would leave."""

    value: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facets:
    """The choices of each filter, most cases first; ``total`` is the number of cases under the whole filter."""

    total: int
    state: tuple[FacetCount, ...]
    kind: tuple[FacetCount, ...]
    source: tuple[FacetCount, ...]
    holder: tuple[FacetCount, ...]
    right_kind: tuple[FacetCount, ...]
    country: tuple[FacetCount, ...]
    band: tuple[FacetCount, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePage:
    """A page of the queue with the cursors of its neighbours, where there are any."""

    items: tuple[QueueItem, ...]
    facets: Facets
    following: Cursor | None
    preceding: Cursor | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """The cases before and after one in the queue under a filter, whether or not it still is in it."""

    before: int | None
    after: int | None


def load_queue(
    session: Session,
    chosen: QueueFilter,
    *,
    sort: Sort = Sort.SCORE,
    size: int = 50,
    after: Cursor | None = None,
    before: Cursor | None = None,
) -> QueuePage:
    """Return the page of the queue after or before a cursor (the first without one), and its facets."""
    size = max(1, min(size, MAX_PAGE_SIZE))
    backwards = after is None and before is not None
    query = restrict(select(CaseRow.id), chosen)
    cursor = before if backwards else after
    if cursor is not None:
        query = query.where(beyond(sort, cursor, backwards=backwards))
    ids = session.scalars(query.order_by(*order_by(sort, backwards=backwards)).limit(size + 1)).all()
    rows = _rows(session, ids)
    more = len(rows) > size
    rows = rows[:size]
    if backwards:
        rows.reverse()
    has_following = bool(rows) and (backwards or more)
    has_preceding = bool(rows) and (more if backwards else after is not None)
    return QueuePage(
        items=_items(session, rows),
        facets=_facets(session, chosen),
        following=cursor_of(rows[-1][0], sort) if has_following else None,
        preceding=cursor_of(rows[0][0], sort) if has_preceding else None,
    )


def _rows(session: Session, ids: Sequence[int]) -> list[Any]:
    """Return cases with their titles in the order of ``ids``: sorting whole rows would cost more than reading them."""
    query = (
        select(CaseRow, ListingRow.title, FilingRow.mark_text)
        .outerjoin(ListingRow, ListingRow.id == CaseRow.listing_id)
        .outerjoin(FilingRow, FilingRow.id == CaseRow.filing_id)
        .where(CaseRow.id.in_(ids))
    )
    by_id = {row[0].id: row for row in session.execute(query)}
    return [by_id[case_id] for case_id in ids]


def load_neighbours(session: Session, chosen: QueueFilter, *, sort: Sort, case_id: int) -> Neighbours:
    """Return the neighbours of a case in the queue; none for a case that does not exist."""
    row = session.get(CaseRow, case_id)
    if row is None:
        return Neighbours(before=None, after=None)
    cursor = cursor_of(row, sort)
    neighbours = []
    for backwards in (True, False):
        query = restrict(select(CaseRow.id), chosen).where(beyond(sort, cursor, backwards=backwards))
        neighbours.append(session.scalar(query.order_by(*order_by(sort, backwards=backwards)).limit(1)))
    return Neighbours(before=neighbours[0], after=neighbours[1])


# --- facets ----------------------------------------------------------------------------------------------------------

_DIMENSIONS = ("state", "source", "holder", "right_kind", "country", "kind", "band")
_KIND = _DIMENSIONS.index("kind")


def _facets(session: Session, chosen: QueueFilter) -> Facets:
    wanted = tuple(None if (value := getattr(chosen, name)) is None else str(value) for name in _DIMENSIONS)
    counts: dict[str, Counter[str]] = {name: Counter() for name in _DIMENSIONS}
    total = 0
    without_mentions = chosen.kind is None and not chosen.mentions
    for values, count in _groups(session, chosen):
        if without_mentions and values[_KIND] in QUIET:
            # Not shown, but counted for the choice of them.
            if all(want is None or value == want for value, want in zip(values, wanted, strict=True)):
                counts["kind"][str(values[_KIND])] += count
            continue
        misses = [i for i, want in enumerate(wanted) if want is not None and values[i] != want]
        if not misses:
            total += count
        for i, name in enumerate(_DIMENSIONS):
            value = values[i]
            if value is not None and misses in ([], [i]):
                counts[name][value] += count
    ordered = {name: _ordered(counter) for name, counter in counts.items()}
    return Facets(total=total, **ordered)


def _groups(session: Session, chosen: QueueFilter) -> Iterator[tuple[tuple[str | None, ...], int]]:
    """Yield how many cases there are of each combination of ``_DIMENSIONS``.

    Bands are summed, not grouped by, so that the grouping can use an index on the other columns.
    """
    columns = (CaseRow.state, CaseRow.source, CaseRow.holder, CaseRow.right_kind, CaseRow.country, CaseRow.kind)
    reaching = (
        func.sum(sql_case((CaseRow.priority >= threshold, 1), else_=0)) for threshold in (HIGH_FROM, MEDIUM_FROM)
    )
    query = restrict_unfaceted(select(*columns, func.count(CaseRow.id), *reaching), chosen).group_by(*columns)
    for *values, count, high, medium in session.execute(query):
        for band, number in ((Band.HIGH, high), (Band.MEDIUM, medium - high), (Band.LOW, count - medium)):
            if number:
                yield (*values, band.value), number


def _ordered(counter: Counter[str]) -> tuple[FacetCount, ...]:
    ranked = sorted(counter.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(FacetCount(value, count) for value, count in ranked)


# --- lines -----------------------------------------------------------------------------------------------------------


def _items(session: Session, rows: Sequence[Any]) -> tuple[QueueItem, ...]:
    cases: list[CaseRow] = [row for row, *_ in rows]
    reasons = _reasons(session, [row.id for row in cases])
    listed = _first_pictures(session, BY_LISTINGS, {row.listing_id for row in cases})
    filed = _first_pictures(session, BY_FILINGS, {row.filing_id for row in cases})
    references = _first_references(session, {row.mark for row in cases})
    watchlists = newest_watchlists(session, {row.holder for row in cases})
    items = []
    for row, title, mark_text in rows:
        watchlist = watchlists.get(row.holder)
        watched = watchlist.marks.get(row.mark.partition("/")[2]) if watchlist else None
        items.append(
            QueueItem(
                id=row.id,
                subject=row.subject,
                is_filing=row.filing_id is not None,
                title=mark_text if row.filing_id is not None else title,
                mark=row.mark,
                mark_text=watched["text"] if watched else row.mark,
                holder=row.holder,
                holder_ja=watchlist.name_ja if watchlist else row.holder,
                holder_en=watchlist.name_en if watchlist else row.holder,
                right_kind=RightKind(row.right_kind),
                source=row.source,
                country=row.country,
                state=CaseState(row.state),
                kind=CaseKind(row.kind),
                score=row.score,
                suspicion=row.suspicion,
                reason=reasons.get(row.id, (None, None))[0],
                sign=reasons.get(row.id, (None, None))[1],
                picture=listed.get(row.listing_id) or filed.get(row.filing_id),
                reference=references.get(row.mark),
                due_on=row.due_on,
                opened_at=row.opened_at,
            )
        )
    return tuple(items)


def _reasons(session: Session, case_ids: Iterable[int]) -> dict[int, tuple[Signal | None, Sign | None]]:
    """Return the strongest signal of the newest finding of each case, and its strongest sign for infringement."""
    newest = select(func.max(FindingRow.id)).where(FindingRow.case_id.in_(list(case_ids))).group_by(FindingRow.case_id)
    reasons = {}
    columns = (FindingRow.case_id, FindingRow.signals, FindingRow.signs)
    for case_id, signals, signs in session.execute(select(*columns).where(FindingRow.id.in_(newest))):
        strongest = max(read_signals(signals), key=_strength, default=None)
        for_it = [sign for sign in read_signs(signs) if sign.points > 0]
        reasons[case_id] = (strongest, max(for_it, key=lambda sign: (sign.strong, sign.points), default=None))
    return reasons


def _strength(signal: Signal) -> tuple[bool, float]:
    """Return the sort key of a signal: what it adds to the score; qualifiers rank below the main signals."""
    return is_main(signal), MAIN_WEIGHTS.get(signal.name, 1.0) * signal.score


def _first_pictures(session: Session, shown: Shown, row_ids: AbstractSet[int | None]) -> dict[int | None, str]:
    """Return the file of the first picture of each of the records that can be shown."""
    owners = row_ids - {None}
    if not owners:
        return {}
    listed, owner = shown.pictures.c, shown.pictures.c[shown.owner]
    query = (
        select(owner, listed.sha256)
        .join(PictureRow, PictureRow.sha256 == listed.sha256)
        .where(owner.in_(owners), PictureRow.refusal.is_(None))
        .order_by(listed.position.desc(), listed.id.desc())
    )
    return {row_id: sha256 for row_id, sha256 in session.execute(query) if sha256 is not None}


def _first_references(session: Session, marks: Iterable[str]) -> dict[str, int]:
    query = select(ReferencePictureRow.mark, func.min(ReferencePictureRow.id))
    query = query.where(ReferencePictureRow.mark.in_(sorted(marks)), ReferencePictureRow.excluded.is_(False))
    query = query.group_by(ReferencePictureRow.mark)
    return {mark: reference for mark, reference in session.execute(query)}  # noqa: C416 - rows are no pairs to a type checker

"""Counts for periodic summaries.

A case belongs to the period in which it was opened; its verdict is that of the last decision, and its kind that of the
last finding, before the end of the period, so that a summary built later has the same figures. A mention without a case
belongs to the period in which it was first found; mentions have no history, so those are counted as they stand when the
summary is made.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import ColumnElement, exists, func, select

from ipwatch.cases import QUIET, CaseKind
from ipwatch.records import Coverage, ListingKind, SourceCondition, SourceHealth
from ipwatch.store.session import Session
from ipwatch.store.tables import (
    CaseRow,
    FilingRow,
    FilingVersionRow,
    FindingRow,
    ListingRow,
    MentionRow,
    ReviewDecisionRow,
    RunRow,
    SightingRow,
    WatchlistVersionRow,
)

_READS = RunRow.kind.in_(("collect", "register"))


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFact:
    """What a summary needs of one case: no subject, no seller."""

    kind: CaseKind
    source: str
    holder: str
    right_kind: str
    country: str | None
    holder_kind: str
    prefecture: str | None
    verdict: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MentionFact:
    """How many listings without a case name or show marks of that holder and kind of right on that marketplace."""

    source: str
    holder: str
    right_kind: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Throughput:
    """What was processed in a period: distinct listings and filings read, and comparisons made."""

    listings: int
    filings: int
    screened: int


def case_facts(session: Session, *, start: datetime, end: datetime) -> list[CaseFact]:
    """Return one fact for each case opened in [start, end), with the last verdict and kind before ``end``."""
    cases = session.scalars(select(CaseRow).where(CaseRow.opened_at >= start, CaseRow.opened_at < end)).all()
    verdicts = _last_verdicts(session, start=start, end=end)
    kinds = _last_kinds(session, start=start, end=end)
    holders = _holders(session)
    facts = []
    for case in cases:
        holder_kind, prefecture = holders.get(case.holder, ("unknown", None))
        facts.append(
            CaseFact(
                kind=CaseKind.FILING if case.filing_id is not None else kinds.get(case.id, CaseKind.UNJUDGED),
                source=case.source,
                holder=case.holder,
                right_kind=case.right_kind,
                country=case.country,
                holder_kind=holder_kind,
                prefecture=prefecture,
                verdict=verdicts.get(case.id),
            )
        )
    return facts


def _last_verdicts(session: Session, *, start: datetime, end: datetime) -> dict[int, str]:
    rows = session.execute(
        select(ReviewDecisionRow.case_id, ReviewDecisionRow.verdict)
        .join(CaseRow, CaseRow.id == ReviewDecisionRow.case_id)
        .where(CaseRow.opened_at >= start, CaseRow.opened_at < end, ReviewDecisionRow.decided_at < end)
        .order_by(ReviewDecisionRow.decided_at, ReviewDecisionRow.id)
    )
    return {case_id: verdict for case_id, verdict in rows}  # noqa: C416 - rows are no plain tuples to mypy


def _last_kinds(session: Session, *, start: datetime, end: datetime) -> dict[int, CaseKind]:
    """Return the kind that the last finding before ``end`` gave each case of a listing.

    That it no longer holds changes no summary of the time when it was made.
    """
    last = (
        select(func.max(FindingRow.id).label("id"))
        .join(CaseRow, CaseRow.id == FindingRow.case_id)
        .where(CaseRow.opened_at >= start, CaseRow.opened_at < end, FindingRow.found_at < end)
        .where(CaseRow.listing_id.is_not(None))
        .group_by(FindingRow.case_id)
        .subquery()
    )
    rows = session.execute(select(FindingRow.case_id, FindingRow.kind).join(last, last.c.id == FindingRow.id))
    return {case_id: CaseKind.UNJUDGED if kind is None else CaseKind(kind) for case_id, kind in rows}


def mention_facts(session: Session, *, start: datetime, end: datetime) -> list[MentionFact]:
    """Return the listings first found in [start, end) to name or show a mark, without a case opened before ``end``."""
    columns = (MentionRow.source, MentionRow.holder, MentionRow.right_kind)
    has_case = exists().where(
        CaseRow.listing_id == MentionRow.listing_id, CaseRow.mark == MentionRow.mark, CaseRow.opened_at < end
    )
    query = (
        select(*columns, func.count(MentionRow.id))
        .where(MentionRow.found_at >= start, MentionRow.found_at < end, MentionRow.kind.is_not(None), ~has_case)
        .group_by(*columns)
        .order_by(*columns)
    )
    return [
        MentionFact(source=source, holder=holder, right_kind=right_kind, count=count)
        for source, holder, right_kind, count in session.execute(query)
    ]


def holder_names(session: Session) -> dict[str, tuple[str, str]]:
    """Return the name of every holder in Japanese and English, as its newest watchlist has it."""
    rows = session.scalars(select(WatchlistVersionRow).order_by(WatchlistVersionRow.loaded_at))
    return {row.holder: (row.name_ja, row.name_en) for row in rows}


def _holders(session: Session) -> dict[str, tuple[str, str | None]]:
    rows = session.scalars(select(WatchlistVersionRow).order_by(WatchlistVersionRow.loaded_at))
    return {row.holder: (row.holder_kind, row.prefecture) for row in rows}


def throughput(session: Session, *, start: datetime, end: datetime) -> Throughput:
    """Return how many distinct listings and filings were read, and how many comparisons were made."""
    listings = select(func.count(SightingRow.listing_id.distinct())).where(
        SightingRow.seen_at >= start, SightingRow.seen_at < end
    )
    filings = select(func.count(FilingRow.id)).where(
        FilingRow.first_seen_at < end,
        (FilingRow.last_seen_at >= start)
        | FilingRow.id.in_(
            select(FilingVersionRow.filing_id).where(FilingVersionRow.seen_at >= start, FilingVersionRow.seen_at < end)
        ),
    )
    screened = select(func.coalesce(func.sum(RunRow.screened), 0)).where(
        RunRow.kind == "screen", RunRow.started_at >= start, RunRow.started_at < end
    )
    return Throughput(
        listings=session.scalar(listings) or 0,
        filings=session.scalar(filings) or 0,
        screened=session.scalar(screened) or 0,
    )


def matcher_versions(session: Session, *, start: datetime, end: datetime) -> tuple[str, ...]:
    """Return the versions of the matcher whose findings belong to the period."""
    rows = session.scalars(
        select(FindingRow.matcher_version)
        .where(FindingRow.found_at >= start, FindingRow.found_at < end)
        .distinct()
        .order_by(FindingRow.matcher_version)
    )
    return tuple(rows)


def coverage(
    session: Session,
    *,
    start: datetime,
    end: datetime,
    health: Mapping[str, SourceHealth],
    allowed: Mapping[str, timedelta],
) -> list[Coverage]:
    """Return the coverage of every source in ``health`` or with a run in [start, end).

    ``end`` is not after now; ``allowed`` is how long a source may go unread before that is a gap.
    """
    grouped = _by_source(
        session.scalars(select(RunRow).where(_READS, RunRow.started_at < end, _ended_after(start)).order_by(RunRow.id))
    )
    earliest = select(RunRow.source, func.min(RunRow.started_at)).where(_READS).group_by(RunRow.source)
    first = {name: started_at for name, started_at in session.execute(earliest)}  # noqa: C416 - dict() takes no rows in typing
    coverages = []
    for name in sorted({*grouped, *health}):
        how = health.get(name) or SourceHealth(name=name, conditions=(SourceCondition.NOT_CONFIGURED,))
        rows = grouped.get(name, [])
        begun = [row for row in rows if row.started_at >= start]
        since = max(start, first.get(name, start))
        unread, unread_from = _max_unread(rows, since, end if how.expected else None)
        gap = name in allowed and unread > allowed[name]
        coverages.append(_coverage_of(name, begun, how, unread=unread, unread_from=unread_from, gap=gap))
    return coverages


def _ended_after(start: datetime) -> ColumnElement[bool]:
    return (RunRow.ended_at >= start) | RunRow.ended_at.is_(None)


def _by_source(rows: Iterable[RunRow]) -> dict[str, list[RunRow]]:
    grouped: dict[str, list[RunRow]] = defaultdict(list)
    for row in rows:
        grouped[row.source or ""].append(row)
    return grouped


def _max_unread(rows: Sequence[RunRow], since: datetime, until: datetime | None) -> tuple[timedelta, datetime | None]:
    """Return the longest time between two completed runs from ``since`` on, and where it began.

    The time from the last run to ``until`` counts too; ``None`` where the source is not to be read any more.
    """
    ends = sorted(row.ended_at for row in rows if row.state in {"done", "partial"} and row.ended_at is not None)
    times = [since, *(ended_at for ended_at in ends if ended_at > since and (until is None or ended_at < until))]
    if until is not None and until > since:
        times.append(until)
    return max(
        ((later - earlier, earlier) for earlier, later in pairwise(times)),
        key=lambda gap: gap[0],
        default=(timedelta(0), None),
    )


def _coverage_of(
    name: str,
    rows: Sequence[RunRow],
    health: SourceHealth,
    *,
    unread: timedelta,
    unread_from: datetime | None,
    gap: bool,
) -> Coverage:
    sums: Counter[str] = Counter()
    for row in rows:
        sums.update(requests=row.planned, failed=row.failed, records=row.parsed, refused=row.refused)
    return Coverage(
        source=name,
        runs=len(rows),
        runs_complete=sum(row.state == "done" for row in rows),
        requests=sums["requests"],
        requests_failed=sums["failed"],
        records=sums["records"],
        records_refused=sums["refused"],
        health=health,
        unread=unread,
        unread_from=unread_from,
        gap=gap,
    )


def subjects_read(session: Session) -> set[str]:
    """Return the subject of every listing and filing that was ever read."""
    listings = session.execute(select(ListingRow.marketplace, ListingRow.listing_id))
    filings = session.execute(select(FilingRow.office, FilingRow.application_number))
    return {f"{first}:{second}" for rows in (listings, filings) for first, second in rows}


def suspicions(session: Session) -> set[tuple[str, str]]:
    """Return every pair of subject and mark with a case that is more than a mention now."""
    query = select(CaseRow.subject, CaseRow.mark).where(CaseRow.kind.not_in(sorted(QUIET)))
    return {(subject, mark) for subject, mark in session.execute(query)}


def mentioned(session: Session) -> set[tuple[str, str]]:
    """Return every pair of a listing's subject and a mark that it only names or shows."""
    query = (
        select(ListingRow.marketplace, ListingRow.listing_id, MentionRow.mark)
        .join(ListingRow, ListingRow.id == MentionRow.listing_id)
        .where(MentionRow.kind == ListingKind.MENTION.value)
    )
    return {(f"{marketplace}:{listing_id}", mark) for marketplace, listing_id, mark in session.execute(query)}

"""Counts for periodic summaries.

A case belongs to the period in which it was opened; how it stands is what the last decision before the end of the
period says, so that a summary built later comes out the same.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from ipwatch.records import Coverage
from ipwatch.store.session import Session
from ipwatch.store.tables import (
    CaseRow,
    FilingRow,
    FilingVersionRow,
    FindingRow,
    ListingRow,
    ReviewDecisionRow,
    RunRow,
    SightingRow,
    SourceStateRow,
    WatchlistVersionRow,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFact:
    """What a summary needs to know of one case: no subject, no seller."""

    source: str
    right_kind: str
    country: str | None
    holder_kind: str
    prefecture: str | None
    verdict: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Throughput:
    """What the software did in a period."""

    listings_seen: int
    filings_seen: int
    screened: int


def case_facts(session: Session, *, start: datetime, end: datetime) -> list[CaseFact]:
    """Return one fact for each case opened in [start, end), with the last verdict before ``end``."""
    cases = session.scalars(select(CaseRow).where(CaseRow.opened_at >= start, CaseRow.opened_at < end)).all()
    verdicts = _last_verdicts(session, start=start, end=end)
    holders = _holders(session)
    facts = []
    for case in cases:
        holder_kind, prefecture = holders.get(case.holder, ("unknown", None))
        facts.append(
            CaseFact(
                source=case.source,
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


def _holders(session: Session) -> dict[str, tuple[str, str | None]]:
    rows = session.scalars(select(WatchlistVersionRow).order_by(WatchlistVersionRow.loaded_at))
    return {row.holder: (row.holder_kind, row.prefecture) for row in rows}


def throughput(session: Session, *, start: datetime, end: datetime) -> Throughput:
    """Return how many distinct listings and filings were seen, and how many comparisons were made."""
    seen = select(func.count(SightingRow.listing_id.distinct())).where(
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
        listings_seen=session.scalar(seen) or 0,
        filings_seen=session.scalar(filings) or 0,
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


def coverage(session: Session, *, start: datetime, end: datetime) -> list[Coverage]:
    """Return the coverage of every source that ever ran, those without a run in the period included."""
    states = {row.source: row for row in session.scalars(select(SourceStateRow))}
    grouped: Mapping[str, list[RunRow]] = _by_source(
        session.scalars(
            select(RunRow).where(
                RunRow.kind.in_(("collect", "register")), RunRow.started_at >= start, RunRow.started_at < end
            )
        )
    )
    return [_coverage_of(name, grouped.get(name, []), states.get(name)) for name in sorted({*grouped, *states})]


def _by_source(rows: Iterable[RunRow]) -> dict[str, list[RunRow]]:
    grouped: dict[str, list[RunRow]] = defaultdict(list)
    for row in rows:
        grouped[row.source or ""].append(row)
    return grouped


def _coverage_of(name: str, rows: list[RunRow], state: SourceStateRow | None) -> Coverage:
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
        state=state.state if state is not None else "never",
        message=state.message if state is not None else None,
    )


def subjects_read(session: Session) -> set[str]:
    """Return the subject of every listing and filing that was ever read."""
    listings = session.execute(select(ListingRow.marketplace, ListingRow.listing_id))
    filings = session.execute(select(FilingRow.office, FilingRow.application_number))
    return {f"{first}:{second}" for rows in (listings, filings) for first, second in rows}


def suspicions(session: Session) -> set[tuple[str, str]]:
    """Return every pair of subject and mark that was ever flagged."""
    return {(subject, mark) for subject, mark in session.execute(select(CaseRow.subject, CaseRow.mark))}

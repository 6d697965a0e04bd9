from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import func, select
from store_records import LISTING

from ipwatch.records import FailureReason, ParseIssue, Request, RequestKind
from ipwatch.store import frontier, issues, listings, reporting, retention, runs
from ipwatch.store.session import Database, Session
from ipwatch.store.tables import FrontierRow, SightingRow

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
OLD = NOW - timedelta(days=60)
# More than any of these tests needs.
MAX_BATCHES = 20


def ended_run(session: Session, now: datetime, requests: int, *, failing: int = 0, state: str = "done") -> int:
    run_id = runs.start_run(session, kind="collect", source="rakuten", now=now)
    asked = [
        Request(source="rakuten", url=f"https://x.example/{now}/{n}", kind=RequestKind.PAGE) for n in range(requests)
    ]
    frontier.push(session, run_id, asked)
    taken = frontier.take(session, run_id, limit=requests, owner="me", now=now, lease=timedelta(minutes=1))
    for position, leased in enumerate(taken):
        if position < failing:
            reason = (FailureReason.TIMEOUT, FailureReason.ROBOTS)[position % 2]
            frontier.failed(session, leased.id, reason, "no answer")
        else:
            frontier.done(session, leased.id, "a" * 64)
    runs.add_counts(session, run_id, planned=requests, fetched=requests - failing, failed=failing)
    if state != "running":
        runs.finish_run(session, run_id, state=state, now=now + timedelta(minutes=5))
    return run_id


def drain(database: Database, before: datetime, limit: int) -> list[int]:
    counts: list[int] = []
    while len(counts) < MAX_BATCHES:
        with database.write_session() as session:
            count = retention.delete_requests(session, ended_before=before, limit=limit)
        if not count:
            return counts
        counts.append(count)
    pytest.fail(f"requests are deleted again and again: {counts}")


def test_requests_of_ended_runs_go_and_their_reports_stay_the_same(database: Database) -> None:
    with database.write_session() as session:
        old = ended_run(session, OLD, 25, failing=7, state="partial")
        unfinished = ended_run(session, OLD, 5, state="running")
        new = ended_run(session, NOW - timedelta(days=1), 5, failing=1)
        before = {run: runs.run_report(session, run) for run in (old, unfinished, new)}
    assert drain(database, NOW - timedelta(days=30), limit=10) == [10, 10, 5]
    with database.read_session() as session:
        after = {run: runs.run_report(session, run) for run in before}
        left = dict(session.execute(select(FrontierRow.run_id, func.count()).group_by(FrontierRow.run_id)).all())
    assert after == before
    assert after[old].adds_up
    assert after[old].failures == {FailureReason.TIMEOUT: 4, FailureReason.ROBOTS: 3}
    assert left == {unfinished: 5, new: 5}


def test_half_deleted_requests_leave_a_report_that_adds_up(database: Database) -> None:
    with database.write_session() as session:
        old = ended_run(session, OLD, 10, failing=10, state="failed")
        before = runs.run_report(session, old)
    with database.write_session() as session:
        assert retention.delete_requests(session, ended_before=NOW, limit=4) == 4
    with database.read_session() as session:
        assert runs.run_report(session, old) == before


def sight_daily(database: Database, days: int) -> list[datetime]:
    """See one listing once a day at 16:30 UTC, which is the next day in Japan."""
    times = [datetime(2026, 1, 1, 16, 30, tzinfo=UTC) + timedelta(days=day) for day in range(days)]
    with database.write_session() as session:
        for now in times:
            run_id = runs.start_run(session, kind="collect", source="kazami-shop", now=now)
            listings.upsert(session, LISTING, run_id=run_id, now=now)
    return times


def thin(database: Database, before: datetime) -> int:
    after: int | None = 0
    deleted = 0
    for _ in range(MAX_BATCHES):
        if after is None:
            return deleted
        with database.write_session() as session:
            sightings, after = retention.superfluous_sightings(
                session, sighted_before=before, after_listing=after, listings=1
            )
            deleted += retention.delete_sightings(session, sightings)
    pytest.fail(f"the listings have no end: {after}")


def sighting_times(database: Database) -> list[datetime]:
    with database.read_session() as session:
        return list(session.scalars(select(SightingRow.seen_at).order_by(SightingRow.seen_at)))


def test_of_old_months_the_first_and_the_last_sighting_stay(database: Database) -> None:
    times = sight_daily(database, 100)
    # In Japan January begins with the second of these days' evenings: 1 January 16:30 UTC is 2 January there.
    april = datetime(2026, 3, 31, 15, 0, tzinfo=UTC)
    kept = {times[0], times[29], times[30], times[57], times[58], times[88]}
    assert thin(database, april) == 89 - len(kept)
    assert sighting_times(database) == sorted(kept | set(times[89:]))
    assert thin(database, april) == 0


def test_a_summary_of_a_month_counts_the_same_listings_afterwards(database: Database) -> None:
    sight_daily(database, 100)
    months = [(datetime(2026, month, 1, tzinfo=UTC) - timedelta(hours=9)) for month in range(1, 6)]

    def counted() -> list[int]:
        with database.read_session() as session:
            spans = pairwise(months)
            return [reporting.throughput(session, start=start, end=end).listings for start, end in spans]

    before = counted()
    assert before == [1, 1, 1, 1]
    thin(database, datetime(2026, 4, 30, 15, 0, tzinfo=UTC))
    assert counted() == before


def test_old_issues_go(database: Database) -> None:
    with database.write_session() as session:
        run_id = runs.start_run(session, kind="collect", source="rakuten", now=OLD)
        issue = ParseIssue(source="rakuten", where="here", message="what")
        issues.add_issues(session, run_id, [issue] * 7, OLD)
        issues.add_issues(session, run_id, [issue] * 2, NOW)
    with database.write_session() as session:
        assert retention.delete_issues(session, noted_before=NOW, limit=5) == 5
        assert retention.delete_issues(session, noted_before=NOW, limit=5) == 2
        assert retention.delete_issues(session, noted_before=NOW, limit=5) == 0
        assert len(issues.recent_issues(session, "rakuten", 10)) == 2

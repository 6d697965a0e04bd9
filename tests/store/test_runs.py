from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event
from store_records import NOW, requests

from ipwatch.errors import StoreError
from ipwatch.records import FailureReason
from ipwatch.store import frontier, runs
from ipwatch.store.session import Database

LEASE = timedelta(minutes=5)


def test_a_report_has_every_count_and_adds_up(database: Database) -> None:
    with database.write_session() as session:
        run_id = runs.start_run(session, kind="collect", source="rakuten", now=NOW)
        runs.add_counts(session, run_id, planned=frontier.push(session, run_id, requests(6)))
        leased = frontier.take(session, run_id, limit=5, owner="me", now=NOW, lease=LEASE)
        for request in leased[:3]:
            frontier.done(session, request.id, "a" * 64)
        frontier.failed(session, leased[3].id, FailureReason.TIMEOUT, "30 s are over")
        frontier.failed(session, leased[4].id, FailureReason.ROBOTS, "robots.txt forbids it")
        runs.add_counts(session, run_id, fetched=1, unchanged=1, gone=1, failed=2, parsed=40, new=30, changed=5)
        report = runs.finish_run(session, run_id, state="partial", now=NOW + LEASE, message="two requests failed")
    assert report.adds_up
    assert (report.planned, report.left, report.failed) == (6, 1, 2)
    assert report.failures == {FailureReason.TIMEOUT: 1, FailureReason.ROBOTS: 1}
    assert (report.state, report.ended_at, report.message) == ("partial", NOW + LEASE, "two requests failed")
    with database.read_session() as session:
        assert runs.run_report(session, run_id) == report


@pytest.mark.parametrize("wrong", [{"planned": 1}, {"fetched": 1}, {"failed": 1, "planned": 1}])
def test_a_report_that_does_not_add_up_says_so(database: Database, wrong: dict[str, int]) -> None:
    with database.write_session() as session:
        run_id = runs.start_run(session, kind="collect", source="rakuten", now=NOW)
        assert runs.run_report(session, run_id).adds_up
        runs.add_counts(session, run_id, **wrong)
        assert not runs.run_report(session, run_id).adds_up


def test_an_unfinished_run_of_the_same_kind_and_source_is_continued(database: Database) -> None:
    with database.write_session() as session:
        first, resumed = runs.resume_or_start(session, kind="collect", source="rakuten", now=NOW)
        assert not resumed
        assert runs.resume_or_start(session, kind="collect", source="rakuten", now=NOW) == (first, True)
        assert runs.resume_or_start(session, kind="collect", source="ebay", now=NOW)[1] is False
        assert runs.resume_or_start(session, kind="register", source="rakuten", now=NOW)[1] is False
        runs.finish_run(session, first, state="done", now=NOW)
        second, resumed = runs.resume_or_start(session, kind="collect", source="rakuten", now=NOW)
    assert not resumed
    assert second != first


def test_a_run_without_a_source_is_continued_too(database: Database) -> None:
    with database.write_session() as session:
        first, _ = runs.resume_or_start(session, kind="screen", source=None, now=NOW)
        assert runs.resume_or_start(session, kind="screen", source=None, now=NOW) == (first, True)


def test_a_count_that_does_not_exist_is_refused(database: Database) -> None:
    with database.write_session() as session:
        run_id = runs.start_run(session, kind="collect", source="rakuten", now=NOW)
        with pytest.raises(ValueError, match="does not count id, parsd"):
            runs.add_counts(session, run_id, parsd=1, id=3)


def test_a_run_that_does_not_exist_is_refused(database: Database) -> None:
    with database.write_session() as session:
        with pytest.raises(StoreError, match="no run 99"):
            runs.add_counts(session, 99, parsed=1)
        with pytest.raises(StoreError, match="no run 99"):
            runs.run_report(session, 99)
        with pytest.raises(StoreError, match="no run 99"):
            runs.finish_run(session, 99, state="done", now=NOW)


def test_recent_runs_come_newest_first_with_a_constant_number_of_queries(database: Database) -> None:
    with database.write_session() as session:
        ids = [runs.start_run(session, kind="collect", source="rakuten", now=NOW) for _ in range(20)]
        for run_id in ids:
            frontier.push(session, run_id, requests(2))
    with database.read_session() as session:
        statements: list[str] = []
        event.listen(session.get_bind(), "before_cursor_execute", lambda *given: statements.append(given[2]))
        reports = runs.recent_runs(session, 15)
    assert [report.id for report in reports] == sorted(ids, reverse=True)[:15]
    assert all(report.left == 2 for report in reports)
    assert len([statement for statement in statements if statement.startswith("SELECT")]) == 3


def test_the_usual_number_of_records_comes_from_complete_earlier_runs(database: Database) -> None:
    with database.write_session() as session:
        for parsed, state in [(10, "done"), (20, "failed"), (30, "done"), (40, "done")]:
            run_id = runs.start_run(session, kind="collect", source="rakuten", now=NOW)
            runs.add_counts(session, run_id, parsed=parsed)
            runs.finish_run(session, run_id, state=state, now=NOW)
        assert runs.usual_parsed(session, "rakuten", before=run_id, limit=7) == [30, 10]
        assert runs.usual_parsed(session, "rakuten", before=run_id, limit=1) == [30]
        assert runs.usual_parsed(session, "ebay", before=run_id, limit=7) == []

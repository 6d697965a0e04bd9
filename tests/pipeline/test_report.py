from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from pipeline.conftest import NOW

from ipwatch.errors import ConfigError
from ipwatch.pipeline.report import build, gather
from ipwatch.pipeline.workspace import Workspace
from ipwatch.records import SourceCondition, SourceSetup, Verdict
from ipwatch.reports.data import ReportData
from ipwatch.reports.html_page import render_html
from ipwatch.reports.words import text
from ipwatch.sources import load_sources
from ipwatch.store import audit, review, runs, sources
from ipwatch.store.reporting import suspicions

NOVEMBER = (date(2026, 11, 1), date(2026, 11, 30))
MADE = datetime(2026, 12, 1, 0, 0, tzinfo=UTC)
# Everything was read once, nine days before the summary.
READ = ("shopify", "webshop", "jpo")
SETUPS = {
    name: SourceSetup(
        info=source.INFO, interval=timedelta(days=7), missing=() if name in READ else ("X",), touched=name in READ
    )
    for name, source in load_sources().items()
}


def funnel(workspace: Workspace, first: date = NOVEMBER[0], last: date = NOVEMBER[1]) -> dict[str, int]:
    data = gather(workspace.database, first_day=first, last_day=last, made_at=MADE, setups=SETUPS)
    return {step.key: step.count for step in data.funnel}


def decide(workspace: Workspace, verdict: Verdict, now: datetime) -> None:
    with workspace.database.write_session() as session:
        review.record_decision(
            session, case_id=1, expected_version=0, verdict=verdict, reviewer="山田 花子", note="", now=now
        )


def test_the_funnel_counts_what_the_store_holds(screened: Workspace) -> None:
    counts = funnel(screened)
    with screened.database.read_session() as session:
        assert counts["suspected"] == len(suspicions(session)) > 0
    assert counts["listings_seen"] > 0
    assert counts["filings_seen"] > 0
    assert counts["comparisons"] == counts["listings_seen"] + counts["filings_seen"]
    assert counts["reviewed"] == 0


def test_every_breakdown_sums_to_the_suspected_cases(screened: Workspace) -> None:
    data = gather(screened.database, first_day=NOVEMBER[0], last_day=NOVEMBER[1], made_at=MADE, setups=SETUPS)
    suspected = next(step.count for step in data.funnel if step.key == "suspected")
    for name, rows in data.breakdowns:
        assert sum(row.suspected for row in rows) == suspected, name
        assert all(row.adds_up for row in rows)
    assert {coverage.source for coverage in data.coverage if coverage.counts} == set(READ)
    assert data.complete


def november(workspace: Workspace, setups: Mapping[str, SourceSetup]) -> ReportData:
    return gather(workspace.database, first_day=NOVEMBER[0], last_day=NOVEMBER[1], made_at=MADE, setups=setups)


def test_a_source_that_went_unread_for_long_makes_the_summary_not_complete(screened: Workspace) -> None:
    daily = {name: replace(setup, interval=timedelta(days=1)) for name, setup in SETUPS.items()}
    data = november(screened, daily)
    (jpo,) = [coverage for coverage in data.coverage if coverage.source == "jpo"]
    assert jpo.runs == jpo.runs_complete == 1
    assert (jpo.gap, jpo.complete, data.complete) == (True, False, False)
    # Read on 22 November at 12:00 in Japan; the month ends there 8 days and 12 hours later.
    assert jpo.unread_hours == 8 * 24 + 12
    for language in ("ja", "en"):
        page = render_html(data, language).decode()
        assert text("gap", language) in page
        assert "2026-11-22 12:00 JST" in page


def test_what_nobody_configured_is_named_so_and_costs_the_summary_nothing(screened: Workspace) -> None:
    with screened.database.write_session() as session:
        sources.set_state(session, "ebay", "failed", message="ebay: not configured", now=NOW)
    data = november(screened, SETUPS)
    assert data.complete
    (ebay,) = [coverage for coverage in data.coverage if coverage.source == "ebay"]
    assert (ebay.health.conditions, ebay.counts) == ((SourceCondition.NOT_CONFIGURED,), False)
    page = render_html(data, "en").decode()
    assert "not configured" in page
    assert "failed</td>" not in page


def test_a_source_that_was_configured_in_the_period_and_failed_still_counts(screened: Workspace) -> None:
    with screened.database.write_session() as session:
        run = runs.start_run(session, kind="collect", source="ebay", now=NOW)
        runs.finish_run(session, run, state="failed", now=NOW, message="nothing could be read")
        sources.set_state(session, "ebay", "failed", message="nothing could be read", run_id=run, now=NOW)
    data = november(screened, SETUPS)
    (ebay,) = [coverage for coverage in data.coverage if coverage.source == "ebay"]
    assert (ebay.counts, ebay.complete, data.complete) == (True, False, False)
    # In the month before nobody had configured it: there it counts no more.
    before = gather(
        screened.database, first_day=date(2026, 10, 1), last_day=date(2026, 10, 31), made_at=MADE, setups=SETUPS
    )
    assert not next(coverage for coverage in before.coverage if coverage.source == "ebay").counts


def test_a_source_that_is_switched_off_is_named_so(screened: Workspace) -> None:
    data = november(screened, SETUPS | {"ebay": replace(SETUPS["ebay"], enabled=False)})
    assert data.complete
    assert "停止中" in render_html(data, "ja").decode()


def test_a_decision_counts_from_the_day_it_was_taken(screened: Workspace) -> None:
    decide(screened, Verdict.GENUINE, datetime(2026, 11, 25, 15, 0, tzinfo=UTC))
    before, after = funnel(screened, last=date(2026, 11, 25)), funnel(screened)
    assert (before["reviewed"], before["genuine"]) == (0, 0)
    assert (after["reviewed"], after["genuine"]) == (1, 1)
    assert before["suspected"] == after["suspected"]


def test_a_summary_bears_the_head_of_the_audit_trail(screened: Workspace, tmp_path: Path) -> None:
    def built() -> tuple[str | None, str, bytes]:
        data, paths = build(
            screened.database,
            first_day=NOVEMBER[0],
            last_day=NOVEMBER[1],
            made_at=MADE,
            setups=SETUPS,
            directory=tmp_path,
        )
        japanese, _, table = (path.read_bytes() for path in paths)
        return data.audit_head, japanese.decode(), table

    assert built()[0] is None
    decide(screened, Verdict.GENUINE, MADE)
    with screened.database.read_session() as session:
        head = audit.head(session)
    shown, page, table = built()
    assert head is not None
    assert shown == head
    assert head in page
    # The table is for counting on, and the same whenever it is made.
    assert head.encode() not in table


def test_another_period_is_empty_and_says_that_nothing_ran(screened: Workspace) -> None:
    data = gather(
        screened.database, first_day=date(2026, 9, 1), last_day=date(2026, 9, 30), made_at=MADE, setups=SETUPS
    )
    assert all(step.count == 0 for step in data.funnel)
    assert not data.complete


def test_a_period_that_ends_before_it_begins_is_refused(screened: Workspace) -> None:
    with pytest.raises(ConfigError, match="swap --from and --to"):
        gather(screened.database, first_day=NOVEMBER[1], last_day=NOVEMBER[0], made_at=MADE, setups=SETUPS)


def test_the_files_are_whole_name_no_seller_and_agree(screened: Workspace, tmp_path: Path) -> None:
    out = tmp_path / "summaries"
    data, paths = build(
        screened.database, first_day=NOVEMBER[0], last_day=NOVEMBER[1], made_at=MADE, setups=SETUPS, directory=out
    )
    assert sorted(path.name for path in paths) == sorted(path.name for path in out.iterdir())
    table = next(path for path in paths if path.suffix == ".csv")
    with table.open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["table"] == "funnel"]
    assert {row["measure"]: int(row["value"]) for row in rows} == {step.key: step.count for step in data.funnel}
    again, _ = build(
        screened.database,
        first_day=NOVEMBER[0],
        last_day=NOVEMBER[1],
        made_at=MADE,
        setups=SETUPS,
        directory=tmp_path / "again",
    )
    assert again == data
    for path in paths:
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes()


def test_a_directory_that_cannot_be_written_is_named(screened: Workspace, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(ConfigError, match="name another --out"):
        build(
            screened.database,
            first_day=NOVEMBER[0],
            last_day=NOVEMBER[1],
            made_at=MADE,
            setups=SETUPS,
            directory=blocked / "out",
        )


@pytest.mark.parametrize("period", [(date.min, NOVEMBER[1]), (NOVEMBER[0], date.max)])
def test_a_period_beyond_the_calendar_is_refused(workspace: Workspace, period: tuple[date, date]) -> None:
    with pytest.raises(ConfigError, match="no report can be made from"):
        gather(workspace.database, first_day=period[0], last_day=period[1], made_at=MADE, setups=SETUPS)

from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ipwatch.errors import ConfigError
from ipwatch.pipeline.report import build, gather
from ipwatch.pipeline.workspace import Workspace
from ipwatch.records import Verdict
from ipwatch.store import review
from ipwatch.store.reporting import suspicions

NOVEMBER = (date(2026, 11, 1), date(2026, 11, 30))
MADE = datetime(2026, 12, 1, 0, 0, tzinfo=UTC)


def funnel(workspace: Workspace, first: date = NOVEMBER[0], last: date = NOVEMBER[1]) -> dict[str, int]:
    data = gather(workspace.database, first_day=first, last_day=last, made_at=MADE)
    return {step.key: step.count for step in data.funnel}


def decide(workspace: Workspace, verdict: Verdict, at: datetime) -> None:
    with workspace.database.writing() as session:
        review.record_decision(
            session, case_id=1, seen_version=0, verdict=verdict, reviewer="山田 花子", note="", at=at
        )


def test_the_funnel_counts_what_the_store_holds(screened: Workspace) -> None:
    counts = funnel(screened)
    with screened.database.reading() as session:
        assert counts["suspected"] == len(suspicions(session)) > 0
    assert counts["listings_seen"] > 0
    assert counts["filings_seen"] > 0
    assert counts["comparisons"] == counts["listings_seen"] + counts["filings_seen"]
    assert counts["reviewed"] == 0


def test_every_breakdown_sums_to_the_suspected_cases(screened: Workspace) -> None:
    data = gather(screened.database, first_day=NOVEMBER[0], last_day=NOVEMBER[1], made_at=MADE)
    suspected = next(step.count for step in data.funnel if step.key == "suspected")
    for name, rows in data.breakdowns:
        assert sum(row.suspected for row in rows) == suspected, name
        assert all(row.adds_up for row in rows)
    assert {one.source for one in data.coverage} == {"shopify", "webshop", "jpo"}
    assert data.complete


def test_a_decision_counts_from_the_day_it_was_taken(screened: Workspace) -> None:
    decide(screened, Verdict.GENUINE, datetime(2026, 11, 25, 15, 0, tzinfo=UTC))
    before, after = funnel(screened, last=date(2026, 11, 25)), funnel(screened)
    assert (before["reviewed"], before["genuine"]) == (0, 0)
    assert (after["reviewed"], after["genuine"]) == (1, 1)
    assert before["suspected"] == after["suspected"]


def test_another_period_is_empty_and_says_that_nothing_ran(screened: Workspace) -> None:
    data = gather(screened.database, first_day=date(2026, 9, 1), last_day=date(2026, 9, 30), made_at=MADE)
    assert all(step.count == 0 for step in data.funnel)
    assert not data.complete


def test_a_period_that_ends_before_it_begins_is_refused(screened: Workspace) -> None:
    with pytest.raises(ConfigError, match="swap --from and --to"):
        gather(screened.database, first_day=NOVEMBER[1], last_day=NOVEMBER[0], made_at=MADE)


def test_the_files_are_whole_name_no_seller_and_agree(screened: Workspace, tmp_path: Path) -> None:
    out = tmp_path / "summaries"
    data, paths = build(screened.database, first_day=NOVEMBER[0], last_day=NOVEMBER[1], made_at=MADE, directory=out)
    assert sorted(path.name for path in paths) == sorted(path.name for path in out.iterdir())
    table = next(path for path in paths if path.suffix == ".csv")
    with table.open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["table"] == "funnel"]
    assert {row["measure"]: int(row["value"]) for row in rows} == {step.key: step.count for step in data.funnel}
    again, _ = build(
        screened.database, first_day=NOVEMBER[0], last_day=NOVEMBER[1], made_at=MADE, directory=tmp_path / "again"
    )
    assert again == data
    for path in paths:
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes()


def test_a_directory_that_cannot_be_written_is_named(screened: Workspace, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(ConfigError, match="name another --out"):
        build(screened.database, first_day=NOVEMBER[0], last_day=NOVEMBER[1], made_at=MADE, directory=blocked / "out")


@pytest.mark.parametrize("period", [(date.min, NOVEMBER[1]), (NOVEMBER[0], date.max)])
def test_a_period_beyond_the_calendar_is_refused(workspace: Workspace, period: tuple[date, date]) -> None:
    with pytest.raises(ConfigError, match="no report can be made from"):
        gather(workspace.database, first_day=period[0], last_day=period[1], made_at=MADE)

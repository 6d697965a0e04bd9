"""Summaries count mentions and suspected listings apart, each once, in the period that it belongs to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from pipeline.judged_shop import CHEAP, COPY, MARKET, ON, TEA, TOWEL, store, workspace
from sqlalchemy import select, update

from ipwatch.errors import IpwatchError
from ipwatch.pipeline.report import gather, reconcile
from ipwatch.pipeline.screen import Screening
from ipwatch.reports.data import ReportData
from ipwatch.store.session import Database
from ipwatch.store.tables import CaseRow

MADE = datetime(2027, 1, 5, tzinfo=UTC)


def run(database: Database, folder: Path, now: datetime) -> None:
    screened = Screening(replace(workspace(database, folder), now=lambda: now), on=ON)
    while screened.step():
        pass
    screened.conclude()


def summary(database: Database, month: int) -> ReportData:
    last = {10: 31, 11: 30, 12: 31}[month]
    data = gather(database, first_day=date(2026, month, 1), last_day=date(2026, month, last), made_at=MADE, setups={})
    reconcile(data)
    return data


def steps(data: ReportData) -> dict[str, int]:
    return {step.key: step.count for step in data.funnel}


def test_every_listing_that_names_a_mark_is_counted_once(database: Database, tmp_path: Path) -> None:
    store(database, MARKET)
    run(database, tmp_path, datetime(2026, 11, 10, tzinfo=UTC))
    data = summary(database, 11)
    counted = steps(data)
    assert [counted[key] for key in ("named", "mentions", "earlier", "suspected")] == [20, 18, 0, 2]
    (source,) = data.exposure_by_source
    assert (source.key, source.named, source.per_thousand) == ("rakuten", 20, 100.0)
    assert {row.key: (row.mentions, row.suspected) for row in data.exposure_by_holder} == {
        TOWEL.watchlist: (13, 2),
        TEA.watchlist: (5, 0),
    }
    assert data.names[TOWEL.watchlist] == (TOWEL.text, TOWEL.text)
    assert steps(summary(database, 10))["named"] == steps(summary(database, 12))["named"] == 0


def test_a_mention_that_becomes_suspected_later_is_counted_in_each_period_as_it_was_then(
    database: Database, tmp_path: Path
) -> None:
    store(database, [replace(COPY, title="風見タオル バスタオル"), CHEAP])
    run(database, tmp_path, datetime(2026, 10, 10, tzinfo=UTC))
    before = steps(summary(database, 10))
    assert (before["mentions"], before["suspected"]) == (2, 0)
    store(database, [COPY])
    run(database, tmp_path, datetime(2026, 11, 10, tzinfo=UTC))
    assert steps(summary(database, 10)) == before
    november = steps(summary(database, 11))
    assert (november["named"], november["mentions"], november["suspected"]) == (1, 0, 1)


def test_a_case_whose_last_finding_of_the_period_is_a_mention_is_a_mention(database: Database, tmp_path: Path) -> None:
    store(database, MARKET)
    run(database, tmp_path, datetime(2026, 10, 10, tzinfo=UTC))
    store(database, [replace(COPY, title="風見タオル バスタオル")])
    run(database, tmp_path, datetime(2026, 11, 10, tzinfo=UTC))
    october, november = steps(summary(database, 10)), steps(summary(database, 11))
    assert (october["mentions"], october["suspected"]) == (18, 2)
    assert november["named"] == november["suspected"] == 0
    data = gather(database, first_day=date(2026, 10, 1), last_day=date(2026, 11, 30), made_at=MADE, setups={})
    reconcile(data)
    assert (steps(data)["mentions"], steps(data)["suspected"]) == (19, 1)


def test_what_only_an_earlier_version_flagged_is_counted_apart(database: Database, tmp_path: Path) -> None:
    store(database, MARKET)
    run(database, tmp_path, datetime(2026, 11, 10, tzinfo=UTC))
    with database.write_session() as session:
        case_id = session.scalars(select(CaseRow.id).order_by(CaseRow.id)).first()
        # As a migrated case: its findings were made before listings were judged.
        session.execute(
            update(CaseRow).where(CaseRow.id == case_id).values(opened_at=datetime(2026, 10, 1, tzinfo=UTC))
        )
    october = summary(database, 10)
    assert [steps(october)[key] for key in ("named", "earlier", "suspected")] == [1, 1, 0]
    assert october.exposure_by_right[0].per_thousand is None


def test_a_table_of_exposure_that_does_not_add_up_is_refused(database: Database, tmp_path: Path) -> None:
    store(database, MARKET)
    run(database, tmp_path, datetime(2026, 11, 10, tzinfo=UTC))
    data = summary(database, 11)
    wrong = replace(data.exposure_by_right[0], mentions=17)
    with pytest.raises(IpwatchError, match="exposure_by_right"):
        reconcile(replace(data, exposure_by_right=(wrong,)))

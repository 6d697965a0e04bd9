"""Deployment ``report``: the periodic summary of the previous month, or of a given period."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from prefect import flow

from flows._entry import opened, utc_now
from ipwatch.bootstrap import locks_of, source_setups
from ipwatch.pipeline.cycle import today_in_japan
from ipwatch.pipeline.report import build


@flow(name="report", persist_result=False)
def report(first_day: str | None = None, last_day: str | None = None, out: str | None = None) -> list[str]:
    """Write the summary and return the paths of its files; days are ISO dates in Japan's time."""
    with opened(None) as (settings, workspace):
        last = date.fromisoformat(last_day) if last_day else last_day_of_month_before(today_in_japan(utc_now()))
        first = date.fromisoformat(first_day) if first_day else last.replace(day=1)
        directory = Path(out) if out else settings.data_dir / "reports"
        _, paths = build(
            workspace.database,
            first_day=first,
            last_day=last,
            made_at=utc_now(),
            directory=directory,
            setups=source_setups(settings),
            locks=locks_of(settings),
        )
    return [str(path) for path in paths]


def last_day_of_month_before(today: date) -> date:
    """Return the last day of the previous month."""
    return today.replace(day=1) - timedelta(days=1)

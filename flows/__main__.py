"""``python -m flows``: one cycle through the flows, in the order of the schedules."""

from __future__ import annotations

from prefect import flow

from flows._entry import opened, utc_now
from flows.collect import collect
from flows.register import register
from flows.report import report
from flows.screen import screen
from ipwatch.pipeline.cycle import choose_sources, today_in_japan
from ipwatch.records import SourceKind
from ipwatch.sources import get_source


@flow(name="cycle", persist_result=False)
def cycle() -> None:
    """Collect every configured source, screen, and write the summary of this month so far."""
    with opened(None) as (_, workspace):
        names = choose_sources(workspace, ())
    for name in names:
        is_register = get_source(name).INFO.kind is SourceKind.REGISTER
        (register if is_register else collect)(name, return_state=True)
    screen()
    today = today_in_japan(utc_now())
    report(first_day=today.replace(day=1).isoformat(), last_day=today.isoformat())


if __name__ == "__main__":
    cycle()

"""Deployment ``screen``: compare what is new or changed with the watched marks."""

from __future__ import annotations

from typing import Any

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows._entry import opened, utc_now
from ipwatch.pipeline.cycle import today_in_japan
from ipwatch.pipeline.screen import Screening, screening_alone
from ipwatch.pipeline.status import plain


@task(name="compare-batch", cache_policy=NO_CACHE, persist_result=False, retries=0)
def compare_batch(screening: Screening) -> int:
    """Compare the next batch of records and return how many there were."""
    return screening.step()


@flow(name="screen", persist_result=False)
def screen(watchlists: list[str] | None = None) -> dict[str, Any]:
    """Screen every record that is due."""
    on = today_in_japan(utc_now())
    with opened(watchlists) as (_, workspace), screening_alone(workspace, on=on) as screening:
        while compare_batch(screening):
            pass
        return plain(screening.conclude())

"""Common beginning and end of flows: read the settings, open the workspace, return the final state."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.logging.handlers import APILogHandler
from prefect.states import Completed, Failed

from ipwatch import logs
from ipwatch.bootstrap import PRIVATE_UMASK, open_installation
from ipwatch.pipeline.collect import Collection
from ipwatch.pipeline.cycle import open_source, paused
from ipwatch.pipeline.status import plain
from ipwatch.pipeline.workspace import Workspace
from ipwatch.settings import Settings, load_settings
from ipwatch.sources import get_source
from ipwatch.sources.contract import missing_settings


def utc_now() -> datetime:
    """Return the current time; flows are entry points, nothing below them reads the clock."""
    return datetime.now(UTC)


@contextmanager
def opened(watchlists: Sequence[str] | None) -> Iterator[tuple[Settings, Workspace]]:
    """Open the installation that the environment describes."""
    # The operator's own worker may have another umask.
    os.umask(PRIVATE_UMASK)
    settings = load_settings()
    logs.configure(settings.log_level, also=[APILogHandler()], secrets=settings.secrets())
    with open_installation(settings, now=utc_now, watchlists=watchlists or ()) as workspace:
        yield settings, workspace


# The fetcher retries by itself, so a retry here would multiply the two. Results are counts in the database.
@task(name="fetch-batch", cache_policy=NO_CACHE, persist_result=False, retries=0)
def fetch_batch(collection: Collection, ids: list[int]) -> int:
    """Fetch one batch of the frontier, by the ids of its requests."""
    collection.work(ids)
    return len(ids)


def collect_source(source: str, watchlists: Sequence[str] | None) -> State[dict[str, Any]]:
    """Collect one source, a task per batch; failed where the source could not be read.

    A source that is not configured is no failure: not every deployed schedule needs its source.
    """
    with opened(watchlists) as (settings, workspace):
        if not settings.reads(source):
            return Completed(message=f"{source} is switched off by IPWATCH_SOURCES__{source.upper()}__ENABLED")
        if missing := missing_settings(get_source(source).INFO, settings.source_options(source)):
            return Completed(message=f"not configured: {source} is read once {', '.join(missing)} is set")
        if (pause := paused(source, workspace)) is not None:
            return Failed(message=f"{source} was not read: {pause}")
        with open_source(source, workspace) as (fetcher, extractor):
            collection = Collection(source, workspace, fetcher, extractor)
            while ids := collection.lease():
                fetch_batch(collection, ids)
            report = collection.conclude()
    if report.state == "failed":
        # Prefect treats the data of a failed state as an exception; the counts are in the database.
        return Failed(message=report.message)
    return Completed(message=report.message, data=plain(report))

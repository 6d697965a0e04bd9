"""Several processes of one installation at once, on SQLite and on PostgreSQL: one compares at a time, nothing twice."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from pipeline.conftest import NOW
from pipeline.shop import Shop, watching
from sqlalchemy import func, select
from store_records import listings as invented

from ipwatch.errors import IpwatchError
from ipwatch.pipeline.cycle import open_source
from ipwatch.pipeline.progress import Progress
from ipwatch.pipeline.screen import LOCK, WAIT, screen
from ipwatch.pipeline.workspace import Workspace
from ipwatch.store import listings, runs
from ipwatch.store.runs import RunReport
from ipwatch.store.session import Database, Session
from ipwatch.store.tables import ListingRow

RECORDS, SCREENINGS = 300, 3


@pytest.fixture
def workspace(database_url: str, tmp_path: Path) -> Iterator[Workspace]:
    with watching(Shop(port=9), tmp_path, database_url) as opened:
        yield opened


@pytest.fixture
def same(workspace: Workspace, database_url: str, tmp_path: Path) -> Iterator[Workspace]:
    """The same installation as another process has it; on PostgreSQL on another machine."""
    database = Database(database_url)
    machine = tmp_path / "machine" / "spool" if database.is_postgres else workspace.policy.spool
    yield replace(workspace, database=database, policy=replace(workspace.policy, spool=machine))
    database.dispose()


def collect(workspace: Workspace, count: int) -> None:
    def store(session: Session) -> None:
        run_id = runs.start_run(session, kind="collect", source="shop", now=NOW)
        listings.upsert_many(session, invented(count), run_id=run_id, now=NOW)

    workspace.database.write(store)


def test_screenings_wait_for_each_other_and_each_counts_what_it_compared_itself(
    workspace: Workspace, same: Workspace
) -> None:
    collect(workspace, RECORDS)
    progress: list[Progress] = []
    reports: list[RunReport] = []
    errors: list[BaseException] = []
    waiting = replace(same, report=progress.append)

    def work() -> None:
        try:
            reports.append(screen(waiting, on=NOW.date()))
        except BaseException as error:  # noqa: BLE001 - shown by the test
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(SCREENINGS)]
    with workspace.lock(LOCK) as lock:
        assert lock.take()
        for thread in threads:
            thread.start()
        while sum(step.stage == WAIT for step in progress) < 2 * SCREENINGS and not errors:
            assert all(step.stage == WAIT for step in progress)
            time.sleep(0.01)
        # What is collected while another one screens is compared by those who wait.
        collect(workspace, 2 * RECORDS)
        assert (
            workspace.database.read(lambda session: session.scalar(select(func.max(ListingRow.screened_key)))) is None
        )
    for thread in threads:
        thread.join(300)
    assert errors == []
    assert sorted(report.screened for report in reports) == [0] * (SCREENINGS - 1) + [2 * RECORDS]
    assert len({report.id for report in reports}) == SCREENINGS
    assert all(report.state == "done" for report in reports)


def test_a_source_is_read_by_one_process_on_whatever_machine(workspace: Workspace, same: Workspace) -> None:
    with ExitStack() as first:
        first.enter_context(open_source("webshop", workspace))
        with pytest.raises(IpwatchError, match="being read by another process"), open_source("webshop", same):
            pass
        with open_source("shopify", same):
            pass
    with open_source("webshop", same):
        pass

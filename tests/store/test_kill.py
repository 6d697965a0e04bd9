"""A process that is killed in the middle of its work: the next one goes on, nothing is lost and nothing doubled."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select, text
from store_records import NOW, requests

from ipwatch.store import frontier, runs
from ipwatch.store.session import Database
from ipwatch.store.tables import ListingRow, ListingVersionRow, SightingRow

SMALL_ROUND, WHOLE = (240, 3), (400, 5)
"""How many pages there are, and how often their crawl is killed."""

PER_PAGE = 3
CRAWL = Path(__file__).parent / "crawl_until_done.py"


def _start(url: str, pages: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, str(CRAWL), url, str(pages), str(PER_PAGE)])  # noqa: S603 - our own script


def test_a_killed_crawl_goes_on_and_doubles_nothing(database: Database, database_url: str, *, whole: bool) -> None:
    pages, kills = WHOLE if whole else SMALL_ROUND
    chance = random.Random(20261122)  # noqa: S311 - when to kill, not a secret
    killed = 0
    for _ in range(kills):
        crawl = _start(database_url, pages)
        _wait_for_progress(database, crawl, chance.randint(5, 60))
        crawl.kill()
        killed += crawl.wait(timeout=30) != 0
        if database_url.startswith("sqlite"):
            with database.read_session() as session:
                assert session.scalar(text("PRAGMA integrity_check")) == "ok"
    assert killed == kills
    assert _start(database_url, pages).wait(timeout=120) == 0
    with database.read_session() as session:
        (report,) = runs.recent_runs(session, 10)
        assert report.state == "done"
        assert report.adds_up
        assert (report.planned, report.fetched, report.left) == (pages, pages, 0)
        assert (report.parsed, report.new) == (pages * PER_PAGE, pages * PER_PAGE)
        for table in (ListingRow, ListingVersionRow, SightingRow):
            assert session.scalar(select(func.count()).select_from(table)) == pages * PER_PAGE


def _wait_for_progress(database: Database, crawl: subprocess.Popen[bytes], pages: int) -> None:
    """Return when the crawl has written so many more pages than before."""
    start = _fetched(database)
    deadline = time.monotonic() + 60
    while _fetched(database) < start + pages:
        assert crawl.poll() is None, "the crawl ended before it was killed"
        assert time.monotonic() < deadline, "the crawl makes no progress"
        time.sleep(0.02)


def _fetched(database: Database) -> int:
    with database.read_session() as session:
        return sum(report.fetched for report in runs.recent_runs(session, 1))


def test_a_worker_that_dies_holding_leases_blocks_nobody(database: Database) -> None:
    with database.write_session() as session:
        run_id, _ = runs.resume_or_start(session, kind="collect", source="shop", now=NOW)
        frontier.push(session, run_id, requests(10))
        frontier.take(session, run_id, limit=10, owner="dead", now=NOW, lease=timedelta(hours=1))
    with database.write_session() as session:
        assert runs.resume_or_start(session, kind="collect", source="shop", now=NOW) == (run_id, True)
        frontier.release(session, run_id)
        assert len(frontier.take(session, run_id, limit=10, owner="new", now=NOW, lease=timedelta(hours=1))) == 10

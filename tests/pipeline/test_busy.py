"""A cycle on a database that others use too: nothing slow in a transaction, and a blip of the server costs nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from conftest import PostgresServer
from drawn import drawing, encoded
from pipeline.conftest import NOW
from pipeline.shop import PNG, Shop, serving, watching
from sqlalchemy import func, select

from ipwatch.evidence import EvidenceStore
from ipwatch.pipeline.cycle import collect_one, run_cycle
from ipwatch.pipeline.screen import screening_alone
from ipwatch.pipeline.workspace import Workspace
from ipwatch.store import filings, listings, pictures, runs, watchlists
from ipwatch.store.tables import CaptureRow, ListingRow, PictureRow
from ipwatch.store.turns import Turns, turns_at

TODAY = NOW.date()
PAGES = 60
# What takes its time: packing pictures, turning records into JSON, reading and writing evidence.
SLOW = (
    (pictures, "pack"),
    (watchlists, "pack"),
    (listings, "dump"),
    (filings, "dump"),
    (watchlists, "dump"),
    (EvidenceStore, "put"),
    (EvidenceStore, "read"),
)


@pytest.fixture
def shop() -> Iterator[Shop]:
    with serving() as served:
        served.offer(*(f"/products/{number}" for number in range(PAGES)), picture="/%d.png")
        for number in range(PAGES):
            served.bodies[f"/{number}.png"] = PNG, encoded(drawing((120, 90)).rotate(number))
        yield served


@pytest.fixture
def workspace(shop: Shop, tmp_path: Path) -> Iterator[Workspace]:
    with watching(shop, tmp_path) as opened:
        yield opened


def count(workspace: Workspace, table: type) -> int:
    return workspace.database.read(lambda session: session.scalar(select(func.count()).select_from(table)) or 0)


def test_nothing_slow_is_done_while_nobody_else_can_write(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = turns_at(str(Path(workspace.database.url.database or "").resolve()))
    done: list[str] = []
    inside: list[str] = []

    def watched(name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def watch(*given: Any, **named: Any) -> Any:
            (inside if turns._owner == threading.get_ident() else done).append(name)
            return work(*given, **named)

        return watch

    for owner, name in SLOW:
        monkeypatch.setattr(owner, name, watched(f"{owner.__name__}.{name}", getattr(owner, name)))
    collect_one("webshop", workspace)
    with screening_alone(workspace, on=TODAY) as screening:
        while screening.step():
            pass
        screening.conclude()
    assert inside == []
    assert {"ipwatch.store.listings.dump", "ipwatch.store.watchlists.dump", "EvidenceStore.put"} <= set(done)
    assert count(workspace, PictureRow) == PAGES


def test_one_transaction_stores_no_more_than_it_may(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The write lock is held for a few hundred rows at most, however large a batch or a sitemap is."""
    rows: list[int] = []
    give_back, write = Turns.give_back, listings.write_prepared
    stored = threading.local()

    def counted(session: Any, prepared: Any, **given: Any) -> Any:
        stored.rows = getattr(stored, "rows", 0) + len(prepared)
        return write(session, prepared, **given)

    def ended(turns: Turns) -> None:
        rows.append(getattr(stored, "rows", 0))
        stored.rows = 0
        give_back(turns)

    monkeypatch.setattr(listings, "write_prepared", counted)
    monkeypatch.setattr(Turns, "give_back", ended)
    monkeypatch.setattr("ipwatch.pipeline.ingest.MAX_ROWS", 20)
    report = collect_one("webshop", workspace)
    assert report.adds_up
    assert report.parsed > 20
    assert max(rows) <= 20


@pytest.fixture
def on_postgres(shop: Shop, tmp_path: Path, postgres_server: PostgresServer) -> Iterator[Workspace]:
    url = postgres_server.create(migrated=True)
    with watching(shop, tmp_path, url) as opened:
        yield opened
    postgres_server.drop(url)


@pytest.mark.postgres
def test_a_cycle_goes_on_while_the_server_ends_its_connections(on_postgres: Workspace) -> None:
    url = on_postgres.database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    over = threading.Event()
    ended = 0

    def end_connections() -> None:
        """End every connection each time that something was stored since the last time."""
        nonlocal ended
        before = -1
        others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        with psycopg.connect(url, autocommit=True) as connection:
            while not over.wait(0.1):
                row = connection.execute(
                    "SELECT (SELECT count(*) FROM capture) + (SELECT count(*) FROM run)"
                ).fetchone()
                if row is not None and row[0] != before:
                    before = row[0]
                    ended += len(connection.execute(f"SELECT pg_terminate_backend(pid) {others}").fetchall())

    thread = threading.Thread(target=end_connections)
    thread.start()
    try:
        cycle = run_cycle(["webshop"], on_postgres)
    finally:
        over.set()
        thread.join()
    assert ended > 0
    assert cycle.refused == {}
    report = cycle.collected["webshop"]
    assert report.adds_up
    assert (report.state, report.left, report.failed) == ("done", 0, 0)
    assert report.new == count(on_postgres, ListingRow) == PAGES
    assert count(on_postgres, CaptureRow) == report.fetched + report.unchanged + report.gone
    assert count(on_postgres, PictureRow) == PAGES
    assert cycle.screened.screened == PAGES
    with on_postgres.database.read_session() as session:
        assert [run.state for run in runs.recent_runs(session, 10)] == ["done", "done"]

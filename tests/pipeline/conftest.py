from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Protocol

import pytest

from ipwatch.pipeline.workspace import Workspace
from ipwatch.records import SourceOptions
from ipwatch.sandbox import Sandbox, World, build_world, running
from ipwatch.settings import Settings, SourceSettings
from ipwatch.store.session import upgrade

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


class Installation(Protocol):
    """Opens a workspace of one installation; the same data each time."""

    def __call__(self, **sources: SourceOptions) -> AbstractContextManager[Workspace]: ...


@pytest.fixture(scope="session")
def small_world() -> World:
    return build_world(5, 150, TODAY)


@pytest.fixture(scope="session")
def shared_market(small_world: World) -> Iterator[Sandbox]:
    with running(small_world) as sandbox:
        yield sandbox


@pytest.fixture
def market(shared_market: Sandbox) -> Sandbox:
    shared_market.set_faults([])
    return shared_market


@pytest.fixture
def settings(market: Sandbox, small_world: World, tmp_path: Path) -> Settings:
    small_world.write_watchlists(tmp_path / "watchlists")
    chosen = Settings(
        data_dir=tmp_path / "data",
        watchlist_dir=tmp_path / "watchlists",
        allow_addresses=(f"127.0.0.1:{market.port}",),
        interval=0.0,
        sources={name: SourceSettings.from_options(options) for name, options in market.sources.items()},
    )
    chosen.data_dir.mkdir()
    upgrade(chosen.url_of_database)
    return chosen


@pytest.fixture
def workspace(settings: Settings) -> Iterator[Workspace]:
    with settings.workspace(now=lambda: NOW) as opened:
        yield opened

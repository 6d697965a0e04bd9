"""A Prefect server of its own for these tests, started as `ipwatch up` starts it, and an installation for the flows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from orchestration import Installation, PrefectServer, free_port, settings_for

from ipwatch.cli.orchestrator import child, prefect_environment, wait_until_healthy
from ipwatch.sandbox import Sandbox, World, build_world, running
from ipwatch.store.session import Database, upgrade


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrefectServer]:
    directory = tmp_path_factory.mktemp("orchestrator")
    port = free_port()
    environment = prefect_environment(directory, port=port)
    log = directory / "server.log"
    with child(["prefect", "server", "start"], environment, log=log) as server:
        wait_until_healthy(f"http://127.0.0.1:{port}/api/health", server, log)
        yield PrefectServer(port=port, environment=environment)


@pytest.fixture(scope="session")
def small_world() -> World:
    return build_world(5, 150, date(2026, 11, 22))


@pytest.fixture(scope="session")
def shared_market(small_world: World) -> Iterator[Sandbox]:
    with running(small_world) as sandbox:
        yield sandbox


@pytest.fixture
def market(shared_market: Sandbox) -> Sandbox:
    shared_market.set_faults([])
    return shared_market


@pytest.fixture
def installation(
    prefect_server: PrefectServer, market: Sandbox, small_world: World, tmp_path: Path
) -> Iterator[Installation]:
    settings = settings_for(tmp_path, small_world, market)
    upgrade(settings.url_of_database)
    database = Database(settings.url_of_database)
    yield Installation(
        settings=settings,
        environment={**prefect_server.environment, **settings.as_environment()},
        database=database,
    )
    database.dispose()

"""A Prefect server of its own for these tests, started as `ipwatch up` starts it, and an installation for the flows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from installations import for_sandbox
from orchestration import Installation, PrefectServer

from ipwatch.cli.children import alone
from ipwatch.cli.orchestrator import free_port, prefect_environment
from ipwatch.cli.orchestrator import prefect_server as running_server
from ipwatch.cli.prefect_api import PrefectApi
from ipwatch.sandbox import Sandbox, World, build_world, running
from ipwatch.store.session import Database


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrefectServer]:
    directory = tmp_path_factory.mktemp("orchestrator")
    port = free_port()
    environment = prefect_environment(directory, port=port)
    processes = directory / "processes"
    with (
        alone(processes, "go away"),
        running_server(environment, processes=processes, logs=directory / "logs", say=print),
    ):
        yield PrefectServer(port=port, environment=environment, directory=directory)


@pytest.fixture(scope="session")
def small_world() -> World:
    return build_world(5, 60, date(2026, 11, 22))


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
    settings = for_sandbox(market, small_world, tmp_path)
    database = Database(settings.url_of_database)
    yield Installation(
        settings=settings,
        environment={**prefect_server.environment, **settings.as_environment()},
        database=database,
    )
    database.dispose()


@pytest.fixture
def api(prefect_server: PrefectServer) -> PrefectApi:
    return prefect_server.api


@pytest.fixture
def deployment_id(prefect_server: PrefectServer, api: PrefectApi) -> Iterator[str]:
    """A deployment that nobody serves, of one run at a time."""
    flow = prefect_server.ask("/flows/", {"name": "tried"})["id"]
    deployment = prefect_server.ask(
        "/deployments/",
        {
            "name": "tried",
            "flow_id": flow,
            "parameters": {"source": "tried"},
            "concurrency_limit": 1,
            "concurrency_options": {"collision_strategy": "CANCEL_NEW"},
        },
    )["id"]
    yield deployment
    api.delete_deployment(deployment)
    assert deployment not in {known.id for known in api.deployments()}

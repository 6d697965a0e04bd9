"""A Prefect server of its own for these tests, started as `ipwatch up` starts it, and an installation for the flows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import installations
import pytest
from forked import Forking
from installations import add_database, market_of, without_database
from made_once import made_once, memory_of
from orchestration import Installation, PrefectServer, begin_with, forking_flows, migrate_prefect

from ipwatch.cli.children import alone
from ipwatch.cli.orchestrator import free_port, prefect_environment
from ipwatch.cli.orchestrator import prefect_server as running_server
from ipwatch.cli.prefect_api import PrefectApi
from ipwatch.sandbox import Sandbox, World
from ipwatch.settings import Settings
from ipwatch.store.session import Database


@pytest.fixture(scope="session")
def prefect_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Prefect's database as its own migrations leave it."""
    return made_once(tmp_path_factory, "prefect-database", migrate_prefect) / "prefect.db"


@pytest.fixture(scope="module")
def prefect_server(tmp_path_factory: pytest.TempPathFactory, prefect_database: Path) -> Iterator[PrefectServer]:
    """A server for the tests of one module: an idle one takes a sixth of a core."""
    directory = tmp_path_factory.mktemp("orchestrator")
    begin_with(prefect_database, directory)
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
    return installations.small_world()


@pytest.fixture(scope="session")
def shared_market(small_world: World, memory: Path) -> Iterator[Sandbox]:
    with market_of(small_world, memory) as sandbox:
        yield sandbox


@pytest.fixture
def market(shared_market: Sandbox) -> Sandbox:
    shared_market.set_faults([])
    return shared_market


@pytest.fixture(scope="session")
def memory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the features of pictures are kept."""
    return memory_of(tmp_path_factory)


@pytest.fixture(scope="module")
def forking(prefect_server: PrefectServer, memory: Path) -> Iterator[Forking]:
    with forking_flows(prefect_server, memory) as process:
        yield process


@pytest.fixture
def settings(tmp_path: Path, small_world: World, market: Sandbox) -> Settings:
    return without_database(market, small_world, tmp_path)


@pytest.fixture
def installation(
    prefect_server: PrefectServer, forking: Forking, settings: Settings, memory: Path
) -> Iterator[Installation]:
    add_database(settings)
    database = Database(settings.url_of_database)
    yield Installation(
        settings=settings,
        environment={**prefect_server.environment, **settings.as_environment()},
        database=database,
        memory=memory,
        forking=forking,
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

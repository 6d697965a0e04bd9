"""A Prefect server of its own for these tests, started as `ipwatch up` starts it, and an installation for the flows."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
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


@contextmanager
def server_with(database: Path, directory: Path) -> Iterator[PrefectServer]:
    """Run a server that begins with that database."""
    begin_with(database, directory)
    port = free_port()
    environment = prefect_environment(directory, port=port)
    processes = directory / "processes"
    with (
        alone(processes, "go away"),
        running_server(environment, processes=processes, logs=directory / "logs", say=print),
    ):
        yield PrefectServer(port=port, environment=environment, directory=directory)


class Shared:
    """The server of these tests, and a process that has imported the flows, from their first use to ``end``."""

    def __init__(self, database: Path, factory: pytest.TempPathFactory) -> None:
        self._database, self._factory = database, factory
        self._stack = ExitStack()
        self._server: PrefectServer | None = None
        self._forking: Forking | None = None

    def server(self) -> PrefectServer:
        if self._server is None:
            directory = self._factory.mktemp("orchestrator")
            self._server = self._stack.enter_context(server_with(self._database, directory))
        return self._server

    def forking(self) -> Forking:
        if self._forking is None:
            self._forking = self._stack.enter_context(forking_flows(self.server(), memory_of(self._factory)))
        return self._forking

    def end(self) -> None:
        self._stack.close()
        self._server = self._forking = None


SHARED = pytest.StashKey[Shared]()


@pytest.fixture(scope="session")
def shared(request: pytest.FixtureRequest, prefect_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Shared:
    return request.session.stash.setdefault(SHARED, Shared(prefect_database, tmp_path_factory))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None, None, None]:
    """End what is shared after the last of these tests: an idle server takes four hundredths of a core."""
    yield
    if SHARED in item.session.stash and (nextitem is None or nextitem.path.parent != Path(__file__).parent):
        item.session.stash[SHARED].end()


@pytest.fixture(scope="module")
def prefect_server(shared: Shared) -> Iterator[PrefectServer]:
    """The server, on which no deployment stands that another module made."""
    server = shared.server()
    yield server
    for deployment in server.api.deployments(next_runs=False):
        server.api.delete_deployment(deployment.id)


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


@pytest.fixture
def forking(shared: Shared) -> Forking:
    return shared.forking()


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

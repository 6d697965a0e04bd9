"""`ipwatch up` as an operator meets it: everything on one machine, and nothing left of it afterwards."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from installations import without_database
from orchestration import PATIENCE, PROJECT, PrefectServer, begin_with, deployments_of_prefect_yaml
from processes import children, descendants, living, needs_proc, wait_until_ended

from ipwatch import lifeline
from ipwatch.cli.children import MAX_DEATHS
from ipwatch.cli.orchestrator import free_port, prefect_environment
from ipwatch.sandbox import Sandbox, World
from ipwatch.settings import Settings
from ipwatch.store import runs
from ipwatch.store.session import Database

pytestmark = pytest.mark.flow

UP = [sys.executable, "-c", "from ipwatch.cli import main; main()", "up"]


@pytest.fixture
def settings(tmp_path: Path, small_world: World, market: Sandbox) -> Settings:
    """An installation with the pictures of one holder."""
    settings = without_database(market, small_world, tmp_path).model_copy(update={"web_port": free_port()})
    for watchlist in sorted(settings.watchlist_dir.glob("*.toml"))[1:]:
        watchlist.unlink()
    return settings


@pytest.fixture
def migrated(settings: Settings, prefect_database: Path) -> None:
    """The installation has run before: Prefect's database needs no migration."""
    begin_with(prefect_database, settings.data_dir)


@pytest.fixture
def started(settings: Settings, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], PrefectServer, Path]]:
    port = free_port()
    output_path = tmp_path / "output"
    with output_path.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own command
            # In a directory that is not the project's, with nothing in it.
            [*UP, "--project", str(PROJECT), "--prefect-port", str(port)],
            cwd=tmp_path,
            env={**os.environ, **settings.as_environment()},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    environment = prefect_environment(settings.data_dir, port=port)
    server = PrefectServer(port=port, environment=environment, directory=settings.data_dir)
    yield process, server, output_path
    if process.poll() is None:
        process.terminate()
        process.wait(30)


def wait_for(what: str, condition: Callable[[], bool], process: subprocess.Popen[bytes], output_path: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert process.poll() is None, output_path.read_text("utf-8")
        assert time.monotonic() < deadline, f"{what}: not within {PATIENCE} s\n{output_path.read_text('utf-8')}"
        time.sleep(0.2)


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 - our own page on loopback
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@needs_proc
def test_everything_runs_on_one_machine_and_ends_together(
    started: tuple[subprocess.Popen[bytes], PrefectServer, Path], settings: Settings
) -> None:
    process, server, output_path = started
    wait_for("review page", lambda: answers(f"http://127.0.0.1:{settings.web_port}/"), process, output_path)
    wait_for("start", lambda: "Ctrl-C ends everything" in output_path.read_text("utf-8"), process, output_path)
    read = {None, *settings.sources}
    deployments = deployments_of_prefect_yaml()
    declared = {entry["name"] for entry in deployments if entry.get("parameters", {}).get("source") in read}
    assert {entry["name"] for entry in server.ask("/deployments/filter", {})} == declared
    plan = output_path.read_text("utf-8").partition("Next runs:\n")[2]
    for entry in server.api.deployments():
        assert entry.next_run is not None
        assert re.search(rf"^  {entry.name}: 20\d\d-\d\d-\d\d \d\d:\d\d JST$", plan, re.MULTILINE), plan

    deployment = server.ask("/deployments/name/screen/screen")["id"]
    # Asked patiently: the server puts off what it is too busy for.
    run = server.api.start(deployment)
    database = Database(settings.url_of_database)

    def screened() -> bool:
        with database.read_session() as session:
            return any((entry.kind, entry.state) == ("screen", "done") for entry in runs.recent_runs(session, 5))

    wait_for("screening", screened, process, output_path)
    wait_for("state", lambda: server.ask(f"/flow_runs/{run}")["state"]["type"] == "COMPLETED", process, output_path)

    # It is ended in the middle of a flow, which is a process of the worker's.
    collecting = server.ask("/deployments/name/collect/webshop")["id"]
    server.api.start(collecting)

    def collects() -> bool:
        with database.read_session() as session:
            return any((entry.kind, entry.state) == ("collect", "running") for entry in runs.recent_runs(session, 5))

    wait_for("collection", collects, process, output_path)
    family = descendants(process.pid)
    assert len(family) >= 3
    asked = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 130
    assert time.monotonic() - asked < 10
    assert wait_until_ended(family, 2) == []
    with database.read_session() as session:
        assert all(entry.adds_up for entry in runs.recent_runs(session, 5))
    database.dispose()
    assert "Traceback" not in output_path.read_text("utf-8")
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", server.port)) != 0


@needs_proc
@pytest.mark.usefixtures("migrated")
def test_a_server_that_dies_again_and_again_ends_it_with_a_word(
    started: tuple[subprocess.Popen[bytes], PrefectServer, Path], settings: Settings
) -> None:
    process, _, output_path = started
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None:
        assert time.monotonic() < deadline
        lifeline.end_holder(settings.data_dir / "processes" / "server.lock")
        time.sleep(0.1)
    assert process.returncode == 1
    text = output_path.read_text("utf-8")
    assert text.count("The Prefect server ended with code -9; it is started again in") == MAX_DEATHS - 1
    assert f"the Prefect server has ended {MAX_DEATHS} times, the last time with code -9; its log: " in text
    assert "The watch runs" not in text
    assert children(process.pid) == []
    assert living(process.pid) == []


def up(settings: Settings, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own command
        [*UP, "--project", str(PROJECT), *arguments],
        cwd=cwd,
        env={**os.environ, **settings.as_environment()},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


@needs_proc
@pytest.mark.usefixtures("migrated")
def test_a_second_one_on_the_same_directory_is_refused_with_the_process_of_the_first(
    started: tuple[subprocess.Popen[bytes], PrefectServer, Path], settings: Settings, tmp_path: Path
) -> None:
    process, _, output_path = started
    wait_for("page", lambda: "Review page:" in output_path.read_text("utf-8"), process, output_path)
    other = settings.model_copy(update={"web_port": free_port()})
    ended = up(other, "--prefect-port", str(free_port()), cwd=tmp_path)
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"ipwatch: {settings.data_dir}: process {process.pid} already runs the watch")
    assert ended.stderr.count("\n") == 1
    assert process.poll() is None


def test_a_port_that_is_taken_is_named(settings: Settings, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = up(settings, "--prefect-port", str(port), cwd=tmp_path)
    assert ended.returncode == 2
    assert f"port {port} cannot be used" in ended.stderr
    assert "--prefect-port" in ended.stderr

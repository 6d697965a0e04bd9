"""What keeps `ipwatch up` from running; how it runs, and how it ends, is in ``test_ends``."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from installations import write_watchlist
from orchestration import PATIENCE, PROJECT, begin_with
from processes import children, living, needs_proc

from ipwatch import lifeline
from ipwatch.cli.children import MAX_DEATHS
from ipwatch.cli.orchestrator import free_port
from ipwatch.settings import Settings

pytestmark = pytest.mark.flow

UP = [sys.executable, "-c", "from ipwatch.cli import main; main()", "up"]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An installation that watches one mark."""
    folder = tmp_path / "watchlists"
    folder.mkdir()
    write_watchlist(folder)
    return Settings(data_dir=tmp_path / "data", watchlist_dir=folder, web_port=free_port())


@pytest.fixture
def migrated(settings: Settings, prefect_database: Path) -> None:
    """The installation has run before: Prefect's database needs no migration."""
    begin_with(prefect_database, settings.data_dir)


@pytest.fixture
def started(settings: Settings, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    output_path = tmp_path / "output"
    with output_path.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own command
            # In a directory that is not the project's, with nothing in it.
            [*UP, "--project", str(PROJECT), "--prefect-port", str(free_port())],
            cwd=tmp_path,
            env={**os.environ, **settings.as_environment()},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    yield process, output_path
    if process.poll() is None:
        process.terminate()
        process.wait(30)


def wait_for(what: str, condition: Callable[[], bool], process: subprocess.Popen[bytes], output_path: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert process.poll() is None, output_path.read_text("utf-8")
        assert time.monotonic() < deadline, f"{what}: not within {PATIENCE} s\n{output_path.read_text('utf-8')}"
        time.sleep(0.2)


@needs_proc
@pytest.mark.usefixtures("migrated")
def test_a_server_that_dies_again_and_again_ends_it_with_a_word(
    started: tuple[subprocess.Popen[bytes], Path], settings: Settings
) -> None:
    process, output_path = started
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
    started: tuple[subprocess.Popen[bytes], Path], settings: Settings, tmp_path: Path
) -> None:
    process, output_path = started
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

"""What becomes of runs whose process is gone, on a real server; the processes that hold their files are real too."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from orchestration import PrefectServer

from ipwatch import lifeline
from ipwatch.cli import reconcile
from ipwatch.cli.prefect_api import Deployment, PrefectApi
from ipwatch.cli.reconcile import Reconciler

pytestmark = pytest.mark.flow

HOLDS = """
import sys, time
from pathlib import Path
from ipwatch import lifeline
lifeline.hold(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(600)
"""


@pytest.fixture
def messages() -> list[str]:
    return []


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    (tmp_path / "runs").mkdir()
    return tmp_path / "runs"


@pytest.fixture
def reconciler(api: PrefectApi, runs: Path, messages: list[str], monkeypatch: pytest.MonkeyPatch) -> Reconciler:
    monkeypatch.setattr(reconcile, "TURN_SECONDS", 0)
    monkeypatch.setattr(reconcile, "GONE_SECONDS", 1)
    monkeypatch.setattr(reconcile, "UNBORN_SECONDS", 4)
    return Reconciler(api, runs, messages.append)


@pytest.fixture
def run(prefect_server: PrefectServer, api: PrefectApi, deployment_id: str) -> str:
    """A run that holds the one place of its deployment, without any process."""
    name = prefect_server.ask(f"/v2/concurrency_limits/{deployment(api, deployment_id).limit_id}")["name"]
    prefect_server.ask("/v2/concurrency_limits/increment", {"slots": 1, "names": [name]})
    started = api.start(deployment_id)
    api.set_state(started, "PENDING", "")
    api.set_state(started, "RUNNING", "")
    assert deployment(api, deployment_id).slots_held == 1
    return started


@pytest.fixture
def process(runs: Path, run: str) -> Iterator[subprocess.Popen[bytes]]:
    """The process of that run."""
    process = subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", HOLDS, str(lifeline.run_file(runs, run))], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    yield process
    process.kill()
    process.communicate()


def deployment(api: PrefectApi, deployment_id: str) -> Deployment:
    return next(known for known in api.deployments() if known.id == deployment_id)


def turns(reconciler: Reconciler, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        reconciler.turn()
        time.sleep(0.1)


def test_a_run_whose_process_is_gone_is_marked_and_its_place_is_free(
    reconciler: Reconciler, api: PrefectApi, deployment_id: str, run: str, messages: list[str]
) -> None:
    reconciler.turn()
    assert api.flow_run(run).state == "RUNNING"
    turns(reconciler, 5)
    flow_run = api.flow_run(run)
    assert (flow_run.state, flow_run.message) == ("CRASHED", reconcile.GONE)
    assert deployment(api, deployment_id).slots_held == 0
    assert messages == [f"The run {flow_run.name!r} is marked as crashed: {reconcile.GONE}."]


def test_a_run_whose_process_lives_is_left_alone_until_that_is_killed(
    reconciler: Reconciler, api: PrefectApi, run: str, process: subprocess.Popen[bytes], runs: Path
) -> None:
    turns(reconciler, 3)
    assert api.flow_run(run).state == "RUNNING"
    process.kill()
    process.wait()
    turns(reconciler, 5)
    assert api.flow_run(run).state == "CRASHED"
    reconciler.turn()
    assert list(runs.iterdir()) == []


def test_a_run_whose_process_is_only_being_started_has_more_time(
    reconciler: Reconciler, api: PrefectApi, run: str
) -> None:
    api.set_state(run, "PENDING", "")
    turns(reconciler, 2.5)
    assert api.flow_run(run).state == "PENDING"
    turns(reconciler, 5)
    assert api.flow_run(run).state == "CRASHED"


def test_at_a_start_everything_that_should_have_a_process_is_settled_at_once(
    reconciler: Reconciler, api: PrefectApi, deployment_id: str, run: str
) -> None:
    waiting = api.start(deployment_id)
    assert reconciler.settle("cut off") == 1
    assert (api.flow_run(run).state, api.flow_run(run).message) == ("CRASHED", "cut off")
    assert api.flow_run(waiting).state == "SCHEDULED"
    assert deployment(api, deployment_id).slots_held == 0
    assert reconciler.settle("cut off") == 0

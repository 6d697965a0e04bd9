"""The findings of ``ipwatch doctor`` about the watch, on a real Prefect server and real processes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from orchestration import PROJECT, PrefectServer
from processes import needs_proc, wait_until_ended

from ipwatch.cli.doctor import watch
from ipwatch.cli.doctor.findings import Finding, Inspected
from ipwatch.cli.doctor.processes import HOME_VARIABLE, RUN_VARIABLE
from ipwatch.cli.orchestrator import free_port
from ipwatch.cli.prefect_api import PrefectApi
from ipwatch.settings import Settings, SourceSettings

pytestmark = pytest.mark.flow

SHOP = {"webshop": SourceSettings(base_urls=("http://127.0.0.1:9",))}


def looked_at(
    data_dir: Path,
    *,
    port: int | None = None,
    now: datetime | None = None,
    sources: Mapping[str, SourceSettings] = SHOP,
) -> Inspected:
    return Inspected(
        Settings(data_dir=data_dir, sources=dict(sources)),
        now=now or datetime.now(UTC),
        project=PROJECT,
        environment=os.environ,
        port=port,
    )


def keys(findings: Iterator[Finding]) -> list[str]:
    return [finding.key for finding in findings]


@pytest.fixture
def running(prefect_server: PrefectServer) -> Inspected:
    """The data directory of the server of this session."""
    home = Path(prefect_server.environment[HOME_VARIABLE])
    return looked_at(home.parent, port=prefect_server.port, now=datetime.now(UTC) + timedelta(minutes=10))


@pytest.fixture
def api(prefect_server: PrefectServer) -> PrefectApi:
    return PrefectApi.of(prefect_server.environment)


@pytest.fixture
def deployment(prefect_server: PrefectServer, api: PrefectApi) -> Iterator[str]:
    """The deployment of the source webshop, which nobody serves."""
    flow = prefect_server.ask("/flows/", {"name": "collect"})["id"]
    made = prefect_server.ask(
        "/deployments/",
        {
            "name": "webshop",
            "flow_id": flow,
            "parameters": {"source": "webshop"},
            "concurrency_limit": 1,
            "concurrency_options": {"collision_strategy": "CANCEL_NEW"},
        },
    )["id"]
    yield made
    if made in {known.id for known in api.deployments()}:
        api.delete_deployment(made)


@contextmanager
def living(environment: Mapping[str, str], *arguments: str, orphaned: bool = False) -> Iterator[int]:
    """Run a process with that environment; ``orphaned`` leaves it without the one that started it."""
    program = "import time; time.sleep(600)"
    command = [sys.executable, "-c", program, *arguments]
    if orphaned:
        start = f"import subprocess, sys; print(subprocess.Popen({command!r}, stdout=subprocess.DEVNULL).pid)"
        command = [sys.executable, "-c", start]
    process = subprocess.Popen(  # noqa: S603 - our own program
        command, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True
    )
    number = process.pid
    if orphaned:
        number = int(process.communicate(timeout=60)[0])
    try:
        yield number
    finally:
        os.kill(number, 9)
        if orphaned:
            assert wait_until_ended([number], 60) == []
        else:
            process.communicate()


# --- what is due ------------------------------------------------------------------------------------------------------


def test_a_source_without_deployment_schedule_or_next_run_is_named(
    running: Inspected, prefect_server: PrefectServer, api: PrefectApi, deployment: str
) -> None:
    assert keys(watch.look_at_next_runs(running)) == ["next_run.no_schedule"]
    minute = {"schedule": {"cron": "* * * * *", "timezone": "Asia/Tokyo"}, "active": True}
    prefect_server.ask(f"/deployments/{deployment}/schedules", [minute])
    prefect_server.ask(f"/deployments/{deployment}/schedule", {"min_runs": 30})
    assert keys(watch.look_at_next_runs(running)) == ["next_run.ok"]
    # Beyond all that was made: the scheduler has died.
    later = looked_at(running.data_dir, port=prefect_server.port, now=datetime.now(UTC) + timedelta(days=400))
    assert keys(watch.look_at_next_runs(later)) == ["next_run.none"]
    prefect_server.ask(f"/deployments/{deployment}/pause_deployment", {})
    assert keys(watch.look_at_next_runs(running)) == ["next_run.paused"]
    api.delete_deployment(deployment)
    assert keys(watch.look_at_next_runs(running)) == ["next_run.no_deployment"]
    nothing = looked_at(running.data_dir, port=prefect_server.port, sources={})
    assert keys(watch.look_at_next_runs(nothing)) == ["next_run.nothing_configured"]


# --- what is stuck ----------------------------------------------------------------------------------------------------


@needs_proc
def test_a_run_without_a_process_is_a_zombie_and_one_with_it_is_not(
    running: Inspected, prefect_server: PrefectServer, api: PrefectApi, deployment: str
) -> None:
    run = api.start(deployment)
    api.set_state(run, "PENDING", "")
    api.set_state(run, "RUNNING", "")
    assert keys(watch.look_at_zombies(running)) == ["zombies.dead"]
    young = looked_at(running.data_dir, port=prefect_server.port)
    assert keys(watch.look_at_zombies(young)) == ["zombies.ok"]
    home = prefect_server.environment[HOME_VARIABLE]
    with living({HOME_VARIABLE: home, RUN_VARIABLE: run}):
        again = looked_at(running.data_dir, port=prefect_server.port, now=running.now)
        assert keys(watch.look_at_zombies(again)) == ["zombies.ok"]
    api.set_state(run, "CRASHED", "")
    assert keys(watch.look_at_zombies(running)) == ["zombies.ok"]


def test_a_slot_that_no_run_holds_is_found(
    running: Inspected, prefect_server: PrefectServer, api: PrefectApi, deployment: str
) -> None:
    assert keys(watch.look_at_slots(running)) == ["slots.ok"]
    run = api.start(deployment)
    prefect_server.ask(f"/flow_runs/{run}/set_state", {"state": {"type": "PENDING"}})
    prefect_server.ask(f"/flow_runs/{run}/set_state", {"state": {"type": "RUNNING"}})
    assert next(known for known in api.deployments() if known.id == deployment).slots_held == 1
    assert keys(watch.look_at_slots(running)) == ["slots.ok"]
    api.set_state(run, "CRASHED", "")
    assert keys(watch.look_at_slots(running)) == ["slots.ok"]
    # What a power cut leaves: the run is gone, its place is not.
    prefect_server.ask(
        "/v2/concurrency_limits/increment", {"names": [f"deployment:{deployment}"], "slots": 1, "mode": "concurrency"}
    )
    assert keys(watch.look_at_slots(running)) == ["slots.held"]


@pytest.mark.parametrize(
    "check", [watch.look_at_next_runs, watch.look_at_zombies, watch.look_at_slots], ids=["next_run", "zombies", "slots"]
)
def test_where_up_does_not_run_that_is_reported_and_nothing_raised(check: object, tmp_path: Path) -> None:
    assert callable(check)
    assert keys(check(looked_at(tmp_path, port=free_port()))) == ["up.not_running"]
    (tmp_path / "prefect").mkdir()
    (tmp_path / "prefect" / "api-password").write_text("secret")
    assert keys(check(looked_at(tmp_path, port=free_port()))) == ["up.not_running"]


@needs_proc
def test_a_server_that_lives_and_does_not_answer_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "prefect").mkdir()
    (tmp_path / "prefect" / "api-password").write_text("secret")
    with living({HOME_VARIABLE: str(tmp_path / "prefect")}, "server", "start"):
        assert keys(watch.look_at_slots(looked_at(tmp_path, port=free_port()))) == ["up.silent"]


# --- processes --------------------------------------------------------------------------------------------------------


@needs_proc
def test_a_process_of_an_earlier_start_is_an_orphan_and_a_child_of_ours_is_none(tmp_path: Path) -> None:
    home = {HOME_VARIABLE: str(tmp_path / "prefect")}
    assert keys(watch.look_at_orphans(looked_at(tmp_path))) == ["orphans.ok"]
    with living(home, "prefect", "worker", "start", orphaned=True) as number:
        (finding,) = watch.look_at_orphans(looked_at(tmp_path))
        assert (finding.key, finding.arguments["pid"], finding.arguments["role"]) == ("orphans.left", number, "worker")
        assert keys(watch.look_at_orphans(looked_at(tmp_path / "another"))) == ["orphans.ok"]
    assert keys(watch.look_at_orphans(looked_at(tmp_path))) == ["orphans.ok"]
    # A parent that is ipwatch: what it started is no orphan.
    start = (
        "import os, subprocess, sys\n"
        "child = [sys.executable, '-c', 'import time; time.sleep(600)', 'worker']\n"
        "subprocess.run(child, env={**os.environ, 'PREFECT_HOME': sys.argv[2]})"
    )
    parent = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", start, "ipwatch", home[HOME_VARIABLE]], start_new_session=True
    )
    try:
        inspected = _with_process(tmp_path)
        assert [process.role for process in inspected.processes] == ["worker"]
        assert keys(watch.look_at_orphans(inspected)) == ["orphans.ok"]
    finally:
        os.killpg(parent.pid, 9)
        parent.wait()


def _with_process(data_dir: Path) -> Inspected:
    deadline = time.monotonic() + 60
    while not (inspected := looked_at(data_dir)).processes:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return inspected


@needs_proc
def test_a_second_server_on_the_directory_is_found(running: Inspected, prefect_server: PrefectServer) -> None:
    assert keys(watch.look_at_second_server(looked_at(running.data_dir))) == ["second_server.ok"]
    with living({HOME_VARIABLE: prefect_server.environment[HOME_VARIABLE]}, "prefect", "server", "start"):
        assert keys(watch.look_at_second_server(looked_at(running.data_dir))) == ["second_server.found"]


@needs_proc
def test_the_port_of_the_server_that_runs_is_found_by_itself(prefect_server: PrefectServer) -> None:
    home = Path(prefect_server.environment[HOME_VARIABLE])
    assert looked_at(home.parent).prefect_port == prefect_server.port


# --- up and its log ---------------------------------------------------------------------------------------------------


def test_a_watch_that_ran_here_and_does_not_is_a_fault(tmp_path: Path) -> None:
    assert keys(watch.look_at_up(looked_at(tmp_path))) == ["up.never"]
    (tmp_path / "prefect").mkdir()
    (tmp_path / "prefect" / "api-password").write_text("secret")
    assert keys(watch.look_at_up(looked_at(tmp_path))) == ["up.ended"]
    assert keys(watch.look_at_up(looked_at(tmp_path, sources={}))) == ["up.never"]


BANNER = "Configure Prefect to communicate with the server with:\n"
# As Prefect 3.9.1 wrote them where whenever was at 0.10.5.
SCHEDULER = (
    "17:07:02.517 | ERROR   | prefect.server.services.scheduler - Error scheduling deployment UUID('01ff1c8f').\n"
    "Traceback (most recent call last):\n"
    '  File "site-packages/prefect/server/services/scheduler.py", line 186, in _collect_flow_runs\n'
    "ValueError: tzinfo must be of type ZoneInfo (exactly), got Timezone('Asia/Tokyo')\n"
)
OTHER = "17:07:02.517 | ERROR   | prefect.server.events.stream - connection lost\n"


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (BANNER, "server_log.ok"),
        (BANNER + SCHEDULER, "server_log.scheduler"),
        (BANNER + SCHEDULER + OTHER, "server_log.scheduler"),
        (BANNER + OTHER, "server_log.errors"),
        (BANNER + SCHEDULER + BANNER, "server_log.ok"),
        ("", "server_log.ok"),
    ],
)
def test_errors_of_the_scheduler_since_the_last_start_are_faults(tmp_path: Path, content: str, key: str) -> None:
    inspected = looked_at(tmp_path)
    assert keys(watch.look_at_server_log(inspected)) == ["server_log.none"]
    (tmp_path / "logs").mkdir()
    log = tmp_path / "logs" / "prefect-server.log"
    log.write_text(content)
    assert keys(watch.look_at_server_log(inspected)) == [key]
    os.utime(log, (0, 0))
    assert keys(watch.look_at_server_log(inspected)) == ["server_log.old"]

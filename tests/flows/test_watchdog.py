"""A server or a worker that lives but does nothing is ended and started again."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from orchestration import begin_with

from ipwatch import lifeline
from ipwatch.cli.children import alone
from ipwatch.cli.orchestrator import POOL, WORKER, free_port, prefect_environment, prefect_server, worker_of
from ipwatch.cli.prefect_api import PrefectApi
from ipwatch.cli.watchdog import Watchdog
from ipwatch.errors import IpwatchError

pytestmark = pytest.mark.flow


def test_what_hangs_is_ended_and_works_again(tmp_path: Path, prefect_database: Path) -> None:
    begin_with(prefect_database, tmp_path)
    environment = prefect_environment(tmp_path, port=free_port()) | {"PREFECT_WORKER_HEARTBEAT_SECONDS": "1"}
    processes, logs = tmp_path / "processes", tmp_path / "logs"
    messages: list[str] = []
    with (
        alone(processes, "go away"),
        prefect_server(environment, processes=processes, logs=logs, say=messages.append) as (
            server,
            api,
        ),
    ):
        api.put_pool(POOL, "no flow runs here")
        worker = worker_of(environment, project=tmp_path, processes=processes, logs=logs, say=messages.append)
        with worker.running():
            wait(lambda: api.worker_heartbeat(POOL, WORKER) is not None)
            hasty = PrefectApi.of(environment, patient=False)
            watchdog = Watchdog(server, worker, hasty, messages.append, look_seconds=1, hung_seconds=15)

            # While both do their work, nothing is ended.
            until = time.monotonic() + 20
            wait(lambda: watchdog.turn() or time.monotonic() > until)
            assert not [line for line in messages if "is ended and started again" in line]

            freeze(processes / "worker.lock")
            wait(lambda: watchdog.turn() or worker.code is not None)
            assert "The Prefect worker has reported nothing for" in messages[-1]
            assert server.code is None
            last_heartbeat = api.worker_heartbeat(POOL, WORKER)
            wait(lambda: worker.revive() or api.worker_heartbeat(POOL, WORKER) != last_heartbeat)

            freeze(processes / "server.lock")
            wait(lambda: watchdog.turn() or server.code is not None)
            assert "The Prefect server has answered nothing for" in messages[-1]
            assert worker.code is None
            wait(lambda: server.revive() or api.healthy())


def freeze(lock: Path) -> None:
    process_id = lifeline.holder(lock)
    assert process_id is not None
    os.killpg(process_id, signal.SIGSTOP)


def wait(done: Callable[[], object], seconds: float = 300) -> None:
    until = time.monotonic() + seconds
    while True:
        try:
            if done():
                return
        except IpwatchError as error:
            reason = str(error)
        else:
            reason = "not yet"
        assert time.monotonic() < until, reason
        time.sleep(0.3)

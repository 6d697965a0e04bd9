"""Runs whose process is gone: they are marked as crashed, and their concurrency slots are released."""

from __future__ import annotations

import time
from pathlib import Path

from ipwatch import lifeline
from ipwatch.cli.children import Say
from ipwatch.cli.prefect_api import PrefectApi
from ipwatch.terms import message

TURN_SECONDS = 10
GONE_SECONDS = 30
"""A worker that lives says itself within seconds how the process of a run ended."""

UNBORN_SECONDS = 100
"""So long may a run be pending before its process has got as far as to hold its file, on a slow machine too."""

GONE = message("cli.up.gone")


class Reconciler:
    """Reconciles the runs on the server with the live processes.

    ``runs`` is the directory in which the process of each run holds a file, see ``ipwatch.lifeline``.
    """

    def __init__(self, api: PrefectApi, runs: Path, say: Say) -> None:
        self._api, self._runs, self._say = api, runs, say
        self._suspects: dict[str, float] = {}
        self._due = 0.0

    def settle(self, message: str) -> int:
        """Mark every run as crashed that should have a process, and return how many: none of them can have one."""
        crashed = self._api.flow_runs()
        for run in crashed:
            self._api.set_state(run.id, "CRASHED", message)
        for deployment in self._api.deployments(next_runs=False):
            if deployment.slots_held:
                self._api.release_slots(deployment)
        self._prune(set())
        return len(crashed)

    def turn(self) -> None:
        """Mark the runs as crashed whose process has been gone for a while, and release slots that no run holds."""
        now = time.monotonic()
        if now < self._due:
            return
        self._due = now + TURN_SECONDS
        deployments = [deployment for deployment in self._api.deployments(next_runs=False) if deployment.slots_held]
        runs = self._api.flow_runs()
        gone = {run.id: run for run in runs if run.deployment_id and not self._lives(run.id)}
        empty = {
            deployment.limit_id: deployment
            for deployment in deployments
            if deployment.id not in {run.deployment_id for run in runs}
        }
        suspects = [*gone, *filter(None, empty)]
        self._suspects = {key: self._suspects.get(key, now) for key in suspects}
        for key, since in self._suspects.items():
            run = gone.get(key)
            if now - since < (UNBORN_SECONDS if run is not None and run.state == "PENDING" else GONE_SECONDS):
                continue
            if run is not None:
                self._api.set_state(run.id, "CRASHED", GONE)
                self._say(message("cli.up.crashed", run=run.name, why=GONE))
            else:
                self._api.release_slots(empty[key])
        self._prune({run.id for run in runs})

    def _lives(self, run_id: str) -> bool:
        return lifeline.holder(lifeline.run_file(self._runs, run_id)) is not None

    def _prune(self, alive: set[str]) -> None:
        """Remove the files of runs that have ended."""
        for file in self._runs.glob("*.lock"):
            if file.stem not in alive and lifeline.holder(file) is None:
                file.unlink(missing_ok=True)

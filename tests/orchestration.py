"""What the tests of the flows talk to: a Prefect server, and an installation as its flows see it."""

from __future__ import annotations

import base64
import json
import os
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from extracted_once import preamble
from forked import Forking

from ipwatch.cli.orchestrator import free_port, prefect_environment, private_home
from ipwatch.cli.prefect_api import BUSY, BUSY_PAUSES, PrefectApi
from ipwatch.schedules import read_deployments
from ipwatch.settings import Settings
from ipwatch.store.session import Database

PROJECT = Path(__file__).resolve().parents[1]
PATIENCE = 600


def deployments_of_prefect_yaml() -> list[dict[str, Any]]:
    """Return what `prefect.yaml` declares, and what its templates give: the one place of schedules."""
    return read_deployments(PROJECT / "prefect.yaml")


def migrate_prefect(directory: Path) -> None:
    """Write Prefect's database into the directory, as its own migrations leave it."""
    environment = prefect_environment(directory / "empty", port=free_port())
    subprocess.run(
        [sys.executable, "-m", "prefect", "server", "database", "upgrade", "--yes"],
        env={**os.environ, **environment},
        capture_output=True,
        timeout=PATIENCE,
        check=True,
    )
    with (
        closing(sqlite3.connect(directory / "empty" / "prefect" / "prefect.db")) as source,
        closing(sqlite3.connect(directory / "prefect.db")) as target,
    ):
        source.backup(target)


def begin_with(database: Path, data_dir: Path) -> None:
    """Let the server of an installation begin with a copy of that database: migrations take longer than its start."""
    data_dir.mkdir(mode=0o700, exist_ok=True)
    copy = private_home(data_dir) / "prefect.db"
    copy.write_bytes(database.read_bytes())
    copy.chmod(0o600)


@dataclass(frozen=True, slots=True, kw_only=True)
class PrefectServer:
    """A running Prefect server and the environment in which its clients reach it."""

    port: int
    environment: Mapping[str, str]
    directory: Path

    @property
    def api(self) -> PrefectApi:
        return PrefectApi.of(self.environment)

    @property
    def headers(self) -> dict[str, str]:
        secret = base64.b64encode(self.environment["PREFECT_API_AUTH_STRING"].encode()).decode()
        return {"Authorization": f"Basic {secret}"}

    def ask(self, path: str, body: object | None = None) -> Any:
        """Return what the API answers to a signed-in client, however often it is busy at first."""
        for pause in BUSY_PAUSES:
            try:
                return self._ask_once(path, body)
            except urllib.error.HTTPError as error:
                if error.code != BUSY:
                    raise
                error.close()
            time.sleep(pause)
        return self._ask_once(path, body)

    def _ask_once(self, path: str, body: object | None) -> Any:
        headers = {**self.headers, "Content-Type": "application/json"}
        if body is not None:
            client = str(uuid.uuid4())
            token = self.ask(f"/csrf-token?client={client}")["token"]
            headers |= {"Prefect-Csrf-Client": client, "Prefect-Csrf-Token": token}
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers=headers,
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - our own server on loopback
            return json.load(answer)

    def flow_runs(self, name: str) -> list[dict[str, Any]]:
        """Return the runs of a flow that have begun, newest first: those of a schedule wait in great numbers."""
        begun = ["PENDING", "RUNNING", "PAUSED", "CANCELLING", "COMPLETED", "FAILED", "CANCELLED", "CRASHED"]
        matching: list[dict[str, Any]] = self.ask(
            "/flow_runs/filter",
            {
                "flows": {"name": {"any_": [name]}},
                "flow_runs": {"state": {"type": {"any_": begun}}},
                "sort": "START_TIME_DESC",
            },
        )
        return matching

    def task_runs(self, flow_run: str, min_count: int) -> list[dict[str, Any]]:
        """Return the task runs of a flow run, once the server has written down so many."""
        deadline = time.monotonic() + 30
        while True:
            matching: list[dict[str, Any]] = self.ask(
                "/task_runs/filter", {"flow_runs": {"id": {"any_": [flow_run]}}, "limit": 200}
            )
            if len(matching) >= min_count or time.monotonic() > deadline:
                return matching
            time.sleep(0.2)


def forking_flows(server: PrefectServer, memory: Path) -> Forking:
    """Return a process that has imported the flows."""
    imports = f"{preamble(memory)}import flows.__main__, flows.maintenance"
    return Forking(imports, cwd=PROJECT, environment={**os.environ, **server.environment})


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """One installation of ipwatch, as its flows see it: through environment variables.

    ``memory`` is the folder in which the features of pictures are kept (``extracted_once``), ``forking`` a process that
    has imported the flows in the environment of the server.
    """

    settings: Settings
    environment: Mapping[str, str]
    database: Database
    memory: Path
    forking: Forking

    def python(self, code: str, *arguments: str, fresh: bool = False) -> subprocess.CompletedProcess[str]:
        """Run Python code in the project, in the environment of a worker's flow.

        ``fresh`` is a Python process of its own: Prefect reads its settings when it is imported.
        """
        if not fresh:
            environment = {**os.environ, **self.environment}
            return self.forking.run(code, *arguments, environment=environment, timeout=PATIENCE)
        return subprocess.run(  # noqa: S603 - our own interpreter
            [sys.executable, "-c", preamble(self.memory) + code, *arguments],
            cwd=PROJECT,
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def flow(self, name: str, *, fresh: bool = False, **parameters: object) -> subprocess.CompletedProcess[str]:
        """Run a flow to its end; what it raises ends the process with 1, as it does under a worker."""
        call = f"import json, sys; from flows.{name} import {name}; {name}(**json.loads(sys.argv[1]))"
        return self.python(call, json.dumps(parameters), fresh=fresh)

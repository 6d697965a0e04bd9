"""A small client of the Prefect server on this machine: scheduled runs, running ones, concurrency slots.

It speaks the server's HTTP interface with the standard library: ipwatch never imports Prefect. Every failure is an
``IpwatchError`` whose message is one sentence; ``ServerSilent`` is the one where nothing answers.
"""

from __future__ import annotations

import base64
import http.client
import json
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ipwatch.errors import IpwatchError
from ipwatch.terms import message

SECONDS_FOR_ANSWER, HASTE_SECONDS = 60, 3
PAGE = 200
"""The most rows for which the server answers one question."""

TOKEN_MARGIN = timedelta(minutes=5)
UNAUTHORIZED, BUSY = 401, 503
BUSY_PAUSES: tuple[float, ...] = (0.5, 1, 2, 4, 8, 15)
"""Seconds between the tries of what the server has put off: its database was locked by something else it did."""

ALIVE = ("PENDING", "RUNNING", "CANCELLING")
"""The state types of a run whose process should exist."""


class ServerSilent(IpwatchError):
    """The Prefect server does not answer, or its answer breaks off."""


class _Busy(IpwatchError):
    """The server is busy and asks for a retry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """One deployment on the server.

    ``next_run`` is the next run that its schedule made, ``None`` where the scheduler has made none. ``slots_held`` of
    ``slots`` places for simultaneous runs are taken; both are 0 where it has no limit (``limit_id`` is ``None``).
    """

    id: str
    flow: str
    name: str
    source: str | None
    paused: bool
    has_schedule: bool
    next_run: datetime | None
    limit_id: str | None
    slots: int
    slots_held: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowRun:
    """One run of a flow. ``state`` is Prefect's state type in capitals, ``state_name`` the word that its page shows.

    ``process_id`` is the process that the worker started for it; its number may long be another process's.
    """

    id: str
    name: str
    deployment_id: str | None
    state: str
    state_name: str
    message: str | None
    since: datetime | None
    automatic: bool
    expected_at: datetime | None
    process_id: int | None


class PrefectApi:
    """The interface of one server: ``url`` ends in ``/api``, ``credentials`` are ``user:password``.

    One that is not ``patient`` gives up after seconds: for the end of a process that somebody waits for.
    """

    def __init__(self, url: str, credentials: str, *, patient: bool = True) -> None:
        self.url = url.rstrip("/")
        self._seconds = SECONDS_FOR_ANSWER if patient else HASTE_SECONDS
        self._pauses = BUSY_PAUSES if patient else ()
        self._authorization = f"Basic {base64.b64encode(credentials.encode()).decode()}"
        # A proxy that the environment names is for the world outside, never for this machine.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        self._client = str(uuid.uuid4())
        self._token: tuple[str, datetime] | None = None

    @classmethod
    def of(cls, environment: Mapping[str, str], *, patient: bool = True) -> PrefectApi:
        """Return the client for the server that ``orchestrator.prefect_environment`` describes."""
        return cls(environment["PREFECT_API_URL"], environment["PREFECT_API_AUTH_STRING"], patient=patient)

    def healthy(self) -> bool:
        """Return whether a server answers there that accepts our password; a stranger's server does not."""
        try:
            self.version()
        except IpwatchError:
            return False
        return True

    def version(self) -> str:
        """Return the version of Prefect that the server runs."""
        return str(self._ask("GET", "/admin/version"))

    def deployments(self, *, now: datetime | None = None, next_runs: bool = True) -> list[Deployment]:
        """Return every deployment on the server, by flow and name, with its next scheduled run after ``now``.

        Without ``next_runs`` that is left ``None`` and costs no question.
        """
        since = (now or datetime.now(UTC)) if next_runs else None
        flows = {answer["id"]: str(answer["name"]) for answer in self._all("/flows/filter", {})}
        deployments = [self._deployment(answer, flows, since) for answer in self._all("/deployments/filter", {})]
        return sorted(deployments, key=lambda deployment: (deployment.flow, deployment.name))

    def flow_runs(
        self, states: Collection[str] = ALIVE, *, deployments: Collection[str] | None = None, limit: int | None = None
    ) -> list[FlowRun]:
        """Return the runs in these state types, latest first, of the deployments with these ids or of all."""
        wanted: dict[str, Any] = {"state": {"type": {"any_": sorted(states)}}}
        if deployments is not None:
            wanted["deployment_id"] = {"any_": sorted(deployments)}
        question = {"flow_runs": wanted, "sort": "EXPECTED_START_TIME_DESC"}
        return [_flow_run(answer) for answer in self._all("/flow_runs/filter", question, limit=limit)]

    def flow_run(self, run_id: str) -> FlowRun:
        """Return one run."""
        return _flow_run(self._ask("GET", f"/flow_runs/{run_id}"))

    def set_state(self, run_id: str, state: str, message: str) -> None:
        """Force a run into a state type; a slot that it held is released."""
        body = {"state": {"type": state, "name": state.capitalize(), "message": message}, "force": True}
        self._ask("POST", f"/flow_runs/{run_id}/set_state", body)

    def release_slots(self, deployment: Deployment) -> None:
        """Release every concurrency slot of a deployment that has no live process."""
        if deployment.limit_id is not None:
            self._ask("PATCH", f"/v2/concurrency_limits/{deployment.limit_id}", {"active_slots": 0})

    def start(self, deployment_id: str) -> str:
        """Start a run of a deployment now and return its id."""
        return str(self._ask("POST", f"/deployments/{deployment_id}/create_flow_run", {})["id"])

    def delete_deployment(self, deployment_id: str) -> None:
        """Remove a deployment, and with it the runs that it still has scheduled."""
        self._ask("DELETE", f"/deployments/{deployment_id}")

    def worker_heartbeat(self, pool: str, name: str) -> datetime | None:
        """Return when a worker last reported, ``None`` where it never did."""
        workers = self._all(f"/work_pools/{pool}/workers/filter", {})
        return next((_time(worker["last_heartbeat_time"]) for worker in workers if worker["name"] == name), None)

    def put_pool(self, name: str, command: str) -> None:
        """Create a work pool whose worker starts every flow run as a process by that command line, or change its own.

        It is not paused afterwards. Prefect's command line does the same in seconds of computing, and lets the server
        ask a host on the internet for the kinds of pools that there are.
        """
        content = {"is_paused": False, "base_job_template": _job_template(command)}
        if name in {pool["name"] for pool in self._all("/work_pools/filter", {})}:
            self._ask("PATCH", f"/work_pools/{name}", content)
        else:
            self._ask("POST", "/work_pools/", {"name": name, "type": "process", **content})

    def _deployment(self, answer: Mapping[str, Any], flows: Mapping[str, str], since: datetime | None) -> Deployment:
        limit = answer.get("global_concurrency_limit") or {}
        return Deployment(
            id=answer["id"],
            flow=flows[answer["flow_id"]],
            name=answer["name"],
            source=(answer.get("parameters") or {}).get("source"),
            paused=bool(answer["paused"]),
            has_schedule=any(schedule["active"] for schedule in answer["schedules"]),
            next_run=None if since is None else self._next_run(answer["id"], since),
            limit_id=limit.get("id"),
            slots=int(limit.get("limit", 0)),
            slots_held=int(limit.get("active_slots", 0)),
        )

    def _next_run(self, deployment_id: str, now: datetime) -> datetime | None:
        question = {
            "flow_runs": {
                "deployment_id": {"any_": [deployment_id]},
                "state": {"type": {"any_": ["SCHEDULED"]}},
                "expected_start_time": {"after_": now.isoformat()},
            },
            "sort": "EXPECTED_START_TIME_ASC",
        }
        runs = map(_flow_run, self._all("/flow_runs/filter", question, limit=PAGE))
        return next((run.expected_at for run in runs if run.automatic), None)

    def _all(self, path: str, question: Mapping[str, Any], *, limit: int | None = None) -> Iterator[Mapping[str, Any]]:
        """Yield all results of a query, page by page."""
        given = 0
        while limit is None or given < limit:
            size = PAGE if limit is None else min(PAGE, limit - given)
            page: Sequence[Mapping[str, Any]] = self._ask("POST", path, {**question, "limit": size, "offset": given})
            yield from page
            given += len(page)
            if len(page) < size:
                return

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Return the answer of the server; raises ``IpwatchError`` if it refuses, ``ServerSilent`` if none answers."""
        for pause in self._pauses:
            try:
                return self._exchange(method, path, body)
            except _Busy:
                time.sleep(pause)
        return self._exchange(method, path, body)

    def _exchange(self, method: str, path: str, body: Mapping[str, Any] | None) -> Any:
        headers = {"Authorization": self._authorization, "Content-Type": "application/json"}
        if method != "GET":
            headers |= {"Prefect-Csrf-Client": self._client, "Prefect-Csrf-Token": self._csrf_token()}
        request = urllib.request.Request(  # noqa: S310 - the address is our own, on loopback
            f"{self.url}{path}",
            method=method,
            headers=headers,
            data=None if body is None else json.dumps(body).encode(),
        )
        try:
            with self._opener.open(request, timeout=self._seconds) as answer:
                content = answer.read()
                return json.loads(content) if content else None
        except urllib.error.HTTPError as error:
            self._token = None
            raise self._refusal(error, method, path) from None
        except (OSError, http.client.HTTPException) as error:
            reason = error.reason if isinstance(error, urllib.error.URLError) else error
            raise ServerSilent(message("cli.prefect.silent", url=self.url, reason=reason)) from None
        except ValueError:
            raise IpwatchError(message("cli.prefect.no_server", url=self.url)) from None

    def _refusal(self, error: urllib.error.HTTPError, method: str, path: str) -> IpwatchError:
        with error:
            content = error.read(400).decode(errors="replace")
        if error.code == UNAUTHORIZED:
            return IpwatchError(message("cli.prefect.other", url=self.url))
        kind = _Busy if error.code == BUSY else IpwatchError
        return kind(
            message("cli.prefect.refused", url=self.url, method=method, path=path, code=error.code, said=content)
        )

    def _csrf_token(self) -> str:
        """Return the token without which the server takes no change, valid for a while yet."""
        if self._token is None or self._token[1] < datetime.now(UTC) + TOKEN_MARGIN:
            answer = self._ask("GET", f"/csrf-token?client={self._client}")
            self._token = answer["token"], datetime.fromisoformat(answer["expiration"])
        return self._token[0]


def _job_template(command: str) -> dict[str, Any]:
    """Return the template of Prefect's process worker, by whose variables a deployment changes single values."""
    text_or_null = {"type": ["string", "null"], "default": None}
    variables = {
        "command": {"type": "string", "default": command},
        "env": {"type": "object", "additionalProperties": {"type": ["string", "null"]}},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        "name": text_or_null,
        "stream_output": {"type": "boolean", "default": True},
        "working_dir": text_or_null,
    }
    return {
        "job_configuration": {name: f"{{{{ {name} }}}}" for name in variables},
        "variables": {"type": "object", "properties": variables},
    }


def _flow_run(answer: Mapping[str, Any]) -> FlowRun:
    state = answer.get("state") or {}
    return FlowRun(
        id=answer["id"],
        name=answer["name"],
        deployment_id=answer["deployment_id"],
        state=answer["state_type"] or "",
        state_name=answer["state_name"] or "",
        message=state.get("message"),
        since=_time(state.get("timestamp")),
        automatic=bool(answer["auto_scheduled"]),
        expected_at=_time(answer["expected_start_time"]),
        process_id=answer["infrastructure_pid"] and _number(answer["infrastructure_pid"]),
    )


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _number(text: str) -> int | None:
    # The worker writes "host:number" or the number alone.
    digits = text.rpartition(":")[2]
    return int(digits) if digits.isdigit() else None

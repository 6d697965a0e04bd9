"""Watchdog: ends child processes that hang, so that they are restarted like those that have ended."""

from __future__ import annotations

import time
from datetime import datetime

from ipwatch.cli.children import Child, Say
from ipwatch.cli.orchestrator import POOL, WORKER
from ipwatch.cli.prefect_api import PrefectApi, ServerSilent
from ipwatch.errors import IpwatchError
from ipwatch.terms import message

LOOK_SECONDS = 30
HUNG_SECONDS = 300
"""Ten reports of a worker, and five questions to a server that each wait a minute: slow machines do better."""


class Watchdog:
    """Checks whether the server answers and the worker reports.

    Time that the machine slept is no silence: what counts is how long this process ran meanwhile.
    """

    def __init__(
        self,
        server: Child,
        worker: Child,
        api: PrefectApi,
        say: Say,
        *,
        look_seconds: float = LOOK_SECONDS,
        hung_seconds: float = HUNG_SECONDS,
    ) -> None:
        self._server, self._worker, self._api, self._say = server, worker, api, say
        self._look_seconds, self._hung_seconds = look_seconds, hung_seconds
        self._due = self._answered_at = self._reported_at = time.monotonic()
        self._reported: datetime | None = None

    def turn(self) -> None:
        """End the server where it has answered nothing for long, the worker where it has reported nothing for long."""
        if time.monotonic() < self._due:
            return
        try:
            reported = self._api.worker_heartbeat(POOL, WORKER)
        except ServerSilent:
            # Nobody can report meanwhile.
            self._reported_at = time.monotonic()
            self._end(self._server, self._answered_at, message("cli.up.answered_nothing"))
        except IpwatchError:
            self._answered_at = time.monotonic()
        else:
            self._answered_at = time.monotonic()
            if reported != self._reported:
                self._reported, self._reported_at = reported, self._answered_at
            self._end(self._worker, self._reported_at, message("cli.up.reported_nothing"))
        self._due = time.monotonic() + self._look_seconds

    def _end(self, child: Child, since: float, did: str) -> None:
        silent = time.monotonic() - max(since, child.started_at)
        if child.code is None and silent > self._hung_seconds:
            self._say(message("cli.up.hung", child=child.name, did=did, silent=silent))
            child.stop()

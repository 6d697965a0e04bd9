"""A running sandbox: the servers in a child process, which ends with its parent."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from typing import IO, Any, cast

from ipwatch.errors import IpwatchError
from ipwatch.records import SourceOptions
from ipwatch.sandbox.faults import Fault
from ipwatch.sandbox.sources import source_options
from ipwatch.sandbox.truth import Truth
from ipwatch.sandbox.world import World
from ipwatch.terms import message

_READY_WITHIN = 30.0
_POLL = 0.02
_STOP_WITHIN = 5.0
_CONTROL = "control.localhost"
_OK = 200


class SandboxError(IpwatchError):
    """The sandbox did not start, or refused a request."""


class Sandbox:
    """A running sandbox. ``world`` is the world of its current day."""

    def __init__(self, world: World, process: subprocess.Popen[bytes], port: int) -> None:
        self.world = world
        self.port = port
        self._process = process

    def origin(self, host: str) -> str:
        """Return scheme, host and port of a virtual host, given with or without ``.localhost``."""
        name = host if host.endswith("localhost") else f"{host}.localhost"
        return f"http://{name}:{self.port}"

    @property
    def sources(self) -> Mapping[str, SourceOptions]:
        """The options of each source for this sandbox."""
        return source_options(self.origin, self.world.first_day)

    @property
    def truth(self) -> Mapping[str, Truth]:
        """The ground truth, by the subjects of a crawl of this sandbox."""
        return self.world.truth_at(self.port)

    @property
    def running(self) -> bool:
        """Return whether the server process is alive."""
        return self._process.poll() is None

    def set_faults(self, faults: Sequence[Fault]) -> None:
        """Replace the injected faults."""
        self._tell("POST", "/_sandbox/faults", [fault.as_json() for fault in faults])

    def advance(self, days: int) -> None:
        """Advance the world by some days."""
        self._tell("POST", "/_sandbox/advance", {"days": days})
        self.world = self.world.advance(days)

    def status(self) -> Mapping[str, Any]:
        """Return the day, the number of listings, the requests by host, and the counts of each fault."""
        return self._tell("GET", "/_sandbox/status", None)

    def stop(self) -> None:
        """Stop the servers, if they are running."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(_STOP_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(_STOP_WITHIN)
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _tell(self, method: str, path: str, body: object) -> dict[str, Any]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            payload = None if body is None else json.dumps(body).encode()
            connection.request(method, path, payload, {"Host": f"{_CONTROL}:{self.port}"})
            answer = connection.getresponse()
            content: dict[str, Any] = json.loads(answer.read())
        finally:
            connection.close()
        if answer.status != _OK:
            reason = content.get("error", answer.status)
            raise SandboxError(message("cli.demo.sandbox_refused", method=method, path=path, reason=reason))
        return content


@contextmanager
def running(world: World, port: int = 0, faults: Sequence[Fault] | None = None) -> Iterator[Sandbox]:
    """Run a sandbox of that world on 127.0.0.1 and yield it once it answers; it is stopped at the end.

    With port 0 the system chooses one. Raises ``SandboxError`` where it does not start, for example as the port is in
    use.
    """
    arguments = {
        "seed": world.seed,
        "listings": world.listings,
        "today": world.first_day,
        "day": world.day,
        "composition": world.composition.value,
        "port": port,
    }
    command = [sys.executable, "-m", "ipwatch.sandbox", "--attached"]
    for name, value in arguments.items():
        command += [f"--{name}", str(value)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603 - our own module
    sandbox = Sandbox(world, process, 0)
    try:
        sandbox.port = _announced_port(process)
        _wait_until_ready(sandbox)
        if faults:
            sandbox.set_faults(faults)
        yield sandbox
    finally:
        sandbox.stop()


def _announced_port(process: subprocess.Popen[bytes]) -> int:
    """Return the port of the process, from its first line of output."""
    line = cast("IO[bytes]", process.stdout).readline()
    if not line.strip().isdigit():
        raise SandboxError(message("cli.demo.sandbox_ended", code=process.wait(_STOP_WITHIN)))
    return int(line)


def _wait_until_ready(sandbox: Sandbox) -> None:
    deadline = time.monotonic() + _READY_WITHIN
    while True:
        try:
            sandbox.status()
        except (OSError, HTTPException) as error:
            if not sandbox.running or time.monotonic() > deadline:
                raise SandboxError(message("cli.demo.sandbox_silent", error=error)) from error
            time.sleep(_POLL)
        else:
            return

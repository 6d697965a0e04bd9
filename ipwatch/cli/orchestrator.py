"""Prefect as a set of child processes: ipwatch starts and ends them, and never imports Prefect."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from ipwatch.errors import ConfigError, IpwatchError

START_SECONDS = 90
STOP_SECONDS = 4
POLL_SECONDS = 1
POOL = "ipwatch"


def prefect_environment(data_dir: Path, *, port: int | None) -> dict[str, str]:
    """Return the environment in which Prefect runs closed: own home, no telemetry, loopback, a password, JSON results.

    With a ``port`` flows report to the server on it; without one they start a server of their own for as long as they
    run. The recorder settings keep Prefect's run history complete: its defaults write one task run a transaction.
    """
    home = (data_dir / "prefect").resolve()
    home.mkdir(parents=True, exist_ok=True)
    environment = {
        "DO_NOT_TRACK": "1",
        "PREFECT_HOME": str(home),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_API_HOST": "127.0.0.1",
        "PREFECT_RESULTS_DEFAULT_SERIALIZER": "json",
        "PREFECT_LOGGING_LEVEL": "WARNING",
        "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "100",
        "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
        "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
        "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_READ_BATCH_SIZE": "100",
        "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "200",
        "PREFECT_SERVER_SERVICES_TRIGGERS_READ_BATCH_SIZE": "100",
    }
    if port is not None:
        origin = f"http://127.0.0.1:{port}"
        password = f"ipwatch:{_password(home)}"
        environment |= {
            "PREFECT_API_URL": f"{origin}/api",
            "PREFECT_SERVER_API_PORT": str(port),
            "PREFECT_SERVER_API_AUTH_STRING": password,
            "PREFECT_API_AUTH_STRING": password,
            "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": origin,
            "PREFECT_SERVER_CSRF_PROTECTION_ENABLED": "true",
            "PREFECT_CLIENT_CSRF_SUPPORT_ENABLED": "true",
        }
    return environment


def _password(home: Path) -> str:
    """Return the password of this installation's Prefect server, made once and readable by its owner only."""
    path = home / "api-password"
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(32))
    return path.read_text().strip()


def require_free_port(port: int) -> None:
    """Return where nobody listens on that port of 127.0.0.1; raises ``ConfigError`` otherwise."""
    with socket.socket() as probe:
        # As servers do it: a port on which a server ended a moment ago is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise ConfigError(
                f"port {port} cannot be used: {error.strerror}; name another one with --prefect-port"
            ) from error


def wait_while_running(processes: Mapping[str, tuple[subprocess.Popen[bytes], Path]]) -> None:
    """Return never; raises ``IpwatchError`` naming the child that ended, and its log."""
    while True:
        for name, (process, log) in processes.items():
            if process.poll() is not None:
                raise IpwatchError(f"the Prefect {name} ended with code {process.returncode}; its log: {log}")
        time.sleep(POLL_SECONDS)


@contextmanager
def child(arguments: Sequence[str], environment: Mapping[str, str], *, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a Python module as a child process whose output goes to ``log``, and end it afterwards, kindly at first.

    It leads a session of its own: Ctrl-C in a terminal reaches us alone, and what it started ends with it.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter with fixed arguments
            [sys.executable, "-m", *arguments],
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        _signal_group(process, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
        _signal_group(process, signal.SIGKILL)
        process.wait()


def _signal_group(leader: subprocess.Popen[bytes], number: signal.Signals) -> None:
    # The group is gone where its last process has ended.
    with suppress(ProcessLookupError):
        os.killpg(leader.pid, number)


def run_module(arguments: Sequence[str], environment: Mapping[str, str], *, directory: Path | None = None) -> int:
    """Run a Python module to its end with our own stderr, its stdout joined to it, and return the exit code.

    It works in ``directory``, or where we do.
    """
    process = subprocess.run(  # noqa: S603 - our own interpreter with fixed arguments
        [sys.executable, "-m", *arguments],
        env={**os.environ, **environment},
        cwd=directory,
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr.fileno(),
        check=False,
    )
    return process.returncode


def wait_until_healthy(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Return when the server answers; raises ``IpwatchError`` naming its log where it ends or does not come up."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise IpwatchError(f"the Prefect server ended at once with code {process.returncode}; its log: {log}")
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own server on loopback
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    raise IpwatchError(f"the Prefect server did not answer within {START_SECONDS} s; its log: {log}")


def deploy_all(environment: Mapping[str, str], project: Path) -> None:
    """Create the work pool and every deployment of ``prefect.yaml``; raises where Prefect refuses."""
    if not (project / "prefect.yaml").is_file():
        raise ConfigError(f"{project}: no prefect.yaml here; start ipwatch up in a checkout of the project")
    steps = (
        ("work-pool", "create", POOL, "--type", "process", "--overwrite"),
        ("deploy", "--all"),
    )
    for step in steps:
        if run_module(["prefect", "--no-prompt", *step], environment, directory=project) != 0:
            raise IpwatchError(f"prefect {' '.join(step)} failed; what it said stands above")

"""Prefect on this machine: environment, server and deployments; ipwatch never imports Prefect."""

from __future__ import annotations

import os
import secrets
import shlex
import socket
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import certifi

from ipwatch import lifeline, schedules
from ipwatch.cli.children import Child, Patience, Say
from ipwatch.cli.prefect_api import PrefectApi
from ipwatch.errors import ConfigError
from ipwatch.terms import message, os_reason

POOL = "ipwatch"
WORKER = "ipwatch"
HISTORY = timedelta(days=30)
"""So long Prefect keeps runs with their tasks and logs; what ipwatch itself knows of them stays."""

EVENTS = timedelta(days=7)


def prefect_environment(data_dir: Path, *, port: int) -> dict[str, str]:
    """Return the environment in which Prefect runs closed: own home, no telemetry, loopback, a password, JSON results.

    The recorder settings keep Prefect's run history complete: its defaults write one task run a transaction. Leases on
    disk outlive the server's process. The vacuum settings bound what is kept. The API is plain HTTP, but each client of
    it loads certificates: those of all authorities took a fifth of the time that deploying takes, so it is given one.
    """
    home = private_home(data_dir)
    origin = f"http://127.0.0.1:{port}"
    password = f"ipwatch:{_password(home)}"
    return {
        "DO_NOT_TRACK": "1",
        "PREFECT_HOME": str(home),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_API_HOST": "127.0.0.1",
        "PREFECT_RESULTS_DEFAULT_SERIALIZER": "json",
        "PREFECT_LOGGING_LEVEL": "WARNING",
        "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
        "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "100",
        "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
        "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
        "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_READ_BATCH_SIZE": "100",
        "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "200",
        "PREFECT_SERVER_SERVICES_TRIGGERS_READ_BATCH_SIZE": "100",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": str(int(HISTORY.total_seconds())),
        "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": f"P{EVENTS.days}D",
        "PREFECT_API_URL": f"{origin}/api",
        "PREFECT_SERVER_API_PORT": str(port),
        "PREFECT_SERVER_API_AUTH_STRING": password,
        "PREFECT_API_AUTH_STRING": password,
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": origin,
        "PREFECT_SERVER_CSRF_PROTECTION_ENABLED": "true",
        "PREFECT_CLIENT_CSRF_SUPPORT_ENABLED": "true",
        "PREFECT_API_SSL_CERT_FILE": str(_one_authority(home)),
    }


def _one_authority(home: Path) -> Path:
    """Return a file with the certificate of one of the authorities that Python trusts."""
    path = home / "one-authority.pem"
    if not path.exists():
        end = "-----END CERTIFICATE-----\n"
        all_authorities = Path(certifi.where()).read_text("utf-8")
        unfinished = path.with_suffix(f".{os.getpid()}")
        unfinished.write_text(all_authorities.partition(end)[0] + end, "utf-8")
        unfinished.replace(path)
    return path


def private_home(data_dir: Path) -> Path:
    """Return the directory of Prefect's own state, which nobody but its owner can enter from now on."""
    home = (data_dir / "prefect").resolve()
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    home.chmod(0o700)
    for database in home.glob("prefect.db*"):
        database.chmod(0o600)
    return home


def _password(home: Path) -> str:
    """Return the password of this installation's Prefect server, made once and readable by its owner only."""
    path = home / "api-password"
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(32))
    return path.read_text().strip()


def require_free_port(port: int) -> None:
    """Raise ``ConfigError`` if that port of 127.0.0.1 is in use."""
    with socket.socket() as probe:
        # As servers do it: a port on which a server ended a moment ago is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise ConfigError(message("cli.up.port", port=port, reason=os_reason(error))) from error


def free_port() -> int:
    """Return a free port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def prefect_server(
    environment: Mapping[str, str], *, processes: Path, logs: Path, say: Say
) -> Iterator[tuple[Child, PrefectApi]]:
    """Run a Prefect server, and yield it with its API once it answers; raises ``IpwatchError`` if it does not."""
    server = Child(
        "server",
        ["prefect", "server", "start"],
        environment,
        processes=processes,
        log=logs / "prefect-server.log",
        say=say,
    )
    api = PrefectApi.of(environment)
    with server.running():
        wait_until_healthy(server, api, say)
        yield server, api


def wait_until_healthy(server: Child, api: PrefectApi, say: Say) -> None:
    """Return once the server answers; raises ``IpwatchError`` where it ends again and again, or takes too long."""
    patience = Patience(message("cli.up.server_answers"), server.log, say)
    while not api.healthy():
        server.revive()
        patience.pause()


def deploy_all(
    environment: Mapping[str, str], project: Path, api: PrefectApi, *, processes: Path, logs: Path, say: Say
) -> None:
    """Create the work pool and every deployment of ``prefect.yaml``, those of its templates too.

    Each flow run becomes a process that ends with its worker, and holds a file while it lives. Raises ``IpwatchError``
    where Prefect refuses.
    """
    declared = project / schedules.FILE
    if not declared.is_file():
        raise ConfigError(message("cli.up.no_prefect_yaml", project=project))
    complete = Path(environment["PREFECT_HOME"]) / "deployments.yaml"
    complete.write_text(schedules.deployments_file(declared), "utf-8")
    engine = lifeline.command(["prefect.engine"], parent=processes / "worker.lock", runs=processes / "runs")
    api.put_pool(POOL, shlex.join(engine))
    deploy = Child(
        "deploy",
        ["prefect", "--no-prompt", "deploy", "--all", "--prefect-file", str(complete)],
        environment,
        processes=processes,
        log=logs / "prefect-deploy.log",
        directory=project,
        say=say,
    )
    deploy.finish(message("cli.up.deployed"))


def remove_unconfigured(api: PrefectApi, configured: Collection[str]) -> list[str]:
    """Remove the deployments of sources that are not configured, and return the names of those sources."""
    removed = [
        deployment
        for deployment in api.deployments(next_runs=False)
        if deployment.source is not None and deployment.source not in configured
    ]
    for deployment in removed:
        api.delete_deployment(deployment.id)
    return sorted({deployment.source for deployment in removed if deployment.source is not None})


def worker_of(environment: Mapping[str, str], *, project: Path, processes: Path, logs: Path, say: Say) -> Child:
    """Return the worker that runs what is due, not started yet."""
    return Child(
        "worker",
        ["prefect", "worker", "start", "--pool", POOL, "--name", WORKER],
        environment,
        processes=processes,
        log=logs / "prefect-worker.log",
        directory=project,
        say=say,
    )

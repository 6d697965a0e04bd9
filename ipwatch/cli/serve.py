"""``ipwatch serve``, ``ipwatch up`` and ``ipwatch user``: the review page, the scheduled watch, and its people."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click
import uvicorn

from ipwatch.cli.console import utc_now
from ipwatch.cli.orchestrator import POOL, child, deploy_all, prefect_environment, wait_until_healthy
from ipwatch.errors import ConfigError
from ipwatch.settings import Settings
from ipwatch.store import accounts, audit
from ipwatch.store.session import Database, upgrade
from ipwatch.web import create_app

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
READY_SECONDS = 20


@contextmanager
def review_page(settings: Settings, *, progress: Callable[[], str] | None = None) -> Iterator[str]:
    """Serve the review page in the background and give its address.

    Raises ``ConfigError`` where the port is taken, or where the page would be open to a network without accounts.
    """
    database = Database(settings.url_of_database)
    try:
        database.require_current()
        with database.reading() as session:
            open_to_all = not accounts.any_accounts(session)
        if open_to_all and settings.web_host not in LOOPBACK:
            raise ConfigError(
                f"IPWATCH_WEB_HOST={settings.web_host}: without accounts anybody on the network could decide cases; "
                "add one with ipwatch user add, or serve on 127.0.0.1"
            )
        app = create_app(
            database,
            evidence_root=settings.evidence_dir,
            now=utc_now,
            progress=progress,
            allowed_hosts=tuple(sorted({*LOOPBACK, settings.web_host})),
        )
        server = uvicorn.Server(
            uvicorn.Config(app, host=settings.web_host, port=settings.web_port, log_level="warning", access_log=False)
        )
        thread = threading.Thread(target=server.run, name="review-page", daemon=True)
        thread.start()
        yield _address(server, thread, settings)
        server.should_exit = True
        thread.join(READY_SECONDS)
    finally:
        database.dispose()


def _address(server: uvicorn.Server, thread: threading.Thread, settings: Settings) -> str:
    deadline = time.monotonic() + READY_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise ConfigError(
                f"the review page cannot listen on {settings.web_host}:{settings.web_port}; "
                "set IPWATCH_WEB_PORT to a free port"
            )
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    return f"http://{settings.web_host}:{port}/"


def wait_for_interrupt() -> None:
    """Return never, except by Ctrl-C or SIGTERM."""
    while True:
        time.sleep(3600)


@click.command()
@click.pass_obj
def serve(settings: Settings) -> None:
    """Serve the review page alone, on IPWATCH_WEB_HOST and IPWATCH_WEB_PORT."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    upgrade(settings.url_of_database)
    with review_page(settings) as address:
        click.echo(f"Review page: {address}  (Ctrl-C ends it)", err=True)
        wait_for_interrupt()


@click.command()
@click.option("--prefect-port", default=4200, show_default=True, help="Port of the Prefect server on loopback.")
@click.option(
    "--project",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=".",
    help="Checkout whose prefect.yaml is deployed.",
)
@click.pass_obj
def up(settings: Settings, prefect_port: int, project: Path) -> None:
    """Run everything on this machine: Prefect server, the scheduled deployments, a worker, and the review page."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    upgrade(settings.url_of_database)
    environment = prefect_environment(settings.data_dir, port=prefect_port)
    logs = settings.data_dir / "logs"
    with ExitStack() as stack:
        address = stack.enter_context(review_page(settings))
        click.echo(f"Review page: {address}", err=True)
        server_log = logs / "prefect-server.log"
        server = stack.enter_context(child(["prefect", "server", "start"], environment, log=server_log))
        wait_until_healthy(f"http://127.0.0.1:{prefect_port}/api/health", server, server_log)
        deploy_all(environment, project)
        stack.enter_context(
            child(["prefect", "worker", "start", "--pool", POOL], environment, log=logs / "prefect-worker.log")
        )
        click.echo(
            f"Prefect: http://127.0.0.1:{prefect_port}/  (sign in with the text in "
            f"{settings.data_dir / 'prefect' / 'api-password'}, after 'ipwatch:')\n"
            "The watch runs on the schedules of prefect.yaml. Ctrl-C ends everything.",
            err=True,
        )
        wait_for_interrupt()


@click.group()
def user() -> None:
    """People who may sign in to the review page."""


@user.command("add")
@click.argument("name")
@click.option("--display-name", help="The name that stands under decisions; default: NAME.")
@click.option("--role", type=click.Choice(["reviewer", "approver", "admin"]), default="reviewer", show_default=True)
@click.password_option(help="Asked for where not given.")
@click.pass_obj
def add_user(settings: Settings, name: str, display_name: str | None, role: str, password: str) -> None:
    """Add the account NAME. From the first account on, the review page asks everybody to sign in."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    upgrade(settings.url_of_database)
    database = Database(settings.url_of_database)
    try:
        with database.writing() as session:
            accounts.add_account(
                session,
                name=name,
                display_name=display_name or name,
                role=role,
                password=password,
                at=utc_now(),
            )
            audit.append(
                session,
                actor="ipwatch user add",
                action="account_added",
                target=name,
                detail={"role": role},
                at=utc_now(),
            )
    finally:
        database.dispose()
    click.echo(f"ipwatch: added {name} ({role})", err=True)

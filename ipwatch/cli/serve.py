"""``ipwatch serve`` and ``ipwatch user``: the review page and its accounts."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import click
import uvicorn

from ipwatch.bootstrap import locks_of, prepare_installation, source_setups
from ipwatch.cli.console import utc_now
from ipwatch.cli.language import say, tell, word
from ipwatch.errors import ConfigError, IpwatchError
from ipwatch.settings import Settings
from ipwatch.store import accounts, audit
from ipwatch.store.session import PAGE_PAUSES, Database
from ipwatch.terms import message, os_reason
from ipwatch.web import create_app
from ipwatch.web.devices import load_key
from ipwatch.web.server import review_server

DEVICE_KEY = "device-key"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
READY_SECONDS = 20
# Readers that hold their connection open are not waited for.
STOP_SECONDS = 1


@contextmanager
def review_page(
    settings: Settings, *, progress: Callable[[], str] | None = None, project: Path | None = None
) -> Iterator[str]:
    """Serve the review page in the background and yield its address.

    ``project`` is the checkout whose ``prefect.yaml`` says how often sources are to be read, where it is not this one.
    Raises ``ConfigError`` where the port is taken, or where the page would be open to a network without accounts.
    """
    database = Database(settings.url_of_database, pauses=PAGE_PAUSES)
    try:
        database.require_current()
        with database.read_session() as session:
            open_to_all = not accounts.any_accounts(session)
        if open_to_all:
            _refuse_strangers(settings)
        app = create_app(
            database,
            evidence_root=settings.evidence_dir,
            now=utc_now,
            progress=progress,
            setups=source_setups(settings, project),
            locks=locks_of(settings),
            rates=settings.rates,
            allowed_hosts=tuple(sorted({*LOOPBACK, settings.web_host})),
            origin=settings.web_origin,
            client_header=settings.web_client_header,
            device_key=load_key(settings.data_dir / DEVICE_KEY),
        )
        listening = _listen(settings)
        port = listening.getsockname()[1]
        server, door = review_server(app, listening)
        thread = threading.Thread(target=server.run, args=([door],), name="review-page", daemon=True)
        thread.start()
        try:
            _wait_until_started(server, thread)
            yield f"http://{_in_url(settings.web_host)}:{port}/"
        finally:
            server.should_exit = True
            thread.join(STOP_SECONDS)
    finally:
        database.dispose()


def _refuse_strangers(settings: Settings) -> None:
    """Raise ``ConfigError`` if a page without accounts could be reached from other machines."""
    if settings.web_host not in LOOPBACK:
        set_to = f"IPWATCH_WEB_HOST={settings.web_host}"
    elif settings.web_origin is not None:
        set_to = f"IPWATCH_WEB_ORIGIN={settings.web_origin}"
    else:
        return
    raise ConfigError(message("cli.serve.open", setting=set_to))


def _listen(settings: Settings) -> socket.socket:
    """Return a socket that listens on the configured address; raises ``ConfigError`` with the cause if it cannot."""
    family = socket.AF_INET6 if ":" in settings.web_host else socket.AF_INET
    try:
        return socket.create_server((settings.web_host, settings.web_port), family=family)
    except OSError as error:
        raise ConfigError(
            message("cli.serve.listen", host=settings.web_host, port=settings.web_port, reason=os_reason(error))
        ) from error


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _wait_until_started(server: uvicorn.Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise IpwatchError(message("cli.serve.slow", seconds=READY_SECONDS))
        time.sleep(0.02)


def wait_for_interrupt() -> None:
    """Return when Ctrl-C or SIGTERM asks for it: what serves until then has ended as it should."""
    with suppress(KeyboardInterrupt):
        while True:
            time.sleep(3600)


@click.command()
@click.pass_obj
def serve(settings: Settings) -> None:
    """Serve the review page alone, on IPWATCH_WEB_HOST and IPWATCH_WEB_PORT."""
    prepare_installation(settings)
    with review_page(settings) as address:
        say(message("cli.serve.page", address=address))
        wait_for_interrupt()


class _PasswordOption(click.Option):
    """An option whose prompt is in the language of the command."""

    def prompt_for_value(self, ctx: click.Context) -> Any:
        self.prompt = word("web.login.password")
        return super().prompt_for_value(ctx)


@click.group()
def user() -> None:
    """People who may sign in to the review page."""


@user.command("add")
@click.argument("name")
@click.option("--display-name")
@click.option(
    "--role",
    type=click.Choice(["reviewer", "approver", "admin"]),
    default="reviewer",
    show_default=True,
)
@click.password_option(cls=_PasswordOption)
@click.pass_obj
def add_user(settings: Settings, name: str, display_name: str | None, role: str, password: str) -> None:
    """Add the account NAME. From the first account on, the review page asks everybody to sign in."""
    account = accounts.new_account(name, display_name or name, role=role, password=password)
    prepare_installation(settings)
    database = Database(settings.url_of_database)
    try:
        with database.write_session() as session:
            accounts.add_account(session, account, now=utc_now())
            audit.append(
                session,
                actor="ipwatch user add",
                action="account_added",
                target=name,
                detail={"role": role},
                now=utc_now(),
            )
    finally:
        database.dispose()
    tell(message("cli.user.added", name=name, role=role))

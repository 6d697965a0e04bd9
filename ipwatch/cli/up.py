"""``ipwatch up``: the scheduled watch on one machine: supervised, and with no process left at its end."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import click

from ipwatch import lifeline
from ipwatch.bootstrap import make_data_dir, prepare_installation, source_setups
from ipwatch.cli.children import Child, Patience, alone, clear_leftovers, keep_small
from ipwatch.cli.language import say
from ipwatch.cli.orchestrator import (
    POOL,
    WORKER,
    deploy_all,
    prefect_environment,
    prefect_server,
    remove_unconfigured,
    require_free_port,
    wait_until_healthy,
    worker_of,
)
from ipwatch.cli.prefect_api import Deployment, PrefectApi, ServerSilent
from ipwatch.cli.reconcile import Reconciler
from ipwatch.cli.serve import review_page
from ipwatch.cli.watchdog import Watchdog
from ipwatch.errors import IpwatchError
from ipwatch.settings import Settings
from ipwatch.terms import Joined, listed, message, text_of

POLL_SECONDS = 1
SCHEDULE_SECONDS = 300
"""Prefect's scheduler looks at a new deployment every few seconds, and at all of them every minute."""

JST = timezone(timedelta(hours=9), "JST")
OTHERWISE = message("cli.up.otherwise")
CUT_OFF = message("cli.up.cut_off")


@click.command()
@click.option("--prefect-port", default=4200, show_default=True)
@click.option(
    "--project",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=".",
)
@click.pass_obj
def up(settings: Settings, prefect_port: int, project: Path) -> None:
    """Run everything on this machine: Prefect server, the scheduled deployments, a worker, and the review page."""
    make_data_dir(settings.data_dir)
    processes = (settings.data_dir / "processes").resolve()
    with ExitStack() as stack:
        stack.enter_context(alone(processes, OTHERWISE))
        clear_leftovers(processes, say)
        prepare_installation(settings)
        require_free_port(prefect_port)
        # The flows work in the checkout that was deployed, and read the same settings there.
        environment = {**prefect_environment(settings.data_dir, port=prefect_port), **settings.as_environment()}
        say(message("cli.up.page", address=stack.enter_context(review_page(settings, project=project))))
        _run_watch(stack, settings, environment, project.resolve(), processes)


def _run_watch(
    stack: ExitStack, settings: Settings, environment: dict[str, str], project: Path, processes: Path
) -> None:
    """Start everything in order, report when it runs, and supervise it."""
    logs = settings.data_dir / "logs"
    server, api = stack.enter_context(prefect_server(environment, processes=processes, logs=logs, say=say))
    reconciler = Reconciler(api, processes / "runs", say)
    sources = {name for name, setup in source_setups(settings, project).items() if setup.expected}

    def prepare() -> None:
        if crashed := reconciler.settle(CUT_OFF):
            say(message("cli.up.were_cut_off", crashed=crashed))
        deploy_all(environment, project, api, processes=processes, logs=logs, say=say)
        if removed := remove_unconfigured(api, sources):
            say(message("cli.up.not_scheduled", sources=listed(removed)))

    stack.callback(_settle_at_end, environment, processes)
    _with_server(server, api, prepare)
    begun = datetime.now(UTC)
    worker = worker_of(environment, project=project, processes=processes, logs=logs, say=say)
    stack.enter_context(worker.running())
    say(_plan(_due(api, server, worker, begun), sources))
    password = settings.data_dir / "prefect" / "api-password"
    say(message("cli.up.prefect", url=environment["PREFECT_API_URL"].removesuffix("api"), password=password))
    _keep(server, worker, reconciler, Watchdog(server, worker, api, say))


def _with_server(server: Child, api: PrefectApi, work: Callable[[], None]) -> None:
    """Do what needs the server; start again from the beginning if the server has ended meanwhile."""
    while True:
        try:
            work()
        except IpwatchError:
            if server.code is None:
                raise
            wait_until_healthy(server, api, say)
        else:
            return


def _due(api: PrefectApi, server: Child, worker: Child, begun: datetime) -> list[Deployment]:
    """Return the deployments once the scheduler has made a next run of each and the worker has reported.

    Raises ``IpwatchError`` with the fix if that does not happen in time.
    """
    patience = Patience(message("cli.up.next_runs_there"), server.log, say)
    deadline = time.monotonic() + SCHEDULE_SECONDS
    while True:
        server.revive()
        worker.revive()
        with suppress(ServerSilent):
            deployments = api.deployments()
            waiting = [
                deployment.name
                for deployment in deployments
                if deployment.has_schedule and not deployment.paused and deployment.next_run is None
            ]
            heartbeat = api.worker_heartbeat(POOL, WORKER)
            if not waiting and heartbeat is not None and heartbeat >= begun:
                return deployments
            if waiting and time.monotonic() > deadline:
                break
        patience.pause(1)
    raise IpwatchError(message("cli.up.no_next_run", waiting=listed(waiting), seconds=SCHEDULE_SECONDS, log=server.log))


def _plan(deployments: list[Deployment], sources: Collection[str]) -> str:
    """Return lines with the next run of each deployment, and with the configured sources that have none."""
    lines = [message("cli.up.next_runs")]
    for deployment in sorted(
        deployments, key=lambda deployment: (deployment.next_run is None, deployment.next_run or deployment.name)
    ):
        if deployment.next_run is not None:
            when = message("cli.up.at", at=deployment.next_run.astimezone(JST))
        else:
            when = message("cli.up.paused") if deployment.paused else message("cli.up.no_schedule")
        lines.append(message("cli.up.next_run", name=deployment.name, when=when))
    lines += [
        message("cli.up.no_deployment", name=name)
        for name in sorted(set(sources) - {deployment.source for deployment in deployments})
    ]
    if not sources:
        lines.append(message("cli.up.nothing_configured"))
    return Joined(lines)


def _keep(server: Child, worker: Child, reconciler: Reconciler, watchdog: Watchdog) -> None:
    """Return never: start again what ends or hangs, mark runs whose process is gone, and keep the logs small.

    Raises ``IpwatchError`` naming the child that ends again and again, and its log.
    """
    reported = ""
    while True:
        for child in (server, worker):
            child.revive()
            keep_small(child.log)
        watchdog.turn()
        try:
            reconciler.turn()
        except ServerSilent:
            # It starts again; the next turn does what this one could not.
            time.sleep(POLL_SECONDS)
        except IpwatchError as error:
            if str(error) != reported:
                reported = text_of(error)
                say(reported)
        time.sleep(POLL_SECONDS)


def _settle_at_end(environment: dict[str, str], processes: Path) -> None:
    """Mark the interrupted runs, once the worker has ended and while the server still answers.

    Where that fails, the next start does it.
    """
    for file in (processes / "runs").glob("*.lock"):
        # They have ended with their worker where the system sees to it.
        lifeline.end_holder(file)
    try:
        Reconciler(PrefectApi.of(environment, patient=False), processes / "runs", say).settle(CUT_OFF)
    except IpwatchError as error:
        say(message("cli.up.settled_later", error=error))

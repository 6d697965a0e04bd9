"""``ipwatch demo``: the whole watch on the sandbox, with its results compared with the ground truth."""

from __future__ import annotations

import json
import math
import resource
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from ipwatch.bootstrap import make_data_dir, prepare_installation
from ipwatch.cli.children import Child, alone, clear_leftovers
from ipwatch.cli.console import utc_now
from ipwatch.cli.language import say, word
from ipwatch.cli.orchestrator import free_port, prefect_environment, prefect_server
from ipwatch.cli.serve import review_page
from ipwatch.errors import IpwatchError
from ipwatch.pipeline.cycle import today_in_japan
from ipwatch.sandbox import Sandbox, build_world, running
from ipwatch.sandbox.installation import settings_for
from ipwatch.sandbox.tally import Tally, tally
from ipwatch.settings import Settings
from ipwatch.store import reporting
from ipwatch.store.session import Database
from ipwatch.terms import message

MIB = 1024
PROCESSES, LOGS = "processes", "logs"
OTHERWISE = message("cli.demo.otherwise")
RUNNING = "巡回中です。案件は順次表示されます。 / The flows are running; the queue fills as they go."


@click.command()
@click.option("--once", is_flag=True)
@click.option("--seed", default=1, show_default=True)
@click.option(
    "--listings",
    default=3000,
    show_default=True,
    type=click.IntRange(10, 100_000),
)
@click.option(
    "--every",
    default=10.0,
    show_default=True,
    type=click.FloatRange(0.1, 1440),
)
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path, file_okay=False),
)
@click.pass_obj
def demo(settings: Settings, *, once: bool, seed: int, listings: int, every: float, data_dir: Path | None) -> None:
    """Show the whole watch at work on an invented world."""
    world = build_world(seed, listings, today_in_japan(utc_now()))
    with _directory(data_dir) as directory, alone(directory / PROCESSES, OTHERWISE), running(world) as sandbox:
        clear_leftovers(directory / PROCESSES, say)
        world.write_watchlists(directory / "watchlists")
        chosen = settings_for(sandbox, directory, directory / "watchlists", base=settings)
        prepare_installation(chosen)
        status = _Status()
        with review_page(chosen, progress=lambda: status.sentence) as address:
            while True:
                say(message("cli.demo.page_fills", address=address))
                status.sentence = RUNNING
                outcome = _cycle(chosen, sandbox, listings)
                status.sentence = ""
                click.echo(json.dumps(outcome, ensure_ascii=False))
                if once:
                    return
                say(message("cli.demo.page_next", address=address, every=every))
                try:
                    time.sleep(60 * every)
                except KeyboardInterrupt:
                    return
                sandbox.advance(1)


@dataclass
class _Status:
    """The line about the demo on the review page; empty while nothing runs."""

    sentence: str = ""


@contextmanager
def _directory(chosen: Path | None) -> Iterator[Path]:
    if chosen is not None:
        make_data_dir(chosen)
        yield chosen
        return
    made = Path(tempfile.mkdtemp(prefix="ipwatch-demo-"))
    remove = [made]
    try:
        yield made
    except IpwatchError:
        # Its message names a log.
        remove = [path for path in made.iterdir() if path.is_dir() and path.name != LOGS]
        raise
    finally:
        for path in remove:
            shutil.rmtree(path, ignore_errors=True)


def _cycle(settings: Settings, sandbox: Sandbox, listings: int) -> dict[str, object]:
    """Run the flows once, show their results against the ground truth, and return the figures."""
    environment = {**prefect_environment(settings.data_dir, port=free_port()), **settings.as_environment()}
    processes, logs = (settings.data_dir / PROCESSES).resolve(), settings.data_dir / LOGS
    started = time.monotonic()
    with prefect_server(environment, processes=processes, logs=logs, say=say):
        flows = Child("flows", ["flows"], environment, processes=processes, log=logs / "flows.log", say=say)
        flows.finish(message("cli.demo.flows_have_run"), seconds=math.inf)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / MIB
    seconds = time.monotonic() - started
    database = Database(settings.url_of_database)
    try:
        with database.read_session() as session:
            result = tally(
                sandbox.truth, subjects_read=reporting.subjects_read(session), flags=reporting.suspicions(session)
            )
    finally:
        database.dispose()
    _show(result)
    return {
        "found": result.detected,
        "missed": result.missed,
        "missed_unread": result.unread,
        "wrong": result.wrong,
        "precision": round(result.precision, 3),
        "recall": round(result.recall, 3),
        "seconds": round(seconds, 1),
        "listings_per_second": round(listings / seconds, 1),
        "peak_mib_of_flows": round(peak),
    }


def _show(result: Tally) -> None:
    table = Table(title=word("cli.demo.title"))
    for column in ("kind", "suspected", "subjects", "read", "flagged"):
        heading = word(f"cli.demo.{column}")
        table.add_column(heading, justify="left" if column in {"kind", "suspected"} else "right")
    for kind in result.kinds:
        suspected = word("cli.demo.yes" if kind.suspected else "cli.demo.no")
        table.add_row(
            word(f"cli.demo.kind.{kind.kind}"), suspected, *map(str, (kind.subjects, kind.read, kind.flagged))
        )
    console = Console(stderr=True)
    console.print(table)
    console.print(
        word(
            "cli.demo.result",
            found=result.detected,
            missed=result.missed,
            unread=result.unread,
            wrong=result.wrong,
            precision=result.precision,
            recall=result.recall,
        )
    )

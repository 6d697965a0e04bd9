"""``ipwatch demo``: the whole watch on the sandbox, with its results compared with the ground truth."""

from __future__ import annotations

import json
import math
import resource
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
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
from ipwatch.sandbox import Composition, Sandbox, build_world, running
from ipwatch.sandbox.installation import settings_for
from ipwatch.sandbox.tally import Score, Tally, tally
from ipwatch.settings import Settings
from ipwatch.store import reporting
from ipwatch.store.session import Database
from ipwatch.terms import message

MIB = 1024
PROCESSES, LOGS = "processes", "logs"
_OF_WORDS = frozenset({"kind", "suspected", "sign"})
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
    "--composition",
    default=Composition.MARKET.value,
    show_default=True,
    type=click.Choice([each.value for each in Composition]),
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
def demo(
    settings: Settings, *, once: bool, seed: int, listings: int, composition: str, every: float, data_dir: Path | None
) -> None:
    """Show the whole watch at work on an invented world."""
    with ExitStack() as stack:
        directory = stack.enter_context(_directory(data_dir))
        stack.enter_context(alone(directory / PROCESSES, OTHERWISE))
        clear_leftovers(directory / PROCESSES, say)
        # First, as the world takes seconds to make: a directory that cannot be used is reported at once.
        prepare_installation(settings.model_copy(update={"data_dir": directory, "database_url": None}))
        world = build_world(seed, listings, today_in_japan(utc_now()), Composition(composition))
        world.write_watchlists(directory / "watchlists")
        sandbox = stack.enter_context(running(world))
        chosen = settings_for(sandbox, directory, directory / "watchlists", base=settings)
        status = _Status()
        address = stack.enter_context(review_page(chosen, progress=lambda: status.sentence))
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
                sandbox.truth,
                subjects_read=reporting.subjects_read(session),
                flags=reporting.suspicions(session),
                mentions=reporting.mentioned(session),
            )
    finally:
        database.dispose()
    _show(result)
    return {
        **_figures(result),
        "listings": _figures(result.listings),
        "filings": _figures(result.filings),
        "suspected": result.suspected,
        "mentions": result.mentions,
        "suspected_per_1000_mentions": round(result.suspected_per_1000_mentions, 1),
        "not_visible": result.not_visible,
        "signs": {sign.sign: {"listings": sign.subjects, "found": sign.flagged} for sign in result.signs},
        "seconds": round(seconds, 1),
        "listings_per_second": round(listings / seconds, 1),
        "peak_mib_of_flows": round(peak),
    }


def _figures(score: Score) -> dict[str, object]:
    return {
        "found": score.detected,
        "missed": score.missed,
        "missed_unread": score.unread,
        "wrong": score.wrong,
        "precision": round(score.precision, 3),
        "recall": round(score.recall, 3),
    }


def _table(title: str, *columns: str) -> Table:
    """Return an empty table; its first columns, of words, are aligned to the left."""
    table = Table(title=word(title))
    for column in columns:
        table.add_column(word(f"cli.demo.{column}"), justify="left" if column in _OF_WORDS else "right")
    return table


def _show(result: Tally) -> None:
    kinds = _table("cli.demo.title", "kind", "suspected", "subjects", "read", "flagged")
    for kind in result.kinds:
        suspected = "not_visible" if kind.not_visible else "yes" if kind.suspected else "no"
        counts = map(str, (kind.subjects, kind.read, kind.flagged))
        kinds.add_row(word(f"cli.demo.kind.{kind.kind}"), word(f"cli.demo.{suspected}"), *counts)
    signs = _table("cli.demo.signs", "sign", "subjects", "read", "flagged")
    for sign in result.signs:
        signs.add_row(word(f"cli.demo.sign.{sign.sign}"), *map(str, (sign.subjects, sign.read, sign.flagged)))
    console = Console(stderr=True)
    console.print(kinds)
    console.print(signs)
    console.print(
        word(
            "cli.demo.mentions",
            suspected=result.suspected,
            mentions=result.mentions,
            rate=result.suspected_per_1000_mentions,
            found=result.listings.detected,
            visible=result.listings.detected + result.listings.missed,
            not_visible=result.not_visible,
            precision=result.listings.precision,
            recall=result.listings.recall,
        )
    )
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

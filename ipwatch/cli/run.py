"""``ipwatch run``: one cycle now, without a server."""

from __future__ import annotations

import json

import click

from ipwatch.cli.console import progress_bars, utc_now
from ipwatch.errors import ConfigError
from ipwatch.installation import open_installation
from ipwatch.pipeline.cycle import CycleReport, choose_sources, run_cycle
from ipwatch.pipeline.status import plain
from ipwatch.settings import Settings
from ipwatch.store.session import upgrade

EXIT_INPUT, EXIT_OUTSIDE = 2, 3


@click.command()
@click.option(
    "--source",
    "sources",
    multiple=True,
    help="Read this source only; may be given more than once. Default: all that are configured and switched on.",
)
@click.option(
    "--watchlist",
    "watchlists",
    multiple=True,
    help="Use this watchlist only (holder id or file); may be given more than once. Default: all.",
)
@click.pass_obj
def run(settings: Settings, sources: tuple[str, ...], watchlists: tuple[str, ...]) -> None:
    """Run one cycle now: collect, screen, report what was found.

    Prints one JSON object with the counts of each run. Exits with 2 where a named source is not configured, and with 3
    where one could not be read completely; what was read is kept. A source that does not want to be read is left alone
    for a day, unless it is named. An interrupted run continues where it stopped.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    upgrade(settings.url_of_database)
    with (
        progress_bars() as report,
        open_installation(settings, now=utc_now, watchlists=watchlists, report=report) as workspace,
    ):
        chosen = [name for name in choose_sources(workspace, sources) if sources or settings.reads(name)]
        if not chosen:
            raise ConfigError("every source that is configured is switched off; name one with --source")
        cycle = run_cycle(chosen, workspace, insist=bool(sources))
    click.echo(json.dumps(as_json(cycle), ensure_ascii=False))
    for name, error in cycle.refused.items():
        click.echo(f"ipwatch: {name} was not read: {error}", err=True)
    for name, collected in cycle.collected.items():
        if collected.message is not None:
            click.echo(f"ipwatch: {name}: {collected.message}", err=True)
    if any(isinstance(error, ConfigError) for error in cycle.refused.values()):
        raise SystemExit(EXIT_INPUT)
    if not cycle.complete:
        raise SystemExit(EXIT_OUTSIDE)


def as_json(cycle: CycleReport) -> dict[str, object]:
    """Return the counts of a cycle as plain data."""
    return {
        "sources": {name: plain(report) for name, report in sorted(cycle.collected.items())},
        "not_read": {name: str(error) for name, error in sorted(cycle.refused.items())},
        "compared": cycle.screened.screened,
        "suspected": cycle.screened.found,
    }

"""``ipwatch run``: one cycle now, without a server."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

import click

from ipwatch.bootstrap import (
    locks_of,
    open_installation,
    prepare_installation,
    retention_of,
    source_setups,
)
from ipwatch.cli.console import progress_bars, utc_now
from ipwatch.cli.language import tell
from ipwatch.errors import ConfigError
from ipwatch.pipeline.cycle import CycleReport, choose_sources, run_cycle
from ipwatch.pipeline.health import assess_sources
from ipwatch.pipeline.maintain import due, maintain
from ipwatch.pipeline.status import plain
from ipwatch.pipeline.workspace import Workspace
from ipwatch.records import ListingKind, SourceCondition, SourceHealth
from ipwatch.settings import Settings
from ipwatch.terms import Message, listed, message

EXIT_FAILURE, EXIT_INPUT, EXIT_OUTSIDE = 1, 2, 3

_WORDS = {
    SourceCondition.CUT_OFF: message("cli.run.cut_off"),
    SourceCondition.BLOCKED: message("cli.run.blocked"),
    SourceCondition.FAILED: message("cli.run.failed"),
    SourceCondition.WRONG_SETTINGS: message("cli.run.wrong_settings"),
    SourceCondition.OVERDUE: message("cli.run.overdue"),
    SourceCondition.UNSCHEDULED: message("cli.run.unscheduled"),
    SourceCondition.DEGRADED: message("cli.run.degraded"),
    SourceCondition.NEVER: message("cli.run.never"),
}


@click.command()
@click.option(
    "--source",
    "sources",
    multiple=True,
)
@click.option(
    "--watchlist",
    "watchlists",
    multiple=True,
)
@click.pass_obj
def run(settings: Settings, sources: tuple[str, ...], watchlists: tuple[str, ...]) -> None:
    """Run one cycle now: collect, screen, report what was found."""
    prepare_installation(settings)
    setups = source_setups(settings)
    with (
        progress_bars() as report,
        open_installation(settings, now=utc_now, watchlists=watchlists, report=report) as workspace,
    ):
        chosen = [name for name in choose_sources(workspace, sources) if sources or settings.reads(name)]
        if not chosen:
            raise ConfigError(message("cli.run.all_off"))
        cycle = run_cycle(chosen, workspace, insist=bool(sources))
        problems = _maintain_when_due(settings, workspace)
        health = assess_sources(workspace.database, setups, now=utc_now(), locks=locks_of(settings))
    if not sources:
        wrong = {
            name: ConfigError(health[name].message or _WORDS[SourceCondition.WRONG_SETTINGS])
            for name in setups
            if SourceCondition.WRONG_SETTINGS in health[name].conditions
        }
        cycle = replace(cycle, refused={**wrong, **cycle.refused})
    click.echo(json.dumps(as_json(cycle) | standing_as_json(health), ensure_ascii=False))
    _tell(cycle, health, problems)
    if problems:
        raise SystemExit(EXIT_FAILURE)
    if any(isinstance(error, ConfigError) for error in cycle.refused.values()):
        raise SystemExit(EXIT_INPUT)
    if not cycle.complete:
        raise SystemExit(EXIT_OUTSIDE)


def _tell(cycle: CycleReport, health: Mapping[str, SourceHealth], problems: tuple[str, ...]) -> None:
    """Print on stderr what needs attention: sources first, then the problems that the maintenance found."""
    tell(message("cli.run.named", named=sum(cycle.named.values()), suspected=cycle.named[ListingKind.SUSPECTED]))
    for name, error in cycle.refused.items():
        tell(message("cli.run.not_read", name=name, error=error))
    for name, collected in cycle.collected.items():
        if collected.message is not None:
            tell(message("lists.at", place=name, text=collected.message))
    for name, standing in health.items():
        if standing.expected and not standing.well and name not in cycle.refused and name not in cycle.collected:
            tell(describe(standing))
    for problem in problems:
        tell(message("cli.run.damage", problem=problem))


def _maintain_when_due(settings: Settings, workspace: Workspace) -> tuple[str, ...]:
    """Do the daily maintenance if no schedule has done it, and return the problems that it found."""
    if not due(workspace.database, utc_now()):
        return ()
    keep = retention_of(settings)
    return maintain(workspace.database, settings.data_dir, keep, now=utc_now, report=workspace.report).problems


def as_json(cycle: CycleReport) -> dict[str, object]:
    """Return the counts of a cycle as plain data."""
    return {
        "sources": {name: plain(report) for name, report in sorted(cycle.collected.items())},
        "not_read": {name: str(error) for name, error in sorted(cycle.refused.items())},
        "compared": cycle.screened.screened,
        "suspected": cycle.screened.found,
        "listings": {kind.value: count for kind, count in cycle.named.items()},
    }


def standing_as_json(health: Mapping[str, SourceHealth]) -> dict[str, object]:
    """Return the condition of the sources after a cycle: those that need attention, and those that are not read."""
    return {
        "attention": {
            name: {
                "conditions": [condition.value for condition in standing.conditions],
                "last_read": standing.last_read and standing.last_read.isoformat(),
            }
            for name, standing in health.items()
            if standing.expected and not standing.well
        },
        "not_configured": [n for n, standing in health.items() if standing.condition is SourceCondition.NOT_CONFIGURED],
        "switched_off": [n for n, standing in health.items() if standing.condition is SourceCondition.SWITCHED_OFF],
    }


def describe(health: SourceHealth) -> Message:
    """Return one sentence that names a source and what is wrong with it."""
    words = listed(_WORDS[condition] for condition in health.conditions)
    if health.last_read is None:
        return message("cli.run.never_read", name=health.name, words=words)
    return message("cli.run.last_read", name=health.name, words=words, read=health.last_read)

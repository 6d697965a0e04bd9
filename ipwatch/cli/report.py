"""``ipwatch report``: the periodic summary."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import click

from ipwatch.bootstrap import locks_of, source_setups
from ipwatch.cli.console import utc_now
from ipwatch.cli.language import tell
from ipwatch.pipeline.report import build
from ipwatch.settings import Settings
from ipwatch.store.session import Database
from ipwatch.terms import message

_DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.group()
def report() -> None:
    """Periodic summaries."""


@report.command("build")
@click.option("--from", "first", type=_DAY, metavar="YYYY-MM-DD", required=True)
@click.option("--to", "last", type=_DAY, metavar="YYYY-MM-DD", required=True)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True)
@click.pass_obj
def build_report(settings: Settings, first: datetime, last: datetime, out: Path) -> None:
    """Write the summary of a period in every format and print the paths, one JSON object a line."""
    database = Database(settings.url_of_database)
    try:
        database.require_current()
        data, paths = build(
            database,
            first_day=first.date(),
            last_day=last.date(),
            made_at=utc_now(),
            directory=out,
            setups=source_setups(settings),
            locks=locks_of(settings),
        )
    finally:
        database.dispose()
    for path in paths:
        made = {"path": str(path), "complete": data.complete, "audit_head": data.audit_head}
        click.echo(json.dumps(made, ensure_ascii=False))
    if not data.complete:
        tell(message("cli.report.incomplete"))

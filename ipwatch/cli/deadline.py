"""The command ``deadline``: opposition dates, with the rule and its source."""

from __future__ import annotations

import dataclasses
import json
from datetime import datetime

import click

from ipwatch.cli.language import language
from ipwatch.deadlines import Route, opposition_window
from ipwatch.terms import in_language


@click.command()
@click.option("--office", required=True)
@click.option(
    "--published",
    required=True,
    type=click.DateTime(formats=["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
)
@click.option(
    "--route",
    type=click.Choice([route.value for route in Route]),
    default=Route.NATIONAL.value,
    show_default=True,
)
def deadline(office: str, published: datetime, route: str) -> None:
    """Print the first and last day to oppose, with the rule and its source, as one line of JSON."""
    window = opposition_window(office.upper(), published.date(), route=Route(route))
    shown = dataclasses.asdict(window) | {"notes": [in_language(note, language()) for note in window.notes]}
    click.echo(json.dumps(shown, default=str, ensure_ascii=False))

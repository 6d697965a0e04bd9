"""``ipwatch doctor``: a closed list of checks of an installation, each with its fix."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from unicodedata import east_asian_width

import click

from ipwatch.cli.console import utc_now
from ipwatch.cli.doctor.checks import CHECKS, inspect
from ipwatch.cli.doctor.findings import Inspected, State
from ipwatch.cli.doctor.states import render
from ipwatch.cli.language import language
from ipwatch.settings import Settings
from ipwatch.terms import LANGUAGES
from ipwatch.terms import render as words

EXIT_FAILURE = 1

_WIDTH = 8
_NAMES = max(len(check.name) for check in CHECKS) + 2


@click.command()
@click.option("--json", "as_json", is_flag=True)
@click.option("--lang", type=click.Choice(LANGUAGES))
@click.option(
    "--project",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=".",
)
@click.option("--prefect-port", type=int)
@click.pass_obj
def doctor(settings: Settings, *, as_json: bool, lang: str | None, project: Path, prefect_port: int | None) -> None:
    """Check that this installation is well, and say how to fix what is not. Nothing is changed."""
    lang = lang or language()
    inspected = Inspected(settings, now=utc_now(), project=project, environment=os.environ, port=prefect_port)
    counts = dict.fromkeys(State, 0)
    for name, finding in inspect(inspected):
        state, text, fix = render(finding, lang)
        counts[state] += 1
        if as_json:
            row = {"check": name, "state": state.value, "finding": finding.key, "message": text, "fix": fix}
            values = {key: str(value) for key, value in finding.arguments.items()}
            click.echo(json.dumps({**row, "values": values}, ensure_ascii=False))
        else:
            click.echo(f"{_padded(words(f'cli.doctor.{state}', lang))}{name:<{_NAMES}}{text}")
            if fix is not None:
                click.echo(f"{'':<{_WIDTH + _NAMES}}→ {fix}")
    click.echo(_summary(counts, lang), err=True)
    if counts[State.WRONG]:
        raise SystemExit(EXIT_FAILURE)


def _padded(word: str) -> str:
    """Return a word padded to its column; Japanese characters are two columns wide."""
    return word + " " * (_WIDTH - sum(2 if east_asian_width(character) in "FW" else 1 for character in word))


def _summary(counts: Mapping[State, int], lang: str) -> str:
    return words("cli.doctor.summary", lang, wrong=counts[State.WRONG], notes=counts[State.NOTE])

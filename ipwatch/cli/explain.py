"""``ipwatch explain``: the comparison of two marks, signal by signal."""

from __future__ import annotations

import click

from ipwatch.cli.explanation import tell
from ipwatch.cli.language import language
from ipwatch.errors import ConfigError
from ipwatch.jsonlines import dump_explanation
from ipwatch.matching.explain import ReadAs, explanation
from ipwatch.terms import LANGUAGES, text_of


@click.command()
@click.argument("watched")
@click.argument("seen")
@click.option("--lang", type=click.Choice(LANGUAGES))
@click.option(
    "--as",
    "read_as",
    type=click.Choice([each.value for each in ReadAs]),
)
@click.option("--json", "as_json", is_flag=True)
def explain(watched: str, seen: str, *, lang: str | None, read_as: str | None, as_json: bool) -> None:
    """Explain why SEEN resembles the mark WATCHED: every signal, with what was compared and the reason."""
    try:
        comparison = explanation(watched, seen, ReadAs(read_as) if read_as else None)
    except ValueError as error:
        raise ConfigError(text_of(error)) from error
    for line in dump_explanation(comparison) if as_json else tell(comparison, lang or language()):
        click.echo(line)

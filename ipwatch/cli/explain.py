"""``ipwatch explain``: why two marks are alike."""

from __future__ import annotations

import click

from ipwatch.cli.explanation import tell
from ipwatch.cli.language import language
from ipwatch.errors import ConfigError
from ipwatch.jsonlines import dump_explanation
from ipwatch.matching.explain import ReadAs, explanation
from ipwatch.terms import LANGUAGES


@click.command()
@click.argument("watched")
@click.argument("seen")
@click.option("--lang", type=click.Choice(LANGUAGES), help="Language of reasons; default: that of LANG, else English.")
@click.option(
    "--as",
    "read_as",
    type=click.Choice([each.value for each in ReadAs]),
    help="Read SEEN as the title of a listing or as a mark of its own, such as a filing; by default its words tell.",
)
@click.option("--json", "as_json", is_flag=True, help="One signal a line as JSON, for scripts.")
def explain(watched: str, seen: str, *, lang: str | None, read_as: str | None, as_json: bool) -> None:
    """Tell why SEEN is like the mark WATCHED: every signal, with what was compared and the reason.

    Shown are the spellings that WATCHED is looked for under, the place in SEEN that was compared, and for each signal
    what it adds to the score, its name, its own score and the reason, with every letter that is written otherwise.
    """
    try:
        told = explanation(watched, seen, ReadAs(read_as) if read_as else None)
    except ValueError as error:
        raise ConfigError(str(error)) from error
    for line in dump_explanation(told) if as_json else tell(told, lang or language()):
        click.echo(line)

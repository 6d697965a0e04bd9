"""``ipwatch explain``: why two marks are alike."""

from __future__ import annotations

import click

from ipwatch.errors import ConfigError
from ipwatch.jsonlines import dump_signal
from ipwatch.matching.explain import explain as explain_marks
from ipwatch.terms import render


@click.command()
@click.argument("watched")
@click.argument("seen")
@click.option("--lang", type=click.Choice(["ja", "en"]), default="en", show_default=True, help="Language of reasons.")
@click.option("--json", "as_json", is_flag=True, help="One signal a line as JSON, for scripts.")
def explain(watched: str, seen: str, *, lang: str, as_json: bool) -> None:
    """Tell why SEEN is like the mark WATCHED: every signal, with what was compared and the reason.

    Each line has the signal's name, its score and the reason; a qualifier's score is signed.
    """
    try:
        signals = explain_marks(watched, seen)
    except ValueError as error:
        raise ConfigError(str(error)) from error
    for signal in signals:
        if as_json:
            click.echo(dump_signal(signal))
            continue
        reason = render(signal.term, lang, watched=signal.compared[0], seen=signal.compared[1])
        click.echo(f"{render(signal.name, lang)}  {signal.score:.2f}  {reason}")

"""The language of the command line: ``--lang``, else ``IPWATCH_LANG``, else the locale, else English."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

import click

from ipwatch.errors import IpwatchError, WatchlistError
from ipwatch.terms import LANGUAGES, Joined, in_language, message, render
from ipwatch.terms.catalogue import ENGLISH

OPTION = "--lang"
VARIABLE = "IPWATCH_LANG"
_CHOSEN: ContextVar[str | None] = ContextVar("ipwatch.language", default=None)
_LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")


def language_of(environment: Mapping[str, str]) -> str:
    """Return the language that the variables ask for: ours first, then POSIX (LC_ALL, then LC_MESSAGES, then LANG).

    Any other language than those of the catalogue is English.
    """
    chosen = next((environment[name] for name in (VARIABLE, *_LOCALE) if environment.get(name)), "")
    return next((lang for lang in LANGUAGES if chosen.lower().replace("-", "_").split("_")[0] == lang), ENGLISH)


def language() -> str:
    """Return the language that the command was given, else that of the environment."""
    return _CHOSEN.get() or language_of(os.environ)


@contextmanager
def one_command() -> Iterator[None]:
    """Forget afterwards what ``choose`` noted: click shows mistakes when the command's own context has ended."""
    token = _CHOSEN.set(None)
    try:
        yield
    finally:
        _CHOSEN.reset(token)


def choose(arguments: Sequence[str]) -> None:
    """Note the ``--lang`` among the arguments before the command: help must know it, wherever it stands."""
    for index, argument in enumerate(arguments):
        name, equals, value = argument.partition("=")
        if name == OPTION:
            value = value if equals else next(iter(arguments[index + 1 :]), "")
            if value in LANGUAGES:
                _CHOSEN.set(value)
            return
        if not argument.startswith("-") and arguments[index - 1 : index] != ["--log-level"]:
            return


def text_for(error: IpwatchError) -> str:
    """Return the message of an error in the language of the command."""
    if isinstance(error, WatchlistError):
        return in_language(Joined(error.problems), language())
    return in_language(error.args[0], language()) if error.args else ""


def say(text: str, *, err: bool = True) -> None:
    """Write a line to stderr in the language of the command."""
    click.echo(in_language(text, language()), err=err)


def tell(text: str) -> None:
    """Write a line to stderr with the name of the program before it."""
    say(message("cli.from_us", text=text))


def word(key: str, **arguments: object) -> str:
    """Return a message of the catalogue in the language of the command."""
    return render(key, language(), **arguments)

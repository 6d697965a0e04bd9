"""Help in the reader's language: the texts of commands and options, click's own words, and lines of wide characters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from weakref import WeakKeyDictionary

import click
from click import core, decorators, exceptions, formatting, parser, termui, types
from rich.cells import cell_len

from ipwatch.cli.language import language
from ipwatch.terms import KEYS, in_language, template

_CLICK = (core, decorators, exceptions, formatting, parser, termui, types)
_ATOM = re.compile(r"[!-~]+|.", re.DOTALL)
_NEVER_FIRST = frozenset("。、）」』：・ー％!?")
"""Characters that stay on the line of what they follow (JIS X 4051)."""

_MIN_TEXT = 20
_GAP = 2


def put_into_words(command: click.Command, path: str) -> None:
    """Give a command, its options and what is below it the help of the catalogue, in the language of this run."""
    lang = language()
    command.context_class = Context
    command.help = _text(f"help.{path}", lang)
    first = command.help.partition("\n")[0]
    command.short_help = None if first.isascii() else first.partition("。")[0]
    command.options_metavar = _word("[OPTIONS]")
    for parameter in command.params:
        _name_value(parameter)
        if isinstance(parameter, click.Option) and f"help.{path}.{parameter.name}" in KEYS:
            parameter.help = _text(f"help.{path}.{parameter.name}", lang)
    # Click makes this option when it is first asked for, and keeps it in the language of that time.
    if (option := vars(command).get("_help_option")) is not None:
        option.help = _word("Show this message and exit.")
    if isinstance(command, click.Group):
        command.subcommand_metavar = _word("COMMAND [ARGS]...")
        for name, below in getattr(command, "commands", {}).items():
            put_into_words(below, f"{path}.{name}")


_DECLARED: WeakKeyDictionary[click.Parameter, str | None] = WeakKeyDictionary()
"""The metavar that each option was declared with."""


def _name_value(parameter: click.Parameter) -> None:
    """Let an option name its value in this language: ``--seed 整数`` for ``--seed INTEGER``."""
    if not isinstance(parameter, click.Option) or parameter.is_flag or isinstance(parameter.type, click.Choice):
        return
    declared = _DECLARED.setdefault(parameter, parameter.metavar)
    key = f"metavars.{declared or parameter.type.name.upper()}"
    parameter.metavar = template(key, language()) if key in KEYS else declared


def _text(key: str, lang: str) -> str:
    return template(key, lang).format_map({})


def translate_click() -> None:
    """Make click take its own words from the catalogue, each time it prints one.

    It looks them up by gettext in the locale of the process, which knows no ``--lang`` and would need compiled files.
    """
    for module in _CLICK:
        for name, function in (("_", _word), ("ngettext", _counted)):
            if hasattr(module, name):
                setattr(module, name, function)


class _Word(str):
    """One of click's words; what it quotes is in the same language: a message, or the name of a type."""

    __slots__ = ()

    def format(self, *arguments: object, **named: object) -> str:
        """Return it with its arguments in place."""
        if isinstance(name := named.get("number_type"), str):
            named["number_type"] = _word(name)
        quoted = {
            key: in_language(value, language()) if isinstance(value, str) else value for key, value in named.items()
        }
        return super().format(*arguments, **quoted)


def _word(english: str) -> str:
    key = f"click.{english}"
    return _Word(template(key, language())) if key in KEYS else english


def _counted(singular: str, plural: str, count: int) -> str:
    return _word(singular if count == 1 else plural)


class Formatter(click.HelpFormatter):
    """Writes help as click does; where it holds wide characters, lines are as long as they look."""

    def write_text(self, text: str) -> None:
        """Write paragraphs, wrapped and indented."""
        if _is_narrow(text):
            super().write_text(text)
            return
        indent = " " * self.current_indent
        paragraphs = [
            "\n".join(
                f"{indent}{line}" for line in wrapped(" ".join(paragraph.split()), self.width - self.current_indent)
            )
            for paragraph in text.split("\n\n")
        ]
        self.write("\n\n".join(paragraphs) + "\n")

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = _GAP) -> None:
        """Write a list of terms, each with what it means next to it."""
        pairs = list(rows)
        if all(_is_narrow(meaning) for _, meaning in pairs):
            super().write_dl(pairs, col_max, col_spacing)
            return
        first = min(max(cell_len(term) for term, _ in pairs), col_max) + col_spacing
        indent = " " * self.current_indent
        for term, meaning in pairs:
            lines = wrapped(meaning, max(self.width - first - self.current_indent, _MIN_TEXT))
            if cell_len(term) > first - col_spacing:
                self.write(f"{indent}{term}\n")
                lead = " " * first
            else:
                lead = term + " " * (first - cell_len(term))
            for line in lines:
                self.write(f"{indent}{lead}{line}\n")
                lead = " " * first


class Context(click.Context):
    """A context whose help is written by ``Formatter``."""

    formatter_class = Formatter


def _is_narrow(text: str) -> bool:
    return cell_len(text) == len(text)


def wrapped(text: str, width: int) -> Iterator[str]:
    """Yield the lines of a text, none of them wider than ``width`` columns where its words allow."""
    line: list[str] = []
    for atom in _ATOM.findall(text):
        if line and cell_len("".join(line)) + cell_len(atom) > width:
            carried = [atom]
            while carried[0] in _NEVER_FIRST and len(line) > 1:
                carried.insert(0, line.pop())
            yield "".join(line).rstrip()
            line = [] if carried == [" "] else carried
        else:
            line.append(atom)
    if line:
        yield "".join(line).rstrip()

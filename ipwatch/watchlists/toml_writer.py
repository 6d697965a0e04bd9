"""Writes a watchlist as TOML: the standard library reads TOML but does not write it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date

Plain = str | int | float | bool | date | Sequence["Plain"] | Mapping[str, "Plain"]
"""What a watchlist is made of."""

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}
_WIDTH = 100


def emit_toml(document: Mapping[str, Plain]) -> str:
    """Return TOML that ``tomllib`` reads back as ``document``.

    Top-level tables become ``[table]``, top-level lists of tables ``[[table]]``; deeper tables are written inline.
    Plain keys come first, as TOML demands. Raises ``TypeError`` for a value that TOML cannot hold.
    """
    head: list[str] = []
    sections: list[str] = []
    for name, value in document.items():
        tables = _tables(value)
        if isinstance(value, Mapping):
            sections.append(_section(f"[{_key(name)}]", value))
        elif tables:
            sections.extend(_section(f"[[{_key(name)}]]", table) for table in tables)
        else:
            head.append(f"{_key(name)} = {_value(value)}")
    return "\n\n".join(["\n".join(head), *sections] if head else sections) + "\n"


def _tables(value: Plain) -> list[Mapping[str, Plain]]:
    """Return the tables of a list that holds nothing else, and none of anything else."""
    if isinstance(value, str) or not isinstance(value, Sequence):
        return []
    tables = [each for each in value if isinstance(each, Mapping)]
    return tables if len(tables) == len(value) else []


def _section(header: str, table: Mapping[str, Plain]) -> str:
    return "\n".join([header, *(f"{_key(name)} = {_value(value)}" for name, value in table.items())])


def _key(name: str) -> str:
    return name if _BARE_KEY.fullmatch(name) else _string(name)


def _value(value: Plain) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(name)} = {_value(each)}" for name, each in value.items()) + "}"
    if isinstance(value, Sequence):
        return _array([_value(each) for each in value])
    raise TypeError(f"TOML cannot hold a {type(value).__name__}")


def _array(items: list[str]) -> str:
    line = "[" + ", ".join(items) + "]"
    if len(line) <= _WIDTH:
        return line
    return "[\n" + "".join(f"    {item},\n" for item in items) + "]"


def _string(text: str) -> str:
    return '"' + "".join(_character(character) for character in text) + '"'


def _character(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character < " " or character == "\x7f":
        return f"\\u{ord(character):04X}"
    return character

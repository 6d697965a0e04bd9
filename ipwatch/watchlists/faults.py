"""Faults as sentences: file, line, key, what is wrong, and the mend."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ipwatch.watchlists.locate import KeyPath
from ipwatch.watchlists.schema import (
    MAX_MARKS,
    HolderTable,
    MarkTable,
    PriceTable,
    RightTable,
    SellerTable,
    WatchlistTable,
)

MAX_PROBLEMS = 100
"""Faults that are told of one file: more would hide the first."""

_TABLES: tuple[tuple[str, type[BaseModel]], ...] = (
    ("the top of the file", WatchlistTable),
    ("[holder]", HolderTable),
    ("[[marks]]", MarkTable),
    ("an entry of rights", RightTable),
    ("an entry of authorised_sellers", SellerTable),
    ("genuine_price_jpy", PriceTable),
)
_TABLE_OF_KEY: dict[str, type[BaseModel]] = {
    "holder": HolderTable,
    "marks": MarkTable,
    "rights": RightTable,
    "authorised_sellers": SellerTable,
    "genuine_price_jpy": PriceTable,
}
_EXAMPLES = {
    "schema": "schema = 1",
    "holder": "[holder]",
    "marks": "[[marks]]",
    "id": 'id = "imabari-towel"',
    "name_ja": 'name_ja = "今治タオル工業組合"',
    "name_en": 'name_en = "Imabari Towel Industry Association"',
    "text": 'text = "今治タオル"',
    "kind": 'kind = "regional" for a holder, kind = "trademark" for a mark or right',
    "office": 'office = "JP"',
    "marketplace": 'marketplace = "rakuten"',
}
_SHOWN = 60
"""Characters of a wrong value that are shown: enough to find it."""
_FULL_WIDTH = "“”‘’＂＝［］｛｝，　"
_AT = re.compile(r" ?\(at (?:line (\d+), column (\d+)|end of document)\)$")
_SYNTAX_MENDS = (
    ("Cannot overwrite a value", "the key stands twice in its table; delete one"),
    ("Duplicate inline table key", "the key stands twice in its table; delete one"),
    ("Cannot declare", "the table stands twice; delete one, or write [[marks]] with two brackets for each mark"),
    ("Cannot redefine", "the table stands twice; delete one, or write [[marks]] with two brackets for each mark"),
    ("Invalid value", 'put text in straight double quotes: key = "value"'),
    ("Illegal character", "delete the character, or close the quote before the end of the line"),
    ("Unterminated string", 'close the text with "'),
    ("Unclosed array", "close the list with ]"),
    ("Unescaped '\\'", "write / instead of \\"),
    ("Invalid hex value", "write / instead of \\"),
    ("Expected '='", "write key = value"),
    ("Expected newline", 'write one key = value on a line, with text in "double quotes"'),
)


@dataclass(frozen=True, slots=True)
class Places:
    """Where things stand in one file: turns a key path into ``file:line: key``."""

    path: Path
    lines: Mapping[KeyPath, int]

    def line(self, key: KeyPath) -> int:
        """Return the line of a key, or of the nearest table around it that has one."""
        return next((self.lines[key[:end]] for end in range(len(key), 0, -1) if key[:end] in self.lines), 1)

    def name(self, key: KeyPath) -> str:
        """Return ``file:line: key``."""
        place = f"{self.path}:{self.line(key)}"
        return f"{place}: {key_name(key)}" if key else place


def key_name(key: KeyPath) -> str:
    """Return a key path as people write it: ``marks[0].readings[1]``."""
    name = ""
    for part in key:
        name += f"[{part}]" if isinstance(part, int) else f".{part}" if name else part
    return name


def explain_syntax(path: Path, text: str, message: str) -> str:
    """Return the sentence for a document that is not TOML, with the likely mend."""
    at = _AT.search(message)
    what = _AT.sub("", message)
    lines = text.replace("\r\n", "\n").rstrip("\n").split("\n")
    number = int(at.group(1)) if at and at.group(1) else len(lines)
    line = lines[min(number, len(lines)) - 1]
    column = f" at column {at.group(2)}" if at and at.group(2) else ""
    return f"{path}:{number}: not valid TOML{column} ({what}); {_syntax_mend(line, what)}"


def _syntax_mend(line: str, what: str) -> str:
    outside = re.sub(r"\"[^\"]*\"|'[^']*'|#.*|\t", "", line)
    hidden = next((character for character in outside if unicodedata.category(character) in {"Cc", "Cf"}), None)
    hidden = next((character for character in line if character < " " and character != "\t"), hidden)
    if hidden:
        return f"the line holds the control character U+{ord(hidden):04X}; delete it"
    wide = next((character for character in outside if character in _FULL_WIDTH), None)
    if wide:
        return f"the line holds the full-width character {wide!r}: type quotes, = and brackets in half width"
    if re.search(r"=\s*0\d", outside):
        return "quote the number: leading zeros would be lost"
    return next(
        (mend for start, mend in _SYNTAX_MENDS if what.startswith(start)), "compare it with watchlists/README.md"
    )


def explain_errors(error: ValidationError, places: Places) -> list[str]:
    """Return one sentence for each fault that the models found, in the order of the file's lines."""
    found = sorted(error.errors(), key=lambda detail: places.line(detail["loc"]))
    told = [f"{places.name(_key(detail))}: {explain(detail)}" for detail in found[:MAX_PROBLEMS]]
    if len(found) > MAX_PROBLEMS:
        told.append(f"{places.path}: {len(found) - MAX_PROBLEMS} more faults are not shown; mend these first")
    return told


def _key(detail: ErrorDetails) -> KeyPath:
    return detail["loc"][:-1] if detail["type"] == "missing" else detail["loc"]


def explain(detail: ErrorDetails) -> str:
    """Return what is wrong and the mend for one fault that pydantic found."""
    key, limits = detail["loc"], detail.get("ctx", {})
    last = str(next((part for part in reversed(key) if isinstance(part, str)), ""))
    match detail["type"]:
        case "value_error":
            told = str(limits["error"])
        case "missing":
            told = f"the key {last!r} is missing; add {_EXAMPLES.get(last, last)}"
        case "extra_forbidden":
            told = _explain_unknown_key(key)
        case "enum" | "literal_error":
            told = _explain_choice(last, detail["input"], str(limits["expected"]))
        case "greater_than_equal" | "less_than_equal":
            limit = f"at least {limits['ge']:g}" if "ge" in limits else f"at most {limits['le']:g}"
            told = f"{detail['input']!r} is out of range; write a number of {limit}"
        case "too_short":
            told = "there is no mark; add at least one [[marks]]"
        case "too_long":
            most = limits["max_length"]
            told = f"holds more than {most} entries; keep the {most} that matter most{_split_hint(last)}"
        case kind:
            told = _explain_type(kind, last, detail["input"], detail["msg"])
    return told


def _split_hint(key: str) -> str:
    return f", or split the file by holder ({MAX_MARKS} marks a file)" if key == "marks" else ""


def _explain_unknown_key(key: KeyPath) -> str:
    name = str(key[-1])
    owner = next((_TABLE_OF_KEY[part] for part in reversed(key[:-1]) if isinstance(part, str)), WatchlistTable)
    near = get_close_matches(name, _keys(owner), n=1)
    if near:
        return f"unknown key {name!r}; did you mean {near[0]!r}?"
    elsewhere = next((place for place, table in _TABLES if name in _keys(table)), None)
    if elsewhere:
        return f"unknown key {name!r}; it belongs in {elsewhere}"
    return f"unknown key {name!r}; delete it, or use one of: {', '.join(_keys(owner))}"


def _keys(table: type[BaseModel]) -> list[str]:
    return [info.alias or name for name, info in table.model_fields.items()]


def _explain_choice(key: str, value: Any, expected: str) -> str:
    choices = re.findall(r"'([^']+)'", expected) or [expected]
    if key == "schema":
        return f"{value!r} is not a version we read; write schema = 1"
    near = get_close_matches(str(value), choices, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return f"{value!r} is not known; {hint}write one of: {', '.join(choices)}"


def _explain_type(kind: str, key: str, value: Any, message: str) -> str:
    shown = value.isoformat() if isinstance(value, date) else repr(value)
    shown = shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 3]}..."
    match kind:
        case "string_type":
            zeros = ": leading zeros would be lost" if isinstance(value, int) and key == "number" else ""
            told = f'{shown} is not text; quote it{zeros}, {key} = "..."'
        case "list_type" if key == "marks":
            told = "is a single table; write [[marks]] with two brackets before each mark"
        case "list_type":
            told = f"{shown} is not a list; put it in square brackets, {key} = [ ... ]"
        case "int_type" | "float_type" | "finite_number":
            told = f"{shown} is not a plain number; write digits without quotes"
        case "model_type":
            told = f"{shown} is not a table; write {_EXAMPLES.get(key, key + ' = { ... }')} with keys below it"
        case _ if kind.startswith("date"):
            told = f"{shown} is not a date; write it without quotes and without a time, such as 2027-07-06"
        case _:
            told = f"{shown} cannot be used ({message}); compare it with watchlists/README.md"
    return told

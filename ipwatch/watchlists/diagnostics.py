"""Validation errors as sentences: file, line, key, what is wrong, and the fix."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any, cast

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ipwatch.terms import listed, message
from ipwatch.watchlists.schema import (
    MAX_MARKS,
    AccountTable,
    HolderTable,
    MarkTable,
    PriceTable,
    RightTable,
    SellerTable,
    TradeTable,
    WatchlistTable,
)
from ipwatch.watchlists.toml_positions import KeyPath

MAX_PROBLEMS = 100
"""Errors reported for one file; more would hide the first."""

_TABLES: tuple[tuple[str, type[BaseModel]], ...] = (
    (message("watchlists.table_top"), WatchlistTable),
    ("[holder]", HolderTable),
    ("[[marks]]", MarkTable),
    (message("watchlists.table_rights"), RightTable),
    (message("watchlists.table_sellers"), SellerTable),
    ("genuine_price_jpy", PriceTable),
)
_TABLE_OF_KEY: dict[str, type[BaseModel]] = {
    "holder": HolderTable,
    "marks": MarkTable,
    "rights": RightTable,
    "authorised_sellers": SellerTable,
    "official_sellers": AccountTable,
    "deny_sellers": AccountTable,
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
    "kind": message("watchlists.example_kind"),
    "office": 'office = "JP"',
    "marketplace": 'marketplace = "rakuten"',
}
_ACCOUNTS = frozenset(key for key, table in _TABLE_OF_KEY.items() if issubclass(table, AccountTable))
_SHOWN = 60
"""Characters of a wrong value that are shown: enough to find it."""
_MAX_NAMED = 5
"""Names of a list that are shown."""
_FULL_WIDTH = "“”‘’＂＝［］｛｝，　"
_POSITION = re.compile(r" ?\(at (?:line (\d+), column (\d+)|end of document)\)$")
_SYNTAX_FIXES = (
    ("Cannot overwrite a value", "watchlists.syntax_key_twice"),
    ("Duplicate inline table key", "watchlists.syntax_key_twice"),
    ("Cannot declare", "watchlists.syntax_table_twice"),
    ("Cannot redefine", "watchlists.syntax_table_twice"),
    ("Invalid value", "watchlists.syntax_value"),
    ("Illegal character", "watchlists.syntax_character"),
    ("Unterminated string", "watchlists.syntax_text_open"),
    ("Unclosed array", "watchlists.syntax_list_open"),
    ("Unescaped '\\'", "watchlists.syntax_backslash"),
    ("Invalid hex value", "watchlists.syntax_backslash"),
    ("Expected '='", "watchlists.syntax_equals"),
    ("Expected newline", "watchlists.syntax_line"),
)


@dataclass(frozen=True, slots=True)
class KeyPositions:
    """Positions in one file: turns a key path into ``file:line: key``."""

    path: Path
    lines: Mapping[KeyPath, int]

    def line(self, key: KeyPath) -> int:
        """Return the line of a key, or of the nearest table around it that has one."""
        return next((self.lines[key[:end]] for end in range(len(key), 0, -1) if key[:end] in self.lines), 1)

    def name(self, key: KeyPath) -> str:
        """Return ``file:line: key``."""
        position = f"{self.path}:{self.line(key)}"
        return f"{position}: {key_name(key)}" if key else position


def key_name(key: KeyPath) -> str:
    """Return a key path as people write it: ``marks[0].readings[1]``."""
    name = ""
    for part in key:
        name += f"[{part}]" if isinstance(part, int) else f".{part}" if name else part
    return name


def abridged(names: Sequence[str]) -> str:
    """Return a list of names in the reader's language, the first few of many and the number of the others."""
    more = len(names) - _MAX_NAMED
    shown = listed(names[:_MAX_NAMED])
    return message("watchlists.and_more", marks=shown, count=more) if more > 0 else shown


def explain_syntax(path: Path, text: str, reported: str) -> str:
    """Return the sentence for a document that is not TOML, with the likely fix."""
    position = _POSITION.search(reported)
    what = _POSITION.sub("", reported)
    lines = text.replace("\r\n", "\n").rstrip("\n").split("\n")
    number = int(position.group(1)) if position and position.group(1) else len(lines)
    line = lines[min(number, len(lines)) - 1]
    fix = _syntax_fix(line, what)
    if position and position.group(2):
        return message("watchlists.not_toml_at", path=path, line=number, column=position.group(2), what=what, fix=fix)
    return message("watchlists.not_toml", path=path, line=number, what=what, fix=fix)


def _syntax_fix(line: str, what: str) -> str:
    outside = re.sub(r"\"[^\"]*\"|'[^']*'|#.*|\t", "", line)
    hidden = next((character for character in outside if unicodedata.category(character) in {"Cc", "Cf"}), None)
    hidden = next((character for character in line if character < " " and character != "\t"), hidden)
    if hidden:
        return message("watchlists.syntax_control", name=f"U+{ord(hidden):04X}")
    wide = next((character for character in outside if character in _FULL_WIDTH), None)
    if wide:
        return message("watchlists.syntax_wide", character=wide)
    if re.search(r"=\s*0\d", outside):
        return message("watchlists.syntax_zeros")
    return message(next((fix for start, fix in _SYNTAX_FIXES if what.startswith(start)), "watchlists.see_readme"))


def explain_errors(error: ValidationError, positions: KeyPositions) -> list[str]:
    """Return one sentence for each validation error, in the order of the file's lines."""
    details = sorted(error.errors(), key=lambda detail: positions.line(detail["loc"]))
    sentences: list[str] = [
        message("watchlists.at", place=positions.name(_key(detail)), fault=explain(detail))
        for detail in details[:MAX_PROBLEMS]
    ]
    if len(details) > MAX_PROBLEMS:
        sentences.append(message("watchlists.more_faults", path=positions.path, count=len(details) - MAX_PROBLEMS))
    return sentences


def _key(detail: ErrorDetails) -> KeyPath:
    return detail["loc"][:-1] if detail["type"] == "missing" else detail["loc"]


def explain(detail: ErrorDetails) -> str:
    """Return the cause and the fix for one error of pydantic."""
    key, limits = detail["loc"], detail.get("ctx", {})
    last = str(next((part for part in reversed(key) if isinstance(part, str)), ""))
    match detail["type"]:
        case "value_error":
            sentence = cast("str", limits["error"].args[0])
        case "missing":
            sentence = message("watchlists.missing", key=last, example=_EXAMPLES.get(last, last))
        case "extra_forbidden":
            sentence = _explain_unknown_key(key)
        case "enum" | "literal_error":
            sentence = _explain_choice(last, detail["input"], str(limits["expected"]))
        case "greater_than_equal" | "less_than_equal":
            side, limit = ("too_small", limits["ge"]) if "ge" in limits else ("too_large", limits["le"])
            sentence = message(f"watchlists.{side}", value=detail["input"], limit=limit)
        case "too_short":
            sentence = message("watchlists.no_marks")
        case "too_long":
            limit_of_items = limits["max_length"]
            sentence = (
                message("watchlists.too_many_marks", most=limit_of_items, marks=MAX_MARKS)
                if last == "marks"
                else message("watchlists.too_many", most=limit_of_items)
            )
        case kind:
            sentence = _explain_type(kind, last, detail["input"], detail["msg"])
    return sentence


def _explain_unknown_key(key: KeyPath) -> str:
    name = str(key[-1])
    owner = next((_TABLE_OF_KEY[part] for part in reversed(key[:-1]) if isinstance(part, str)), WatchlistTable)
    elsewhere = next((table_name for table_name, table in _TABLES if name in _keys(table)), None)
    if elsewhere:
        return message("watchlists.unknown_key_elsewhere", name=name, table=elsewhere)
    near = get_close_matches(name, _keys(owner), n=1)
    if near:
        return message("watchlists.unknown_key_near", name=name, near=near[0])
    return message("watchlists.unknown_key", name=name, keys=listed(_keys(owner)))


def _keys(table: type[BaseModel]) -> list[str]:
    """Return the keys of a table, those of lawful trade last."""
    fields = sorted(table.model_fields.items(), key=lambda field: field[0] in TradeTable.model_fields)
    return [info.alias or name for name, info in fields]


def _explain_choice(key: str, value: Any, expected: str) -> str:
    choices = re.findall(r"'([^']+)'", expected) or [expected]
    if key == "schema":
        return message("watchlists.schema_version", value=value)
    near = get_close_matches(str(value), choices, n=1)
    if near:
        return message("watchlists.choice_near", value=value, near=near[0], choices=listed(choices))
    return message("watchlists.choice", value=value, choices=listed(choices))


def _explain_type(kind: str, key: str, value: Any, reported: str) -> str:
    shown = value.isoformat() if isinstance(value, date) else repr(value)
    shown = shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 3]}..."
    match kind:
        case "string_type":
            zeros = isinstance(value, int) and key in {"number", "own_products"}
            sentence = message("watchlists.not_text_zeros" if zeros else "watchlists.not_text", shown=shown, key=key)
        case "list_type" if key == "marks":
            sentence = message("watchlists.marks_not_list")
        case "list_type":
            sentence = message("watchlists.not_list", shown=shown, key=key)
        case "int_type" | "float_type" | "finite_number":
            sentence = message("watchlists.not_number", shown=shown)
        case "model_type" if key in _ACCOUNTS:
            sentence = message("watchlists.not_account", shown=shown)
        case "model_type":
            sentence = message("watchlists.not_table", shown=shown, example=_EXAMPLES.get(key, key + " = { ... }"))
        case _ if kind.startswith("date"):
            sentence = message("watchlists.not_date", shown=shown)
        case _:
            sentence = message("watchlists.not_usable", shown=shown, message=reported)
    return sentence

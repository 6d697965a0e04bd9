"""Lines of a stream and their JSON objects, parsed within limits of size and depth."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import BinaryIO, NoReturn, cast

from ipwatch.jsonlines.problems import LineError
from ipwatch.terms import message

MAX_LINE_BYTES = 1_000_000

_SURROGATE = re.compile("[\ud800-\udfff]")
_TOO_DEEP = message("records.nested")


def numbered(stream: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """Yield numbered lines, ``None`` for one that is too long, which is skipped in chunks."""
    number = 0
    while line := stream.readline(MAX_LINE_BYTES + 1):
        number += 1
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        if len(line) <= MAX_LINE_BYTES or line.endswith(b"\n"):
            yield number, line
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(MAX_LINE_BYTES)
        yield number, None


def parsed(line: bytes | None) -> dict[str, object]:
    """Return the object on the line, a JSON string as its ``host``; raises ``LineError`` for any other value."""
    if line is None:
        raise LineError(None, message("records.long_line", most=MAX_LINE_BYTES))
    text = decoded(line)
    try:
        value = json.loads(text, parse_constant=_no_constant, parse_float=_finite, object_pairs_hook=_once)
    except RecursionError as error:
        raise LineError(None, _TOO_DEEP) from error
    except ValueError as error:
        raise LineError(None, message("records.no_json", error=error)) from error
    if isinstance(value, str):
        return {"host": value}
    if not isinstance(value, dict):
        raise LineError(None, message("records.no_object"))
    return cast("dict[str, object]", value)


def repaired(table: dict[str, object]) -> tuple[dict[str, object], tuple[str, ...]]:
    """Return the table with U+FFFD for each lone surrogate, and the names of the repaired fields.

    Text with lone surrogates can be neither stored nor printed. The replacement has the same length, so that spans
    stay valid.
    """
    fields: dict[str, None] = {}

    def repair(value: object, field: str) -> object:
        if isinstance(value, str):
            if not _SURROGATE.search(value):
                return value
            fields[field] = None
            return _SURROGATE.sub("\ufffd", value)
        if isinstance(value, dict):
            pairs = [(_SURROGATE.sub("\ufffd", key), part) for key, part in value.items()]
            return {key: repair(part, f"{field}.{key}" if field else key) for key, part in pairs}
        return [repair(part, field) for part in value] if isinstance(value, list) else value

    try:
        return cast("dict[str, object]", repair(table, "")), tuple(fields)
    except RecursionError as error:
        raise LineError(None, _TOO_DEEP) from error


def _no_constant(name: str) -> NoReturn:
    raise ValueError(message("records.no_number", name=name))


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError(message("records.large_number", digits=digits))
    return number


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    table = dict(pairs)
    if len(table) != len(pairs):
        raise ValueError(message("records.key_twice"))
    return table


def decoded(line: bytes) -> str:
    """Return the line's text; raises ``LineError`` with the first byte that is not UTF-8."""
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise LineError(None, message("records.no_utf8", byte=error.start + 1)) from error

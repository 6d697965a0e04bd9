"""Line numbers of the keys of a TOML document, which the parser of the standard library does not return."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right

KeyPath = tuple[str | int, ...]
"""The way to a value: keys of tables and, zero-based, places in arrays: ``("marks", 0, "readings", 1)``."""

_BLANK = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:\\.|[^"\\])*"'
    r"|'[^']*'",
    re.DOTALL,
)
_BARE_VALUE = re.compile(r"[^,\]}\n#]+")


def locate(text: str) -> dict[KeyPath, int]:
    """Return the line (from 1) of every table, key and array element of a TOML document.

    ``text`` must be a document that ``tomllib`` accepts: nothing is validated here. A table that is declared twice in
    parts keeps its first line. Raises ``RecursionError`` on nesting as deep as makes ``tomllib`` raise it.
    """
    return _Scanner(text.replace("\r\n", "\n")).run()


class _Scanner:
    """One pass over a valid document, noting lines."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._offset = 0
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self._elements: dict[KeyPath, int] = {}
        self._lines: dict[KeyPath, int] = {}

    def run(self) -> dict[KeyPath, int]:
        """Scan to the end and return the lines."""
        table: KeyPath = ()
        self._skip(_BLANK)
        while self._offset < len(self._text):
            table = self._header() if self._text[self._offset] == "[" else self._pair_in(table)
            self._skip(_BLANK)
        return self._lines

    def _header(self) -> KeyPath:
        start = self._offset
        brackets = 2 if self._text.startswith("[[", start) else 1
        self._offset += brackets
        *parents, last = self._key()
        self._skip(_SPACE)
        self._offset += brackets
        path: KeyPath = ()
        for part in parents:
            path = self._newest((*path, part))
        path = (*path, last)
        if brackets == 2:  # noqa: PLR2004 - two brackets declare an element of an array of tables
            self._note(path, start)
            self._elements[path] = self._elements.get(path, -1) + 1
        path = self._newest(path)
        self._note(path, start)
        return path

    def _newest(self, path: KeyPath) -> KeyPath:
        """Return the path itself, or that of the newest element where it is an array of tables."""
        return (*path, self._elements[path]) if path in self._elements else path

    def _pair_in(self, table: KeyPath) -> KeyPath:
        start = self._offset
        path = table
        for part in self._key():
            path = (*path, part)
            self._note(path, start)
        self._skip(_SPACE)
        self._offset += len("=")
        self._skip(_SPACE)
        self._value(path)
        return table

    def _key(self) -> list[str]:
        parts = []
        while True:
            self._skip(_SPACE)
            if self._text[self._offset] in "\"'":
                parts.append(str(tomllib.loads(f"key = {self._take(_STRING)}")["key"]))
            else:
                parts.append(self._take(_BARE_KEY))
            self._skip(_SPACE)
            if self._text[self._offset] != ".":
                return parts
            self._offset += 1

    def _value(self, path: KeyPath) -> None:
        first = self._text[self._offset]
        if first == "[":
            self._array(path)
        elif first == "{":
            self._inline_table(path)
        else:
            self._take(_STRING if first in "\"'" else _BARE_VALUE)

    def _array(self, path: KeyPath) -> None:
        self._offset += 1
        index = 0
        self._skip(_BLANK)
        while self._text[self._offset] != "]":
            self._note((*path, index), self._offset)
            self._value((*path, index))
            index += 1
            self._past_comma()
        self._offset += 1

    def _inline_table(self, path: KeyPath) -> None:
        self._offset += 1
        self._skip(_BLANK)
        while self._text[self._offset] != "}":
            self._pair_in(path)
            self._past_comma()
        self._offset += 1

    def _past_comma(self) -> None:
        self._skip(_BLANK)
        if self._text[self._offset] == ",":
            self._offset += 1
            self._skip(_BLANK)

    def _skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self._text, self._offset)
        self._offset = match.end() if match else self._offset

    def _take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._text, self._offset)
        if match is None:
            raise ValueError(f"not a TOML document: nothing readable at offset {self._offset}")
        self._offset = match.end()
        return match.group()

    def _note(self, path: KeyPath, offset: int) -> None:
        self._lines.setdefault(path, bisect_right(self._starts, offset))

"""A sheet as a sparse grid of its filled cells, independent of the file format."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from openpyxl.utils.cell import get_column_letter

MAX_ROWS = 2_000
"""Filled rows of a table."""
MAX_CELLS = 100_000
"""Filled cells of a file."""
MAX_FILE_ROW = 1_048_576
MAX_FILE_COLUMN = 16_384
"""The last row and column that a spreadsheet has."""

Cell = str | int | float | date
"""What a cell holds; a formula without a saved value, and an error such as #N/A, stay the text that is shown."""
Position = tuple[int, int]
"""Row and column, both from 1."""


@dataclass(frozen=True, slots=True)
class Span:
    """A merged cell: its first and last row and column, all included."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(slots=True)
class Grid:
    """The filled cells of one sheet, and what else is to be known of it.

    ``formulas`` are cells without a saved value, ``calculated`` those whose saved value is used, ``errors`` those that
    show an error; ``struck`` are crossed out as a whole, ``partly_struck`` in part.
    """

    name: str
    cells: dict[Position, Cell] = field(default_factory=dict)
    merged: list[Span] = field(default_factory=list)
    hidden: bool = False
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    formulas: set[Position] = field(default_factory=set)
    calculated: set[Position] = field(default_factory=set)
    errors: set[Position] = field(default_factory=set)
    struck: set[Position] = field(default_factory=set)
    partly_struck: set[Position] = field(default_factory=set)
    comments: dict[Position, str] = field(default_factory=dict)
    pictures: bool = False
    from_1904: bool = False

    def rows(self) -> Mapping[int, dict[int, Cell]]:
        """Return the filled cells of each row that has any, in the order of rows and columns."""
        rows: dict[int, dict[int, Cell]] = {}
        for row, column in sorted(self.cells):
            rows.setdefault(row, {})[column] = self.cells[row, column]
        return rows

    def reference(self, positions: Iterable[Position]) -> str:
        """Return cells as a spreadsheet names them, those below each other as a range: ``Marks!C7, D2:D9``."""
        ranges: list[str] = []
        by_column = sorted((column, row) for row, column in positions)
        for column, rows in groupby(by_column, key=lambda each: each[0]):
            letter = get_column_letter(column)
            ranges.extend(
                f"{letter}{first}" if first == last else f"{letter}{first}:{letter}{last}"
                for first, last in _runs(row for _, row in rows)
            )
        sheet = f"{self.name}!" if self.name else ""
        return sheet + ", ".join(ranges)


def _runs(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Return the first and last of each run of following numbers."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs


def is_filled(text: str) -> bool:
    """Return whether a text shows anything: spaces and characters of no width do not."""
    return bool(text.strip(" \t\r\n\f\v\u3000\u00a0\u200b\u200c\u200d\u2060\ufeff").strip())

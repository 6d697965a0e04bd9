"""Reads the XML of one sheet of a workbook into a grid, element by element and within bounds."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

from openpyxl.utils.cell import column_index_from_string
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel
from openpyxl.utils.escape import unescape

from ipwatch.terms import message
from ipwatch.watchlists.importing.grid import (
    MAX_CELLS,
    MAX_FILE_COLUMN,
    MAX_FILE_ROW,
    Cell,
    Grid,
    Position,
    Span,
    is_filled,
)
from ipwatch.watchlists.importing.messages import refusal

_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")
_MAX_MERGED = 10_000


@dataclass(frozen=True, slots=True)
class Styles:
    """For each cell format of a workbook, whether it shows a date, and whether it strikes its text out."""

    dates: Sequence[bool]
    struck: Sequence[bool]


def local(element: ET.Element) -> str:
    """Return the name of an element without its name space."""
    return str(element.tag).rpartition("}")[2]


def rich_text(item: ET.Element) -> tuple[str, bool, bool]:
    """Return the text of a string item, whether all of it is struck out, and whether a part of it is.

    Furigana (``rPh``) stand in the same element and are no part of the text.
    """
    pieces: list[tuple[str, bool]] = []
    for child in item:
        if local(child) == "t":
            pieces.append((child.text or "", False))
        elif local(child) == "r":
            text = "".join(each.text or "" for each in child if local(each) == "t")
            strikes = (each for properties in child if local(properties) == "rPr" for each in properties)
            struck = any(local(each) == "strike" and each.get("val", "1") not in {"0", "false"} for each in strikes)
            pieces.append((text, struck))
    struck_out = [struck for text, struck in pieces if is_filled(text)]
    whole = bool(struck_out) and all(struck_out)
    return unescape("".join(text for text, _ in pieces)), whole, any(struck_out) and not whole


class SheetReader:
    """Fills one grid."""

    def __init__(self, grid: Grid, strings: Sequence[tuple[str, bool, bool]], styles: Styles, path: Path) -> None:
        self._grid = grid
        self._strings = strings
        self._styles = styles
        self._path = path
        self._row = 0
        self._column = 0

    def read(self, stream: io.BytesIO, *, filled: int) -> None:
        """Read the sheet; ``filled`` is the number of filled cells of the sheets before."""
        for event, element in ET.iterparse(stream, events=("start", "end")):  # noqa: S314 - bounded, no entities
            name = local(element)
            if event == "start":
                if name == "row":
                    self._start_row(element)
                continue
            if name == "c":
                self._add_cell(element)
                if filled + len(self._grid.cells) > MAX_CELLS:
                    raise refusal(self._path, message("importing.too_many_cells", cells=MAX_CELLS))
            elif name == "col" and element.get("hidden") in {"1", "true"}:
                last = min(int(element.get("max", "0")), MAX_FILE_COLUMN)
                self._grid.hidden_columns.update(range(int(element.get("min", "1")), last + 1))
            elif name == "mergeCell" and len(self._grid.merged) < _MAX_MERGED:
                first, _, end = element.get("ref", "").partition(":")
                (top, left), (bottom, right) = self.position(first), self.position(end or first)
                self._grid.merged.append(Span(top, left, bottom, right))
            elif name == "drawing":
                self._grid.pictures = True
            if name in {"row", "c", "col", "mergeCell"}:
                element.clear()

    @staticmethod
    def position(reference: str) -> Position:
        """Return row and column of a reference such as ``C7``; raises ``ValueError`` for any other text."""
        match = _REFERENCE.fullmatch(reference)
        row = int(match.group(2)) if match else 0
        if match is None or not 1 <= row <= MAX_FILE_ROW:
            raise ValueError(f"{reference!r} is no cell")
        column = int(column_index_from_string(match.group(1).upper()))
        if column > MAX_FILE_COLUMN:
            raise ValueError(f"{reference!r} is no cell")
        return row, column

    def _start_row(self, element: ET.Element) -> None:
        self._row = int(element.get("r", str(self._row + 1)))
        self._column = 0
        if not 1 <= self._row <= MAX_FILE_ROW:
            raise ValueError(f"there is no row {self._row}")
        if element.get("hidden") in {"1", "true"}:
            self._grid.hidden_rows.add(self._row)

    def _add_cell(self, element: ET.Element) -> None:
        reference = element.get("r")
        position = self.position(reference) if reference else (self._row, self._column + 1)
        self._column = position[1]
        parts = {local(child): child for child in element}
        style = int(element.get("s", "0"))
        struck, partly = style < len(self._styles.struck) and self._styles.struck[style], False
        saved = parts["v"].text if "v" in parts else None
        value: Cell | None = None
        match element.get("t", "n"):
            case "s" if saved is not None:
                value, whole, partly = self._strings[int(saved)]
                struck = struck or whole
            case "inlineStr" if "is" in parts:
                value, whole, partly = rich_text(parts["is"])
                struck = struck or whole
            case "b" if saved is not None:
                value = "TRUE" if saved.strip() == "1" else "FALSE"
            case "n" if saved is not None and saved.strip():
                value = self._number(saved.strip(), style)
            case "d" if saved is not None:
                value = datetime.fromisoformat(saved.strip()).date()
            case "e" if saved is not None:
                value = saved
                self._grid.errors.add(position)
            case "str" if "v" in parts:  # A formula that gives an empty text has an empty <v>.
                value = unescape(saved or "")
        self._keep(position, value, parts.get("f"))
        if position in self._grid.cells:
            self._grid.struck.update([position] if struck else [])
            self._grid.partly_struck.update([position] if partly else [])

    def _keep(self, position: Position, value: Cell | None, formula: ET.Element | None) -> None:
        if value is not None and (not isinstance(value, str) or is_filled(value)):
            self._grid.cells[position] = value
            if formula is not None:
                self._grid.calculated.add(position)
        elif formula is not None and value is None:
            self._grid.cells[position] = f"={formula.text or ''}"
            self._grid.formulas.add(position)

    def _number(self, text: str, style: int) -> Cell:
        number = float(text)
        if number != number or number in {float("inf"), float("-inf")}:  # noqa: PLR0124 - the test for not-a-number
            raise ValueError(f"{text!r} is no number")
        if style < len(self._styles.dates) and self._styles.dates[style]:
            day = _day(number, from_1904=self._grid.from_1904)
            if day is not None:
                return day
        return int(number) if number.is_integer() else number


def _day(serial: float, *, from_1904: bool) -> date | None:
    """Return the day of a serial number, or ``None`` where the calendar of spreadsheets has none."""
    try:
        day = from_excel(serial, CALENDAR_MAC_1904 if from_1904 else CALENDAR_WINDOWS_1900)
    except (ValueError, OverflowError):
        return None
    return day.date() if isinstance(day, datetime) else None

"""Finds the table of marks in a file: which sheet it is on, and where its headings are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from ipwatch.errors import WatchlistError
from ipwatch.terms import Joined, listed, message, os_reason
from ipwatch.watchlists.importing.grid import Grid
from ipwatch.watchlists.importing.headings import (
    COLUMNS,
    MIN_HEADINGS,
    Headings,
    fold,
    locate,
    nearest,
    rank,
    stands_in_a_column,
)
from ipwatch.watchlists.importing.messages import quoted, refusal, sentence
from ipwatch.watchlists.importing.rows import LISTS, MarkSheet, read_rows
from ipwatch.watchlists.importing.textfile import read_text
from ipwatch.watchlists.importing.workbook import is_packed, read_workbook

MAX_BYTES = 5_000_000
"""Bytes of a text file."""
MAX_BYTES_WORKBOOK = 20_000_000
"""Bytes of a workbook, which may hold pictures."""

_TEXT_FILES = (".csv", ".tsv", ".txt")
_WORKBOOKS = (".xlsx", ".xlsm")


def read_table(path: Path, *, sheet: str | None = None, needs_kind: bool = True) -> MarkSheet:
    """Return the table of marks of a CSV, TSV or ``.xlsx`` file; formulas are never evaluated.

    The first visible sheet with headings is taken, unless ``sheet`` names one; ``needs_kind`` asks for a column of
    kinds of rights. Raises ``WatchlistError`` where the file as a whole cannot be read as a table of marks.
    """
    grids = _grids(_read(path), path)
    grid = _named(grids, sheet, path) if sheet is not None else _first_with_headings(grids)
    headings = locate(grid)
    problems = list(_faults(grid, headings, path, needs_kind=needs_kind))
    if headings is None or problems:
        raise WatchlistError((*problems, *_hints(grid, headings, path)))
    table = MarkSheet(path, grid, headings)
    for other in grids:
        if other is not grid:
            _leave_out(table, other)
    read_rows(table)
    if not table.rows:
        raise refusal(path, message("importing.no_rows"))
    return table


def _read(path: Path) -> bytes:
    if path.exists() and not path.is_file():  # A pipe would be waited for without end.
        raise refusal(path, message("importing.no_file"))
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES_WORKBOOK + 1)
    except OSError as error:
        raise refusal(path, message("importing.unreadable", reason=os_reason(error))) from error
    maximum = MAX_BYTES_WORKBOOK if is_packed(content) else MAX_BYTES
    if len(content) > maximum:
        raise refusal(path, message("importing.too_many_bytes", most=maximum))
    return content


def _grids(content: bytes, path: Path) -> list[Grid]:
    suffix = path.suffix.lower()
    if is_packed(content) or suffix in _WORKBOOKS:
        return read_workbook(content, path)
    if suffix not in _TEXT_FILES:
        raise refusal(path, message("importing.not_a_table"))
    return [read_text(content, path)]


def _named(grids: Sequence[Grid], name: str, path: Path) -> Grid:
    grid = next((each for each in grids if each.name == name), None)
    grid = grid or next((each for each in grids if fold(each.name) == fold(name)), None)
    if grid is None:
        names = listed(quoted(each.name) for each in grids if each.name) or "-"
        raise refusal(path, message("importing.no_sheet", name=quoted(name), names=names))
    return grid


def _first_with_headings(grids: Sequence[Grid]) -> Grid:
    visible = [grid for grid in grids if not grid.hidden]
    for choice in (visible, grids):
        ranked = [(rank(grid), -number, grid) for number, grid in enumerate(choice) if rank(grid)[0]]
        if ranked:
            return min(ranked, key=lambda each: -each[1])[2]
    filled = (grid for grid in visible or grids if grid.cells)
    return max(filled, key=rank, default=Grid(name=""))


def _leave_out(table: MarkSheet, other: Grid) -> None:
    """Name a sheet that is not read."""
    if not other.cells:
        return
    hint = message("importing.read_it_with", name=other.name) if rank(other)[0] else ""
    key = "importing.sheet_hidden" if other.hidden else "importing.sheet"
    table.leave_out(list(other.cells), message(key, count=len(other.cells), hint=hint), grid=other)


def _faults(grid: Grid, headings: Headings | None, path: Path, *, needs_kind: bool) -> Iterable[str]:
    sideways = None if headings and len(headings.field_names) > MIN_HEADINGS else stands_in_a_column(grid)
    if sideways is not None:
        position = f"{path}: {grid.reference((row, column) for row, column in grid.cells if column == sideways)}"
        yield sentence(position, message("importing.headings_in_column"))
        return
    if headings is None:
        yield sentence(str(path), message("importing.no_headings"))
        return
    for field in ("text", "kind"):
        if field not in headings.field_names and (field == "text" or needs_kind):
            names = Joined(COLUMNS[field][:3], message("lists.or"))
            option = message("importing.or_mark_kind") if field == "kind" else ""
            position = f"{path}: {grid.reference([(headings.first, min(headings.texts))])}"
            reason = message("importing.no_column", row=headings.first, names=names, option=option)
            yield sentence(position, reason)
    yield from _twice(grid, headings, path)


def _twice(grid: Grid, headings: Headings, path: Path) -> Iterable[str]:
    """Yield a sentence for each heading that means the same as one before it, where a row may have one value only."""
    known: dict[str, int] = {}
    filled = {column for row, column in grid.cells if row > headings.last}
    for column, field in sorted(headings.fields.items()):
        if column not in filled or field in LISTS:
            continue
        if field in known:
            first = headings.texts[known[field]]
            position = f"{path}: {grid.reference([(headings.last, column)])}"
            yield sentence(position, message("importing.same_heading", first=first), headings.texts[column])
        known.setdefault(field, column)


def _hints(grid: Grid, headings: Headings | None, path: Path) -> Iterable[str]:
    """Yield what headings that are not read may be meant for."""
    if headings is None or len(headings.field_names) < MIN_HEADINGS - 1:
        return
    for column, text in headings.texts.items():
        near = None if column in headings.fields else nearest(text)
        if near:
            position = f"{path}: {grid.reference([(headings.last, column)])}"
            yield sentence(position, message("importing.heading_hint", near=near), text)

"""Separates the rows that are marks from titles, notes and totals, and counts every cell left out."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ipwatch.terms import Message, message
from ipwatch.watchlists.importing.grid import MAX_ROWS, Cell, Grid, Position, Span
from ipwatch.watchlists.importing.headings import MIN_HEADINGS, Headings, field_of, nearest, squeezed
from ipwatch.watchlists.importing.messages import refusal, sentence

LISTS = frozenset(
    {
        *("readings", "variants", "nice_classes", "images", "exclude_images", "vienna_codes"),
        *("goods_terms", "exclude_terms", "licensees", "own_products", "unlicensed_goods"),
        *("authorised_sellers", "official_sellers", "deny_sellers"),
    }
)
"""Fields of many values: several columns of one add up."""
DITTO = frozenset({"〃", "同上", "々", "″", "”", '"', "''"})
_NEVER_EMPTY = frozenset({"text", "kind", "id"})
_FACTS = frozenset(
    {
        *("number", "expires", "nice_classes", "price_min", "price_max", "office", "vienna_codes"),
        *("own_products", "second_hand", "depth"),
    }
)
_NOTHING = frozenset({"なし", "無し", "ナシ", "無", "該当なし", "該当無し", "特になし", "特に無し", "空欄"})
_NO_FACT = frozenset(
    {
        *(
            "n/a",
            "na",
            "none",
            "nil",
            "null",
            "tbd",
            "?",
            "未定",
            "不明",
            "未",
            "未登録",
            "登録前",
            "未取得",
            "×",
            "✕",
            "✗",
        ),
        *("出願中", "申請中", "審査中", "登録待ち", "登録査定", "無期限", "期限なし", "期限無し", "永久", "永続", "0"),
    }
)
_DASHES = re.compile(r"[-‐‑‒–—―−ー─*＊.]+")
_NOTE = re.compile(
    r"[※*]|\(?注\)?\s*[\d:：)）.．、。\s]|注意|注記|備考|以上[。.]?$|合計|総計|小計|総数|件数|計[\s:：]*[0-9]*件?$"
    r"|total|subtotal|sum\b|note[s:\s]|出典|資料[:：]|作成[:：日者]|凡例|更新[:：]|[0-9]+\s*件",
    re.IGNORECASE,
)

_COUNT = re.compile(r"[0-9０-９]{1,4}\s*(?:件|個|区分)?")
_ABOVE = message("importing.above_headings")


@dataclass(frozen=True, slots=True)
class Filled:
    """A cell of a row: where its value stands, and the value; of a merged cell, that is above the row."""

    position: Position
    value: Cell
    continued: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One row by field; ``number`` is the one a spreadsheet shows."""

    number: int
    cells: Mapping[str, tuple[Filled, ...]]


@dataclass(slots=True)
class MarkSheet:
    """A table of marks: its rows, what was left out of them, and what its author should know, a sentence each."""

    path: Path
    grid: Grid
    headings: Headings
    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unused: set[Position] = field(default_factory=set)
    """Filled cells of the sheet that are no part of any mark."""
    elsewhere: int = 0
    """Filled cells of the other sheets."""

    def position_of(self, positions: Iterable[Position], name: str = "") -> str:
        """Return how to find cells: file, sheet, cells, heading."""
        heading = f" ({name})" if name else ""
        return f"{self.path}: {self.grid.reference(positions)}{heading}"

    def heading(self, name: str) -> str:
        """Return the heading of a field as the file writes it."""
        return next(
            (self.headings.texts[column] for column, each in self.headings.fields.items() if each == name), name
        )

    def position(self, row: int, name: str) -> Position:
        """Return where the cell of a field is, or would be: the first of the row where there is no such column."""
        columns = (column for column, each in self.headings.fields.items() if each == name)
        return row, next(columns, min(self.headings.texts))

    def leave_out(
        self,
        positions: Sequence[Position],
        reason: Message,
        *,
        name: str = "",
        value: object = None,
        grid: Grid | None = None,
    ) -> None:
        """Name cells that are not used, and count them."""
        position = f"{self.path}: {(grid or self.grid).reference(positions)}{f' ({name})' if name else ''}"
        self.notes.append(sentence(position, reason, value))
        if grid is None:
            self.unused.update(positions)
        else:
            self.elsewhere += len(positions)


def read_rows(table: MarkSheet) -> None:
    """Fill the rows of a table, and name every other filled cell of its sheet."""
    grid, headings = table.grid, table.headings
    filled = grid.rows()
    body = [number for number in filled if number > headings.last]
    merged = _merged(table, body)
    unread: dict[int, list[Position]] = {}
    above: Mapping[int, Filled] = {}
    for number, cells in filled.items():
        if number < headings.first:
            _leave_out_each(table, number, cells, message("importing.above_headings"))
            continue
        if number <= headings.last:
            apart = {column: cell for column, cell in cells.items() if not _is_in_heading(cell, headings)}
            _leave_out_each(table, number, apart, _ABOVE)
            _collect(unread, number, {column: cells[column] for column in cells.keys() - apart.keys()}, headings)
            continue
        why = _why_no_mark(table, number, cells, merged.get(number, {}))
        if why is not None:
            _leave_out_each(table, number, cells, why)
            continue
        _collect(unread, number, cells, headings)
        own = {column: Filled((number, column), cell) for column, cell in cells.items() if column in headings.fields}
        if not own:
            continue
        above = _repeated({**merged.get(number, {}), **own}, above)
        table.rows.append(_row(table, number, above))
    if len(table.rows) > MAX_ROWS:
        raise refusal(table.path, message("importing.too_many_rows", rows=MAX_ROWS))
    _name_unread(table, unread)
    _name_surroundings(table)


def _is_in_heading(cell: Cell, headings: Headings) -> bool:
    """Return whether a cell in the rows of the headings is one, or a part of one in two storeys."""
    return any(squeezed(cell) in text for text in headings.texts.values())


def _collect(unread: dict[int, list[Position]], number: int, cells: Mapping[int, Cell], headings: Headings) -> None:
    for column in cells:
        if column not in headings.fields:
            unread.setdefault(column, []).append((number, column))


def _leave_out_each(table: MarkSheet, number: int, cells: Mapping[int, Cell], reason: Message) -> None:
    for column, cell in cells.items():
        table.leave_out([(number, column)], reason, value=cell)


def _merged(table: MarkSheet, body: Sequence[int]) -> dict[int, dict[int, Filled]]:
    """Return what merged cells give to the rows below their first: by row and column."""
    grid, filled = table.grid, dict[int, dict[int, Filled]]()
    for span in grid.merged:
        value = grid.cells.get((span.top, span.left))
        if value is None or span.left not in table.headings.fields or span.top <= table.headings.last:
            continue
        for number in body[bisect_right(body, span.top) : bisect_left(body, span.bottom + 1)]:
            if (number, span.left) not in grid.cells:
                filled.setdefault(number, {})[span.left] = Filled((span.top, span.left), value, continued=True)
    return filled


def _why_no_mark(
    table: MarkSheet, number: int, cells: Mapping[int, Cell], merged: Mapping[int, Filled]
) -> Message | None:
    """Return why a row is no mark, or ``None`` where it is to be read as one."""
    fields = table.headings.fields
    own = {column: cell for column, cell in cells.items() if column in fields}
    first = min(cells)
    if len(own) >= MIN_HEADINGS and all(field_of(str(cell)) == fields[column] for column, cell in own.items()):
        return message("importing.headings_again")
    lead = unicodedata.normalize("NFKC", str(cells[first])).strip()
    others = {*own, *merged} - {first}
    named = {fields[column] for column in others if not _COUNT.fullmatch(str(cells.get(column, "")).strip())}
    if _NOTE.match(lead) and not named & {"kind", "number", "expires"}:
        return message("importing.note_or_total")
    wide = (span for span in table.grid.merged if (span.top, span.left) == (number, first))
    if len(cells) == 1 and any(_crosses(span, fields) for span in wide):
        return message("importing.title_across")
    return None


def _crosses(span: Span, fields: Mapping[int, str]) -> bool:
    return sum(span.left <= column <= span.right for column in fields) > 1


def _repeated(cells: Mapping[int, Filled], above: Mapping[int, Filled]) -> dict[int, Filled]:
    """Return the cells of a row, where a sign of repetition (〃, 同上) has the value of the cell above."""
    result = dict(cells)
    for column, cell in cells.items():
        if is_ditto(cell.value) and column in above:
            result[column] = Filled(cell.position, above[column].value, continued=True)
    return result


def is_ditto(cell: Cell) -> bool:
    """Return whether a cell is a sign of repetition."""
    return isinstance(cell, str) and unicodedata.normalize("NFC", cell).strip() in DITTO


def _row(table: MarkSheet, number: int, cells: Mapping[int, Filled]) -> Row:
    fields: dict[str, tuple[Filled, ...]] = {}
    for column, cell in sorted(cells.items()):
        name = table.headings.fields[column]
        if _says_nothing(name, cell.value):
            reason = message("importing.means_nothing")
            table.leave_out([cell.position], reason, name=table.headings.texts[column], value=cell.value)
            continue
        fields[name] = (*fields.get(name, ()), cell)
    return Row(number, fields)


def _says_nothing(name: str, cell: Cell) -> bool:
    """Return whether a cell means that there is no value: a dash, なし, and for facts 未定 and the like."""
    if name in _NEVER_EMPTY or not isinstance(cell, str):
        return False
    text = unicodedata.normalize("NFKC", cell).strip().casefold()
    return text in _NOTHING or bool(_DASHES.fullmatch(text)) or (name in _FACTS and text in _NO_FACT)


def _name_unread(table: MarkSheet, unread: Mapping[int, list[Position]]) -> None:
    """Name the columns that have no field."""
    for column, positions in sorted(unread.items()):
        heading = table.headings.texts.get(column, "")
        near = nearest(heading)
        count = len(positions)
        if not heading:
            reason = message("importing.no_heading", count=count)
        elif near:
            reason = message("importing.heading_meant", count=count, near=near)
        else:
            reason = message("importing.no_place", count=count)
        table.leave_out(positions, reason, name=heading)


def _name_surroundings(table: MarkSheet) -> None:
    """Report what the sheet has besides values: hidden rows and columns, comments, pictures."""
    grid, headings = table.grid, table.headings
    rows = {row.number for row in table.rows}
    hidden = [
        (row, column)
        for row, column in grid.cells
        if row in rows and column in headings.fields and (row in grid.hidden_rows or column in grid.hidden_columns)
    ]
    calculated = [position for position in grid.calculated if position[0] in rows and position[1] in headings.fields]
    for positions, note in (
        (hidden, message("importing.hidden_cells")),
        (
            calculated,
            message("importing.formula_result"),
        ),
    ):
        if positions:
            table.notes.append(sentence(table.position_of(positions), note))
    for position, text in grid.comments.items():
        table.notes.append(sentence(table.position_of([position]), message("importing.comment"), text))
    if grid.pictures:
        table.notes.append(sentence(f"{table.path}: {grid.name}", message("importing.pictures")))

"""Makes marks of the rows of a table: reads their cells, keeps number and expiry together, joins rows of one mark."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from ipwatch.terms import Message, message
from ipwatch.watchlists.diagnostics import explain
from ipwatch.watchlists.importing.cells import READERS
from ipwatch.watchlists.importing.dates import read_dates
from ipwatch.watchlists.importing.grid import Cell, Position
from ipwatch.watchlists.importing.messages import CellFaultError, Remark, sentence
from ipwatch.watchlists.importing.numbers import HOME, RightNumber, read_numbers
from ipwatch.watchlists.importing.rows import LISTS, Filled, MarkSheet, Row, is_ditto
from ipwatch.watchlists.importing.trade_cells import TRADE_READERS
from ipwatch.watchlists.schema import FileContext, MarkTable, as_form

MAX_LIST = 10_000
"""Characters of a cell of many values."""
MAX_VALUE = 500
"""Characters of any other cell."""
_ORDER = (
    *("id", "text", "readings", "variants", "kind", "nice_classes", "images", "exclude_images", "vienna_codes"),
    *("goods_terms", "exclude_terms", "genuine_price_jpy", "rights"),
    *("authorised_sellers", "official_sellers", "deny_sellers", "licensees", "own_products", "unlicensed_goods"),
    *("second_hand", "depth"),
)
"""Keys of a mark as the file shows them."""
_FIELD_OF_KEY = {"min": "price_min", "max": "price_max", "genuine_price_jpy": "price_min", "rights": "number"}
_SINGLE = (("genuine_price_jpy", "price_min"), ("id", "id"), ("second_hand", "second_hand"), ("depth", "depth"))
"""Keys of which all rows of a mark say the same, with their fields."""
_READERS = {**READERS, **TRADE_READERS}


class MarkReader:
    """Reads rows one by one, and collects their errors and warnings."""

    def __init__(self, sheet: MarkSheet, directory: Path, kind: str | None) -> None:
        self._sheet = sheet
        self._directory = directory
        self._kind = kind
        self._remarks: dict[tuple[str, Message], dict[Position, Cell]] = {}
        self._numbers: dict[tuple[str, str, str], tuple[str, date | None]] = {}
        self._kinds: dict[Position, str] = {}
        self._first_rows: dict[str, Row] = {}
        self._holders: dict[str, list[Filled]] = {}
        self.marks: dict[str, dict[str, Any]] = {}
        self.problems: list[str] = []

    @property
    def remarks(self) -> list[str]:
        """One sentence for each remark, with all the cells it is about and the value of the first."""
        return [
            sentence(self._sheet.position_of(cells, heading), remark, next(iter(cells.values())))
            for (heading, remark), cells in self._remarks.items()
        ]

    def add(self, row: Row) -> None:
        """Add the mark of a row, or unite it with an earlier row of the same mark; a fault leaves the row out."""
        faults: list[str] = []
        values = self._read(row, faults)
        mark = self._as_mark(row, values, faults)
        faults.extend(self._check(mark, row))
        if not faults:
            faults.extend(self._join(mark, row))
        if faults:
            self.problems.extend(faults)
            self._sheet.unused.update(each.position for cells in row.cells.values() for each in cells)

    def finish(self, holder_names: Iterable[str]) -> None:
        """Take out marks of which the rows together hold too much, and name holders other than the list's."""
        for form, mark in list(self.marks.items()):
            faults = self._check(mark, self._first_rows[form])
            if faults:
                self.problems.extend(faults)
                del self.marks[form]
        own = {_plain_name(name) for name in holder_names}
        for name, cells in self._holders.items():
            if _plain_name(name) not in own:
                positions = list(dict.fromkeys(each.position for each in cells))
                heading = self._heading(cells[0], "holder")
                self._sheet.leave_out(positions, message("importing.other_holder"), name=heading, value=name)

    def _read(self, row: Row, faults: list[str]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for field, cells in row.cells.items():
            for cell in cells:
                value = self._value(row, field, cell, faults)
                if value is None:
                    continue
                if value == []:
                    nothing = message("importing.separators_only")
                    self._sheet.leave_out([cell.position], nothing, name=self._heading(cell, field), value=cell.value)
                    continue
                if field == "holder":
                    self._holders.setdefault(value, []).append(cell)
                elif field in LISTS:
                    known = values.get(field, [])
                    values[field] = [*known, *(each for each in value if each not in known)]
                else:
                    values[field] = value
        if "text" not in row.cells:
            faults.append(self._fault(row, "text", message("importing.no_text")))
        return values

    def _value(self, row: Row, field: str, cell: Filled, faults: list[str]) -> Any:
        """Return what a cell holds, or ``None`` where it cannot be used."""

        def remark(text: Message) -> None:
            self._remark(cell, field, text)

        try:
            self._look(cell, field, remark)
            if field == "number":
                office = self._office(row)
                return read_numbers(cell.value, remark, office=office)
            if field == "expires":
                return read_dates(cell.value, remark, from_1904=self._sheet.grid.from_1904)
            if field == "holder":
                return as_form(str(cell.value)).strip()
            return _READERS[field](cell.value, remark)
        except CellFaultError as fault:
            position = self._sheet.position_of([cell.position], self._heading(cell, field))
            faults.append(sentence(position, fault.message, cell.value))
            return None

    def _remark(self, cell: Filled, field: str, text: Message) -> None:
        cells = self._remarks.setdefault((self._heading(cell, field), text), {})
        cells.setdefault(cell.position, cell.value)

    def _heading(self, cell: Filled, field: str) -> str:
        return self._sheet.headings.texts.get(cell.position[1], field)

    def _look(self, cell: Filled, field: str, remark: Remark) -> None:
        """Refuse displayed but unsaved values and overlong ones; warn of struck-out text."""
        grid, position = self._sheet.grid, cell.position
        maximum = MAX_LIST if field in LISTS else MAX_VALUE
        if len(str(cell.value)) > maximum:
            raise CellFaultError(message("importing.too_long", most=maximum))
        if position in grid.formulas:
            raise CellFaultError(message("importing.formula_without_result"))
        if position in grid.errors:
            raise CellFaultError(message("importing.spreadsheet_error"))
        if position in grid.partly_struck:
            raise CellFaultError(message("importing.partly_struck"))
        if position in grid.struck:
            remark(message("importing.struck"))
        if is_ditto(cell.value):
            raise CellFaultError(message("importing.ditto_of_nothing"))

    def _office(self, row: Row) -> str:
        cells = row.cells.get("office")
        return str(READERS["office"](cells[0].value, lambda _: None)) if cells else HOME

    def _as_mark(self, row: Row, values: dict[str, Any], faults: list[str]) -> dict[str, Any]:
        """Return the fields of a row as the keys of a mark, in the order in which the file shows them."""
        mark = {key: value for key, value in values.items() if key in _ORDER}
        if "kind" not in mark and "kind" not in row.cells:
            kind = self._kind_of(row)
            if kind is None:
                names = message("importing.no_kind_given")
                faults.append(self._fault(row, "kind", names))
            else:
                mark["kind"] = kind
        elif "kind" in mark and "text" in row.cells:
            self._kinds.setdefault(row.cells["text"][0].position, mark["kind"])
        if "variants" in mark:
            own = as_form(mark.get("text", ""))
            mark["variants"] = [each for each in mark["variants"] if as_form(each) != own]
        price = {key: values[field] for key, field in (("min", "price_min"), ("max", "price_max")) if field in values}
        if price:
            mark["genuine_price_jpy"] = price
        rights = self._rights(row, values, mark.get("kind"), faults)
        if rights:
            mark["rights"] = rights
        return {key: mark[key] for key in _ORDER if mark.get(key)}

    def _kind_of(self, row: Row) -> str | None:
        """Return the kind of a row without one: that of the merged mark it belongs to, or that of the whole table."""
        text = row.cells.get("text", ())
        return self._kinds.get(text[0].position, self._kind) if text and text[0].continued else self._kind

    def _rights(self, row: Row, values: Mapping[str, Any], kind: Any, faults: list[str]) -> list[dict[str, Any]]:
        """Return the rights of a row: each number with its own expiry, or all with the only one."""
        numbers: list[RightNumber] = values.get("number", [])
        days: list[date] = values.get("expires", [])
        if len(days) > 1 and len(days) != len(numbers):
            faults.append(
                self._fault(row, "expires", message("importing.numbers_and_days", numbers=len(numbers), days=len(days)))
            )
            return []
        office = values.get("office", HOME)
        if not numbers:
            if not days and "office" not in values:
                return []
            return [{"office": office, "kind": kind, **({"expires": days[0]} if days else {})}]
        if len(numbers) > 1 and days:
            self._remark_on_pairs(row, numbers, days)
        each_day: list[date | None] = [*days] if len(days) == len(numbers) else [next(iter(days), None)] * len(numbers)
        rights = []
        for (number, own_office), day in zip(numbers, each_day, strict=True):
            right = {"office": own_office or office, "kind": kind, "number": number}
            rights.append(right if day is None else {**right, "expires": day})
        return rights

    def _remark_on_pairs(self, row: Row, numbers: list[RightNumber], days: list[date]) -> None:
        cell = row.cells["expires"][0]
        if len(days) == 1:
            remark = message("importing.expiry_of_all", numbers=len(numbers))
        else:
            pairs = "、".join(f"{number.number} = {day}" for number, day in zip(numbers, days, strict=True))
            remark = message("importing.paired_in_order", pairs=pairs)
        self._remark(cell, "expires", remark)

    def _check(self, mark: Mapping[str, Any], row: Row) -> list[str]:
        try:
            context = FileContext(stem="", directory=self._directory)
            MarkTable.model_validate({"id": "not-yet-named", **mark}, context=context)
        except ValidationError as error:
            return [
                self._explain(detail, row)
                for detail in error.errors()
                if detail["type"] != "missing" and detail["loc"][-1] != "kind"  # reported for the cell itself
            ]
        return []

    def _explain(self, detail: ErrorDetails, row: Row) -> str:
        keys = [part for part in detail["loc"] if isinstance(part, str)]
        key = keys[0] if keys[0] in LISTS else keys[-1]
        field = _FIELD_OF_KEY.get(key, key)
        return self._fault(row, field, explain(detail))

    def _fault(self, row: Row, field: str, reason: str) -> str:
        cells = row.cells.get(field, ())
        positions = [each.position for each in cells] or [self._sheet.position(row.number, field)]
        value = "、".join(str(each.value) for each in cells) if cells else None
        return sentence(self._sheet.position_of(positions, self._sheet.heading(field)), reason, value)

    def _join(self, mark: dict[str, Any], row: Row) -> list[str]:
        """Unite a mark with an earlier row of the same text; return what contradicts that one."""
        form = as_form(mark["text"])
        known = self.marks.get(form)
        faults = list(self._contradictions(mark, form, row))
        if faults:
            return faults
        for right in mark.get("rights", ()):
            if "number" in right:
                self._numbers.setdefault(_key(right), (form, right.get("expires")))
        if known is None:
            self.marks[form] = mark
            self._first_rows[form] = row
            return []
        if mark["kind"] != known["kind"] and "rights" not in mark:
            mark["rights"] = [{"office": HOME, "kind": mark["kind"]}]
        for key, value in mark.items():
            if key in LISTS or key == "rights":
                known[key] = [*known.get(key, []), *(each for each in value if each not in known.get(key, []))]
            else:
                known.setdefault(key, value)
        self.marks[form] = {key: known[key] for key in _ORDER if key in known}
        return []

    def _contradictions(self, mark: Mapping[str, Any], form: str, row: Row) -> Iterator[str]:
        known = self.marks.get(form, mark)
        same_id = (text for text, each in self.marks.items() if text != form and each.get("id", "") == mark.get("id"))
        other = next(same_id, None)
        if other is not None:
            yield self._fault(row, "id", message("importing.id_of_other", other=other))
        for key, field in _SINGLE:
            if key in mark and mark[key] != known.get(key, mark[key]):
                yield self._fault(row, field, message("importing.differs_from_earlier", form=form))
        for right in mark.get("rights", ()):
            owner, day = self._numbers.get(_key(right), (form, right.get("expires")))
            if owner == form and day != right.get("expires"):
                earlier = day or message("importing.no_day")
                reason = message("importing.other_expiry", number=right["number"], day=earlier)
                yield self._fault(row, "expires", reason)
            elif owner != form:
                remark = message("importing.number_of_other", owner=owner)
                self._remark(row.cells["number"][0], "number", remark)


def _key(right: Mapping[str, Any]) -> tuple[str, str, str]:
    return right["office"], right["kind"], right.get("number", "")


def _plain_name(name: str) -> str:
    return "".join(as_form(name).casefold().split())

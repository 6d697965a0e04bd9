"""Turns a producer's table of marks into a watchlist file that passes the check."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from ipwatch.errors import WatchlistError
from ipwatch.watchlists.cells import READERS
from ipwatch.watchlists.emit import emit_toml
from ipwatch.watchlists.faults import explain
from ipwatch.watchlists.schema import FileContext, HolderTable, MarkTable, as_form
from ipwatch.watchlists.table import Cell, MarkSheet, Row, read_table

_PICTURES = ("images", "exclude_images", "vienna_codes")
_TERMS = ("goods_terms", "exclude_terms")
_LISTS = ("readings", "variants", "nice_classes", *_PICTURES, *_TERMS, "rights")
_FIELD_OF_KEY = {"min": "price_min", "max": "price_max"}
_MAX_SLUG = 60
_MIN_SLUG = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedMarks:
    """A watchlist as TOML text, the rows that were left out of it, and doubts, one sentence each."""

    toml: str
    marks: int
    problems: tuple[str, ...]
    warnings: tuple[str, ...]


def import_marks(source: Path, holder: Mapping[str, str], directory: Path) -> ImportedMarks:
    """Return the marks of a CSV or ``.xlsx`` table as a watchlist of ``holder``, to be written below ``directory``.

    Rows with the same mark are joined: their lists are united and each adds its right. Rows that cannot be used are
    left out and named in ``problems``. Raises ``WatchlistError`` where the file, or the holder, cannot be used at all.
    """
    _check_holder(holder, directory)
    sheet = read_table(source)
    reader = _RowReader(sheet, directory)
    marks: dict[str, dict[str, Any]] = {}
    for row in sheet.rows:
        mark = reader.read(row)
        if mark is not None:
            reader.join(marks, mark, row)
    if not marks:
        raise WatchlistError((*reader.problems, f"{source}: no row can be used; mend the rows above"))
    document: dict[str, Any] = {"schema": 1, "holder": dict(holder), "marks": _with_ids(marks.values())}
    return ImportedMarks(
        toml=emit_toml(document),
        marks=len(marks),
        problems=tuple(reader.problems),
        warnings=(*sheet.warnings, *reader.warnings),
    )


def _check_holder(holder: Mapping[str, str], directory: Path) -> None:
    try:
        HolderTable.model_validate(dict(holder), context=FileContext(stem=holder["id"], directory=directory))
    except ValidationError as error:
        raise WatchlistError(tuple(f"{_option(detail)}: {explain(detail)}" for detail in error.errors())) from None


def _option(detail: ErrorDetails) -> str:
    """Return the option of the command that set a field of the holder."""
    key = str(detail["loc"][0])
    return "--holder-id" if key == "id" else f"--{key.replace('_', '-')}"


class _RowReader:
    """Reads rows one by one and collects what is wrong with them."""

    def __init__(self, sheet: MarkSheet, directory: Path) -> None:
        self._sheet = sheet
        self._directory = directory
        self.problems: list[str] = []
        self.warnings: list[str] = []

    def read(self, row: Row) -> dict[str, Any] | None:
        """Return the mark of a row, or ``None`` where a cell cannot be used."""
        found: dict[str, Any] = {}
        faults: list[str] = []
        for field, cell in row.cells.items():
            if cell is None or cell == "":
                continue
            try:
                found[field] = self._read_cell(field, cell, row.number)
            except ValueError as error:
                faults.append(f"{self._sheet.place(row.number, field)}: {error}")
        faults.extend(
            f"{self._sheet.place(row.number, field)}: is empty; fill it in"
            for field in ("text", "kind")
            if row.cells.get(field) in {None, ""}
        )
        mark = _as_mark(found)
        if not faults:
            faults.extend(self._check(mark, row.number))
        self.problems.extend(faults)
        return None if faults else mark

    def join(self, marks: dict[str, dict[str, Any]], mark: dict[str, Any], row: Row) -> None:
        """Add a mark, or unite it with an earlier row of the same text."""
        form = as_form(mark["text"])
        known = marks.get(form, mark)
        same_id = (text for text, each in marks.items() if text != form and each.get("id", "") == mark.get("id"))
        other = next(same_id, None)
        if other is not None:
            place = self._sheet.place(row.number, "id")
            self.problems.append(f"{place}: {mark['id']!r} is the id of {other!r}; give each mark an id of its own")
            return
        for key, field in (("genuine_price_jpy", "price_min"), ("id", "id")):
            if key in mark and mark[key] != known.get(key, mark[key]):
                place = self._sheet.place(row.number, field)
                self.problems.append(f"{place}: differs from an earlier row of {form!r}; write it in one row only")
                return
        if marks.setdefault(form, mark) is mark:
            return
        for key, value in mark.items():
            if key in _LISTS:
                known[key] = [*known.get(key, []), *(each for each in value if each not in known.get(key, []))]
            else:
                known.setdefault(key, value)

    def _read_cell(self, field: str, cell: Cell, row: int) -> Any:
        if isinstance(cell, str) and cell.startswith("="):
            raise ValueError(f"holds the formula {cell!r}, which is not evaluated; paste the value")
        if field == "number" and isinstance(cell, int | float):
            place = self._sheet.place(row, field)
            self.warnings.append(f"{place}: {cell} is a number, so that leading zeros may be lost; format it as text")
        return READERS[field](cell)

    def _check(self, mark: dict[str, Any], row: int) -> list[str]:
        try:
            context = FileContext(stem="", directory=self._directory)
            MarkTable.model_validate({"id": "not-yet-named", **mark}, context=context)
        except ValidationError as error:
            return [self._explain(detail, row) for detail in error.errors()]
        return []

    def _explain(self, detail: ErrorDetails, row: int) -> str:
        key = str(next(part for part in reversed(detail["loc"]) if isinstance(part, str)))
        return f"{self._sheet.place(row, _FIELD_OF_KEY.get(key, key))}: {explain(detail)}"


def _as_mark(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a row as the keys of a mark, in the order in which the file shows them."""
    mark = {key: found[key] for key in ("id", "text", "readings", "variants", "kind", "nice_classes") if key in found}
    if "variants" in mark:
        own = as_form(mark.get("text", ""))
        mark["variants"] = [each for each in mark["variants"] if as_form(each) != own]
    mark.update({key: found[key] for key in (*_PICTURES, *_TERMS) if key in found})
    price = {key: found[field] for key, field in _FIELD_OF_KEY.items() if field in found}
    if price:
        mark["genuine_price_jpy"] = price
    if "number" in found or "expires" in found:
        right = {"office": found.get("office", "JP"), "kind": found.get("kind")}
        right.update({key: found[key] for key in ("number", "expires") if key in found})
        mark["rights"] = [right]
    return mark


def _with_ids(marks: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the marks with an id each: its own, or one made of its first form in Latin letters."""
    named = list(marks)
    taken = {mark["id"] for mark in named if "id" in mark}
    result = []
    for number, mark in enumerate(named, 1):
        slugs = (_slug(form) for form in (mark["text"], *mark.get("variants", [])))
        stem = next((slug for slug in slugs if len(slug) >= _MIN_SLUG), f"mark-{number}")
        choices = (stem, *(f"{stem}-{count}" for count in range(2, len(named) + 2)))
        name = mark.get("id") or next(choice for choice in choices if choice not in taken)
        taken.add(name)
        result.append({"id": name, **mark})
    return result


def _slug(form: str) -> str:
    """Return an id made of a form in Latin letters, without their accents, or nothing for any other form."""
    plain = "".join(each for each in unicodedata.normalize("NFKD", form) if not unicodedata.combining(each))
    return re.sub(r"[^a-z0-9]+", "-", plain.lower())[:_MAX_SLUG].strip("-") if plain.isascii() else ""

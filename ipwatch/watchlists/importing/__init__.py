"""Turns a producer's table of marks, CSV or Excel, into a watchlist file that passes the check.

Nothing is lost silently: a filled cell is in the watchlist, or a message names it. What may be read in one way
only is read; what may be read in two is refused, or kept as it stands and remarked on. Every message has the file, the
sheet, the cell, the value as it stands and the fix, in Japanese and English.
"""

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
from ipwatch.terms import message
from ipwatch.watchlists.diagnostics import explain
from ipwatch.watchlists.importing.marks import MarkReader
from ipwatch.watchlists.importing.messages import refusal, sentence
from ipwatch.watchlists.importing.sheet import read_table
from ipwatch.watchlists.schema import MAX_MARKS, FileContext, HolderTable
from ipwatch.watchlists.toml_writer import emit_toml

_MAX_SLUG = 60
_MIN_SLUG = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedMarks:
    """A watchlist as TOML text, how much went into it, and one sentence for each thing its author should know.

    ``problems`` are rows that were left out; ``warnings`` are cells that are not used, and what was understood of
    others. ``unused`` counts filled cells, among them those of the rows left out.
    """

    toml: str
    rows: int
    marks: int
    unused: int
    problems: tuple[str, ...]
    warnings: tuple[str, ...]


def import_marks(
    source: Path, holder: Mapping[str, str], directory: Path, *, sheet: str | None = None, kind: str | None = None
) -> ImportedMarks:
    """Return the marks of a CSV or ``.xlsx`` table as a watchlist of ``holder``, to be written below ``directory``.

    ``sheet`` names the sheet of a workbook; ``kind`` is the kind of right of rows that name none. Rows with the same
    mark are joined: their lists are united and each adds its rights. Rows that cannot be used are left out and named in
    ``problems``. Raises ``WatchlistError`` where the file, or the holder, cannot be used at all.
    """
    _check_holder(holder, directory)
    table = read_table(source, sheet=sheet, needs_kind=kind is None)
    reader = MarkReader(table, directory, kind)
    for row in table.rows:
        reader.add(row)
    reader.finish((holder["name_ja"], holder["name_en"]))
    if not reader.marks:
        fault = message("importing.no_usable_row")
        raise WatchlistError((*reader.problems, sentence(str(source), fault)))
    if len(reader.marks) > MAX_MARKS:
        raise refusal(source, message("importing.too_many_marks", count=len(reader.marks), marks=MAX_MARKS))
    document: dict[str, Any] = {"schema": 1, "holder": dict(holder), "marks": _with_ids(reader.marks.values())}
    return ImportedMarks(
        toml=emit_toml(document),
        rows=len(table.rows),
        marks=len(reader.marks),
        unused=len(table.unused) + table.elsewhere,
        problems=tuple(reader.problems),
        warnings=(*table.notes, *reader.remarks),
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

"""Tables as offices send them, and what the importer makes of them."""

from __future__ import annotations

import csv
import io
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from ipwatch.errors import WatchlistError
from ipwatch.terms import in_language
from ipwatch.watchlists import parse_watchlist
from ipwatch.watchlists.importing import import_marks

HOLDER = {"id": "kasumi", "name_ja": "霞組合", "name_en": "Kasumi Union", "kind": "regional", "prefecture": "JP-38"}


@dataclass(frozen=True)
class Outcome:
    """The imported marks and the reported messages."""

    marks: list[dict[str, Any]]
    problems: tuple[str, ...]
    warnings: tuple[str, ...]
    unused: int = 0

    @property
    def mark(self) -> dict[str, Any]:
        (mark,) = self.marks
        return mark

    @property
    def rights(self) -> list[tuple[Any, ...]]:
        return [(right.get("number"), right.get("expires")) for right in self.mark.get("rights", [])]


def written(directory: Path, text: str | bytes, name: str = "marks.csv", encoding: str = "utf-8") -> Path:
    path = directory / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return path


def in_both(messages: tuple[str, ...]) -> tuple[str, ...]:
    """Return each message in Japanese and in English."""
    return tuple(f"{in_language(message, 'ja')} / {message}" for message in messages)


def attempt(path: Path, **options: Any) -> Outcome:
    """Import a file; what is made passes the check of watchlists."""
    try:
        imported = import_marks(path, HOLDER, path.parent, **options)
    except WatchlistError as error:
        return Outcome([], in_both(error.problems), ())
    parse_watchlist(imported.toml.encode(), path.parent / "kasumi.toml")
    marks = tomllib.loads(imported.toml)["marks"]
    return Outcome(marks, in_both(imported.problems), in_both(imported.warnings), getattr(imported, "unused", 0))


def csv_text(*rows: tuple[str, ...], delimiter: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return out.getvalue()


def one_row(directory: Path, **cells: str) -> Outcome:
    """Import a table of one mark, 霞印, and these additional cells."""
    row = {"商標": "霞印", "権利種別": "商標", **cells}
    return attempt(written(directory, csv_text(tuple(row), tuple(row.values()))))


def workbook(directory: Path, *rows: tuple[Any, ...], name: str = "marks.xlsx") -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    path = directory / name
    book.save(path)
    return path

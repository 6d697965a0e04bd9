"""Reads a producer's table of marks, CSV or Excel, into rows by field: the outside of ``watchlist import``."""

from __future__ import annotations

import csv
import io
import unicodedata
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from ipwatch.errors import WatchlistError

MAX_BYTES = 5_000_000
MAX_UNPACKED = 20_000_000
"""Bytes that a workbook may unpack to: a small zip file can hold gigabytes."""
MAX_ROWS = 2_000
MAX_COLUMNS = 50

Cell = str | int | float | date | None
"""What a cell holds; a formula or an Excel error stays the text that the file has for it."""

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "id": ("id",),
    "text": ("text", "mark", "商標", "名称", "商標名"),
    "kind": ("kind", "権利種別", "権利の種類", "種別"),
    "readings": ("readings", "reading", "称呼", "読み", "よみ", "ヨミ", "フリガナ", "ふりがな", "よみがな"),
    "variants": ("variants", "variant", "別表記", "表記ゆれ", "外国語表記"),
    "nice_classes": ("nice_classes", "classes", "class", "区分", "類"),
    "goods_terms": ("goods_terms", "goods", "商品", "商品名", "指定商品"),
    "exclude_terms": ("exclude_terms", "除外語"),
    "images": ("images", "image", "画像"),
    "exclude_images": ("exclude_images", "除外画像"),
    "vienna_codes": ("vienna_codes", "vienna", "図形分類", "ウィーン分類", "ウィーン図形分類"),
    "price_min": ("price_min", "正規価格下限", "価格下限"),
    "price_max": ("price_max", "正規価格上限", "価格上限"),
    "office": ("office", "官庁", "登録国"),
    "number": ("number", "registration_number", "登録番号"),
    "expires": ("expires", "存続期間満了日", "満了日", "有効期限"),
}
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    InvalidFileException,
    SyntaxError,
    ArithmeticError,
    EOFError,
    OSError,
    LookupError,
    RuntimeError,
    ValueError,
    TypeError,
    AttributeError,
)
"""What openpyxl and zipfile let through where the archive, or the XML in it, is not a workbook's.

The XML parsers' own errors are ``SyntaxError``s.
"""
_FIELD_OF_HEADER = {
    unicodedata.normalize("NFKC", name).casefold(): field for field, names in COLUMNS.items() for name in names
}


@dataclass(frozen=True, slots=True)
class Row:
    """One row by field; ``number`` is the one a spreadsheet shows, where the headings are row 1."""

    number: int
    cells: Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class MarkSheet:
    """A table of marks: the heading of each field as the file writes it, the rows, and doubts about the headings."""

    path: Path
    headings: Mapping[str, str]
    rows: tuple[Row, ...]
    warnings: tuple[str, ...]

    def place(self, row: int, field: str) -> str:
        """Return how to find a cell: file, row and column."""
        heading = self.headings.get(field)
        return f"{self.path}: row {row}, column {heading or field}"


def read_table(path: Path) -> MarkSheet:
    """Return the rows of a CSV, TSV or ``.xlsx`` file; formulas are never evaluated.

    Raises ``WatchlistError`` where the file as a whole cannot be read as a table of marks.
    """
    content = _read(path)
    suffix = path.suffix.lower()
    if suffix == ".xlsx":
        lines, doubts = _excel_rows(content, path)
    elif suffix in {".csv", ".tsv", ".txt"}:
        lines, doubts = _text_rows(content, path), []
    else:
        raise WatchlistError((f"{path}: is neither CSV nor .xlsx; save it from the spreadsheet as one of the two",))
    if len(lines) > MAX_ROWS + 1:
        raise WatchlistError((f"{path}: has more than {MAX_ROWS} rows; split it by holder",))
    headings, where, unread = _headings(lines[0] if lines else (), path)
    rows = tuple(
        Row(number, {field: cells[column] for field, column in where.items() if column < len(cells)})
        for number, cells in enumerate(lines[1:], 2)
        if any(cell not in {None, ""} for cell in cells)
    )
    if not rows:
        raise WatchlistError((f"{path}: has no row below the headings; add one row for each mark",))
    return MarkSheet(path, headings, rows, (*doubts, *unread))


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise WatchlistError((f"{path}: cannot be read ({error.strerror}); check the path",)) from error
    if len(content) > MAX_BYTES:
        raise WatchlistError((f"{path}: has more than {MAX_BYTES:,} bytes; split it by holder",))
    return content


def _text_rows(content: bytes, path: Path) -> list[Sequence[Cell]]:
    text = _decode(content, path)
    first = text.split("\n", 1)[0]
    delimiter = "\t" if first.count("\t") > first.count(",") else ","
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise WatchlistError((f"{path}: is not a CSV table ({error}); save it again from the spreadsheet",)) from None


def _decode(content: bytes, path: Path) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "cp932")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            raise WatchlistError((f"{path}: holds NUL characters and is no text; save it as CSV (UTF-8)",))
        return text
    raise WatchlistError((f"{path}: is neither UTF-8 nor Shift_JIS; save it as CSV (UTF-8)",))


def _excel_rows(content: bytes, path: Path) -> tuple[list[Sequence[Cell]], list[str]]:
    mend = "open it in the spreadsheet and save it as .xlsx again, or as CSV"
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > MAX_UNPACKED:
            raise WatchlistError((f"{path}: unpacks to more than {MAX_UNPACKED:,} bytes; split it by holder",))
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", category=UserWarning, module="openpyxl")
            return _first_sheet(content, path)
    except _UNREADABLE as error:
        raise WatchlistError((f"{path}: cannot be read as a workbook ({type(error).__name__}); {mend}",)) from error


def _first_sheet(content: bytes, path: Path) -> tuple[list[Sequence[Cell]], list[str]]:
    book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
    try:
        sheet = book.worksheets[0]
        others = ", ".join(repr(other.title) for other in book.worksheets[1:])
        doubts = [f"{path}: only the first sheet {sheet.title!r} is read, not {others}"] if others else []
        cells = sheet.iter_rows(max_row=MAX_ROWS + 2, max_col=MAX_COLUMNS, values_only=True)
        return _without_tail([_plain(value) for value in row] for row in cells), doubts
    finally:
        book.close()


def _without_tail(rows: Iterable[Sequence[Cell]]) -> list[Sequence[Cell]]:
    found = list(rows)
    while found and all(cell is None for cell in found[-1]):
        found.pop()
    return found


def _plain(value: object) -> Cell:
    if isinstance(value, datetime):
        return value.date()
    if value is None or (isinstance(value, str | int | float | date) and not isinstance(value, bool)):
        return value
    return str(value)


def _headings(first: Sequence[Cell], path: Path) -> tuple[dict[str, str], dict[str, int], list[str]]:
    headings: dict[str, str] = {}
    where: dict[str, int] = {}
    unread: list[str] = []
    problems: list[str] = []
    for column, heading in _named(first):
        field = _FIELD_OF_HEADER.get(unicodedata.normalize("NFKC", heading).strip().casefold())
        if field is None:
            near = get_close_matches(heading.casefold(), _FIELD_OF_HEADER, n=1)
            hint = f"did you mean {near[0]}?" if near else "delete the column, or rename it"
            unread.append(f"{path}: row 1, column {heading}: the column is not read; {hint}")
        elif field in where:
            problems.append(f"{path}: row 1, column {heading}: stands for the same as {headings[field]}; delete one")
        else:
            headings[field], where[field] = heading, column
    problems.extend(
        f"{path}: row 1: there is no column {' or '.join(COLUMNS[field][:3])}; add the heading"
        for field in ("text", "kind")
        if field not in where
    )
    if problems:
        raise WatchlistError((*problems, *unread))
    return headings, where, unread


def _named(first: Sequence[Cell]) -> Iterator[tuple[int, str]]:
    return ((column, str(cell).strip()) for column, cell in enumerate(first) if cell is not None and str(cell).strip())

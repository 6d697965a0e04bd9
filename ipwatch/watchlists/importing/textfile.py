"""Reads CSV and its relatives as office programs save them: Shift_JIS, UTF-16, ``sep=`` lines, semicolons."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from ipwatch.errors import WatchlistError
from ipwatch.terms import message
from ipwatch.watchlists.importing.grid import MAX_CELLS, MAX_FILE_COLUMN, Grid, is_filled
from ipwatch.watchlists.importing.headings import rank
from ipwatch.watchlists.importing.messages import refusal

_DELIMITERS = (",", "\t", ";", "|")
_SEP_LINE = re.compile(r"\"?sep=(.)?\"?[,;\t|]*", re.IGNORECASE)
_LINE_END = re.compile(r"\r\n|\r|\n")
_MAX_PROBED = 60
"""Rows among which the headings are looked for, to tell what separates the columns."""
_MAX_DAMAGE = 0.3
"""Share of letters that may be broken in a file that is taken for damaged UTF-8 rather than for Shift_JIS."""
_NARROW_KANA = re.compile("[\uff61-\uff9f]")
"""What Shift_JIS makes of the accented letters of Windows-1252, and of most letters of EUC-JP."""
_JAPANESE = re.compile("[\u3041-\u30fa\u4e00-\u9fff]")
_QUOTED_FORMULA = re.compile(r"=\"([^\"]*)\"")
_FORMULA = re.compile(r"=(?:[+\-@(\"]|\d|\$?[A-Z]{1,3}\$?\d|[A-Z][A-Z0-9.]*\()", re.IGNORECASE)
_ERROR = re.compile(r"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!|#+)")


def read_text(content: bytes, path: Path) -> Grid:
    """Return the cells of a text file; row numbers are those a spreadsheet shows when it opens the file.

    Raises ``WatchlistError`` where it is not text in a known encoding, or its quotes are broken.
    """
    text = _decode(content, path)
    first, *rest = _LINE_END.split(text, maxsplit=1)
    declared = _SEP_LINE.fullmatch(first.strip("\ufeff "))
    if declared:
        text = rest[0] if rest else ""
        if declared.group(1):
            return _grid(text, declared.group(1), path)
        first = _LINE_END.split(text, maxsplit=1)[0]
    ranks = {delimiter: rank(_probe(text, delimiter)) for delimiter in _DELIMITERS}
    return _grid(text, max(_DELIMITERS, key=lambda each: (ranks[each], first.count(each))), path)


def _probe(text: str, delimiter: str) -> Grid:
    """Return the first rows as this delimiter would cut them; broken quotes end them."""
    grid = Grid(name="")
    try:
        for number, row in enumerate(islice(_records(text, delimiter), _MAX_PROBED), 1):
            grid.cells.update(((number, column), each) for column, each in enumerate(row, 1) if is_filled(each))
    except csv.Error:
        return grid
    return grid


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)


def _grid(text: str, delimiter: str, path: Path) -> Grid:
    grid = Grid(name="")
    number = 0
    try:
        for number, row in enumerate(_records(text, delimiter), 1):
            for column, value in enumerate(row, 1):
                if is_filled(value):
                    _add(grid, (number, column), value)
            if len(grid.cells) > MAX_CELLS or len(row) > MAX_FILE_COLUMN:
                raise refusal(path, message("importing.too_many_cells", cells=MAX_CELLS))
    except csv.Error as error:
        raise refusal(path, message("importing.not_csv", number=number + 1, reason=error)) from None
    return grid


def _add(grid: Grid, position: tuple[int, int], value: str) -> None:
    quoted = _QUOTED_FORMULA.fullmatch(value.strip())
    if quoted:  # ="0060813" is how a text file keeps a spreadsheet from making a number of digits.
        if is_filled(quoted.group(1)):
            grid.cells[position] = quoted.group(1)
        return
    grid.cells[position] = value
    if _FORMULA.match(value):
        grid.formulas.add(position)
    elif _ERROR.fullmatch(value.strip()):
        grid.errors.add(position)


def _decode(content: bytes, path: Path) -> str:
    """Return the text in the first encoding that fits; of those that fit by chance, the one with fewer narrow kana."""
    texts = []
    for encoding in _encodings(content):
        try:
            decoded = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding.startswith("utf") or _JAPANESE.search(decoded) or not _NARROW_KANA.search(decoded):
            texts.append(decoded)
        if encoding.startswith("utf"):
            break
    text = min(texts, key=lambda each: len(_NARROW_KANA.findall(each)), default=None)
    if text is None:
        raise _undecodable(content, path)
    if "\0" in text:
        raise refusal(path, message("importing.nul_characters"))
    return text


def _encodings(content: bytes) -> tuple[str, ...]:
    """Return the encodings to try, the likeliest first: by the byte order mark, by NULs, by escapes, or the usual."""
    even, odd = content[::2].count(0), content[1::2].count(0)
    declared = (
        (content.startswith((b"\xff\xfe", b"\xfe\xff")), ("utf-16",)),
        (content.startswith(b"\xef\xbb\xbf"), ("utf-8-sig",)),
        (odd > even, ("utf-16-le",)),
        (even > odd, ("utf-16-be",)),
        (b"\x1b$" in content, ("iso2022_jp_2004", "iso2022_jp_ext")),
        (_damaged_utf8(content), ("utf-8",)),
    )
    return next((names for holds, names in declared if holds), ("utf-8", "cp932", "euc_jp"))


def _damaged_utf8(content: bytes) -> bool:
    """Return whether nearly all letters are UTF-8: Shift_JIS would make other letters of them without an error."""
    text = content.decode("utf-8", errors="replace")
    letters = sum(1 for each in text if each > "\x7f")
    return 0 < text.count("\ufffd") <= _MAX_DAMAGE * letters


def _undecodable(content: bytes, path: Path) -> WatchlistError:
    if _damaged_utf8(content) or content.startswith(b"\xef\xbb\xbf"):
        text = content.decode("utf-8", errors="replace")
        line = len(_LINE_END.findall(text[: text.find("\ufffd")])) + 1
        return refusal(path, message("importing.broken_letter", line=line))
    return refusal(path, message("importing.unknown_encoding"))

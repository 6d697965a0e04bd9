"""Reads the sheets of an ``.xlsx`` workbook: values as saved, and what hides, merges, strikes out or annotates them.

The format is ECMA-376 part 1; elements are recognised by their local names, so that its strict variant is read as well.
Nothing is evaluated, no link is followed and no picture is opened. A workbook is a small zip file that can unpack to
gigabytes, so that every part is bounded before it is read.
"""

from __future__ import annotations

import io
import posixpath
import warnings
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format

from ipwatch.errors import WatchlistError
from ipwatch.terms import message
from ipwatch.watchlists.importing.grid import Grid
from ipwatch.watchlists.importing.messages import refusal
from ipwatch.watchlists.importing.sheetxml import SheetReader, Styles, local, rich_text

MAX_UNPACKED = 50_000_000
"""Bytes that the XML of a workbook may unpack to."""
MAX_SHEETS = 200

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_DATE_FORMATS_OF_EAST_ASIA = frozenset({*range(27, 37), *range(50, 59)})
"""Built-in formats that are dates in Japanese Excel (ECMA-376 part 1, 18.8.30), such as 57: ``[$-411]ge.m.d``."""
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    SyntaxError,
    ArithmeticError,
    EOFError,
    OSError,
    LookupError,
    RuntimeError,
    ValueError,
)
"""What zipfile, the XML parser (a ``SyntaxError``) and odd numbers raise where the file is not a workbook's."""


def is_packed(content: bytes) -> bool:
    """Return whether the content is a zip archive or a file of Office before 2007, whatever its name says."""
    return content.startswith((b"PK\x03\x04", b"PK\x05\x06", _OLE))


def read_workbook(content: bytes, path: Path) -> list[Grid]:
    """Return the sheets in the order of their tabs. Raises ``WatchlistError`` where the file cannot be read."""
    if content.startswith(_OLE):
        raise _refuse_ole(content, path)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive, warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # zipfile: two parts of one name; the last one counts
            return _Workbook(archive, path).sheets()
    except _UNREADABLE as error:
        reason = message("importing.broken_workbook", reason=type(error).__name__)
        raise refusal(path, reason) from error


def _refuse_ole(content: bytes, path: Path) -> WatchlistError:
    if _ENCRYPTED in content:
        return refusal(path, message("importing.password"))
    return refusal(path, message("importing.old_xls"))


class _Workbook:
    """The parts of an open workbook."""

    def __init__(self, archive: zipfile.ZipFile, path: Path) -> None:
        self._archive = archive
        self._path = path
        self._names = set(archive.namelist())
        xml = [entry for entry in archive.infolist() if entry.filename.lower().endswith((".xml", ".rels"))]
        if sum(entry.file_size for entry in xml) > MAX_UNPACKED:
            raise refusal(path, message("importing.unpacked_too_large", unpacked=MAX_UNPACKED))

    def sheets(self) -> list[Grid]:
        main = next((target for kind, target in self._links("").values() if kind == "officeDocument"), None)
        if main is None:
            raise self._refuse_other_format()
        root = self._root(main)
        properties = next((each for each in root.iter() if local(each) == "workbookPr"), ET.Element("workbookPr"))
        from_1904 = properties.get("date1904", "0") in {"1", "true"}
        links = self._links(main)
        strings, styles = self._strings(links), self._styles(links)
        grids: list[Grid] = []
        for sheet in (each for each in root.iter() if local(each) == "sheet"):
            kind, target = links.get(_attribute(sheet, "id"), ("", ""))
            if kind != "worksheet" or target not in self._names or len(grids) >= MAX_SHEETS:
                continue
            grid = Grid(sheet.get("name", ""), hidden=sheet.get("state", "visible") != "visible", from_1904=from_1904)
            reader = SheetReader(grid, strings, styles, self._path)
            reader.read(self._open(target), filled=sum(len(each.cells) for each in grids))
            self._add_comments(grid, target)
            grids.append(grid)
        return grids

    def _refuse_other_format(self) -> WatchlistError:
        if "mimetype" in self._names and b"opendocument" in self._archive.read("mimetype")[:200]:
            return refusal(self._path, message("importing.ods"))
        return refusal(self._path, message("importing.zip"))

    def _open(self, name: str) -> io.BytesIO:
        """Return a part as a stream; more than the directory of the archive promises is never unpacked."""
        with self._archive.open(name) as part:
            content = part.read(MAX_UNPACKED + 1)
        if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
            raise ValueError(f"{name} declares entities, which no spreadsheet does")
        return io.BytesIO(content)

    def _root(self, name: str) -> ET.Element:
        return ET.parse(self._open(name)).getroot()  # noqa: S314 - bounded, and entities are refused

    def _links(self, name: str) -> Mapping[str, tuple[str, str]]:
        """Return kind and target of what a part refers to within the archive, by id; the archive itself is ``""``."""
        folder, base = posixpath.split(name)
        part = posixpath.join(folder, "_rels", f"{base}.rels")
        if part not in self._names:
            return {}
        links = {}
        for link in self._root(part):
            target = link.get("Target", "")
            whole = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            if link.get("TargetMode") != "External":
                links[link.get("Id", "")] = (link.get("Type", "").rpartition("/")[2], whole)
        return links

    def _linked(self, links: Mapping[str, tuple[str, str]], kind: str) -> str | None:
        return next((target for each, target in links.values() if each == kind and target in self._names), None)

    def _strings(self, links: Mapping[str, tuple[str, str]]) -> list[tuple[str, bool, bool]]:
        part = self._linked(links, "sharedStrings")
        return [] if part is None else [rich_text(item) for item in self._root(part) if local(item) == "si"]

    def _styles(self, links: Mapping[str, tuple[str, str]]) -> Styles:
        part = self._linked(links, "styles")
        if part is None:
            return Styles((), ())
        root = self._root(part)
        custom = {each.get("numFmtId"): each.get("formatCode", "") for each in root.iter() if local(each) == "numFmt"}
        fonts = [
            any(local(each) == "strike" and each.get("val", "1") not in {"0", "false"} for each in font)
            for table in root
            if local(table) == "fonts"
            for font in table
        ]
        formats = [each for table in root if local(table) == "cellXfs" for each in table]
        return Styles(
            dates=tuple(_is_date(each.get("numFmtId", "0"), custom) for each in formats),
            struck=tuple(dict(enumerate(fonts)).get(int(each.get("fontId", "0")), False) for each in formats),
        )

    def _add_comments(self, grid: Grid, sheet: str) -> None:
        part = self._linked(self._links(sheet), "comments")
        if part is None:
            return
        for comment in (each for each in self._root(part).iter() if local(each) == "comment"):
            text = "".join(each.text or "" for each in comment.iter() if local(each) == "t")
            grid.comments[SheetReader.position(comment.get("ref", ""))] = text


def _attribute(element: ET.Element, name: str) -> str:
    """Return an attribute by its local name: that of a relation stands in one of two name spaces."""
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == name and "}" in key), "")


def _is_date(number: str, custom: Mapping[str | None, str]) -> bool:
    if number in custom:
        return bool(is_date_format(custom[number]))
    known = int(number)
    return known in _DATE_FORMATS_OF_EAST_ASIA or bool(is_date_format(BUILTIN_FORMATS.get(known, "General")))

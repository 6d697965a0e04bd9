"""The case-files of a daily XML file one by one, found by byte range, in memory of one case-file.

A strict parser reads each range separately. An error thus costs one case-file and no more, its byte offset is known,
and nothing of the document's own DTD reaches the parser. A file that declares entities is refused: the office's DTD has
none, and expanding them can exhaust memory (billion laughs).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from ipwatch.terms import listed, message

ROOT = b"trademark-applications-daily"
MAX_CASE_FILE = 8 * 1024**2
_CHUNK = 1024**2
_MAX_PROLOG = 1024**2
_OVERLAP = 64  # longer than any token, so that none is lost between two chunks
_TOKEN = re.compile(
    rb"<(?P<end>/?)case-file\s{0,8}>"
    rb"|<serial-number>\s{0,8}(?P<serial>[0-9]{1,12})\s{0,8}<"
    rb"|</(?P<root>" + ROOT + rb")\s{0,8}>"
)
_SERIAL = re.compile(rb"<serial-number>\s*([0-9]{1,12})\s*<")
_ENCODING = re.compile(rb"""^<\?xml[^>]{0,200}?encoding\s{0,8}=\s{0,8}["']([A-Za-z0-9._-]{1,40})["']""")
# Unclosed constructs match to the end: a failing match would be retried at every following character.
_PROLOG = re.compile(
    rb"<!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z)|(?P<doctype><!DOCTYPE)|(?P<element><[^\s<>!?/]{1,200})", re.DOTALL
)
_SUBSET = re.compile(
    rb"<!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z)|\"[^\"]*(?:\"|\Z)|'[^']*(?:'|\Z)"
    rb"|(?P<entity><!ENTITY)|(?P<open>\[)|(?P<close>\]\s*>)|(?P<end>>)",
    re.DOTALL,
)
# Encodings in which the markup is plain ASCII bytes, so that ranges can be found before decoding.
_ENCODINGS = {"utf-8", "us-ascii", "ascii", "iso-8859-1", "windows-1252"}


class NotTdxf(ValueError):
    """The file is not the USPTO's daily XML, or may not be read; the message says why."""


@dataclass(frozen=True, slots=True)
class CaseFile:
    """The bytes of one ``<case-file>`` element, which begin at ``offset`` of the file."""

    offset: int
    xml: bytes
    encoding: str


@dataclass(frozen=True, slots=True)
class BadCaseFile:
    """A broken case-file or part of the file; ``serial`` is its serial number where it could be found."""

    offset: int
    message: str
    serial: str | None = None


def split_case_files(stream: BinaryIO) -> Iterator[CaseFile | BadCaseFile]:
    """Yield every case-file in the order of the file, and a ``BadCaseFile`` for each that is broken or cut off.

    Raises ``NotTdxf`` where the root element is another, entities are declared, or the encoding is not readable.
    """
    head = stream.read(_MAX_PROLOG)
    encoding, begin = _read_prolog(head)
    yield from _Splitter(stream, encoding).split(head[begin:], begin)


def find_serial(xml: bytes) -> str | None:
    """Return the serial number inside a case-file that cannot be parsed, to identify it."""
    serial = _SERIAL.search(xml)
    return serial[1].decode() if serial else None


class _Splitter:
    """The state of one pass: the pending bytes, their offset, and the open case-file."""

    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        self._stream = stream
        self._encoding = encoding
        self._data = b""
        self._base = 0
        self._open: int | None = None
        self._reported = False  # whether the current content outside of case-files was reported
        self._complete = False

    def split(self, rest: bytes, base: int) -> Iterator[CaseFile | BadCaseFile]:
        self._data, self._base = rest, base
        scanned = 0
        while True:
            for token in _TOKEN.finditer(self._data, scanned):
                yield from self._take(token)
                scanned = token.end()
            scanned = max(scanned, len(self._data) - _OVERLAP)
            if self._open is not None and len(self._data) - self._open > MAX_CASE_FILE:
                yield self._fault(self._open, message("reading.tdxf_long", most=MAX_CASE_FILE))
                self._open, self._reported = None, True
            keep = scanned if self._open is None else self._open
            self._data, self._base = self._data[keep:], self._base + keep
            scanned -= keep
            self._open = None if self._open is None else 0
            chunk = self._stream.read(_CHUNK)
            if not chunk:
                break
            self._data += chunk
        yield from self._cut_off()

    def _take(self, token: re.Match[bytes]) -> Iterator[CaseFile | BadCaseFile]:
        if token["serial"]:
            if self._open is None and not self._reported:
                self._reported = True
                serial = token["serial"].decode()
                yield BadCaseFile(self._base + token.start(), message("reading.tdxf_start"), serial)
            return
        if token["end"] and self._open is not None:
            yield CaseFile(self._base + self._open, self._data[self._open : token.end()], self._encoding)
        elif self._open is not None:
            yield self._fault(self._open, message("reading.tdxf_no_end"))
        elif token["end"] and not self._reported:
            yield BadCaseFile(self._base + token.start(), message("reading.tdxf_never_began"))
        self._reported = False
        self._open = token.start() if not (token["end"] or token["root"]) else None
        self._complete = self._complete or bool(token["root"])

    def _cut_off(self) -> Iterator[BadCaseFile]:
        if self._open is not None:
            yield self._fault(self._open, message("reading.tdxf_inside"))
        if not self._complete:
            end = self._base + len(self._data)
            yield BadCaseFile(end, message("reading.tdxf_end", root=ROOT.decode()))

    def _fault(self, offset: int, message: str) -> BadCaseFile:
        return BadCaseFile(self._base + offset, message, find_serial(self._data[offset : offset + 1000]))


def _read_prolog(head: bytes) -> tuple[str, int]:
    """Return the encoding and the offset of the root's start tag; the internal DTD subset is skipped."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in head[:100]:
        raise NotTdxf(message("reading.tdxf_binary"))
    position = 3 if head.startswith(b"\xef\xbb\xbf") else 0
    declared = _ENCODING.match(head[position : position + 300])
    encoding = declared[1].decode().lower() if declared else "utf-8"
    if encoding not in _ENCODINGS:
        raise NotTdxf(message("reading.tdxf_encoding", encoding=encoding, encodings=listed(sorted(_ENCODINGS))))
    while token := _PROLOG.search(head, position):
        if token["element"]:
            if token["element"][1:] != ROOT:
                name = token["element"][1:41].decode("ascii", "replace")
                if token["element"] == b"<case-file":
                    raise NotTdxf(message("reading.tdxf_bare", root=ROOT.decode()))
                raise NotTdxf(message("reading.tdxf_root", name=name, root=ROOT.decode()))
            return encoding, token.start()
        position = _end_of_doctype(head, token.end()) if token["doctype"] else token.end()
    raise NotTdxf(message("reading.tdxf_no_root", root=ROOT.decode(), most=_MAX_PROLOG))


def _end_of_doctype(head: bytes, start: int) -> int:
    inside = False
    for token in _SUBSET.finditer(head, start):
        if token["entity"]:
            raise NotTdxf(message("reading.tdxf_entities"))
        if token["open"]:
            inside = True
        elif token["close"] or (token["end"] and not inside):
            return token.end()
    raise NotTdxf(message("reading.tdxf_doctype"))

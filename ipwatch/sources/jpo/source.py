"""JPO: trademark filings and registrations of the standard data (特許情報標準データ), weekly and daily sets of tables.

The JPO hands the sets out to registered users only and forbids sharing an account, so ``base_urls`` names where the
operator keeps a copy: a host with ``/bulk/index.json``::

    {"files": [{"name": "JPWAT_20261116.zip", "url": "/bulk/JPWAT_20261116.zip",
                "date": "2026-11-16", "sha256": "..."}]}

``plan`` requests the index, ``follow`` the sets in it, oldest first, from the date ``extra["from"]`` on where it is
given. ``parse`` reads one table or an archive (zip, tar, gzipped tar) of them; a single table gives partial records.

A set is joined in memory, by application number: a week is about 32,000 applications. Pictures have sets of their own
(JPWDI): they are yielded as ``FiledImage`` and belong to the filing of their number, whichever set has it. The
standard data has no URL of the register's page for a number.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterable, Iterator, Sized
from datetime import date
from typing import BinaryIO
from urllib.parse import urljoin, urlsplit

from ipwatch.errors import ConfigError, ContractChanged, ParseError
from ipwatch.records import (
    Document,
    FailureReason,
    FiledImage,
    MarkRecord,
    Marks,
    ParseIssue,
    Request,
    RequestKind,
    SourceInfo,
    SourceKind,
    SourceOptions,
)
from ipwatch.sources.jpo.joining import Cases
from ipwatch.sources.jpo.mark_images import MarkImages
from ipwatch.sources.jpo.record import BadValue
from ipwatch.sources.jpo.tables import COLUMNS, BadLine, Line, Table, identify, read_header, read_lines
from ipwatch.sources.toolkit.archives import members
from ipwatch.terms import listed, message

INFO = SourceInfo(
    name="jpo",
    title_ja="特許庁 特許情報標準データ（商標）",
    title_en="Japan Patent Office, standard data (trademarks)",
    kind=SourceKind.REGISTER,
    country="JP",
    interval=6.0,
    ready=("base_urls",),
)

MAX_APPLICATIONS = 200_000
_INDEX = "/bulk/index.json"
_TABLE_FILE = re.compile(r"(?:upd_)?(?P<table>[a-z_]+?)(?:_[0-9]+)?\.tsv", re.IGNORECASE)
# A code that is not in the table occurs in thousands of lines: one issue per code and file is enough.
_ONCE_PER_FILE = ("final_dspst_cd", "saishushobun_shubetu")


def plan(marks: Marks, options: SourceOptions) -> Iterable[Request]:  # noqa: ARG001 - a set holds every filing
    """Return the request for each copy's index; raises ``ConfigError`` where no ``base_urls`` is set."""
    if not options.base_urls:
        raise ConfigError(message("reading.jpo_not_configured", index=_INDEX))
    _first_date(options)
    return tuple(
        Request(source=INFO.name, url=base.rstrip("/") + _INDEX, kind=RequestKind.API) for base in options.base_urls
    )


def parse(document: Document) -> Iterator[MarkRecord | FiledImage | ParseIssue]:
    """Yield the pictures and the filings of a table or set of tables; an index of sets has none.

    A line that cannot be read gives a ``ParseIssue`` naming table, line and column, a value that cannot be used one
    naming the application; the others are kept. Raises ``ParseError`` where there is no table, where the SHA-256 is not
    that of the index, or where there are more than ``MAX_APPLICATIONS``.
    """
    if _is_index(document):
        _files(document)
        return
    promised = dict(document.context).get("sha256")
    if promised and promised.lower() != document.sha256:
        raise _unreadable(document, message("reading.jpo_sha256", promised=promised[:64]))
    cases, mark_images = Cases(), MarkImages()
    tables = 0
    try:
        for name, stream in members(document):
            identified = identify(header := read_header(stream))
            if identified is None:
                yield from _other_file(document, name, header)
                continue
            tables += 1
            table, names = identified
            if table is Table.MARK_IMAGE:
                yield from _read_mark_images(document, read_lines(stream, table, names), mark_images)
            else:
                yield from _read_table(document, stream, table, names, cases)
    except ParseError as error:
        if not (len(cases) or len(mark_images)) or _too_many(cases) or _too_many(mark_images):
            raise
        yield _issue(document, "archive", message("reading.rest_missing", error=error))
    if not tables:
        raise _unreadable(document, message("reading.jpo_no_table"))
    yield from (_bad_line(document, Table.MARK_IMAGE, bad) for bad in mark_images.rest())
    yield from _records(document, cases)


def follow(document: Document, options: SourceOptions) -> Iterable[Request]:
    """Return the downloads that an index names, oldest first.

    Raises ``ContractChanged`` where a set is on another host than its index.
    """
    if document.kind is not RequestKind.API:
        return
    first = _first_date(options)
    for name, url, day, sha256 in sorted(_files(document), key=lambda file: (file[2], file[0])):
        if first is not None and day < first:
            continue
        address = urljoin(document.final_url, url)
        if urlsplit(address)[:2] != urlsplit(document.final_url)[:2]:
            raise ContractChanged(
                message("reading.jpo_other_host", address=address[:200]),
                url=document.final_url,
                reason=FailureReason.CONTRACT_CHANGED,
            )
        context = (("file", name), ("date", day.isoformat()), ("sha256", sha256))
        yield Request(source=INFO.name, url=address, kind=RequestKind.BULK, context=context)


def _first_date(options: SourceOptions) -> date | None:
    value = options.extra.get("from")
    if value is None:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ConfigError(message("reading.jpo_from", value=value)) from None


def _is_index(document: Document) -> bool:
    with document.open() as stream:
        return stream.read(64).lstrip().startswith(b"{")


def _files(document: Document) -> list[tuple[str, str, date, str]]:
    """Return name, URL, date and SHA-256 of every file of an index."""
    try:
        entries = json.loads(document.read())["files"]
        return [
            (str(entry["name"]), str(entry["url"]), date.fromisoformat(entry["date"]), str(entry["sha256"]))
            for entry in entries
        ]
    except (ValueError, RecursionError, KeyError, TypeError) as error:
        raise _unreadable(document, message("reading.jpo_index", error=error)) from error


def _other_file(document: Document, name: str, header: bytes) -> Iterator[ParseIssue]:
    """Report a file that is named like a known table but lacks columns; any other file is ignored."""
    named = _TABLE_FILE.fullmatch(name.rpartition("/")[2][:100])
    if named and named["table"].lower() in set(Table):
        table = Table(named["table"].lower())
        present = {column.strip() for column in header.decode("utf-8", "replace").split("\t")}
        missing = [column for column in COLUMNS[table] if column not in present]
        lacking = message("reading.jpo_header", missing=listed(missing or [message("reading.nothing")]))
        yield _issue(document, f"{table} line 1", lacking)


def _read_table(
    document: Document, stream: BinaryIO, table: Table, names: tuple[str, ...], cases: Cases
) -> Iterator[ParseIssue]:
    for line in read_lines(stream, table, names):
        if isinstance(line, BadLine):
            yield _bad_line(document, table, line)
            continue
        fault = cases.apply(table, line.values)
        if fault is not None:
            yield _issue(document, f"{table} line {line.number}", fault.message, fault.column)
        if _too_many(cases):
            raise _overfull(document)


def _read_mark_images(
    document: Document, lines: Iterable[Line | BadLine], mark_images: MarkImages
) -> Iterator[FiledImage | ParseIssue]:
    for line in lines:
        for result in [line] if isinstance(line, BadLine) else mark_images.apply(line):
            if isinstance(result, BadLine):
                yield _bad_line(document, Table.MARK_IMAGE, result)
            else:
                yield dataclasses.replace(result, document_sha256=document.sha256)
        if _too_many(mark_images):
            raise _overfull(document)


def _too_many(applications: Sized) -> bool:
    return len(applications) > MAX_APPLICATIONS


def _records(document: Document, cases: Cases) -> Iterator[MarkRecord | ParseIssue]:
    once: set[BadValue] = set()
    for record, problems in cases.records():
        for problem in problems:
            if problem.column not in _ONCE_PER_FILE or problem not in once:
                once.add(problem)
                yield _issue(document, f"application {record.application_number}", problem.message, problem.column)
        yield dataclasses.replace(record, document_sha256=document.sha256)


def _bad_line(document: Document, table: Table, line: BadLine) -> ParseIssue:
    return _issue(document, f"{table} line {line.number}", line.message, line.column)


def _issue(document: Document, where: str, message: str, field: str | None = None) -> ParseIssue:
    return ParseIssue(source=INFO.name, where=where, message=message, field=field, document_sha256=document.sha256)


def _overfull(document: Document) -> ParseError:
    return _unreadable(document, message("reading.jpo_overfull", most=MAX_APPLICATIONS))


def _unreadable(document: Document, message: str) -> ParseError:
    return ParseError(message, source=INFO.name, url=document.final_url, sha256=document.sha256)

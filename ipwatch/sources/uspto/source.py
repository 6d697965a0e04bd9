"""USPTO: the daily trademark XML (TDXF) of the Open Data Portal, a bulk product of zip files.

``plan`` requests the listing of the product TRTDXFAP (``GET /api/v1/datasets/products/TRTDXFAP``, header
``X-API-KEY``): the latest file, or those between ``extra["from"]`` and ``extra["to"]`` (ISO dates). ``follow`` turns a
listing into downloads; ``parse`` reads a daily file, zipped or not, and streams it.

The files have no pictures, no Vienna codes (design-search codes are the office's own), no similar groups, and no
readings beyond a transliteration statement.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import BinaryIO, cast
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

from lxml import etree

from ipwatch.errors import ConfigError, ContractChanged, ParseError
from ipwatch.records import (
    Document,
    FailureReason,
    MarkRecord,
    Marks,
    ParseIssue,
    Request,
    RequestKind,
    SourceInfo,
    SourceKind,
    SourceOptions,
)
from ipwatch.sources.toolkit.archives import members
from ipwatch.sources.uspto.record import read_case_file
from ipwatch.sources.uspto.splitter import CaseFile, NotTdxf, find_serial, split_case_files
from ipwatch.terms import message

INFO = SourceInfo(
    name="uspto",
    title_ja="米国特許商標庁（USPTO）商標出願日次データ",
    title_en="USPTO trademark applications, daily",
    kind=SourceKind.REGISTER,
    country="US",
    interval=15.0,
    ready=("api_key",),
    terms_url="https://data.uspto.gov",
)

_BASE_URL = "https://api.uspto.gov"
_PRODUCT = "/api/v1/datasets/products/TRTDXFAP"
_PAGE = 100
_MAX_FILES = 10_000
_DAILY_FILE = re.compile(r"apc[0-9]{6}\.zip")
# A code that is not in the table occurs in thousands of case-files: one issue per code and file is enough.
_ONCE_PER_FILE = ("status-code", "mark-drawing-code")


def plan(marks: Marks, options: SourceOptions) -> Iterable[Request]:  # noqa: ARG001 - a daily file holds every filing
    """Return the request for the listing of daily files; raises ``ConfigError`` without the key ``api_key``."""
    wanted = {"includeFiles": "true"}
    bounds = {"from": "fileDataFromDate", "to": "fileDataToDate"}
    for name, parameter in bounds.items():
        if name in options.extra:
            wanted[parameter] = _iso_date(name, options.extra[name])
    if len(wanted) == 1:
        wanted["latest"] = "true"
    else:
        wanted |= {"offset": "0", "limit": str(_PAGE)}
    base = options.base_urls[0] if options.base_urls else _BASE_URL
    return (_request(f"{base.rstrip('/')}{_PRODUCT}?{urlencode(wanted)}", RequestKind.API, options),)


def parse(document: Document) -> Iterator[MarkRecord | ParseIssue]:
    """Yield the filings of a daily file; a listing of files has none.

    A case-file that is not well-formed, cut off or without a serial number gives a ``ParseIssue`` naming byte offset
    and serial number; those around it are kept. Raises ``ParseError`` where nothing can be read: another root element,
    declared entities, a damaged archive.
    """
    if _is_listing(document):
        _files(document)
        return
    xml_files = kept = 0
    name = ""
    try:
        for name, stream in members(document):
            if name and not name.lower().endswith(".xml"):
                continue
            xml_files += 1
            for item in _daily_file(document, name, stream):
                kept += 1
                yield item
    except ParseError as error:
        if not kept:
            raise
        yield _issue(document, name or "file", message("reading.rest_missing", error=error))
    if not xml_files:
        raise _unreadable(document, message("reading.uspto_no_xml"))


def follow(document: Document, options: SourceOptions) -> Iterable[Request]:
    """Return the downloads that a listing names, oldest first, and the next page of a full listing.

    Raises ``ContractChanged`` where a file is on another host than the listing: the key is sent to no other.
    """
    if document.kind is not RequestKind.API:
        return
    files = _files(document)
    daily = sorted(name for name in files if _DAILY_FILE.fullmatch(name))
    for name in daily:
        url = urljoin(document.final_url, files[name])
        if urlsplit(url)[:2] != urlsplit(document.final_url)[:2]:
            raise ContractChanged(
                message("reading.uspto_other_host", url=url[:200]),
                url=document.final_url,
                reason=FailureReason.CONTRACT_CHANGED,
            )
        yield _request(url, RequestKind.BULK, options, (("file", name),))
    query = parse_qs(urlsplit(document.url).query)
    offset = int(query.get("offset", ["0"])[0]) + len(files)
    if len(files) >= _PAGE and "offset" in query and offset < _MAX_FILES:
        address, _, _ = document.url.partition("?")
        following = {key: values[0] for key, values in query.items()} | {"offset": str(offset)}
        yield _request(f"{address}?{urlencode(following)}", RequestKind.API, options)


def _request(url: str, kind: RequestKind, options: SourceOptions, context: tuple[tuple[str, str], ...] = ()) -> Request:
    key = options.credentials.get("api_key")
    if not key:
        raise ConfigError(message("reading.uspto_not_configured"))
    return Request(source=INFO.name, url=url, kind=kind, secret_headers=(("X-API-KEY", key),), context=context)


def _iso_date(name: str, value: str) -> str:
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise ConfigError(message("reading.uspto_date", name=name.upper(), value=value)) from None


def _is_listing(document: Document) -> bool:
    with document.open() as stream:
        return stream.read(64).lstrip().startswith(b"{")


def _files(document: Document) -> dict[str, str]:
    """Return the URL of each file of a listing by its name."""
    try:
        answer = json.loads(document.read())
    except (ValueError, RecursionError) as error:
        raise _unreadable(document, message("reading.uspto_listing_json", error=error)) from error
    files = {}
    for product in _list(document, answer, "bulkDataProductBag"):
        for entry in _list(document, _value(document, product, "productFileBag"), "fileDataBag"):
            name, address = (_value(document, entry, key) for key in ("fileName", "fileDownloadURI"))
            if not (isinstance(name, str) and isinstance(address, str)):
                raise _unreadable(document, message("reading.uspto_no_name"))
            files[name] = address
    return files


def _value(document: Document, table: object, key: str) -> object:
    """Return the value of the key; raises ``ParseError`` where ``table`` is no object or lacks it."""
    if isinstance(table, dict) and key in table:
        return cast("dict[str, object]", table)[key]
    problem = (
        message("reading.uspto_is_missing")
        if isinstance(table, dict)
        else message("reading.uspto_in_other", kind=type(table).__name__)
    )
    raise _unreadable(document, message("reading.uspto_listing", key=key, found=problem))


def _list(document: Document, table: object, key: str) -> list[object]:
    value = _value(document, table, key)
    if isinstance(value, list):
        return cast("list[object]", value)
    kind = type(value).__name__
    raise _unreadable(document, message("reading.uspto_list", key=key, kind=kind))


def _daily_file(document: Document, name: str, stream: BinaryIO) -> Iterator[MarkRecord | ParseIssue]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False)
    once: set[tuple[str, str]] = set()
    try:
        for part in split_case_files(stream):
            if isinstance(part, CaseFile):
                yield from _case_file(document, name, part, parser, once)
            else:
                yield _issue(document, _where(name, part.offset, part.serial), part.message)
    except NotTdxf as error:
        raise _unreadable(document, message("reading.uspto_no_daily", error=error)) from error


def _case_file(
    document: Document, name: str, case_file: CaseFile, parser: etree.XMLParser, once: set[tuple[str, str]]
) -> Iterator[MarkRecord | ParseIssue]:
    try:
        case = etree.fromstring(
            f'<?xml version="1.0" encoding="{case_file.encoding}"?>'.encode() + case_file.xml, parser
        )
    except etree.XMLSyntaxError as error:
        where = _where(name, case_file.offset, find_serial(case_file.xml))
        yield _issue(document, where, message("reading.uspto_malformed", reason=error.msg))
        return
    problems: list[tuple[str, str]] = []
    record = read_case_file(case, lambda field, fault: problems.append((field, fault)))
    where = _where(name, case_file.offset, record.application_number if record else None)
    for field, fault in problems:
        if field in _ONCE_PER_FILE:
            if (field, fault) in once:
                continue
            once.add((field, fault))
        yield _issue(document, where, fault, field)
    if record is not None:
        yield dataclasses.replace(record, document_sha256=document.sha256)


def _where(name: str, offset: int, serial: str | None) -> str:
    position = f"{name}, byte {offset}" if name else f"byte {offset}"
    return f"{position}, serial number {serial}" if serial else position


def _issue(document: Document, where: str, message: str, field: str | None = None) -> ParseIssue:
    return ParseIssue(source=INFO.name, where=where, message=message, field=field, document_sha256=document.sha256)


def _unreadable(document: Document, message: str) -> ParseError:
    return ParseError(message, source=INFO.name, url=document.final_url, sha256=document.sha256)

"""JSON Lines: records and pictures' hits as scripts exchange them, one object a line, read strictly.

A host name may stand on a line as it is. A line that is no record becomes a ``RecordProblem`` that names file, line,
field and mend; the lines around it are kept.
"""

from __future__ import annotations

import dataclasses
import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import BinaryIO, NoReturn, cast

from pydantic import TypeAdapter, ValidationError

from ipwatch.matching.explain import Explanation
from ipwatch.matching.hosts import host_of_line, read_host
from ipwatch.matching.image import ImageMatch
from ipwatch.records import Category, Finding, HostName, Listing, MarkRecord, Record, Seller, Signal

MAX_LINE_BYTES = 1_000_000

_LISTING = TypeAdapter(Listing)
_MARK_RECORD = TypeAdapter(MarkRecord)
_NESTED = {"seller": Seller, "category": Category}
_PRICE = re.compile(r"\d{1,15}(\.\d{1,6})?", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
_OFFICE = re.compile(r"[A-Z]{2}", re.ASCII)
_SURROGATE = re.compile("[\ud800-\udfff]")
_GZIP = b"\x1f\x8b"
_TOO_DEEP = "nested too deeply; a record is one object"
_NICE_CLASSES = range(1, 46)
_JSON_BEGINS = frozenset(b'{["')

_Kind = type[Listing | MarkRecord | HostName]


@dataclass(frozen=True, slots=True)
class RecordProblem:
    """A fault in a JSON Lines file. ``kept`` says the line's record is used in spite of it."""

    file: str
    line: int
    field: str | None
    message: str
    kept: bool = False

    def __str__(self) -> str:
        """Return the problem as one sentence for the command line."""
        place = f"{self.file}: line {self.line}"
        return f"{place}: {self.field}: {self.message}" if self.field else f"{place}: {self.message}"


class _FaultError(Exception):
    """Why a line is no record: the field, where there is one, and the fault with its mend."""

    def __init__(self, field: str | None, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message


def read_records(stream: BinaryIO, name: str) -> Iterator[Record | RecordProblem]:
    """Yield the records of a JSON Lines stream, and a problem for each line that is none.

    A host name stands in an object under ``host`` or ``domain``, in a string, or bare (``host_of_line``).
    A key that the record does not have is told once for the whole stream, with ``kept``, and passed over. Half of a
    surrogate pair becomes U+FFFD, as in what the sources read, and is told with ``kept`` for each field. A stream that
    is compressed gives one problem and no record.
    """
    told: set[str] = set()
    for number, line in _lines(stream):
        if line is not None and not line.strip():
            continue
        if number == 1 and line is not None and line.startswith(_GZIP):
            yield RecordProblem(name, number, None, "compressed with gzip; unpack it first, as with `gzip -d`")
            return
        try:
            if line is not None and line.lstrip()[0] not in _JSON_BEGINS:
                yield from _bare_host(line)
                continue
            table, repaired = _whole(_parse(line))
            for field in repaired:
                yield RecordProblem(name, number, field, "repaired: half of a surrogate pair stood in it", kept=True)
            kind = _kind(table)
            for key in _unknown_keys(table, kind):
                if key not in told:
                    told.add(key)
                    yield RecordProblem(
                        name, number, key, "an unknown key, passed over; remove or rename it", kept=True
                    )
            yield _record(table, kind)
        except _FaultError as fault:
            yield RecordProblem(name, number, fault.field, fault.message)


def read_titles(stream: BinaryIO) -> Iterator[str]:
    """Yield the title of every listing of a JSON Lines stream; what ``read_records`` tells of is passed over."""
    for _, line in _lines(stream):
        if line is None or b'"title"' not in line:
            continue
        try:
            table, _ = _whole(_parse(line))
        except _FaultError:
            continue
        title = table.get("title")
        if isinstance(title, str):
            yield title


def dump_record(record: Record) -> str:
    """Return the record as one line of JSON, prices as decimal strings, missing values as null."""
    return _dump(dataclasses.asdict(record))


def dump_hit(finding: Finding) -> str:
    """Return the finding as a hit: subject, mark, score and signals."""
    return _dump(
        {
            "subject": finding.subject,
            "mark": finding.mark,
            "score": finding.score,
            "signals": [dataclasses.asdict(signal) for signal in finding.signals],
        }
    )


def dump_signal(signal: Signal) -> str:
    """Return one signal as one line of JSON."""
    return _dump(dataclasses.asdict(signal))


def dump_explanation(told: Explanation) -> Iterator[str]:
    """Yield the signals, then the forms, the readings and the score; lines that are no signal say so by ``kind``."""
    yield from map(dump_signal, told.signals)
    for form in told.forms:
        yield _dump(
            {
                "kind": "form",
                "term": form.origin.term,
                "text": form.text,
                "skeleton": form.skeleton,
                "generated": form.generated,
                "edits": form.edits,
                "border": form.border_term,
            }
        )
    for text, readings in ((told.watched, told.readings), (told.seen, told.seen_readings)):
        for reading in readings:
            yield _dump({"kind": "reading", "term": "explain_reading", "of": text, "text": reading})
    for proposal in told.proposed:
        term = "explain_reading_proposed"
        yield _dump({"kind": "reading", "term": term, "of": told.watched, "text": proposal.reading})
    reached = told.score >= told.threshold
    term = "explain_reached" if reached else "explain_below"
    yield _dump({"kind": "score", "term": term, "score": told.score, "threshold": told.threshold})


def dump_image_hit(image: str, match: ImageMatch) -> str:
    """Return an image hit. Hashes compare whole pictures, so ``inliers`` is none and ``region`` null (the whole)."""
    return _dump(
        {
            "image": image,
            "reference": match.reference.path,
            "score": match.score,
            "kind": match.kind.value,
            "distance": match.distance,
            "inliers": None,
            "region": None,
        }
    )


def dump_image_error(image: str, message: str) -> str:
    """Return the line that stands for a picture that could not be read."""
    return _dump({"image": image, "error": message})


def _lines(stream: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """Yield numbered lines; ``None`` stands for one that is too long, which is read past in pieces."""
    number = 0
    while line := stream.readline(MAX_LINE_BYTES + 1):
        number += 1
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        if len(line) <= MAX_LINE_BYTES or line.endswith(b"\n"):
            yield number, line
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(MAX_LINE_BYTES)
        yield number, None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError(f"{digits} is larger than any number a computer keeps")
    return number


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    table = dict(pairs)
    if len(table) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return table


def _decoded(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _FaultError(None, f"not UTF-8 at byte {error.start + 1}; save the file as UTF-8") from error


def _bare_host(line: bytes) -> Iterator[HostName]:
    """Yield the host of a line that is not JSON, nothing where the line is a comment."""
    try:
        host = host_of_line(_decoded(line))
    except ValueError as error:
        raise _FaultError(None, f"neither JSON nor a host name: {error}") from error
    if host is not None:
        yield HostName(host=host)


def _parse(line: bytes | None) -> dict[str, object]:
    if line is None:
        raise _FaultError(None, f"longer than {MAX_LINE_BYTES} bytes; write one record a line")
    text = _decoded(line)
    try:
        value = json.loads(text, parse_constant=_no_constant, parse_float=_finite, object_pairs_hook=_once)
    except RecursionError as error:
        raise _FaultError(None, _TOO_DEEP) from error
    except ValueError as error:
        raise _FaultError(None, f"not JSON: {error}; write one object a line") from error
    if isinstance(value, str):
        return {"host": value}
    if not isinstance(value, dict):
        raise _FaultError(None, "not an object; write one JSON object a line")
    return cast("dict[str, object]", value)


def _kind(table: Mapping[str, object]) -> _Kind:
    kinds = [kind for key, kind in _KEYS.items() if key in table]
    if len(kinds) != 1:
        told = "a listing has `marketplace`, a filing has `office`, a host name has `host` or `domain`"
        raise _FaultError(None, f"{told}; give exactly one of them")
    return kinds[0]


_KEYS: Mapping[str, _Kind] = {"marketplace": Listing, "office": MarkRecord, "host": HostName, "domain": HostName}


def _unknown_keys(table: Mapping[str, object], kind: _Kind) -> Iterator[str]:
    yield from (key for key in table if key not in _names(kind))
    for name, nested in _NESTED.items():
        inner = table.get(name)
        if name in _names(kind) and isinstance(inner, dict):
            yield from (f"{name}.{key}" for key in inner if key not in _names(nested))


def _names(kind: type[Listing | MarkRecord | HostName | Seller | Category]) -> frozenset[str]:
    names = frozenset(each.name for each in dataclasses.fields(kind))
    return names | {"domain"} if kind is HostName else names


def _host_name(table: Mapping[str, object]) -> HostName:
    key = "host" if "host" in table else "domain"
    given, sha256 = table[key], table.get("document_sha256")
    if not isinstance(given, str):
        raise _FaultError(key, "not a text; write it as example.com")
    if not isinstance(sha256, str | None):
        raise _FaultError("document_sha256", "not a text; mend the value or write null")
    try:
        return HostName(host=read_host(given), document_sha256=sha256)
    except ValueError as error:
        raise _FaultError(key, str(error)) from error


def _record(table: Mapping[str, object], kind: _Kind) -> Record:
    if kind is HostName:
        return _host_name(table)
    present = {
        key: {inner: part for inner, part in value.items() if part is not None} if isinstance(value, dict) else value
        for key, value in table.items()
        if value is not None
    }
    _check_price(present)
    try:
        text = json.dumps(present)
        if kind is Listing:
            return _checked_listing(_LISTING.validate_json(text, strict=True))
        return _checked_filing(_MARK_RECORD.validate_json(text, strict=True))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise _FaultError(place or None, _mend(first["type"], first["msg"])) from error


def _mend(kind: str, message: str) -> str:
    if kind == "missing":
        return "missing; every record needs it"
    if "date" in kind:
        return f"{message}; write dates as 2026-01-31 and times as 2026-01-31T09:00:00+09:00"
    return f"{message}; mend the value or write null"


def _whole(table: dict[str, object]) -> tuple[dict[str, object], tuple[str, ...]]:
    """Return the table with U+FFFD for each half of a surrogate pair, and the fields in which one stood.

    No text with half a pair can be stored or printed. One code point stands for one, so that spans stay right.
    """
    fields: dict[str, None] = {}

    def repair(value: object, field: str) -> object:
        if isinstance(value, str):
            if not _SURROGATE.search(value):
                return value
            fields[field] = None
            return _SURROGATE.sub("\ufffd", value)
        if isinstance(value, dict):
            pairs = [(_SURROGATE.sub("\ufffd", key), part) for key, part in value.items()]
            return {key: repair(part, f"{field}.{key}" if field else key) for key, part in pairs}
        return [repair(part, field) for part in value] if isinstance(value, list) else value

    try:
        return cast("dict[str, object]", repair(table, "")), tuple(fields)
    except RecursionError as error:
        raise _FaultError(None, _TOO_DEEP) from error


def _check_price(table: Mapping[str, object]) -> None:
    price = table.get("price")
    if price is not None and not (isinstance(price, str) and _PRICE.fullmatch(price)):
        raise _FaultError("price", 'not a decimal string; write it as "1980" or "19.80"')
    currency = table.get("currency")
    if currency is not None and not (isinstance(currency, str) and _CURRENCY.fullmatch(currency)):
        raise _FaultError("currency", "not a code of ISO 4217; write it as JPY")


def _checked_listing(listing: Listing) -> Listing:
    for name in ("marketplace", "listing_id"):
        if not getattr(listing, name).strip():
            raise _FaultError(name, "empty; every listing is known by it")
    return dataclasses.replace(
        listing,
        posted_at=_utc("posted_at", listing.posted_at),
        updated_at=_utc("updated_at", listing.updated_at),
    )


def _utc(field: str, value: datetime | None) -> datetime | None:
    if value is None:
        return None
    if value.tzinfo is None:
        raise _FaultError(field, "a time without its zone; write it as 2026-01-31T09:00:00+09:00")
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        raise _FaultError(field, "outside of the years 1 to 9999 in UTC; mend the value or write null") from error


def _checked_filing(filing: MarkRecord) -> MarkRecord:
    if not _OFFICE.fullmatch(filing.office):
        raise _FaultError("office", "not a code of WIPO ST.3; write it as JP")
    if not filing.application_number.strip():
        raise _FaultError("application_number", "empty; every filing is known by it")
    for number in filing.nice_classes or ():
        if number not in _NICE_CLASSES:
            raise _FaultError("nice_classes", f"{number} is no class of the Nice Classification; they run from 1 to 45")
    return filing


def _dump(value: Mapping[str, object]) -> str:
    text = json.dumps(value, ensure_ascii=False, default=_plain, allow_nan=False)
    return _SURROGATE.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no form in JSON Lines")

"""Untrusted JSON, read strictly and field by field, so that a bad value costs only its field."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from ipwatch.errors import ParseError
from ipwatch.records import Document, Listing, ParseIssue
from ipwatch.sources.toolkit.text import clean, clean_lines, declared_charset, html_to_text, is_damaged
from ipwatch.terms import message, text_of

_MAX_DIGITS = 18
_NUMBER = re.compile(r"-?\d{1,18}(\.\d{1,18})?")


@dataclass(frozen=True, slots=True)
class Unusable:
    """Replaces a value that Python's JSON parser accepts but no record may have."""

    reason: str


class RecordRefusedError(Exception):
    """A record lacks its identity; caught in this module and turned into a ``ParseIssue``."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.field = name


def load_object(document: Document, source: str) -> Mapping[str, Any]:
    """Return the JSON object of a document; raises ``ParseError`` for another value, and as ``load_json`` does."""
    value = load_json(document, source)
    if not isinstance(value, dict):
        raise _refused(document, source, message("reading.json_no_object", kind=type(value).__name__))
    return value


def load_json(document: Document, source: str) -> Any:
    """Return the JSON value of a document.

    NaN, infinities, numbers of more than 18 digits and duplicate keys are returned as ``Unusable``. Raises
    ``ParseError`` where the body is no JSON, is not UTF-8 (RFC 8259 §8.1) or nests too deep.
    """
    try:
        text = _decode(document)
    except UnicodeError as error:
        raise _refused(document, source, message("reading.json_utf8", error=error)) from error
    try:
        return read_json(text)
    except RecursionError as error:
        raise _refused(document, source, message("reading.json_deep")) from error
    except ValueError as error:
        kind = "HTML" if text.lstrip()[:1] == "<" else message("reading.not_json")
        raise _refused(document, source, message("reading.json_expected", kind=kind, error=error)) from error


def _refused(document: Document, source: str, why: str) -> ParseError:
    return ParseError(
        message("lists.at", place=source, text=why), source=source, url=document.final_url, sha256=document.sha256
    )


def read_json(text: str, *, strict: bool = True) -> Any:
    """Return the value of a JSON text; see ``load_object`` for what becomes ``Unusable``.

    Raises ``ValueError`` where it is no JSON and ``RecursionError`` where it nests too deep.
    """
    return json.loads(
        text,
        strict=strict,
        object_pairs_hook=_object,
        parse_int=_integer,
        parse_float=_decimal,
        parse_constant=lambda name: Unusable(message("reading.no_number", name=name)),
    )


def _decode(document: Document) -> str:
    body = document.read()
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        charset = declared_charset(document.header("content-type"))
        if charset in {None, "utf-8", "utf8"}:
            raise
        try:
            return body.decode(charset or "utf-8")
        except LookupError:
            pass
        raise


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in pairs:
        result[key] = Unusable(message("reading.key_twice")) if key in result else value
    return result


def _integer(digits: str) -> int | Unusable:
    return int(digits) if len(digits) <= _MAX_DIGITS else Unusable(message("reading.many_digits", count=len(digits)))


def _decimal(digits: str) -> Decimal | Unusable:
    try:
        value = Decimal(digits)
    except InvalidOperation:
        return Unusable(message("reading.beyond_bounds"))
    if len(digits) > 2 * _MAX_DIGITS or abs(value.adjusted()) > _MAX_DIGITS:
        return Unusable(message("reading.beyond_bounds"))
    return value


@dataclass
class Fields:
    """The fields of one JSON object. A value that cannot be read gives ``None`` and an issue that names it."""

    values: Mapping[str, Any]
    document: Document
    source: str
    where: str
    issues: list[ParseIssue] = field(default_factory=list)

    def report(self, name: str | None, message: str) -> None:
        """Add an issue about a field of this object."""
        self.issues.append(
            ParseIssue(
                source=self.source,
                where=self.where,
                message=message,
                field=name,
                document_sha256=self.document.sha256,
            )
        )

    def raw(self, name: str) -> Any:
        """Return a value unchanged; ``None`` where it is missing or unusable."""
        value = self.values.get(name)
        if isinstance(value, Unusable):
            self.report(name, message("reading.left_out", reason=value.reason))
            return None
        return value

    def text(self, name: str) -> str | None:
        """Return a string or an identifying number as clean text on one line."""
        value = self._string(name)
        return clean(value) if value is not None else None

    def lines(self, name: str) -> str | None:
        """Return a string as clean text with its line breaks."""
        value = self._string(name)
        return clean_lines(value) if value is not None else None

    def html(self, name: str) -> str | None:
        """Return the text of a string of HTML."""
        value = self._string(name)
        return html_to_text(value) if value is not None else None

    def required(self, name: str) -> str:
        """Return a text; raises ``RecordRefusedError`` without it."""
        value = self.text(name)
        if value is None:
            raise RecordRefusedError(name, message("reading.field_missing"))
        return value

    def integer(self, name: str) -> int | None:
        """Return a whole number, also where it is written as a string."""
        value = self.decimal(name)
        if value is None:
            return None
        if value != value.to_integral_value():
            self.report(name, message("reading.left_out_whole", value=value))
            return None
        return int(value)

    def decimal(self, name: str) -> Decimal | None:
        """Return a number, also where it is written as a string; an empty string is missing."""
        value = self.raw(name)
        if value is None or value == "":
            return None
        if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
            return Decimal(value)
        if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
            return Decimal(value.strip())
        self.report(name, message("reading.left_out_number", value=_shown(value)))
        return None

    def time(self, name: str) -> datetime | None:
        """Return a time of ISO 8601 in UTC; one without a zone is unusable."""
        value = self.text(name)
        if value is None:
            return None
        try:
            moment = datetime.fromisoformat(value)
            if moment.tzinfo is not None:
                return moment.astimezone(UTC)
        except (ValueError, OverflowError):
            pass
        self.report(name, message("reading.left_out_time", value=_shown(value)))
        return None

    def child(self, name: str) -> Fields | None:
        """Return the object under that key."""
        value = self.raw(name)
        if value is None:
            return None
        if not isinstance(value, Mapping):
            self.report(name, message("reading.left_out_object", value=_shown(value)))
            return None
        return Fields(value, self.document, self.source, f"{self.where}.{name}", self.issues)

    def children(self, name: str) -> list[Fields]:
        """Return the objects of the list under that key."""
        objects = []
        for index, value in enumerate(self.sequence(name)):
            if isinstance(value, Mapping):
                objects.append(Fields(value, self.document, self.source, f"{self.where}.{name}[{index}]", self.issues))
            else:
                self.report(f"{name}[{index}]", message("reading.left_out_object", value=_shown(value)))
        return objects

    def sequence(self, name: str) -> Sequence[Any]:
        """Return the list under that key; empty where it is missing."""
        value = self.raw(name)
        if value is None or isinstance(value, list):
            return value or []
        self.report(name, message("reading.left_out_list", value=_shown(value)))
        return []

    def _string(self, name: str) -> str | None:
        value = self.raw(name)
        if value is None:
            return None
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if not isinstance(value, str):
            self.report(name, message("reading.left_out_text", value=_shown(value)))
            return None
        if is_damaged(value):
            self.report(name, message("reading.repaired"))
        return value


def read_listings(
    items: Sequence[Any],
    build: Callable[[Fields], Listing],
    document: Document,
    *,
    source: str,
    where: str,
) -> Iterator[Listing | ParseIssue]:
    """Yield a listing for each object of ``items``, and every issue."""
    for index, item in enumerate(items):
        fields = Fields(item if isinstance(item, Mapping) else {}, document, source, f"{where}[{index}]")
        if not isinstance(item, Mapping):
            reason = item.reason if isinstance(item, Unusable) else message("reading.no_object", item=_shown(item))
            fields.report(None, message("reading.record_left_out", reason=reason))
        else:
            try:
                yield build(fields)
            except RecordRefusedError as refused:
                fields.report(refused.field, text_of(refused))
        yield from fields.issues


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004 - what fits on one line of a log

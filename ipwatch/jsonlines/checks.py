"""Converts a JSON object to a record, with checks of types and ranges."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from pydantic import TypeAdapter, ValidationError

from ipwatch.jsonlines.problems import LineError
from ipwatch.matching.hosts import read_host
from ipwatch.records import Category, HostName, Listing, MarkRecord, Record, Seller
from ipwatch.terms import message, text_of

_LISTING = TypeAdapter(Listing)
_MARK_RECORD = TypeAdapter(MarkRecord)
_NESTED = {"seller": Seller, "category": Category}
_PRICE = re.compile(r"\d{1,15}(\.\d{1,6})?", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
_OFFICE = re.compile(r"[A-Z]{2}", re.ASCII)
_NICE_CLASSES = range(1, 46)

_Kind = type[Listing | MarkRecord | HostName]

_KEYS: Mapping[str, _Kind] = {"marketplace": Listing, "office": MarkRecord, "host": HostName, "domain": HostName}


def kind_of(table: Mapping[str, object]) -> _Kind:
    """Return the kind of record by the key that only it has; raises ``LineError`` otherwise."""
    kinds = [kind for key, kind in _KEYS.items() if key in table]
    if len(kinds) != 1:
        raise LineError(
            None,
            message("records.kind"),
        )
    return kinds[0]


def unknown_keys(table: Mapping[str, object], kind: _Kind) -> Iterator[str]:
    """Yield unknown keys, those of a nested object with its name as prefix."""
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
        raise LineError(key, message("records.host_no_text"))
    if not isinstance(sha256, str | None):
        raise LineError("document_sha256", message("records.no_text"))
    try:
        return HostName(host=read_host(given), document_sha256=sha256)
    except ValueError as error:
        raise LineError(key, text_of(error)) from error


def record_of(table: Mapping[str, object], kind: _Kind) -> Record:
    """Return the record, with nulls as missing keys and times in UTC; raises ``LineError`` with the wrong field."""
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
        path = ".".join(str(part) for part in first["loc"])
        raise LineError(path or None, _with_remedy(first["type"], first["msg"])) from error


def _with_remedy(kind: str, reason: str) -> str:
    if kind == "missing":
        return message("records.missing")
    if "date" in kind:
        return message("records.bad_date", reason=reason)
    return message("records.bad_value", reason=reason)


def _check_price(table: Mapping[str, object]) -> None:
    price = table.get("price")
    if price is not None and not (isinstance(price, str) and _PRICE.fullmatch(price)):
        raise LineError("price", message("records.price"))
    currency = table.get("currency")
    if currency is not None and not (isinstance(currency, str) and _CURRENCY.fullmatch(currency)):
        raise LineError("currency", message("records.currency"))


def _checked_listing(listing: Listing) -> Listing:
    for name in ("marketplace", "listing_id"):
        if not getattr(listing, name).strip():
            raise LineError(name, message("records.listing_id"))
    return dataclasses.replace(
        listing,
        posted_at=_utc("posted_at", listing.posted_at),
        updated_at=_utc("updated_at", listing.updated_at),
    )


def _utc(field: str, value: datetime | None) -> datetime | None:
    if value is None:
        return None
    if value.tzinfo is None:
        raise LineError(field, message("records.zone"))
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        raise LineError(field, message("records.year")) from error


def _checked_filing(filing: MarkRecord) -> MarkRecord:
    if not _OFFICE.fullmatch(filing.office):
        raise LineError("office", message("records.office"))
    if not filing.application_number.strip():
        raise LineError("application_number", message("records.filing_id"))
    for number in filing.nice_classes or ():
        if number not in _NICE_CLASSES:
            raise LineError("nice_classes", message("records.nice_class", number=number))
    return filing

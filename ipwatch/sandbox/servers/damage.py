"""Damages valid answers: an unreadable record, a page without structured data, a broken picture."""

from __future__ import annotations

import json
import re
from typing import Any

from ipwatch.sandbox.servers.bulk import pack, unpack

_RECORD_LISTS = ("Items", "itemSummaries", "products")
_STRUCTURE = (
    re.compile(rb'<script type="application/ld\+json">.*?</script>', re.DOTALL),
    re.compile(rb'<meta property="(?:og|product):[^>]*>'),
    re.compile(rb' item(?:prop|scope|type)(?:="[^"]*")?'),
    re.compile(rb' class="(?:item|price|description)[^"]*"'),
    re.compile(rb"<h1[^>]*>.*?</h1>", re.DOTALL),
    re.compile(rb'<t[dh] class="item-price">.*?</t[dh]>', re.DOTALL),
    re.compile(rb"<(strong|p|span)[^>]*>[^<]*(?:[$]|&#8364;|\xe2\x82\xac|\xec\x9b\x90|\xe5\x86\x86)[^<]*</\1>"),
)


def with_bad_record(body: bytes, media_type: str) -> bytes:
    """Return the answer with the record in its middle made unreadable and all others unchanged.

    Supported are JSON answers with records, zip files of TSV or XML and pages with JSON-LD; others are unchanged.
    """
    if media_type.startswith("application/json"):
        return _bad_json(body)
    if media_type == "application/zip":
        return pack({name: _bad_member(name, member) for name, member in unpack(body).items()})
    return body.replace(b'"offers"', b'"offers', 1)


def without_structure(body: bytes) -> bytes:
    """Return a page without structured data and the old layout's markup."""
    for pattern in _STRUCTURE:
        body = pattern.sub(b"", body)
    return body


def broken_picture(body: bytes) -> bytes:
    """Return the first part of a picture followed by zeros."""
    return body[: len(body) // 5] + bytes(64)


def _bad_json(body: bytes) -> bytes:
    answer = json.loads(body)
    for name in _RECORD_LISTS:
        records = answer.get(name) if isinstance(answer, dict) else None
        if records:
            records[len(records) // 2] = _bad_json_record(name, records[len(records) // 2])
    return json.dumps(answer, ensure_ascii=False).encode()


def _bad_json_record(name: str, record: dict[str, Any]) -> Any:
    if name == "Items":
        return {**record, "itemCode": None, "itemPrice": "要問合せ"}
    if name == "itemSummaries":
        return {**record, "itemId": {"value": 7}, "price": "free"}
    return ["not", "a", "product"]


def _bad_member(name: str, body: bytes) -> bytes:
    if name.endswith(".tsv"):
        lines = body.split(b"\n")
        middle = len(lines) // 2
        lines[middle] = lines[middle].split(b"\t", 1)[0] + b"\t\xff\xfe\tbroken"
        return b"\n".join(lines)
    parts = body.split(b"</case-file>")
    middle = (len(parts) - 1) // 2
    parts[middle] = parts[middle].replace(b"</mark-identification>", b"<mark-identification", 1)
    return b"</case-file>".join(parts)

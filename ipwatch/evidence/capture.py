"""The record of one capture, and its canonical form as a line of JSON."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from ipwatch.records import Document
from ipwatch.terms import message

GENESIS = "0" * 64
SHA256 = re.compile(r"[0-9a-f]{64}")

Headers = tuple[tuple[str, str], ...]

_SECRET_REQUEST_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization"})
_REMOVED = "[removed]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """One capture of a body: URL, time, request, response headers, and remote address.

    ``sha256`` and ``size`` are of the body after content decoding. ``previous`` is the SHA-256 of the line before this
    one, 64 zeros for the first. ``from_cache`` is set where the host confirmed (304) a body that was stored before.
    """

    source: str
    kind: str
    method: str
    url: str
    final_url: str
    status: int
    request_headers: Headers
    response_headers: Headers
    fetched_at: datetime
    sha256: str
    size: int
    remote_address: str | None
    from_cache: bool
    previous: str

    def line(self) -> bytes:
        """Return the canonical JSON of the capture: keys sorted, no spaces, UTF-8, without the line feed.

        Its field ``digest`` is the SHA-256 of the same JSON without that field: it protects the last line, whose hash
        is in no other line yet.
        """
        values = {name: getattr(self, name) for name in self.__slots__}
        values["fetched_at"] = self.fetched_at.astimezone(UTC).isoformat()
        return _canonical(values | {"digest": line_hash(_canonical(values))})


def capture_of(
    document: Document, *, method: str, request_headers: Headers, remote_address: str | None, previous: str
) -> Capture:
    """Return the capture of a document.

    Credentials are left out of the request's headers, and of Set-Cookie only the name and the attributes are kept: its
    value identifies a session and is no evidence.
    """
    return Capture(
        source=document.source,
        kind=document.kind.value,
        method=method,
        url=document.url,
        final_url=document.final_url,
        status=document.status,
        request_headers=tuple(
            (name, value) for name, value in request_headers if name.lower() not in _SECRET_REQUEST_HEADERS
        ),
        response_headers=tuple(
            (name, _without_value(value) if name.lower() == "set-cookie" else value) for name, value in document.headers
        ),
        fetched_at=document.fetched_at,
        sha256=document.sha256,
        size=document.size,
        remote_address=remote_address,
        from_cache=document.from_cache,
        previous=previous,
    )


def line_hash(line: bytes) -> str:
    """Return the SHA-256 of a line without its line feed, for the next line."""
    return hashlib.sha256(line).hexdigest()


def read_capture(line: bytes) -> Capture:
    """Parse a line; raises ``ValueError`` with the reason where it is wrong."""
    try:
        values = json.loads(line)
    except RecursionError as error:
        raise ValueError(message("evidence.nested")) from error
    if not isinstance(values, dict) or values.keys() != {*Capture.__slots__, "digest"}:
        raise ValueError(message("evidence.capture_fields"))
    fields = cast("Mapping[str, object]", values)
    for name, kind in _TYPES.items():
        if not isinstance(fields[name], kind) or (kind is int and isinstance(fields[name], bool)):
            raise ValueError(f"{name} is {fields[name]!r}")
    if not SHA256.fullmatch(values["sha256"]):
        raise ValueError(f"sha256 is {values['sha256']!r}")
    fetched_at = datetime.fromisoformat(values["fetched_at"])
    if fetched_at.tzinfo is None:
        raise ValueError(message("evidence.capture_time", time=values["fetched_at"]))
    values["fetched_at"] = fetched_at
    del values["digest"]
    for name in ("request_headers", "response_headers"):
        values[name] = tuple(_pair(name, item) for item in values[name])
    capture = Capture(**values)
    if capture.line() != line:
        raise ValueError(message("evidence.capture_digest"))
    return capture


_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "source": str,
    "kind": str,
    "method": str,
    "url": str,
    "final_url": str,
    "status": int,
    "request_headers": list,
    "response_headers": list,
    "fetched_at": str,
    "sha256": str,
    "size": int,
    "remote_address": (str, type(None)),
    "from_cache": bool,
    "previous": str,
}


def _canonical(values: Mapping[str, object]) -> bytes:
    text = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    # Headers are decoded as Latin-1 and have no lone surrogates; a URL may have some, and JSON escapes it the same way.
    return text.encode("utf-8", errors="backslashreplace")


def _pair(name: str, item: object) -> tuple[str, str]:
    match item:
        case [str(key), str(value)]:
            return key, value
        case _:
            raise ValueError(f"{name} holds {item!r}")


def _without_value(cookie: str) -> str:
    first, semicolon, attributes = cookie.partition(";")
    return f"{first.partition('=')[0]}={_REMOVED}{semicolon}{attributes}"

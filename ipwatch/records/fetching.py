"""What goes out and what comes back."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO


class RequestKind(StrEnum):
    """What a request is for; it decides the size limit and the content types that are accepted."""

    API = "api"
    PAGE = "page"
    SITEMAP = "sitemap"
    IMAGE = "image"
    BULK = "bulk"
    TOKEN = "token"  # noqa: S105 - the name of a kind, not a secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One document to fetch.

    ``secret_headers`` and ``secret_query`` (parameters that are added to the URL) are sent but never stored, logged or
    put into evidence; ``url``, ``headers``, ``body`` and ``context`` are stored, and hold no credential.

    ``context`` is the adapter's own cursor (page number, slice, watched term): it is stored with the request and comes
    back on the document, so that ``follow`` needs no memory.
    """

    source: str
    url: str
    kind: RequestKind
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    secret_headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    secret_query: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: bytes | None = None
    context: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What one request brought: the decoded body, the headers as received, and when it came.

    The body is in ``content``, or, where it is large, in the file ``path``; ``open`` and ``read`` serve both.
    ``sha256`` and ``size`` are of the body after content decoding.
    """

    source: str
    kind: RequestKind
    url: str
    final_url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    fetched_at: datetime
    sha256: str
    size: int
    content: bytes | None = None
    path: Path | None = None
    context: tuple[tuple[str, str], ...] = ()
    from_cache: bool = False

    def open(self) -> BinaryIO:
        """Return the body as a readable binary stream; the caller closes it."""
        if self.content is not None:
            return io.BytesIO(self.content)
        if self.path is not None:
            return self.path.open("rb")
        raise ValueError("a document has either content or path")

    def read(self) -> bytes:
        """Return the whole body."""
        with self.open() as stream:
            return stream.read()

    def header(self, name: str) -> str | None:
        """Return the first header of that name (any case), or ``None``."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)


class FailureReason(StrEnum):
    """The closed list of reasons why a request brought no record; run reports count by it."""

    TIMEOUT = "timeout"
    NETWORK = "network"
    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    CLIENT_ERROR = "client_error"
    BLOCKED = "blocked"
    AUTH = "auth"
    ROBOTS = "robots"
    ADDRESS = "address"
    SCHEME = "scheme"
    REDIRECT = "redirect"
    TOO_LARGE = "too_large"
    TRUNCATED = "truncated"
    BAD_ENCODING = "bad_encoding"
    WRONG_TYPE = "wrong_type"
    CONTRACT_CHANGED = "contract_changed"
    UNREADABLE = "unreadable"
    GONE = "gone"
    NOT_REACHED = "not_reached"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParseIssue:
    """A record inside a readable document that could not be read; the records around it are kept.

    ``where`` names the place (line, index, element path), ``field`` the field, ``message`` the fault in plain words.
    """

    source: str
    where: str
    message: str
    field: str | None = None
    document_sha256: str | None = None

"""Removes the credentials of a source from responses: bodies, headers, redirects and error messages.

Hosts echo what they were sent, especially in errors. In whatever is returned, kept as evidence, logged or stored each
credential is replaced by ``[removed]``, whatever its name and in every escaped form of JSON, HTML and URLs.
"""

from __future__ import annotations

import asyncio
import hashlib
import html
import json
import mmap
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote, quote_plus, urlencode

from ipwatch.errors import FetchError
from ipwatch.records import Document, Request, RequestKind

REMOVED = "[removed]"

CREDENTIAL_KINDS = frozenset({RequestKind.API, RequestKind.TOKEN, RequestKind.BULK})
"""The kinds of request that carry credentials: APIs, token endpoints and bulk files of registers."""

ALTERED = ("ipwatch-removed", "credentials")
"""The header that is added to a document whose body was altered by removing a credential."""

# Shorter values could occur in other text by chance.
MIN_LENGTH = 8

_ESCAPE = re.compile("%[0-9A-F]{2}")


class Credentials:
    """A set of secret values, with methods to remove them from responses."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._values = frozenset(value for value in values if len(value) >= MIN_LENGTH)
        spellings = {spelling for value in self._values for spelling in _spellings(value)}
        # Longest first: a value may be a prefix of another one.
        self._spellings = sorted(spellings, key=len, reverse=True)
        self._bytes = [spelling.encode() for spelling in self._spellings]

    def with_those_of(self, request: Request) -> Credentials:
        """Return these together with the secrets of the request itself."""
        values = [value for _, value in (*request.secret_headers, *request.secret_query)]
        # A scheme (Basic, Bearer) precedes the secret.
        parts = [part for value in values for part in value.split(" ")]
        own = {*values, *parts}
        return self if own <= self._values else Credentials(self._values | own)

    def within(self, text: str) -> bool:
        """Return whether the text contains one of them."""
        return any(spelling in text for spelling in self._spellings)

    def removed(self, text: str) -> str:
        """Return the text without them."""
        for spelling in self._spellings:
            text = text.replace(spelling, REMOVED)
        return text

    def remove_from_error(self, error: FetchError) -> None:
        """Take them out of the message and the URL of an error."""
        error.args = tuple(self.removed(argument) if isinstance(argument, str) else argument for argument in error.args)
        error.url = self.removed(error.url)

    async def removed_from_document(self, document: Document) -> Document:
        """Return the document without them; if its body was altered it has the header ``ALTERED``.

        Hash and size are then those of the altered body. A body from an earlier capture (304) is not altered.
        """
        document = replace(
            document,
            url=self.removed(document.url),
            final_url=self.removed(document.final_url),
            headers=tuple((name, self.removed(value)) for name, value in document.headers),
        )
        if document.from_cache:
            return document
        if document.content is not None:
            body = self._removed_from_bytes(document.content)
            return document if body is document.content else _altered(document, body)
        if document.path is not None and await asyncio.to_thread(self._within_file, document.path):
            return await asyncio.to_thread(self._rewritten, document, document.path)
        return document

    def _removed_from_bytes(self, body: bytes) -> bytes:
        for spelling in self._bytes:
            if spelling in body:
                body = body.replace(spelling, REMOVED.encode())
        return body

    def _within_file(self, path: Path) -> bool:
        if not self._bytes or path.stat().st_size == 0:
            return False
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as body:
            return any(body.find(spelling) >= 0 for spelling in self._bytes)

    def _rewritten(self, document: Document, path: Path) -> Document:
        body = self._removed_from_bytes(path.read_bytes())
        path.write_bytes(body)
        return replace(_altered(document, body), content=None)


def with_secret_query(request: Request) -> str:
    """Return the URL to be sent: the request's own with its secret parameters appended."""
    if not request.secret_query:
        return request.url
    base, hash_mark, fragment = request.url.partition("#")
    joint = "&" if "?" in base else "?"
    return f"{base}{joint}{urlencode(request.secret_query)}{hash_mark}{fragment}"


def _altered(document: Document, body: bytes) -> Document:
    return replace(
        document,
        content=body,
        sha256=hashlib.sha256(body).hexdigest(),
        size=len(body),
        headers=(*document.headers, ALTERED),
    )


def _spellings(value: str) -> Iterator[str]:
    yield from (value, json.dumps(value)[1:-1], json.dumps(value).replace("/", "\\/")[1:-1], html.escape(value))
    for escaped in (quote(value, safe=""), quote(value), quote_plus(value)):
        yield escaped
        yield _ESCAPE.sub(lambda match: match[0].lower(), escaped)

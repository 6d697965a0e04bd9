"""The outermost middleware: allowed hosts, cross-origin protection, and security headers of every response."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from urllib.parse import parse_qsl, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ipwatch import logs
from ipwatch.web.failures import bare_page
from ipwatch.web.headers import SECURITY_HEADERS
from ipwatch.web.language import choose_language
from ipwatch.web.server import MAX_HEAD
from ipwatch.web.words import text

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_FETCHES = frozenset({"same-origin", "none"})
_HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::[0-9]{1,5})?")
_PRIVATE_HEADERS = ("cookie", "authorization", "origin", "referer", "sec-fetch-site")


def hostname(host: str) -> str:
    """Return the name in a Host header without its port and brackets, in lower case; empty where it is none."""
    match = _HOST.fullmatch(host.strip().lower())
    return (match[1] or match[2]) if match else ""


def is_our_own(headers: Headers) -> bool:
    """Return whether an unsafe request comes from a page of this site.

    By ``Sec-Fetch-Site``, or else by ``Origin``; a request with neither is refused. (The rule of Go's
    ``CrossOriginProtection``, but closed where both headers are missing.)
    """
    fetch_site = headers.get("sec-fetch-site")
    if fetch_site is not None:
        return fetch_site in _OWN_FETCHES
    try:
        origin = urlsplit(headers.get("origin", ""))
    except ValueError:
        return False
    return bool(origin.netloc) and origin.netloc.lower() == headers.get("host", "").lower()


class Guard:
    """Answers 400 for an unknown host and 403 for a cross-origin unsafe request, and sets headers on every response."""

    def __init__(self, app: ASGIApp, *, allowed_hosts: Collection[str], origin: str | None = None) -> None:
        self._app = app
        self._origin = urlsplit(origin or "")
        self._hosts = frozenset(host.lower() for host in allowed_hosts) | {self._origin.hostname or ""} - {""}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Guard one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        headers = Headers(scope=scope)
        if self._origin.netloc and headers.get("host", "").lower() == self._origin.netloc:
            # Anybody could send X-Forwarded-Proto; the operator's setting counts.
            scope["scheme"] = self._origin.scheme
        # A head that is too long is neither parsed nor logged.
        logs.hide(() if _length(scope) > MAX_HEAD else _private(headers, scope["query_string"]), only=True)
        answer = self._refusal(scope, headers)
        await (answer or self._app)(scope, receive, send_with_headers)

    def _refusal(self, scope: Scope, headers: Headers) -> ASGIApp | None:
        request = Request(scope)
        if _length(scope) > MAX_HEAD:
            return bare_page(request, 431)
        if hostname(headers.get("host", "")) not in self._hosts:
            return bare_page(request, 400, text("problem.host", lang=choose_language(request)))
        if scope["method"] not in _SAFE_METHODS and not is_our_own(headers):
            return bare_page(request, 403)
        return None


def _length(scope: Scope) -> int:
    """Return the size in bytes of a request's URL and headers."""
    address = len(scope.get("raw_path") or b"") + len(scope["query_string"])
    return address + sum(len(name) + len(value) for name, value in scope["headers"])


def _private(headers: Headers, query: bytes) -> Iterator[str]:
    """Yield the values of a request to be hidden from the log: cookies, credentials, referrer, and the query."""
    for name in _PRIVATE_HEADERS:
        for value in headers.getlist(name):
            yield value
            if name == "cookie":
                yield from (cookie.partition("=")[2].strip() for cookie in value.split(";"))
    asked = query.decode("latin-1")
    yield asked
    yield from (value for _, value in parse_qsl(asked))

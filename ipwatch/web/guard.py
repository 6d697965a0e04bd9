"""The outermost layer: which hosts we answer for, who may change something, and what every response carries."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_FETCHES = frozenset({"same-origin", "none"})


def hostname(host: str) -> str:
    """Return the name in a Host header without its port and, for an IPv6 address, its brackets, in lower case."""
    host = host.strip().lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


def is_our_own(headers: Headers) -> bool:
    """Say whether a request that changes something comes from one of our own pages.

    Browsers say so in ``Sec-Fetch-Site``; those that do not send it name the ``Origin``. A request with neither is
    refused. (The rule of Go's ``CrossOriginProtection``, but closed where both headers are missing.)
    """
    fetch_site = headers.get("sec-fetch-site")
    if fetch_site is not None:
        return fetch_site in _OWN_FETCHES
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc.lower() == headers.get("host", "").lower()


class Guard:
    """Answers 400 for a host that is not ours and 403 for a foreign change, and puts our headers on every response."""

    def __init__(self, app: ASGIApp, *, allowed_hosts: Collection[str]) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in allowed_hosts)

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
        app = self._app
        if hostname(headers.get("host", "")) not in self._hosts:
            app = PlainTextResponse("this server does not answer for that host name", status_code=400)
        elif scope["method"] not in _SAFE_METHODS and not is_our_own(headers):
            app = PlainTextResponse("this request came from another site", status_code=403)
        await app(scope, receive, send_with_headers)

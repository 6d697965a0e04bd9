"""Middleware around every virtual host that counts requests and injects faults."""

from __future__ import annotations

import asyncio
import zlib
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ipwatch.sandbox.faults import Fault, FaultKind
from ipwatch.sandbox.servers.damage import broken_picture, with_bad_record, without_structure
from ipwatch.sandbox.servers.state import State

_BOMB_SIZE, _BLOCK = 96 * 1024 * 1024, 1024 * 1024
_DRIP_SECONDS, _DRIP_BYTES, _MAX_DRIPS = 0.25, 16, 240
_METADATA = "http://169.254.169.254/latest/meta-data/"
_LOOPBACK = "http://127.0.0.1:9/private"
_FILE = "file:///etc/hostname"
_CHALLENGE = (
    "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body><noscript>Enable JavaScript and cookies to "
    'continue</noscript><div id="challenge-running">Checking your browser before accessing the site.</div>'
    '<form class="challenge-form" action="/cdn-cgi/challenge-platform/"></form></body></html>'
)


class Misbehaviour:
    """ASGI middleware: passes a request on, or answers it according to its fault."""

    def __init__(self, app: ASGIApp, state: State) -> None:
        self._app = app
        self._state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        host = host_of(scope)
        self._state.requests[host] += 1
        fault = None if host == "control.localhost" else self._state.faults.strike(host, scope["path"])
        if fault is None:
            await self._app(scope, receive, send)
            return
        response = _instead(fault, Request(scope))
        if response is not None:
            await response(scope, receive, send)
            return
        status, headers, body = await _collect(self._app, scope, receive)
        await _worsened(fault, status, headers, body, send)


def host_of(scope: Scope) -> str:
    """Return the virtual host that a request is for, without port."""
    return Headers(scope=scope).get("host", "").partition(":")[0].lower()


def _instead(fault: Fault, request: Request) -> Response | None:
    """Return the answer that replaces the real one, or ``None`` where the fault modifies that."""
    match fault.kind:
        case FaultKind.RATE_LIMITED:
            return _refused(429, str(fault.retry_after))
        case FaultKind.RATE_LIMITED_DATE:
            later = datetime.now(UTC) + timedelta(seconds=fault.retry_after)
            return _refused(429, format_datetime(later, usegmt=True))
        case FaultKind.SERVER_ERROR:
            return HTMLResponse("<html><body><h1>503 Service Unavailable</h1></body></html>", status_code=503)
        case FaultKind.CHALLENGE:
            return HTMLResponse(
                _CHALLENGE, status_code=403, headers={"Server": "cloudflare", "cf-mitigated": "challenge"}
            )
        case _:
            return _redirect(fault, request)


def _refused(status: int, retry_after: str) -> Response:
    return PlainTextResponse("Too Many Requests", status_code=status, headers={"Retry-After": retry_after})


def _redirect(fault: Fault, request: Request) -> Response | None:
    if fault.kind is FaultKind.REDIRECT_LOOP:
        return RedirectResponse(str(request.url), status_code=302)
    target = {
        FaultKind.REDIRECT_LOOPBACK: _LOOPBACK,
        FaultKind.REDIRECT_METADATA: _METADATA,
        FaultKind.REDIRECT_FILE: _FILE,
    }.get(fault.kind)
    return None if target is None else RedirectResponse(target, status_code=302)


async def _collect(app: ASGIApp, scope: Scope, receive: Receive) -> tuple[int, MutableHeaders, bytes]:
    """Return the whole answer of the application."""
    start: Message = {}
    parts: list[bytes] = []

    async def keep(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
        elif message["type"] == "http.response.body":
            parts.append(message.get("body", b""))

    await app(scope, receive, keep)
    return start["status"], MutableHeaders(raw=list(start["headers"])), b"".join(parts)


async def _worsened(fault: Fault, status: int, headers: MutableHeaders, body: bytes, send: Send) -> None:
    media_type = headers.get("content-type", "").partition(";")[0]
    match fault.kind:
        case FaultKind.SLOW_DRIP:
            await _drip(status, headers, body, send)
            return
        case FaultKind.TRUNCATED:
            headers["content-length"] = str(len(body))
            body = body[: len(body) // 2]
        case FaultKind.GZIP_BOMB:
            body = _bomb()
            headers["content-encoding"], headers["content-length"] = "gzip", str(len(body))
        case FaultKind.WRONG_TYPE:
            headers["content-type"] = "application/octet-stream"
        case FaultKind.LAYOUT_CHANGED:
            body = without_structure(body)
        case FaultKind.MALFORMED_RECORD:
            body = with_bad_record(body, media_type)
        case FaultKind.BROKEN_IMAGE:
            body = broken_picture(body)
        case FaultKind.HTML_AS_IMAGE:
            body = b"<!DOCTYPE html><html><body>Image not available</body></html>"
        case _:
            raise ValueError(f"{fault.kind} does not change an answer")
    if fault.kind is not FaultKind.TRUNCATED:
        headers["content-length"] = str(len(body))
    await send({"type": "http.response.start", "status": status, "headers": headers.raw})
    await send({"type": "http.response.body", "body": body})


async def _drip(status: int, headers: MutableHeaders, body: bytes, send: Send) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers.raw})
    dripped = body[: _MAX_DRIPS * _DRIP_BYTES]
    for sent in range(0, len(dripped), _DRIP_BYTES):
        await send({"type": "http.response.body", "body": dripped[sent : sent + _DRIP_BYTES], "more_body": True})
        await asyncio.sleep(_DRIP_SECONDS)
    await send({"type": "http.response.body", "body": body[len(dripped) :]})


@cache
def _bomb() -> bytes:
    """Return gzip that inflates to 96 MiB from about 100 kB."""
    packer = zlib.compressobj(9, wbits=31)
    block = bytes(_BLOCK)
    return b"".join(packer.compress(block) for _ in range(_BOMB_SIZE // _BLOCK)) + packer.flush()

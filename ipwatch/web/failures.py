"""Error responses: in the reader's language, without internal details."""

from __future__ import annotations

from collections.abc import Mapping

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response

from ipwatch.errors import EvidenceError, StoreError
from ipwatch.web.headers import SECURITY_HEADERS
from ipwatch.web.language import choose_language
from ipwatch.web.pages import known, page, render
from ipwatch.web.words import has, text

OPEN_TO_ALL = ("/login", "/static/")
"""Path prefixes that are open to everybody, signed in or not."""

_MAX_LOGGED = 200

log = structlog.get_logger("ipwatch.web")


class Problem(HTTPException):
    """An error of a request, with a message key of the page and its arguments."""

    def __init__(self, status_code: int, key: str, **arguments: object) -> None:
        super().__init__(status_code, text(key, lang="en", **arguments))
        self.key = key
        self.arguments = arguments


def bare_page(
    request: Request, status: int, detail: str | None = None, headers: Mapping[str, str] | None = None
) -> HTMLResponse:
    """Return an error page that needs neither database nor session, and shows nothing of the installation."""
    lang = choose_language(request)
    if detail is None and has(f"problem.{status}"):
        detail = text(f"problem.{status}", lang=lang)
    title = known("error", str(status), lang=lang)
    body = render("bare.html", lang=lang, status=status, title=title, detail=detail)
    return HTMLResponse(
        body, status_code=status, headers={"Content-Language": lang, "Vary": "Cookie", **(headers or {})}
    )


def http_error(request: Request, error: Exception) -> Response:
    """Answer an HTTP error; on the full page only for those who may see it."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    lang = choose_language(request)
    detail = text(error.key, lang=lang, **error.arguments) if isinstance(error, Problem) else None
    if request.scope["path"].startswith(OPEN_TO_ALL):
        return bare_page(request, status, detail, headers)
    try:
        response = page(request, "error.html", status_code=status, status=status, detail=detail)
    except StoreError as failed:
        return unavailable(request, failed)
    response.headers.update(headers)
    return response


def unavailable(request: Request, error: Exception) -> Response:
    """Answer 503: database or evidence cannot be used; the details are logged."""
    log.error("unavailable", path=_path(request), method=request.method, error=str(error))
    return bare_page(request, 503)


def unexpected(request: Request, error: Exception) -> Response:
    """Answer 500. The server logs the traceback after this.

    It runs outside the guard, so it sets the headers itself.
    """
    log.error("request_failed", path=_path(request), method=request.method, kind=type(error).__name__)
    return bare_page(request, 500, headers={**SECURITY_HEADERS, "Cache-Control": "no-store"})


def client_left(request: Request, _error: Exception) -> Response:
    """Log that a client disconnected before its request was complete, which is no error."""
    log.debug("client_left", path=_path(request), method=request.method)
    return Response(status_code=400)


def _path(request: Request) -> str:
    """Return the path, truncated for the log."""
    path: str = request.scope["path"]
    return path[:_MAX_LOGGED]


HANDLERS = {
    HTTPException: http_error,
    StoreError: unavailable,
    EvidenceError: unavailable,
    ClientDisconnect: client_left,
    500: unexpected,
}

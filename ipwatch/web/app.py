"""Puts the review page together."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlencode

import structlog
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from ipwatch.errors import StoreError
from ipwatch.evidence import EvidenceStore
from ipwatch.records import SourceSetup
from ipwatch.sources import load_sources
from ipwatch.store.session import Database
from ipwatch.web.guard import SECURITY_HEADERS, Guard
from ipwatch.web.pages import needs_sign_in, page
from ipwatch.web.routes import case, evidence, login, overview, queue, reports
from ipwatch.web.site import Site

_STATIC = Path(__file__).parent / "static"
_OPEN_TO_ALL = ("/login", "/static/")

log = structlog.get_logger("ipwatch.web")


def create_app(
    database: Database,
    *,
    evidence_root: Path,
    now: Callable[[], datetime],
    allowed_hosts: Collection[str],
    progress: Callable[[], str] | None = None,
    setups: Mapping[str, SourceSetup] | None = None,
    locks: Path | None = None,
    rates: Mapping[str, Decimal] | None = None,
) -> Starlette:
    """Return the review page as an ASGI application.

    ``now`` returns an aware time; ``allowed_hosts`` are the host names, without port, that requests may name.
    ``progress`` says in a sentence what the installation is doing, and is asked on every page. ``setups`` say by name
    what is arranged for each source (every known one is configured and daily unless told otherwise), ``locks`` is the
    directory of the locks under which they are read. ``rates`` are yen for a unit of a currency.
    """
    if setups is None:
        setups = {name: SourceSetup(info=source.INFO) for name, source in load_sources().items()}
    app = Starlette(
        routes=[
            *queue.ROUTES,
            *case.ROUTES,
            *evidence.ROUTES,
            *overview.ROUTES,
            *login.ROUTES,
            *reports.ROUTES,
            Mount("/static", StaticFiles(directory=_STATIC), name="static"),
        ],
        middleware=[
            Middleware(Guard, allowed_hosts=allowed_hosts),
            Middleware(BaseHTTPMiddleware, dispatch=_sign_in_first),
        ],
        exception_handlers={HTTPException: _http_error, StoreError: _store_error, 500: _unexpected},
    )
    app.state.site = Site(
        database=database,
        evidence=EvidenceStore(evidence_root),
        now=now,
        setups=setups,
        locks=locks,
        rates=rates or {},
        progress=progress,
    )
    return app


async def _sign_in_first(request: Request, follow: Callable[[Request], Awaitable[Response]]) -> Response:
    """Lead to the login wherever the installation has accounts and nobody is signed in."""
    path = request.url.path
    if path.startswith(_OPEN_TO_ALL) or not await run_in_threadpool(needs_sign_in, request):
        return await follow(request)
    if request.method not in {"GET", "HEAD"}:
        return PlainTextResponse("sign in first", status_code=401)
    target = path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/login?{urlencode({'next': target})}", status_code=303)


def _http_error(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    detail = error.detail if isinstance(error, HTTPException) and status not in {404, 405} else None
    return page(request, "error.html", status_code=status, status=status, detail=detail)


def _store_error(request: Request, error: Exception) -> Response:
    """Say that the database refuses. The page itself asks the database, so this answer is plain text."""
    log.error("store_failed", path=request.url.path, error=str(error))
    return PlainTextResponse(f"the database cannot be used: {error}", status_code=503)


def _unexpected(request: Request, error: Exception) -> Response:
    """Say that something failed; the log has what. This runs outside the guard, so it sets the headers itself."""
    log.error("request_failed", path=request.url.path, exc_info=error)
    return PlainTextResponse(
        "something failed on our side; the log says what",
        status_code=500,
        headers={**SECURITY_HEADERS, "Cache-Control": "no-store"},
    )

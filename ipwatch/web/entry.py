"""What every request passes behind the guard: who may go on, before anything of its body is read or its work begun."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ipwatch.errors import StoreError
from ipwatch.web.failures import OPEN_TO_ALL, bare_page, http_error, unavailable
from ipwatch.web.pages import needs_sign_in
from ipwatch.web.query import problem_in
from ipwatch.web.site import site_of

_SAFE_METHODS = frozenset({"GET", "HEAD"})
_MAX_TARGET_LENGTH = 2000


class Entry:
    """Leads to the login wherever the installation has accounts and nobody is signed in, and refuses broken queries."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request in, or answer it."""
        answer = None if scope["type"] != "http" else await _refusal(Request(scope))
        await (answer or self._app)(scope, receive, send)


async def _refusal(request: Request) -> Response | None:
    if not request.scope["path"].startswith(OPEN_TO_ALL):
        try:
            if await _needs_sign_in(request):
                return _sign_in_first(request)
        except StoreError as error:
            return unavailable(request, error)
    problem = problem_in(request.scope["query_string"])
    return await run_in_threadpool(http_error, request, problem) if problem else None


async def _needs_sign_in(request: Request) -> bool:
    if site_of(request).asks_to_sign_in.is_set():
        # Then it asks no database, and a stranger takes no thread from those who work.
        return needs_sign_in(request)
    return await run_in_threadpool(needs_sign_in, request)


def _sign_in_first(request: Request) -> Response:
    if request.method not in _SAFE_METHODS:
        return bare_page(request, 401)
    query = request.scope["query_string"].decode("latin-1")
    target = request.scope["path"] + (f"?{query}" if query else "")
    if len(target) > _MAX_TARGET_LENGTH:
        target = "/"
    return RedirectResponse(f"/login?{urlencode({'next': target})}", status_code=303)

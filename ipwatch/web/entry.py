"""Access control after the guard, before the body of a request is read or any work begins."""

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
    """Redirects to the login where the installation has accounts and nobody is signed in; refuses broken queries."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it."""
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
        # Answered without database and thread, so that strangers cost nothing.
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

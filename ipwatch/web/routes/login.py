"""Signing in and out, where the installation has accounts."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ipwatch.store import accounts
from ipwatch.web.forms import LARGEST_LOGIN, read_form
from ipwatch.web.pages import is_secure, page
from ipwatch.web.sessions import COOKIE, LONGEST
from ipwatch.web.site import site_of


def show_login(request: Request) -> Response:
    """Answer with the form."""
    return page(request, "login.html", message=None, name="", target=local_path(request.query_params.get("next")))


async def login(request: Request) -> Response:
    """Start a session where name and password are right; the same answer for a wrong name and a wrong password."""
    fields = await read_form(request, most=LARGEST_LOGIN)
    return await run_in_threadpool(_login, request, fields)


def _login(request: Request, fields: Mapping[str, str]) -> Response:
    site = site_of(request)
    name, target = fields.get("name", "").strip(), local_path(fields.get("next"))
    if not site.sessions.may_try(name, now=site.now()):
        return page(request, "login.html", status_code=429, message="login.wait", name=name, target=target)
    with site.database.reading() as session:
        account = accounts.authenticate(session, name, fields.get("password", ""))
    if account is None:
        site.sessions.failed(name, now=site.now())
        return page(request, "login.html", status_code=401, message="login.wrong", name=name, target=target)
    token = site.sessions.start(name=account.name, display_name=account.display_name, now=site.now())
    response = RedirectResponse(target, status_code=303)
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(LONGEST.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=is_secure(request),
    )
    return response


def logout(request: Request) -> Response:
    """End the session."""
    site_of(request).sessions.end(request.cookies.get(COOKIE))
    response = RedirectResponse("/login", status_code=303)
    response.delete_cookie(COOKIE, httponly=True, samesite="lax", secure=is_secure(request))
    return response


def local_path(target: str | None) -> str:
    """Return a path of this site to go to, the queue for anything else: nobody is led away by a link to the login."""
    if not target or not target.startswith("/") or target.startswith("//") or "\\" in target:
        return "/"
    return target if target.isprintable() else "/"


ROUTES = (
    Route("/login", show_login, methods=["GET"], name="login"),
    Route("/login", login, methods=["POST"]),
    Route("/logout", logout, methods=["POST"], name="logout"),
)

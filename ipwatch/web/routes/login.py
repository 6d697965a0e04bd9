"""Signing in and out, where the installation has accounts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import anyio
import structlog
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ipwatch.errors import StoreError
from ipwatch.store import accounts, audit
from ipwatch.store.accounts import Account
from ipwatch.web.attempts import Admitted, Limited
from ipwatch.web.crowd import group_of
from ipwatch.web.devices import DEVICE_KEPT
from ipwatch.web.forms import MAX_LOGIN_BYTES, read_form
from ipwatch.web.hashing import HashingBusyError
from ipwatch.web.pages import is_secure, page, session_token
from ipwatch.web.sessions import MAX_LIFETIME, cookie_name
from ipwatch.web.site import site_of

BUSY_SECONDS = 10
"""Retry-After where the queue for hashing is full."""

log = structlog.get_logger("ipwatch.web")


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """The fields of the login form: name as typed, folded name, password, and target path."""

    name: str
    password: str = field(repr=False)
    target: str
    account: str

    @classmethod
    def read(cls, fields: Mapping[str, str]) -> Typed:
        """Return the values of a form."""
        name = fields.get("name", "").strip()
        return cls(
            name=name,
            password=fields.get("password", ""),
            target=local_path(fields.get("next")),
            account=accounts.fold_name(name),
        )


def show_login(request: Request) -> Response:
    """Answer with the login form."""
    target = local_path(request.query_params.get("next"))
    return page(request, "login.html", message=None, seconds=0, name="", target=target)


async def login(request: Request) -> Response:
    """Start a session where name and password are right; the same answer for an unknown name and a wrong password.

    The attempt is counted before the password is hashed, and given back where it was right or never made. Neither the
    wait of the rate limit nor that of the hashing queue holds a thread.
    """
    entry = Typed.read(await read_form(request, max_bytes=MAX_LOGIN_BYTES))
    site = site_of(request)
    known = site.devices.knows(
        entry.account, request.cookies.get(site.devices.cookie_name(entry.account)), now=site.now()
    )
    network = group_of(_address(request))
    attempt = site.attempts.reserve(entry.account, network, known=known)
    if isinstance(attempt, Limited):
        return await run_in_threadpool(_limited, request, entry, attempt, network)
    spent = False
    try:
        await _wait_for_turn(request, attempt)
        account = await site.hashing.run(lambda: _check(request, entry), known=attempt.known)
        spent = account is None
    except HashingBusyError:
        log.warning("login_busy", network=network)
        return await run_in_threadpool(_refuse, request, entry, 503, "login.busy", BUSY_SECONDS)
    finally:
        if not spent:
            site.attempts.give_back(attempt)
    if account is None:
        return await run_in_threadpool(_refuse, request, entry, 401, "login.wrong")
    return _enter(request, entry, account)


def _address(request: Request) -> str:
    """Return the client's address: from the trusted proxy's header where configured, else of the connection."""
    header = site_of(request).client_header
    if header is not None and (named := request.headers.getlist(header)):
        return named[-1].rpartition(",")[2].strip()
    return request.client.host if request.client else ""


async def _wait_for_turn(request: Request, attempt: Admitted) -> None:
    try:
        await anyio.sleep(attempt.delay)
    finally:
        site_of(request).attempts.waited(attempt)


def _check(request: Request, entry: Typed) -> Account | None:
    with site_of(request).database.read_session() as session:
        credentials = accounts.find_credentials(session, entry.account)
    return credentials.match(entry.password)


def _enter(request: Request, entry: Typed, account: Account) -> Response:
    """Start a session with a new token, end the browser's previous one, and issue a device cookie."""
    site, secure = site_of(request), is_secure(request)
    site.sessions.end(session_token(request))
    token = site.sessions.start(name=account.name, display_name=account.display_name, now=site.now())
    log.info("signed_in", account=account.id)
    response = RedirectResponse(entry.target, status_code=303)
    response.set_cookie(
        cookie_name(secure=secure),
        token,
        max_age=int(MAX_LIFETIME.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=secure,
    )
    response.set_cookie(
        site.devices.cookie_name(entry.account),
        site.devices.issue(entry.account, now=site.now()),
        max_age=int(DEVICE_KEPT.total_seconds()),
        path="/login",
        httponly=True,
        samesite="strict",
        secure=secure,
    )
    return response


def _limited(request: Request, entry: Typed, limited: Limited, network: str) -> Response:
    response = _refuse(request, entry, 429, "login.wait", limited.seconds)
    # After the response, so that its time does not reveal whether the account exists.
    response.background = BackgroundTask(_note_limit, request, entry, limited, network)
    return response


def _note_limit(request: Request, entry: Typed, limited: Limited, network: str) -> None:
    """Log an exceeded limit and append it to the audit trail where the account exists, both rate-limited.

    A typed name is recorded only where the account exists: people type passwords there.
    """
    site = site_of(request)
    if not site.attempts.may_note("log"):
        return
    log.warning("login_limited", limit=limited.reason.value, network=network)
    try:
        with site.database.read_session() as session:
            account = accounts.find_credentials(session, entry.account).account
        if account is None or not site.attempts.may_note("audit", account.name):
            return
        with site.database.write_session() as session:
            audit.append(
                session,
                actor="ipwatch",
                action="account.limited",
                target=f"account:{account.name}",
                detail={"limit": limited.reason.value},
                now=site.now(),
            )
    except StoreError as error:
        log.warning("login_limit_not_noted", error=str(error))


def _refuse(request: Request, entry: Typed, status: int, message: str, seconds: int = 0) -> Response:
    response = page(
        request,
        "login.html",
        status_code=status,
        message=message,
        seconds=seconds,
        name=entry.name,
        target=entry.target,
    )
    if seconds:
        response.headers["Retry-After"] = str(seconds)
    return response


def logout(request: Request) -> Response:
    """End the session; the device cookie stays."""
    site_of(request).sessions.end(session_token(request))
    secure = is_secure(request)
    response = RedirectResponse("/login", status_code=303)
    response.delete_cookie(cookie_name(secure=secure), httponly=True, samesite="lax", secure=secure)
    return response


def local_path(target: str | None) -> str:
    """Return a local target path, or the queue's for anything else (no open redirect)."""
    if not target or not target.startswith("/") or target.startswith("//") or "\\" in target:
        return "/"
    return target if target.isprintable() else "/"


ROUTES = (
    Route("/login", show_login, methods=["GET"], name="login"),
    Route("/login", login, methods=["POST"]),
    Route("/logout", logout, methods=["POST"], name="logout"),
)

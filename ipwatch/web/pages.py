"""Renders a page: template, reader's language, session, and health of the sources."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import quote, unquote, urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from ipwatch.matching.suspicion.shown import sign_text
from ipwatch.pipeline.health import assess_sources
from ipwatch.records import Sign, SourceCondition, SourceHealth, SourceInfo
from ipwatch.store import accounts
from ipwatch.terms import KEYS, TERM_KEYS
from ipwatch.terms import render as render_term
from ipwatch.web import show
from ipwatch.web.language import COOKIE, LANGUAGES, YEAR, choose_language
from ipwatch.web.sessions import SignedIn, cookie_name
from ipwatch.web.site import Site, site_of
from ipwatch.web.words import has, text

REVIEWER_COOKIE = "reviewer"
_SEVERITY = tuple(SourceCondition)

_ENVIRONMENT = Environment(
    loader=PackageLoader("ipwatch.web"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.filters.update(
    jst=show.jst, utc=show.utc, number=show.number, signed=show.signed, file_size=show.file_size, plain=show.plain
)
_ENVIRONMENT.globals.update(segments=show.segments, safe_url=show.safe_url)


def page(
    request: Request,
    template: str,
    *,
    status_code: int = 200,
    **context: Any,
) -> HTMLResponse:
    """Return a page from a template, in the reader's language; a language chosen in the URL is stored in a cookie."""
    site = site_of(request)
    lang = choose_language(request)
    stranger = needs_sign_in(request)
    health = {} if stranger else source_health(site)
    values: dict[str, Any] = {
        "lang": lang,
        "t": partial(text, lang=lang),
        "known": partial(known, lang=lang),
        "reason": partial(reason, lang=lang),
        "sign": partial(sign, lang=lang),
        "suspicion": partial(suspicion, lang=lang),
        "language_links": {other: _with_language(request, other) for other in LANGUAGES},
        "path": request.url.path,
        "now": site.now(),
        "age": lambda moment: _age(site, moment, lang),
        "days_left": lambda day: show.days_left(day, site.now()),
        "stranger": stranger,
        "progress": site.progress() if site.progress and not stranger else None,
        "person": signed_in(request),
        "unready": sorted(
            (source for source in health.values() if source.expected and not source.well),
            key=lambda source: _SEVERITY.index(source.condition),
        ),
        "unread": [source for source in health.values() if not source.expected],
        "standing": partial(standing, site, lang),
        "source_title": lambda name: source_title(site, name, lang),
    }
    body = render(template, **(values | context))
    response = HTMLResponse(body, status_code=status_code, headers={"Content-Language": lang, "Vary": "Cookie"})
    if request.query_params.get("lang") in LANGUAGES:
        response.set_cookie(COOKIE, lang, max_age=YEAR, httponly=True, samesite="lax", secure=is_secure(request))
    return response


def render(template: str, **context: Any) -> str:
    """Return a rendered template."""
    return _ENVIRONMENT.get_template(template).render(context)


def known(prefix: str, value: str, *, lang: str) -> str:
    """Return the text for a value of a closed set, or the value itself where this version does not know it."""
    key = f"{prefix}.{value}"
    if has(key):
        return text(key, lang=lang)
    return render_term(value, lang) if value in TERM_KEYS else value


def reason(term: str, compared: tuple[str, str], *, lang: str) -> str:
    """Return the reason of a signal as text; an unknown message key is shown with the compared values."""
    watched, observed = (show.shortened(value) for value in compared)
    if term not in TERM_KEYS:
        return text("why.unknown_term", lang=lang, term=term, watched=watched, seen=observed)
    return render_term(term, lang, watched=watched, seen=observed)


def sign(shown_sign: Sign, *, lang: str) -> str:
    """Return a sign as text; one of another version is shown by its term and the compared values."""
    watched, observed = (show.shortened(value) for value in shown_sign.compared)
    if f"sign.{shown_sign.term}" not in KEYS:
        return text("why.unknown_term", lang=lang, term=shown_sign.term, watched=watched, seen=observed)
    return sign_text(shown_sign.term, watched, observed, lang)


def suspicion(key: str, watched: float | None = None, observed: float | None = None, *, lang: str) -> str:
    """Return a text about the suspicion of a listing, with the bar and what was reached."""
    numbers = {"watched": watched, "seen": observed}
    return render_term(f"suspicion.{key}", lang, **{k: f"{n:.2f}" for k, n in numbers.items() if n is not None})


def source_title(site: Site, name: str, lang: str) -> str:
    """Return the title of a source or a register's office; its name where it is unknown."""
    info: SourceInfo | None = site.info(name)
    if info is None:
        office = f"office.{name}"
        return text(office, lang=lang) if has(office) else name
    return info.title_ja if lang == "ja" else info.title_en


def source_health(site: Site) -> Mapping[str, SourceHealth]:
    """Return the health of every source that can be read or ever was, by name."""
    return assess_sources(site.database, site.setups, now=site.now(), locks=site.locks)


def standing(site: Site, lang: str, health: SourceHealth) -> str:
    """Return a short text on what is wrong with a source, with a time where that matters."""
    condition = health.condition.value
    since = {"cut_off": health.quiet_since, "overdue": health.last_read}.get(condition)
    if since is None:
        return known("source_state", condition, lang=lang)
    return text(f"source_since.{condition}", lang=lang, age=_age(site, since, lang))


def signed_in(request: Request) -> SignedIn | None:
    """Return the session, or ``None`` where nobody is signed in."""
    site = site_of(request)
    return site.sessions.find(session_token(request), now=site.now())


def session_token(request: Request) -> str | None:
    """Return the session token of the browser."""
    return request.cookies.get(cookie_name(secure=is_secure(request)))


def needs_sign_in(request: Request) -> bool:
    """Return whether this installation has accounts and nobody is signed in.

    Once there are accounts the database is not queried again, so that strangers cost next to nothing.
    """
    if signed_in(request) is not None:
        return False
    site = site_of(request)
    if not site.asks_to_sign_in.is_set():
        with site.database.read_session() as session:
            if accounts.any_accounts(session):
                site.asks_to_sign_in.set()
    return site.asks_to_sign_in.is_set()


def remembered_reviewer(request: Request) -> str:
    """Return the name to sign decisions with: that of the account, else the last one entered."""
    person = signed_in(request)
    return person.display_name if person else unquote(request.cookies.get(REVIEWER_COOKIE, ""))


def reviewer_cookie(name: str) -> str:
    """Return a name encoded for a cookie."""
    return quote(name)


def is_secure(request: Request) -> bool:
    """Return whether the request was made over HTTPS."""
    return request.url.scheme == "https"


def _with_language(request: Request, lang: str) -> str:
    kept = [(key, value) for key, value in request.query_params.multi_items() if key != "lang"]
    return f"{request.url.path}?{urlencode([*kept, ('lang', lang)])}"


def _age(site: Site, moment: Any, lang: str) -> str:
    unit, count = show.age(moment, site.now())
    return text(f"age.{unit}", lang=lang, count=count)

"""robots.txt (RFC 9309): its rules, and the meaning of its absence, failure or refusal.

It applies to pages, sitemaps, pictures and public APIs (such as a shop's JSON). An API that is called with credentials
is governed by the terms under which the operator got them, as are its tokens; bulk files are published for download.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from protego import Protego

from ipwatch.fetch.redact import redact_url
from ipwatch.records import Request, RequestKind
from ipwatch.terms import message

MAX_BYTES = 500 * 1024

_ALWAYS_SUBJECT = frozenset({RequestKind.PAGE, RequestKind.SITEMAP, RequestKind.IMAGE})

STOP_FOR_NOW = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules of one origin, valid until ``expires``.

    ``parser`` is ``None`` where there are no rules. ``stopped`` is why nothing may be fetched for now. ``delay`` is the
    crawl delay in seconds.
    """

    expires: datetime
    agent: str
    parser: Protego | None = None
    stopped: str | None = None
    delay: float | None = None

    @property
    def summary(self) -> str:
        """A short description for the source's status."""
        if self.stopped is not None:
            return f"stopped for now, {self.stopped}"
        return "no rules" if self.parser is None else "rules read"

    def allows(self, url: str) -> bool:
        """Return whether the rules allow the URL."""
        return self.parser is None or self.parser.can_fetch(url, self.agent)


def is_subject(request: Request) -> bool:
    """Return whether robots.txt applies to the request."""
    if request.kind is RequestKind.API:
        carries = request.secret_headers or request.secret_query
        return not carries and redact_url(request.url) == request.url
    return request.kind in _ALWAYS_SUBJECT


def product_token(user_agent: str) -> str:
    """Return the product token of a User-Agent, without version, for matching robots.txt groups."""
    return re.split(r"[/\s(]", user_agent.strip(), maxsplit=1)[0]


def read_rules(status: int, body: bytes, *, agent: str, now: datetime, max_age: float, retry: float) -> Rules:
    """Return the rules from an answer for ``/robots.txt``.

    2xx: the rules in its first 500 KiB. Other 4xx: no rules. 401, 403 and 429 mean "stop for now", stricter than the
    RFC, as does 5xx.
    """
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        text = body[:MAX_BYTES].removeprefix(b"\xef\xbb\xbf").decode("utf-8", errors="replace")
        parser = Protego.parse(text)
        expires = now + timedelta(seconds=max_age)
        return Rules(expires=expires, agent=agent, parser=parser, delay=_delay(parser, agent))
    if status in STOP_FOR_NOW or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return stopped(message("fetch.robots_status", status=status), agent=agent, now=now, retry=retry)
    return Rules(expires=now + timedelta(seconds=max_age), agent=agent)


def stopped(why: str, *, agent: str, now: datetime, retry: float) -> Rules:
    """Return rules that forbid everything until ``retry`` seconds have passed."""
    return Rules(expires=now + timedelta(seconds=retry), agent=agent, stopped=why)


def _delay(parser: Protego, agent: str) -> float | None:
    rate = parser.request_rate(agent)
    delays = [parser.crawl_delay(agent), rate.seconds / rate.requests if rate and rate.requests else None]
    return max((delay for delay in delays if delay is not None and delay >= 0), default=None)

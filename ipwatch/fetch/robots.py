"""robots.txt (RFC 9309): what it says to us, and what its absence, failure or refusal means.

It addresses crawlers, so pages, sitemaps, pictures and interfaces that anyone may call (a shop's own JSON) are asked of
it. An interface that is called with credentials is governed by the terms under which the operator got them, as are its
tokens; bulk files are published to be downloaded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from protego import Protego

from ipwatch.fetch.redact import redact_url
from ipwatch.records import Request, RequestKind

MAX_BYTES = 500 * 1024

_ALWAYS_SUBJECT = frozenset({RequestKind.PAGE, RequestKind.SITEMAP, RequestKind.IMAGE})

STOP_FOR_NOW = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What one origin's robots.txt means until ``expires``.

    ``parser`` is ``None`` where there are no rules. ``stopped`` says why nothing may be fetched for now. ``delay`` is
    the number of seconds the host wants between two requests.
    """

    expires: datetime
    agent: str
    parser: Protego | None = None
    stopped: str | None = None
    delay: float | None = None

    @property
    def summary(self) -> str:
        """One phrase for the source's status."""
        if self.stopped is not None:
            return f"stopped for now, {self.stopped}"
        return "no rules" if self.parser is None else "rules read"

    def allows(self, url: str) -> bool:
        """Return whether the rules let us fetch the URL."""
        return self.parser is None or self.parser.can_fetch(url, self.agent)


def is_subject(request: Request) -> bool:
    """Return whether robots.txt is asked about the request."""
    if request.kind is RequestKind.API:
        carries = request.secret_headers or request.secret_query
        return not carries and redact_url(request.url) == request.url
    return request.kind in _ALWAYS_SUBJECT


def product_token(user_agent: str) -> str:
    """Return the part of a User-Agent that robots.txt groups are matched with: what stands before its version."""
    return re.split(r"[/\s(]", user_agent.strip(), maxsplit=1)[0]


def read_rules(status: int, body: bytes, *, agent: str, now: datetime, max_age: float, retry: float) -> Rules:
    """Return what an answer for ``/robots.txt`` means.

    2xx: the rules in its first 500 KiB. Other 4xx: no rules. 401, 403 and 429 mean "stop for now", stricter than the
    RFC, as does 5xx.
    """
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        text = body[:MAX_BYTES].removeprefix(b"\xef\xbb\xbf").decode("utf-8", errors="replace")
        parser = Protego.parse(text)
        expires = now + timedelta(seconds=max_age)
        return Rules(expires=expires, agent=agent, parser=parser, delay=_delay(parser, agent))
    if status in STOP_FOR_NOW or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return stopped(f"robots.txt answered {status}", agent=agent, now=now, retry=retry)
    return Rules(expires=now + timedelta(seconds=max_age), agent=agent)


def stopped(why: str, *, agent: str, now: datetime, retry: float) -> Rules:
    """Return rules that forbid everything until ``retry`` seconds have passed."""
    return Rules(expires=now + timedelta(seconds=retry), agent=agent, stopped=why)


def _delay(parser: Protego, agent: str) -> float | None:
    rate = parser.request_rate(agent)
    delays = [parser.crawl_delay(agent), rate.seconds / rate.requests if rate and rate.requests else None]
    return max((delay for delay in delays if delay is not None and delay >= 0), default=None)

"""The lifecycle of one request: rate limit, robots, redirects, retries, and status.

The retry loop is not that of a library, because waits belong to the host, not to the request, and respect the host's
Retry-After.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus

import httpx

from ipwatch.errors import FetchError, NotAllowed, Refused, RetryLater
from ipwatch.fetch import robots
from ipwatch.fetch.credentials import Credentials, with_secret_query
from ipwatch.fetch.exchange import Answer, Order, TransientError, Wire
from ipwatch.fetch.headers import identity_headers, request_headers, without_secrets
from ipwatch.fetch.host_limiter import Host, HostState
from ipwatch.fetch.policy import FetchPolicy, Validator
from ipwatch.fetch.redact import shown_url
from ipwatch.fetch.status import REDIRECTS, RETRIED, TryAgainError, check_status, parse_retry_after
from ipwatch.fetch.urls import DEFAULT_PORTS, host_key, joined, parsed, same_origin
from ipwatch.records import Document, FailureReason, Request, RequestKind
from ipwatch.terms import message

# Their time depends on their size and does not predict that of the next request.
_FILES = frozenset({RequestKind.BULK, RequestKind.SITEMAP})


@dataclass(slots=True)
class Trace:
    """The trace of one fetch, filled in while it runs so that failures have it too.

    ``gate`` is a semaphore that limits exchanges and unconsumed documents: a slot is held during an exchange, and kept
    by a document until it is consumed.
    """

    gate: asyncio.Semaphore | None = None
    credentials: Credentials = field(default_factory=Credentials)
    attempts: int = 0
    on_wire: float = 0.0
    request_headers: tuple[tuple[str, str], ...] = ()
    remote_address: str | None = None

    async def admit(self) -> None:
        """Wait for a slot and take it."""
        if self.gate is not None:
            await self.gate.acquire()

    def leave(self) -> None:
        """Release the slot."""
        if self.gate is not None:
            self.gate.release()


class Crawl:
    """The logic of fetching over a ``Wire``. Used in one event loop only."""

    def __init__(
        self,
        policy: FetchPolicy,
        wire: Wire,
        *,
        credentials: Credentials,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
        sleep: Callable[[float], Awaitable[object]],
        jitter: Callable[[], float],
    ) -> None:
        self._policy = policy
        self._wire = wire
        self._credentials = credentials
        self._now = now
        self._monotonic = monotonic
        self._sleep = sleep
        self._jitter = jitter
        self._hosts: dict[str, Host] = {}
        self._slots = asyncio.Semaphore(policy.concurrency)
        self._agent = robots.product_token(policy.user_agent)

    async def fetch(self, request: Request, trace: Trace, validator: Validator | None) -> Document:
        """Return the document, after retries where these may help; raises ``FetchError``.

        With a ``validator`` the request is conditional. No credential is in what is returned or raised, whatever the
        host sent back.
        """
        trace.credentials = self._credentials.with_those_of(request)
        try:
            return await trace.credentials.removed_from_document(await self._insist(request, trace, validator))
        except FetchError as error:
            trace.credentials.remove_from_error(error)
            raise

    async def _insist(self, request: Request, trace: Trace, validator: Validator | None) -> Document:
        while True:
            trace.attempts += 1
            try:
                return await self._follow(request, trace, validator)
            except TryAgainError as failure:
                if not self._may_repeat(request, trace, failure):
                    failure.host.failed(failure.error.reason)
                    raise failure.error from failure.error.__cause__

    async def host_states(self) -> list[HostState]:
        """Return the state of every host asked so far, by name."""
        return [host.state() for _, host in sorted(self._hosts.items())]

    async def aclose(self) -> None:
        """Close every connection."""
        await self._wire.aclose()

    def _may_repeat(self, request: Request, trace: Trace, failure: TryAgainError) -> bool:
        """Cool the host down for the backoff or its Retry-After; return whether the request may wait for it."""
        asked = failure.retry_after or 0.0
        failure.host.cool(max(self._backoff(trace.attempts), asked))
        repeatable = request.method == "GET" or request.kind is RequestKind.TOKEN
        return (
            repeatable
            and trace.attempts < self._policy.attempts
            and asked <= self._policy.max_wait
            and trace.on_wire < self._policy.deadline(request.kind)
        )

    def _backoff(self, attempts: int) -> float:
        """Return an exponential backoff with full jitter."""
        return self._jitter() * min(self._policy.backoff_cap, self._policy.backoff_base * 2.0 ** (attempts - 1))

    async def _follow(self, request: Request, trace: Trace, validator: Validator | None) -> Document:
        own = shown_url(request.kind, request.url)
        url = first = parsed(with_secret_query(request), own)
        visited: set[str] = set()
        for _ in range(self._policy.max_redirects + 1):
            shown = own if url == first else shown_url(request.kind, str(url))
            if url.scheme not in DEFAULT_PORTS:
                raise NotAllowed(message("fetch.scheme", shown=shown), url=shown, reason=FailureReason.SCHEME)
            visited.add(str(url))
            host = self._host(url)
            if robots.is_subject(request):
                await self._check_robots(host, url, shown)
            headers = request_headers(self._policy, request, validator, secrets=same_origin(url, first))
            trace.request_headers = without_secrets(request, headers)
            order = Order(
                url=url,
                shown=shown,
                method=request.method,
                headers=headers,
                body=request.body,
                kind=request.kind,
                limit=self._policy.limit(request.kind),
            )
            answer = await self._ask(host, order, trace)
            if answer.status not in REDIRECTS:
                return self._document(request, validator, shown, answer)
            trace.leave()
            validator = None
            url = self._next_hop(order, answer, visited, host)
            if not same_origin(url, first) and trace.credentials.within(str(url)):
                raise _bad_redirect(order, answer, message("fetch.redirect_credential"))
        raise _bad_redirect(order, answer, message("fetch.redirects", most=self._policy.max_redirects))

    async def _ask(self, host: Host, order: Order, trace: Trace) -> Answer:
        """Return the answer of one hop that is a redirect, a 304 or a result; the slot is then still held."""
        async with host.turn(order.shown):
            await trace.admit()
            try:
                answer = await self._timed(host, order, trace)
                trace.remote_address = answer.remote_address
                check_status(host, order, answer, self._now())
            except BaseException:
                trace.leave()
                raise
            return answer

    async def _timed(self, host: Host, order: Order, trace: Trace) -> Answer:
        policy = self._policy
        budget = policy.robots_deadline if order.kind is None else policy.deadline(order.kind)
        async with self._slots:
            loop = asyncio.get_running_loop()
            started = loop.time()
            try:
                return await self._wire.send(order, budget=max(0.0, budget - trace.on_wire))
            except TransientError as failure:
                raise TryAgainError(failure.error, host) from failure
            except Refused as failure:
                if failure.reason == FailureReason.TIMEOUT:
                    host.failed(failure.reason)
                raise
            finally:
                spent = loop.time() - started
                trace.on_wire += spent
                if order.kind not in _FILES:
                    host.record_duration(spent)

    async def _check_robots(self, host: Host, url: httpx.URL, shown: str) -> None:
        """Raise ``NotAllowed`` or ``RetryLater`` where the origin's robots.txt disallows the URL."""
        origin = str(url.copy_with(path="/", query=None, fragment=None))
        rules = host.rules.get(origin)
        if rules is None or rules.expires <= self._now():
            async with host.turn(shown, counts=False):
                rules = host.rules.get(origin)
                if rules is None or rules.expires <= self._now():
                    rules = await self._read_robots(host, url.join("/robots.txt"), shown)
                    host.rules[origin] = rules
        if rules.stopped is not None:
            raise RetryLater(
                message("lists.at", place=shown, text=rules.stopped),
                url=shown,
                # Rules that could not be read are an outage of the host, not a disallow, and are reported as such.
                reason=FailureReason.NOT_REACHED,
                retry_after=max(0.0, (rules.expires - self._now()).total_seconds()),
            )
        if not rules.allows(str(url)):
            raise NotAllowed(message("fetch.robots_disallow", shown=shown), url=shown, reason=FailureReason.ROBOTS)
        if rules.delay is not None and rules.delay > self._policy.crawl_delay_cap:
            raise NotAllowed(
                message("fetch.robots_delay", shown=shown, delay=rules.delay),
                url=shown,
                reason=FailureReason.ROBOTS,
            )
        host.slow_to(rules.delay or 0.0)

    async def _read_robots(self, host: Host, url: httpx.URL, shown: str) -> robots.Rules:
        """Fetch and parse robots.txt, with retries; failures become rules."""
        trace = Trace()
        while True:
            trace.attempts += 1
            try:
                return await self._follow_robots(host, url, shown, trace)
            except TryAgainError as failure:
                wait = max(self._backoff(trace.attempts), failure.retry_after or 0.0)
                host.cool(wait)
                if trace.attempts >= self._policy.attempts or wait > self._policy.backoff_cap:
                    return self._stopped(failure)
                await self._sleep(wait)
            except Refused as failure:
                return self._stopped(failure)

    def _stopped(self, failure: Exception) -> robots.Rules:
        why = message("fetch.robots_unread", failure=failure)
        return robots.stopped(why, agent=self._agent, now=self._now(), retry=self._policy.robots_retry)

    async def _follow_robots(self, host: Host, url: httpx.URL, shown: str, trace: Trace) -> robots.Rules:
        policy = self._policy
        headers = (*identity_headers(policy), ("Accept", "text/plain"))
        for _ in range(policy.max_redirects + 1):
            if url.scheme not in DEFAULT_PORTS:
                break
            order = Order(
                url=url, shown=str(url), method="GET", headers=headers, body=None, kind=None, limit=robots.MAX_BYTES
            )
            answer = await self._timed(host, order, trace)
            location = answer.header("location")
            if answer.status in REDIRECTS and location:
                url = joined(url, location, shown)
                continue
            if answer.status not in robots.STOP_FOR_NOW and answer.status in RETRIED:
                check_status(host, order, answer, self._now())
            host.cool(parse_retry_after(answer.header("retry-after"), self._now()) or 0.0)
            return robots.read_rules(
                answer.status,
                answer.content or b"",
                agent=self._agent,
                now=self._now(),
                max_age=policy.robots_max_age,
                retry=policy.robots_retry,
            )
        # More redirects count as no robots.txt (RFC 9309 §2.3.1.2).
        return robots.Rules(expires=self._now() + timedelta(seconds=policy.robots_max_age), agent=self._agent)

    def _host(self, url: httpx.URL) -> Host:
        name = host_key(url)
        if name not in self._hosts:
            self._hosts[name] = Host(name, self._policy, monotonic=self._monotonic, sleep=self._sleep)
        return self._hosts[name]

    def _next_hop(self, order: Order, answer: Answer, visited: set[str], host: Host) -> httpx.URL:
        host.cool(parse_retry_after(answer.header("retry-after"), self._now()) or 0.0)
        location = answer.header("location")
        if not location:
            raise _bad_redirect(order, answer, message("fetch.redirect_nowhere"))
        if order.method != "GET":
            # The body of a POST is for its original URL only.
            raise _bad_redirect(order, answer, message("fetch.redirect_method", method=order.method))
        target = joined(order.url, location, order.shown)
        if str(target) in visited:
            raise _bad_redirect(order, answer, message("fetch.redirect_circle"))
        return target

    def _document(self, request: Request, validator: Validator | None, final_url: str, answer: Answer) -> Document:
        cached = answer.status == HTTPStatus.NOT_MODIFIED
        if cached and validator is None:
            raise Refused(
                message("fetch.not_modified", url=final_url),
                url=final_url,
                reason=FailureReason.UNREADABLE,
                status=answer.status,
            )
        kept = validator if cached else None
        return Document(
            source=request.source,
            kind=request.kind,
            url=shown_url(request.kind, request.url),
            final_url=final_url,
            status=answer.status,
            headers=answer.headers,
            fetched_at=self._now(),
            sha256=kept.sha256 if kept else answer.sha256,
            size=kept.path.stat().st_size if kept else answer.size,
            content=None if kept else answer.content,
            path=kept.path if kept else answer.path,
            context=request.context,
            from_cache=cached,
        )


def _bad_redirect(order: Order, answer: Answer, what: str) -> Refused:
    return Refused(
        message("lists.at", place=order.shown, text=what),
        url=order.shown,
        reason=FailureReason.REDIRECT,
        status=answer.status,
    )

"""Per-host rate limiter and circuit breaker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from ipwatch.errors import Blocked, RetryLater
from ipwatch.fetch.policy import FetchPolicy
from ipwatch.fetch.robots import Rules
from ipwatch.records import FailureReason
from ipwatch.terms import message


@dataclass(frozen=True, slots=True, kw_only=True)
class HostState:
    """The state of one host, for a source's status.

    ``host`` is ``host`` or ``host:port``. ``blocked`` means that the circuit is open: after consecutive refusals the
    host is not used again in this run. ``given_up`` is why a host that is too slow is not used again in this run, else
    ``None``. ``cooling_for`` is the remaining cool-down in seconds. ``refusals`` (403, 429, challenges) and
    ``failures`` (timeouts, 5xx) count consecutive ones.
    """

    host: str
    requests: int
    blocked: bool
    refusals: int
    failures: int
    cooling_for: float
    interval: float
    robots: str
    given_up: str | None = None


class Host:
    """Rate limiter and circuit breaker of one host; used in the event loop only."""

    def __init__(
        self,
        name: str,
        policy: FetchPolicy,
        *,
        monotonic: Callable[[], float],
        sleep: Callable[[float], Awaitable[object]],
    ) -> None:
        self.name = name
        self.rules: dict[str, Rules] = {}
        self.interval = policy.interval_for(name)
        self._policy = policy
        self._monotonic = monotonic
        self._sleep = sleep
        self._lock = asyncio.Lock()
        self._next_at = monotonic()
        self._cool_until = self._next_at
        self._requests = 0
        self._refusals = 0
        self._failures = 0
        self._timeouts = 0
        self._exchanges = 0
        self._on_wire = 0.0
        self._open = False
        self._given_up: str | None = None

    @asynccontextmanager
    async def turn(self, url: str, *, counts: bool = True) -> AsyncIterator[None]:
        """Hold the host's only slot, after waiting for its interval and cool-down.

        Raises ``Blocked`` where the circuit is open and ``RetryLater`` where the host was given up or the wait would be
        longer than the policy's maximum. ``counts=False`` is for robots.txt, after which the actual request is sent at
        once.
        """
        async with self._lock:
            while (delay := self._delay(url)) > 0:
                await self._sleep(delay)
            if counts:
                self._next_at = self._monotonic() + self.interval
            self._requests += 1
            yield

    def cool(self, seconds: float) -> None:
        """Send nothing to the host for this time, up to the policy's ``max_cooling``."""
        until = self._monotonic() + min(seconds, self._policy.max_cooling)
        self._cool_until = max(self._cool_until, until)

    def slow_to(self, seconds: float) -> None:
        """Apply the crawl delay of robots.txt as a minimum of the interval."""
        self.interval = max(self.interval, seconds)

    def answered(self) -> None:
        """Record a successful answer."""
        self._refusals = 0
        self._failures = 0
        self._timeouts = 0

    def refused(self) -> bool:
        """Record a 403, 429 or challenge; return whether the circuit is open."""
        self._refusals += 1
        self._open = self._open or self._refusals >= self._policy.breaker
        return self._open

    def failed(self, reason: str) -> None:
        """Record a failed fetch; after consecutive ones the host cools down, and requests fail without waiting.

        After consecutive timeouts the host is given up for the whole run, as these cost the most time.
        """
        self._failures += 1
        self._timeouts = self._timeouts + 1 if reason == FailureReason.TIMEOUT else 0
        if self._timeouts >= self._policy.timeouts:
            self._given_up = message("fetch.timeouts", count=self._timeouts)
        if self._failures >= self._policy.breaker:
            self.cool(self._policy.max_wait)

    def record_duration(self, seconds: float) -> None:
        """Record the time of an exchange; a host that is slow on average is given up although it answers."""
        self._exchanges += 1
        self._on_wire += seconds
        if self._on_wire > self._policy.patience + self._policy.mean_time * self._exchanges:
            self._given_up = message("fetch.slow", seconds=self._on_wire, exchanges=self._exchanges)

    def state(self) -> HostState:
        """Return the current state."""
        return HostState(
            host=self.name,
            requests=self._requests,
            blocked=self._open,
            refusals=self._refusals,
            failures=self._failures,
            cooling_for=max(0.0, self._cool_until - self._monotonic()),
            interval=self.interval,
            robots="; ".join(f"{origin}: {rules.summary}" for origin, rules in self.rules.items()) or "not asked",
            given_up=self._given_up,
        )

    def _delay(self, url: str) -> float:
        if self._open:
            raise Blocked(
                message("fetch.refusals", name=self.name, count=self._refusals),
                url=url,
                reason=FailureReason.BLOCKED,
            )
        if self._given_up is not None:
            raise RetryLater(
                message("fetch.given_up", name=self.name, why=self._given_up),
                url=url,
                reason=FailureReason.NOT_REACHED,
            )
        now = self._monotonic()
        if self._failures >= self._policy.breaker and self._cool_until > now:
            raise RetryLater(
                message("fetch.failures", name=self.name, count=self._failures),
                url=url,
                reason=FailureReason.NOT_REACHED,
                retry_after=self._cool_until - now,
            )
        delay = max(self._next_at, self._cool_until) - now
        if delay > self._policy.max_wait:
            raise RetryLater(
                message("fetch.wait", name=self.name, delay=delay),
                url=url,
                reason=FailureReason.RATE_LIMITED,
                retry_after=delay,
            )
        return delay

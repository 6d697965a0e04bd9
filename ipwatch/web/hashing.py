"""Queue for password hashing: two at once, known devices first, the others in a short line."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import anyio
import anyio.to_thread

from ipwatch.store.accounts import MAX_HASHES

MAX_LINE = 16
"""Requests that may wait in each of the two lines."""
MAX_SECONDS = 40.0
"""Maximum wait: the whole line at five seconds a hash, ten times the time on an idle machine."""

Result = TypeVar("Result")


class HashingBusyError(Exception):
    """The line is full, or the wait was too long; the caller answers 503."""


class HashingTurns:
    """The queue. Used from one event loop at a time; waiting requests hold no thread."""

    def __init__(self) -> None:
        self._free = MAX_HASHES
        self._known: deque[anyio.Event] = deque()
        self._strangers: deque[anyio.Event] = deque()

    async def run(self, work: Callable[[], Result], *, known: bool) -> Result:
        """Return what ``work`` returns, run in a thread outside the pool that serves the pages.

        Raises ``HashingBusyError``.
        """
        async with self._turn(known=known):
            return await anyio.to_thread.run_sync(work, limiter=anyio.CapacityLimiter(1))

    @asynccontextmanager
    async def _turn(self, *, known: bool) -> AsyncIterator[None]:
        if self._free:
            self._free -= 1
        else:
            await self._wait(self._known if known else self._strangers)
        try:
            yield
        finally:
            self._pass_on()

    async def _wait(self, line: deque[anyio.Event]) -> None:
        if len(line) >= MAX_LINE:
            raise HashingBusyError
        called = anyio.Event()
        line.append(called)
        admitted = False
        try:
            with anyio.move_on_after(MAX_SECONDS):
                await called.wait()
            admitted = called.is_set()
        finally:
            if not called.is_set():
                line.remove(called)
            elif not admitted:  # the request was cancelled at the moment of its turn
                self._pass_on()
        if not admitted:
            raise HashingBusyError

    def _pass_on(self) -> None:
        line = self._known or self._strangers
        if line:
            line.popleft().set()
        else:
            self._free += 1

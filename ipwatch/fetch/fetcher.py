"""The fetcher: a synchronous interface to an event loop in its own thread."""

from __future__ import annotations

import asyncio
import concurrent.futures
import queue
import random
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine, Generator, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from types import TracebackType
from typing import Self, TypeVar

import httpcore

from ipwatch.errors import ConfigError, FetchError
from ipwatch.fetch.address_guard import GuardedBackend, GuardedTransport, Resolver, resolve
from ipwatch.fetch.credentials import Credentials
from ipwatch.fetch.exchange import Wire
from ipwatch.fetch.host_limiter import HostState
from ipwatch.fetch.min_rate import Pace
from ipwatch.fetch.policy import FetchPolicy, Validator, Validators
from ipwatch.fetch.redact import shown_url
from ipwatch.fetch.request_lifecycle import Crawl, Trace
from ipwatch.records import Document, Request
from ipwatch.terms import message, os_reason

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """The result of one request: a document or an error, never both.

    ``elapsed`` is the time of all exchanges in seconds. ``request_headers`` are those of the last hop, without secrets.
    """

    request: Request
    document: Document | None
    error: FetchError | None
    attempts: int
    elapsed: float
    request_headers: tuple[tuple[str, str], ...]
    remote_address: str | None


class Fetcher:
    """Fetches documents within the limits of hosts; a context manager, to be used from one thread at a time.

    ``credentials`` are the secret values of the source, which are removed from responses (module ``credentials``).
    ``now`` returns the aware UTC time of documents; ``monotonic``, ``sleep`` and ``jitter`` (0..1) drive the rate
    limits of hosts. ``resolver`` and ``network`` are what the address guard resolves and connects with.
    """

    def __init__(
        self,
        policy: FetchPolicy,
        *,
        now: Callable[[], datetime],
        validators: Validators | None = None,
        credentials: Iterable[str] = (),
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
        resolver: Resolver = resolve,
        network: httpcore.AsyncNetworkBackend | None = None,
    ) -> None:
        try:
            policy.spool.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(message("fetch.spool", spool=policy.spool, reason=os_reason(error))) from error
        self._policy = policy
        self._validators = validators
        backend = GuardedBackend(
            policy.allowed_endpoints(), resolver=resolver, network=network or httpcore.AnyIOBackend()
        )
        # Idle connections are kept open; there is never more than one request in flight per host.
        wire = Wire(
            GuardedTransport(backend, connections=policy.concurrency * 2),
            spool=policy.spool,
            connect_timeout=policy.connect_timeout,
            read_timeout=policy.read_timeout,
            max_header_bytes=policy.max_header_bytes,
            pace=Pace(policy.body_grace, policy.body_rate),
        )
        self._crawl = Crawl(
            policy,
            wire,
            credentials=Credentials(credentials),
            now=now,
            monotonic=monotonic,
            sleep=sleep,
            jitter=jitter,
        )
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="ipwatch-fetch", daemon=True)
        self._thread.start()

    def fetch(self, request: Request) -> Document:
        """Return the document of one request; raises ``FetchError``."""
        future = self._submit(self._crawl.fetch(request, Trace(), self._validator(request)))
        try:
            return future.result()
        finally:
            future.cancel()

    def fetch_all(self, requests: Iterable[Request]) -> Generator[Fetched, None, None]:
        """Yield the result of each request, in the order of completion; hosts are fetched from in parallel.

        At most ``policy.prefetch`` requests are read ahead, in the caller's thread, and at most twice
        ``policy.concurrency`` documents wait to be consumed. An exhausted iterator is asked again after each result, so
        a queue that grows from the results can be passed. Closing the generator cancels pending requests.
        """
        gate = asyncio.Semaphore(self._policy.concurrency * 2)
        done: queue.SimpleQueue[concurrent.futures.Future[Fetched]] = queue.SimpleQueue()
        pending: set[concurrent.futures.Future[Fetched]] = set()
        running: set[asyncio.Task[object]] = set()
        source = iter(requests)
        try:
            while True:
                for request in islice(source, self._policy.prefetch - len(pending)):
                    future = self._submit(self._deliver(request, self._validator(request), gate, running))
                    pending.add(future)
                    future.add_done_callback(done.put)
                if not pending:
                    return
                future = done.get()
                pending.discard(future)
                fetched = future.result()
                if fetched.document is not None:
                    self._loop.call_soon_threadsafe(gate.release)
                yield fetched
        finally:
            for future in pending:
                future.cancel()
            if not self._loop.is_closed():
                self._submit(_cancel(running)).result()

    def host_states(self) -> list[HostState]:
        """Return the state of every host used so far, by name."""
        return self._submit(self._crawl.host_states()).result()

    def close(self) -> None:
        """Cancel pending requests, close every connection and end the thread; may be called twice."""
        if self._loop.is_closed():
            return
        self._submit(self._shut_down()).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _submit(self, work: Coroutine[object, object, T]) -> concurrent.futures.Future[T]:
        if self._loop.is_closed():
            work.close()
            raise ValueError("the fetcher is closed")
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def _validator(self, request: Request) -> Validator | None:
        """Return the validator of a GET; none where the redacted URL may be that of several requests."""
        if self._validators is None or request.method != "GET":
            return None
        if request.secret_query or shown_url(request.kind, request.url) != request.url:
            return None
        known = self._validators.get(request.url)
        return known if known is not None and known.path.is_file() else None

    async def _deliver(
        self,
        request: Request,
        validator: Validator | None,
        gate: asyncio.Semaphore,
        running: set[asyncio.Task[object]],
    ) -> Fetched:
        task = asyncio.current_task()
        if task is not None:
            running.add(task)
            task.add_done_callback(running.discard)
        trace = Trace(gate=gate)
        document: Document | None = None
        failure: FetchError | None = None
        try:
            document = await self._crawl.fetch(request, trace, validator)
        except FetchError as error:
            failure = error
        return Fetched(
            request=request,
            document=document,
            error=failure,
            attempts=trace.attempts,
            elapsed=trace.on_wire,
            request_headers=trace.request_headers,
            remote_address=trace.remote_address,
        )

    async def _shut_down(self) -> None:
        own_task = asyncio.current_task()
        await _cancel({task for task in asyncio.all_tasks() if task is not own_task})
        await self._crawl.aclose()
        await self._loop.shutdown_asyncgens()
        await self._loop.shutdown_default_executor()


async def _cancel(tasks: set[asyncio.Task[object]]) -> None:
    waiting = set(tasks)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)

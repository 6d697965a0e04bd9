from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fetch.faults import DialLog, FakeClock, FaultServer, Make, Page, Reply, answer

from ipwatch.fetch import Fetcher, FetchPolicy
from ipwatch.records import Request, RequestKind


@pytest.fixture
def server() -> Iterator[FaultServer]:
    faults = FaultServer()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    listening = asyncio.run_coroutine_threadsafe(
        asyncio.start_server(faults.serve, "127.0.0.1", 0, limit=2**22), loop
    ).result()
    faults.port = listening.sockets[0].getsockname()[1]
    yield faults

    async def stop() -> None:
        listening.close()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run_coroutine_threadsafe(stop(), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def dials() -> DialLog:
    return DialLog()


@pytest.fixture
def make_fetcher(server: FaultServer, clock: FakeClock, dials: DialLog, tmp_path: Path) -> Iterator[Make]:
    made: list[Fetcher] = []

    def make(*, validators: Any = None, resolver: Any = None, **limits: Any) -> Fetcher:
        defaults: dict[str, Any] = {
            "user_agent": "ipwatch/1.0",
            "contact": "https://example.org/ipwatch",
            "spool": tmp_path / "spool",
            "interval": 0.0,
            "read_timeout": 1.0,
            "connect_timeout": 1.0,
            "deadlines": dict.fromkeys(RequestKind, 3.0),
            "allow": (f"127.0.0.1:{server.port}",),
        }
        options = {} if resolver is None else {"resolver": resolver}
        fetcher = Fetcher(
            FetchPolicy(**(defaults | limits)),
            now=clock.now,
            validators=validators,
            monotonic=clock.monotonic,
            sleep=clock.sleep,
            jitter=lambda: 1.0,
            network=dials,
            **options,
        )
        made.append(fetcher)
        return fetcher

    yield make
    for fetcher in made:
        fetcher.close()


@pytest.fixture
def fetcher(make_fetcher: Make) -> Fetcher:
    return make_fetcher()


@pytest.fixture
def page() -> Page:
    def make(url: str, kind: RequestKind = RequestKind.PAGE, **options: Any) -> Request:
        # With a key, as most interfaces are called: only what robots.txt governs asks for it.
        key = {"secret_headers": (("X-Key", "k"),)} if kind is RequestKind.API else {}
        return Request(source="shop", url=url, kind=kind, **(key | options))

    return make


@pytest.fixture
def reply() -> Reply:
    return answer

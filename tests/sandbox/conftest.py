from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from sandbox.calls import TODAY, Ask

from ipwatch.sandbox import Composition, Sandbox, World, build_world, running


@pytest.fixture(scope="session")
def world() -> World:
    return build_world(11, 900, TODAY, Composition.ENGINE)


@pytest.fixture(scope="session")
def shared_sandbox(world: World) -> Iterator[Sandbox]:
    with running(world) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def market() -> World:
    return build_world(12, 700, TODAY)


@pytest.fixture(scope="session")
def market_sandbox(market: World) -> Iterator[Sandbox]:
    with running(market) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(shared_sandbox: Sandbox) -> Sandbox:
    shared_sandbox.set_faults([])
    return shared_sandbox


@pytest.fixture
def ask(sandbox: Sandbox) -> Iterator[Ask]:
    with _asking(sandbox) as send:
        yield send


@pytest.fixture
def ask_market(market_sandbox: Sandbox) -> Iterator[Ask]:
    with _asking(market_sandbox) as send:
        yield send


@contextmanager
def _asking(sandbox: Sandbox) -> Iterator[Ask]:
    with httpx.Client(timeout=10) as client:

        def send(
            host: str, path: str, *, method: str = "GET", headers: dict[str, str] | None = None, **options: Any
        ) -> httpx.Response:
            named = (headers or {}) | {"Host": f"{host}.localhost:{sandbox.port}"}
            return client.request(method, f"http://127.0.0.1:{sandbox.port}{path}", headers=named, **options)

        yield send

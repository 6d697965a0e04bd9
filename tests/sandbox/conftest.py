from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sandbox.calls import TODAY, Ask

from ipwatch.sandbox import Sandbox, World, build_world, running


@pytest.fixture(scope="session")
def world() -> World:
    return build_world(11, 900, TODAY)


@pytest.fixture(scope="session")
def shared_sandbox(world: World) -> Iterator[Sandbox]:
    with running(world) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(shared_sandbox: Sandbox) -> Sandbox:
    shared_sandbox.set_faults([])
    return shared_sandbox


@pytest.fixture
def ask(sandbox: Sandbox) -> Iterator[Ask]:
    with httpx.Client(timeout=10) as client:

        def send(
            host: str, path: str, *, method: str = "GET", headers: dict[str, str] | None = None, **options: Any
        ) -> httpx.Response:
            named = (headers or {}) | {"Host": f"{host}.localhost:{sandbox.port}"}
            return client.request(method, f"http://127.0.0.1:{sandbox.port}{path}", headers=named, **options)

        yield send

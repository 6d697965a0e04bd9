"""The server whose every byte a test decides, and the witnesses of what the fetcher did."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpcore

from ipwatch.fetch import Fetcher
from ipwatch.records import Request

Page = Callable[..., Request]
Reply = Callable[..., bytes]
Make = Callable[..., Fetcher]
Handler = Callable[["Visit", asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Visit:
    received_at: float
    method: str
    host: str
    path: str
    headers: dict[str, str]
    body: bytes


def answer(status: int = 200, body: bytes = b"<p>ok", **headers: str) -> bytes:
    fields = {"content-type": "text/html", "content-length": str(len(body))}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value)
    return f"HTTP/1.1 {status} Status\r\n{lines}\r\n".encode("latin-1") + body


@dataclass
class FaultServer:
    """A server on loopback whose every byte the test decides. A route is bytes, a list of them, or a coroutine."""

    port: int = 0
    routes: dict[str, bytes | list[bytes] | Handler] = field(default_factory=dict)
    visits: list[Visit] = field(default_factory=list)

    def url(self, path: str, host: str = "shop.localhost") -> str:
        return f"http://{host}:{self.port}{path}"

    def paths(self) -> list[str]:
        return [visit.path for visit in self.visits]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                await self.reply(head, reader, writer)
                await writer.drain()
                if writer.is_closing():
                    break
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            return
        finally:
            writer.close()

    async def reply(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        path = target.partition("?")[0]
        visit = Visit(asyncio.get_running_loop().time(), method, headers["host"], target, headers, body)
        self.visits.append(visit)
        route = self.routes.get(f"{headers['host'].partition(':')[0]}{path}", self.routes.get(path))
        if isinstance(route, list):
            route = route.pop(0) if len(route) > 1 else route[0]
        if route is None:
            route = answer(404, b"")
        if isinstance(route, bytes):
            writer.write(route)
        else:
            await route(visit, writer)


class DialLog(httpcore.AnyIOBackend):
    """Opens real connections and remembers each, so that a test can assert that there was none."""

    def __init__(self) -> None:
        self.dials: list[tuple[str, int]] = []

    async def connect_tcp(self, host: str, port: int, *args: Any, **options: Any) -> httpcore.AsyncNetworkStream:
        self.dials.append((host, port))
        return await super().connect_tcp(host, port, *args, **options)


class FakeClock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.start = datetime(2026, 1, 5, 12, tzinfo=UTC)
        self.seconds = 0.0
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.start + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds
        await asyncio.sleep(0)

"""Pages per second of the fetcher compared with the bare HTTP client, on loopback in the same run; one JSON line.

Sixteen hosts serve bodies of 100 kB. The bare client has no address guard, robots.txt, limits, decoding or hashing. The
server runs in its own process. Run: ``python -m benchmarks.system.fetch``.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import multiprocessing
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

import httpx

from ipwatch.evidence import EvidenceStore
from ipwatch.fetch import Fetcher, FetchPolicy
from ipwatch.records import Document, Request, RequestKind

HOSTS = 16
PAGES = 1600
ROUNDS = 3
BODY = b"<p>" + bytes(range(32, 127)) * 1052 + b"</p>"
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: %d\r\n\r\n" % len(BODY)
NO_ROBOTS = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            writer.write(NO_ROBOTS if head.startswith(b"GET /robots.txt ") else HEAD + BODY)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        return
    finally:
        writer.close()


async def _listen(pipe: Connection) -> None:
    server = await asyncio.start_server(_answer, "127.0.0.1", 0, backlog=256)
    pipe.send(server.sockets[0].getsockname()[1])
    async with server:
        await server.serve_forever()


def _serve(pipe: Connection) -> None:
    asyncio.run(_listen(pipe))


def _urls(port: int, host: str) -> list[str]:
    return [f"http://{host.format(number % HOSTS)}:{port}/items/{number}" for number in range(PAGES)]


async def _bare(urls: Sequence[str]) -> float:
    limits = httpx.Limits(max_connections=HOSTS)
    async with httpx.AsyncClient(limits=limits, trust_env=False) as client:
        waiting = iter(urls)

        async def work() -> None:
            for url in waiting:
                (await client.get(url)).raise_for_status()

        started = time.perf_counter()
        await asyncio.gather(*(work() for _ in range(HOSTS)))
        return PAGES / (time.perf_counter() - started)


def _polite(urls: Sequence[str], port: int, spool: Path) -> float:
    policy = FetchPolicy(user_agent="ipwatch-benchmark/1.0", spool=spool, interval=0, allow=(f"127.0.0.1:{port}",))
    requests = [Request(source="benchmark", url=url, kind=RequestKind.PAGE) for url in urls]
    whole = 0
    with Fetcher(policy, now=lambda: datetime.now(UTC)) as fetcher:
        started = time.perf_counter()
        for fetched in fetcher.fetch_all(requests):
            if fetched.document is None or fetched.document.size != len(BODY):
                sys.exit(f"{fetched.request.url}: {fetched.error}")
            whole += 1
        rate = whole / (time.perf_counter() - started)
    if whole != PAGES:
        sys.exit(f"{whole} of {PAGES} pages came")
    return rate


def _keep(root: Path, batch: int) -> float:
    """Return durable captures per second of different bodies of the same size."""
    request = Request(source="benchmark", url="http://shop.localhost/", kind=RequestKind.PAGE)
    spent = 0.0
    store = EvidenceStore(root)
    for first in range(0, PAGES, batch):
        documents = [_document(request, number) for number in range(first, min(first + batch, PAGES))]
        started = time.perf_counter()
        with store.batch():
            for document in documents:
                store.put(document, request=request, request_headers=(), remote_address="127.0.0.1")
        spent += time.perf_counter() - started
    return PAGES / spent


def _document(request: Request, number: int) -> Document:
    body = b"%08d" % number + BODY[8:]
    return Document(
        source=request.source,
        kind=request.kind,
        url=request.url,
        final_url=request.url,
        status=200,
        headers=(("content-type", "text/html"),),
        fetched_at=datetime(2026, 1, 5, tzinfo=UTC),
        sha256=hashlib.sha256(body).hexdigest(),
        size=len(body),
        content=body,
    )


def main() -> None:
    """Measure and print."""
    near, far = multiprocessing.Pipe()
    server = multiprocessing.Process(target=_serve, args=(far,), daemon=True)
    server.start()
    port = near.recv()
    bare: list[float] = []
    polite: list[float] = []
    try:
        with tempfile.TemporaryDirectory() as directory:
            for _ in range(ROUNDS):
                bare.append(asyncio.run(_bare(_urls(port, "127.0.0.1"))))
                polite.append(_polite(_urls(port, "shop{}.localhost"), port, Path(directory) / "spool"))
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            kept = {size: _keep(Path(directory) / f"evidence-{size}", size) for size in (1, 50)}
    finally:
        server.terminate()
        server.join()
    print(
        json.dumps(
            {
                "benchmark": "fetch",
                "hosts": HOSTS,
                "pages": PAGES,
                "body_bytes": len(BODY),
                "bare_pages_per_s": round(statistics.median(bare)),
                "fetch_all_pages_per_s": round(statistics.median(polite)),
                "ratio": round(statistics.median(polite) / statistics.median(bare), 2),
                "peak_mib": round(peak),
                "evidence_captures_per_s": {str(size): round(rate) for size, rate in kept.items()},
            }
        )
    )


if __name__ == "__main__":
    main()

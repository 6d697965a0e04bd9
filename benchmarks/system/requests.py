"""Effect of thousands of half-sent and dropped requests on other users: one JSON line per round.

python -m benchmarks.system.requests [--requests 2000] [--cases 2000] [--descriptors 1024]

Each round measures a single user without load, then again while another process attacks from one address or from
twenty. ``ratio`` is the 95th percentile under attack divided by that without, as the machine may be busy otherwise.
Memory, descriptors and the length of the log are those of the server process.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import secrets
import selectors
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from benchmarks.system.review import fill
from ipwatch.store import accounts
from ipwatch.store.session import Database, upgrade

HOST = "127.0.0.1"
READER = "127.0.0.250"
PATHS = ("/", "/login", "/?state=all&sort=newest", "/sources")
QUIET_SECONDS = 6
SETTLE_SECONDS = 45
HEAD = "POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nSec-Fetch-Site: same-origin\r\n"
FORM = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 900\r\n\r\nname=a&password="
PARTS = tuple(part.encode() for part in ("", "GET / HT", HEAD, HEAD + FORM, HEAD.replace("login", "logout") + FORM))
_PROGRAM = "from ipwatch.cli import main; main()"


@dataclass
class Page:
    """The web server in its own process, a signed-in client, and its response times."""

    process: subprocess.Popen[bytes]
    log: Path
    port: int
    reader: httpx.Client
    failed: int = 0
    peak: dict[str, int] = field(default_factory=dict)

    def usage(self) -> dict[str, int]:
        """Return memory in kB, open descriptors and bytes of log, and update the peaks."""
        status = Path(f"/proc/{self.process.pid}/status").read_text("utf-8")
        rss = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
        fds = len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))
        usage = {"rss_kb": rss, "fds": fds, "log_bytes": self.log.stat().st_size}
        self.peak = {name: max(value, self.peak.get(name, 0)) for name, value in usage.items()}
        return usage

    def times(self, seconds: float, attack: subprocess.Popen[bytes] | None = None) -> list[float]:
        """Request pages for so long, or as long as an attack lasts; return the milliseconds of each response."""
        taken = []
        start = time.perf_counter()
        while time.perf_counter() - start < seconds or (attack is not None and attack.poll() is None):
            begun = time.perf_counter()
            try:
                answer = self.reader.get(PATHS[len(taken) % len(PATHS)])
                self.failed += answer.status_code != httpx.codes.OK
            except httpx.TransportError:
                self.failed += 1
            taken.append((time.perf_counter() - begun) * 1000)
            self.usage()
        return taken


@contextmanager
def serving(cases: int, descriptors: int) -> Iterator[Page]:
    """Fill a database, serve it with a limit of descriptors, and sign in."""
    password = secrets.token_urlsafe()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        prepare(data, cases, password)
        log = data / "page.log"
        environment = {**os.environ, "IPWATCH_DATA_DIR": folder, "IPWATCH_WEB_PORT": "0"}
        with log.open("wb") as stream:
            process = subprocess.Popen([sys.executable, "-c", _PROGRAM, "serve"], stderr=stream, env=environment)
        hard = resource.prlimit(process.pid, resource.RLIMIT_NOFILE)[1]
        resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (descriptors, max(descriptors, min(hard, 4096))))
        try:
            port = wait_for_port(process, log)
            transport = httpx.HTTPTransport(local_address=READER, limits=httpx.Limits(max_keepalive_connections=0))
            with httpx.Client(base_url=f"http://{HOST}:{port}", transport=transport, timeout=60) as reader:
                form = {"name": "reader", "password": password}
                answer = reader.post("/login", data=form, headers={"Sec-Fetch-Site": "same-origin"})
                if answer.status_code != httpx.codes.SEE_OTHER:
                    raise SystemExit(f"signing in: {answer.status_code}")
                yield Page(process, log, port, reader)
        finally:
            process.terminate()
            process.wait(60)


def prepare(data: Path, cases: int, password: str) -> None:
    """Create a database with cases and one account."""
    url = f"sqlite:///{data / 'ipwatch.db'}"
    upgrade(url)
    database = Database(url)
    fill(database, cases)
    account = accounts.new_account("reader", "reader", role="reviewer", password=password)
    with database.write_session() as session:
        accounts.add_account(session, account, now=datetime.now(UTC))
    database.dispose()


def wait_for_port(process: subprocess.Popen[bytes], log: Path) -> int:
    """Return the port on which the server listens, from its log."""
    deadline = time.monotonic() + 120
    while "Review page: " not in (text := log.read_text("utf-8")):
        if process.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(f"the page does not start: {text}")
        time.sleep(0.1)
    return int(text.partition("Review page: http://")[2].partition("/")[0].rpartition(":")[2])


def attack(port: int, half_sent: int, dropped: int, sources: Sequence[str]) -> None:
    """Send partial requests as fast as possible: some are held open as long as possible, some dropped.

    Connections are closed unread, so that the server gets resets as well as ends.
    """
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    held: list[socket.socket] = []
    kinds = ["half"] * half_sent + ["dropped"] * dropped
    for number, kind in enumerate(kinds[::2] + kinds[1::2]):
        with suppress(OSError):
            connection = socket.create_connection(
                (HOST, port), timeout=60, source_address=(sources[number % len(sources)], 0)
            )
            connection.sendall(PARTS[number % len(PARTS)])
            if kind == "half":
                held.append(connection)
            else:
                connection.close()
    wait_until_ended(held, seconds=10)


def wait_until_ended(held: list[socket.socket], seconds: float) -> None:
    """Hold connections until the server has closed each, or for so long."""
    selector = selectors.DefaultSelector()
    for connection in held:
        connection.setblocking(False)
        selector.register(connection, selectors.EVENT_READ)
    deadline = time.monotonic() + seconds
    while selector.get_map() and time.monotonic() < deadline:
        for key, _ in selector.select(timeout=0.5):
            with suppress(OSError):
                if isinstance(key.fileobj, socket.socket) and key.fileobj.recv(65536):
                    continue
            selector.unregister(key.fileobj)


def summary(taken: list[float]) -> dict[str, float]:
    """Return the statistics of a list of times."""
    return {
        "asked": len(taken),
        "p50_ms": round(statistics.median(taken), 1),
        "p95_ms": round(statistics.quantiles(taken, n=20)[-1], 1),
        "most_ms": round(max(taken), 1),
    }


def measure(page: Page, half_sent: int, dropped: int, sources: int) -> dict[str, Any]:
    """Return the figures of one round."""
    page.failed, page.peak = 0, {}
    before = page.usage()
    alone = summary(page.times(QUIET_SECONDS))
    page.peak = {}
    numbers = [str(number) for number in (page.port, half_sent, dropped, sources)]
    attacker = subprocess.Popen([sys.executable, "-m", __spec__.name, "--attack", *numbers])
    under = summary(page.times(QUIET_SECONDS, attacker))
    peak = page.peak
    deadline = time.monotonic() + SETTLE_SECONDS
    while page.usage()["fds"] > before["fds"] + 4 and time.monotonic() < deadline:
        time.sleep(0.5)
    return {
        "half_sent": half_sent,
        "dropped": dropped,
        "addresses": sources,
        "alone": alone,
        "under_attack": under,
        "ratio": round(under["p95_ms"] / alone["p95_ms"], 2),
        "failed": page.failed,
        "before": before,
        "peak": peak,
        "after": page.usage(),
    }


def main() -> None:
    """Run every kind of attack and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=2000, help="how many of each kind")
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--descriptors", type=int, default=1024, help="RLIMIT_NOFILE that the page starts with")
    parser.add_argument("--attack", type=int, nargs=4, help=argparse.SUPPRESS)
    read = parser.parse_args()
    if read.attack:
        port, half_sent, dropped, sources = read.attack
        attack(port, half_sent, dropped, [f"127.0.0.{2 + number}" for number in range(sources)])
        return
    with serving(read.cases, read.descriptors) as page:
        page.times(2)
        for sources in (1, 20):
            for half_sent, dropped in ((read.requests, 0), (0, read.requests), (read.requests, read.requests)):
                result = measure(page, half_sent, dropped, sources)
                print(json.dumps({"benchmark": "requests", "descriptors": read.descriptors, **result}), flush=True)


if __name__ == "__main__":
    main()

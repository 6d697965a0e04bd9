"""The review page as a real process, and clients that come from addresses of their own."""

from __future__ import annotations

import os
import re
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

START_SECONDS = 180
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For clients of plain HTTP: reading the usual certificates takes longer than their requests."""
SERVE = "from ipwatch.cli import main; main()"
QUICK_COST = (2**10, 8, 1)
"""A hash of a password at this cost takes milliseconds: for tests in which only the number of hashes counts."""
QUICKLY = (
    f"from ipwatch.store import accounts; accounts._COST = {QUICK_COST}; "
    "accounts._NOBODY = accounts._written(bytes(16), bytes(32)); "
)


@dataclass(frozen=True)
class Serving:
    """A process that serves the page, and the file with its output."""

    address: str
    process: subprocess.Popen[bytes]
    log: Path

    def memory(self, name: str) -> int:
        """Return ``VmRSS`` or ``VmHWM`` (the most there ever was) in MiB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text("utf-8")
        match = re.search(rf"^{name}:\s+(\d+) kB", status, re.MULTILINE)
        assert match is not None
        return int(match.group(1)) // 1024

    def client(self, address: str = "127.0.0.1") -> httpx.Client:
        """Return a client that calls from that address of this machine."""
        transport = httpx.HTTPTransport(local_address=address, verify=NO_TLS)
        return httpx.Client(base_url=self.address, transport=transport, timeout=120)


@contextmanager
def serving(data_dir: Path, log: Path, *, quick: bool = False) -> Iterator[Serving]:
    """Serve the page over a data directory until the block ends; ``quick``: a name without account costs no time."""
    command = [sys.executable, "-c", f"{QUICKLY}{SERVE}" if quick else SERVE, "--log-json", "serve"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("IPWATCH_")}
    environment |= {"IPWATCH_DATA_DIR": str(data_dir), "IPWATCH_WEB_PORT": "0"}
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)  # noqa: S603 - our own command
    try:
        yield Serving(_address(process, log), process, log)
    finally:
        process.terminate()
        process.wait(120)


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + START_SECONDS
    while not (match := re.search(r"http://127\.0\.0\.1:\d+", log.read_text("utf-8"))):
        assert process.poll() is None, log.read_text("utf-8")
        assert time.monotonic() < deadline, "the review page did not start"
        time.sleep(0.05)
    return match.group(0)


def sign_in(client: httpx.Client, name: str, password: str) -> httpx.Response:
    """Post the form of the login as the page itself does."""
    form = {"name": name, "password": password, "next": "/sources"}
    return client.post("/login", data=form, headers={"Sec-Fetch-Site": "same-origin"})


def at_once(client: httpx.Client, entries: list[tuple[str, str]]) -> list[httpx.Response]:
    """Sign in with all names and passwords at the same time."""
    with ThreadPoolExecutor(len(entries)) as pool:
        return list(pool.map(lambda entry: sign_in(client, *entry), entries))

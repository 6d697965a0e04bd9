"""Secrets sent to every route, through every error and every end of a request, are in no log."""

from __future__ import annotations

import os
import pty
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

import httpx
import pytest
from web.asking import HOST
from web.routing import Address, addresses
from web.signing_in import NO_TLS
from web.world import NOW

from ipwatch.store import accounts
from ipwatch.store.session import Database
from ipwatch.web import create_app

# With a quotation mark, an apostrophe, a backslash and Japanese: unescaped, none occurs in JSON, HTML or an address.
PASSWORD = "canary-password-\"'\\-三日月-Qx7"
NEW_PASSWORD = "canary-new-password-Zt4-満月"
ORIGIN = "http://canary-origin.example"
AUTHORIZATION = "Bearer canary-authorization-Rw2"
COOKIE = "canary-cookie-Lm9"
QUERY = "canary-query-Pk3"
NOTE = "canary-note-Vb8"
CREDENTIAL = "canary-credential-Hn5"
DATABASE_PASSWORD = "canary-database-Jc6"
# What no answer may hold either: the query and the note are the reader's own words.
NEVER_ANSWERED = (
    PASSWORD,
    NEW_PASSWORD,
    "canary-origin",
    "canary-authorization",
    COOKIE,
    CREDENTIAL,
    DATABASE_PASSWORD,
)
CANARY = re.compile("canary|三日月|満月|\\\\u4e09|%E4%B8%89")

_PROGRAM = "from ipwatch.cli import main; main()"


@dataclass
class Running:
    """``ipwatch serve`` in a separate process, its log so far, and the session of a signed-in account."""

    process: subprocess.Popen[bytes]
    log: bytearray
    database: Path
    url: str = ""
    token: str = ""

    def text(self) -> str:
        return self.log.decode("utf-8", "replace")

    def wait_for(self, pattern: str, seconds: float = 90) -> re.Match[str]:
        """Wait until the log matches the pattern."""
        deadline = time.monotonic() + seconds
        while not (match := re.search(pattern, self.text())):
            assert time.monotonic() < deadline, self.text()[-3000:]
            assert self.process.poll() is None, self.text()[-3000:]
            time.sleep(0.05)
        return match


@contextmanager
def running(data: Path, options: list[str], *, terminal: bool, **environment: str) -> Iterator[Running]:
    """Run the review page over a data directory."""
    if terminal:
        read_end, write_end = pty.openpty()
    else:
        read_end, write_end = os.pipe()
    process = subprocess.Popen(  # noqa: S603 - this Python, and our own program
        [sys.executable, "-c", _PROGRAM, *options, "serve"],
        stderr=write_end,
        stdout=subprocess.DEVNULL,
        cwd=Path(__file__).parents[2],
        env={
            **os.environ,
            "IPWATCH_DATA_DIR": str(data),
            "IPWATCH_WEB_PORT": "0",
            "IPWATCH_SOURCES__EBAY__CREDENTIALS__CLIENT_SECRET": CREDENTIAL,
            "PYTHONWARNINGS": "default",
            **environment,
        },
    )
    os.close(write_end)
    served = Running(process, bytearray(), data / "ipwatch.db")
    reader = threading.Thread(target=_collect, args=(read_end, served.log), daemon=True)
    reader.start()
    try:
        served.url = served.wait_for(r"Review page: (http://[\d.:]+)/")[1]
        yield served
    finally:
        process.terminate()
        process.wait(60)
        reader.join(60)
        os.close(read_end)


def _collect(descriptor: int, log: bytearray) -> None:
    try:
        while piece := os.read(descriptor, 65536):
            log += piece
    except OSError:
        # A terminal reports with an error that its other side is closed.
        return


@pytest.fixture
def data(template: Path, tmp_path: Path) -> Path:
    """A data directory with cases, evidence and one account."""
    for path in template.glob("ipwatch.db*"):
        shutil.copy(path, tmp_path / path.name)
    shutil.copytree(template / "evidence", tmp_path / "evidence")
    database = Database(f"sqlite:///{tmp_path / 'ipwatch.db'}")
    account = accounts.new_account("hanako", "花子", role="reviewer", password=PASSWORD)
    with database.write_session() as session:
        accounts.add_account(session, account, now=NOW)
    database.dispose()
    return tmp_path


def every_address(data: Path) -> list[Address]:
    database = Database(f"sqlite:///{data / 'ipwatch.db'}")
    try:
        app = create_app(database, evidence_root=data / "evidence", now=lambda: NOW, allowed_hosts=(HOST,))
        return addresses(app, database)
    finally:
        database.dispose()


def form(**more: str) -> bytes:
    fields = {"name": "hanako", "password": PASSWORD, "new_password": NEW_PASSWORD, "note": NOTE, "version": "0"}
    return urlencode({**fields, "verdict": "genuine", "reviewer": NOTE, **more}).encode()


def headers(served: Running, **more: str) -> dict[str, str]:
    return {
        "Cookie": f"session={served.token}; other={COOKIE}; reviewer={quote(COOKIE)}",
        "Authorization": AUTHORIZATION,
        "Referer": ORIGIN + "/" + QUERY,
        "Sec-Fetch-Site": "same-origin",
        "Content-Type": "application/x-www-form-urlencoded",
        **more,
    }


def sign_in(served: Running) -> None:
    answer = httpx.post(
        f"{served.url}/login", content=form(next="/"), headers=headers(served), timeout=60, verify=NO_TLS
    )
    assert answer.status_code == 303
    served.token = answer.cookies["session"]


def ask(served: Running, method: str, path: str, *, body: bytes = b"", **more: str) -> int:
    """Send a request with every secret in it; no answer holds one."""
    joined = "&" if "?" in path else "?"
    answer = httpx.request(
        method, f"{served.url}{path}{joined}zz={QUERY}&x={quote(NEW_PASSWORD)}", content=body,
        headers=headers(served, **more), timeout=60, verify=NO_TLS,
    )  # fmt: skip
    shown = answer.text + str(answer.headers)
    for secret in (*NEVER_ANSWERED, served.token):
        if secret != NEW_PASSWORD:
            assert not secret or secret not in shown, f"{method} {path} answers with {secret}"
    return answer.status_code


def drop(served: Running, address: Address, part: Callable[[bytes, bytes], bytes], *, answered: bool = False) -> None:
    """Begin a request, and close the connection: in its head, in its body, or while it is answered."""
    body = form()
    head = f"{address.method} {address.path}?zz={QUERY} HTTP/1.1\r\nHost: {HOST}\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in headers(served).items())
    head += f"Content-Length: {len(body)}\r\n\r\n" if address.method == "POST" else "\r\n"
    host, _, port = served.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall(part(head.encode(), body if address.method == "POST" else b""))
        if answered:
            # Closing with the answer unread resets the connection.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            connection.recv(1)


PARTS: list[tuple[Callable[[bytes, bytes], bytes], bool]] = [
    (lambda head, _body: head[: len(head) // 2], False),
    (lambda head, body: head + body[: len(body) // 2], False),
    (lambda head, body: head + body, False),
    (lambda head, body: head + body, True),
]


def break_watchlists(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute('UPDATE watchlist_version SET marks = \'{"main": {"x": 1}}\'')
        connection.commit()


def drop_tables(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            if not name.startswith("sqlite"):
                connection.execute(f'DROP TABLE "{name}"')


def drive(served: Running, every: list[Address]) -> set[int]:
    """Send the secrets everywhere; return the statuses that were answered."""
    statuses = {ask(served, "POST", "/login", body=form(password=PASSWORD + "wrong"))}
    statuses.add(ask(served, "POST", "/login", body=form(), Origin=ORIGIN, **{"Sec-Fetch-Site": "cross-site"}))
    for address in every:
        if address.route != "/logout":
            statuses.add(ask(served, address.method, address.path, body=form() if address.method == "POST" else b""))
        for part, answered in PARTS:
            if address.route != "/logout":
                drop(served, address, part, answered=answered)
        if address.route == "/login":
            # Each login ended the session that its request came with.
            sign_in(served)
    for method, path, body in (
        ("GET", "/nowhere", b""),
        ("PUT", "/sources", b""),
        ("GET", f"/?after={QUERY}", b""),
        ("GET", f"/?state={QUERY}", b""),
        ("POST", "/cases/2/decisions", form(verdict="")),
        ("POST", "/cases/2/decisions", form(verdict=NOTE)),
        ("POST", "/cases/2/decisions", form(note=NOTE * 9000)),
        ("POST", "/cases/2/decisions", b"%ff" + form()),
        ("POST", "/login", form(note=NOTE * 2000)),
    ):
        statuses.add(ask(served, method, path, body=body))
    statuses.add(ask(served, "GET", "/", Host=f"{COOKIE}.example"))
    return statuses


@pytest.mark.parametrize(
    ("options", "terminal"),
    [
        (["--log-level", "DEBUG"], False),
        (["--log-level", "DEBUG"], True),
        (["--log-json"], False),
        (["--log-json", "--log-level", "DEBUG"], True),
    ],
    ids=["pipe", "terminal", "json", "json on a terminal"],
)
def test_no_secret_is_in_the_log_whatever_happens_to_a_request(data: Path, options: list[str], terminal: bool) -> None:
    every = every_address(data)
    with running(data, options, terminal=terminal) as served:
        sign_in(served)
        statuses = drive(served, every)
        assert statuses >= {200, 400, 401, 403, 404, 405, 413, 422}, statuses
        break_watchlists(served.database)
        assert ask(served, "GET", "/") == 500
        drop(served, Address("/", "GET", "/"), PARTS[2][0])
        drop_tables(served.database)
        for address in every:
            if address.route not in {"/logout", "/static/app.css"}:
                body = form() if address.method == "POST" else b""
                assert ask(served, address.method, address.path, body=body) == 503, address
        served.wait_for("unavailable")
        token = served.token
    log = served.text()
    assert not CANARY.search(log), CANARY.search(log)
    assert token not in log
    # The tracebacks have file, line, function and type of the error.
    assert re.search(r'File \\?".*queue\.py\\?", line \d+, in ', log)
    assert "KeyError" in log
    assert "request_failed" in log
    assert log.count("Traceback") == 0
    assert len(log) < 60_000, "the log of a few faults is short"


@pytest.mark.postgres
def test_the_password_of_the_database_is_in_no_log_and_no_answer(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    server = request.getfixturevalue("postgres_server")
    url = server.create(migrated=True)
    secret_url = re.sub(r"://(\w+):[^@]*@", rf"://\1:{DATABASE_PASSWORD}@", url)
    assert DATABASE_PASSWORD in secret_url
    with running(tmp_path, ["--log-level", "DEBUG"], terminal=False, IPWATCH_DATABASE_URL=secret_url) as served:
        assert ask(served, "GET", "/sources") == 200
        server.drop(url)
        assert ask(served, "GET", "/sources") == 503
        served.wait_for("unavailable")
    assert not CANARY.search(served.text())

"""No credential is anywhere but in the settings: every byte of an installation and of its output is searched."""

from __future__ import annotations

import base64
import html
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from cli.command import ipwatch
from extracted_once import shared_by
from installations import settings_of, write_watchlists
from made_once import memory_of
from secret_search import leaks_of

from ipwatch import logs
from ipwatch.bootstrap import open_installation, prepare_installation
from ipwatch.errors import ConfigError
from ipwatch.pipeline.cycle import collect_all, collect_one
from ipwatch.records import SourceOptions
from ipwatch.sandbox import Sandbox, World
from ipwatch.sandbox.servers import ebay, rakuten, uspto
from ipwatch.settings import Settings, SourceSettings
from ipwatch.sources import get_source
from ipwatch.store import frontier, runs
from ipwatch.store.session import Database

SANDBOX_SECRETS = (
    rakuten.APPLICATION_ID,
    rakuten.ACCESS_KEY,
    ebay.CLIENT_ID,
    ebay.CLIENT_SECRET,
    uspto.API_KEY,
)
CANARIES = {
    "rakuten": {"application_id": 'canary/app+id="1"&<x>', "access_key": "canary-access/key=2"},
    "ebay": {"client_id": "canary-client?id&3", "client_secret": 'canary+client"secret/4'},
    "uspto": {"api_key": "canary-api-key/5<&>"},
}
TOKEN = "canary^token#6/+="


def pairs(credentials: dict[str, str]) -> tuple[str, ...]:
    joined = ":".join(credentials.values())
    return (*credentials.values(), base64.b64encode(joined.encode()).decode())


def test_a_whole_run_leaves_no_credential_anywhere(
    market: Sandbox, small_world: World, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    write_watchlists(small_world, tmp_path / "watchlists")
    settings = settings_of(market, tmp_path)
    environment = {**settings.as_environment(), **shared_by(memory_of(tmp_path_factory))}
    run = ipwatch("--log-level", "DEBUG", "run", cwd=tmp_path, environment=environment, check=False)
    token = _token(market)
    read = json.loads(run.out)["sources"]
    assert {name: report["state"] for name, report in read.items()} == dict.fromkeys(settings.sources, "done"), run.err
    everything = (*SANDBOX_SECRETS, *pairs({"id": ebay.CLIENT_ID, "secret": ebay.CLIENT_SECRET}), token)
    assert leaks_of(tmp_path, run.out + run.err, everything) == []


def _token(market: Sandbox) -> str:
    """The access token that the sandbox returns for valid credentials."""
    pair = base64.b64encode(f"{ebay.CLIENT_ID}:{ebay.CLIENT_SECRET}".encode()).decode()
    with closing(HTTPConnection("127.0.0.1", market.port, timeout=60)) as connection:
        connection.request(
            "POST",
            ebay.TOKEN_PATH,
            "grant_type=client_credentials&scope=https%3A%2F%2Fapi.ebay.com%2Foauth%2Fapi_scope",
            {
                "Host": f"ebay.localhost:{market.port}",
                "Authorization": f"Basic {pair}",
                "Content-Type": "application/x-www-form-urlencoded",
            },
        )
        token: str = json.loads(connection.getresponse().read())["access_token"]
    return token


# --- hosts that quote what they were sent ----------------------------------------------------------------------------


class Parrot(BaseHTTPRequestHandler):
    """Answers in the way of the server's ``mode``, and quotes in it all that it was sent."""

    def do_GET(self) -> None:
        if self.path.startswith("/robots.txt"):
            self._answer(404, "text/plain", b"")
            return
        self.server.asked.append((self.path, dict(self.headers)))  # type: ignore[attr-defined]
        MODES[self.server.mode](self)  # type: ignore[attr-defined]

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        if self.server.mode != "a refused token":  # type: ignore[attr-defined]
            body = json.dumps({"access_token": TOKEN, "expires_in": 7200, "note": self.quoted()})
            self._answer(200, "application/json", body.encode())
        else:
            body = json.dumps({"error": "invalid_client", "error_description": self.quoted()})
            self._answer(400, "application/json", body.encode())

    def quoted(self) -> str:
        plain = [value for values in parse_qs(urlsplit(self.path).query).values() for value in values]
        return " ".join((self.path, *plain, *self.headers.values()))

    def _answer(self, status: int, kind: str, body: bytes, **headers: str) -> None:
        self.send_response(status, "as it is")
        headers = {"Content-Type": kind, "Content-Length": str(len(body)), **headers}
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def error_json(self) -> None:
        detail = {"error": "wrong_parameter", "error_description": self.quoted(), "errors": {"message": self.quoted()}}
        self._answer(400, "application/json", json.dumps(detail).encode(), X_Request=self.path, Set_Cookie=self.path)

    def result(self) -> None:
        self._answer(200, "application/json", json.dumps({"echo": self.quoted()}).encode(), ETag=f'"{self.path}"')

    def forbidden(self) -> None:
        self._answer(403, "text/html", html.escape(self.quoted()).encode())

    def own_redirect(self) -> None:
        if "again" in self.path:
            self.error_json()
        else:
            self._answer(302, "text/plain", b"", Location=f"{self.path}&again=1&key2={quote(self.quoted())}"[:4000])

    def redirect_away(self) -> None:
        address = f"http://other.localhost:{self.server.server_address[1]}{self.path}"
        self._answer(302, "text/plain", b"", Location=f"{address}&token={quote(self.quoted())}")

    def bad_redirect(self) -> None:
        self._answer(302, "text/plain", b"", Location=f"http://[{self.quoted()}")

    def broken_line(self) -> None:
        self.wfile.write(f"HTTP/1.1 {self.quoted()}\r\n\r\n".encode())

    def broken_body(self) -> None:
        self._answer(200, "application/json", b'{"Items": ' + self.quoted().encode(), X_Echo=self.path)

    def log_message(self, *_: object) -> None:
        pass


MODES: dict[str, Callable[[Parrot], None]] = {
    "an error in JSON": Parrot.error_json,
    "a result": Parrot.result,
    "a refusal": Parrot.forbidden,
    "a redirect to itself": Parrot.own_redirect,
    "a redirect to another host": Parrot.redirect_away,
    "a redirect to nowhere": Parrot.bad_redirect,
    "a broken status line": Parrot.broken_line,
    "a broken body": Parrot.broken_body,
    "a refused token": Parrot.result,
}


@pytest.fixture
def parrot() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Parrot)
    server.asked = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def settings_for(parrot: ThreadingHTTPServer, world: World, root: Path) -> Settings:
    write_watchlists(world, root / "watchlists")
    port = parrot.server_address[1]
    base = f"http://parrot.localhost:{port}"
    options = {
        name: SourceOptions(base_urls=(base,), credentials=credentials, interval=0.0, max_requests=4)
        for name, credentials in CANARIES.items()
    }
    options["rakuten"] = replace(options["rakuten"], extra={"website": "https://holder.example/"})
    return Settings(
        data_dir=root / "data",
        watchlist_dir=root / "watchlists",
        allow_addresses=(f"127.0.0.1:{port}",),
        interval=0.0,
        sources={name: SourceSettings.from_options(source_options) for name, source_options in options.items()},
    )


@pytest.mark.parametrize("mode", MODES)
def test_what_a_host_quotes_is_kept_nowhere(
    parrot: ThreadingHTTPServer, small_world: World, tmp_path: Path, capfd: pytest.CaptureFixture[str], mode: str
) -> None:
    parrot.mode = mode  # type: ignore[attr-defined]
    settings = settings_for(parrot, small_world, tmp_path)
    prepare_installation(settings)
    logs.configure("DEBUG")
    with open_installation(settings, now=now) as workspace:
        collected, refused = collect_all(sorted(CANARIES), workspace)
        # While it is open the log of the database has not been written into the file.
        leaks = leaks_of(tmp_path, "", all_canaries())
    out, err = capfd.readouterr()
    assert (set(collected), refused) == (set(CANARIES), {})
    carried = [quote(value, safe="") for value in CANARIES["rakuten"].values()]
    assert any(carried[0] in path.replace("+", "%20") for path, _ in parrot.asked)  # type: ignore[attr-defined]
    assert leaks == []
    assert leaks_of(tmp_path, out + err + repr(collected), all_canaries()) == []


def all_canaries() -> tuple[str, ...]:
    return (TOKEN, *(canary for credentials in CANARIES.values() for canary in pairs(credentials)))


def now() -> datetime:
    return datetime.now(UTC)


def test_a_credential_does_not_follow_a_redirect_to_another_host(
    parrot: ThreadingHTTPServer, small_world: World, tmp_path: Path
) -> None:
    parrot.mode = "a redirect to another host"  # type: ignore[attr-defined]
    settings = settings_for(parrot, small_world, tmp_path)
    prepare_installation(settings)
    with open_installation(settings, now=now) as workspace:
        report = collect_one("rakuten", workspace)
    assert report.failures
    assert all(
        headers["Host"].startswith("parrot.")
        for _, headers in parrot.asked  # type: ignore[attr-defined]
    )


def test_a_run_that_is_resumed_sends_its_credentials_again(settings: Settings) -> None:
    """The first process dies after it has planned: the second one takes the requests from the database."""
    database = Database(settings.url_of_database)
    with open_installation(settings, now=now) as workspace:
        planned = list(get_source("rakuten").plan(workspace.marks, workspace.options("rakuten")))
        with workspace.database.write_session() as session:
            run_id, _ = runs.resume_or_start(session, kind="collect", source="rakuten", now=workspace.now())
            runs.add_counts(session, run_id, planned=frontier.push(session, run_id, planned))
        report = collect_one("rakuten", workspace)
    database.dispose()
    assert (report.id, report.state, report.failed) == (run_id, "done", 0)
    assert report.new > 0


def test_a_wrong_setting_is_named_without_its_value(tmp_path: Path) -> None:
    wrong = {"IPWATCH_SOURCES__RAKUTEN__CREDENTIALS": '{"access_key": ["canary-access-key"]}'}
    run = ipwatch("run", cwd=tmp_path, environment=wrong)
    assert run.code == 2
    assert "canary" not in run.err
    assert ConfigError.__name__ not in run.err

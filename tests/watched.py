"""A real `ipwatch up` over a slow shop, on a schedule of seconds, whose processes can be ended one by one."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from processes import descendants, wait_until_ended
from sqlalchemy import func, select

from ipwatch import lifeline
from ipwatch.cli.orchestrator import free_port, prefect_environment
from ipwatch.cli.prefect_api import ALIVE, Deployment, FlowRun, PrefectApi, ServerSilent
from ipwatch.settings import Settings, SourceSettings
from ipwatch.store import runs
from ipwatch.store.runs import RunReport
from ipwatch.store.session import Database
from ipwatch.store.tables import ListingRow

PROJECT = Path(__file__).resolve().parents[1]
UP = [sys.executable, "-c", "from ipwatch.cli import main; main()", "up"]
SAYS_IT_RUNS = "Ctrl-C ends everything"
SOURCE = "webshop"
SIGNALS = {"kill": signal.SIGKILL, "term": signal.SIGTERM}
WATCHLIST = """schema = 1

[holder]
id = "kasumi"
name_ja = "霞組合"
name_en = "Kasumi Union"
kind = "company"

[[marks]]
id = "kasumori"
text = "Kasumori"
kind = "trademark"
"""


class TookTooLong(AssertionError):
    """What was waited for did not come about in time; the message holds what `ipwatch up` printed."""


@dataclass
class SlowShop:
    """A shop that is served, and when a page of it was asked for last."""

    pages: int
    address: str = ""
    asked_at: float = 0.0


@contextmanager
def slow_shop(pages: int, seconds: float) -> Iterator[SlowShop]:
    """Serve a shop whose every page takes some seconds."""
    shop = SlowShop(pages)

    class Shop(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            kind, body = "text/html; charset=utf-8", ""
            if self.path == "/robots.txt":
                kind, body = "text/plain", "User-agent: *\nDisallow:\n"
            elif self.path == "/sitemap.xml":
                urls = "".join(f"<url><loc>{shop.address}/p/{number}</loc></url>" for number in range(pages))
                kind = "application/xml"
                body = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'
            else:
                shop.asked_at = time.monotonic()
                time.sleep(seconds)
                name = f"Kasumori towel {self.path}"
                product = {"@type": "Product", "name": name, "offers": {"price": "49.00", "priceCurrency": "USD"}}
                data = json.dumps(product)
                body = f'<title>{name}</title><script type="application/ld+json">{data}</script><h1>{name}</h1>'
            content = body.encode()
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A client killed in the middle is expected here."""

    with Server(("127.0.0.1", 0), Shop) as server:
        shop.address = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield shop
        finally:
            server.shutdown()
            thread.join()


def project_with(directory: Path, schedule: str) -> Path:
    """Make a project that has our flows and our prefect.yaml, but for the schedule of the shop."""
    directory.mkdir()
    (directory / "flows").symlink_to(PROJECT / "flows")
    ours = (PROJECT / "prefect.yaml").read_text("utf-8")
    changed, count = re.subn(
        rf"(parameters: {{source: {SOURCE}}}.*?schedules:\n\s+- ){{.*?}}", rf"\1{{{schedule}}}", ours, flags=re.DOTALL
    )
    assert count == 1
    (directory / "prefect.yaml").write_text(changed, "utf-8")
    return directory


class Watch:
    """One installation with its `ipwatch up`; ``end`` ends some of its processes, ``stop`` what is left of it."""

    def __init__(self, root: Path, shop: SlowShop, *, seconds: int) -> None:
        self.root, self.shop = root, shop
        self.project = project_with(root / "project", f"interval: {seconds}, active: true")
        (root / "watchlists").mkdir()
        (root / "watchlists" / "kasumi.toml").write_text(WATCHLIST, "utf-8")
        self.settings = Settings(
            data_dir=root / "data",
            watchlist_dir=root / "watchlists",
            allow_addresses=(shop.address.removeprefix("http://"),),
            interval=0.0,
            web_port=free_port(),
            sources={SOURCE: SourceSettings(base_urls=(shop.address,), interval=0.0)},
        )
        self.port = free_port()
        self.processes = root / "data" / "processes"
        self.printed = root / "printed"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None
        return self._process

    @property
    def text(self) -> str:
        return self.printed.read_text("utf-8")

    @cached_property
    def api(self) -> PrefectApi:
        """One client for all questions: each new one asks the server for a token first."""
        return PrefectApi.of(prefect_environment(self.settings.data_dir, port=self.port))

    def start(self, *, wait: bool = True) -> None:
        """Start `ipwatch up`, and wait until it reports that the watch runs."""
        with self.printed.open("wb") as output:
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                [*UP, "--project", str(self.project), "--prefect-port", str(self.port)],
                cwd=self.root,
                env={**os.environ, **self.settings.as_environment()},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        if wait:
            self.wait("ipwatch up says that it runs", lambda: SAYS_IT_RUNS in self.text, 300)

    def stop(self) -> None:
        """End what runs, in order."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(60)

    def wait(self, what: str, condition: Callable[[], bool], seconds: float, *, pause: float = 0.25) -> float:
        """Return how many seconds it took until the condition held; ``pause`` is longer where it asks the server."""
        begun = time.monotonic()
        while not condition():
            if self.process.poll() is not None:
                raise TookTooLong(f"{what}: ipwatch up has ended with {self.process.returncode}\n{self.text}")
            if time.monotonic() - begun > seconds:
                raise TookTooLong(f"{what}: not within {seconds:.0f} s\n{self.text}")
            time.sleep(pause)
        return time.monotonic() - begun

    def deployment(self) -> Deployment:
        return next(deployment for deployment in self.api.deployments() if deployment.source == SOURCE)

    def flow_runs(self, *states: str) -> list[FlowRun]:
        """Return the runs of the source in these states; none while the server does not answer."""
        try:
            ours = {
                deployment.id for deployment in self.api.deployments(next_runs=False) if deployment.source == SOURCE
            }
            return self.api.flow_runs(states, deployments=ours)
        except ServerSilent:
            return []

    def engines(self) -> list[int]:
        holders = (lifeline.holder(file) for file in (self.processes / "runs").glob("*.lock"))
        return [number for number in holders if number]

    def reached(self, moment: str) -> bool:
        """Say whether it is the moment to end something: a collection ``starting``, ``reading``, or none (``idle``)."""
        if moment == "reading" and time.monotonic() - self.shop.asked_at >= 1:
            return False
        alive = self.flow_runs(*ALIVE)
        if moment == "idle":
            return not alive and not self.engines()
        if moment == "starting":
            return bool(self.engines()) and [flow_run.state for flow_run in alive] == ["PENDING"]
        return bool(self.engines()) and any(flow_run.state == "RUNNING" for flow_run in alive)

    def our_runs(self, kind: str = "collect") -> list[RunReport]:
        """Return the runs of a kind in our own database, latest first."""
        database = Database(self.settings.url_of_database)
        try:
            with database.read_session() as session:
                return [report for report in runs.recent_runs(session, 1000) if report.kind == kind]
        finally:
            database.dispose()

    def lost(self) -> int:
        """Return how many pages of the shop are not among the stored listings."""
        database = Database(self.settings.url_of_database)
        try:
            with database.read_session() as session:
                stored = session.scalar(select(func.count()).select_from(ListingRow)) or 0
        finally:
            database.dispose()
        return self.shop.pages - stored

    def end(self, name: str, how: str) -> list[int]:
        """Send the signal to the ``engine``, ``worker``, ``server``, ``up`` or ``all``; return what may not be left."""
        family = [self.process.pid, *descendants(self.process.pid)]
        if name == "engine":
            numbers = self.engines()
        elif name == "all":
            numbers = family
        elif name == "up":
            numbers = [self.process.pid]
        else:
            number = lifeline.holder(self.processes / f"{name}.lock")
            numbers = [number] if number else []
        assert numbers, f"there is no {name}"
        for number in numbers:
            with_no_process(number, SIGNALS[how])
        if name not in {"up", "all"}:
            return []
        self.process.wait(60)
        return wait_until_ended(family, 10)


def with_no_process(number: int, what: signal.Signals) -> None:
    """Send a signal; what has ended meanwhile needs none."""
    try:
        os.kill(number, what)
    except ProcessLookupError:
        return


def listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def round_of(watch: Watch, name: str, moment: str, how: str) -> dict[str, object]:
    """End a process at a moment, and return how the watch came back: seconds, and what was lost or left.

    ``ended`` are the seconds until all that ends with the process had ended, ``code`` is the exit code of ``ipwatch
    up`` then, ``None`` where it went on, and ``listens`` says whether the server did.
    """
    watch.wait(f"the moment {moment}", lambda: watch.reached(moment), 300)
    cut_off = {flow_run.id for flow_run in watch.flow_runs(*ALIVE)}
    ended_at, begun = datetime.now(UTC), time.monotonic()
    left = watch.end(name, how)
    seconds_to_end, code, listens = time.monotonic() - begun, watch.process.poll(), listening(watch.port)
    if name in {"up", "all"}:
        watch.start(wait=False)

    def marked() -> bool:
        return watch.api.healthy() and not cut_off & {flow_run.id for flow_run in watch.flow_runs(*ALIVE)}

    def completed() -> bool:
        done = watch.flow_runs("COMPLETED")
        return any(
            flow_run.automatic and flow_run.expected_at is not None and flow_run.expected_at > ended_at
            for flow_run in done
        )

    watch.wait("the runs that died are marked", marked, 600, pause=1)
    seconds_to_mark = time.monotonic() - begun
    watch.wait("ipwatch up says that it runs", lambda: SAYS_IT_RUNS in watch.text, 600)
    watch.wait("the next scheduled run has completed", completed, 900, pause=1)
    seconds_to_next = time.monotonic() - begun
    return {
        "process": name,
        "moment": moment,
        "how": how,
        "ended": round(seconds_to_end, 1),
        "code": code,
        "listens": listens,
        "marked": round(seconds_to_mark),
        "next": round(seconds_to_next),
        "left": len(left),
        "lost": watch.lost(),
        "adds_up": all(report.adds_up for report in watch.our_runs()),
    }

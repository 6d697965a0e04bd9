"""`ipwatch run` is ended at any moment, by force or kindly: the next run goes on, nothing is lost, nothing doubled."""

from __future__ import annotations

import hashlib
import json
import os
import pty
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from extracted_once import preamble
from installations import settings_of, write_watchlists
from made_once import memory_of
from processes import needs_proc, wait_until_alone
from sqlalchemy import func, select, text
from sqlalchemy.orm import undefer

from ipwatch.evidence import EvidenceStore
from ipwatch.sandbox import Sandbox, World
from ipwatch.store import runs
from ipwatch.store.session import Database
from ipwatch.store.tables import (
    CaptureRow,
    CaseRow,
    FilingRow,
    FilingVersionRow,
    FindingRow,
    ListingPictureRow,
    ListingRow,
    ListingVersionRow,
    PictureRow,
)

SMALL_ROUND, WHOLE = (3, 1), (5, 2)
"""How often a run is killed while it collects, and while it screens."""

# Web pages with their pictures, an interface with a token, and a register: every way in which records arrive.
SOURCES = ("webshop", "ebay", "uspto")
PATIENCE = 600


class Site:
    """One installation, run by the command as its users run it."""

    def __init__(self, directory: Path, world: World, market: Sandbox, memory: Path) -> None:
        self.memory = memory
        write_watchlists(world, directory / "watchlists")
        self.settings = settings_of(market, directory)
        self.errors = directory / "stderr.log"
        self.database = Database(self.settings.url_of_database)

    def command(self, *sources: str, to_be_ended: bool = False) -> list[str]:
        """Return the command of a cycle; one that is to be ended extracts the features of what it observes itself."""
        code = f"{preamble(self.memory, only_references=to_be_ended)}from ipwatch.cli import main; main()"
        chosen = [argument for name in sources or SOURCES for argument in ("--source", name)]
        return [sys.executable, "-c", code, "run", *chosen]

    def start(self, *sources: str, to_be_ended: bool = False) -> subprocess.Popen[bytes]:
        """Start a cycle in a new session, which identifies its processes."""
        with self.errors.open("ab") as errors:
            return subprocess.Popen(  # noqa: S603 - our own command
                self.command(*sources, to_be_ended=to_be_ended),
                env={**os.environ, **self.settings.as_environment()},
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
            )

    def finish(self, *sources: str) -> dict[str, object]:
        """Run a cycle to its end and return what it printed."""
        process = self.start(*sources)
        out, _ = process.communicate(timeout=PATIENCE)
        # 3 means that a source was not read completely: the shops of the sandbox forbid some pages to robots.
        assert process.returncode in {0, 3}, self.errors.read_text("utf-8")
        report: dict[str, object] = json.loads(out)
        return report

    def captured(self) -> int:
        with self.database.read_session() as session:
            return session.scalar(select(func.count()).select_from(CaptureRow)) or 0

    def screening(self) -> bool:
        with self.database.read_session() as session:
            return any(run.kind == "screen" and run.state == "running" for run in runs.recent_runs(session, 5))

    def wait(self, process: subprocess.Popen[bytes], condition: Callable[[], bool]) -> None:
        """Return when the condition holds, while the process lives."""
        deadline = time.monotonic() + PATIENCE
        while not (self._migrated() and condition()):
            assert process.poll() is None, f"the run ended by itself: {self.errors.read_text('utf-8')}"
            assert time.monotonic() < deadline, "the run makes no progress"
            time.sleep(0.005)

    def _migrated(self) -> bool:
        if not (self.settings.data_dir / "ipwatch.db").is_file():
            return False
        with self.database.read_session() as session:
            return bool(session.scalar(text("SELECT count(*) FROM sqlite_master WHERE name = 'audit_event'")))

    def export(self) -> dict[str, Counter[str]]:
        """Return everything that was found out, without ids, times and the documents it happened to come from."""
        with self.database.read_session() as session:
            listing_keys = {row.id: row.key for row in session.execute(select(ListingRow.id, ListingRow.key))}
            filing_keys = {row.id: row.key for row in session.execute(select(FilingRow.id, FilingRow.key))}
            lines: dict[str, Iterator[tuple[object, ...]]] = {
                "listings": (
                    (row.key, row.content_hash, row.screened_key, row.gone_at, row.status, row.country)
                    for row in session.scalars(select(ListingRow))
                ),
                "listing versions": (
                    (listing_keys[row.listing_id], row.content_hash)
                    for row in session.scalars(select(ListingVersionRow))
                ),
                "filings": (
                    (row.key, row.content_hash, row.screened_key, row.opposition_until)
                    for row in session.scalars(select(FilingRow))
                ),
                "filing versions": (
                    (filing_keys[row.filing_id], row.content_hash) for row in session.scalars(select(FilingVersionRow))
                ),
                "pictures": (
                    (row.sha256, row.refusal, row.features_version, hashlib.sha256(row.features or b"").hexdigest())
                    for row in session.scalars(select(PictureRow).options(undefer(PictureRow.features)))
                ),
                "shown pictures": (
                    (listing_keys[row.listing_id], row.position, row.url, row.sha256)
                    for row in session.scalars(select(ListingPictureRow))
                ),
                "findings": (
                    (row.subject, row.mark, row.score, row.threshold, row.matcher_version, row.input_hash, row.signals)
                    for row in session.scalars(select(FindingRow))
                ),
                "cases": (
                    (row.subject, row.mark, row.state, row.score, row.due_on, row.source, row.country, row.right_kind)
                    for row in session.scalars(select(CaseRow))
                ),
            }
            return {name: Counter(map(repr, rows)) for name, rows in lines.items()}


@pytest.fixture
def site(
    tmp_path: Path, small_world: World, market: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    opened = Site(tmp_path / "site", small_world, market, memory_of(tmp_path_factory))
    yield opened
    opened.database.dispose()


@pytest.fixture
def other_site(
    tmp_path: Path, small_world: World, market: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    opened = Site(tmp_path / "other", small_world, market, memory_of(tmp_path_factory))
    yield opened
    opened.database.dispose()


def kill(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.communicate(timeout=30)
    assert process.returncode == -signal.SIGKILL
    assert wait_until_alone(process.pid) == []


@needs_proc
def test_a_run_killed_again_and_again_ends_like_one_that_was_left_alone(
    site: Site, other_site: Site, *, whole: bool
) -> None:
    other_site.finish()
    kills_while_collecting, kills_while_screening = WHOLE if whole else SMALL_ROUND
    chance = random.Random(20261122)  # noqa: S311 - when to kill, not a secret
    for _ in range(kills_while_collecting):
        before = site.captured() if site.errors.is_file() else 0
        enough = before + chance.randint(1, 40)
        process = site.start(to_be_ended=True)
        site.wait(process, lambda enough=enough: site.captured() >= enough)  # type: ignore[misc]  # bound on purpose
        time.sleep(chance.uniform(0, 0.3))
        kill(process)
    for _ in range(kills_while_screening):
        process = site.start(to_be_ended=True)
        site.wait(process, site.screening)
        time.sleep(chance.uniform(0, 0.2))
        kill(process)
    site.finish()

    expected, got = other_site.export(), site.export()
    assert all(expected.values())
    for name, lines in expected.items():
        assert got[name] == lines, name
    with site.database.read_session() as session:
        assert session.scalar(text("PRAGMA integrity_check")) == "ok"
        reports = runs.recent_runs(session, 100)
        captured = session.scalar(select(func.count()).select_from(CaptureRow))
    assert {report.state for report in reports} <= {"done", "partial"}
    assert all(report.adds_up and report.left == 0 for report in reports)
    assert captured == sum(report.fetched + report.unchanged + report.gone for report in reports)
    verdict = EvidenceStore(site.settings.evidence_dir).verify()
    assert verdict.ok, verdict
    assert list((site.settings.data_dir / "spool").iterdir()) == []


@needs_proc
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_ends_soon_and_can_be_continued(site: Site, number: signal.Signals) -> None:
    process = site.start("webshop", to_be_ended=True)
    site.wait(process, lambda: site.captured() > 0)
    started = time.monotonic()
    # As a terminal does it: to every process of the group.
    os.killpg(process.pid, number)
    out, _ = process.communicate(timeout=30)
    assert time.monotonic() - started < 10
    assert process.returncode == 130
    assert out == b""
    assert wait_until_alone(process.pid) == []
    logged = site.errors.read_text("utf-8")
    assert "the next run continues from here" in logged
    assert "Traceback" not in logged
    with site.database.read_session() as session:
        (interrupted,) = runs.recent_runs(session, 10)
    assert interrupted.state == "running"
    assert interrupted.adds_up
    assert interrupted.left > 0
    site.finish("webshop")
    with site.database.read_session() as session:
        reports = {report.id: report for report in runs.recent_runs(session, 10)}
    assert reports[interrupted.id].adds_up
    assert reports[interrupted.id].left == 0
    assert reports[interrupted.id].state in {"done", "partial"}
    assert EvidenceStore(site.settings.evidence_dir).verify().ok


def test_two_processes_collect_into_one_installation_at_the_same_time(site: Site, other_site: Site) -> None:
    started = [site.start("webshop"), site.start("ebay")]
    for process in started:
        process.communicate(timeout=PATIENCE)
    assert {process.returncode for process in started} <= {0, 3}, site.errors.read_text("utf-8")
    other_site.finish("webshop", "ebay")
    expected, got = other_site.export(), site.export()
    # Each of them screened what it found when it came to it, so all of it was compared only if nobody was overtaken.
    for name in ("listings", "listing versions", "pictures", "shown pictures", "findings", "cases"):
        assert got[name] == expected[name], name
    with site.database.read_session() as session:
        reports = runs.recent_runs(session, 10)
    assert {report.source for report in reports if report.kind == "collect"} == {"webshop", "ebay"}
    assert all(report.adds_up and report.left == 0 for report in reports)
    assert EvidenceStore(site.settings.evidence_dir).verify().ok


def test_without_a_terminal_only_logs_go_to_stderr(site: Site) -> None:
    site.finish("shopify")
    logged = site.errors.read_bytes()
    assert b"run_finished" in logged
    assert b"\x1b" not in logged
    assert b"\r" not in logged
    lines = logged.decode().splitlines()
    assert all(line.startswith(("20", "ipwatch: ")) for line in lines), lines


def test_on_a_terminal_logs_stand_above_the_bars(site: Site) -> None:
    ours, theirs = pty.openpty()
    environment = {**os.environ, **site.settings.as_environment(), "TERM": "xterm-256color", "COLUMNS": "120"}
    process = subprocess.Popen(  # noqa: S603 - our own command
        site.command("shopify"), env=environment, stdout=subprocess.DEVNULL, stderr=theirs
    )
    os.close(theirs)
    shown = bytearray()
    with suppress(OSError):  # a terminal whose last process has ended cannot be read
        while some := os.read(ours, 65536):
            shown += some
    os.close(ours)
    assert process.wait(30) in {0, 3}
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown.decode())
    assert re.search(r"collect shopify .*\d+/\d+", plain)
    assert re.search(r"screen +.*\d+/\?", plain), "how much there is to compare is not known before"
    logs = [match.start() for match in re.finditer(r"\d{4}-\d\d-\d\dT[\d:.]+Z \[", plain)]
    assert len(logs) >= 3
    # Each begins a line: the first one, one after another, or one from which a bar has been wiped.
    assert all(start == 0 or plain[:start].endswith(("\n", "\x1b[2K", "\x1b[?25l")) for start in logs)

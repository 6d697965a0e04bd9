"""The demo as a newcomer meets it: one command, from nothing to figures and to a reviewer at work in a real browser."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from browsing import chromium
from cli.command import PROGRAM, clean_environment
from extracted_once import shared_by
from made_once import made_once, memory_of
from orchestration import migrate_prefect
from playwright.sync_api import Browser, expect

from ipwatch import lifeline

MAX_START_SECONDS = 60
MAX_DEMO_SECONDS = 600
# The watched marks and the register of this seed are those of ``installations.small_world``.
WORLD = ("--listings", "200", "--seed", "5")
ROW = re.compile(r"│ (\S[^│]*?) +│ (yes|no) +│ +(\d+) │ +(\d+) │ +(\d+) │")

needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are counted by /proc")


@dataclass
class Watched:
    """The demo's lines on stderr with seconds since its start, and the status of its page once it was announced."""

    lines: list[tuple[float, str]] = field(default_factory=list)
    page: int | None = None

    def follow(self, process: subprocess.Popen[str], started: float) -> None:
        assert process.stderr is not None
        for line in process.stderr:
            self.lines.append((time.monotonic() - started, line))
            if self.page is None and line.startswith("Review page: http://127.0.0.1:"):
                with urllib.request.urlopen(line.split()[2], timeout=20) as answer:  # noqa: S310 - loopback
                    self.page = answer.status

    def first(self, text: str) -> tuple[float, int]:
        """Return the seconds and the line number of the text's first occurrence on stderr."""
        return next((seconds, index) for index, (seconds, line) in enumerate(self.lines) if text in line)

    def wait_for(self, text: str) -> None:
        """Wait until the text is on stderr, which is read beside stdout."""
        deadline = time.monotonic() + 20
        while not any(text in line for _, line in list(self.lines)):
            assert time.monotonic() < deadline, self.output
            time.sleep(0.05)

    @property
    def output(self) -> str:
        return "".join(line for _, line in self.lines)


@dataclass(frozen=True, slots=True)
class Demo:
    """A demo after its first cycle: its page, the line it printed, and the seconds until then."""

    process: subprocess.Popen[str]
    watched: Watched
    line: str
    seconds: float
    home: Path
    temp: Path

    @property
    def address(self) -> str:
        match = re.search(r"http://127\.0\.0\.1:\d+/", self.watched.output)
        assert match is not None
        return match.group()

    @property
    def figures(self) -> dict[str, Any]:
        figures: dict[str, Any] = json.loads(self.line)
        return figures

    @property
    def data_dir(self) -> Path:
        (made,) = self.temp.glob("ipwatch-demo-*")
        return made


def of_session(session: int) -> list[str]:
    """Return the processes of a session; a demo in a new session leaves none."""
    result = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text()
        except OSError:  # ended while we looked
            continue
        state, _, _, owner = text.rpartition(")")[2].split()[:4]
        if int(owner) == session and state != "Z":
            result.append(text)
    return result


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    root = tmp_path_factory.mktemp("demo")
    home, temp = root / "home", root / "temp"
    home.mkdir()
    temp.mkdir()
    watched, started = Watched(), time.monotonic()
    process = subprocess.Popen(  # noqa: S603 - our own program
        [PROGRAM, "demo", *WORLD],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=home,
        env=clean_environment(
            IPWATCH_WEB_PORT="0", TMPDIR=str(temp), COLUMNS="200", **shared_by(memory_of(tmp_path_factory))
        ),
        text=True,
        start_new_session=True,
    )
    reader = threading.Thread(target=watched.follow, args=(process, started))
    reader.start()
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        seconds = time.monotonic() - started
        assert line, watched.output
        watched.wait_for("found ")
        yield Demo(process, watched, line, seconds, home, temp)
    finally:
        process.terminate()
        process.wait(60)
        for left in of_session(process.pid):
            os.kill(int(left.split()[0]), signal.SIGKILL)
        reader.join(20)
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()


@pytest.fixture
def quick(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a demo whose pictures were drawn before, and whose Prefect has no database to make."""
    migrated = made_once(tmp_path_factory, "prefect-database", migrate_prefect) / "prefect.db"
    database = shutil.copy(migrated, tmp_path / "prefect.db")
    return {
        "IPWATCH_WEB_PORT": "0",
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{database}",
        **shared_by(memory_of(tmp_path_factory)),
    }


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.mark.flow
@needs_proc
def test_one_command_shows_the_whole_watch(demo: Demo) -> None:
    watched, output = demo.watched, demo.watched.output
    seconds, line_number = watched.first("Review page: http://")
    assert watched.page == 200
    assert seconds < MAX_START_SECONDS
    assert all("run_started" not in line and "Traceback" not in line for _, line in watched.lines)
    assert line_number < watched.first("found ")[1]

    figures = demo.figures
    assert {"found", "missed", "wrong", "seconds"} <= set(figures)
    rows = _rows(output)
    assert figures["found"] == sum(flagged for _, wanted, _, _, flagged in rows if wanted) > 0
    assert figures["missed"] == sum(all_ - flagged for _, wanted, all_, _, flagged in rows if wanted)
    # A subject that is flagged for two marks is wrong twice, but is one row of the table.
    assert figures["wrong"] >= sum(flagged for _, wanted, _, _, flagged in rows if not wanted)
    assert all(flagged <= read <= all_ for _, _, all_, read, flagged in rows)
    assert figures["precision"] == round(figures["found"] / (figures["found"] + figures["wrong"]), 3)
    assert figures["recall"] == round(figures["found"] / (figures["found"] + figures["missed"]), 3)
    assert 0 < figures["seconds"] < demo.seconds


@pytest.mark.flow
def test_the_flows_find_what_the_sandbox_hides_and_say_what_they_missed(demo: Demo) -> None:
    figures = demo.figures
    assert figures["found"] > figures["missed"]
    assert figures["found"] > 3 * figures["wrong"]
    assert figures["missed_unread"] == 0


@pytest.mark.flow
def test_of_the_listings_that_name_a_mark_few_are_suspected(demo: Demo) -> None:
    figures = demo.figures
    assert 0 < figures["suspected"] <= figures["mentions"] / 10
    assert figures["listings"]["wrong"] <= figures["mentions"] / 50


@pytest.mark.browser
@pytest.mark.flow
def test_a_reviewer_decides_in_a_browser_and_the_summary_counts_it(demo: Demo, browser: Browser) -> None:
    page = browser.new_page(locale="en-GB")
    page.goto(f"{demo.address}?lang=en")
    cases = page.locator("a[href^='/cases/']")
    expect(cases.first).to_be_visible()
    expect(page.get_by_text("Suspected infringements")).to_be_visible()
    cases.first.click()
    expect(page.get_by_text("Why it is suspected")).to_be_visible()
    assert page.locator("mark").count() > 0 or page.locator("img").count() >= 2
    number = page.url.rpartition("/")[2].partition("?")[0]
    page.get_by_label("not infringing").check()
    page.get_by_label("Note").fill("the seller shows an invoice")
    page.get_by_label("Your name").fill("山田 花子")
    page.get_by_role("button", name="Record the decision").click()
    page.goto(f"{demo.address}cases/{number}?lang=en")
    expect(page.get_by_text("山田 花子").first).to_be_visible()
    expect(page.get_by_text("the seller shows an invoice")).to_be_visible()
    page.goto(f"{demo.address}reports?lang=en")
    decided = page.locator("tr", has=page.get_by_role("rowheader", name="Decided not infringing", exact=True))
    expect(decided.locator("td").first).to_have_text("1")


@pytest.mark.browser
@pytest.mark.flow
def test_evidence_leads_from_a_finding_to_the_bytes(demo: Demo, browser: Browser) -> None:
    page = browser.new_page(locale="en-GB")
    page.goto(f"{demo.address}?lang=en")
    page.locator("a[href^='/cases/']").first.click()
    page.locator("a[href^='/evidence/']").first.click()
    sha256 = page.url.rpartition("/")[2].partition("?")[0]
    assert re.fullmatch(r"[0-9a-f]{64}", sha256)
    expect(page.get_by_text(sha256).first).to_be_visible()
    kept = next((demo.data_dir / "evidence" / "blobs").rglob(sha256))
    with page.expect_download() as download:
        page.locator("a[download]").first.click()
    assert download.value.path().read_bytes() == kept.read_bytes()


@pytest.mark.browser
@pytest.mark.flow
def test_every_source_stands_as_it_was_read(demo: Demo, browser: Browser) -> None:
    page = browser.new_page(locale="en-GB")
    page.goto(f"{demo.address}sources?lang=en")
    for title in ("Rakuten", "eBay", "Shopify", "USPTO"):
        expect(page.get_by_role("heading", name=re.compile(title)).first).to_be_visible()
    assert page.get_by_text("never ran").count() == 0


@pytest.mark.flow
def test_the_summary_can_be_taken_away(demo: Demo) -> None:
    with urllib.request.urlopen(f"{demo.address}reports/summary.csv", timeout=10) as answer:  # noqa: S310 - loopback
        content = answer.read()
    assert content.startswith(b"\xef\xbb\xbfperiod_from,")
    assert b"funnel,,suspected," in content


# After the tests that look at its page: this one ends it.
@pytest.mark.flow
@needs_proc
def test_a_demo_that_is_ended_leaves_nothing_behind(demo: Demo) -> None:
    assert demo.data_dir.is_dir()
    demo.process.terminate()
    assert demo.process.wait(MAX_DEMO_SECONDS) == 0
    assert demo.process.stdout is not None
    assert demo.process.stdout.read() == ""
    assert of_session(demo.process.pid) == []
    assert [path.name for path in demo.temp.iterdir() if path.name.startswith("ipwatch")] == []
    assert list(demo.home.iterdir()) == []


@pytest.mark.flow
@needs_proc
def test_once_ends_after_the_first_cycle_and_leaves_nothing_behind(tmp_path: Path, quick: dict[str, str]) -> None:
    home, temp = tmp_path / "home", tmp_path / "temp"
    home.mkdir()
    temp.mkdir()
    process = subprocess.Popen(  # noqa: S603 - our own program
        [PROGRAM, "demo", "--once", *WORLD],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=home,
        env=clean_environment(TMPDIR=str(temp), **quick),
        text=True,
        start_new_session=True,
    )
    try:
        output, errors = process.communicate(timeout=MAX_DEMO_SECONDS)
        assert of_session(process.pid) == []
    finally:
        for line in of_session(process.pid):
            os.kill(int(line.split()[0]), signal.SIGKILL)
        process.wait()
    assert process.returncode == 0, errors
    (figures,) = map(json.loads, output.splitlines())
    assert figures["found"] + figures["missed"] > 0
    assert figures["missed_unread"] == 0
    assert "Review page: http://127.0.0.1:" in errors
    assert "Traceback" not in errors
    assert list(temp.iterdir()) == list(home.iterdir()) == []


@pytest.mark.flow
@needs_proc
def test_flows_that_die_are_one_sentence_and_a_log(tmp_path: Path, quick: dict[str, str]) -> None:
    environment = clean_environment(TMPDIR=str(tmp_path), **quick)
    process = subprocess.Popen(  # noqa: S603 - our own program
        [PROGRAM, "demo", "--once", *WORLD],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        env=environment,
        text=True,
        start_new_session=True,
    )
    try:
        deadline = time.monotonic() + MAX_DEMO_SECONDS
        while not (flows := [path for path in tmp_path.glob("*/processes/flows.lock") if lifeline.holder(path)]):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert lifeline.end_holder(flows[0])
        _, output = process.communicate(timeout=60)
        assert of_session(process.pid) == []
    finally:
        for line in of_session(process.pid):
            os.kill(int(line.split()[0]), signal.SIGKILL)
        process.wait()
    assert process.returncode == 1
    sentence = output.splitlines()[-1]
    assert sentence.startswith("ipwatch: waited until the flows have run, but that ended with code -9; the log is ")
    assert "Traceback" not in output
    # The log that the sentence names is kept, and nothing else.
    log = flows[0].parents[1] / "logs" / "flows.log"
    assert str(log) in sentence
    assert sorted(path.name for path in log.parents[1].iterdir() if path.is_dir()) == ["logs"]
    assert log.is_file()


def _rows(output: str) -> list[tuple[str, bool, int, int, int]]:
    """The table: kind, whether it should be flagged, how many there are, were read and were flagged."""
    matches = [match.groups() for match in ROW.finditer(output)]
    return [
        (kind, wanted == "yes", int(all_), int(read), int(flagged)) for kind, wanted, all_, read, flagged in matches
    ]

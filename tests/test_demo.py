"""The demo as a newcomer meets it: one command, from nothing to figures."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import threading
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cli.command import PROGRAM, clean_environment

from ipwatch import lifeline

MAX_START_SECONDS = 60
MAX_DEMO_SECONDS = 600
ROW = re.compile(r"│ (\w+) +│ (yes|no) +│ +(\d+) │ +(\d+) │ +(\d+) │")


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


@pytest.mark.flow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are counted by /proc")
def test_one_command_shows_the_whole_watch_and_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "temp").mkdir()
    environment = clean_environment(IPWATCH_WEB_PORT="0", TMPDIR=str(tmp_path / "temp"), COLUMNS="200")
    watched, started = Watched(), time.monotonic()
    process = subprocess.Popen(  # noqa: S603 - our own program
        [PROGRAM, "demo", "--once", "--listings", "60"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path / "home",
        env=environment,
        text=True,
        start_new_session=True,
    )
    reader = threading.Thread(target=watched.follow, args=(process, started))
    reader.start()
    try:
        assert process.stdout is not None
        out = process.stdout.read()
        code = process.wait(MAX_DEMO_SECONDS)
        whole = time.monotonic() - started
        reader.join(20)
        left_behind = of_session(process.pid)
    finally:
        for line in of_session(process.pid):
            os.kill(int(line.split()[0]), signal.SIGKILL)
        process.wait()
        reader.join(20)
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()
    output = "".join(line for _, line in watched.lines)
    assert code == 0, output

    seconds, line_number = watched.first("Review page: http://")
    assert watched.page == 200
    assert seconds < MAX_START_SECONDS
    assert all("run_started" not in line and "Traceback" not in line for _, line in watched.lines)
    assert line_number < watched.first("found ")[1]

    (line,) = out.splitlines()
    figures = json.loads(line)
    assert {"found", "missed", "wrong", "seconds"} <= set(figures)
    rows = _rows(output)
    assert figures["found"] == sum(flagged for _, wanted, _, _, flagged in rows if wanted) > 0
    assert figures["missed"] == sum(all_ - flagged for _, wanted, all_, _, flagged in rows if wanted)
    # A subject that is flagged for two marks is wrong twice, but is one row of the table.
    assert figures["wrong"] >= sum(flagged for _, wanted, _, _, flagged in rows if not wanted)
    assert all(flagged <= read <= all_ for _, _, all_, read, flagged in rows)
    assert figures["precision"] == round(figures["found"] / (figures["found"] + figures["wrong"]), 3)
    assert figures["recall"] == round(figures["found"] / (figures["found"] + figures["missed"]), 3)
    assert 0 < figures["seconds"] < whole

    assert left_behind == []
    assert [path.name for path in (tmp_path / "temp").iterdir() if path.name.startswith("ipwatch")] == []
    assert list((tmp_path / "home").iterdir()) == []


@pytest.mark.flow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are counted by /proc")
def test_flows_that_die_are_one_sentence_and_a_log(tmp_path: Path) -> None:
    environment = clean_environment(IPWATCH_WEB_PORT="0", TMPDIR=str(tmp_path))
    process = subprocess.Popen(  # noqa: S603 - our own program
        [PROGRAM, "demo", "--once", "--listings", "60"],
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

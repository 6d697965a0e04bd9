from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ipwatch import lifeline
from ipwatch.cli import children
from ipwatch.cli.children import Child, alone, clear_leftovers, keep_small
from ipwatch.errors import ConfigError, IpwatchError

FAILS = "import sys\nprint('Traceback (most recent call last):')\nprint('the disk is made of cheese')\nsys.exit(3)\n"
SLEEPS = "import time\ntime.sleep(600)\n"
WRITES = "import time\nwhile True:\n    print('x' * 99, flush=True)\n    time.sleep(0.001)\n"
HOLDS = """
import sys, time
from pathlib import Path
from ipwatch import lifeline
lifeline.hold(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(600)
"""


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Path]:
    for name, text in (("fails", FAILS), ("sleeps", SLEEPS), ("writes", WRITES)):
        (tmp_path / f"{name}.py").write_text(text)
    with alone(tmp_path / "processes", "go away"):
        yield tmp_path / "processes"


def make_child(processes: Path, module: str, messages: list[str]) -> Child:
    here = processes.parent
    return Child(
        module, [module], {}, processes=processes, log=here / f"{module}.log", directory=here, say=messages.append
    )


def test_a_child_that_keeps_ending_is_started_again_later_each_time_and_then_named(
    processes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(children, "MAX_PAUSE", 0.2)
    messages: list[str] = []
    child = make_child(processes, "fails", messages)
    with child.running(), pytest.raises(IpwatchError) as caught:
        revive_until_it_is_named(child)
    assert len(messages) == children.MAX_DEATHS - 1
    assert messages[0] == "The Prefect fails ended with code 3; it is started again in 0.2 s."
    assert str(caught.value) == (
        f"the Prefect fails has ended 5 times, the last time with code 3; its log: {child.log}: the disk is made of "
        "cheese"
    )


def revive_until_it_is_named(child: Child) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        child.revive()
        time.sleep(0.01)


def test_a_child_that_was_killed_is_started_again(processes: Path) -> None:
    messages: list[str] = []
    child = make_child(processes, "sleeps", messages)
    file = processes / "sleeps.lock"
    with child.running():
        first = held(file)
        assert lifeline.end_holder(file)
        deadline = time.monotonic() + 60
        while lifeline.holder(file) in (None, first) and time.monotonic() < deadline:
            child.revive()
            time.sleep(0.01)
        assert held(file) != first
    assert messages == ["The Prefect sleeps ended with code -9; it is started again in 1 s."]
    assert lifeline.holder(file) is None


def held(file: Path) -> int:
    deadline = time.monotonic() + 60
    while not (number := lifeline.holder(file)):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return number


def test_what_runs_to_its_end_and_fails_is_one_sentence(processes: Path) -> None:
    with pytest.raises(IpwatchError) as caught:
        make_child(processes, "fails", []).finish("the cheese is eaten")
    assert re.fullmatch(
        r"waited until the cheese is eaten, but that ended with code 3; the log is \S+fails\.log: the disk is made of "
        r"cheese",
        str(caught.value),
    )


def test_a_failure_on_a_full_disk_names_the_disk(processes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # What has been written by then may end anywhere: the log says nothing.
    monkeypatch.setattr(children, "FULL_BYTES", 10**18)
    child = make_child(processes, "fails", [])
    with pytest.raises(IpwatchError) as caught:
        child.finish("the cheese is there")
    assert str(caught.value).endswith(
        f"the log is {child.log}: no space is left on the disk of {child.log.parent}; free some, then run the command "
        "again"
    )


def test_a_long_wait_says_so_and_ends(processes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "PROGRESS_SECONDS", 0.2)
    messages: list[str] = []
    with pytest.raises(IpwatchError, match=r"waited 1 s until it sleeps no more, in vain; the log is \S+sleeps\.log"):
        make_child(processes, "sleeps", messages).finish("it sleeps no more", seconds=1)
    assert 2 <= len(messages) <= 5
    assert messages[0].startswith("  waiting until it sleeps no more (0 s; log: ")
    assert lifeline.holder(processes / "sleeps.lock") is None


def test_a_log_stays_small_while_a_process_writes_into_it(processes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "MAX_LOG_BYTES", 10_000)
    child = make_child(processes, "writes", [])
    turned = 0
    with child.running():
        deadline = time.monotonic() + 60
        while turned < 8 and time.monotonic() < deadline:
            if child.log.stat().st_size >= children.MAX_LOG_BYTES:
                keep_small(child.log)
                turned += 1
                assert child.log.stat().st_size < 5_000
            time.sleep(0.01)
    assert turned == 8
    logs = sorted(path.name for path in child.log.parent.glob("writes.log*"))
    assert logs == ["writes.log", *(f"writes.log.{number}" for number in range(1, children.KEPT_LOGS + 1))]
    for name in logs:
        content = (child.log.parent / name).read_bytes()
        assert b"\0" not in content
        assert (child.log.parent / name).stat().st_mode & 0o777 == 0o600
    assert set((child.log.parent / "writes.log.1").read_text().split()) >= {"x" * 99}


def test_a_second_start_on_a_data_directory_is_refused_with_the_process_of_the_first(processes: Path) -> None:
    with pytest.raises(ConfigError) as caught, alone(processes, "name another directory"):
        pass
    assert str(caught.value) == (
        f"{processes.parent}: process {os.getpid()} already runs the watch of this data directory; end it first, or "
        "name another directory"
    )


def test_a_data_directory_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match=r"must be one to write to"), alone(tmp_path / "file" / "processes", ""):
        pass


def test_what_an_earlier_start_left_is_ended(processes: Path) -> None:
    files = [processes / "worker.lock", processes / "server.lock", processes / "runs" / "one.lock"]
    left = [
        subprocess.Popen([sys.executable, "-c", HOLDS, str(file)], stdout=subprocess.PIPE)  # noqa: S603 - our own
        for file in files
    ]
    try:
        for process in left:
            assert process.stdout is not None
            assert process.stdout.readline() == b"held\n"
        messages: list[str] = []
        clear_leftovers(processes, messages.append)
        assert [process.wait(10) for process in left] == [-9, -9, -9]
        assert messages == [
            f"Ending process {process.pid} ({file.stem}), which an earlier start has left."
            for process, file in sorted(zip(left, files, strict=True), key=lambda pair: ORDER.index(pair[1].stem))
        ]
    finally:
        for process in left:
            process.kill()
            process.communicate()


ORDER = ["worker", "one", "server"]


def test_nothing_is_reported_where_nothing_was_left(processes: Path) -> None:
    messages: list[str] = []
    clear_leftovers(processes, messages.append)
    assert messages == []

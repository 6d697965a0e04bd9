"""Real processes that start one another and are killed: nobody outlives the one that started it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ipwatch import lifeline

SLEEPER = """
import pathlib, sys, time
pathlib.Path(sys.argv[1]).write_text("made")
time.sleep(600)
"""
PARENT = """
import subprocess, sys, time
from pathlib import Path
from ipwatch import lifeline
here = Path.cwd()
lifeline.hold(here / "up.lock")
subprocess.Popen(lifeline.command(["middle"], parent=here / "up.lock", held=here / "middle.lock"))
time.sleep(600)
"""
MIDDLE = """
import os, subprocess, time
from pathlib import Path
from ipwatch import lifeline
here = Path.cwd()
subprocess.Popen(
    lifeline.command(["sleeper", "made"], parent=here / "middle.lock", runs=here / "runs"),
    env={**os.environ, lifeline.RUN_VARIABLE: "abc"},
    start_new_session=True,
)
time.sleep(600)
"""

linux = pytest.mark.skipif(sys.platform != "linux", reason="the system ends children with their parent on Linux only")


def wait_for(condition: Callable[[], object], seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


@pytest.fixture
def here(tmp_path: Path) -> Path:
    for name, text in (("sleeper", SLEEPER), ("parent", PARENT), ("middle", MIDDLE)):
        (tmp_path / f"{name}.py").write_text(text)
    return tmp_path


@pytest.fixture
def family(here: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Three generations of live processes, the last one in a new session."""
    process = subprocess.Popen([sys.executable, "-m", "parent"], cwd=here)
    assert wait_for((here / "made").exists)
    yield process
    process.kill()
    process.wait()
    for file in (here / "middle.lock", here / "runs" / "abc.lock"):
        lifeline.end_holder(file)


def living(here: Path) -> list[int | None]:
    return [lifeline.holder(here / "middle.lock"), lifeline.holder(here / "runs" / "abc.lock")]


@linux
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_what_a_killed_process_started_ends_with_it(
    family: subprocess.Popen[bytes], here: Path, number: signal.Signals
) -> None:
    assert all(living(here))
    family.send_signal(number)
    family.wait()
    assert wait_for(lambda: living(here) == [None, None], 10)


@linux
def test_the_process_of_a_run_ends_with_its_killed_worker(family: subprocess.Popen[bytes], here: Path) -> None:
    middle, run = living(here)
    assert middle
    assert run
    os.kill(middle, signal.SIGKILL)
    assert wait_for(lambda: living(here) == [None, None], 10)
    assert family.poll() is None


def test_what_it_writes_is_for_the_owner_alone(family: subprocess.Popen[bytes], here: Path) -> None:
    assert family.poll() is None
    assert (here / "made").stat().st_mode & 0o777 == 0o600


def test_a_process_whose_parent_has_ended_meanwhile_does_not_start(here: Path) -> None:
    # The file is not held by us, who start it: the one that should be the parent is gone.
    (here / "up.lock").write_text(f"{os.getpid()}\n")
    ended = subprocess.run(  # noqa: S603 - our own interpreter
        lifeline.command(["sleeper", "made"], parent=here / "up.lock"),
        cwd=here,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1
    assert "has ended" in ended.stderr
    assert not (here / "made").exists()


def test_a_file_is_held_by_one_process_and_names_it(tmp_path: Path) -> None:
    file = tmp_path / "one.lock"
    assert lifeline.holder(file) is None
    descriptor = lifeline.hold(file)
    assert lifeline.holder(file) == os.getpid()
    with pytest.raises(lifeline.Held) as caught:
        lifeline.hold(file)
    assert caught.value.process_id == os.getpid()
    os.close(descriptor)
    assert lifeline.holder(file) is None
    os.close(lifeline.hold(file))


def test_a_number_that_is_another_process_by_now_is_not_taken_for_the_holder(tmp_path: Path) -> None:
    file = tmp_path / "stale.lock"
    file.write_text(f"{os.getpid()}\n")
    assert lifeline.holder(file) is None
    assert lifeline.end_holder(file)  # and we live


def test_looking_does_not_keep_a_file_from_being_held(tmp_path: Path) -> None:
    file = tmp_path / "one.lock"
    file.touch()
    code = "import sys, pathlib\nfrom ipwatch import lifeline\nwhile True: lifeline.holder(pathlib.Path(sys.argv[1]))"
    looking = subprocess.Popen([sys.executable, "-c", code, str(file)])  # noqa: S603 - our own interpreter
    try:
        for _ in range(50):
            os.close(lifeline.hold(file))
            time.sleep(0.01)
    finally:
        looking.kill()
        looking.wait()


def test_a_holder_is_ended(family: subprocess.Popen[bytes], here: Path) -> None:
    run = here / "runs" / "abc.lock"
    assert lifeline.end_holder(run)
    assert lifeline.holder(run) is None
    assert family.poll() is None

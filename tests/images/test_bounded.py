from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import time
import types
from concurrent.futures import CancelledError
from pathlib import Path

import pytest
from bounded_work import work
from drawn import drawing, encoded
from processes import wait_until_ended

from ipwatch.errors import IpwatchError
from ipwatch.images import BoundedWorkers, Bounds
from ipwatch.images.bounded import cores
from ipwatch.records import ImageRefusal

# Above a child's start and far below the time these tests may take.
SOON = 120


def test_answers_are_those_of_the_work() -> None:
    with BoundedWorkers(work, processes=1) as workers:
        assert workers.process_ids() == ()
        answers = [workers.submit(bytes([n])) for n in range(20)]
        assert [answer.result(SOON) for answer in answers] == [bytes([n]) for n in range(20)]
        assert workers.submit(b"decode <html>").result(SOON) is ImageRefusal.NOT_A_PICTURE
        assert len(workers.process_ids()) == 1


def test_there_are_as_many_processes_as_asked_for_and_no_more_than_needed() -> None:
    with BoundedWorkers(work, processes=2) as workers:
        workers.submit(b"one").result(SOON)
        assert len(workers.process_ids()) == 1
        answers = [workers.submit(b"pid") for _ in range(6)]
        assert {int(answer.result(SOON)) for answer in answers} == set(workers.process_ids())  # type: ignore[arg-type]
        assert len(workers.process_ids()) == 2
    assert cores() >= 1


def test_a_picture_that_computes_too_long_is_refused_and_the_next_goes_on() -> None:
    with BoundedWorkers(work, processes=1, bounds=Bounds(cpu_seconds=0.2)) as workers:
        slow, next_one = workers.submit(b"compute"), workers.submit(b"next")
        assert slow.result(SOON) is ImageRefusal.TOO_SLOW
        assert next_one.result(SOON) == b"next"


def test_the_bound_of_time_is_each_pictures_own() -> None:
    picture = b"decode " + encoded(drawing((1200, 1200)))
    with BoundedWorkers(work, processes=1, bounds=Bounds(cpu_seconds=1)) as workers:
        answers = [workers.submit(picture) for _ in range(40)]
        assert all(isinstance(answer.result(SOON), bytes) for answer in answers)
        assert len(workers.process_ids()) == 1


def test_a_picture_that_hangs_without_computing_is_refused() -> None:
    with BoundedWorkers(work, processes=1, bounds=Bounds(clock_seconds=0.2)) as workers:
        assert workers.submit(b"hang").result(SOON) is ImageRefusal.TOO_SLOW


@pytest.mark.skipif(sys.platform != "linux", reason="memory is bounded on Linux")
def test_a_picture_that_needs_too_much_memory_is_refused_and_the_next_goes_on() -> None:
    with BoundedWorkers(work, processes=1, bounds=Bounds(memory=200_000_000)) as workers:
        assert workers.submit(b"allocate 150000000").result(SOON) == b"150000000"
        assert workers.submit(b"allocate 250000000").result(SOON) is ImageRefusal.MEMORY
        assert workers.submit(b"decode " + encoded(drawing())).result(SOON) != ImageRefusal.MEMORY


@pytest.mark.skipif(sys.platform != "linux", reason="memory is bounded on Linux")
def test_a_decoder_that_finds_no_memory_says_so() -> None:
    large = encoded(drawing((4000, 4000)), compress_level=1)
    with BoundedWorkers(work, processes=1, bounds=Bounds(memory=40_000_000)) as workers:
        assert workers.submit(b"decode " + large).result(SOON) is ImageRefusal.MEMORY
        assert isinstance(workers.submit(b"decode " + encoded(drawing())).result(SOON), bytes)


@pytest.mark.skipif(sys.platform != "linux", reason="memory is bounded on Linux")
def test_what_a_process_without_memory_calls_broken_is_asked_of_a_fresh_one() -> None:
    truncated = b"decode " + encoded(drawing(), "JPEG")[:3000]
    with BoundedWorkers(work, processes=1) as workers:
        assert workers.submit(truncated).result(SOON) is ImageRefusal.TRUNCATED
        before = workers.process_ids()
        assert workers.submit(b"keep 200000000").result(SOON) == b"kept"
        assert workers.process_ids() == before
        assert workers.submit(truncated).result(SOON) is ImageRefusal.TRUNCATED
        assert workers.process_ids() != before


def test_a_picture_that_kills_two_processes_is_refused() -> None:
    with BoundedWorkers(work, processes=1) as workers:
        dead, next_one = workers.submit(b"die"), workers.submit(b"next")
        assert dead.result(SOON) is ImageRefusal.BROKEN
        assert next_one.result(SOON) == b"next"


def test_a_picture_has_a_second_chance(tmp_path: Path) -> None:
    with BoundedWorkers(work, processes=1) as workers:
        assert workers.submit(b"die-once " + str(tmp_path / "died").encode()).result(SOON) == b"second"


def test_an_unexpected_error_costs_one_picture_and_is_logged(capfd: pytest.CaptureFixture[str]) -> None:
    with BoundedWorkers(work, processes=1) as workers:
        assert workers.submit(b"fail").result(SOON) is ImageRefusal.BROKEN
        assert workers.submit(b"next").result(SOON) == b"next"
    assert "nobody foresaw this" in capfd.readouterr().err


def test_a_process_that_ended_while_nothing_was_asked_costs_no_picture() -> None:
    with BoundedWorkers(work, processes=1) as workers:
        workers.submit(b"one").result(SOON)
        (before,) = workers.process_ids()
        os.kill(before, signal.SIGKILL)
        assert workers.submit(b"two").result(SOON) == b"two"
        assert before not in workers.process_ids()


def test_leaving_ends_what_is_under_way() -> None:
    with BoundedWorkers(work, processes=1) as workers:
        workers.submit(b"one").result(SOON)
        (process,) = workers.process_ids()
        waiting = [workers.submit(b"hang") for _ in range(3)]
    for future in waiting:
        with pytest.raises(CancelledError):
            future.result(0)
    assert process not in {child.pid for child in multiprocessing.active_children()}


class _Exploit:
    """What a decoder that was taken over might answer."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os._exit, ("",)


PARENT = """
import time
from bounded_work import work
from ipwatch.images import BoundedWorkers

if __name__ == "__main__":
    with BoundedWorkers(work, processes=1) as workers:
        print(int(workers.submit(b"pid").result(120)), flush=True)
        workers.submit(b"hang")
        time.sleep(600)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the system ends children with their parent on Linux only")
def test_a_process_in_work_ends_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    (tmp_path / "parent.py").write_text(PARENT)
    parent = subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, str(tmp_path / "parent.py")],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
        stdout=subprocess.PIPE,
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    time.sleep(0.2)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert wait_until_ended([child], 10) == []


def test_no_answer_is_unpickled() -> None:
    payload = pickle.dumps(_Exploit())
    with BoundedWorkers(work, processes=1) as workers:
        assert workers.submit(payload).result(SOON) == payload


def test_a_process_that_cannot_start_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other process cannot import the function that this one names."""
    elsewhere = types.ModuleType("elsewhere")
    exec("def unknown(data): return data", elsewhere.__dict__)  # noqa: S102 - a function of a module that has no file
    monkeypatch.setitem(sys.modules, "elsewhere", elsewhere)
    with BoundedWorkers(elsewhere.unknown, processes=1) as workers:
        future = workers.submit(b"one")
        with pytest.raises(IpwatchError, match="standard error"):
            future.result(SOON)

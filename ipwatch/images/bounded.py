"""Worker processes for untrusted pictures, with bounded memory and time for each picture."""

from __future__ import annotations

import ctypes
import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Self

import cv2

from ipwatch.errors import IpwatchError
from ipwatch.lifeline import end_with
from ipwatch.records import ImageRefusal
from ipwatch.terms import message

Answer = bytes | ImageRefusal
Work = Callable[[bytes], Answer]

_ATTEMPTS = 2
_START_SECONDS = 600.0
"""A machine with a load of ten times its cores needs minutes to load the libraries."""
_PROCESS_STATUS = Path("/proc/self/status")
_CPU_SIGNAL = getattr(signal, "SIGPROF", None)
"""Sent by the timer that counts CPU seconds; it ends a process that does not handle it."""

_DAMAGED = frozenset({ImageRefusal.BROKEN, ImageRefusal.TRUNCATED})
_FRESH_SHARE = 0.8
"""The largest pictures take 200 MB of the 300: with this share free, a process can tell broken from out of memory."""

_M_MMAP_THRESHOLD = -3
"""From glibc's malloc.h."""

_PROGRAM = """
import signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
from multiprocessing.connection import Connection
pipe = Connection(int(sys.argv[1]))
sys.path = pipe.recv()
from ipwatch.images.bounded import serve
serve(pipe, int(sys.argv[2]))
"""
"""What a worker process runs, given the descriptor of its pipe and the id of its parent.

Ctrl-C reaches the whole process group, but the parent decides how the work ends.
"""

_READY = b"ready"
_DONE = b"\x00"
_REFUSED = b"\x01"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Limits of one picture: bytes of memory besides the libraries, seconds of CPU, and seconds of wall time.

    CPU seconds are the main limit, since load does not affect them. Wall time is for a process that hangs without
    computing. Memory is limited on Linux, CPU seconds on every Unix, wall time everywhere.
    """

    memory: int = 300_000_000
    cpu_seconds: float = 20.0
    clock_seconds: float = 300.0


class BoundedWorkers:
    """Processes that apply one function to pictures, one per core; a context manager.

    ``work`` is a module-level function or an object that can be pickled; what it loads in the worker comes before the
    first picture and is outside the limits. Its module should import no more than it needs, since each process imports
    it anew. It takes and returns bytes, so that the output of a compromised decoder is
    never unpickled. Processes start with the first pictures and end with this one, even where this one is killed. A
    picture that takes too long is refused as ``TOO_SLOW`` and its process killed. One that needs more memory than
    allowed, or whose process dies (a crashed decoder, or an unexpected error, which is written to standard error), is
    retried in a fresh process, as an earlier picture may have been the cause. Then it is refused as ``MEMORY`` or
    ``BROKEN``.
    """

    def __init__(self, work: Work, *, processes: int | None = None, bounds: Bounds | None = None) -> None:
        self._work = work
        self._bounds = bounds or Bounds()
        self._threads = ThreadPoolExecutor(processes or cores(), thread_name_prefix="picture")
        self._own = threading.local()
        self._lock = threading.Lock()
        self._children: set[_Child] = set()
        self._closing = False

    def submit(self, data: bytes) -> Future[Answer]:
        """Submit one picture and return the future of its result."""
        return self._threads.submit(self._answer, data)

    def process_ids(self) -> tuple[int, ...]:
        """Return the ids of the current processes."""
        with self._lock:
            return tuple(sorted(child.process_id for child in self._children))

    def _answer(self, data: bytes) -> Answer:
        refusal = ImageRefusal.BROKEN
        for _ in range(_ATTEMPTS):
            child = self._child()
            try:
                answer = child.ask(data, self._bounds.clock_seconds)
            except TimeoutError:
                self._discard(child)
                return ImageRefusal.TOO_SLOW
            except (EOFError, OSError):
                self._discard(child)
                refusal = ImageRefusal.BROKEN
                continue
            if answer is not ImageRefusal.MEMORY:
                return answer
            self._discard(child)
            refusal = ImageRefusal.MEMORY
        return refusal

    def _child(self) -> _Child:
        """Return this thread's process."""
        child: _Child | None = getattr(self._own, "child", None)
        if child is None:
            with self._lock:
                if self._closing:
                    raise CancelledError
                child = _Child(self._work, self._bounds)
                self._children.add(child)
            child.wait_until_ready()
            self._own.child = child
        return child

    def _discard(self, child: _Child) -> None:
        self._own.child = None
        child.end()
        with self._lock:
            self._children.discard(child)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with self._lock:
            self._closing = True
            children = tuple(self._children)
        self._threads.shutdown(wait=False, cancel_futures=True)
        for child in children:
            child.kill()
        self._threads.shutdown()
        for child in children:
            child.end()


class _Child:
    """One process and the pipe to it, used by one thread."""

    def __init__(self, work: Work, bounds: Bounds) -> None:
        self._orders = pickle.dumps((work, bounds))
        self._pipe, theirs = Pipe()
        # A new interpreter: a forked child would share open connections and could deadlock on locks held by threads,
        # and multiprocessing would first import the parent's program, which may take longer than all the pictures.
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter
                [sys.executable, "-P", "-c", _PROGRAM, str(theirs.fileno()), str(os.getpid())],
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )

    @property
    def process_id(self) -> int:
        return self._process.pid

    def wait_until_ready(self) -> None:
        """Wait until the process has loaded its libraries and set its limits; raises ``IpwatchError`` on failure."""
        try:
            self._pipe.send(sys.path)
            self._pipe.send_bytes(self._orders)
            if self._pipe.poll(_START_SECONDS) and self._pipe.recv_bytes() == _READY:
                return
        except (EOFError, OSError) as error:
            raise IpwatchError(message("pictures.process_ended")) from error
        raise IpwatchError(message("pictures.process_slow", seconds=_START_SECONDS))

    def ask(self, data: bytes, seconds: float) -> Answer:
        """Return the result; raises ``TimeoutError`` past a time limit, ``EOFError`` or ``OSError`` if it dies."""
        try:
            self._pipe.send_bytes(data)
            if not self._pipe.poll(seconds):
                raise TimeoutError
            answer = self._pipe.recv_bytes()
        except (EOFError, ConnectionError):
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_START_SECONDS)
            if _CPU_SIGNAL is not None and self._process.returncode == -_CPU_SIGNAL:
                raise TimeoutError from None
            raise
        return answer[1:] if answer.startswith(_DONE) else ImageRefusal(answer[1:].decode())

    def kill(self) -> None:
        """Kill the process; callers waiting for its result get an error."""
        self._process.kill()

    def end(self) -> None:
        """End the process and release its resources."""
        self.kill()
        self._process.wait()
        self._pipe.close()


def cores() -> int:
    """Return how many cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


_in_worker = threading.Event()


def is_worker() -> bool:
    """Return whether this is a worker process, whose memory and time are bounded."""
    return _in_worker.is_set()


def serve(pipe: Connection, parent: int) -> None:
    """Serve requests in a worker process until the parent has ended or closed the pipe."""
    # A killed parent closes the pipe, which a worker busy with a picture does not notice.
    if not end_with(parent):
        return
    _in_worker.set()
    work, bounds = pickle.loads(pipe.recv_bytes())  # noqa: S301 - from the process that started this one
    # There is one process per core.
    cv2.setNumThreads(1)
    _give_back_large_blocks()
    limit = _bound_memory(bounds.memory)
    try:
        pipe.send_bytes(_READY)
        while True:
            data = pipe.recv_bytes()
            with _cpu_bound(bounds.cpu_seconds):
                answer = _done(work, data)
            if answer in _DAMAGED and limit - _data_bytes() < _FRESH_SHARE * bounds.memory:
                # Some decoders report a picture as broken when out of memory; the retry in a fresh process decides.
                answer = ImageRefusal.MEMORY
            pipe.send_bytes(_REFUSED + answer.encode() if isinstance(answer, str) else _DONE + answer)
    except (EOFError, ConnectionError):
        return


def _done(work: Work, data: bytes) -> Answer:
    try:
        return work(data)
    except MemoryError:
        return ImageRefusal.MEMORY
    except cv2.error as error:
        if error.code != cv2.Error.StsNoMem:
            raise
        return ImageRefusal.MEMORY


def _give_back_large_blocks() -> None:
    """Make glibc return every freed block of a megabyte or more to the system.

    Otherwise it keeps more and more of them, and they count as used.
    """
    tell = getattr(ctypes.CDLL(None), "mallopt", None) if os.name == "posix" else None
    if tell is not None:
        tell(_M_MMAP_THRESHOLD, 1 << 20)


def _bound_memory(allowance: int) -> int:
    """Limit this process to ``allowance`` bytes more than it uses now, libraries excluded; return the limit.

    The limit is RLIMIT_DATA, not RLIMIT_AS: the latter counts what libraries reserve and never touch.
    """
    limit = _data_bytes() + allowance
    if find_spec("resource") is not None and _PROCESS_STATUS.exists():
        import resource  # noqa: PLC0415 - not on every system

        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    return limit


def _data_bytes() -> int:
    """Return the bytes that count for RLIMIT_DATA, 0 where unknown."""
    if not _PROCESS_STATUS.exists():
        return 0
    fields = dict(line.split(":", 1) for line in _PROCESS_STATUS.read_text().splitlines())
    return int(fields["VmData"].removesuffix("kB")) * 1024


@contextmanager
def _cpu_bound(seconds: float) -> Iterator[None]:
    """Kill this process when the block takes more seconds of CPU, even inside a library."""
    if _CPU_SIGNAL is None:
        yield
        return
    signal.setitimer(signal.ITIMER_PROF, seconds)
    yield
    signal.setitimer(signal.ITIMER_PROF, 0)

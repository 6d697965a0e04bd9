"""Child processes that end with their parent, and lock files that show whether a process is alive.

A process that holds a lock file keeps it locked until it ends, in whatever way, and writes its id into it. The lock
shows reliably whether that process is alive, while an id alone may have been reused.

``python -m ipwatch.lifeline --parent FILE --hold FILE MODULE ARGUMENT...`` executes that Python module, holds the
second file while it runs, and is killed by the system when the process that holds the first one ends (on Linux). Where
that process is no longer the parent, it does not start. ``--hold-run DIRECTORY`` holds the file of the flow run.
"""

from __future__ import annotations

import argparse
import ctypes
import fcntl
import os
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

PRIVATE = 0o077
"""The umask: credentials and personal data are private to the owner."""

RUN_VARIABLE = "PREFECT__FLOW_RUN_ID"
"""Environment variable in which Prefect's worker passes the id of the flow run."""

_PR_SET_PDEATHSIG = 1
"""From Linux's prctl.h."""

_PATIENCE = 2.0
"""Seconds to wait for a lock: checking whether a file is held locks it for an instant."""


class Held(Exception):
    """Another process, ``process_id``, holds the file."""

    def __init__(self, process_id: int) -> None:
        super().__init__(f"held by process {process_id}")
        self.process_id = process_id


def end_with(parent: int) -> bool:
    """Let the system kill this process when its parent ends; return whether the parent is still alive.

    The parent is the thread that started this process, so it must live as long as its process. On systems other than
    Linux only the check is done.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    # It may have ended before the call.
    return os.getppid() == parent


def hold(path: Path) -> int:
    """Hold a file until this process ends, and return its descriptor; raises ``Held`` where another process does."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    deadline = time.monotonic() + _PATIENCE
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            if time.monotonic() > deadline:
                raise Held(holder(path) or 0) from None
            time.sleep(0.02)
            continue
        if _is_at(descriptor, path):
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
            return descriptor
        # The file was removed before it was locked.
        os.close(descriptor)


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def holder(path: Path) -> int | None:
    """Return the id of the process that holds a file, 0 where it is not written yet, ``None`` where nobody holds it."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        written = os.pread(descriptor, 32, 0).strip()
        return int(written) if written.isdigit() else 0
    else:
        return None
    finally:
        os.close(descriptor)


def end_holder(path: Path, seconds: float = 10.0) -> bool:
    """Terminate the process that holds a file; return whether nobody holds it any more."""
    deadline = time.monotonic() + seconds
    while (process_id := holder(path)) is not None:
        if process_id:
            _kill(process_id, path)
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _kill(process_id: int, path: Path) -> None:
    """Kill the holder of a file, but no other process that has reused its id."""
    with suppress(ProcessLookupError):
        if sys.platform != "linux":
            os.kill(process_id, signal.SIGKILL)
            return
        descriptor = os.pidfd_open(process_id)
        try:
            if holder(path) == process_id:
                signal.pidfd_send_signal(descriptor, signal.SIGKILL)
        finally:
            os.close(descriptor)


def run_file(directory: Path, run_id: str) -> Path:
    """Return the file that the process of a flow run holds."""
    return directory / f"{run_id}.lock"


def command(module: Sequence[str], *, parent: Path, held: Path | None = None, runs: Path | None = None) -> list[str]:
    """Return the command line that runs a Python module through this module."""
    options = ["--parent", str(parent)]
    if held is not None:
        options += ["--hold", str(held)]
    if runs is not None:
        options += ["--hold-run", str(runs)]
    return [sys.executable, "-m", "ipwatch.lifeline", *options, *module]


def main() -> None:
    """Execute the module named on the command line."""
    parser = argparse.ArgumentParser(prog="python -m ipwatch.lifeline", description=__doc__)
    parser.add_argument("--parent", type=Path, required=True)
    parser.add_argument("--hold", type=Path)
    parser.add_argument("--hold-run", type=Path)
    parser.add_argument("module")
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    if not end_with(holder(options.parent) or 0):
        sys.exit(f"the process that holds {options.parent} has ended, and so do we")
    os.umask(PRIVATE)
    files = [options.hold] if options.hold else []
    if options.hold_run:
        files.append(run_file(options.hold_run, os.environ[RUN_VARIABLE]))
    for file in files:
        try:
            # The descriptor survives exec, but is not passed to children of the executed module.
            os.set_inheritable(hold(file), True)
        except Held as error:
            sys.exit(f"{file} is {error}: one is enough")
        except OSError as error:
            sys.exit(f"{file}: {error.strerror}")
    # The same interpreter, with arguments from the command line.
    os.execv(sys.executable, [sys.executable, "-m", options.module, *options.arguments])  # noqa: S606


if __name__ == "__main__":
    main()

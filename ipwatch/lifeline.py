"""Processes that end with the one that started them, and files that say whether a process lives.

A process that holds a lock file keeps it locked until it ends, however that happens, and writes its number into it. So
the file tells for certain whether that very process lives: a number alone may be another process's by now.

``python -m ipwatch.lifeline --parent FILE --hold FILE MODULE ARGUMENT...`` becomes that Python module, holds the second
file while it runs, and is ended by the system when the process that holds the first one ends (on Linux). Where that
process is not our parent any more, it does not start. ``--hold-run DIRECTORY`` holds the file of the flow run.
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
"""The umask of everything that runs here: credentials and personal data are for the owner alone."""

RUN_VARIABLE = "PREFECT__FLOW_RUN_ID"
"""Where Prefect's worker tells the process of a flow run which run it is."""

_PR_SET_PDEATHSIG = 1
"""From Linux's prctl.h."""

_PATIENCE = 2.0
"""Whoever looks whether a file is held locks it for an instant; whoever wants to hold it waits so long."""


class Held(Exception):
    """Another process, whose number is ``process_id``, holds the file."""

    def __init__(self, process_id: int) -> None:
        super().__init__(f"held by process {process_id}")
        self.process_id = process_id


def end_with(parent: int) -> bool:
    """Have the system end this process when its parent ends, and return whether that parent still lives.

    Parent is the thread that started this process: it must live as long as its process. Elsewhere than on Linux nothing
    but the check is done.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    # It may have ended before the system was asked.
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
        # It was removed before it was locked, and nobody would find it.
        os.close(descriptor)


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def holder(path: Path) -> int | None:
    """Return the number of the process that holds a file, 0 where it has not written it yet, ``None`` without one."""
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
    """End the process that holds a file, and return whether nobody holds it any more."""
    deadline = time.monotonic() + seconds
    while (process_id := holder(path)) is not None:
        if process_id:
            _kill(process_id, path)
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _kill(process_id: int, path: Path) -> None:
    """Kill the holder of a file, and nobody who was given its number since."""
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
    """Return the command that runs a Python module as this module describes."""
    options = ["--parent", str(parent)]
    if held is not None:
        options += ["--hold", str(held)]
    if runs is not None:
        options += ["--hold-run", str(runs)]
    return [sys.executable, "-m", "ipwatch.lifeline", *options, *module]


def main() -> None:
    """Become the module that the command line names."""
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
            # The descriptor goes on through exec, but to no child of what we become.
            os.set_inheritable(hold(file), True)
        except Held as error:
            sys.exit(f"{file} is {error}: one is enough")
        except OSError as error:
            sys.exit(f"{file}: {error.strerror}")
    # Our own interpreter, with what the command line names.
    os.execv(sys.executable, [sys.executable, "-m", options.module, *options.arguments])  # noqa: S606


if __name__ == "__main__":
    main()

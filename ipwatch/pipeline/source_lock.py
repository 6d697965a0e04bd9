"""The lock under which one process at a time reads a source; released when its process ends, in whatever way."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ipwatch.errors import IpwatchError
from ipwatch.terms import message

# ``is_held`` takes the lock for an instant, hence the retries.
_TRIES = 5
_PAUSE = 0.05


@contextmanager
def alone(directory: Path, name: str) -> Iterator[None]:
    """Keep other processes of this installation from reading the same source meanwhile.

    Raises ``IpwatchError`` where one does.
    """
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / f"{name}.lock").open("w") as lock:
        for left in reversed(range(_TRIES)):
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if not left:
                    raise IpwatchError(message("cycle.busy", name=name)) from None
                time.sleep(_PAUSE)
        yield


def is_held(directory: Path, name: str) -> bool | None:
    """Return whether a process of this machine reads the source now; ``None`` where that cannot be known."""
    try:
        with (directory / f"{name}.lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return None
    return False

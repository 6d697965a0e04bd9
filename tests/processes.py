"""Which processes of a session live: a test that ends one sees whether it leaves any behind."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

PROC = Path("/proc")

needs_proc = pytest.mark.skipif(not PROC.is_dir(), reason="the processes of a session are read from /proc")


def _processes() -> dict[int, tuple[int, int]]:
    """Return parent and session of every process that has not ended."""
    result = {}
    for entry in PROC.iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = (entry / "stat").read_text("utf-8")
        except OSError:  # it ended meanwhile
            continue
        # After the name in brackets: state, parent, group, session.
        state, parent, _, session = stat.rpartition(")")[2].split()[:4]
        if state != "Z":
            result[int(entry.name)] = int(parent), int(session)
    return result


def living(session_id: int) -> list[int]:
    """Return the processes of a session that have not ended."""
    return [number for number, (_, session) in _processes().items() if session == session_id]


def wait_until_alone(session_id: int, seconds: float = 5) -> list[int]:
    """Return the processes of a session that are left after some seconds."""
    deadline = time.monotonic() + seconds
    while left := living(session_id):
        if time.monotonic() > deadline:
            return left
        time.sleep(0.02)
    return []


def descendants(process_id: int) -> list[int]:
    """Return the children of a process, theirs, and so on."""
    result = children(process_id)
    for number in result:
        result.extend(children(number))
    return result


def children(process_id: int) -> list[int]:
    """Return the children of a process that have not ended."""
    return [number for number, (parent, _) in _processes().items() if parent == process_id]


def wait_until_ended(numbers: list[int], seconds: float) -> list[int]:
    """Return those of the processes that have not ended after some seconds."""
    deadline = time.monotonic() + seconds
    while left := sorted(set(numbers) & _processes().keys()):
        if time.monotonic() > deadline:
            return left
        time.sleep(0.02)
    return []

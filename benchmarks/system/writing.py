"""Times for which SQLite's write lock is held and waited for, on a busy machine.

One ``ipwatch run`` reads the six sources of the sandbox in parallel while other processes keep the cores busy. Prints
one JSON line: transactions, maximum hold and wait in seconds, and the 99th percentile of each.
Run: ``python -m benchmarks.system.writing [--listings N] [--busy N]``.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.dialects.sqlite.base import SQLiteDialect
from sqlalchemy.engine import Connection

from ipwatch.cli import main as program
from ipwatch.sandbox import Composition, build_world, running
from ipwatch.sandbox.installation import settings_for
from ipwatch.store.turns import Turns

BUSY = "while True: pass"


class Times:
    """The seconds for which each transaction waited for the write lock, and held it."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self.holds: list[float] = []
        self._own = threading.local()

    def watch(self) -> None:
        """Time every write transaction of this process."""
        begin, take = Connection.exec_driver_sql, Turns.take
        commit, rollback = SQLiteDialect.do_commit, SQLiteDialect.do_rollback

        def timed_begin(connection: Connection, statement: str, *given: Any, **named: Any) -> Any:
            if statement != "BEGIN IMMEDIATE":
                return begin(connection, statement, *given, **named)
            started = time.monotonic()
            result = begin(connection, statement, *given, **named)
            self._own.began = time.monotonic()
            self.waits.append(self._own.began - started + getattr(self._own, "queued", 0.0))
            return result

        def timed_take(turns: Turns) -> None:
            started = time.monotonic()
            take(turns)
            self._own.queued = time.monotonic() - started

        def ended(end: Any) -> Any:
            def timed_end(dialect: SQLiteDialect, connection: Any) -> None:
                end(dialect, connection)
                began = getattr(self._own, "began", None)
                if began is not None:
                    self.holds.append(time.monotonic() - began)
                    self._own.began, self._own.queued = None, 0.0

            return timed_end

        Connection.exec_driver_sql = timed_begin  # type: ignore[method-assign]  # the point: it is timed
        Turns.take = timed_take  # type: ignore[method-assign]  # as above
        SQLiteDialect.do_commit = ended(commit)  # type: ignore[method-assign]  # as above
        SQLiteDialect.do_rollback = ended(rollback)  # type: ignore[method-assign]  # as above

    def figures(self) -> dict[str, float | int]:
        """Return the figures."""
        return {
            "transactions": len(self.holds),
            "longest_hold_s": round(max(self.holds), 3),
            "hold_p99_s": round(_p99(self.holds), 3),
            "held_s": round(sum(self.holds), 2),
            "longest_wait_s": round(max(self.waits), 3),
            "wait_p99_s": round(_p99(self.waits), 3),
        }


def _p99(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.99)]


@contextlib.contextmanager
def busy(count: int) -> Iterator[None]:
    """Run so many busy processes."""
    started = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(count)]
    try:
        yield
    finally:
        for process in started:
            process.kill()
            process.wait()


def cycle(figures: Path) -> None:
    """Run ``ipwatch run`` in this process, timed, and write the figures with its exit code."""
    times = Times()
    times.watch()
    code: int | str | None = 0
    try:
        program(["--log-level", "ERROR", "run"])
    except SystemExit as end:
        code = end.code
    figures.write_text(json.dumps({"rc": code, **times.figures()}))


def main() -> None:
    """Run the cycle in its own process together with the busy ones, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listings", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--busy", type=int, default=5)
    parser.add_argument("--cycle", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.cycle is not None:
        cycle(chosen.cycle)
        return
    world = build_world(chosen.seed, chosen.listings, datetime.now(UTC).date(), Composition.ENGINE)
    with tempfile.TemporaryDirectory() as name, running(world) as sandbox:
        root = Path(name)
        world.write_watchlists(root / "watchlists")
        settings = settings_for(sandbox, root / "data", root / "watchlists")
        command = [sys.executable, "-m", __spec__.name, "--cycle", str(root / "figures.json")]
        started = time.monotonic()
        with busy(chosen.busy):
            subprocess.run(
                command, env={**os.environ, **settings.as_environment()}, check=True, stdout=subprocess.DEVNULL
            )
        seconds = time.monotonic() - started
        figures = json.loads((root / "figures.json").read_text())
    head = {"benchmark": "writing", "listings": chosen.listings, "busy": chosen.busy, "seconds": round(seconds, 1)}
    print(json.dumps({**head, **figures}))


if __name__ == "__main__":
    main()

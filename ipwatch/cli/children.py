"""Child processes that end with their parent, write to logs of bounded size, and are restarted."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from ipwatch import lifeline
from ipwatch.errors import ConfigError, IpwatchError
from ipwatch.terms import message, os_reason

Say = Callable[[str], None]
"""Takes one line for the person at the terminal."""

STOP_SECONDS = 3
PATIENCE_SECONDS = 600
"""A machine that is four times slower and busy needs minutes where this one needs seconds."""

PROGRESS_SECONDS = 10
MAX_DEATHS = 5
MAX_PAUSE = 60
CALM_SECONDS = 600
"""A child that has lived so long has left its earlier deaths behind."""

MAX_LOG_BYTES = 5_000_000
KEPT_LOGS = 4
FULL_BYTES = 1_000_000


class Patience:
    """A wait with a timeout that reports every few seconds what it waits for."""

    def __init__(self, what: str, log: Path, say: Say, *, seconds: float = PATIENCE_SECONDS) -> None:
        self._what, self._log, self._say, self._seconds = what, log, say, seconds
        self._begun = time.monotonic()
        self._next = self._begun + PROGRESS_SECONDS

    def pause(self, seconds: float = 0.3) -> None:
        """Wait for one interval; raises ``IpwatchError`` after the timeout."""
        now = time.monotonic()
        waited = now - self._begun
        if waited > self._seconds:
            raise IpwatchError(message("cli.up.in_vain", waited=waited, what=self._what, log=self._log))
        if now >= self._next:
            self._next = now + PROGRESS_SECONDS
            self._say(message("cli.up.waiting", what=self._what, waited=waited, log=self._log))
        time.sleep(seconds)


class Child:
    """A Python module that runs as a child process, in a session of its own: Ctrl-C in a terminal reaches us alone.

    ``processes`` is the directory of lock files in which we hold ``PARENT``; the child holds ``NAME.lock`` there.
    ``started_at`` is the monotonic time of its last start.
    """

    PARENT = "up.lock"

    def __init__(
        self,
        name: str,
        module: Sequence[str],
        environment: Mapping[str, str],
        *,
        processes: Path,
        log: Path,
        directory: Path | None = None,
        say: Say,
    ) -> None:
        self.name = name
        self.log = log
        self._command = lifeline.command(module, parent=processes / self.PARENT, held=processes / f"{name}.lock")
        self._environment = {**os.environ, **environment}
        self._directory = directory
        self._say = say
        self._deaths = 0
        self._start_at: float | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self.started_at = 0.0

    def start(self) -> None:
        """Start the process."""
        self.log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        keep_small(self.log)
        output = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter with fixed arguments
                self._command,
                env=self._environment,
                cwd=self._directory,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        finally:
            os.close(output)
        self.started_at = time.monotonic()
        self._start_at = None

    @property
    def code(self) -> int | None:
        """The exit code, ``None`` while it runs."""
        return None if self._process is None else self._process.poll()

    def revive(self) -> None:
        """Restart it if it has ended, with increasing delay; raises ``IpwatchError`` if it ends repeatedly."""
        now = time.monotonic()
        if self.code is None:
            if now - self.started_at > CALM_SECONDS:
                self._deaths = 0
            return
        if self._start_at is None:
            self._deaths += 1
            if self._deaths >= MAX_DEATHS:
                raise IpwatchError(
                    message(
                        "cli.up.child_dies",
                        child=self.name,
                        deaths=self._deaths,
                        code=self.code,
                        log=self.log,
                        reason=reason_in(self.log),
                    )
                )
            pause = min(2 ** (self._deaths - 1), MAX_PAUSE)
            self._say(message("cli.up.child_ended", child=self.name, code=self.code, pause=pause))
            self._start_at = now + pause
        elif now >= self._start_at:
            self.start()

    def stop(self) -> None:
        """End the process and its descendants: with SIGTERM first, then with SIGKILL."""
        if self._process is None:
            return
        self._signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_SECONDS)
        self._signal(signal.SIGKILL)
        self._process.wait()

    def _signal(self, number: signal.Signals) -> None:
        # The group is gone where its last process has ended.
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)

    @contextmanager
    def running(self) -> Iterator[Child]:
        """Run it, and end it afterwards."""
        self.start()
        try:
            yield self
        finally:
            self.stop()

    def finish(self, what: str, *, seconds: float = PATIENCE_SECONDS) -> None:
        """Run it to its end; raises ``IpwatchError`` where it fails, with its log and the last line of it."""
        patience = Patience(what, self.log, self._say, seconds=seconds)
        with self.running():
            while self.code is None:
                patience.pause(0.1)
        if self.code != 0:
            raise IpwatchError(
                message("cli.up.child_failed", what=what, code=self.code, log=self.log, reason=reason_in(self.log))
            )


def reason_in(log: Path) -> str:
    """Return ``: `` and why the process that wrote a log may have failed: a full disk, else the log's last line.

    What is written to a full disk ends in the middle of a line. Returns an empty text for an empty log.
    """
    if shutil.disk_usage(log.parent).free < FULL_BYTES:
        return message("cli.up.reason", reason=message("cli.up.no_space", directory=log.parent))
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 4000))
        lines = [line.strip() for line in file.read().decode(errors="replace").splitlines()]
    printed = [line for line in lines if any(map(str.isalnum, line)) and "errors.pydantic.dev" not in line]
    return message("cli.up.reason", reason=printed[-1][:300]) if printed else ""


def keep_small(log: Path) -> None:
    """Rotate a large log to ``.1``, ``.2`` and so on; the oldest is deleted.

    The file itself is emptied, not renamed: processes that append to it go on doing so.
    """
    if not log.exists() or log.stat().st_size < MAX_LOG_BYTES:
        return
    for number in range(KEPT_LOGS - 1, 0, -1):
        with suppress(FileNotFoundError):
            _numbered(log, number).replace(_numbered(log, number + 1))
    shutil.copy(log, _numbered(log, 1))
    os.truncate(log, 0)


def _numbered(log: Path, number: int) -> Path:
    return log.with_name(f"{log.name}.{number}")


@contextmanager
def alone(processes: Path, otherwise: str) -> Iterator[None]:
    """Hold the lock of a data directory: only one ``ipwatch up`` or ``ipwatch demo`` runs for it.

    Raises ``ConfigError`` with the process that is already, and with what to do otherwise than ending that one.
    """
    try:
        descriptor = lifeline.hold(processes / Child.PARENT)
    except lifeline.Held as error:
        raise ConfigError(
            message("cli.up.running", directory=processes.parent, process=error.process_id, otherwise=otherwise)
        ) from None
    except OSError as error:
        raise ConfigError(message("cli.up.not_writable", path=processes, reason=os_reason(error))) from None
    try:
        yield
    finally:
        os.close(descriptor)


def clear_leftovers(processes: Path, say: Say) -> None:
    """End the processes that an earlier start left running; raises ``IpwatchError`` where it cannot be ended.

    The worker comes first, so that it starts nothing and judges nothing meanwhile, the server last.
    """
    files = [processes / "worker.lock", *sorted((processes / "runs").glob("*.lock")), *sorted(processes.glob("*.lock"))]
    for file in files:
        process_id = lifeline.holder(file) if file.name != Child.PARENT else None
        if process_id is None:
            continue
        say(message("cli.up.ending", process=process_id, role=file.stem))
        if not lifeline.end_holder(file):
            raise IpwatchError(message("cli.up.not_ended", process=process_id, role=file.stem))

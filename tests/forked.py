"""Python processes that share their imports: forked from one that has made them, before it has any thread.

A flow takes seconds to import Prefect, and most flows of the tests less to run.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self


class Forking:
    """Runs code as ``python -c`` does, in forks of a process that has run ``imports``; a context manager."""

    def __init__(self, imports: str, *, cwd: Path, environment: Mapping[str, str]) -> None:
        here = str(Path(__file__).parent)
        code = f"import sys; sys.path.append({here!r}); import forked; sys.path.remove({here!r}); {imports}"
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter
            [sys.executable, "-c", f"{code}; forked.serve()"],
            cwd=cwd,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(
        self, code: str, *arguments: str, environment: Mapping[str, str], timeout: float
    ) -> subprocess.CompletedProcess[str]:
        """Run code to its end in that environment, and return what it printed."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with tempfile.TemporaryDirectory() as folder:
            out, err = Path(folder) / "stdout", Path(folder) / "stderr"
            job = {
                "code": code,
                "arguments": arguments,
                "environment": dict(environment),
                "files": [os.devnull, str(out), str(err)],
                "timeout": timeout,
            }
            self._process.stdin.write(f"{json.dumps(job)}\n")
            self._process.stdin.flush()
            ended = int(self._process.stdout.readline())
            return subprocess.CompletedProcess(arguments, ended, out.read_text("utf-8"), err.read_text("utf-8"))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._process.communicate(timeout=60)


def serve() -> None:
    """Fork for each job on stdin and write how it ended; a fork returns, to end as any interpreter does."""
    for line in sys.stdin:
        job = json.loads(line)
        child = os.fork()
        if not child:
            become(job)
            return
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def become(job: dict[str, Any]) -> None:
    """Do the job in this process; the system ends it after its time."""
    for descriptor, path in enumerate(job["files"]):
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        os.dup2(file, descriptor)
        os.close(file)
    os.environ.clear()
    os.environ.update(job["environment"])
    sys.argv[1:] = job["arguments"]
    signal.alarm(int(job["timeout"]))
    exec(compile(job["code"], "<job>", "exec"), {"__name__": "__main__"})  # noqa: S102 - the code of a test

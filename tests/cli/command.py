"""The command as a script meets it: a process of its own, its exit code, and what it wrote to which stream."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROGRAM = Path(sys.executable).with_name("ipwatch")
# Generous: the machine may be slow, and busy with other tests.
SECONDS = 600


@dataclass(frozen=True)
class CommandResult:
    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        """What stdout holds, which is JSON Lines and nothing else."""
        return [json.loads(line) for line in self.out.splitlines()]


def clean_environment(**more: str) -> dict[str, str]:
    """The environment without any setting of ipwatch but those given."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("IPWATCH_")}
    return {**kept, **more}


def ipwatch(
    *args: object, cwd: Path, stdin: bytes = b"", environment: Mapping[str, str] | None = None, check: bool = True
) -> CommandResult:
    """Run the command to its end. A traceback is a failure whatever the exit code, unless ``check`` is false."""
    done = subprocess.run(  # noqa: S603 - our own program
        [str(PROGRAM), *map(str, args)],
        input=stdin,
        capture_output=True,
        cwd=cwd,
        env=clean_environment(**(environment or {})),
        timeout=SECONDS,
        check=False,
    )
    result = CommandResult(done.returncode, done.stdout.decode(), done.stderr.decode())
    assert not check or "Traceback" not in result.err, result.err
    return result

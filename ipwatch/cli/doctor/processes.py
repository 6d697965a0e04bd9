"""The processes of one data directory's Prefect, found by their environment (Linux; elsewhere none are found)."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
HOME_VARIABLE = "PREFECT_HOME"
RUN_VARIABLE = "PREFECT__FLOW_RUN_ID"


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One process: ``is_top`` if its parent is none of these processes, ``is_orphan`` if that is no ipwatch either."""

    id: int
    parent: int
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    is_top: bool
    is_orphan: bool

    @property
    def role(self) -> str:
        """Its role: server, worker, run, or other."""
        words = set(self.arguments)
        if "server" in words and "start" in words:
            return "server"
        if "worker" in words:
            return "worker"
        return "run" if RUN_VARIABLE in self.environment else "other"


def processes_of(home: Path) -> list[Process]:
    """Return the processes whose ``PREFECT_HOME`` is that directory, by number.

    Those of other accounts are not seen.
    """
    details: dict[int, tuple[int, tuple[str, ...], dict[str, str]]] = {}
    for number in _numbers():
        environment = dict(_pairs(number))
        if Path(environment.get(HOME_VARIABLE, "")) == home and number != os.getpid():
            details[number] = (_parent(number), _words(number, "cmdline"), environment)
    return [
        Process(
            id=number,
            parent=parent,
            arguments=arguments,
            environment=environment,
            is_top=parent not in details,
            is_orphan=parent not in details and not any("ipwatch" in word for word in _words(parent, "cmdline")),
        )
        for number, (parent, arguments, environment) in sorted(details.items())
    ]


def _numbers() -> list[int]:
    return [int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit()] if PROC.is_dir() else []


def _pairs(number: int) -> Iterator[tuple[str, str]]:
    for word in _words(number, "environ"):
        name, equals, value = word.partition("=")
        if equals:
            yield name, value


def _words(number: int, name: str) -> tuple[str, ...]:
    """Return the NUL-separated words of a file of a process; empty if it ended or is another account's."""
    try:
        content = (PROC / str(number) / name).read_bytes()
    except OSError:
        return ()
    return tuple(word.decode(errors="replace") for word in content.split(b"\0") if word)


def _parent(number: int) -> int:
    try:
        stat = (PROC / str(number) / "stat").read_text("utf-8", errors="replace")
    except OSError:
        return 0
    # After the name in brackets: state, parent.
    return int(stat.rpartition(")")[2].split()[1])

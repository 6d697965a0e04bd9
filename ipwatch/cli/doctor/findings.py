"""Findings of the checks, by key, and the state that the checks inspect."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from ipwatch.bootstrap import source_setups
from ipwatch.cli.doctor.processes import Process, processes_of
from ipwatch.cli.prefect_api import PrefectApi
from ipwatch.records import SourceSetup
from ipwatch.settings import Settings

DEFAULT_PREFECT_PORT = 4200
JST = timezone(timedelta(hours=9), "JST")


class State(StrEnum):
    """How a finding counts: only ``WRONG`` makes the exit code 1. ``NOT_RUNNING``: only a running watch could tell."""

    OK = "ok"
    NOTE = "note"
    NOT_RUNNING = "not_running"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of a check: a key of ``states.STATES``, and what is put into the message."""

    key: str
    arguments: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Check:
    """One entry of the list: its name and its function."""

    name: str
    look: Callable[[Inspected], Iterator[Finding]]


class Inspected:
    """The inspected installation at one time. Nothing is written to it."""

    def __init__(
        self, settings: Settings, *, now: datetime, project: Path, environment: Mapping[str, str], port: int | None
    ) -> None:
        self.settings = settings
        self.now = now
        self.project = project
        self.environment = environment
        self.data_dir = settings.data_dir.resolve()
        self._port = port

    @property
    def prefect_home(self) -> Path:
        """Where the Prefect of this data directory keeps its state."""
        return self.data_dir / "prefect"

    @cached_property
    def setups(self) -> dict[str, SourceSetup]:
        """The setup of every source; raises ``ConfigError`` if the schedules cannot be read."""
        return source_setups(self.settings, self.project)

    @cached_property
    def expected(self) -> list[str]:
        """The names of the sources that are configured and switched on."""
        return [name for name, setup in self.setups.items() if setup.expected]

    @cached_property
    def processes(self) -> list[Process]:
        """The processes that ``ipwatch up`` or ``ipwatch demo`` started for this data directory, orphans included."""
        return processes_of(self.prefect_home)

    @cached_property
    def servers(self) -> list[Process]:
        """The Prefect servers of this data directory."""
        return [process for process in self.processes if process.is_top and process.role == "server"]

    @property
    def watched_by(self) -> int | None:
        """The process of the ``ipwatch up`` that runs this data directory."""
        return next((server.parent for server in self.servers if not server.is_orphan), None)

    @cached_property
    def prefect_port(self) -> int:
        """The port of the Prefect server: that of the command line, of the running server, or the default."""
        if self._port is not None:
            return self._port
        ports = (server.environment.get("PREFECT_SERVER_API_PORT", "") for server in self.servers)
        return next((int(port) for port in ports if port.isdigit()), DEFAULT_PREFECT_PORT)

    @cached_property
    def api(self) -> PrefectApi | None:
        """The interface of the Prefect server, ``None`` where none of this data directory was ever started."""
        try:
            password = (self.prefect_home / "api-password").read_text("utf-8").strip()
        except FileNotFoundError:
            return None
        return PrefectApi(f"http://127.0.0.1:{self.prefect_port}/api", f"ipwatch:{password}")


def in_japan(moment: datetime) -> str:
    """Return a time in Japan to the minute."""
    return f"{moment.astimezone(JST):%Y-%m-%d %H:%M} JST"

"""One cycle: collect every chosen source, then screen what was collected."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import structlog

from ipwatch.errors import Blocked, ConfigError, EvidenceError, IpwatchError, StoreError
from ipwatch.fetch import Fetcher
from ipwatch.images import BoundedWorkers
from ipwatch.pipeline.collect import collect
from ipwatch.pipeline.feature_extraction import FeatureExtractor, extractors
from ipwatch.pipeline.health import pause_of
from ipwatch.pipeline.screen import screen
from ipwatch.pipeline.source_lock import alone
from ipwatch.pipeline.validators import StoredValidators
from ipwatch.pipeline.workspace import Workspace
from ipwatch.records import FailureReason, ListingKind
from ipwatch.sources import get_source, load_sources
from ipwatch.store import mentions, sources
from ipwatch.store.runs import RunReport
from ipwatch.terms import Joined, message, text_of

log = structlog.get_logger("ipwatch.cycle")

JST = timezone(timedelta(hours=9), "JST")


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleReport:
    """Result of a cycle: the report of each source, the sources that could not run and why, and the screening.

    ``named`` counts all stored listings that name or show a mark now, once for each mark, by what was made of them.
    """

    collected: Mapping[str, RunReport]
    refused: Mapping[str, IpwatchError]
    screened: RunReport
    named: Mapping[ListingKind, int]

    @property
    def complete(self) -> bool:
        """Whether every source ran and was read completely."""
        return not self.refused and all(report.state == "done" for report in self.collected.values())


def fetcher_for(name: str, workspace: Workspace) -> Fetcher:
    """Return a fetcher with the interval of a source: the operator's, else the longer of the source's and policy's."""
    interval = workspace.options(name).interval
    if interval is None:
        interval = max(get_source(name).INFO.interval, workspace.policy.interval)
    policy = replace(workspace.policy, interval=interval)
    credentials = workspace.options(name).credentials.values()
    return Fetcher(policy, validators=StoredValidators(workspace), credentials=credentials, now=workspace.now)


def ready_sources(workspace: Workspace) -> tuple[list[str], dict[str, str]]:
    """Return the names of the sources that are configured, and for the others what they lack."""
    ready, lacking = [], {}
    for name, source in sorted(load_sources().items()):
        try:
            list(source.plan(workspace.marks, workspace.options(name)))
        except ConfigError as error:
            lacking[name] = text_of(error)
        else:
            ready.append(name)
    return ready, lacking


def choose_sources(workspace: Workspace, names: Sequence[str]) -> list[str]:
    """Return the sources to read: the named ones, else every one that is configured.

    Raises ``ConfigError`` for an unknown name, and where no source is configured at all.
    """
    if names:
        return [name for name in dict.fromkeys(names) if get_source(name)]
    ready, lacking = ready_sources(workspace)
    if not ready:
        lines = Joined(message("lists.entry", place=name, text=why) for name, why in lacking.items())
        raise ConfigError(message("cycle.nothing_configured", lines=lines))
    return ready


def paused(name: str, workspace: Workspace) -> str | None:
    """Return why a source is paused, or ``None``: it refused to be read, and a person has to look at it.

    The pause ends after ``health.PAUSE``; a person may read the source earlier by naming it.
    """
    states = workspace.database.read(sources.states)
    state = next((state for state in states if state.source == name), None)
    if state is None or state.state != "blocked":
        return None
    until = pause_of(state.updated_at, workspace.now())
    return message("cycle.paused", until=until.astimezone(JST), reason=state.message) if until else None


def locks_of(workspace: Workspace) -> Path:
    """Return the directory of the locks under which sources are read."""
    return workspace.policy.spool.parent / "locks"


@contextmanager
def alone_among_machines(name: str, workspace: Workspace) -> Iterator[None]:
    """Keep other machines that share the PostgreSQL of this installation from reading the same source meanwhile.

    Raises ``IpwatchError`` where one does. An installation with SQLite has one machine and needs no lock.
    """
    if not workspace.database.is_postgres:
        yield
        return
    with workspace.lock(f"source {name}") as lock:
        if not lock.take():
            raise IpwatchError(message("cycle.busy", name=name))
        yield


@contextmanager
def open_source(
    name: str, workspace: Workspace, shared: BoundedWorkers | None = None
) -> Iterator[tuple[Fetcher, FeatureExtractor]]:
    """Yield fetcher and feature extractor of a source, to one process at a time.

    ``shared`` are workers (``extractors``) used for several sources. A ``ConfigError`` in the block sets the state of
    the source to failed with that message, and is raised.
    """
    try:
        with (
            alone(locks_of(workspace), name),
            alone_among_machines(name, workspace),
            fetcher_for(name, workspace) as fetcher,
            FeatureExtractor(workspace.embedder, shared=shared) as extractor,
        ):
            yield fetcher, extractor
    except ConfigError as error:
        why, now = str(error), workspace.now()
        workspace.database.write(
            lambda session: sources.set_state(session, name, "failed", message=why, run_id=None, now=now)
        )
        raise


def collect_one(name: str, workspace: Workspace, shared: BoundedWorkers | None = None) -> RunReport:
    """Collect one source and return the report of the run."""
    with open_source(name, workspace, shared) as (fetcher, extractor):
        return collect(name, workspace, fetcher, extractor)


def collect_all(names: Sequence[str], workspace: Workspace) -> tuple[dict[str, RunReport], dict[str, IpwatchError]]:
    """Collect sources in parallel: each has its own hosts and rate limits, so none waits for another.

    The threads are daemons: an interrupted process ends at once, and the next run resumes from the frontier.
    """
    with extractors(workspace.embedder) as shared:
        return _collected(names, workspace, shared)


def _collected(
    names: Sequence[str], workspace: Workspace, shared: BoundedWorkers
) -> tuple[dict[str, RunReport], dict[str, IpwatchError]]:
    results: queue.Queue[tuple[str, RunReport | BaseException]] = queue.Queue()

    def work(name: str) -> None:
        try:
            results.put((name, collect_one(name, workspace, shared)))
        except BaseException as error:  # noqa: BLE001 - carried to the caller's thread, which raises it
            results.put((name, error))

    for name in names:
        threading.Thread(target=work, args=(name,), name=f"collect-{name}", daemon=True).start()
    collected: dict[str, RunReport] = {}
    refused: dict[str, IpwatchError] = {}
    for _ in names:
        name, outcome = results.get()
        if isinstance(outcome, RunReport):
            collected[name] = outcome
        elif isinstance(outcome, IpwatchError) and not isinstance(outcome, EvidenceError | StoreError):
            refused[name] = outcome
        else:
            raise outcome
    return collected, refused


def run_cycle(names: Sequence[str], workspace: Workspace, *, insist: bool = False) -> CycleReport:
    """Collect the sources and screen everything that is due.

    A paused source is skipped and listed in ``refused``, unless ``insist``.
    """
    pauses = {name: paused(name, workspace) for name in names} if not insist else {}
    resting = {name: why for name, why in pauses.items() if why is not None}
    collected, refused = collect_all([name for name in names if name not in resting], workspace)
    for name, why in resting.items():
        refused[name] = Blocked(why, url="", reason=FailureReason.BLOCKED)
    screened = screen(workspace, on=today_in_japan(workspace.now()))
    named = workspace.database.read(mentions.counts)
    return CycleReport(collected=collected, refused=refused, screened=screened, named=named)


def today_in_japan(now: datetime) -> date:
    """Return the day it is in Japan."""
    return now.astimezone(JST).date()

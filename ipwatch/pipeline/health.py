"""The health of every source: its stored state, judged by the operator's settings and the clock.

The state that the last run left never changes by itself, so it tells nothing about a source that is no longer read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from ipwatch.pipeline.source_lock import is_held
from ipwatch.records import SourceCondition, SourceHealth, SourceSetup
from ipwatch.store import sources
from ipwatch.store.session import Database
from ipwatch.store.sources import OpenRun, SourceRecord
from ipwatch.terms import listed, message

# A source that refused to be read is paused for so long, unless a person names it.
PAUSE = timedelta(hours=24)
# How long a run leases its requests.
LEASE = timedelta(minutes=15)
# A source is overdue after so many of its intervals: one run may fail or take long.
MAX_INTERVALS = 2
# A run whose process is gone counts as cut off after so long: the next one may be about to resume it.
GONE_AFTER = timedelta(minutes=5)
# A run whose process may be alive counts as cut off after so long without progress: one bulk file may take an hour, and
# hundreds of requests at the interval of a register several.
STALLED_AFTER = timedelta(hours=6)


def assess_sources(
    database: Database, setups: Mapping[str, SourceSetup], *, now: datetime, locks: Path | None
) -> dict[str, SourceHealth]:
    """Return the health of every source that can be read or ever was, by name.

    ``locks`` is the directory of the locks of ``source_lock``; ``None`` where processes of other machines read too.
    """
    with database.read_session() as session:
        stored = sources.records(session)
    health = {}
    for name in sorted({*setups, *stored}):
        record = stored.get(name) or SourceRecord(source=name)
        held = None
        if locks is not None and record.open_run is not None and _quiet(record.open_run, now) >= GONE_AFTER:
            held = is_held(locks, name)
        health[name] = judge_source(setups.get(name), record, now=now, held=held)
    return health


def judge_source(setup: SourceSetup | None, record: SourceRecord, *, now: datetime, held: bool | None) -> SourceHealth:
    """Return the health of a source at ``now``.

    ``setup`` is ``None`` for a source that this version does not know. ``held`` is whether a process of this machine
    reads it, ``None`` where that is not known.
    """
    if setup is None or (setup.missing and setup.enabled and not setup.touched):
        conditions: tuple[SourceCondition, ...] = (SourceCondition.NOT_CONFIGURED,)
    elif not setup.enabled:
        conditions = (SourceCondition.SWITCHED_OFF,)
    else:
        conditions = tuple(_faults(setup, record, now, held)) or (SourceCondition.OK,)
    state = record.state
    blocked = SourceCondition.BLOCKED in conditions and state is not None
    cut_off = SourceCondition.CUT_OFF in conditions and record.open_run is not None
    return SourceHealth(
        name=record.source,
        conditions=conditions,
        last_read=record.last_read_at,
        message=_settings_problem(setup) or (state.message if state is not None else None),
        quiet_since=progress_at(record.open_run) if cut_off and record.open_run else None,
        paused_until=pause_of(state.updated_at, now) if blocked and state else None,
    )


def pause_of(refused_at: datetime, now: datetime) -> datetime | None:
    """Return until when a source that refused to be read is paused; ``None`` where that is over."""
    until = refused_at + PAUSE
    return until if now < until else None


def progress_at(run: OpenRun) -> datetime:
    """Return when an open run last leased requests, or when it began where it holds none."""
    return run.started_at if run.leased_until is None else max(run.started_at, run.leased_until - LEASE)


def is_overdue(last_read: datetime | None, interval: timedelta, now: datetime) -> bool:
    """Return whether a source that was read before was not read for more than ``MAX_INTERVALS`` intervals."""
    return last_read is not None and now - last_read > MAX_INTERVALS * interval


def _settings_problem(setup: SourceSetup | None) -> str | None:
    """Return what must be set, or what is wrong with what is set."""
    if setup is None:
        return None
    if setup.problem is None and setup.missing:
        return message("sources.set", name=setup.info.name, settings=listed(setup.missing))
    return setup.problem


def _faults(setup: SourceSetup, record: SourceRecord, now: datetime, held: bool | None) -> Iterator[SourceCondition]:
    """Yield what is wrong with a source that is expected to be read, worst first."""
    state = SourceCondition(record.state.state) if record.state is not None else SourceCondition.NEVER
    wrong = {
        SourceCondition.CUT_OFF: record.open_run is not None and _cut_off(record.open_run, now, held),
        SourceCondition.WRONG_SETTINGS: bool(setup.missing) or setup.problem is not None,
        SourceCondition.OVERDUE: is_overdue(record.last_read_at, setup.interval, now),
        SourceCondition.UNSCHEDULED: setup.scheduled is False,
    }
    for condition in SourceCondition:
        if condition is SourceCondition.OK:
            return
        if wrong.get(condition, condition is state):
            yield condition


def _cut_off(run: OpenRun, now: datetime, held: bool | None) -> bool:
    """Return whether a run in the state running is in fact no longer at work."""
    return _quiet(run, now) >= (GONE_AFTER if held is False else STALLED_AFTER)


def _quiet(run: OpenRun, now: datetime) -> timedelta:
    return now - progress_at(run)

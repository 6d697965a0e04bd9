"""Maintenance: delete what has expired, and check the integrity of the rest."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from ipwatch.pipeline.audit import verify_audit
from ipwatch.pipeline.cycle import JST
from ipwatch.pipeline.progress import Progress, Report, silent
from ipwatch.store import retention
from ipwatch.store.damage import damage
from ipwatch.store.session import Database
from ipwatch.terms import message

log = structlog.get_logger("ipwatch.maintenance")

EVERY = timedelta(hours=20)
"""Interval after which maintenance is due: a little less than a day, so that a daily run is never a day late."""

BATCH = 2000
LISTINGS = 2000
# SQLite's lock is not fair: between two batches others must be able to take it.
PAUSE_SECONDS = 0.02
MAX_LOG_BYTES = 10 * 1024**2
KEPT_LOGS = 3
# A bulk file may take an hour to download; older files were left by a killed process.
SPOOL_AGE = timedelta(days=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long things are kept: requests of ended runs, every sighting, issues, and files of logs."""

    requests: timedelta
    sightings: timedelta
    issues: timedelta
    logs: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class MaintenanceReport:
    """What was deleted, by kind, and what the checks found, one sentence each."""

    deleted: dict[str, int]
    problems: tuple[str, ...]


def due(database: Database, now: datetime) -> bool:
    """Return whether the newest maintenance began longer ago than ``EVERY``, or there was none."""
    with database.read_session() as session:
        last = retention.last_maintenance(session)
    return last is None or last <= now - EVERY


def maintain(
    database: Database, data_dir: Path, keep: Retention, *, now: Callable[[], datetime], report: Report = silent
) -> MaintenanceReport:
    """Delete what has expired, check database and audit trail, and store what was done.

    Others may read and write meanwhile. Raises ``StoreError`` where the database refuses.
    """
    started_at = now()
    steps = {
        "requests": _requests(database, started_at - keep.requests),
        "sightings": _sightings(database, started_at - keep.sightings),
        "issues": _issues(database, started_at - keep.issues),
        "files": _files(data_dir, started_at, keep.logs),
    }
    deleted = {}
    for kind, batches in steps.items():
        deleted[kind] = 0
        for count in batches:
            deleted[kind] += count
            report(Progress(stage=message(f"progress.delete_{kind}"), done=deleted[kind], total=None))
            time.sleep(PAUSE_SECONDS)
    problems = (
        *damage(database.full_url),
        *(problem.sentence() for problem in verify_audit(database, now=now()).first),
    )
    with database.write_session() as session:
        retention.delete_maintenance(session, ended_before=started_at - keep.issues, limit=BATCH)
        retention.note_maintenance(session, started_at=started_at, ended_at=now(), deleted=deleted, problems=problems)
    log.info("maintained", problems=len(problems), **deleted)
    return MaintenanceReport(deleted=deleted, problems=problems)


def _requests(database: Database, before: datetime) -> Iterator[int]:
    while True:
        with database.write_session(durable=False) as session:
            count = retention.delete_requests(session, ended_before=before, limit=BATCH)
        if not count:
            return
        yield count


def _issues(database: Database, before: datetime) -> Iterator[int]:
    while True:
        with database.write_session(durable=False) as session:
            count = retention.delete_issues(session, noted_before=before, limit=BATCH)
        if not count:
            return
        yield count


def _sightings(database: Database, before: datetime) -> Iterator[int]:
    """Delete the redundant sightings of the months that ended before; the search for them takes no lock."""
    month = before.astimezone(JST).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    after: int | None = 0
    while after is not None:
        with database.read_session() as session:
            sightings, after = retention.superfluous_sightings(
                session, sighted_before=month, after_listing=after, listings=LISTINGS
            )
        for start in range(0, len(sightings), BATCH):
            with database.write_session(durable=False) as session:
                count = retention.delete_sightings(session, sightings[start : start + BATCH])
            yield count


def _files(data_dir: Path, now: datetime, keep_logs: timedelta) -> Iterator[int]:
    """Delete leftovers of killed processes in the spool and expired logs; rotate large logs."""
    old = [path for path in (data_dir / "spool").glob("*") if _older(path, now - SPOOL_AGE)]
    old += [path for path in (data_dir / "logs").glob("*.log*") if _older(path, now - keep_logs)]
    for path in old:
        with suppress(FileNotFoundError):
            path.unlink()
            yield 1
    for path in (data_dir / "logs").glob("*.log"):
        if path.stat().st_size > MAX_LOG_BYTES:
            _cut(path)


def _older(path: Path, than: datetime) -> bool:
    with suppress(FileNotFoundError):
        return path.is_file() and path.stat().st_mtime < than.timestamp()
    return False


def _cut(path: Path) -> None:
    """Copy the content of a log to ``path.1`` and truncate it in place, as its writers keep appending to it."""
    for number in range(KEPT_LOGS - 1, 0, -1):
        with suppress(FileNotFoundError):
            path.with_name(f"{path.name}.{number}").replace(path.with_name(f"{path.name}.{number + 1}"))
    shutil.copyfile(path, path.with_name(f"{path.name}.1"))
    with path.open("r+b") as file:
        file.truncate()

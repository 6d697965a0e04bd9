"""Runs: what each piece of work did, in counts that add up. Stored here because Prefect's history is not kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from ipwatch.errors import StoreError
from ipwatch.records import FailureReason
from ipwatch.store.inserts import serialise, table_of
from ipwatch.store.tables import FrontierRow, RunRow
from ipwatch.terms import message

COUNTS = (
    "planned",
    "fetched",
    "unchanged",
    "gone",
    "failed",
    "parsed",
    "refused",
    "new",
    "changed",
    "screened",
    "found",
)

_RUN, _FRONTIER = table_of(RunRow), table_of(FrontierRow)
_START_LOCK = 4_937_021_545


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """What a run did. ``failures`` counts its failed requests by reason, ``left`` those not answered yet.

    The counts are written by the process that did the work, ``failures`` and ``left`` are read from the frontier, or
    kept with the run when its requests were deleted: ``adds_up`` compares the two.
    """

    id: int
    kind: str
    source: str | None
    state: str
    started_at: datetime
    ended_at: datetime | None
    planned: int
    fetched: int
    unchanged: int
    gone: int
    failed: int
    parsed: int
    refused: int
    new: int
    changed: int
    screened: int
    found: int
    message: str | None
    left: int = 0
    failures: Mapping[FailureReason, int] = field(default_factory=dict)

    @property
    def adds_up(self) -> bool:
        """Whether every planned request is accounted for once, and every failure has its reason."""
        accounted = self.fetched + self.unchanged + self.gone + self.failed + self.left
        return self.planned == accounted and self.failed == sum(self.failures.values())


def start_run(session: Session, *, kind: str, source: str | None, now: datetime) -> int:
    """Start a run and return its id; ``kind`` is collect, register, screen or report."""
    run_id: int = session.execute(
        insert(_RUN)
        .values(kind=kind, source=source, state="running", started_at=now, **dict.fromkeys(COUNTS, 0))
        .returning(_RUN.c.id)
    ).scalar_one()
    return run_id


def resume_or_start(session: Session, *, kind: str, source: str | None, now: datetime) -> tuple[int, bool]:
    """Return the newest unfinished run of that kind and source and ``True``, or a new one and ``False``."""
    serialise(session, _START_LOCK)
    unfinished: int | None = session.scalar(
        select(func.max(_RUN.c.id)).where(
            _RUN.c.kind == kind, _RUN.c.source.is_not_distinct_from(source), _RUN.c.state == "running"
        )
    )
    if unfinished is not None:
        return unfinished, True
    return start_run(session, kind=kind, source=source, now=now), False


def add_counts(session: Session, run_id: int, **counts: int) -> None:
    """Add to the counts of a run, by their names in ``COUNTS``; the database adds, so no writer loses another's."""
    unknown = sorted(counts.keys() - set(COUNTS))
    if unknown:
        raise ValueError(f"a run does not count {', '.join(unknown)}; it counts {', '.join(COUNTS)}")
    if not counts:
        return
    added = update(_RUN).where(_RUN.c.id == run_id).values({name: _RUN.c[name] + counts[name] for name in counts})
    if session.execute(added.returning(_RUN.c.id)).one_or_none() is None:
        raise _no_run(run_id)


def finish_run(session: Session, run_id: int, *, state: str, now: datetime, message: str | None = None) -> RunReport:
    """End a run as done, partial or failed, with the reason as a sentence, and return its report."""
    ended = update(_RUN).where(_RUN.c.id == run_id).values(state=state, ended_at=now, message=message)
    if session.execute(ended.returning(_RUN.c.id)).one_or_none() is None:
        raise _no_run(run_id)
    return run_report(session, run_id)


def run_report(session: Session, run_id: int) -> RunReport:
    """Return what a run did so far; raises ``StoreError`` where there is none of that id."""
    reports = _reports(session, [run_id])
    if not reports:
        raise _no_run(run_id)
    return reports[0]


def recent_runs(session: Session, limit: int) -> list[RunReport]:
    """Return the newest runs, newest first, in three queries."""
    return _reports(session, list(session.scalars(select(_RUN.c.id).order_by(_RUN.c.id.desc()).limit(limit))))


def usual_parsed(session: Session, source: str, *, before: int, limit: int) -> list[int]:
    """Return the number of records of the newest complete runs of a source before that run, newest first."""
    query = select(_RUN.c.parsed).where(_RUN.c.source == source, _RUN.c.state == "done", _RUN.c.id < before)
    return list(session.scalars(query.order_by(_RUN.c.id.desc()).limit(limit)))


def _reports(session: Session, run_ids: Iterable[int]) -> list[RunReport]:
    ids = list(run_ids)
    left: dict[int, int] = {}
    failures: dict[int, dict[FailureReason, int]] = {}
    by_state = (
        select(_FRONTIER.c.run_id, _FRONTIER.c.state, _FRONTIER.c.reason, func.count())
        .where(_FRONTIER.c.run_id.in_(ids), _FRONTIER.c.state != "done")
        .group_by(_FRONTIER.c.run_id, _FRONTIER.c.state, _FRONTIER.c.reason)
    )
    for run_id, state, reason, count in session.execute(by_state):
        if state == "failed":
            failures.setdefault(run_id, {})[FailureReason(reason)] = count
        else:
            left[run_id] = left.get(run_id, 0) + count
    query = select(_RUN).where(_RUN.c.id.in_(ids)).order_by(_RUN.c.id.desc())
    return [
        _report(row, left.get(row["id"], 0), failures.get(row["id"], {})) for row in session.execute(query).mappings()
    ]


def _report(row: Mapping[Any, Any], left: int, failures: Mapping[FailureReason, int]) -> RunReport:
    columns = {str(name): value for name, value in row.items()}
    # Of requests that are deleted the counts by reason were kept with the run.
    kept = {FailureReason(reason): count for reason, count in (columns.pop("failures") or {}).items()}
    counted = {reason: kept.get(reason, 0) + failures.get(reason, 0) for reason in (*kept, *failures)}
    return RunReport(**columns, left=left, failures=counted)


def _no_run(run_id: int) -> StoreError:
    return StoreError(message("store.no_run", run=run_id))

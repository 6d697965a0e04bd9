"""The state of each source: shown wherever its results are shown, so that no data never passes for no hits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ipwatch.records import FailureReason
from ipwatch.store.inserts import replace_row, table_of
from ipwatch.store.tables import FrontierRow, RunRow, SourceStateRow

_STATE, _RUN, _FRONTIER = table_of(SourceStateRow), table_of(RunRow), table_of(FrontierRow)
_READS = _RUN.c.kind.in_(("collect", "register"))
_WAS_READ = _RUN.c.state.in_(("done", "partial"))


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """The state of a source: ok, degraded, blocked or failed, why, and when it was last ok."""

    source: str
    state: str
    reason: FailureReason | None
    message: str | None
    run_id: int | None
    last_ok_at: datetime | None
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRun:
    """A run that has not ended: when it began, and until when the newest of its leased requests is its own."""

    id: int
    started_at: datetime
    leased_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRecord:
    """All that is stored of how a source was read: its state, the end of the last run that read it, an open run."""

    source: str
    state: SourceState | None = None
    last_read_at: datetime | None = None
    open_run: OpenRun | None = None


def set_state(
    session: Session,
    source: str,
    state: str,
    *,
    reason: FailureReason | None = None,
    message: str | None = None,
    run_id: int | None = None,
    now: datetime,
) -> None:
    """Set the state of a source; ``last_ok_at`` changes only where the state is ok."""
    row = {
        "source": source,
        "state": state,
        "reason": None if reason is None else FailureReason(reason).value,
        "message": message,
        "run_id": run_id,
        "updated_at": now,
    }
    if state == "ok":
        row["last_ok_at"] = now
    replace_row(session, _STATE, row, key=["source"])


def states(session: Session) -> list[SourceState]:
    """Return the state of every source that was ever collected, ordered by name."""
    return [
        SourceState(
            source=row.source,
            state=row.state,
            reason=None if row.reason is None else FailureReason(row.reason),
            message=row.message,
            run_id=row.run_id,
            last_ok_at=row.last_ok_at,
            updated_at=row.updated_at,
        )
        for row in session.execute(select(_STATE).order_by(_STATE.c.source))
    ]


def records(session: Session) -> dict[str, SourceRecord]:
    """Return what is stored of every source that was ever collected, by name."""
    stored = {state.source: state for state in states(session)}
    read = select(_RUN.c.source, func.max(_RUN.c.ended_at)).where(_READS, _WAS_READ).group_by(_RUN.c.source)
    last_read = {source: ended_at for source, ended_at in session.execute(read)}  # noqa: C416 - dict() takes no rows in typing
    running = _open_runs(session)
    return {
        name: SourceRecord(
            source=name, state=stored.get(name), last_read_at=last_read.get(name), open_run=running.get(name)
        )
        for name in sorted({*stored, *last_read, *running})
    }


def _open_runs(session: Session) -> dict[str, OpenRun]:
    """Return the newest run of each source that has not ended."""
    newest = select(func.max(_RUN.c.id)).where(_READS, _RUN.c.state == "running").group_by(_RUN.c.source)
    leased = (
        select(func.max(_FRONTIER.c.lease_until))
        .where(_FRONTIER.c.run_id == _RUN.c.id, _FRONTIER.c.state == "leased")
        .scalar_subquery()
    )
    query = select(_RUN.c.source, _RUN.c.id, _RUN.c.started_at, leased.label("leased_until"))
    return {
        row.source: OpenRun(id=row.id, started_at=row.started_at, leased_until=row.leased_until)
        for row in session.execute(query.where(_RUN.c.id.in_(newest)))
    }

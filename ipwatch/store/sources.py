"""How each source stands now: shown wherever its results are shown, so that silence never passes for a clean market."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ipwatch.records import FailureReason
from ipwatch.store.inserts import replace_row, table_of
from ipwatch.store.tables import SourceStateRow

_STATE = table_of(SourceStateRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """How a source stands: ok, degraded, blocked or failed, why, and when it was last ok."""

    source: str
    state: str
    reason: FailureReason | None
    message: str | None
    run_id: int | None
    last_ok_at: datetime | None
    updated_at: datetime


def set_state(
    session: Session,
    source: str,
    state: str,
    *,
    reason: FailureReason | None = None,
    message: str | None = None,
    run_id: int | None = None,
    at: datetime,
) -> None:
    """Let a source stand so from that time on; the time at which it was last ok stays until it is ok again."""
    row = {
        "source": source,
        "state": state,
        "reason": None if reason is None else FailureReason(reason).value,
        "message": message,
        "run_id": run_id,
        "updated_at": at,
    }
    if state == "ok":
        row["last_ok_at"] = at
    replace_row(session, _STATE, row, key=["source"])


def states(session: Session) -> list[SourceState]:
    """Return how every source stands that was ever collected, by name."""
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

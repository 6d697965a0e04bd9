"""Stores a person's decision: appended, audited, and refused where somebody else decided meanwhile."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from ipwatch import cases
from ipwatch.cases import CaseState
from ipwatch.errors import StoreError, TransitionError
from ipwatch.records import ReviewDecision, Verdict
from ipwatch.store import audit
from ipwatch.store.review.cases import Decision, decisions_of
from ipwatch.store.tables import CaseRow, FindingRow, ReviewDecisionRow
from ipwatch.terms import message


class StaleCaseError(TransitionError):
    """Somebody decided the case since the person looked at it; ``decisions`` are those they have not seen."""

    def __init__(self, message: str, *, case_id: int, decisions: tuple[Decision, ...]) -> None:
        super().__init__(message)
        self.case_id = case_id
        self.decisions = decisions


def record_decision(
    session: Session,
    *,
    case_id: int,
    expected_version: int,
    verdict: Verdict,
    reviewer: str,
    note: str,
    now: datetime,
) -> ReviewDecision:
    """Append a decision, move the case, and write both into the audit trail; the caller's transaction holds them all.

    ``expected_version`` is the version of the case that the person looked at. Raises ``StaleCaseError`` where it is no
    longer the current one, ``TransitionError`` where ``ipwatch.cases`` refuses, and ``StoreError`` where there is no
    such case or it has no finding.
    """
    row = session.get(CaseRow, case_id)
    if row is None:
        raise StoreError(message("store.no_case", case=case_id))
    if row.version != expected_version:
        raise _stale(session, row, expected_version)
    before = CaseState(row.state)
    reviewer, note = reviewer.strip(), note.strip()
    state = cases.decide(before, verdict, reviewer=reviewer, note=note)
    _move(session, row, expected_version, state, now)
    finding_id = session.scalar(select(func.max(FindingRow.id)).where(FindingRow.case_id == case_id))
    if finding_id is None:
        raise StoreError(message("store.no_finding", case=case_id))
    session.add(
        ReviewDecisionRow(
            case_id=case_id, finding_id=finding_id, verdict=verdict, reviewer=reviewer, note=note, decided_at=now
        )
    )
    audit.append(
        session,
        actor=reviewer,
        action="case.decided",
        target=f"case:{case_id}",
        detail={"verdict": verdict, "from": before, "to": state, "finding": finding_id, "note": note},
        now=now,
    )
    session.flush()
    return ReviewDecision(case_id=case_id, verdict=verdict, reviewer=reviewer, note=note, decided_at=now)


def _move(session: Session, row: CaseRow, expected_version: int, state: CaseState, now: datetime) -> None:
    """Move the case to its new state; raises ``StaleCaseError`` where another transaction did so meanwhile."""
    moved = session.execute(
        update(CaseRow)
        .where(CaseRow.id == row.id, CaseRow.version == expected_version)
        .values(version=CaseRow.version + 1, state=state, updated_at=now)
        .execution_options(synchronize_session=False)
        .returning(CaseRow.id)
    ).one_or_none()
    session.expire(row)
    if moved is None:
        raise _stale(session, row, expected_version)


def _stale(session: Session, row: CaseRow, expected_version: int) -> StaleCaseError:
    unseen = decisions_of(session, row.id)[: max(1, row.version - expected_version)]
    return StaleCaseError(message("store.case_decided", case=row.id), case_id=row.id, decisions=unseen)

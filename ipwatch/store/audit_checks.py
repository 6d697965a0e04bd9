"""Verifications of the audit trail: when, with which result, and up to which event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from ipwatch.store.audit import Chain, Defect, Problem
from ipwatch.store.inserts import table_of
from ipwatch.store.tables import AuditCheckRow

_CHECK = table_of(AuditCheckRow)

MAX_PROBLEMS = 100
"""Problems that a check lists; all are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditCheck:
    """One verification. ``head`` is the hash of ``last_event``, the newest of ``events``; ``first`` lists problems."""

    checked_at: datetime
    ok: bool
    events: int
    last_event: int | None
    head: str | None
    problems: int
    first: tuple[Problem, ...]


def record(session: Session, chain: Chain, *, now: datetime) -> AuditCheck:
    """Append the result of a verification and return it."""
    check = AuditCheck(
        checked_at=now,
        ok=not chain.problems,
        events=chain.events,
        last_event=chain.last_event,
        head=chain.head,
        problems=len(chain.problems),
        first=chain.problems[:MAX_PROBLEMS],
    )
    session.execute(
        insert(_CHECK).values(
            checked_at=now,
            ok=check.ok,
            events=check.events,
            last_event=check.last_event,
            head=check.head,
            problems=check.problems,
            first_problems=[
                {"fault": problem.defect.value, "event": problem.event, "head": problem.head} for problem in check.first
            ],
        )
    )
    return check


def latest(session: Session) -> AuditCheck | None:
    """Return the newest verification, or ``None`` where there was none."""
    row = session.execute(select(_CHECK).order_by(_CHECK.c.id.desc()).limit(1)).mappings().one_or_none()
    return None if row is None else _loaded(row)


def confirmed_heads(session: Session) -> frozenset[str]:
    """Return the head of every verification that found nothing wrong: the trail must hold each of them for ever."""
    heads = session.scalars(select(_CHECK.c.head).where(_CHECK.c.ok, _CHECK.c.head.is_not(None)))
    return frozenset(head for head in heads if head is not None)


def _loaded(row: Mapping[Any, Any]) -> AuditCheck:
    first = tuple(
        Problem(Defect(problem["fault"]), problem["event"], problem["head"]) for problem in row["first_problems"]
    )
    return AuditCheck(
        checked_at=row["checked_at"],
        ok=row["ok"],
        events=row["events"],
        last_event=row["last_event"],
        head=row["head"],
        problems=row["problems"],
        first=first,
    )

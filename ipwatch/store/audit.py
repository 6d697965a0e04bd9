"""The audit trail: who did what and when, each event carrying the hash of the one before it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from ipwatch.store.inserts import serialise, table_of
from ipwatch.store.rows import clean, digest, plain
from ipwatch.store.tables import AuditEventRow

_EVENT = table_of(AuditEventRow)
_CHAIN_LOCK = 4_937_021_546

FIRST = "0" * 64
"""What the first event carries in place of the hash before it."""


def append(session: Session, *, actor: str, action: str, target: str, detail: Mapping[str, Any], at: datetime) -> str:
    """Append an event and return its hash; kept only where the caller's transaction is."""
    serialise(session, _CHAIN_LOCK)
    event = {
        "at": at,
        "actor": clean(actor),
        "action": clean(action),
        "target": clean(target),
        "detail": plain(detail),
        "previous_hash": head(session) or FIRST,
    }
    event["hash"] = _hash(event)
    session.execute(insert(_EVENT).values(**event))
    return str(event["hash"])


def head(session: Session) -> str | None:
    """Return the hash of the newest event, or ``None``.

    Written down elsewhere (in a report, by a timestamp authority) it is what shows that the newest events were removed:
    a chain alone cannot.
    """
    return session.scalar(select(_EVENT.c.hash).order_by(_EVENT.c.id.desc()).limit(1))


def verify(session: Session) -> list[str]:
    """Return one sentence for each event that was changed, or before which one was removed, added or moved."""
    problems = []
    previous = FIRST
    for event in session.execute(select(_EVENT).order_by(_EVENT.c.id).execution_options(yield_per=1000)).mappings():
        if event["previous_hash"] != previous:
            problems.append(f"audit event {event['id']}: it does not follow the event before it")
        if event["hash"] != _hash(event):
            problems.append(f"audit event {event['id']}: its content is not what was written")
        previous = event["hash"]
    return problems


def _hash(event: Mapping[Any, Any]) -> str:
    at: datetime = event["at"]
    said = (event["actor"], event["action"], event["target"], event["detail"], event["previous_hash"])
    return digest(at.astimezone(UTC).isoformat(timespec="microseconds"), *said)

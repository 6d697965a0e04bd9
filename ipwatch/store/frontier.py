"""The frontier: the requests of a run, each pending, leased, done or failed; a killed run resumes from it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session

from ipwatch.records import FailureReason, Request, RequestKind
from ipwatch.store.inserts import AnyRow, insert_absent, table_of
from ipwatch.store.rows import clean, plain
from ipwatch.store.tables import FrontierRow, RunRow

_FRONTIER, _RUN = table_of(FrontierRow), table_of(RunRow)
_NO_LEASE = {"lease_owner": None, "lease_until": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Leased:
    """A request leased to the caller; ``attempts`` includes this one.

    Secret headers are never stored: ``request`` has none, and the fetcher adds them again.
    """

    id: int
    request: Request
    attempts: int


def push(session: Session, run_id: int, requests: Iterable[Request]) -> int:
    """Add requests to the frontier of a run, each at most once; return how many were new.

    Two requests are the same where method, URL and body are. A request that is done or failed stays so.
    """
    rows = {row["url_key"]: row for row in (_row(run_id, request) for request in requests)}
    new = insert_absent(session, _FRONTIER, list(rows.values()), key=["run_id", "url_key"], returning=["id"])
    return len(new)


def take(session: Session, run_id: int, *, limit: int, owner: str, now: datetime, lease: timedelta) -> list[Leased]:
    """Lease up to ``limit`` requests, oldest first, to ``owner`` until ``now + lease``, in one statement.

    A request whose lease has expired is leased again. Two callers never get the same request.
    """
    free = or_(_FRONTIER.c.state == "pending", and_(_FRONTIER.c.state == "leased", _FRONTIER.c.lease_until <= now))
    # A CTE that locks is computed once; as a plain subquery PostgreSQL may run it again and lease more than asked for.
    ready = (
        select(_FRONTIER.c.id)
        .where(_FRONTIER.c.run_id == run_id, free)
        .order_by(_FRONTIER.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("ready")
    )
    leased = (
        update(_FRONTIER)
        .where(_FRONTIER.c.id.in_(select(ready.c.id)))
        .values(state="leased", lease_owner=owner, lease_until=now + lease, attempts=_FRONTIER.c.attempts + 1)
        .returning(_FRONTIER)
    )
    rows = sorted(session.execute(leased).all(), key=lambda row: row.id)
    source = session.scalar(select(_RUN.c.source).where(_RUN.c.id == run_id))
    return [Leased(id=row.id, request=_request(row, source or ""), attempts=row.attempts) for row in rows]


def release(session: Session, run_id: int, *, owner: str | None = None) -> int:
    """End every lease of a run, or those of one owner; return how many requests are pending again."""
    held = _FRONTIER.c.state == "leased"
    if owner is not None:
        held &= _FRONTIER.c.lease_owner == owner
    freed = (
        update(_FRONTIER)
        .where(_FRONTIER.c.run_id == run_id, held)
        .values(state="pending", **_NO_LEASE)
        .returning(_FRONTIER.c.id)
    )
    return len(session.execute(freed).all())


def done(session: Session, frontier_id: int, document_sha256: str | None) -> bool:
    """Mark a request as done; return ``False`` where it was already finished."""
    return _finish(session, frontier_id, {"state": "done", "document_sha256": document_sha256})


def failed(session: Session, frontier_id: int, reason: FailureReason, message: str) -> bool:
    """Mark a request as failed with its reason; return ``False`` where it was already finished."""
    return _finish(session, frontier_id, {"state": "failed", "reason": FailureReason(reason).value, "message": message})


def left(session: Session, run_id: int) -> int:
    """Return how many requests of a run are neither done nor failed."""
    count = select(func.count()).where(_FRONTIER.c.run_id == run_id, _open())
    return session.scalar(count) or 0


def url_key(request: Request) -> str:
    """Return the identity of a request: the SHA-256 of method, URL and body."""
    head = f"{request.method} {clean(request.url)}\n".encode()
    return hashlib.sha256(head + (request.body or b"")).hexdigest()


def _open() -> ColumnElement[bool]:
    return _FRONTIER.c.state.in_(("pending", "leased"))


def _finish(session: Session, frontier_id: int, outcome: dict[str, Any]) -> bool:
    finished = update(_FRONTIER).where(_FRONTIER.c.id == frontier_id, _open()).values(**outcome, **_NO_LEASE)
    return session.execute(finished.returning(_FRONTIER.c.id)).one_or_none() is not None


def _row(run_id: int, request: Request) -> dict[str, Any]:
    return {
        "run_id": run_id,
        "url_key": url_key(request),
        "url": request.url,
        "kind": request.kind.value,
        "method": request.method,
        "headers": plain(request.headers),
        "body": request.body,
        "context": plain(request.context),
        "state": "pending",
        "attempts": 0,
    }


def _request(row: AnyRow, source: str) -> Request:
    return Request(
        source=source,
        url=row.url,
        kind=RequestKind(row.kind),
        method=row.method,
        headers=tuple((name, value) for name, value in row.headers),
        body=row.body,
        context=tuple((name, value) for name, value in row.context),
    )

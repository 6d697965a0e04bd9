"""Verify the audit trail and store the result."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from ipwatch.store import audit, audit_checks
from ipwatch.store.audit_checks import AuditCheck
from ipwatch.store.session import Database


def verify_audit(database: Database, *, now: datetime, heads: Collection[str] = ()) -> AuditCheck:
    """Verify the whole audit trail, record the result with the head, and return it.

    ``heads`` are hashes that were recorded elsewhere. The head of each earlier verification without problems must be
    in the trail as well, so that removed newest events are detected also where none is given. Nothing is
    locked while the trail is read. Raises ``StoreError``.
    """
    with database.read_session() as session:
        chain = audit.verify(session, {*heads, *audit_checks.confirmed_heads(session)})
    with database.write_session() as session:
        return audit_checks.record(session, chain, now=now)

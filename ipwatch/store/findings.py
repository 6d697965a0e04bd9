"""Findings: appended, never rewritten; each opens a case or updates the existing one."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from ipwatch.cases import CaseState, reopened_by_machine
from ipwatch.records import Finding, RightKind
from ipwatch.store.inserts import AnyRow, insert_absent, table_of
from ipwatch.store.rows import clean, plain
from ipwatch.store.tables import MAX_COUNTRY_LENGTH, CaseRow, FilingVersionRow, FindingRow, ListingVersionRow

_CASE, _FINDING = table_of(CaseRow), table_of(FindingRow)
_VERSIONS = {"listing_id": table_of(ListingVersionRow), "filing_id": table_of(FilingVersionRow)}


def record_finding(
    session: Session,
    finding: Finding,
    *,
    row_id: int,
    is_filing: bool,
    run_id: int,
    holder: str,
    right_kind: RightKind,
    watchlist_sha256: str,
    source: str,
    country: str | None,
    due_on: date | None,
    input_hash: str,
    document_sha256: str | None,
    now: datetime,
) -> bool:
    """Append a finding about the listing or filing of that row, and return whether it is new.

    It is not new, and not stored, where the same input was scored by the same matcher before, or where the newest
    finding of the case has the same result with the same watchlist. A new finding opens a case, or updates the score
    of the existing one and may reopen it (``ipwatch.cases``). The watchlist must be saved before.
    """
    column = "filing_id" if is_filing else "listing_id"
    standing = {"score": finding.score, "country": _bounded(country), "due_on": due_on, "updated_at": now}
    facts = {column: row_id, "holder": holder, "right_kind": RightKind(right_kind).value, "source": source}
    case = _case(session, finding, column, {**facts, **standing, "opened_at": now})
    newest = _newest(session, case.id)
    row = {
        **_finding_columns(finding),
        "case_id": case.id,
        "run_id": run_id,
        "input_hash": input_hash,
        "watchlist_sha256": watchlist_sha256,
        "document_sha256": document_sha256,
        "found_at": now,
    }
    if not _append(session, row, newest):
        return False
    changed = newest is not None and _changed_since(session, column, row_id, newest.found_at)
    state = reopened_by_machine(CaseState(case.state), content_changed=changed).value
    session.execute(update(_CASE).where(_CASE.c.id == case.id).values(state=state, **standing))
    return True


def _bounded(country: str | None) -> str | None:
    # Listings may give any text as their country, and databases limit the length of indexed text.
    return None if country is None else clean(country)[:MAX_COUNTRY_LENGTH]


def _case(session: Session, finding: Finding, column: str, facts: dict[str, Any]) -> AnyRow:
    """Return the case of that subject and mark, created if missing, and locked until the transaction ends."""
    opened = {"subject": finding.subject, "mark": finding.mark, "state": CaseState.OPEN.value, "version": 0, **facts}
    insert_absent(session, _CASE, [opened], key=[column, "mark"], returning=["id"])
    wanted = select(_CASE.c.id, _CASE.c.state).where(_CASE.c[column] == facts[column], _CASE.c.mark == finding.mark)
    return session.execute(wanted.with_for_update()).one()


def _finding_columns(finding: Finding) -> dict[str, Any]:
    """Return the columns that hold the finding itself."""
    return {
        "subject": finding.subject,
        "mark": finding.mark,
        "score": finding.score,
        "threshold": finding.threshold,
        "matcher_version": finding.matcher_version,
        "signals": plain(finding.signals),
    }


def _newest(session: Session, case_id: int) -> AnyRow | None:
    newest = select(_FINDING).where(_FINDING.c.case_id == case_id).order_by(_FINDING.c.id.desc()).limit(1)
    return session.execute(newest).one_or_none()


def _append(session: Session, row: dict[str, Any], newest: AnyRow | None) -> bool:
    """Store the finding unless it repeats the newest one of its case; return whether it was stored."""
    if newest is not None and _is_same_finding(newest, row):
        return False
    unique = ["case_id", "matcher_version", "input_hash"]
    return bool(insert_absent(session, _FINDING, [row], key=unique, returning=["id"]))


def _is_same_finding(newest: AnyRow, row: dict[str, Any]) -> bool:
    compared = ("score", "threshold", "matcher_version", "watchlist_sha256", "signals")
    return all(getattr(newest, name) == row[name] for name in compared)


def _changed_since(session: Session, column: str, row_id: int, since: datetime) -> bool:
    versions = _VERSIONS[column]
    newer = exists().where(versions.c[column] == row_id, versions.c.seen_at > since)
    return bool(session.scalar(select(newer)))

"""Findings: appended, never rewritten; each opens its case or renews it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Table, exists, select, update
from sqlalchemy.orm import Session

from ipwatch.cases import CaseState, reopened_by_machine
from ipwatch.records import Finding, RightKind
from ipwatch.store.inserts import AnyRow, insert_absent, table_of
from ipwatch.store.rows import clean, plain
from ipwatch.store.tables import LONGEST_COUNTRY, CaseRow, FilingVersionRow, FindingRow, ListingVersionRow

_CASE, _FINDING = table_of(CaseRow), table_of(FindingRow)
_LISTING_VERSION, _FILING_VERSION = table_of(ListingVersionRow), table_of(FilingVersionRow)


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
    at: datetime,
) -> bool:
    """Append a finding about the listing or filing of that row, and return whether it says anything new.

    It says nothing new, and is not stored, where the same input was scored by the same matcher before, or where the
    newest finding of the case already says the same with the same watchlist. A new finding opens a case, or renews the
    score of the one there is, which ``ipwatch.cases`` may let it reopen. The watchlist must be saved before.
    """
    subject = "filing_id" if is_filing else "listing_id"
    # Listings may claim any text as their country, and databases index only so much of one.
    country = None if country is None else clean(country)[:LONGEST_COUNTRY]
    case = _case(
        session,
        subject,
        {
            subject: row_id,
            "subject": finding.subject,
            "mark": finding.mark,
            "holder": holder,
            "right_kind": RightKind(right_kind).value,
            "source": source,
            "country": country,
            "state": CaseState.OPEN.value,
            "score": finding.score,
            "due_on": due_on,
            "opened_at": at,
            "updated_at": at,
            "version": 0,
        },
    )
    newest = _newest(session, case.id)
    row = {
        "case_id": case.id,
        "run_id": run_id,
        "subject": finding.subject,
        "mark": finding.mark,
        "score": finding.score,
        "threshold": finding.threshold,
        "matcher_version": finding.matcher_version,
        "input_hash": input_hash,
        "watchlist_sha256": watchlist_sha256,
        "document_sha256": document_sha256,
        "signals": plain(finding.signals),
        "found_at": at,
    }
    if newest is not None and _says_the_same(newest, row):
        return False
    unique = ["case_id", "matcher_version", "input_hash"]
    if not insert_absent(session, _FINDING, [row], key=unique, returning=["id"]):
        return False
    versions = _FILING_VERSION if is_filing else _LISTING_VERSION
    changed = newest is not None and _changed_since(session, versions, subject, row_id, newest.found_at)
    renewed = {
        "state": reopened_by_machine(CaseState(case.state), content_changed=changed).value,
        "score": finding.score,
        "country": country,
        "due_on": due_on,
        "updated_at": at,
    }
    session.execute(update(_CASE).where(_CASE.c.id == case.id).values(**renewed))
    return True


def _case(session: Session, subject: str, row: dict[str, Any]) -> AnyRow:
    """Return the case of that subject and mark, opened where there was none, and locked until the transaction ends."""
    insert_absent(session, _CASE, [row], key=[subject, "mark"], returning=["id"])
    wanted = select(_CASE.c.id, _CASE.c.state).where(_CASE.c[subject] == row[subject], _CASE.c.mark == row["mark"])
    return session.execute(wanted.with_for_update()).one()


def _newest(session: Session, case_id: int) -> AnyRow | None:
    newest = select(_FINDING).where(_FINDING.c.case_id == case_id).order_by(_FINDING.c.id.desc()).limit(1)
    return session.execute(newest).one_or_none()


def _says_the_same(newest: AnyRow, row: dict[str, Any]) -> bool:
    compared = ("score", "threshold", "matcher_version", "watchlist_sha256", "signals")
    return all(getattr(newest, name) == row[name] for name in compared)


def _changed_since(session: Session, versions: Table, subject: str, row_id: int, since: datetime) -> bool:
    newer = exists().where(versions.c[subject] == row_id, versions.c.seen_at > since)
    return bool(session.scalar(select(newer)))

"""Findings: appended, never rewritten; each opens a case or updates the existing one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import exists, select, tuple_, update
from sqlalchemy.orm import Session

from ipwatch.cases import CaseKind, CaseState, reopened_by_machine
from ipwatch.records import Finding, ListingKind, RightKind
from ipwatch.store.inserts import AnyRow, chunks, insert_absent, table_of
from ipwatch.store.rows import clean, plain
from ipwatch.store.tables import MAX_COUNTRY_LENGTH, CaseRow, FilingVersionRow, FindingRow, ListingVersionRow

SAME_SUSPICION = 0.05
"""A suspicion that moves by less is the same."""

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
    of the existing one and may reopen it (``ipwatch.cases``). A mention opens and reopens none: it is appended to a
    case that there is. A case of a listing in which nothing was found in the meantime (``withdraw``) stands again as
    found, also where the finding is not new. The watchlist must be saved before.
    """
    column = "filing_id" if is_filing else "listing_id"
    kind = _kind(finding, is_filing=is_filing)
    standing = {
        "score": finding.score,
        "kind": kind.value,
        "suspicion": finding.suspicion,
        "priority": finding.score if finding.suspicion is None else finding.suspicion,
        "country": bounded_country(country),
        "due_on": due_on,
        "updated_at": now,
    }
    facts = {column: row_id, "holder": holder, "right_kind": RightKind(right_kind).value, "source": source}
    if kind is not CaseKind.MENTION:
        _open(session, finding, column, {**facts, **standing, "opened_at": now})
    case = _case(session, finding, column, row_id)
    if case is None:
        return False
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
    since = _asked_at(session, case.id)
    if not _append(session, row, newest):
        if case.kind == CaseKind.NEITHER.value:
            session.execute(update(_CASE).where(_CASE.c.id == case.id).values(**standing))
        return False
    state = CaseState(case.state)
    if kind is not CaseKind.MENTION:
        changed = _changed_since(session, column, row_id, since)
        state = reopened_by_machine(state, content_changed=changed)
    session.execute(update(_CASE).where(_CASE.c.id == case.id).values(state=state.value, **standing))
    return True


def withdraw(session: Session, pairs: Iterable[tuple[int, str]], *, now: datetime) -> None:
    """Say of the cases of these pairs of listing and mark that nothing is found in the listing now.

    State, findings and decisions stay: what becomes of a case is for a person to say.
    """
    for some in chunks(sorted(pairs)):
        cases = tuple_(_CASE.c.listing_id, _CASE.c.mark).in_(some)
        nothing = {"kind": CaseKind.NEITHER.value, "suspicion": None, "priority": 0.0, "updated_at": now}
        session.execute(update(_CASE).where(cases, _CASE.c.kind != CaseKind.NEITHER.value).values(**nothing))


def bounded_country(country: str | None) -> str | None:
    """Return a country as it is indexed: listings may give any text, and databases limit the length of indexed text."""
    return None if country is None else clean(country)[:MAX_COUNTRY_LENGTH]


def _kind(finding: Finding, *, is_filing: bool) -> CaseKind:
    if is_filing:
        return CaseKind.FILING
    return CaseKind.UNJUDGED if finding.kind is None else CaseKind(finding.kind.value)


def _open(session: Session, finding: Finding, column: str, facts: dict[str, Any]) -> None:
    """Create the case of that subject and mark where it is missing."""
    opened = {"subject": finding.subject, "mark": finding.mark, "state": CaseState.OPEN.value, "version": 0, **facts}
    insert_absent(session, _CASE, [opened], key=[column, "mark"], returning=["id"])


def _case(session: Session, finding: Finding, column: str, row_id: int) -> AnyRow | None:
    """Return the case of that subject and mark, locked until the transaction ends."""
    wanted = select(_CASE.c.id, _CASE.c.state, _CASE.c.kind).where(
        _CASE.c[column] == row_id, _CASE.c.mark == finding.mark
    )
    return session.execute(wanted.with_for_update()).one_or_none()


def _finding_columns(finding: Finding) -> dict[str, Any]:
    """Return the columns that hold the finding itself."""
    return {
        "subject": finding.subject,
        "mark": finding.mark,
        "score": finding.score,
        "threshold": finding.threshold,
        "matcher_version": finding.matcher_version,
        "signals": plain(finding.signals),
        "kind": None if finding.kind is None else finding.kind.value,
        "suspicion": finding.suspicion,
        "signs": plain(finding.signs),
    }


def _newest(session: Session, case_id: int) -> AnyRow | None:
    newest = select(_FINDING).where(_FINDING.c.case_id == case_id).order_by(_FINDING.c.id.desc()).limit(1)
    return session.execute(newest).one_or_none()


def _asked_at(session: Session, case_id: int) -> datetime | None:
    """Return when the newest finding that asks for a decision was made: a mention between asks for none."""
    asks = _FINDING.c.kind.is_distinct_from(ListingKind.MENTION.value)
    newest = select(_FINDING.c.found_at).where(_FINDING.c.case_id == case_id, asks)
    found_at: datetime | None = session.scalar(newest.order_by(_FINDING.c.id.desc()).limit(1))
    return found_at


def _append(session: Session, row: dict[str, Any], newest: AnyRow | None) -> bool:
    """Store the finding unless it repeats the newest one of its case; return whether it was stored."""
    if newest is not None and _is_same_finding(newest, row):
        return False
    unique = ["case_id", "matcher_version", "input_hash"]
    return bool(insert_absent(session, _FINDING, [row], key=unique, returning=["id"]))


def _is_same_finding(newest: AnyRow, row: dict[str, Any]) -> bool:
    """Say whether two findings say the same.

    Prices and sellers of a market move with each crawl. Another usual price in the words of a sign, and a suspicion
    that moves by less than ``SAME_SUSPICION``, are no other finding.
    """
    compared = ("score", "threshold", "matcher_version", "watchlist_sha256", "signals", "kind")
    if not all(getattr(newest, name) == row[name] for name in compared) or _signs(newest.signs) != _signs(row["signs"]):
        return False
    before, after = newest.suspicion, row["suspicion"]
    return before == after or (None not in (before, after) and abs(before - after) < SAME_SUSPICION)


def _signs(stored: list[dict[str, Any]] | None) -> list[tuple[str, bool, bool]]:
    return sorted((sign["term"], sign["strong"], sign["points"] > 0) for sign in stored or ())


def _changed_since(session: Session, column: str, row_id: int, since: datetime | None) -> bool:
    if since is None:
        return False
    versions = _VERSIONS[column]
    newer = exists().where(versions.c[column] == row_id, versions.c.seen_at > since)
    return bool(session.scalar(select(newer)))

"""Issues: records and pictures that could not be read, each with its position in the document and the reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from ipwatch.records import ParseIssue
from ipwatch.store.inserts import chunks, table_of
from ipwatch.store.tables import IssueRow

_ISSUE = table_of(IssueRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotedIssue:
    """An issue with the run that reported it."""

    run_id: int
    issue: ParseIssue
    noted_at: datetime


def add_issues(session: Session, run_id: int, issues: Sequence[ParseIssue], now: datetime) -> None:
    """Append the issues of a run."""
    rows = [
        {
            "run_id": run_id,
            "source": issue.source,
            "where": issue.where,
            "field": issue.field,
            "message": issue.message,
            "document_sha256": issue.document_sha256,
            "noted_at": now,
        }
        for issue in issues
    ]
    for some in chunks(rows):
        session.execute(insert(_ISSUE), some)


def recent_issues(session: Session, source: str, limit: int) -> list[NotedIssue]:
    """Return the newest issues of a source, newest first."""
    newest = select(_ISSUE).where(_ISSUE.c.source == source).order_by(_ISSUE.c.noted_at.desc(), _ISSUE.c.id.desc())
    return [
        NotedIssue(
            run_id=row.run_id,
            issue=ParseIssue(
                source=row.source,
                where=row.where,
                message=row.message,
                field=row.field,
                document_sha256=row.document_sha256,
            ),
            noted_at=row.noted_at,
        )
        for row in session.execute(newest.limit(limit))
    ]

"""What people work on: cases with their findings and decisions, and who did what."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ipwatch.store.tables.base import Base, Sha256

MAX_COUNTRY_LENGTH = 64


class CaseRow(Base):
    """Case (案件): one subject against one mark, the unit of human work. Its state moves only by ``ipwatch.cases``."""

    __tablename__ = "review_case"
    __table_args__ = (
        UniqueConstraint("listing_id", "mark"),
        UniqueConstraint("filing_id", "mark"),
        CheckConstraint("(listing_id is null) <> (filing_id is null)", name="one_subject"),
        CheckConstraint(
            "state in ('open', 'needs_more', 'closed_infringing', 'closed_not_infringing', 'closed_genuine')",
            name="state",
        ),
        # Each order of the queue is read from one index: what a filter by kind leaves out is never read from the table.
        Index(None, "state", "priority", "id", "kind"),
        Index(None, "state", "opened_at", "id", "kind"),
        Index(None, "state", "due_on", "id", "kind"),
        # The filters of the queue are counted from this index alone.
        Index("ix_review_case_facets", "state", "source", "holder", "right_kind", "country", "kind", "priority"),
        Index(None, "holder"),
        Index(None, "source"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str]
    mark: Mapped[str] = mapped_column(comment="watchlist/mark")
    holder: Mapped[str] = mapped_column(String(64))
    right_kind: Mapped[str] = mapped_column(String(32))
    source: Mapped[str] = mapped_column(comment="marketplace, or register office")
    country: Mapped[str | None] = mapped_column(String(64))
    listing_id: Mapped[int | None] = mapped_column(ForeignKey("listing.id"))
    filing_id: Mapped[int | None] = mapped_column(ForeignKey("filing.id"))
    state: Mapped[str] = mapped_column(String(32))
    score: Mapped[float] = mapped_column(Float, comment="score of the newest finding")
    kind: Mapped[str] = mapped_column(String(16), server_default="unjudged", comment="cases.CaseKind")
    suspicion: Mapped[float | None] = mapped_column(Float, comment="suspicion of the newest finding, once judged")
    priority: Mapped[float] = mapped_column(
        Float, server_default="0", comment="suspicion of a judged listing, score of any other subject"
    )
    due_on: Mapped[date | None] = mapped_column(comment="last day for an opposition, where there is one")
    opened_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=0, comment="raised at each decision; a stale one is refused")


class FindingRow(Base):
    """Finding (検知): what the machine said at one time. A rescore is a new row.

    ``kind``, ``suspicion`` and ``signs`` are missing in findings of filings, and in those made before listings were
    judged.
    """

    __tablename__ = "finding"
    __table_args__ = (
        UniqueConstraint("case_id", "matcher_version", "input_hash"),
        Index(None, "found_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("review_case.id"))
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"))
    subject: Mapped[str]
    mark: Mapped[str]
    score: Mapped[float] = mapped_column(Float)
    threshold: Mapped[float] = mapped_column(Float)
    matcher_version: Mapped[str] = mapped_column(String(32))
    input_hash: Mapped[str] = mapped_column(Sha256, comment="hash of the record, its pictures and the watchlist")
    watchlist_sha256: Mapped[str] = mapped_column(ForeignKey("watchlist_version.sha256"))
    document_sha256: Mapped[str | None] = mapped_column(Sha256)
    signals: Mapped[list[Any]]
    kind: Mapped[str | None] = mapped_column(String(16), comment="records.ListingKind")
    suspicion: Mapped[float | None] = mapped_column(Float)
    signs: Mapped[list[Any] | None] = mapped_column(comment="for and against infringement")
    found_at: Mapped[datetime]


class ReviewDecisionRow(Base):
    """Review decision (判断) of a named person; appended, never overwritten."""

    __tablename__ = "review_decision"
    __table_args__ = (
        CheckConstraint("verdict in ('infringing', 'not_infringing', 'genuine', 'needs_more')", name="verdict"),
        Index(None, "case_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("review_case.id"))
    finding_id: Mapped[int] = mapped_column(ForeignKey("finding.id"), comment="what the person saw")
    verdict: Mapped[str] = mapped_column(String(16))
    reviewer: Mapped[str]
    note: Mapped[str]
    decided_at: Mapped[datetime]


class AccountRow(Base):
    """A person who may sign in to the review page."""

    __tablename__ = "account"
    __table_args__ = (
        UniqueConstraint("name"),
        CheckConstraint("role in ('reviewer', 'approver', 'admin')", name="role"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    display_name: Mapped[str]
    role: Mapped[str] = mapped_column(String(16))
    password_hash: Mapped[str]
    created_at: Mapped[datetime]


class AuditEventRow(Base):
    """Who did what, when; each row carries the hash of the row before it."""

    __tablename__ = "audit_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    action: Mapped[str] = mapped_column(String(64))
    target: Mapped[str]
    detail: Mapped[dict[str, Any]]
    previous_hash: Mapped[str] = mapped_column(Sha256)
    hash: Mapped[str] = mapped_column(Sha256)


class AuditCheckRow(Base):
    """One verification of the audit trail with the newest event then; insert-only, so that each head is kept."""

    __tablename__ = "audit_check"

    id: Mapped[int] = mapped_column(primary_key=True)
    checked_at: Mapped[datetime]
    ok: Mapped[bool]
    events: Mapped[int] = mapped_column(comment="how many there were")
    last_event: Mapped[int | None] = mapped_column(comment="the id of the newest")
    head: Mapped[str | None] = mapped_column(Sha256, comment="the hash of the newest")
    problems: Mapped[int] = mapped_column(comment="how many were found")
    first_problems: Mapped[list[Any]] = mapped_column(comment="the first of them")

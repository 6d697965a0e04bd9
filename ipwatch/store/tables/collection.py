"""How documents come in: runs, their requests, what was captured, and the state of each source."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ipwatch.store.tables.base import Base, Sha256


class RunRow(Base):
    """One piece of work: a collection of one source, a screening, a report. Its counts add up when it has ended."""

    __tablename__ = "run"
    __table_args__ = (
        CheckConstraint("kind in ('collect', 'register', 'screen', 'report')", name="kind"),
        CheckConstraint("state in ('running', 'done', 'partial', 'failed')", name="state"),
        Index(None, "kind", "source", "started_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    source: Mapped[str | None] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    planned: Mapped[int] = mapped_column(default=0, comment="requests put into the frontier")
    fetched: Mapped[int] = mapped_column(default=0, comment="requests answered with a new body")
    unchanged: Mapped[int] = mapped_column(default=0, comment="requests answered 304")
    gone: Mapped[int] = mapped_column(default=0, comment="requests answered 404 or 410")
    failed: Mapped[int] = mapped_column(default=0, comment="requests that brought nothing, for any reason")
    parsed: Mapped[int] = mapped_column(default=0, comment="records read")
    refused: Mapped[int] = mapped_column(default=0, comment="records or pictures that could not be read")
    new: Mapped[int] = mapped_column(default=0, comment="records seen for the first time")
    changed: Mapped[int] = mapped_column(default=0, comment="records whose content changed")
    screened: Mapped[int] = mapped_column(default=0, comment="records compared with the watched marks")
    found: Mapped[int] = mapped_column(default=0, comment="new findings")
    message: Mapped[str | None] = mapped_column(comment="why the run is not done, in plain words")
    failures: Mapped[dict[str, Any] | None] = mapped_column(
        comment="failed requests by reason, once these requests are deleted"
    )


class FrontierRow(Base):
    """One request of a run with its state; a run is resumed from here."""

    __tablename__ = "frontier"
    __table_args__ = (
        UniqueConstraint("run_id", "url_key"),
        CheckConstraint("state in ('pending', 'leased', 'done', 'failed')", name="state"),
        Index(None, "run_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"))
    url_key: Mapped[str] = mapped_column(Sha256, comment="SHA-256 of method, URL and body")
    url: Mapped[str]
    kind: Mapped[str] = mapped_column(String(16))
    method: Mapped[str] = mapped_column(String(8))
    headers: Mapped[list[Any]] = mapped_column(comment="without secrets")
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    context: Mapped[list[Any]]
    state: Mapped[str] = mapped_column(String(16))
    lease_owner: Mapped[str | None] = mapped_column(String(64))
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str | None] = mapped_column(String(32), comment="records.FailureReason")
    message: Mapped[str | None]
    document_sha256: Mapped[str | None] = mapped_column(Sha256)


class CaptureRow(Base):
    """One captured document: an index of the evidence store, which holds the bytes."""

    __tablename__ = "capture"
    __table_args__ = (Index(None, "url_sha256", "fetched_at"), Index(None, "sha256"))

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int | None] = mapped_column(ForeignKey("run.id"))
    source: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(16))
    url: Mapped[str]
    url_sha256: Mapped[str] = mapped_column(Sha256)
    final_url: Mapped[str]
    status: Mapped[int]
    fetched_at: Mapped[datetime]
    sha256: Mapped[str] = mapped_column(Sha256)
    size: Mapped[int]
    etag: Mapped[str | None] = mapped_column(comment="kept only where the body could be read")
    last_modified: Mapped[str | None] = mapped_column(comment="kept only where the body could be read")
    brought: Mapped[int | None] = mapped_column(comment="records and further addresses read from it, where it could be")


class IssueRow(Base):
    """A record or picture that could not be read, with its position in the document and the reason."""

    __tablename__ = "issue"
    __table_args__ = (Index(None, "run_id"), Index(None, "source", "noted_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"))
    source: Mapped[str] = mapped_column(String(64))
    where: Mapped[str]
    field: Mapped[str | None]
    message: Mapped[str]
    document_sha256: Mapped[str | None] = mapped_column(Sha256)
    noted_at: Mapped[datetime]


class SourceStateRow(Base):
    """The current state of each source: shown wherever its results are shown."""

    __tablename__ = "source_state"
    __table_args__ = (CheckConstraint("state in ('ok', 'degraded', 'blocked', 'failed')", name="state"),)

    source: Mapped[str] = mapped_column(String(64), primary_key=True)
    state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(String(32))
    message: Mapped[str | None]
    run_id: Mapped[int | None] = mapped_column(ForeignKey("run.id"))
    last_ok_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]


class MaintenanceRow(Base):
    """One maintenance: which expired rows were deleted, and what the checks found."""

    __tablename__ = "maintenance"

    id: Mapped[int] = mapped_column(primary_key=True)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    deleted: Mapped[dict[str, Any]] = mapped_column(comment="what was deleted, by kind")
    problems: Mapped[list[Any]] = mapped_column(comment="what the checks found, one sentence each")

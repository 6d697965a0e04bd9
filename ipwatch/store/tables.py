"""Typed tables. Constraint names are predictable, times are aware UTC, and history is appended, never rewritten.

``capture``, ``listing_version``, ``filing_version``, ``finding``, ``review_decision`` and ``audit_event`` are
insert-only: the migrations put triggers on them that refuse UPDATE and DELETE on both databases.

Text from outside is of any length, and PostgreSQL indexes no more than 2704 bytes of it: what must be unique or looked
up by such text is indexed by its SHA-256 (``key``, ``url_key``, ``url_sha256``).
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from ipwatch.store.rows import clean

INSERT_ONLY = ("capture", "listing_version", "filing_version", "finding", "review_decision", "audit_event")


class UTCDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime. SQLite gives times back without a zone; a naive one going in is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the interface's
        """Refuse a naive datetime and store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without a zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the interface's
        """Return an aware UTC datetime."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class CleanText(TypeDecorator[str]):
    """Text that both databases can hold: NUL and lone surrogates are stored as U+FFFD."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - the interface's
        """Replace what PostgreSQL or UTF-8 refuses."""
        return None if value is None else clean(value)


class Base(DeclarativeBase):
    """The metadata all tables share."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        },
    )
    type_annotation_map = {datetime: UTCDateTime, date: Date, dict[str, Any]: JSON, list[Any]: JSON, str: CleanText}  # noqa: RUF012 - read by SQLAlchemy


Sha256 = String(64)
LONGEST_COUNTRY = 64


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


class FrontierRow(Base):
    """One request of a run and what became of it; a run is resumed from here."""

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
    """One document that was seen: an index of the evidence store, which holds the bytes."""

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


class IssueRow(Base):
    """A record or picture that could not be read, with the place and the reason."""

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
    """How each source stands now: shown wherever its results are shown."""

    __tablename__ = "source_state"
    __table_args__ = (CheckConstraint("state in ('ok', 'degraded', 'blocked', 'failed')", name="state"),)

    source: Mapped[str] = mapped_column(String(64), primary_key=True)
    state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(String(32))
    message: Mapped[str | None]
    run_id: Mapped[int | None] = mapped_column(ForeignKey("run.id"))
    last_ok_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]


class ListingRow(Base):
    """A listing as last seen. ``data`` is the whole record; the columns beside it are those that are queried."""

    __tablename__ = "listing"
    __table_args__ = (
        UniqueConstraint("key"),
        Index(None, "marketplace", "last_seen_at"),
        Index(None, "url_sha256"),
        Index(None, "document_sha256"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(Sha256, comment="SHA-256 of marketplace and listing_id")
    marketplace: Mapped[str] = mapped_column(String(64))
    listing_id: Mapped[str]
    url_sha256: Mapped[str | None] = mapped_column(Sha256)
    data: Mapped[dict[str, Any]]
    content_hash: Mapped[str] = mapped_column(Sha256)
    title: Mapped[str | None]
    country: Mapped[str | None] = mapped_column(comment="where it ships from, or where the seller is")
    status: Mapped[str | None]
    document_sha256: Mapped[str | None] = mapped_column(Sha256)
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    gone_at: Mapped[datetime | None]
    screened_key: Mapped[str | None] = mapped_column(
        Sha256, comment="hash of content, pictures, watchlists and matcher when last screened"
    )


class ListingVersionRow(Base):
    """What a listing said from ``seen_at`` until its next version."""

    __tablename__ = "listing_version"
    __table_args__ = (Index(None, "listing_id", "seen_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"))
    content_hash: Mapped[str] = mapped_column(Sha256)
    data: Mapped[dict[str, Any]]
    document_sha256: Mapped[str | None] = mapped_column(Sha256)
    seen_at: Mapped[datetime]


class SightingRow(Base):
    """A listing was seen in a run; a listing seen twice in one run is one sighting."""

    __tablename__ = "sighting"

    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"), primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"), primary_key=True)
    seen_at: Mapped[datetime]


class FilingRow(Base):
    """A register entry as last read."""

    __tablename__ = "filing"
    __table_args__ = (UniqueConstraint("key"), Index(None, "document_sha256"))

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(Sha256, comment="SHA-256 of office and application number")
    office: Mapped[str]
    application_number: Mapped[str]
    data: Mapped[dict[str, Any]]
    content_hash: Mapped[str] = mapped_column(Sha256)
    mark_text: Mapped[str | None]
    opposition_until: Mapped[date | None]
    document_sha256: Mapped[str | None] = mapped_column(Sha256)
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    screened_key: Mapped[str | None] = mapped_column(Sha256)


class FilingVersionRow(Base):
    """What a register entry said from ``seen_at`` until its next version."""

    __tablename__ = "filing_version"
    __table_args__ = (Index(None, "filing_id", "seen_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    filing_id: Mapped[int] = mapped_column(ForeignKey("filing.id"))
    content_hash: Mapped[str] = mapped_column(Sha256)
    data: Mapped[dict[str, Any]]
    document_sha256: Mapped[str | None] = mapped_column(Sha256)
    seen_at: Mapped[datetime]


class PictureRow(Base):
    """A picture by the SHA-256 of its file: decoded and hashed once in its life, or refused with a reason."""

    __tablename__ = "picture"

    sha256: Mapped[str] = mapped_column(Sha256, primary_key=True)
    hashes: Mapped[dict[str, Any] | None] = mapped_column(
        JSON(none_as_null=True), comment="records.PictureHashes without sha256"
    )
    refusal: Mapped[str | None] = mapped_column(String(32), comment="records.PictureRefusal")
    hashed_at: Mapped[datetime]


class ListingPictureRow(Base):
    """The pictures of a listing in their order; ``sha256`` once the picture has been fetched."""

    __tablename__ = "listing_picture"
    __table_args__ = (UniqueConstraint("listing_id", "url_sha256"), Index(None, "url_sha256"), Index(None, "sha256"))

    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"))
    position: Mapped[int]
    url: Mapped[str]
    url_sha256: Mapped[str] = mapped_column(Sha256)
    sha256: Mapped[str | None] = mapped_column(ForeignKey("picture.sha256", deferrable=True, initially="DEFERRED"))


class WatchlistVersionRow(Base):
    """A watchlist as it was when a run used it, by the SHA-256 of its file."""

    __tablename__ = "watchlist_version"
    __table_args__ = (Index(None, "holder", "loaded_at"),)

    sha256: Mapped[str] = mapped_column(Sha256, primary_key=True)
    holder: Mapped[str] = mapped_column(String(64))
    name_ja: Mapped[str]
    name_en: Mapped[str]
    holder_kind: Mapped[str] = mapped_column(String(32))
    prefecture: Mapped[str | None] = mapped_column(String(8))
    marks: Mapped[dict[str, Any]] = mapped_column(comment="mark id -> the watched mark")
    loaded_at: Mapped[datetime]


class ReferencePictureRow(Base):
    """A rights holder's picture of a mark; ``thumbnail`` is a PNG for the review page."""

    __tablename__ = "reference_picture"
    __table_args__ = (UniqueConstraint("mark", "path", "sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    mark: Mapped[str]
    path: Mapped[str]
    sha256: Mapped[str] = mapped_column(Sha256)
    hashes: Mapped[dict[str, Any]]
    thumbnail: Mapped[bytes] = mapped_column(LargeBinary)


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
        Index(None, "state", "score"),
        Index(None, "state", "opened_at"),
        Index(None, "state", "due_on"),
        # The filters of the queue are counted from this index alone.
        Index(None, "state", "source", "holder", "right_kind", "country", "score"),
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
    due_on: Mapped[date | None] = mapped_column(comment="last day for an opposition, where there is one")
    opened_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=0, comment="raised at each decision; a stale one is refused")


class FindingRow(Base):
    """Finding (検知): the machine's suspicion at one time. A rescore is a new row."""

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

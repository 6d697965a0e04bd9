"""What may infringe: listings and filings with their history, and their pictures."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ipwatch.store.tables.base import Base, Sha256


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

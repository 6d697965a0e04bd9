"""What may infringe: listings and filings with their history, and their pictures."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ipwatch.store.tables.base import Base, Sha256

MAX_INDEXED_LENGTH = 200
"""Characters of a text from outside that are stored in an index: of this length it fits into one, in any script."""


class ListingRow(Base):
    """A listing as last read. ``data`` is the whole record; the other columns are those that are queried."""

    __tablename__ = "listing"
    __table_args__ = (
        UniqueConstraint("key"),
        Index(None, "marketplace", "last_seen_at"),
        Index(None, "url_sha256"),
        Index(None, "document_sha256"),
        # What sellers offer is counted from this index alone.
        Index(None, "seller", "goods_kind"),
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
    seller: Mapped[str | None] = mapped_column(String(MAX_INDEXED_LENGTH), comment="marketplace:id of the seller")
    status: Mapped[str | None]
    document_sha256: Mapped[str | None] = mapped_column(Sha256)
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    gone_at: Mapped[datetime | None]
    screened_key: Mapped[str | None] = mapped_column(
        Sha256, comment="hash of content, pictures, watchlists and matcher when last screened"
    )
    goods_kind: Mapped[str | None] = mapped_column(String(32), comment="kind of goods of the title, when last screened")


class ListingVersionRow(Base):
    """The content of a listing from ``seen_at`` until its next version."""

    __tablename__ = "listing_version"
    __table_args__ = (Index(None, "listing_id", "seen_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"))
    content_hash: Mapped[str] = mapped_column(Sha256)
    data: Mapped[dict[str, Any]]
    document_sha256: Mapped[str | None] = mapped_column(Sha256)
    seen_at: Mapped[datetime]


class SightingRow(Base):
    """A listing was read in a run; read twice in one run is one sighting."""

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
    """The content of a register entry from ``seen_at`` until its next version."""

    __tablename__ = "filing_version"
    __table_args__ = (Index(None, "filing_id", "seen_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    filing_id: Mapped[int] = mapped_column(ForeignKey("filing.id"))
    content_hash: Mapped[str] = mapped_column(Sha256)
    data: Mapped[dict[str, Any]]
    document_sha256: Mapped[str | None] = mapped_column(Sha256)
    seen_at: Mapped[datetime]


class PictureRow(Base):
    """A picture by the SHA-256 of its file: processed once by each version, or refused with a reason.

    ``features`` is the last column: SQLite reads those before it without reading it. Which pictures are up to date is
    read from the index alone.
    """

    __tablename__ = "picture"
    __table_args__ = (Index(None, "features_version", "sha256", "refusal", "embedding_version"),)

    sha256: Mapped[str] = mapped_column(Sha256, primary_key=True)
    refusal: Mapped[str | None] = mapped_column(String(32), comment="records.PictureRefusal")
    described_at: Mapped[datetime]
    width: Mapped[int | None]
    height: Mapped[int | None]
    features_version: Mapped[int] = mapped_column(
        server_default="0", comment="the version that described or refused it; below the present one it is out of date"
    )
    embedding_version: Mapped[str | None] = mapped_column(
        String(80), comment="the operator's model then; where there is one, another one is out of date"
    )
    features: Mapped[bytes | None] = mapped_column(
        LargeBinary, deferred=True, comment="matching.pictures.features.pack of a SEEN picture"
    )


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


class FilingPictureRow(Base):
    """The picture of a filed mark; ``sha256`` once it has been fetched, or taken out of the register's own file."""

    __tablename__ = "filing_picture"
    __table_args__ = (UniqueConstraint("filing_id", "url_sha256"), Index(None, "url_sha256"), Index(None, "sha256"))

    id: Mapped[int] = mapped_column(primary_key=True)
    filing_id: Mapped[int] = mapped_column(ForeignKey("filing.id"))
    position: Mapped[int]
    url: Mapped[str]
    url_sha256: Mapped[str] = mapped_column(Sha256)
    sha256: Mapped[str | None] = mapped_column(ForeignKey("picture.sha256", deferrable=True, initially="DEFERRED"))

"""What is watched: watchlists as they were when used, and the pictures of their marks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ipwatch.store.tables.base import Base, Sha256


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

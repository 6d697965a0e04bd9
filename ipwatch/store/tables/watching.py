"""What is watched: watchlists as they were when used, and the pictures of their marks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, LargeBinary, String, UniqueConstraint, false
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
    """A rights holder's picture of a mark, or a shared stock picture (denylist); ``thumbnail`` is a PNG for the web."""

    __tablename__ = "reference_picture"
    __table_args__ = (UniqueConstraint("mark", "path", "sha256"), Index(None, "sha256"))

    id: Mapped[int] = mapped_column(primary_key=True)
    mark: Mapped[str]
    path: Mapped[str]
    sha256: Mapped[str] = mapped_column(Sha256)
    thumbnail: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    excluded: Mapped[bool] = mapped_column(
        server_default=false(), comment="what comes from this picture is no evidence"
    )
    width: Mapped[int | None]
    height: Mapped[int | None]
    features_version: Mapped[int] = mapped_column(server_default="0", comment="the version that described it")
    embedding_version: Mapped[str | None] = mapped_column(String(80), comment="the operator's model then")
    features: Mapped[bytes | None] = mapped_column(
        LargeBinary, deferred=True, comment="matching.pictures.features.pack of a REFERENCE"
    )

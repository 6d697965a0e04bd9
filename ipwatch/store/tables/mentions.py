"""Which listings name or show a mark now, and what was made of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ipwatch.store.tables.base import Base, Sha256


class MentionRow(Base):
    """Mention (言及): a listing that names or shows a mark, as last compared and judged; no history.

    Without a ``kind`` it is a candidate: its score is below the threshold and nothing strong speaks for infringement.
    ``judged_at`` is missing until what was last compared has been judged; ``kind``, ``suspicion`` and ``signs`` are
    those of before until then.
    """

    __tablename__ = "mention"
    __table_args__ = (
        UniqueConstraint("listing_id", "mark"),
        CheckConstraint("kind in ('mention', 'suspected')", name="kind"),
        # Counted from this index alone; the most suspicious ones of a mark are read from it.
        Index(None, "holder", "mark", "kind", "suspicion"),
        Index(None, "mark", "id"),
        Index(None, "holder", "id"),
        Index(None, "found_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"))
    mark: Mapped[str] = mapped_column(comment="watchlist/mark")
    holder: Mapped[str] = mapped_column(String(64))
    right_kind: Mapped[str] = mapped_column(String(32))
    source: Mapped[str] = mapped_column(comment="marketplace")
    country: Mapped[str | None] = mapped_column(String(64))
    score: Mapped[float] = mapped_column(Float)
    threshold: Mapped[float] = mapped_column(Float)
    matcher_version: Mapped[str] = mapped_column(String(32))
    watchlist_sha256: Mapped[str] = mapped_column(ForeignKey("watchlist_version.sha256"))
    content_hash: Mapped[str] = mapped_column(Sha256, comment="of the listing that was compared")
    document_sha256: Mapped[str | None] = mapped_column(Sha256)
    signals: Mapped[list[Any]]
    facts: Mapped[dict[str, Any]] = mapped_column(comment="matching.suspicion.crawl.MentionFacts")
    compared_key: Mapped[str] = mapped_column(Sha256, comment="hash of all that the comparison wrote")
    kind: Mapped[str | None] = mapped_column(String(16), comment="records.ListingKind; none for a candidate")
    suspicion: Mapped[float | None] = mapped_column(Float)
    signs: Mapped[list[Any]] = mapped_column(comment="for and against infringement")
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"), comment="the run that last changed the row")
    found_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    judged_at: Mapped[datetime | None]


class JudgedMarkRow(Base):
    """A mark with mentions: how often they have changed, and the key under which all of them were last judged."""

    __tablename__ = "judged_mark"

    mark: Mapped[str] = mapped_column(primary_key=True, comment="watchlist/mark")
    changes: Mapped[int] = mapped_column(comment="raised whenever a mention of the mark appears, changes or goes")
    judged_key: Mapped[str | None] = mapped_column(Sha256)

"""What is for sale."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """Seller (出品者) as the marketplace names it. Personal data: left out of every public summary."""

    id: str | None = None
    name: str | None = None
    country: str | None = None
    feedback_pct: float | None = None
    feedback_count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """Category of a listing in the marketplace's own scheme; ``path`` from the widest to the narrowest, `` > ``."""

    id: str | None = None
    path: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Listing (出品): one offer on one marketplace, keyed by (marketplace, listing_id).

    ``price`` is decimal with ``currency`` in ISO 4217; ``images`` are absolute URLs, the main picture first.
    """

    marketplace: str
    listing_id: str
    url: str | None = None
    title: str | None = None
    description: str | None = None
    brand: str | None = None
    price: Decimal | None = None
    currency: str | None = None
    images: tuple[str, ...] = ()
    seller: Seller | None = None
    ships_from: str | None = None
    category: Category | None = None
    condition: str | None = None
    quantity: int | None = None
    sold: int | None = None
    posted_at: datetime | None = None
    updated_at: datetime | None = None
    status: str | None = None
    document_sha256: str | None = None

    @property
    def subject(self) -> str:
        """The key by which findings name this listing."""
        return f"{self.marketplace}:{self.listing_id}"

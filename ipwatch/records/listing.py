"""What is for sale."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, get_args

ListingStatus = Literal["in_stock", "out_of_stock", "preorder"]
"""Whether the goods can be had: the only words in which a source says it."""

ListingCondition = Literal["new", "open_box", "refurbished", "used", "for_parts"]
"""In what state the goods are: the only words in which a source says it."""

LISTING_STATUSES: frozenset[str] = frozenset(get_args(ListingStatus))
LISTING_CONDITIONS: frozenset[str] = frozenset(get_args(ListingCondition))

if TYPE_CHECKING:
    _Status = ListingStatus
    _Condition = ListingCondition
else:
    # JSON Lines of other people and rows of earlier versions say it in other words, and stay readable.
    _Status = _Condition = str


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

    ``price`` is decimal with ``currency`` in ISO 4217; ``images`` are absolute URLs, the main picture first. A source
    gives ``status`` and ``condition`` in the words of ``ListingStatus`` and ``ListingCondition`` only, and reports a
    value that it does not know; a listing from JSON Lines keeps the words it was written with.
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
    condition: _Condition | None = None
    quantity: int | None = None
    sold: int | None = None
    posted_at: datetime | None = None
    updated_at: datetime | None = None
    status: _Status | None = None
    document_sha256: str | None = None

    @property
    def subject(self) -> str:
        """The key by which findings name this listing."""
        return f"{self.marketplace}:{self.listing_id}"

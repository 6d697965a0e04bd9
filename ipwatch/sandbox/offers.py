"""Offers: the listings of the sandbox as data, independent of a protocol."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ipwatch.sandbox.catalogue import Goods, Language
from ipwatch.sandbox.markets import EBAY, RAKUTEN, YEN_PER_UNIT, Merchant, Shop
from ipwatch.sandbox.pictures import DrawnImage
from ipwatch.sandbox.truth import Truth

RAKUTEN_FIRST = 10_000_000
EBAY_FIRST, EBAY_STEP = 256_000_000_000, 7919


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One listing over its lifetime.

    ``born`` and ``gone`` are days of the world (``gone`` is the first day without it), ``moves`` the days of price
    changes with their factors. ``price`` is that of the first day. ``tags`` are hidden search words of the seller.
    ``pictures`` are pairs of the name on the picture host and the picture. ``gtin``, ``model`` and ``maker`` are what
    the seller states in fields of its marketplace.
    """

    number: int
    shop: Shop
    merchant: Merchant
    goods: Goods
    language: Language
    title: str
    description: str
    brand: str | None
    price: Decimal
    currency: str
    used: bool
    quantity: int
    pictures: tuple[tuple[str, DrawnImage], ...]
    tags: tuple[str, ...]
    born: int
    gone: int | None
    moves: tuple[tuple[int, float], ...]
    posted_at: datetime
    truth: Truth
    gtin: str | None = None
    model: str | None = None
    maker: str | None = None

    @property
    def item_id(self) -> str:
        """The id in its marketplace or shop."""
        if self.shop is RAKUTEN:
            return f"{self.merchant.id}:{RAKUTEN_FIRST + self.number}"
        if self.shop is EBAY:
            return f"v1|{EBAY_FIRST + self.number * EBAY_STEP}|0"
        if self.shop.source == "shopify":
            return str(7_500_000_000_000 + self.number * 32_768)
        return f"/{'products' if self.shop.markup == 'json_ld' else 'item'}/{10_000 + self.number}.html"

    def subject(self, port: int | None = None) -> str:
        """Return ``marketplace:listing_id`` as the adapters write it.

        Shops are identified by their host, with the port of a running sandbox.
        """
        host = self.shop.host if port is None else f"{self.shop.host}:{port}"
        if self.shop.source == "shopify":
            return f"shopify:{host}/{self.item_id}"
        if self.shop.source == "webshop":
            return f"webshop:{host}{self.item_id}"
        return f"{self.shop.source}:{self.item_id}"

    def lives(self, day: int) -> bool:
        """Return whether it is for sale on that day."""
        return self.born <= day and (self.gone is None or day < self.gone)

    def price_on(self, day: int) -> Decimal:
        """Return its price on that day, in its currency."""
        price = self.price
        for moved, factor in self.moves:
            if moved <= day:
                price = in_steps(price * Decimal(str(factor)), self.currency)
        return price

    def changed_on(self, day: int) -> int:
        """Return the last day, up to ``day``, on which it changed."""
        return max([self.born, *(moved for moved, _ in self.moves if moved <= day)])


def in_steps(amount: Decimal, currency: str) -> Decimal:
    """Return the amount rounded to the currency's minor unit, at least one unit."""
    step = Decimal(1) if currency in {"JPY", "KRW"} else Decimal("0.01")
    return max(amount.quantize(step), step)


def in_currency(yen: float, currency: str) -> Decimal:
    """Return an amount of yen in another currency, at the sandbox's fixed rates."""
    return in_steps(Decimal(str(round(yen / YEN_PER_UNIT[currency], 4))), currency)


def by_shop(offers: tuple[Offer, ...]) -> Mapping[str, tuple[Offer, ...]]:
    """Return the offers of each shop by its name."""
    grouped: dict[str, list[Offer]] = {}
    for offer in offers:
        grouped.setdefault(offer.shop.name, []).append(offer)
    return {name: tuple(each) for name, each in grouped.items()}

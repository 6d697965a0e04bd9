"""What the crawl itself teaches without labels: price markets, seller profiles, identifiers, repeated texts.

Everything here is rebuilt from the mentions and listings of the store or of a file, and can be extended one at a time.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from statistics import median

MIN_SELLERS = 6
"""Fewer other sellers of comparable goods are no market."""

_MAD_TO_SIGMA = 1.4826
"""A normal distribution's standard deviation per median absolute deviation (Rousseeuw and Croux 1993)."""

_MIN_SPREAD = 0.25
"""Least spread of a market, in natural logarithms: shops of one fixed retail price (books) differ by postage alone."""

BROAD_LISTINGS, BROAD_KINDS = 12, 4
"""A seller with that many listings of that many kinds of goods is a broad retailer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MentionFacts:
    """What a mention tells of the market: one listing (``subject``) that names or shows ``mark``.

    ``seller`` is ``marketplace:id``; ``goods_kind`` a group of ``lexicon/goods_kind.toml`` or a goods term of the mark;
    ``pack`` the number of pieces that ``price`` is asked for; ``identifiers`` are valid JAN, ISBN and the like;
    ``text_keys`` are the same for titles and descriptions that differ in spaces and signs alone; ``authorised`` whether
    the seller is the holder's own account or one that it has authorised.
    """

    subject: str
    mark: str
    seller: str | None
    goods_kind: str | None
    used: bool
    pack: int
    price: Decimal | None
    currency: str | None
    identifiers: tuple[str, ...]
    text_keys: tuple[str, ...]
    authorised: bool


@dataclass(frozen=True, slots=True)
class PriceMarket:
    """Unit prices of comparable goods by seller: how many sellers, their median, and their spread in logarithms.

    Each seller counts once, by the median of its own prices, so that nobody makes a market alone. ``low`` is what the
    cheapest goods of one seller in ten cost less than: goods of one kind may be of several sizes.
    """

    sellers: int
    median: Decimal
    low: Decimal
    spread: float

    def below(self, price: Decimal, pack: int) -> float:
        """Return by how many spreads the unit price lies below the median; negative above it."""
        unit = float(price) / pack
        return (math.log(float(self.median)) - math.log(unit)) / self.spread if unit > 0 else math.inf


@dataclass(slots=True)
class SellerProfile:
    """What a seller offers in the crawl: listings in all, the kinds of goods that their titles offer, marks named.

    ``confirmed`` are its cases that people decided to be infringing, by the subject of the listing.
    """

    listings: int = 0
    kinds: set[str] = field(default_factory=set)
    marks: Counter[str] = field(default_factory=Counter)
    confirmed: Counter[str] = field(default_factory=Counter)

    @property
    def is_broad(self) -> bool:
        """Whether it is a broad retailer."""
        return self.listings >= BROAD_LISTINGS and len(self.kinds) >= BROAD_KINDS

    def confirmed_without(self, subject: str) -> int:
        """Return how many cases of its other listings people decided to be infringing."""
        return self.confirmed.total() - self.confirmed[subject]


def _price(logarithm: float) -> Decimal:
    return Decimal(str(round(math.exp(logarithm), 2)))


_Goods = tuple[str, str, bool, str]


class Crawl:
    """Markets, sellers, identifiers and texts of one crawl.

    ``add_listing`` takes every listing, with or without a mark; ``add_mention`` those that name or show one.
    """

    def __init__(self) -> None:
        self._prices: dict[_Goods, dict[str, list[float]]] = defaultdict(dict)
        self._medians: dict[_Goods, dict[str, tuple[float, float]]] = {}
        self._sellers: dict[str, SellerProfile] = defaultdict(SellerProfile)
        self._authorised_identifiers: dict[str, set[str]] = defaultdict(set)
        self._accounts_by_text: dict[str, set[str]] = defaultdict(set)
        self._accounts_by_picture: dict[str, set[str]] = defaultdict(set)
        self._pictures_by_subject: dict[str, set[str]] = defaultdict(set)

    def add_listing(self, seller: str | None, kind: str | None, *, count: int = 1) -> None:
        """Count listings of a seller whose titles offer one kind of goods, or none that is known."""
        if seller is None:
            return
        profile = self._sellers[seller]
        profile.listings += count
        if kind is not None:
            profile.kinds.add(kind)

    def add_confirmed(self, seller: str, subject: str) -> None:
        """Count a case of the seller that people decided to be infringing, and whose listing is ``subject``."""
        self._sellers[seller].confirmed[subject] += 1

    def add_picture(self, sha256: str, seller: str | None, subject: str) -> None:
        """Count the account that shows a picture with the listing ``subject``."""
        if seller is not None:
            self._accounts_by_picture[sha256].add(seller)
            self._pictures_by_subject[subject].add(sha256)

    def add_mention(self, facts: MentionFacts) -> None:
        """Take a mention into its market, its seller's profile, and the indexes of identifiers and texts."""
        if facts.price is not None and facts.currency is not None and facts.goods_kind is not None and facts.price > 0:
            key = (facts.mark, facts.goods_kind, facts.used, facts.currency)
            unit = math.log(float(facts.price) / facts.pack)
            self._prices[key].setdefault(facts.seller or facts.subject, []).append(unit)
            self._medians.pop(key, None)
        if facts.seller is not None:
            self._sellers[facts.seller].marks[facts.mark] += 1
            for text_key in facts.text_keys:
                self._accounts_by_text[text_key].add(facts.seller)
        if facts.authorised:
            for identifier in facts.identifiers:
                self._authorised_identifiers[facts.mark].add(identifier)

    def seller(self, seller: str | None) -> SellerProfile | None:
        """Return the profile of a seller, ``None`` for one that was never seen."""
        return self._sellers.get(seller) if seller is not None else None

    def market(self, facts: MentionFacts) -> PriceMarket | None:
        """Return the market that a mention is compared with: the same mark, kind of goods, condition and currency.

        Its own seller is left out; ``None`` below ``MIN_SELLERS`` others.
        """
        if facts.goods_kind is None or facts.currency is None:
            return None
        key = (facts.mark, facts.goods_kind, facts.used, facts.currency)
        if key not in self._medians:
            self._medians[key] = {
                seller: (median(prices), min(prices)) for seller, prices in self._prices.get(key, {}).items()
            }
        own = facts.seller or facts.subject
        others = [price for seller, (price, _) in self._medians[key].items() if seller != own]
        if len(others) < MIN_SELLERS:
            return None
        middle = median(others)
        deviation = median(abs(price - middle) for price in others)
        spread = max(_MIN_SPREAD, _MAD_TO_SIGMA * deviation)
        low = sorted(price for seller, (_, price) in self._medians[key].items() if seller != own)[len(others) // 10]
        return PriceMarket(len(others), _price(middle), _price(low), spread)

    def is_known_identifier(self, mark: str, identifier: str) -> bool:
        """Whether an authorised seller of the mark offers goods of that identifier."""
        return identifier in self._authorised_identifiers.get(mark, ())

    def accounts_with_text(self, text_keys: Iterable[str]) -> int:
        """Return how many accounts share one of these titles or descriptions, the most repeated one.

        A text that a broad retailer has too is the maker's: 0.
        """
        shared = (self._accounts_by_text.get(text_key, frozenset[str]()) for text_key in text_keys)
        return max((self._count_alone(accounts) for accounts in shared), default=0)

    def _count_alone(self, accounts: Iterable[str]) -> int:
        together = tuple(accounts)
        return 0 if any(self._sellers[account].is_broad for account in together) else len(together)

    def accounts_with_picture(self, subject: str) -> int:
        """Return how many accounts show a picture of that listing, the most repeated one; 0 as for texts."""
        shown = self._pictures_by_subject.get(subject, ())
        return max((self._count_alone(self._accounts_by_picture[sha256]) for sha256 in shown), default=0)

"""What the crawl itself teaches without labels: price markets, seller profiles, identifiers, repeated texts.

Everything here is rebuilt from the mentions and listings of the store or of a file, and can be extended one at a time.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType

from ipwatch.matching.suspicion.pictures import SharedPictures
from ipwatch.matching.suspicion.prices import PriceMarket, PriceMarkets, PriceRange
from ipwatch.text.folding.skeleton import plain

MIN_BRAND, MAX_BRAND_WORDS = 3, 3
_BETWEEN_NAMES = re.compile(r"[\s/／、,，・×|｜&＆+＋\[\]［］【】()（）『』「」]+")

MANY_RATINGS = 500
"""Buyers who have rated an account from which it is no throwaway."""

MARKS_OF_TEMPLATE = 3
"""A text or picture beside that many marks is a template of the trade or a placeholder, not one offender's own."""

RANGE_LISTINGS = 4
"""Listings of a crawl from which a seller has a range."""

BROAD_LISTINGS, MAX_BROAD_LISTINGS, BROAD_SHARE, BROAD_KINDS = 12, 200, 0.01, 4
"""A broad retailer has that many listings, and that share of the crawl unless it has more, of that many kinds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MentionFacts:
    """What a mention tells of the market: one listing (``subject``) that names or shows ``mark``.

    ``seller`` is ``marketplace:id``; ``goods_kind`` a group of ``lexicon/goods_kind.toml`` or a goods term of the mark;
    ``pack`` the number of pieces that ``price`` is asked for; ``identifiers`` are valid JAN, ISBN and the like;
    ``text_keys`` are the same for descriptions that differ in spaces, signs and numbers alone; ``authorised`` whether
    the seller is the holder's own account or one that it has authorised; ``words`` are those of the title that may tell
    products apart (``prices.product_words``); ``pictures`` the hashes of its pictures (``pictures.fingerprints``);
    ``ratings`` how many buyers have rated the seller, where the marketplace tells; ``own_signs`` the strong signs for
    infringement that its title and pictures show by themselves, whatever others offer.
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
    words: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()
    ratings: int | None = None
    own_signs: tuple[str, ...] = ()


@dataclass(slots=True)
class SellerProfile:
    """What a seller offers in the crawl: listings in all, the kinds of goods that their titles offer, marks named.

    ``confirmed`` are its cases that people decided to be infringing, by the subject of the listing; ``mentions`` its
    listings that name or show a mark, and ``with_signs`` those of them with strong signs of their own.
    """

    listings: int = 0
    kinds: set[str] = field(default_factory=set)
    marks: Counter[str] = field(default_factory=Counter)
    confirmed: Counter[str] = field(default_factory=Counter)
    ratings: int = 0
    mentions: set[str] = field(default_factory=set)
    with_signs: set[str] = field(default_factory=set)

    def confirmed_without(self, subject: str) -> int:
        """Return how many cases of its other listings people decided to be infringing."""
        return self.confirmed.total() - self.confirmed[subject]

    def share_of_signs(self, subject: str) -> tuple[int, int]:
        """Return how many of its other listings that name a mark have strong signs of their own, and of how many."""
        return len(self.with_signs - {subject}), len(self.mentions - {subject})


@lru_cache(maxsize=1 << 14)
def brand_key(name: str) -> str:
    """Return what is the same for the spellings of one brand; empty for what is no name."""
    letters = "".join(char for char in plain(name) if char.isalnum())
    return letters if len(letters) >= MIN_BRAND and not letters.isdecimal() else ""


@dataclass(slots=True)
class _Shown:
    """Who shows one text or picture, with which listings."""

    accounts: set[str] = field(default_factory=set)
    subjects: set[str] = field(default_factory=set)


class Crawl:
    """Markets, sellers, identifiers, texts and pictures of one crawl.

    ``rates`` are yen per unit of a currency. ``add_listing`` takes every listing, with or without a mark;
    ``add_mention`` those that name or show one.
    """

    def __init__(self, rates: Mapping[str, Decimal] = MappingProxyType({})) -> None:
        self._listings = 0
        self._markets = PriceMarkets(rates)
        self._sellers: dict[str, SellerProfile] = defaultdict(SellerProfile)
        self._authorised_identifiers: dict[str, set[str]] = defaultdict(set)
        self._brands: set[str] = set()
        self._marks_of: dict[str, set[str]] = defaultdict(set)
        self._texts: dict[str, _Shown] = defaultdict(_Shown)
        self._pictures = SharedPictures()

    def add_listing(self, seller: str | None, kind: str | None, *, count: int = 1) -> None:
        """Count listings of a seller whose titles offer one kind of goods, or none that is known."""
        if seller is None:
            return
        self._listings += count
        profile = self._sellers[seller]
        profile.listings += count
        if kind is not None:
            profile.kinds.add(kind)

    def add_brand(self, brand: str) -> None:
        """Take what stands in the brand field of a listing, with or without a mark, for the name of a brand."""
        if name := brand_key(brand):
            self._brands.add(name)

    def add_confirmed(self, seller: str, subject: str) -> None:
        """Count a case of the seller that people decided to be infringing, and whose listing is ``subject``."""
        self._sellers[seller].confirmed[subject] += 1

    def add_mention(self, facts: MentionFacts) -> None:
        """Take a mention into its market, its seller's profile, and the indexes of identifiers, texts and pictures."""
        self._marks_of[facts.subject].add(facts.mark)
        if facts.price is not None and facts.currency is not None and facts.price > 0:
            goods = (facts.mark, facts.used, facts.currency)
            seller = facts.seller or facts.subject
            self._markets.add(goods, seller, facts.price / facts.pack, facts.words, facts.goods_kind)
        if facts.seller is not None:
            profile = self._sellers[facts.seller]
            profile.marks[facts.mark] += 1
            profile.ratings = max(profile.ratings, facts.ratings or 0)
            profile.mentions.add(facts.subject)
            if facts.own_signs:
                profile.with_signs.add(facts.subject)
            for text_key in facts.text_keys:
                self._texts[text_key].accounts.add(facts.seller)
                self._texts[text_key].subjects.add(facts.subject)
            for fingerprint in facts.pictures:
                self._pictures.add(fingerprint, facts.seller, facts.subject)
        if facts.authorised:
            for identifier in facts.identifiers:
                self._authorised_identifiers[facts.mark].add(identifier)

    def seller(self, seller: str | None) -> SellerProfile | None:
        """Return the profile of a seller, ``None`` for one that was never seen."""
        return self._sellers.get(seller) if seller is not None else None

    def market(self, facts: MentionFacts) -> PriceMarket | None:
        """Return the market that a mention is compared with: the same product of the mark, condition and currency.

        Its own seller is left out, and the accounts that share its text or a picture, which may be the same person's.
        """
        if facts.currency is None:
            return None
        return self._markets.market((facts.mark, facts.used, facts.currency), facts.words, self._same_seller(facts))

    def price_range(self, facts: MentionFacts) -> PriceRange | None:
        """Return where the prices of the mark's goods of the mention's kind begin, without those of its own seller."""
        if facts.currency is None or facts.goods_kind is None:
            return None
        goods = (facts.mark, facts.used, facts.currency)
        return self._markets.range_of(goods, facts.goods_kind, self._same_seller(facts))

    def _same_seller(self, facts: MentionFacts) -> Collection[str]:
        return {facts.seller or facts.subject, *self.accounts_with_text(facts), *self.accounts_with_picture(facts)}

    def is_known_identifier(self, mark: str, identifier: str) -> bool:
        """Whether an authorised seller of the mark offers goods of that identifier."""
        return identifier in self._authorised_identifiers.get(mark, ())

    def brands_in(self, title: str) -> tuple[str, ...]:
        """Return the names in a title that stand in the brand field of some listing, as the title writes them."""
        parts = [part for part in _BETWEEN_NAMES.split(title) if part]
        named: dict[str, None] = {}
        for start in range(len(parts)):
            for end in range(start + 1, min(start + MAX_BRAND_WORDS, len(parts)) + 1):
                written = " ".join(parts[start:end])
                if brand_key(written) in self._brands:
                    named[written] = None
        return tuple(named)

    def accounts_with_text(self, facts: MentionFacts) -> frozenset[str]:
        """Return the accounts that share the mention's description.

        None where an established seller has it too, whose texts are the makers', or many marks have, as templates of
        shops do.
        """
        shared = (shown for key in facts.text_keys if (shown := self._texts.get(key)) is not None)
        return frozenset(account for shown in shared for account in self._alone(shown.accounts, shown.subjects))

    def accounts_with_picture(self, facts: MentionFacts) -> frozenset[str]:
        """Return the accounts that show a picture of the mention's listing, or a copy of it; none as for texts."""
        shared = self._pictures.shared(facts.subject)
        return frozenset(account for accounts, subjects in shared for account in self._alone(accounts, subjects))

    def _alone(self, accounts: Collection[str], subjects: Collection[str]) -> Collection[str]:
        """Return the accounts, or none where what they share is a maker's or a template."""
        if len(accounts) < 2 or any(map(self._is_established, accounts)):  # noqa: PLR2004 - sharing takes two
            return ()
        marks = {mark for subject in subjects for mark in self._marks_of.get(subject, (subject,))}
        return () if len(marks) >= MARKS_OF_TEMPLATE else accounts

    def _is_established(self, account: str) -> bool:
        profile = self.seller(account)
        return profile is not None and (profile.ratings >= MANY_RATINGS or self.is_broad(account))

    def has_range(self, seller: str) -> bool:
        """Whether a seller offers several things in this crawl, as shops do and throwaway accounts do not."""
        profile = self.seller(seller)
        return profile is not None and profile.listings >= RANGE_LISTINGS

    def is_broad(self, seller: str | None) -> bool:
        """Whether a seller is a broad retailer, measured by this crawl."""
        profile = self.seller(seller)
        if profile is None:
            return False
        min_listings = max(BROAD_LISTINGS, min(MAX_BROAD_LISTINGS, round(self._listings * BROAD_SHARE)))
        return profile.listings >= min_listings and len(profile.kinds) >= BROAD_KINDS

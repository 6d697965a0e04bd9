"""What is asked of one listing and one mark before any sign: where the name stands, which goods and brands it names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from ipwatch.matching.score import is_main
from ipwatch.matching.suspicion import goods_kinds, statements
from ipwatch.matching.suspicion.crawl import Crawl, MentionFacts, brand_key
from ipwatch.matching.suspicion.prices import PriceMarket
from ipwatch.matching.suspicion.statements import SellerText
from ipwatch.records import Finding, Listing, RightKind, Signal, WatchedMark
from ipwatch.text.folding.skeleton import plain

_HAN = re.compile(r"[一-鿿々]{2,}")


@dataclass(frozen=True)
class Inspection:
    """One listing and one mark that it names or shows, with what the crawl teaches.

    ``rivals`` are the other holders' marks found in the listing, ``makers`` the licensees of all marks of its holder.
    """

    mark: WatchedMark
    finding: Finding
    listing: Listing
    facts: MentionFacts
    crawl: Crawl
    rivals: Sequence[str]
    makers: Sequence[str] = ()

    @cached_property
    def title(self) -> SellerText:
        """The title."""
        return SellerText("title", self.listing.title or "")

    @cached_property
    def texts(self) -> tuple[SellerText, ...]:
        """Title, brand and description, those that there are."""
        fields = (
            ("title", self.listing.title),
            ("brand", self.listing.brand),
            ("description", self.listing.description),
        )
        return tuple(SellerText(name, text) for name, text in fields if text)

    @property
    def names(self) -> tuple[str, ...]:
        """The spellings that the holder declares."""
        return (self.mark.text, *self.mark.variants)

    @cached_property
    def name(self) -> Signal | None:
        """The signal by which the listing names the mark, if it does."""
        return next((each for each in self.finding.signals if is_main(each) and each.name != "image"), None)

    @cached_property
    def image(self) -> Signal | None:
        """The signal by which the listing shows the mark, if it does."""
        return next((each for each in self.finding.signals if each.name == "image"), None)

    @cached_property
    def is_named_in_title(self) -> bool:
        """Whether a declared spelling stands in the title, also one that is too short or too joined for a signal.

        Of a Han name its first half as a word is enough, as sellers write it before the goods (响钟音响, 二手 响钟).
        """
        names = self.names
        halves = [match.group()[: max(2, (len(name) + 1) // 2)] for name in names if (match := _HAN.match(name))]
        return any(statements.named(name, self.title) for name in names) or any(
            re.search(rf"(?<![一-鿿々]){re.escape(plain(half))}(?![一-鿿々])", self.title.plain) for half in halves
        )

    @cached_property
    def market(self) -> PriceMarket | None:
        """What others ask for the same product."""
        return self.crawl.market(self.facts)

    @property
    def price_share(self) -> float | None:
        """The price of a piece as a share of the median of its market, where there is one."""
        price, market = self.listing.price, self.market
        return float(price / self.facts.pack / market.median) if price is not None and market is not None else None

    @property
    def is_of_work(self) -> bool:
        """Whether the mark is a work's title or character, on which goods are licensed."""
        return self.mark.kind is RightKind.COPYRIGHT_WORK

    @property
    def offers_the_mark(self) -> bool:
        """Whether the mark is named or shown where the goods are named, not only in a description."""
        return self.name is None or self.name.field != "description"

    @cached_property
    def own_kinds(self) -> frozenset[str]:
        """The kinds of the goods that the mark is watched for, as far as they have one."""
        kinds = (goods_kinds.goods_kind(goods_term) for goods_term in self.mark.goods_terms)
        return frozenset(kind for kind in kinds if kind is not None)

    @cached_property
    def names_own_goods(self) -> bool:
        """Whether the title names goods that the mark is watched for, beside the mark itself."""
        named = any(signal.term == "goods_named" and signal.field == "title" for signal in self.finding.signals)
        return named or self.facts.goods_kind in self.own_kinds

    @cached_property
    def all_rivals(self) -> tuple[str, ...]:
        """Other brands in the title: marks of other holders, and names that the crawl knows as brands."""
        if self.name is None or self.name.field != "title":
            return tuple(self.rivals)
        own = [brand_key(name) for name in (self.mark.text, *self.mark.variants, *self.mark.licensees)]
        known = [
            name
            for name in self.crawl.brands_in(self.title.source)
            if not any(each and (each in brand_key(name) or brand_key(name) in each) for each in own)
        ]
        return tuple(dict.fromkeys((*self.rivals, *known)))

    @property
    def is_other_goods(self) -> bool:
        """Whether the title names goods of a kind that the mark is not watched for."""
        return self.facts.goods_kind in goods_kinds.KINDS and bool(self.own_kinds) and not self.names_own_goods

    def named_in(self, text: SellerText) -> tuple[int, int] | None:
        """Return the span of the name in that text."""
        return self.name.span if self.name is not None and self.name.field == text.field else None

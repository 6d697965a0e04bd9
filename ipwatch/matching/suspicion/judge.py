"""The judgement of a listing: mention or suspected, from the signs for and against it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from ipwatch.matching.listings import facts as listing_facts
from ipwatch.matching.score import BARS, is_main
from ipwatch.matching.suspicion import goods_kinds, identifiers
from ipwatch.matching.suspicion.crawl import Crawl, MentionFacts
from ipwatch.matching.suspicion.inspection import Inspection
from ipwatch.matching.suspicion.prices import SET, product_words
from ipwatch.matching.suspicion.signs import are_of_mark, own_signs, signs_of
from ipwatch.matching.suspicion.statements import SellerText, stated
from ipwatch.records import Depth, Finding, Listing, ListingKind, SecondHand, Sign, WatchedMark
from ipwatch.text.folding.skeleton import plain

MAX_DESCRIPTION = 3_000
"""Characters of a description that are read for product identifiers and statements."""

MIN_DESCRIPTION = 48
"""Latin letters from which a description that is repeated is no chance; kana, Han and Hangul say twice as much."""

_LETTERS_OF_WIDE = 2


def mention_facts(mark: WatchedMark, finding: Finding, listing: Listing, pictures: Sequence[str] = ()) -> MentionFacts:
    """Return what a listing that names or shows the mark tells of the market; ``pictures`` are fingerprints."""
    title = listing.title or ""
    terms = {signal.term for signal in finding.signals}
    name = next((each for each in finding.signals if is_main(each) and each.field == "title" and each.span), None)
    offered = title if name is None or name.span is None else f"{title[: name.span[0]]} {title[name.span[1] :]}"
    names = (mark.text, *mark.variants, *mark.readings)
    named_goods = next((each.compared[0] for each in finding.signals if each.term == "goods_named"), None)
    pack = goods_kinds.pieces(title)
    words = product_words(offered, names)
    facts = MentionFacts(
        subject=finding.subject,
        mark=mark.key,
        seller=seller_of(listing),
        goods_kind=goods_kinds.goods_kind(offered) or named_goods,
        used="context_used" in terms or stated("used", SellerText("title", title)) is not None,
        pack=pack,
        price=listing.price,
        currency=listing.currency,
        identifiers=identifiers.identifiers(title, (listing.description or "")[:MAX_DESCRIPTION]),
        text_keys=_text_keys(listing.description, names),
        authorised="seller_authorised" in terms or listing_facts.is_official(mark, listing),
        words=words if pack == 1 else tuple(word for word in words if word != SET),
        pictures=tuple(pictures),
        ratings=listing.seller.feedback_count if listing.seller else None,
    )
    # Descriptions take most of the time to read, and are read once more when the listing is judged.
    shown = replace(listing, description=None)
    alone = Inspection(mark=mark, finding=finding, listing=shown, facts=facts, crawl=Crawl(), rivals=())
    return replace(facts, own_signs=tuple(each.term for each in own_signs(alone) if each.strong and each.points > 0))


def _shortened(listing: Listing) -> Listing:
    return replace(listing, description=(listing.description or "")[:MAX_DESCRIPTION] or None)


def learn_listing(crawl: Crawl, listing: Listing) -> None:
    """Add a listing, with or without a mark, to what is known of its seller and of brands."""
    crawl.add_listing(seller_of(listing), goods_kinds.goods_kind(listing.title or ""))
    if listing.brand:
        crawl.add_brand(listing.brand)


def seller_of(listing: Listing) -> str | None:
    """Return the account that sells, as ``marketplace:id``."""
    seller = listing.seller.id if listing.seller else None
    return f"{listing.marketplace}:{seller}" if seller else None


def _text_keys(description: str | None, names: Sequence[str]) -> tuple[str, ...]:
    """Return the key of a description that is long enough to be somebody's own, whatever numbers are in it.

    One that names the mark is taken for its maker's own text, which retailers copy.
    """
    folded = plain(description or "")
    letters = "".join(char for char in folded if char.isalpha())
    length = sum(1 if char.isascii() else _LETTERS_OF_WIDE for char in letters)
    if length < MIN_DESCRIPTION or any(plain(name) in folded for name in names):
        return ()
    return (hashlib.sha256(letters.encode()).hexdigest()[:16],)


def suspicion_of(signs: Sequence[Sign]) -> float:
    """Return the suspicion 0..1 of signs.

    Strong signs for it add up; weak ones as far as nothing speaks against them; strong signs against outweigh all.
    """
    strong_for = sum(each.points for each in signs if each.strong and each.points > 0)
    weak_for = sum(each.points for each in signs if not each.strong and each.points > 0)
    weak_against = -sum(each.points for each in signs if not each.strong and each.points < 0)
    strong_against = -sum(each.points for each in signs if each.strong and each.points < 0)
    total = strong_for + max(0.0, weak_for - weak_against) - strong_against
    return round(min(1.0, max(0.0, total)), 4)


def bar_of(mark: WatchedMark) -> float:
    """Return the suspicion from which a listing of the mark is suspected."""
    return BARS[mark.depth or Depth.NORMAL]


def is_suspected(signs: Sequence[Sign], mark: WatchedMark) -> bool:
    """Whether signs make a listing of the mark suspected."""
    is_ignored = mark.second_hand is SecondHand.IGNORE and any(each.term == "second_hand" for each in signs)
    return not is_ignored and suspicion_of(signs) >= bar_of(mark)


def turning_points(finding: Finding, mark: WatchedMark) -> tuple[Sign, ...]:
    """Return the signs without any one of which the listing would be of the other kind."""
    suspected = is_suspected(finding.signs, mark)
    return tuple(
        each
        for each in finding.signs
        if is_suspected([other for other in finding.signs if other is not each], mark) != suspected
    )


class Judge:
    """Judges the findings of listings of the watched marks against what a crawl teaches."""

    def __init__(self, marks: Sequence[WatchedMark], crawl: Crawl) -> None:
        self._marks = {mark.key: mark for mark in marks}
        self._crawl = crawl
        self._makers: dict[str, list[str]] = {}
        for mark in marks:
            self._makers.setdefault(mark.watchlist, []).extend(mark.licensees)

    def judge(self, listing: Listing, named: Sequence[tuple[Finding, MentionFacts]]) -> list[Finding]:
        """Return the findings of one listing with kind, suspicion and signs.

        ``named`` are all findings of the listing, also those below their threshold that name a mark, with their facts;
        of those below, only suspected ones are returned.
        """
        judged = []
        for finding, facts in named:
            mark = self._marks[finding.mark]
            inspected = self._inspection(mark, finding, facts, listing, named)
            signs = signs_of(inspected)
            suspected = is_suspected(signs, mark)
            if finding.score >= finding.threshold or (suspected and are_of_mark(inspected, signs)):
                kind = ListingKind.SUSPECTED if suspected else ListingKind.MENTION
                judged.append(replace(finding, kind=kind, suspicion=suspicion_of(signs), signs=signs))
        return judged

    def _inspection(
        self,
        mark: WatchedMark,
        finding: Finding,
        facts: MentionFacts,
        listing: Listing,
        named: Sequence[tuple[Finding, MentionFacts]],
    ) -> Inspection:
        rivals = [
            self._marks[other.mark].text
            for other, _ in named
            if self._marks[other.mark].watchlist != mark.watchlist and other.score >= other.threshold
        ]
        return Inspection(
            mark=mark,
            finding=finding,
            listing=_shortened(listing),
            facts=facts,
            crawl=self._crawl,
            rivals=tuple(dict.fromkeys(rivals)),
            makers=tuple(dict.fromkeys(self._makers[mark.watchlist])),
        )


def judged(
    marks: Sequence[WatchedMark],
    named: Sequence[tuple[Listing, Sequence[Finding]]],
    crawl: Crawl,
    pictures: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> Iterator[Finding]:
    """Add the listings with their findings to a crawl of listings, and yield each finding that is one, judged by it.

    ``pictures`` are fingerprints by subject.
    """
    by_key = {mark.key: mark for mark in marks}
    known = [
        (
            listing,
            [
                (finding, mention_facts(by_key[finding.mark], finding, listing, pictures.get(finding.subject, ())))
                for finding in findings
            ],
        )
        for listing, findings in named
    ]
    for _, with_facts in known:
        for _, facts in with_facts:
            crawl.add_mention(facts)
    judge = Judge(marks, crawl)
    for listing, with_facts in known:
        yield from judge.judge(listing, with_facts)

"""Listings and findings to judge: a small market around an invented mark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from ipwatch.matching.screener import Screener
from ipwatch.matching.suspicion.crawl import Crawl
from ipwatch.matching.suspicion.judge import judged, learn_listing
from ipwatch.records import Finding, Listing, RightKind, Seller, WatchedMark

ON = date(2026, 11, 22)
BRAND = WatchedMark(
    watchlist="norima", id="norima", text="NORIMA", kind=RightKind.TRADEMARK, goods_terms=("時計", "watch", "腕時計")
)
WORK = WatchedMark(
    watchlist="kawase",
    id="kawase-no-tsurugi",
    text="カワセノツルギ",
    kind=RightKind.COPYRIGHT_WORK,
    goods_terms=("漫画", "グッズ"),
)
REGION = WatchedMark(
    watchlist="minamo",
    id="minamo-cha",
    text="水面茶",
    kind=RightKind.GEOGRAPHICAL_INDICATION,
    goods_terms=("茶", "tea"),
)


def listing(title: str, **fields: object) -> Listing:
    """Return a listing of that title by a seller of its own."""
    number = fields.pop("listing_id", title)
    made = Listing(marketplace="rakuten", listing_id=str(number), title=title, currency="JPY")
    seller = fields.pop("seller", f"shop-{number}")
    price = fields.pop("price", None)
    made = replace(made, price=Decimal(str(price)) if price is not None else None)
    account = seller if isinstance(seller, Seller) else Seller(id=str(seller))
    return replace(made, seller=account, **fields)  # type: ignore[arg-type]


def judge(
    mark: WatchedMark,
    *listings: Listing,
    others: Sequence[WatchedMark] = (),
    crawl: Crawl | None = None,
    pictures: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> dict[str, Finding]:
    """Return what becomes of the listings for the mark, by title, judged by what they tell together.

    ``pictures`` are fingerprints by title.
    """
    marks = [mark, *others]
    screener = Screener(marks, [], rates={}, on=ON)
    known = crawl or Crawl()
    named: dict[str, list[Finding]] = {}
    for each in listings:
        learn_listing(known, each)
    for finding in screener.screen(listings, {}, named=True):
        named.setdefault(finding.subject, []).append(finding)
    together = [(each, named[each.subject]) for each in listings if each.subject in named]
    titles = {each.subject: each.title or "" for each in listings}
    shown = {subject: pictures[title] for subject, title in titles.items() if title in pictures}
    return {titles[each.subject]: each for each in judged(marks, together, known, shown) if each.mark == mark.key}


def terms(finding: Finding) -> set[str]:
    """Return the terms of its signs."""
    return {sign.term for sign in finding.signs}

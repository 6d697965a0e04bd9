"""What the store teaches of the market (``matching.suspicion.crawl``): sellers, and the facts of all mentions."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ipwatch.cases import CaseState
from ipwatch.matching.suspicion.crawl import Crawl, MentionFacts
from ipwatch.store.inserts import table_of
from ipwatch.store.rows import load
from ipwatch.store.tables import CaseRow, ListingRow, MentionRow

_MENTION, _LISTING, _CASE = table_of(MentionRow), table_of(ListingRow), table_of(CaseRow)
# Rows read at a time.
_READ_AHEAD = 2_000


def fill_sellers(session: Session, crawl: Crawl) -> None:
    """Add how many listings of each kind of goods each seller has, and which of its cases were decided infringing."""
    columns = (_LISTING.c.seller, _LISTING.c.goods_kind)
    counted = select(*columns, func.count()).where(_LISTING.c.seller.is_not(None)).group_by(*columns)
    for seller, kind, count in session.execute(counted.execution_options(yield_per=_READ_AHEAD)):
        crawl.add_listing(seller, kind, count=count)
    fill_confirmed(session, crawl)


def fill_brands(session: Session, crawl: Crawl) -> None:
    """Add what stands in the brand fields of all listings."""
    brand = _LISTING.c.data["brand"].as_string()
    for name in session.execute(select(brand).where(brand.is_not(None)).distinct()).scalars():
        crawl.add_brand(name)


def fill_confirmed(session: Session, crawl: Crawl) -> None:
    """Add of each seller the listings with cases that were decided infringing."""
    for seller, subjects in confirmed_cases(session).items():
        for subject in subjects:
            crawl.add_confirmed(seller, subject)


def fill_mentions(session: Session, crawl: Crawl) -> None:
    """Add the facts of every stored mention, in the order of the rows."""
    query = select(_MENTION.c.facts).order_by(_MENTION.c.id).execution_options(yield_per=_READ_AHEAD)
    for facts in session.execute(query).scalars():
        crawl.add_mention(load(MentionFacts, facts))


def confirmed_cases(session: Session) -> dict[str, list[str]]:
    """Return by seller the listing of each of its cases that a person decided to be infringing, in order."""
    query = (
        select(_LISTING.c.seller, _CASE.c.subject)
        .join(_CASE, _CASE.c.listing_id == _LISTING.c.id)
        .where(_CASE.c.state == CaseState.CLOSED_INFRINGING.value, _LISTING.c.seller.is_not(None))
    )
    confirmed: dict[str, list[str]] = {}
    for seller, subject in session.execute(query):
        confirmed.setdefault(seller, []).append(subject)
    return {seller: sorted(subjects) for seller, subjects in confirmed.items()}

"""The world: all offers and filings of the sandbox, from a seed; pure, without network or clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from ipwatch.sandbox.catalogue import load_catalogue
from ipwatch.sandbox.filings import Filing, invent_filings
from ipwatch.sandbox.invention import invent_offers
from ipwatch.sandbox.market import invent_market
from ipwatch.sandbox.offers import Offer
from ipwatch.sandbox.pictures import DrawnImage
from ipwatch.sandbox.truth import Truth
from ipwatch.sandbox.watchlist_files import write_watchlists


class Composition(StrEnum):
    """What the listings of a world are: a market at its real base rate, or a dense mix to test the matching on."""

    MARKET = "market"
    ENGINE = "engine"


@dataclass(frozen=True)
class World:
    """The world on one day. ``first_day`` is the date of day 0; ``day`` counts from it."""

    seed: int
    listings: int
    first_day: date
    day: int
    all_offers: tuple[Offer, ...]
    all_filings: tuple[Filing, ...]
    composition: Composition = Composition.MARKET

    @property
    def today(self) -> date:
        """The date of the current day."""
        return self.first_day + timedelta(days=self.day)

    @cached_property
    def offers(self) -> tuple[Offer, ...]:
        """The offers for sale today."""
        return tuple(offer for offer in self.all_offers if offer.lives(self.day))

    @cached_property
    def filings(self) -> tuple[Filing, ...]:
        """The filings published up to today."""
        return tuple(filing for filing in self.all_filings if filing.born <= self.day)

    @property
    def truth(self) -> Mapping[str, Truth]:
        """The truth about each subject that was available up to today; shops are identified by host without port."""
        return self.truth_at(None)

    def truth_at(self, port: int | None) -> Mapping[str, Truth]:
        """Return the truth by the subjects of a crawl of a sandbox that runs at that port."""
        offers = {offer.subject(port): offer.truth for offer in self.all_offers if offer.born <= self.day}
        return offers | {filing.subject: filing.truth for filing in self.filings}

    @cached_property
    def pictures(self) -> Mapping[str, DrawnImage]:
        """Every picture of every offer, by its name on the picture host."""
        return {name: picture for offer in self.all_offers for name, picture in offer.pictures}

    def advance(self, days: int) -> World:
        """Return the world ``days`` later: prices change, listings disappear and appear, registers publish."""
        if days < 0:
            raise ValueError(f"the world does not go back: {days} days")
        return replace(self, day=self.day + days)

    def write_watchlists(self, directory: Path) -> tuple[Path, ...]:
        """Return the watchlist files of every holder, written with their pictures into ``directory``."""
        statements = self.composition is Composition.MARKET
        return write_watchlists(directory, seed=self.seed, today=self.first_day, statements=statements)


def build_world(seed: int, listings: int, today: date, composition: Composition = Composition.MARKET) -> World:
    """Return the world of that seed on day 0, which is ``today``; raises ``ValueError`` for fewer than 1 listing.

    In a ``MARKET`` at least 97 of 100 listings that name or show a mark are lawful. In ``ENGINE``, 8 in 100 listings
    imitate a mark, 6 only resemble that and the rest names none, so that each way of matching has many cases.
    """
    if listings < 1:
        raise ValueError(f"a world needs listings: {listings}")
    catalogue = load_catalogue()
    invent = invent_market if composition is Composition.MARKET else invent_offers
    return World(
        seed=seed,
        listings=listings,
        first_day=today,
        day=0,
        all_offers=invent(seed, listings, today, catalogue),
        all_filings=invent_filings(seed, today, catalogue),
        composition=composition,
    )

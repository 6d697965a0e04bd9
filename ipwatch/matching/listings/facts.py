"""Facts of a listing: who sells, at what price, and where the goods come from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from ipwatch.matching.score import qualifier
from ipwatch.matching.variants import PLACE_KINDS, ObservedText
from ipwatch.records import Listing, RightKind, Signal, WatchedMark
from ipwatch.text.folding.skeleton import plain
from ipwatch.text.lexicon.roles import alternatives

FAR_BELOW = Decimal("0.5")
"""A price below this share of the lowest genuine price is far below it: sales and wear seldom halve a price."""

HOME_CURRENCY = "JPY"

_OTHER_ORIGIN = re.compile(alternatives("origin", "labelled"))
_OTHER_ORIGIN_IN_TITLE = re.compile(f"{alternatives('origin', 'labelled')}|{alternatives('origin', 'abroad')}")


def seller_standing(mark: WatchedMark, listing: Listing, on: date) -> Signal | None:
    """Return whether the holder has authorised the seller on that day; ``until`` is the last valid day."""
    seller = listing.seller.id if listing.seller else None
    if seller is None:
        return None
    authorised = [
        each for each in mark.authorised_sellers if (each.marketplace, each.id) == (listing.marketplace, seller)
    ]
    if not authorised:
        return None
    if any(each.until is None or each.until >= on for each in authorised):
        return qualifier("seller_standing", "seller_authorised", (mark.text, seller), field="seller.id")
    ended = max(each.until for each in authorised if each.until is not None)
    return qualifier("seller_standing", "seller_authorisation_expired", (ended.isoformat(), seller), field="seller.id")


def is_official(mark: WatchedMark, listing: Listing) -> bool:
    """Whether the holder's own account sells."""
    seller = listing.seller.id if listing.seller else None
    return any((each.marketplace, each.id) == (listing.marketplace, seller) for each in mark.official_sellers)


def price_in_yen(listing: Listing, rates: Mapping[str, Decimal]) -> Decimal | None:
    """Return the price in yen, ``None`` where there is no price; raises ``KeyError`` for a currency without a rate."""
    if listing.price is None or listing.currency is None:
        return None
    if listing.currency == HOME_CURRENCY:
        return listing.price
    return listing.price * rates[listing.currency]


def price_signal(mark: WatchedMark, listing: Listing, yen: Decimal | None) -> Signal | None:
    """Return the qualifier of a price far below that of genuine goods."""
    band = mark.genuine_price_jpy
    if yen is None or band is None or band.min is None or yen >= band.min * FAR_BELOW:
        return None
    shown = f"{listing.price} {listing.currency}"
    return qualifier("price", "price_far_below", (f"{band.min} JPY", shown), field="price")


def named_origin(mark: WatchedMark, observed: ObservedText) -> Signal | None:
    """Return the qualifier of a text that names another origin than the place of the mark."""
    if mark.kind not in PLACE_KINDS:
        return None
    # A description also compares the goods with those from elsewhere.
    pattern = _OTHER_ORIGIN_IN_TITLE if observed.field == "title" else _OTHER_ORIGIN
    match = pattern.search(plain(observed.source))
    if match is None:
        return None
    return qualifier("origin", "origin_named_elsewhere", (mark.text, match.group()), field=observed.field)


def shipping_origin(mark: WatchedMark, listing: Listing) -> Signal | None:
    """Return the qualifier of goods under a Japanese geographical indication that ship from another country.

    Only a country code counts: free text may be a prefecture or a warehouse.
    """
    origin = listing.ships_from
    if mark.kind is not RightKind.GEOGRAPHICAL_INDICATION or origin is None or not is_abroad(origin):
        return None
    return qualifier("origin", "origin_ships_elsewhere", (mark.text, origin.strip()), field="ships_from")


def is_abroad(origin: str) -> bool:
    """Whether a listing's ``ships_from`` is the code of a country other than Japan."""
    code = origin.strip()
    return re.fullmatch(r"[A-Z]{2}", code) is not None and code != "JP"

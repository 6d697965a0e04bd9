"""Generates the offers of a market: who offers what, where and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from random import Random

from ipwatch.sandbox.catalogue import Brand, Catalogue, Language
from ipwatch.sandbox.chance import generator
from ipwatch.sandbox.drafts import Draft, Scene
from ipwatch.sandbox.invention import HORIZON, language_of, offer_of, shops_of_offers
from ipwatch.sandbox.market.composition import Planned, plan
from ipwatch.sandbox.market.infringing import infringing
from ipwatch.sandbox.market.lawful import lawful, unrelated
from ipwatch.sandbox.market.sellers import ACCOUNTS, NETWORKS, Sellers, denied, sellers_of
from ipwatch.sandbox.markets import EBAY, RAKUTEN, Merchant, Shop, authorised, merchants
from ipwatch.sandbox.offers import Offer
from ipwatch.sandbox.truth import LAWFUL_LISTINGS, Kind, Sign, truth_of

_LATER = 0.05
_HOME_COUNTRY = "JP"
_DOUBTFUL, _DENIED_UNRELATED = 0.25, 0.02
_OF_MARKETPLACES = frozenset(
    {Kind.AUTHORISED_SELLER, Kind.REGIONAL_PRODUCER, Kind.DENIED_SELLER, Kind.SHARED_TEXT, Kind.SHARED_PICTURE}
)


@dataclass(frozen=True, slots=True)
class _Market:
    seed: int
    today: date
    catalogue: Catalogue
    sellers: Mapping[str, Sellers]


def invent_market(seed: int, count: int, today: date, catalogue: Catalogue) -> tuple[Offer, ...]:
    """Return ``count`` offers for sale on day 0, and some that appear within the following days."""
    market = _Market(seed, today, catalogue, {shop.name: sellers_of(seed, shop) for shop in (RAKUTEN, EBAY)})
    planned = [*plan(seed, count, catalogue), *plan(seed + 1, round(count * _LATER), catalogue)]
    shops = shops_of_offers(seed, len(planned))
    return tuple(
        _offer(market, number, shop, each, born=0 if number < count else 1 + number % HORIZON)
        for number, (shop, each) in enumerate(zip(shops, planned, strict=True))
    )


def _offer(market: _Market, number: int, shop: Shop, planned: Planned, *, born: int) -> Offer:
    rng = generator(market.seed, "market offer", number)
    shop, language = _where(market, shop, planned, rng)
    scene = Scene(market.catalogue, f"{market.seed}:{number}", language, rng)
    draft, signs = _draft(scene, planned)
    merchant, further = _merchant(market, shop, planned, draft, rng)
    brand = planned.brand
    return offer_of(
        draft,
        seed=market.seed,
        number=number,
        shop=shop,
        merchant=merchant,
        language=language,
        today=market.today,
        born=born,
        truth=truth_of(
            planned.kind,
            brand.key if brand else None,
            further=(*signs, *further),
            mention=brand is not None and _mentions(planned.kind, brand, draft),
        ),
        rng=rng,
    )


def _where(market: _Market, shop: Shop, planned: Planned, rng: Random) -> tuple[Shop, Language]:
    """Return marketplace and language, which all accounts of one offender have in common."""
    if planned.group is not None:
        shared = generator(market.seed, "offender", planned.group)
        shop = shared.choice((RAKUTEN, EBAY))
        return shop, language_of(shop, shared)
    if planned.kind is Kind.DOUBTFUL_SELLER:
        shop = EBAY  # Only eBay's interface tells how buyers rate a seller.
    elif planned.kind in _OF_MARKETPLACES and shop not in (RAKUTEN, EBAY):
        shop = rng.choice((RAKUTEN, EBAY))
    return shop, language_of(shop, rng)


def _draft(scene: Scene, planned: Planned) -> tuple[Draft, tuple[Sign, ...]]:
    if planned.brand is None:
        return unrelated(scene), ()
    if planned.kind in LAWFUL_LISTINGS:
        return lawful(scene, planned.kind, planned.brand), ()
    made = infringing(scene, planned.kind, planned.brand, planned.group)
    return made.draft, made.signs


def _mentions(kind: Kind, brand: Brand, draft: Draft) -> bool:
    """Return whether the listing names or shows the mark; an infringing one does, in disguise or openly."""
    text = " ".join((draft.title, draft.description, draft.brand or ""))
    return kind not in LAWFUL_LISTINGS or brand.is_named_in(text) or any(each.shows_mark for each in draft.pictures)


def _merchant(
    market: _Market, shop: Shop, planned: Planned, draft: Draft, rng: Random
) -> tuple[Merchant, tuple[Sign, ...]]:
    """Return the seller, and the signs that the seller is or adds, if any."""
    if shop.name not in market.sellers:
        return merchants(market.seed, shop)[0], ()
    sellers, brand = market.sellers[shop.name], planned.brand
    if brand is None:
        return _any_seller(market, shop, draft, rng), ()
    if planned.kind is Kind.AUTHORISED_SELLER:
        return authorised(brand)[shop is EBAY], ()
    if planned.kind in LAWFUL_LISTINGS:
        return rng.choice(_lawful_sellers(sellers, planned.kind, brand, draft, rng)), ()
    return _offender(sellers, shop, planned, brand, rng)


def _offender(
    sellers: Sellers, shop: Shop, planned: Planned, brand: Brand, rng: Random
) -> tuple[Merchant, tuple[Sign, ...]]:
    """Return a seller of infringing goods: one with several accounts, a known one, a small shop, a badly rated one."""
    accounts = [account for network in sellers.networks for account in network]
    signs: tuple[Sign, ...] = ()
    match planned.kind:
        case Kind.DENIED_SELLER:
            group: Sequence[Merchant] = (denied(brand.holder.id)[shop is EBAY],)
        case Kind.SHARED_TEXT | Kind.SHARED_PICTURE:
            group = (sellers.networks[(planned.group or 0) % NETWORKS][planned.account % ACCOUNTS],)
        case Kind.DOUBTFUL_SELLER:
            group, signs = sellers.doubtful, (Sign.LOW_FOR_MARKET,)
        case Kind.NOT_VISIBLE:
            group = sellers.small
        case _ if shop is EBAY and rng.random() < _DOUBTFUL:
            group, signs = sellers.doubtful, (Sign.DOUBTFUL_SELLER,)
        case Kind.GI_MISUSE if shop is EBAY:
            group = [account for account in accounts if account.ships_from != _HOME_COUNTRY]
        case _:
            group = rng.choice((accounts, sellers.new, sellers.small))
    return rng.choice(group), signs


def _any_seller(market: _Market, shop: Shop, draft: Draft, rng: Random) -> Merchant:
    """Return the seller of goods that have to do with no mark; offenders sell such goods too."""
    if rng.random() < _DENIED_UNRELATED:
        return denied(rng.choice(market.catalogue.brands).holder.id)[shop is EBAY]
    return _retailer(market.sellers[shop.name], draft, rng)


def _retailer(sellers: Sellers, draft: Draft, rng: Random) -> Merchant:
    groups = (sellers.broad, sellers.special[draft.goods.id], sellers.small, sellers.new)
    return rng.choice(rng.choices(groups, (40, 28, 24, 8))[0])


def _lawful_sellers(sellers: Sellers, kind: Kind, brand: Brand, draft: Draft, rng: Random) -> Sequence[Merchant]:
    match kind:
        case Kind.REGIONAL_PRODUCER:
            return sellers.producers[brand.holder.id]
        case Kind.CONTENT_MEDIA:
            return rng.choice((sellers.media, sellers.media, sellers.broad))
        case Kind.SECOND_HAND:
            return rng.choice((sellers.used, sellers.used, sellers.used, sellers.small, sellers.new))
        case Kind.ACCESSORY:
            return rng.choice((sellers.accessory, sellers.accessory, sellers.broad, sellers.small))
        case Kind.PUBLICATION | Kind.ORDINARY_WORD:
            return rng.choice((sellers.media, sellers.broad, sellers.small))
        case _:
            return (_retailer(sellers, draft, rng),)

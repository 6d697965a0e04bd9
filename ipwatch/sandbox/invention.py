"""Generates the offers: imitations, decoys and innocent ones, and their changes over time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from ipwatch.sandbox.catalogue import Brand, Catalogue, Language
from ipwatch.sandbox.chance import digest, generator
from ipwatch.sandbox.drafts import Draft, Scene, decoy, imitation, innocent
from ipwatch.sandbox.markets import EBAY, RAKUTEN, SHOPS, Merchant, Shop, authorised, merchants, offender
from ipwatch.sandbox.offers import Offer, in_currency
from ipwatch.sandbox.pictures import DrawnImage
from ipwatch.sandbox.truth import DECOY_LISTINGS, SUSPECTED_LISTINGS, Kind, Truth, truth_of
from ipwatch.sandbox.wording import hostile

HORIZON = 14
_IMITATIONS = 0.08
_DECOYS = 0.06
_LATER = 0.05
_VANISHING = 0.05
_MOVING = 0.10
_HOSTILE_EVERY = 150
_FACTORS = (0.7, 0.8, 0.9, 1.1, 1.25)


@dataclass(frozen=True, slots=True)
class _Maker:
    seed: int
    today: date
    catalogue: Catalogue
    sellers: dict[str, tuple[Merchant, ...]]


def invent_offers(seed: int, count: int, today: date, catalogue: Catalogue) -> tuple[Offer, ...]:
    """Return ``count`` offers for sale on day 0, and some that appear within ``HORIZON`` days."""
    maker = _Maker(seed, today, catalogue, {shop.name: merchants(seed, shop) for shop in SHOPS})
    kinds = [*_kinds(seed, count, catalogue), *_kinds(seed + 1, round(count * _LATER), catalogue)]
    shops = shops_of_offers(seed, len(kinds))
    return tuple(
        _offer(maker, number, shop, kind, brand, born=0 if number < count else 1 + number % HORIZON)
        for number, (shop, (kind, brand)) in enumerate(zip(shops, kinds, strict=True))
    )


def _kinds(seed: int, count: int, catalogue: Catalogue) -> list[tuple[Kind, Brand | None]]:
    """Return kind and brand of each offer: every kind in turn over every applicable mark, then shuffled."""
    rng = generator(seed, "kinds", count)
    chosen: list[tuple[Kind, Brand | None]] = []
    for kinds, share in ((SUSPECTED_LISTINGS, _IMITATIONS), (DECOY_LISTINGS, _DECOYS)):
        turns = _turns(kinds, catalogue.brands, rng)
        chosen += [next(turns) for _ in range(round(count * share))]
    chosen += [(Kind.UNRELATED, None)] * (count - len(chosen))
    rng.shuffle(chosen)
    return chosen


def _turns(kinds: tuple[Kind, ...], brands: tuple[Brand, ...], rng: Random) -> Iterator[tuple[Kind, Brand]]:
    able = {kind: [brand for brand in brands if _applies(kind, brand)] for kind in kinds}
    while True:
        for kind in kinds:
            yield kind, rng.choice(able[kind])


def _applies(kind: Kind, brand: Brand) -> bool:
    if kind is Kind.GI_MISUSE:
        return brand.place is not None
    if kind is Kind.CHARACTER_GOODS:
        return brand.has_character
    if kind is Kind.ORDINARY_WORD:
        return bool(brand.ordinary)
    return True


def shops_of_offers(seed: int, count: int) -> list[Shop]:
    """Return the shop of each offer, in proportion to the shares of the shops, shuffled."""
    shops = [shop for shop in SHOPS for _ in range(round(shop.share * count))]
    shops = (shops + [RAKUTEN] * count)[:count]
    generator(seed, "places", count).shuffle(shops)
    return shops


def _offer(maker: _Maker, number: int, shop: Shop, kind: Kind, brand: Brand | None, *, born: int) -> Offer:
    rng = generator(maker.seed, "offer", number)
    if kind is Kind.AUTHORISED_SELLER and shop not in (RAKUTEN, EBAY):
        shop = rng.choice((RAKUTEN, EBAY))
    language = language_of(shop, rng)
    scene = Scene(maker.catalogue, f"{maker.seed}:{number}", language, rng)
    if brand is None:
        draft = innocent(scene)
    elif kind in SUSPECTED_LISTINGS:
        draft = imitation(scene, kind, brand)
    else:
        draft = decoy(scene, kind, brand)
    return offer_of(
        draft,
        seed=maker.seed,
        number=number,
        shop=shop,
        merchant=_merchant(maker, shop, kind, brand, rng),
        language=language,
        today=maker.today,
        born=born,
        truth=truth_of(kind, brand.key if brand else None, mention=brand is not None and _mentions(kind, brand, draft)),
        rng=rng,
    )


def offer_of(
    draft: Draft,
    *,
    seed: int,
    number: int,
    shop: Shop,
    merchant: Merchant,
    language: Language,
    today: date,
    born: int,
    truth: Truth,
    rng: Random,
) -> Offer:
    """Return the offer of a draft: with its lifetime, its pictures and, for one in many, a title that is hard to read.

    ``born`` is the day of the world on which it appears, ``today`` the date of day 0.
    """
    currency = merchant.currency if shop is EBAY else shop.currency
    gone, moves = lifetime(rng, born)
    return Offer(
        number=number,
        shop=shop,
        merchant=merchant,
        goods=draft.goods,
        language=language,
        title=hostile(draft.title, number // _HOSTILE_EVERY) if number % _HOSTILE_EVERY == 0 else draft.title,
        description=draft.description,
        brand=draft.brand,
        price=in_currency(draft.yen, currency),
        currency=currency,
        used=draft.used,
        quantity=rng.randint(1, 60),
        pictures=picture_files(seed, number, draft),
        tags=draft.tags,
        born=born,
        gone=gone,
        moves=moves,
        posted_at=posted_at(today, born, rng),
        truth=truth,
        gtin=draft.gtin,
        model=draft.model,
        maker=draft.maker,
    )


def _mentions(kind: Kind, brand: Brand, draft: Draft) -> bool:
    return kind in SUSPECTED_LISTINGS or brand.is_named_in(f"{draft.title} {draft.description} {draft.brand or ''}")


def language_of(shop: Shop, rng: Random) -> Language:
    """Return a language in which sellers of that shop write."""
    languages, weights = zip(*shop.languages, strict=True)
    chosen: Language = rng.choices(languages, weights)[0]
    return chosen


def _merchant(maker: _Maker, shop: Shop, kind: Kind, brand: Brand | None, rng: Random) -> Merchant:
    if kind is Kind.AUTHORISED_SELLER and brand is not None:
        official, abroad = authorised(brand)
        return abroad if shop is EBAY else official
    everyone = maker.sellers[shop.name]
    return offender(everyone, rng) if kind in SUSPECTED_LISTINGS else rng.choice(everyone)


def picture_files(seed: int, number: int, draft: Draft) -> tuple[tuple[str, DrawnImage], ...]:
    """Return the pictures of a draft with their names on the picture host."""
    return tuple(
        (f"{digest(seed, 'picture', number, index)}.{picture.extension}", picture)
        for index, picture in enumerate(draft.pictures)
    )


def lifetime(rng: Random, born: int) -> tuple[int | None, tuple[tuple[int, float], ...]]:
    """Return the first day without an offer, if there is one, and the days and factors of its price changes."""
    gone = rng.randint(born + 1, born + HORIZON) if rng.random() < _VANISHING else None
    moves = ((rng.randint(born + 1, born + HORIZON), rng.choice(_FACTORS)),) if rng.random() < _MOVING else ()
    return gone, moves


def posted_at(today: date, born: int, rng: Random) -> datetime:
    """Return when an offer was posted."""
    day = today + timedelta(days=born) if born else today - timedelta(days=rng.randint(1, 400))
    return datetime.combine(day, time(rng.randint(0, 23), rng.randint(0, 59), rng.randint(0, 59)), UTC)

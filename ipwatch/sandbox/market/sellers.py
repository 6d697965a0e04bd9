"""The sellers of a market: broad retailers, specialists, producers, newcomers, and those who offend again and again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from random import Random

from ipwatch.sandbox.catalogue import Brand, load_catalogue
from ipwatch.sandbox.chance import digest, generator
from ipwatch.sandbox.market.goods import tables
from ipwatch.sandbox.markets import EBAY, RAKUTEN, Merchant, Shop

NETWORKS, ACCOUNTS = 6, 5
_HOME = ("JP",)
_ABROAD = ("US", "US", "GB", "DE", "AU", "JP", "JP", "HK")
_FAR = ("CN", "CN", "HK", "VN", "TH", "ID", "TR", "MY")
_CURRENCIES = {"GB": "GBP", "DE": "EUR", "IT": "EUR", "ES": "EUR", "PL": "EUR", "AU": "AUD"}
_ACCOUNT_WORDS = ("sora", "kiki", "yume", "momo", "luna", "toki", "hana", "riku", "neo", "mina", "zen", "aki")
_ACCOUNT_ENDS = ("shop", "st", "24", "jp", "sale", "mart", "x", "store", "88", "box")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sellers:
    """The sellers of one marketplace by what they are.

    ``special`` and ``producers`` are by category of goods and by holder. Each of ``networks`` is one offender with
    several accounts.
    """

    broad: tuple[Merchant, ...]
    special: Mapping[str, tuple[Merchant, ...]]
    producers: Mapping[str, tuple[Merchant, ...]]
    used: tuple[Merchant, ...]
    media: tuple[Merchant, ...]
    accessory: tuple[Merchant, ...]
    small: tuple[Merchant, ...]
    new: tuple[Merchant, ...]
    doubtful: tuple[Merchant, ...]
    networks: tuple[tuple[Merchant, ...], ...]


def sellers_of(seed: int, shop: Shop) -> Sellers:
    """Return the sellers of Rakuten or eBay in the world of that seed."""
    catalogue = load_catalogue()
    rng = generator(seed, "sellers", shop.name)
    regional = {brand.holder.id: brand for brand in catalogue.brands if brand.place}
    networks = [
        tuple(
            _account(shop, rng, f"w{network}{index}", reviews=(1, 120), good=(84, 99), far=True)
            for index in range(ACCOUNTS)
        )
        for network in range(NETWORKS)
    ]
    special = {
        category: tuple(_named(shop, rng, "special", index, reviews=(150, 30_000), tag=category) for index in range(2))
        for category in catalogue.goods
    }
    producers = {
        holder: tuple(_producer(shop, rng, brand, index) for index in range(3)) for holder, brand in regional.items()
    }

    def several(kind: str, count: int, reviews: tuple[int, int]) -> tuple[Merchant, ...]:
        return tuple(_named(shop, rng, kind, index, reviews=reviews) for index in range(count))

    def accounts(letter: str, count: int, good: tuple[int, int], *, far: bool) -> tuple[Merchant, ...]:
        return tuple(
            _account(shop, rng, f"{letter}{index}", reviews=(0, 9 if not far else 30), good=good, far=far)
            for index in range(count)
        )

    return Sellers(
        broad=several("broad", 9, (8_000, 400_000)),
        special=special,
        producers=producers,
        used=several("used", 5, (300, 60_000)),
        media=several("media", 4, (2_000, 300_000)),
        accessory=several("accessory", 4, (200, 20_000)),
        small=several("small", 24, (20, 4_000)),
        new=accounts("n", 12, (94, 100), far=False),
        doubtful=accounts("d", 9, (48, 88), far=True),
        networks=tuple(networks),
    )


@cache
def denied(holder: str) -> tuple[Merchant, Merchant]:
    """Return the two sellers, on Rakuten and eBay, whom the holder knows as offenders."""
    rng, suffix = generator("denied", holder), digest("denied", holder)[:3]
    return (
        _account(RAKUTEN, rng, suffix, reviews=(40, 900), good=(92, 98), far=True),
        _account(EBAY, rng, suffix, reviews=(40, 900), good=(92, 98), far=True),
    )


def _named(
    shop: Shop, rng: Random, kind: str, index: int, *, reviews: tuple[int, int], tag: str | None = None
) -> Merchant:
    """Return a seller with a name of its kind; the more reviews there can be, the more evenly they spread by order."""
    names, ids = tables()["shops"][f"{kind}_ja"], tables()["shops"][f"{kind}_en"]
    number = generator(kind, tag).randrange(len(names)) + index if tag else index
    slug = ids[number % len(ids)] + (f"_{tag}" if tag else "") + (f"_{index}" if index >= len(ids) or tag else "")
    low, high = reviews
    country = rng.choice(_HOME if shop is RAKUTEN or kind in {"used", "special"} else _ABROAD)
    return Merchant(
        id=slug.replace("_", "-") if shop is RAKUTEN else slug,
        name=f"{names[number % len(names)]}{'' if index < len(names) else f'{index}号店'}" if shop is RAKUTEN else slug,
        ships_from=country,
        currency="JPY" if shop is RAKUTEN else _CURRENCIES.get(country, "USD"),
        feedback_pct=round(rng.uniform(97.6, 100), 1),
        feedback_count=round(low * (high / low) ** rng.random()),
    )


def _producer(shop: Shop, rng: Random, brand: Brand, index: int) -> Merchant:
    word = ("noen", "kobo", "sanchoku")[index]
    name = ("農園", "工房", "産直市場")[index]
    return Merchant(
        id=f"{brand.holder.id}-{word}" if shop is RAKUTEN else f"{brand.holder.id.replace('-', '_')}_{word}",
        name=f"{brand.place}{name}" if shop is RAKUTEN else f"{brand.holder.id} {word}",
        ships_from="JP",
        currency="JPY" if shop is RAKUTEN else "USD",
        feedback_pct=round(rng.uniform(98, 100), 1),
        feedback_count=rng.randint(15, 3_000),
    )


def _account(
    shop: Shop, rng: Random, suffix: str, *, reviews: tuple[int, int], good: tuple[int, int], far: bool
) -> Merchant:
    """Return an account as people open it in a minute."""
    word = f"{rng.choice(_ACCOUNT_WORDS)}{rng.choice(_ACCOUNT_WORDS)}"
    country = "JP" if shop is RAKUTEN else rng.choice(_FAR if far else _ABROAD)
    separator = "-" if shop is RAKUTEN else "_"
    return Merchant(
        id=f"{word}{separator}{rng.choice(_ACCOUNT_ENDS)}{suffix}",
        name=f"{word.title()}ショップ" if shop is RAKUTEN else f"{word} {rng.choice(_ACCOUNT_ENDS)}",
        ships_from=country,
        currency="JPY" if shop is RAKUTEN else _CURRENCIES.get(country, "USD"),
        feedback_pct=round(rng.uniform(*good), 1),
        feedback_count=rng.randint(*reviews),
    )

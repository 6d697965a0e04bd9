"""The marketplaces and shops of the sandbox, and their merchants."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from random import Random

from ipwatch.sandbox.catalogue import Brand, Language
from ipwatch.sandbox.chance import generator


class Markup(StrEnum):
    """Syntax of the structured data in the pages of a shop."""

    JSON_LD = "json_ld"
    MICRODATA = "microdata"
    OPEN_GRAPH = "open_graph"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """A marketplace or shop: ``name`` is its virtual host without ``.localhost``, ``share`` its share of all listings.

    ``source`` names the adapter that reads it; only pages have a ``markup``.
    """

    name: str
    title: str
    source: str
    share: float
    currency: str
    country: str
    languages: tuple[tuple[Language, int], ...]
    markup: Markup | None = None
    encoding: str = "utf-8"
    crawl_delay: float | None = None

    @property
    def host(self) -> str:
        """The virtual host, without port."""
        return f"{self.name}.localhost"


RAKUTEN = Shop(
    name="rakuten",
    title="楽天市場",
    source="rakuten",
    share=0.42,
    currency="JPY",
    country="JP",
    languages=(("ja", 1),),
)
EBAY = Shop(
    name="ebay",
    title="eBay",
    source="ebay",
    share=0.30,
    currency="USD",
    country="US",
    languages=(("en", 56), ("zh", 10), ("ko", 8), ("ja", 10), ("other", 16)),
)
SHOPIFY = (
    Shop(
        name="nordkeramik",
        title="Nord & Keramik",
        source="shopify",
        share=0.07,
        currency="EUR",
        country="DE",
        languages=(("en", 80), ("other", 20)),
    ),
    Shop(
        name="kurashi-select",
        title="くらしセレクト",
        source="shopify",
        share=0.05,
        currency="JPY",
        country="JP",
        languages=(("ja", 90), ("en", 10)),
    ),
)
PAGES = (
    Shop(
        name="japan-outlet",
        title="Japan Outlet Direct",
        source="webshop",
        share=0.05,
        currency="USD",
        country="US",
        languages=(("en", 80), ("other", 20)),
        markup=Markup.JSON_LD,
    ),
    Shop(
        name="marukyu-shoten",
        title="丸久商店",
        source="webshop",
        share=0.04,
        currency="JPY",
        country="JP",
        languages=(("ja", 1),),
        markup=Markup.MICRODATA,
    ),
    Shop(
        name="hanguk-mart",
        title="한국 마트",
        source="webshop",
        share=0.04,
        currency="KRW",
        country="KR",
        languages=(("ko", 70), ("zh", 30)),
        markup=Markup.OPEN_GRAPH,
    ),
    Shop(
        name="zakka-no-ie",
        title="雑貨の家",
        source="webshop",
        share=0.02,
        currency="JPY",
        country="JP",
        languages=(("ja", 1),),
        markup=Markup.PLAIN,
        crawl_delay=0.1,
    ),
    Shop(
        name="nippon-oroshi",
        title="日本卸売センター",
        source="webshop",
        share=0.01,
        currency="JPY",
        country="JP",
        languages=(("ja", 1),),
        markup=Markup.PLAIN,
        encoding="cp932",
    ),
)
SHOPS = (RAKUTEN, EBAY, *SHOPIFY, *PAGES)

YEN_PER_UNIT = {"JPY": 1.0, "USD": 150.0, "EUR": 163.0, "GBP": 190.0, "KRW": 0.11, "AUD": 98.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Merchant:
    """A merchant: ``id`` is the shop code or user name, ``ships_from`` a country (ISO 3166-1)."""

    id: str
    name: str
    ships_from: str
    currency: str
    feedback_pct: float
    feedback_count: int


_SHOP_WORDS = (
    "青葉",
    "こまち",
    "七色",
    "みなと",
    "花籠",
    "北斗",
    "さくらや",
    "いろは",
    "山吹",
    "つばめ",
    "ひだまり",
    "朝日堂",
)
_SHOP_ENDS = ("ストア", "商店", "楽市店", "オンライン", "生活館", "マート")
_USER_WORDS = ("tokyo", "sunny", "lucky", "green", "blue", "best", "golden", "happy", "east", "smart", "nice", "super")
_USER_ENDS = ("deals", "trading", "shop", "store", "market", "outlet", "direct", "goods", "hub", "express")
_COUNTRIES = (
    ("JP", "USD"), ("US", "USD"), ("CN", "USD"), ("GB", "GBP"), ("DE", "EUR"), ("HK", "USD"), ("AU", "AUD"),
    ("IT", "EUR"),    ("KR", "USD"), ("VN", "USD"), ("TH", "USD"), ("MY", "USD"), ("ES", "EUR"), ("PL", "EUR"),
    ("TR", "USD"), ("ID", "USD"),
)  # fmt: skip
_OFFENDERS = 14


def merchants(seed: int, shop: Shop) -> tuple[Merchant, ...]:
    """Return the merchants of a marketplace; a shop has one, itself."""
    if shop is RAKUTEN:
        return tuple(_rakuten_merchant(generator(seed, "merchant", index), index) for index in range(60))
    if shop is EBAY:
        return tuple(_ebay_merchant(generator(seed, "user", index), index) for index in range(90))
    return (_itself(shop),)


def authorised(brand: Brand) -> tuple[Merchant, Merchant]:
    """Return the two authorised sellers of the brand, on Rakuten and eBay."""
    official = Merchant(
        id=f"{brand.holder.id}-official",
        name=f"{brand.holder.name_ja} 公式ショップ",
        ships_from="JP",
        currency="JPY",
        feedback_pct=99.8,
        feedback_count=4210,
    )
    abroad = Merchant(
        id=f"{brand.holder.id}_japan",
        name=f"{brand.holder.name_en}",
        ships_from="JP",
        currency="USD",
        feedback_pct=100.0,
        feedback_count=1873,
    )
    return official, abroad


def offender(everyone: tuple[Merchant, ...], rng: Random) -> Merchant:
    """Return one of the few merchants who repeatedly list imitations."""
    return rng.choice(everyone[:_OFFENDERS])


def _rakuten_merchant(rng: Random, index: int) -> Merchant:
    return Merchant(
        id=f"{rng.choice(_USER_WORDS)}-{rng.choice(_USER_ENDS)}{index:02d}",
        name=f"{rng.choice(_SHOP_WORDS)}{rng.choice(_SHOP_ENDS)}",
        ships_from="JP",
        currency="JPY",
        feedback_pct=round(rng.uniform(88, 100), 1),
        feedback_count=rng.randint(3, 9000),
    )


def _ebay_merchant(rng: Random, index: int) -> Merchant:
    country, currency = rng.choice(_COUNTRIES)
    return Merchant(
        id=f"{rng.choice(_USER_WORDS)}_{rng.choice(_USER_ENDS)}_{index:02d}",
        name=f"{rng.choice(_USER_WORDS)} {rng.choice(_USER_ENDS)}",
        ships_from=country,
        currency=currency,
        feedback_pct=round(rng.uniform(86, 100), 1),
        feedback_count=rng.randint(0, 60000),
    )


def _itself(shop: Shop) -> Merchant:
    return Merchant(
        id=shop.name,
        name=shop.title,
        ships_from=shop.country,
        currency=shop.currency,
        feedback_pct=97.0,
        feedback_count=120,
    )

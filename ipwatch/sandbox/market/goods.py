"""The products of a market: lines of goods of each mark, licensed goods, media of a work, goods made from a product."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from ipwatch.records import HolderKind
from ipwatch.sandbox.catalogue import Brand, Language
from ipwatch.sandbox.chance import generator
from ipwatch.sandbox.market.identifiers import gtin_of, model_of

_LANGUAGES = ("ja", "en", "zh", "ko")
_FIRST_LICENSED, _FIRST_MEDIA = 200, 500
_VOLUMES = 24
DEAR = 3.2
"""From how many times the lowest genuine price a product can be offered far too cheaply within the declared range."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One product that many sellers offer: its names by language, its recommended price in yen, its identifiers.

    ``category`` is the key of a table of goods.toml. ``makers`` are the names of the licensee or publisher, in Japanese
    and in Latin letters.
    """

    key: str
    names: tuple[str, str, str, str]
    yen: float
    category: str
    gtin: str | None = None
    model: str | None = None
    makers: tuple[str, str] | None = None

    def name(self, language: Language) -> str:
        """Return its name as a seller writes it in that language."""
        return self.names[_LANGUAGES.index(language) if language in _LANGUAGES else 1]

    def maker(self, language: Language) -> str | None:
        """Return its maker as a seller writes it in that language, where it is not the holder itself."""
        return None if self.makers is None else self.makers[0 if language == "ja" else 1]


@cache
def tables() -> Mapping[str, Any]:
    """Return the tables of products.toml."""
    loaded: dict[str, Any] = tomllib.loads(files(__package__).joinpath("products.toml").read_text(encoding="utf-8"))
    return loaded


@cache
def line_of(brand: Brand) -> tuple[Product, ...]:
    """Return the holder's own products under the mark, the best-selling first, dear ones before cheap ones."""
    low, high = brand.price
    jan = next((pattern for pattern in brand.own_products if not pattern.startswith("978")), None)
    products = []
    for number, (*names, position) in enumerate(tables()["lines"][brand.category]):
        rng = generator("line", brand.key, number)
        yen = low * (high / low) ** min(max(position + rng.uniform(-0.04, 0.04), 0.1), 0.97)
        products.append(
            Product(
                key=f"{brand.key}:{number}",
                names=_four(names),
                yen=_recommended(yen),
                category=brand.category,
                gtin=gtin_of(jan, 10 + number) if jan else None,
                model=None if brand.has_character or brand.place else model_of(brand.latin, number),
            )
        )
    generator("best-selling", brand.key).shuffle(products)
    products.sort(key=lambda product: product.yen < DEAR * low)
    return tuple(products)


@cache
def licensed_of(brand: Brand) -> tuple[Product, ...]:
    """Return the goods of the mark by its licensees; no goods without licensees, none that are never licensed."""
    makers = [row for row in tables()["licensed"]["makers"] if row[0] in brand.licensees]
    rows = [row for row in tables()["licensed"]["goods"] if row[0] not in brand.unlicensed_goods]
    products = []
    for number, (*names, yen, category) in enumerate(rows if makers else ()):
        rng = generator("licensed", brand.key, number)
        japanese, english, prefix = rng.choice(makers)
        item = _FIRST_LICENSED + number + 20 * int(generator("block", brand.key).random() * 400)
        products.append(
            Product(
                key=f"{brand.key}:licensed:{number}",
                names=_four(names),
                yen=_recommended(yen * rng.uniform(0.8, 1.3)),
                category=category,
                gtin=gtin_of(prefix, item),
                model=model_of(english, item) if rng.random() < 0.4 else None,  # noqa: PLR2004 - some have none
                makers=(japanese, english),
            )
        )
    return tuple(products)


@cache
def media_of(brand: Brand) -> tuple[Product, ...]:
    """Return books, discs, games and digital editions of a work; none of a mark that is no work."""
    if brand.holder.kind is not HolderKind.CONTENT:
        return ()
    patterns = brand.own_products
    isbn = next((pattern for pattern in patterns if pattern.startswith("978")), None)
    jan = next((pattern for pattern in patterns if not pattern.startswith("978")), None)
    products = []
    for volume in range(1, _VOLUMES + 1):
        for row, (*names, yen, category, identifier) in enumerate(tables()["media"]["goods"]):
            if "{n}" not in names[0] and volume > 1:
                continue
            pattern = {"ISBN": isbn, "JAN": jan}.get(identifier)
            publisher = generator("publisher", brand.key, row).choice(tables()["media"]["publishers"])
            products.append(
                Product(
                    key=f"{brand.key}:media:{row}:{volume}",
                    names=_four([name.format(n=volume) for name in names]),
                    yen=float(yen),
                    category=category,
                    gtin=gtin_of(pattern, _FIRST_MEDIA + row * _VOLUMES + volume) if pattern else None,
                    makers=(publisher, publisher),
                )
            )
    return tuple(products)


@cache
def derived_of(brand: Brand) -> tuple[Product, ...]:
    """Return lawful goods that others make of or with the goods of the mark."""
    rows = tables()["derived"].get(brand.category, ())
    return tuple(
        Product(key=f"{brand.key}:derived:{number}", names=_four(names), yen=float(yen), category=category)
        for number, (*names, yen, category) in enumerate(rows)
    )


@cache
def unlicensed_of(brand: Brand) -> tuple[Product, ...]:
    """Return goods as the holder neither makes nor licenses them, or that bear a mark without the licensee's name."""
    return tuple(
        Product(key=f"{brand.key}:other:{number}", names=_four(names), yen=float(yen), category=category)
        for number, (*names, yen, category) in enumerate(tables()["licensed"]["goods"])
        if category not in {"anime", brand.category}
    )


def rivals_of(brand: Brand) -> tuple[str, ...]:
    """Return other brands of the same goods."""
    return tuple(tables()["rivals"][brand.category])


def licensees_of(brand: Brand) -> tuple[str, ...]:
    """Return the names of the licensees of the mark, in Japanese and in Latin letters."""
    latin = {japanese: english for japanese, english, _ in tables()["licensed"]["makers"]}
    both = [(name, latin.get(name, name)) for name in brand.licensees]
    return tuple(dict.fromkeys(name for pair in both for name in pair))


def unlicensed_terms_of(brand: Brand) -> tuple[str, ...]:
    """Return the words for goods that the holder never licenses, in every language where they have one."""
    rows = {names[0]: names for *names, _, _ in tables()["licensed"]["goods"]}
    return tuple(name for term in brand.unlicensed_goods for name in rows.get(term, (term,)))


def _four(names: Sequence[str]) -> tuple[str, str, str, str]:
    japanese, english, chinese, korean = names
    return japanese, english, chinese, korean


def _recommended(yen: float) -> float:
    """Return the price rounded as makers recommend it: two digits count, and it ends with 0."""
    step = 10 ** max(1, math.floor(math.log10(yen)) - 1)
    return float(round(yen / step) * step)

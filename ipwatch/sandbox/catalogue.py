"""The invented holders and goods, read from the TOML files of this package."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from ipwatch.records import Holder, HolderKind, RightKind

Language = Literal["ja", "en", "zh", "ko", "other"]
Likeness = Literal["sound", "look", "both"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """A filing by another applicant that is similar to a mark in sound, look or both."""

    text: str
    reading: str
    how: Likeness


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    """A watched mark of the sandbox, with its imitations. ``price`` is the range in yen.

    ``own_products`` are patterns of product identifiers, as digits that end with ``*``. ``collisions`` are innocent
    titles that contain the mark or a piece of it, as ``ordinary`` are, of the market only.
    """

    holder: Holder
    id: str
    text: str
    readings: tuple[str, ...]
    variants: tuple[str, ...]
    kind: RightKind
    nice_classes: tuple[int, ...]
    goods_terms: tuple[str, ...]
    exclude_terms: tuple[str, ...]
    price: tuple[int, int]
    category: str
    latin: str
    zh: str
    ko: str
    place: str | None
    lookalikes: tuple[str, ...]
    kana: tuple[str, ...]
    ordinary: tuple[str, ...]
    generic: tuple[str, ...]
    near: tuple[Near, ...]
    own_products: tuple[str, ...]
    licensees: tuple[str, ...]
    unlicensed_goods: tuple[str, ...]
    collisions: tuple[str, ...]

    @property
    def key(self) -> str:
        """The key of the mark, ``watchlist/mark``."""
        return f"{self.holder.id}/{self.id}"

    @property
    def has_character(self) -> bool:
        """Return whether the mark is of a drawn character rather than of a line of goods."""
        return self.holder.kind in {HolderKind.CONTENT, HolderKind.PUBLIC}

    @property
    def forms(self) -> tuple[str, ...]:
        """The spellings by which the mark is named openly, without repetition."""
        return tuple(dict.fromkeys((self.text, self.latin, self.zh, self.ko, *self.variants)))

    def is_named_in(self, text: str) -> bool:
        """Return whether the text contains one of the spellings by which the mark is named openly."""
        folded = _folded(text)
        return any(_folded(form) in folded for form in self.forms)

    def form(self, language: Language) -> str:
        """Return the mark as a seller writes it in that language."""
        return {"ja": self.text, "zh": self.zh, "ko": self.ko}.get(language, self.latin)


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """A category of goods: its ids, its price range in yen and its words by language.

    ``colourless`` goods, such as food and books, have no choice of colours.
    """

    id: str
    nice: int
    genre: str
    ebay_id: str
    ebay_path: str
    price: tuple[int, int]
    shape: str
    colourless: bool
    search: tuple[str, ...]
    nouns: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Everything the sandbox is made of."""

    brands: tuple[Brand, ...]
    goods: Mapping[str, Goods]
    traits: Mapping[str, tuple[str, ...]]
    colours: Mapping[str, tuple[str, ...]]


@cache
def load_catalogue() -> Catalogue:
    """Return the catalogue."""
    tables = _read("goods.toml")
    traits, colours = tables.pop("traits"), tables.pop("colours")
    return Catalogue(
        brands=tuple(brand for holder in _read("holders.toml")["holders"] for brand in _brands(holder)),
        goods={key: _goods(key, table) for key, table in tables.items()},
        traits={language: tuple(words) for language, words in traits.items()},
        colours={language: tuple(words) for language, words in colours.items()},
    )


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath(name).read_text(encoding="utf-8"))


def _brands(table: dict[str, Any]) -> list[Brand]:
    holder = Holder(
        id=table["id"],
        name_ja=table["name_ja"],
        name_en=table["name_en"],
        kind=HolderKind(table["kind"]),
        prefecture=table["prefecture"],
    )
    return [_brand(holder, mark) for mark in table["marks"]]


def _brand(holder: Holder, table: dict[str, Any]) -> Brand:
    low, high = table["price"]
    lists = ("readings", "variants", "nice_classes", "goods_terms", "lookalikes", "kana", "ordinary", "generic")
    statements = ("own_products", "licensees", "unlicensed_goods", "collisions")
    return Brand(
        holder=holder,
        id=table["id"],
        text=table["text"],
        kind=RightKind(table["kind"]),
        exclude_terms=tuple(table.get("exclude_terms", ())),
        price=(low, high),
        category=table["category"],
        latin=table["latin"],
        zh=table["zh"],
        ko=table["ko"],
        place=table.get("place"),
        near=tuple(Near(text=text, reading=reading, how=how) for text, reading, how in table["near"]),
        **{name: tuple(table[name]) for name in lists},
        **{name: tuple(table.get(name, ())) for name in statements},
    )


def _goods(key: str, table: dict[str, Any]) -> Goods:
    low, high = table["price"]
    ebay_id, ebay_path = table["ebay"]
    return Goods(
        id=key,
        nice=table["nice"],
        genre=table["genre"],
        ebay_id=ebay_id,
        ebay_path=ebay_path,
        price=(low, high),
        shape=table["shape"],
        colourless=table.get("colourless", False),
        search=tuple(table["search"]),
        nouns={language: tuple(table[language]) for language in ("ja", "en", "zh", "ko", "other")},
    )

"""Products in schema.org vocabulary, from any syntax."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from html import unescape
from typing import Any

from ipwatch.records import ListingCondition, ListingStatus
from ipwatch.sources.toolkit.json_fields import Unusable
from ipwatch.sources.toolkit.money import currency_code, currency_in, read_amount
from ipwatch.sources.toolkit.text import clean, html_to_text
from ipwatch.sources.toolkit.urls import absolute
from ipwatch.terms import message

_SCHEMA_PREFIX = re.compile(r"^https?://(?:www\.)?schema\.org/|^schema:", re.IGNORECASE)
_PRODUCTS = frozenset(
    {"Product", "ProductGroup", "ProductModel", "IndividualProduct", "SomeProducts", "Vehicle", "Car", "Book"}
)
_RELATED_KEYS = frozenset(
    {
        "itemListElement",
        "isRelatedTo",
        "isSimilarTo",
        "isAccessoryOrSparePartFor",
        "isConsumableFor",
        "review",
        "reviews",
    }
)
_AVAILABILITY: dict[str, ListingStatus] = {
    "instock": "in_stock", "instoreonly": "in_stock", "onlineonly": "in_stock", "limitedavailability": "in_stock",
    "madetoorder": "in_stock", "outofstock": "out_of_stock", "soldout": "out_of_stock", "discontinued": "out_of_stock",
    "reserved": "out_of_stock", "oos": "out_of_stock", "available": "in_stock", "preorder": "preorder",
    "presale": "preorder", "backorder": "preorder",
}  # fmt: skip
_CONDITIONS: dict[str, ListingCondition] = {
    "newcondition": "new", "new": "new", "usedcondition": "used", "used": "used",
    "refurbishedcondition": "refurbished", "refurbished": "refurbished", "damagedcondition": "for_parts",
}  # fmt: skip
_LIST_PRICES = frozenset({"listprice", "msrp", "srp", "strikethroughprice", "regularprice"})
_MAX_OFFERS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A value that was left out, for the issue that reports it."""

    field: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One product in the markup of a page. ``related`` marks those other than the page's own."""

    syntax: str
    name: str | None = None
    description: str | None = None
    brand: str | None = None
    price: Decimal | None = None
    currency: str | None = None
    availability: ListingStatus | None = None
    condition: ListingCondition | None = None
    images: tuple[str, ...] = ()
    url: str | None = None
    category: str | None = None
    seller: str | None = None
    related: bool = False
    notes: tuple[Note, ...] = field(default=(), compare=False)


@dataclass(slots=True)
class _Offer:
    price: Decimal | None = None
    currency: str | None = None
    availability: ListingStatus | None = None
    condition: ListingCondition | None = None
    seller: str | None = None


def products_in(items: Iterable[Any], *, syntax: str, base: str) -> Iterator[Product]:
    """Yield every product among JSON-LD items, in the order of the page."""
    stack: list[tuple[Any, bool]] = [(item, False) for item in reversed(list(items))]
    while stack:
        item, related = stack.pop()
        if isinstance(item, list):
            stack.extend((value, related) for value in reversed(item))
        elif isinstance(item, Mapping):
            is_product = not _PRODUCTS.isdisjoint(types_of(item))
            if is_product:
                yield _product(item, syntax=syntax, base=base, related=related)
            inner = [
                (value, related or is_product or key in _RELATED_KEYS)
                for key, value in item.items()
                if isinstance(value, (list, Mapping)) and not (is_product and key in {"hasVariant", "isVariantOf"})
            ]
            stack.extend(reversed(inner))


def types_of(item: Mapping[str, Any]) -> frozenset[str]:
    """Return the schema.org types of an item without their prefix."""
    return frozenset(_SCHEMA_PREFIX.sub("", value) for value in _strings(item.get("@type")))


def _product(item: Mapping[str, Any], *, syntax: str, base: str, related: bool) -> Product:
    notes: list[Note] = []
    offer = _best(_offers(item, notes))
    images = [url for value in _values(item.get("image")) if (url := _url(value, base))]
    variants = [value for value in _values(item.get("hasVariant")) if isinstance(value, Mapping)]
    parents = [value for value in _values(item.get("isVariantOf")) if isinstance(value, Mapping)]
    if not images:
        images = [url for variant in variants for value in _values(variant.get("image")) if (url := _url(value, base))]
    url = next((url for key in ("url", "@id") for value in _values(item.get(key)) if (url := _url(value, base))), None)
    notes += [Note(field=key, message=value.reason) for key, value in item.items() if isinstance(value, Unusable)]
    return Product(
        syntax=syntax,
        name=_text(item.get("name")) or next((name for p in parents if (name := _text(p.get("name")))), None),
        description=_prose(item.get("description")),
        brand=next((name for i in (item, *parents) if (name := _brand(i))), None),
        price=offer.price,
        currency=offer.currency,
        availability=offer.availability or _availability(item.get("availability"), notes),
        condition=offer.condition or _condition(item.get("itemCondition")),
        images=tuple(dict.fromkeys(images)),
        url=url,
        category=_category(item.get("category")),
        seller=offer.seller,
        related=related,
        notes=tuple(notes),
    )


def _offers(item: Mapping[str, Any], notes: list[Note]) -> list[_Offer]:
    """Return the offers of a product and of its variants."""
    collected = [
        _offer(value, notes) for value in _values(item.get("offers"))[:_MAX_OFFERS] if isinstance(value, Mapping)
    ]
    for variant in _values(item.get("hasVariant"))[:_MAX_OFFERS]:
        if isinstance(variant, Mapping):
            offers = _values(variant.get("offers"))[:_MAX_OFFERS]
            collected += [_offer(value, notes) for value in offers if isinstance(value, Mapping)]
    if not collected and ("price" in item or "lowPrice" in item):
        collected.append(_offer(item, notes))
    return collected


def _best(offers: list[_Offer]) -> _Offer:
    """Return the cheapest available offer, with the availability of the product as a whole."""
    if not offers:
        return _Offer()
    available = [offer for offer in offers if offer.availability != "out_of_stock"] or offers
    priced = [offer for offer in available if offer.price is not None] or [o for o in offers if o.price is not None]
    best = min(priced, key=lambda offer: offer.price or Decimal(0)) if priced else available[0]
    known = [offer.availability for offer in offers if offer.availability]
    availability = best.availability or ("in_stock" if "in_stock" in known else next(iter(known), None))
    return replace(best, availability=availability)


def _offer(item: Mapping[str, Any], notes: list[Note]) -> _Offer:
    nodes: list[Mapping[str, Any]] = [item]
    nodes += [spec for spec in _values(item.get("priceSpecification")) if isinstance(spec, Mapping)]
    nodes += [inner for inner in _values(item.get("offers")) if isinstance(inner, Mapping)]
    offer = _Offer(
        availability=next((a for node in nodes if (a := _availability(node.get("availability"), notes))), None),
        condition=next((c for node in nodes if (c := _condition(node.get("itemCondition")))), None),
        seller=next((s for key in ("seller", "offeredBy") for v in _values(item.get(key)) if (s := _named(v))), None),
    )
    for node in sorted(nodes, key=_is_list_price):
        declared = next((text for key in ("priceCurrency", "currency") if (text := _text(node.get(key)))), None)
        currency = (currency_code(declared) or currency_in(declared)) if declared else None
        if declared and currency is None:
            notes.append(Note(field="currency", message=message("reading.note_currency", value=declared[:40])))
        offer.currency = offer.currency or currency
        for key in ("price", "lowPrice", "minPrice"):
            amount = _amount(node.get(key), offer.currency, notes)
            if amount is not None:
                offer.price = amount
                offer.currency = offer.currency or _sign(node.get(key))
                return offer
    return offer


def _is_list_price(node: Mapping[str, Any]) -> bool:
    kinds = {_SCHEMA_PREFIX.sub("", kind).lower() for kind in _strings(node.get("priceType"))}
    return not kinds.isdisjoint(_LIST_PRICES)


def _amount(value: Any, currency: str | None, notes: list[Note]) -> Decimal | None:
    value = next(iter(_values(value)), None)
    if isinstance(value, Unusable):
        notes.append(Note(field="price", message=value.reason))
        return None
    text = str(value) if isinstance(value, (int, Decimal)) and not isinstance(value, bool) else _text(value)
    if text is None:
        return None
    amount = read_amount(text, currency)
    if amount is None or amount < 0:
        notes.append(Note(field="price", message=message("reading.note_price", value=text[:40])))
        return None
    # Shops print 0 where they have no price to show (sold out, on request).
    return amount or None


def _sign(value: Any) -> str | None:
    text = _text(value)
    return currency_in(text) if text else None


def _availability(value: Any, notes: list[Note]) -> ListingStatus | None:
    for text in _strings(value):
        key = re.sub(r"[\s_-]", "", _SCHEMA_PREFIX.sub("", text.strip())).lower().rstrip("/")
        if key in _AVAILABILITY:
            return _AVAILABILITY[key]
        if key:
            notes.append(Note(field="availability", message=message("reading.note_availability", value=text[:60])))
    return None


def _condition(value: Any) -> ListingCondition | None:
    for text in _strings(value):
        key = _SCHEMA_PREFIX.sub("", text.strip()).lower()
        if key in _CONDITIONS:
            return _CONDITIONS[key]
    return None


def _brand(item: Mapping[str, Any]) -> str | None:
    return next(
        (name for key in ("brand", "manufacturer") for v in _values(item.get(key)) if (name := _named(v))), None
    )


def _named(value: Any) -> str | None:
    if isinstance(value, Mapping):
        return _text(value.get("name")) or _text(value.get("@value"))
    return _text(value)


def _category(value: Any) -> str | None:
    names = [name for entry in _values(value) if (name := _named(entry)) and not name.startswith("http")]
    return " > ".join(names) or None


def _url(value: Any, base: str) -> str | None:
    if isinstance(value, Mapping):
        value = next((value[key] for key in ("url", "contentUrl", "@id") if value.get(key)), None)
        value = next(iter(_values(value)), None)
    return absolute(unescape(value), base) if isinstance(value, str) and value.strip() else None


def _prose(value: Any) -> str | None:
    text = next(iter(_strings(value)), None)
    return html_to_text(unescape(text)) if text else None


def _text(value: Any) -> str | None:
    """Return the first text of a value; entities are unescaped, since pages escape them twice."""
    for text in _strings(value):
        cleaned = clean(unescape(text))
        if cleaned:
            return cleaned
    return None


def _strings(value: Any) -> list[str]:
    strings = []
    for entry in _values(value):
        inner = entry.get("@value", entry.get("name", entry.get("@id"))) if isinstance(entry, Mapping) else entry
        if isinstance(inner, (int, Decimal)) and not isinstance(inner, bool):
            strings.append(str(inner))
        elif isinstance(inner, str):
            strings.append(inner)
    return strings


def _values(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def filled(product: Product, other: Product) -> Product:
    """Return ``product`` with missing fields taken from ``other``; a price is taken with its currency."""
    price, currency = product.price, product.currency
    if price is None:
        price, currency = other.price, other.currency
    elif currency is None and other.price == price:
        currency = other.currency
    return replace(
        product,
        name=product.name or other.name,
        description=product.description or other.description,
        brand=product.brand or other.brand,
        price=price,
        currency=currency,
        availability=product.availability or other.availability,
        condition=product.condition or other.condition,
        images=product.images or other.images,
        url=product.url or other.url,
        category=product.category or other.category,
        seller=product.seller or other.seller,
        notes=product.notes + tuple(note for note in other.notes if note not in product.notes),
    )

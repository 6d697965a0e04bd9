"""The visible content of a product page without structured data: price, brand and availability.

Every element that looks like a price is scored by the names of its own and its ancestors' attributes, by its distance
to the heading, and by strike-through; the best one is taken. Nothing here depends on a particular shop.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from ipwatch.records import ListingStatus
from ipwatch.sources.toolkit.money import Money, has_currency_sign, read_price
from ipwatch.sources.webshop.dom import text_of
from ipwatch.sources.webshop.vocabulary import (
    BRAND_LABEL,
    CART,
    IN_STOCK,
    NOW_WORD,
    OLD_WORD,
    OTHER_PART_WORD,
    PRICE_WORD,
    SOLD_OUT,
)

_BRAND_SELECTORS = (
    "[itemprop=brand]", "[itemprop=manufacturer]", "[data-brand]", "[class*=product-brand i]", "[class*=brand-name i]",
    "[class*=brandname i]", "[class*=product_brand i]", "[class*=manufacturer i]", "[id*=brand i]", "[class=brand i]",
)  # fmt: skip
_LEADING_COLON = re.compile(r"^[\s::\-–]+")
_CONTROL_NAMES = ("id", "class", "name", "value", "title", "aria-label", "alt", "action")
_MAX_PRICE_LENGTH = 45
_MAX_BRAND_LENGTH = 60
_MAX_SHOWN_LENGTH = 200
_CLIMB = 3
_ANCESTORS = 14
_MAX_NODES = 60_000
_ENOUGH = 2.0
_PLAIN = 5.0
_MAX_PRICES = 2_000
_CROWD = 6
_MAX_RELATED_PENALTY = 7.0
_MAX_CARTS = 4


@dataclass(frozen=True, slots=True)
class _Candidate:
    money: Money
    score: float
    shape: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyerView:
    """The visible content of a page.

    ``sells`` is whether the page has a control to add goods to a cart, ``is_list`` whether its best price is one of
    many with the same markup, ``is_plain`` whether one price is prominent. ``shown`` is every price, the best first.
    """

    price: Money | None
    brand: str | None
    availability: ListingStatus | None
    sells: bool
    is_list: bool
    is_plain: bool
    shown: tuple[Money, ...] = ()


def look(tree: LexborHTMLParser, *, currency: str | None, country: str | None, titles: Sequence[str]) -> BuyerView:
    """Return the visible content. ``currency``, ``country`` and ``titles`` are as the page declares them."""
    body = tree.body
    candidates = list(_prices(body, currency=currency, country=country)) if body is not None else []
    candidates.sort(key=lambda candidate: -candidate.score)
    best = candidates[0] if candidates and candidates[0].score >= _ENOUGH else None
    sells, availability = _stock(tree)
    return BuyerView(
        price=best.money if best else None,
        brand=_brand(tree, titles),
        availability=availability,
        sells=sells,
        is_list=best is not None and sum(1 for other in candidates if other.shape == best.shape) >= _CROWD,
        is_plain=best is not None and best.score >= _PLAIN,
        shown=tuple(candidate.money for candidate in candidates),
    )


def _prices(body: LexborNode, *, currency: str | None, country: str | None) -> Iterator[_Candidate]:
    """Yield every element that looks like a price, in the order of the page."""
    asked: set[int] = set()
    judged: set[int] = set()
    since_heading: int | None = None
    for node in _text_nodes(body):
        if node.parent is not None and node.parent.tag == "h1" and since_heading is None:
            since_heading = 0
        elif since_heading is not None:
            since_heading += 1
        text = node.text_content or ""
        if node.parent is None or node.parent.mem_id in asked or not any(char.isdigit() for char in text):
            continue
        asked.add(node.parent.mem_id)
        element = _price_element(node)
        if element is None or element.mem_id in judged:
            continue
        judged.add(element.mem_id)
        money = read_price(_shown(element), currency=currency, country=country)
        if len(judged) > _MAX_PRICES:
            return
        if money is not None and money.amount > 0:
            shape = f"{element.tag}.{element.attributes.get('class')}"
            yield _Candidate(money, _score(element, since_heading), shape)


def _shown(element: LexborNode) -> str:
    return text_of(element, _MAX_SHOWN_LENGTH)


def _text_nodes(body: LexborNode) -> Iterator[LexborNode]:
    for count, node in enumerate(body.traverse(include_text=True, skip_empty=True)):
        if count > _MAX_NODES:
            return
        if (
            node.is_text_node
            and node.parent is not None
            and node.parent.tag not in {"script", "style", "noscript", "option"}
        ):
            yield node


def _price_element(node: LexborNode) -> LexborNode | None:
    """Return the smallest element around a number that looks like a price: with a currency, or named a price."""
    element = node.parent
    named = None
    for _ in range(_CLIMB):
        if element is None or element.tag in {"body", "html"}:
            break
        text = _shown(element)
        if len(text) > _MAX_PRICE_LENGTH:
            break
        if has_currency_sign(text):
            return element
        if named is None and PRICE_WORD.search(_names(element)):
            named = element
        element = element.parent
    return named


def _score(element: LexborNode, since_heading: int | None) -> float:
    text = _shown(element)
    score = 1.0 if has_currency_sign(text) else 0.0
    score += 4.0 if element.attributes.get("itemprop") in {"price", "lowPrice"} else 0.0
    score -= 3.0 if re.search(r"[+-]\s*[\d$€£¥]", text) or "%" in text else 0.0
    related = 0.0
    node: LexborNode | None = element
    for depth in range(_ANCESTORS):
        if node is None or node.tag in {"body", "html"}:
            break
        names = _names(node)
        near = depth < _CLIMB
        if PRICE_WORD.search(names):
            score += 3.0 if near else 0.3
        score += 1.0 if near and NOW_WORD.search(names) else 0.0
        score -= 4.0 if near and OLD_WORD.search(names) else 0.0
        score -= 6.0 if node.tag in {"del", "s", "strike"} else 0.0
        related += 3.0 if OTHER_PART_WORD.search(names) or node.tag in {"footer", "nav", "aside"} else 0.0
        node = node.parent
    # Names of wrappers are arbitrary, so many such names mean little more than two.
    score -= min(related, _MAX_RELATED_PENALTY)
    return score - 1.0 if since_heading is None else score + max(0.0, 3.0 - since_heading / 40)


def _names(element: LexborNode) -> str:
    attributes = element.attributes
    return " ".join(
        filter(None, (attributes.get(key) for key in ("class", "id", "itemprop", "data-testid", "data-qa")))
    )


def _brand(tree: LexborHTMLParser, titles: Sequence[str]) -> str | None:
    """Return the brand from a labelled row, or from an element named so whose text is also in a title."""
    for label in tree.css("th, dt, td, span, b, strong, label, div, li"):
        text = text_of(label, _MAX_BRAND_LENGTH)
        if 0 < len(text) <= _MAX_BRAND_LENGTH and BRAND_LABEL.match(text):
            value = _next_text(label)
            if value:
                return value
    known = [title.casefold() for title in titles]
    for selector in _BRAND_SELECTORS:
        for node in tree.css(selector)[:3]:
            named = node.attributes.get("data-brand") or node.attributes.get("content") or _shown(node)
            if 1 < len(named) <= _MAX_BRAND_LENGTH and any(named.casefold() in title for title in known):
                return named
    return None


def _next_text(label: LexborNode) -> str | None:
    node = label.next
    while node is not None:
        shown = node.text_content if node.is_text_node else _shown(node)
        text = _LEADING_COLON.sub("", shown or "").strip()
        if text:
            return text if len(text) <= _MAX_BRAND_LENGTH else None
        node = node.next
    return None


def _stock(tree: LexborHTMLParser) -> tuple[bool, ListingStatus | None]:
    """Return whether the page sells, and its availability where it shows any."""
    carts: set[str] = set()
    enabled = False
    count = 0
    for control in tree.css("button, input[type=submit], input[type=button], input[type=image], a, form"):
        attributes = control.attributes
        words = " ".join(filter(None, (attributes.get(key) for key in _CONTROL_NAMES)))
        shown = _shown(control) if control.tag in {"button", "a"} else ""
        if CART.search(words) or CART.search(shown):
            count += control.tag != "form"
            carts.add(shown or words)
            enabled = enabled or "disabled" not in attributes
    # A page with many such controls is a list.
    sells = bool(carts) and count <= _MAX_CARTS
    for node in tree.css(
        "[class*=stock i], [class*=avail i], [class*=sold i], [id*=stock i], [id*=avail i], [class*=dispo i], button"
    ):
        text = _shown(node)
        if not 0 < len(text) <= _MAX_SHOWN_LENGTH or _hidden(node):
            continue
        if SOLD_OUT.search(text):
            return sells, "out_of_stock"
        if IN_STOCK.search(text):
            return sells, "in_stock"
    return sells, "in_stock" if enabled else None


def _hidden(node: LexborNode) -> bool:
    element: LexborNode | None = node
    for _ in range(_CLIMB):
        if element is None:
            return False
        attributes = element.attributes
        style = (attributes.get("style") or "").replace(" ", "").lower()
        if "hidden" in attributes or "display:none" in style or "hidden" in (attributes.get("class") or "").split():
            return True
        element = element.parent
    return False

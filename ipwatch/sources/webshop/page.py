"""Parses one product page: each field of its product from the most trustworthy syntax that has it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from rapidfuzz import fuzz
from selectolax.lexbor import LexborHTMLParser

from ipwatch.sources.toolkit.money import ISO_4217
from ipwatch.sources.toolkit.text import clean, html_to_text
from ipwatch.sources.toolkit.urls import absolute, canonical, page_key, same_site
from ipwatch.sources.webshop import structured_data, visible
from ipwatch.sources.webshop.dom import parse_html
from ipwatch.sources.webshop.schema_org import Product, filled, products_in
from ipwatch.terms import message

_MIN_SIMILARITY = 75
_CROWD = 3
# Country-code domains that are used worldwide.
_GENERIC_DOMAINS = frozenset({"co", "io", "me", "tv", "cc", "ai", "gg", "ly", "to", "fm", "eu", "su", "ac"})
_LANGUAGE_COUNTRY = {
    "ja": "JP",
    "ko": "KR",
    "pl": "PL",
    "cs": "CZ",
    "da": "DK",
    "sv": "SE",
    "nb": "NO",
    "is": "IS",
    "ro": "RO",
}
_LOCALE = re.compile(r"^[a-z]{2,3}[-_](?:[A-Za-z]{4}[-_])?([A-Za-z]{2})\b")
_CHALLENGE_TITLE = re.compile(
    r"^\s*(?:just a moment|attention required|access denied|access to this page has been denied|robot check|"
    r"are you (?:a )?human|human verification|verify(?:ing)? you are|security check|ddos-guard|pardon our interruption|"
    r"request blocked|アクセスが(?:拒否|制限)|ロボットではない)",
    re.IGNORECASE,
)
_CHALLENGE_MARKS = (
    "cf-chl-",
    "/cdn-cgi/challenge-platform/h/",
    "px-captcha",
    "captcha-delivery.com",
    "validateCaptcha",
    "awsWafCookieDomainList",
)
_LOGIN_PATH = re.compile(r"(?:log|sign)[-_]?in\b|/account/login|/password$|/auth\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedPage:
    """The content of a page. ``product`` is ``None`` where it is not about a single product.

    ``declared`` is whether the page declares itself a product page. ``barrier`` names a challenge or a login that was
    served instead. ``url`` is the page's own URL; ``errors`` are sentences about parts that could not be read.
    """

    product: Product | None
    url: str
    site_name: str | None = None
    declared: bool = False
    barrier: str | None = None
    errors: tuple[str, ...] = ()


def read_page(text: str, *, requested_url: str, final_url: str) -> ParsedPage:
    """Parse an HTML page; raises ``TooDeepError`` where it cannot be read at all."""
    tree = parse_html(text)
    properties = structured_data.meta(tree)
    url = _own_address(tree, final_url)
    scripts, errors = structured_data.json_ld(tree)
    og = structured_data.open_graph(properties)
    voices: list[tuple[str, list[Any]]] = [
        ("JSON-LD", scripts),
        ("microdata", structured_data.microdata(tree)),
        ("RDFa", structured_data.rdfa(tree)),
        ("OpenGraph", [og] if og else []),
    ]
    titles = [title for title in map(clean, structured_data.titles(tree, properties)) if title]
    declared = False
    product: Product | None = None
    for syntax, items in voices:
        candidates = list(products_in(items, syntax=syntax, base=final_url))
        declared = declared or any(not candidate.related for candidate in candidates)
        chosen = _choose(candidates, url, titles)
        if chosen is not None and (syntax != "OpenGraph" or chosen.name):
            product = chosen if product is None else filled(product, chosen)
    product = _with_visible(tree, product, titles, properties, final_url)
    barrier = None if product is not None else _barrier(tree, text, requested_url, final_url)
    if product is not None:
        product = _with_shared(product, properties, titles, final_url)
    return ParsedPage(
        product=product,
        url=url,
        site_name=clean(next(iter(properties.get("og:site_name", [])), "")),
        declared=declared,
        barrier=barrier,
        errors=tuple(errors),
    )


def _choose(products: Sequence[Product], url: str, titles: Sequence[str]) -> Product | None:
    """Return the product a page is about: by its URL, else by its name, else the first; ``None`` for a list."""
    own = page_key(url)
    for product in products:
        if product.url is not None and page_key(product.url) == own and (product.name or product.price is not None):
            return product
    main = [product for product in products if not product.related]
    if not main:
        return None
    likeness = {id(product): _likeness(product.name, titles) for product in main}
    best = max(main, key=lambda product: likeness[id(product)])
    if likeness[id(best)] >= _MIN_SIMILARITY:
        return best
    names = {product.name for product in main}
    return None if len(names) >= _CROWD else main[0]


def _likeness(name: str | None, titles: Sequence[str]) -> float:
    if not name:
        return 0.0
    return max((fuzz.token_set_ratio(name.casefold(), title.casefold()) for title in titles), default=0.0)


def _with_visible(
    tree: LexborHTMLParser,
    product: Product | None,
    titles: Sequence[str],
    properties: dict[str, list[str]],
    final_url: str,
) -> Product | None:
    """Return the product completed from the visible content, or the visible one, or ``None``."""
    stated = product.currency if product is not None else None
    country = _country(tree, properties, final_url)
    view = visible.look(tree, currency=stated or _declared_currency(tree), country=country, titles=titles)
    shown = Product(
        syntax="visible",
        name=titles[0] if titles else None,
        brand=clean(view.brand or ""),
        price=view.price.amount if view.price else None,
        currency=view.price.currency if view.price else None,
        availability=view.availability,
    )
    if product is not None:
        return filled(_confirmed(product, view), shown)
    if shown.name is None or (view.is_list and not view.sells):
        return None
    if view.is_list:
        return replace(shown, price=None, currency=None)
    sold_out = view.sells and view.availability == "out_of_stock"
    return shown if sold_out or (view.price is not None and (view.sells or view.is_plain)) else None


def _confirmed(product: Product, view: visible.BuyerView) -> Product:
    """Return the product with the price that is currently asked.

    Where the markup has the regular price and the page shows it next to a lower prominent one, the lower one is used.
    A price without a currency gets that of the same amount on the page.
    """
    amounts = {money.amount for money in view.shown}
    if product.price is None or product.price not in amounts:
        return product
    if product.currency is None:
        currency = next((m.currency for m in view.shown if m.amount == product.price and m.currency), None)
        product = replace(product, currency=currency)
    asked = view.price if view.is_plain and not view.is_list else None
    if asked is None or asked.currency != product.currency or product.price is None:
        return product
    return replace(product, price=asked.amount) if product.price / 5 < asked.amount < product.price else product


def _with_shared(product: Product, properties: dict[str, list[str]], titles: Sequence[str], final_url: str) -> Product:
    """Return the product completed with the pictures, description and title of the page's sharing metadata."""
    references, description = structured_data.pictures_and_prose(properties)
    images = [image for reference in references if (image := absolute(reference, final_url))]
    return replace(
        product,
        name=product.name or (titles[0] if titles else None),
        images=product.images or tuple(dict.fromkeys(images)),
        description=product.description or (html_to_text(description) if description else None),
    )


def _own_address(tree: LexborHTMLParser, final_url: str) -> str:
    """Return the canonical URL of a page, if it is of the same site and not the front page.

    A page saved without its URL has the one it declares.
    """
    link = tree.css_first("link[rel~=canonical i][href]")
    declared = absolute(link.attributes.get("href") or "", final_url) if link is not None else None
    if declared is not None and urlsplit(final_url).scheme == "file":
        return canonical(declared)
    own = canonical(final_url)
    if declared is None or not same_site(declared, final_url):
        return own
    if urlsplit(declared).path in {"", "/"} and not urlsplit(declared).query and urlsplit(own).path != "/":
        return own
    return canonical(declared)


def _declared_currency(tree: LexborHTMLParser) -> str | None:
    """Return the currency a page declares in a meta element, where it declares a single one."""
    nodes = tree.css("[itemprop=priceCurrency][content], meta[property$='price:currency'][content]")
    codes = {(node.attributes.get("content") or "").strip().upper() for node in nodes} & ISO_4217
    return next(iter(codes)) if len(codes) == 1 else None


def _country(tree: LexborHTMLParser, properties: dict[str, list[str]], url: str) -> str | None:
    """Return the country of a page: that of its domain, else of its declared locale, else of its language."""
    domain = (urlsplit(url).hostname or "").rpartition(".")[2]
    if len(domain) == 2 and domain.isalpha() and domain not in _GENERIC_DOMAINS:  # noqa: PLR2004 - country code
        return {"uk": "GB"}.get(domain, domain.upper())
    html = tree.css_first("html")
    language = (html.attributes.get("lang") or "") if html is not None else ""
    for locale in (*properties.get("og:locale", []), language):
        match = _LOCALE.match(locale)
        if match:
            return match[1].upper()
    return _LANGUAGE_COUNTRY.get(language[:2].lower())


def _barrier(tree: LexborHTMLParser, text: str, requested_url: str, final_url: str) -> str | None:
    title = tree.css_first("title")
    shown = title.text(strip=True) if title is not None else ""
    if _CHALLENGE_TITLE.match(shown) or any(mark in text for mark in _CHALLENGE_MARKS):
        return (
            message("reading.challenge_page_titled", title=shown[:60]) if shown else message("reading.challenge_page")
        )
    asked, came = urlsplit(requested_url).path, urlsplit(final_url).path
    if asked != came and _LOGIN_PATH.search(came) and not _LOGIN_PATH.search(asked):
        return message("reading.login_page")
    return None

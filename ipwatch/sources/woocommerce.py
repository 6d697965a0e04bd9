"""Shops on WooCommerce, by the Store API that each storefront publishes at ``/wp-json/wc/store/v1/products``.

The catalogue is read whole, 100 products a page in the order of their ids; ``X-WP-TotalPages`` is the number of pages.
Prices are whole numbers of the smallest unit that the shop shows (``currency_minor_unit``). A product with variations
is one listing at its lowest price. The API has no condition, quantity, dates or country of dispatch.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from ipwatch.errors import Blocked, ContractChanged, RetryLater
from ipwatch.records import (
    Category,
    Document,
    FailureReason,
    Listing,
    ListingStatus,
    Marks,
    ParseIssue,
    Request,
    RequestKind,
    Seller,
    SourceInfo,
    SourceKind,
    SourceOptions,
)
from ipwatch.sources.toolkit.json_fields import Fields, load_json, read_listings
from ipwatch.sources.toolkit.money import currency_code
from ipwatch.sources.toolkit.search_plan import require_base_urls
from ipwatch.sources.toolkit.urls import absolute, origin
from ipwatch.terms import message

INFO = SourceInfo(
    name="woocommerce",
    title_ja="WooCommerceストア",
    title_en="Shops on WooCommerce",
    kind=SourceKind.SHOP,
    country=None,
    interval=1.0,
    ceiling=100_000,
    ready=("base_urls",),
)

_CATALOGUE = "/wp-json/wc/store/v1/products"
_LIMIT = 100
_LAST_PAGE = 1_000
# No currency has more; a larger value is an error of the shop.
_MAX_MINOR_UNIT = 6
# Error codes of WordPress where the API is not installed or closed to visitors, besides a status of 404.
_CLOSED = frozenset({"rest_no_route", "rest_disabled", "rest_cannot_access", "rest_login_required", "rest_forbidden"})
_TOO_MANY_REQUESTS, _SERVER_ERROR = 429, 500


def plan(marks: Marks, options: SourceOptions) -> Iterable[Request]:
    """Return the first page of each shop; a catalogue is read whole, whatever the marks."""
    if not marks:
        return
    for shop in require_base_urls(options, INFO.name, "https://shop.example"):
        yield _page(shop, 1)


def parse(document: Document) -> Iterator[Listing | ParseIssue]:
    """Yield the products of one page of a catalogue.

    Raises ``Blocked`` where the shop denies access, and ``ContractChanged`` where it has no open Store API.
    """
    products = _products(document)
    yield from read_listings(products, _listing, document, source=INFO.name, where="products")
    if len(products) >= _LIMIT and _number(document) >= _LAST_PAGE:
        yield ParseIssue(
            source=INFO.name,
            where="products",
            message=message("reading.catalogue_beyond", count=_LIMIT * _LAST_PAGE),
            document_sha256=document.sha256,
        )


def follow(document: Document, options: SourceOptions) -> Iterable[Request]:
    """Return the next page: up to the number of pages that the shop gives, else until one is not full."""
    del options
    shop = dict(document.context).get("shop")
    if shop is None:
        return
    count = len(_products(document))
    page, total = _number(document), (document.header("X-WP-TotalPages") or "").strip()
    known = total.isascii() and total.isdigit()
    more = page < int(total[:6]) if known else count >= _LIMIT
    if more and count and page < _LAST_PAGE:
        yield _page(shop, page + 1)


def _page(shop: str, page: int) -> Request:
    return Request(
        source=INFO.name,
        url=f"{shop}{_CATALOGUE}?per_page={_LIMIT}&page={page}&orderby=id&order=asc",
        kind=RequestKind.API,
        headers=(("Accept", "application/json"),),
        context=(("shop", shop), ("page", str(page))),
    )


def _number(document: Document) -> int:
    return int(dict(document.context).get("page", "1"))


def _products(document: Document) -> Sequence[Any]:
    status = document.status
    if status == _TOO_MANY_REQUESTS or status >= _SERVER_ERROR:
        reason = FailureReason.RATE_LIMITED if status == _TOO_MANY_REQUESTS else FailureReason.SERVER_ERROR
        raise RetryLater(message("reading.woocommerce_busy"), url=document.url, reason=reason, status=status)
    if status in {401, 403}:
        why = message("reading.woocommerce_closed")
        raise Blocked(why, url=document.url, reason=FailureReason.BLOCKED, status=status)
    content_type = (document.header("content-type") or "").lower()
    if "html" in content_type:
        raise _changed(document, message("reading.woocommerce_no_json", content_type=content_type))
    body = load_json(document, INFO.name)
    if isinstance(body, list):
        return body
    code = body.get("code") if isinstance(body, Mapping) else None
    if isinstance(code, str):
        hint = message("reading.woocommerce_no_api") if code in _CLOSED else message("reading.woocommerce_refused")
        raise _changed(document, message("reading.woocommerce_code", hint=hint, code=code[:100]))
    raise _changed(document, message("reading.woocommerce_list"))


def _changed(document: Document, why: str) -> ContractChanged:
    return ContractChanged(
        message("lists.at", place=INFO.name, text=why),
        url=document.url,
        reason=FailureReason.CONTRACT_CHANGED,
        status=document.status,
    )


def _listing(product: Fields) -> Listing:
    product_id = product.required("id")
    parts = urlsplit(dict(product.document.context).get("shop") or origin(product.document.final_url))
    # Several shops may be on one host, each below its own path.
    shop = f"{parts.netloc.lower()}{parts.path}"
    price, currency = _price(product)
    return Listing(
        marketplace=INFO.name,
        listing_id=f"{shop}/{product_id}" if shop else product_id,
        url=_address(product, "permalink"),
        title=product.html("name"),
        description=product.html("description") or product.html("short_description"),
        brand=next((name for brand in product.children("brands") if (name := brand.html("name"))), None),
        price=price,
        currency=currency if price is not None else None,
        images=_images(product),
        seller=Seller(id=shop) if shop else None,
        category=_category(product),
        status=_status(product),
        document_sha256=product.document.sha256,
    )


def _price(product: Fields) -> tuple[Decimal | None, str | None]:
    """Return the lowest price of the product and its variations, and the currency."""
    prices = product.child("prices")
    if prices is None:
        return None, None
    span = prices.child("price_range")
    amount = (span.integer("min_amount") if span is not None else None) or prices.integer("price")
    if amount is None:
        return None, None
    if amount < 0:
        prices.report("price", message("reading.no_price", price=amount))
        return None, None
    digits = prices.integer("currency_minor_unit")
    if digits is None or not 0 <= digits <= _MAX_MINOR_UNIT:
        prices.report("currency_minor_unit", message("reading.woocommerce_decimals", digits=digits))
        return None, None
    declared = prices.text("currency_code")
    code = currency_code(declared) if declared else None
    if code is None:
        prices.report("currency_code", message("reading.no_currency", declared=declared))
    return Decimal(amount).scaleb(-digits), code


def _status(product: Fields) -> ListingStatus | None:
    if product.raw("is_on_backorder") is True:
        return "preorder"
    available = product.raw("is_in_stock")
    if available is None:
        return None
    if not isinstance(available, bool):
        product.report("is_in_stock", message("reading.no_boolean"))
        return None
    return "in_stock" if available else "out_of_stock"


def _category(product: Fields) -> Category | None:
    """Return the first category; WooCommerce lists those of a product without an order."""
    for category in product.children("categories"):
        name = category.html("name")
        if name is not None:
            return Category(id=category.text("id"), path=name)
    return None


def _images(product: Fields) -> tuple[str, ...]:
    addresses = (_address(image, "src") for image in product.children("images"))
    return tuple(dict.fromkeys(url for url in addresses if url is not None))


def _address(fields: Fields, name: str) -> str | None:
    value = fields.text(name)
    url = absolute(value, fields.document.final_url) if value else None
    if value and url is None:
        fields.report(name, message("reading.no_address"))
    return url

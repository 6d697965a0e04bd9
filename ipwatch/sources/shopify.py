"""Shops on Shopify, by the catalogue of each storefront at ``/products.json``.

The catalogue has no currency, so ``/meta.json`` is requested first, unless ``extra["currency"]`` sets it, for one shop
or all of them. Without either, prices have no currency and give an issue. Pages reach 25,000 products; the rest of a
larger shop is read through its collections.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from urllib.parse import quote, urlsplit

from ipwatch.errors import Blocked, ConfigError, ContractChanged, ParseError, RetryLater
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
from ipwatch.sources.toolkit.json_fields import Fields, load_object, read_listings
from ipwatch.sources.toolkit.money import currency_code
from ipwatch.sources.toolkit.search_plan import require_base_urls
from ipwatch.sources.toolkit.urls import absolute, origin
from ipwatch.terms import message

INFO = SourceInfo(
    name="shopify",
    title_ja="Shopifyストア",
    title_en="Shops on Shopify",
    kind=SourceKind.SHOP,
    country=None,
    interval=1.0,
    ceiling=25_000,
    ready=("base_urls",),
    terms_url="https://www.shopify.com/legal/terms",
)

_LIMIT = 250
_LAST_PAGE = 100
_CATALOGUE = "/products.json"
_HANDLE = re.compile(r"[^/?#\s]{1,255}")


def plan(marks: Marks, options: SourceOptions) -> Iterable[Request]:
    """Return the first request to each shop; a catalogue is read whole, whatever the marks."""
    if not marks:
        return
    currency = _configured_currency(options)
    for shop in require_base_urls(options, INFO.name, "https://shop.example"):
        if currency is None:
            yield _request(f"{shop}/meta.json", {"what": "shop", "shop": shop})
        else:
            yield _page({"what": "products", "shop": shop, "currency": currency}, 1)


def parse(document: Document) -> Iterator[Listing | ParseIssue]:
    """Yield the products of one page of a catalogue; ``/meta.json`` has none."""
    context = dict(document.context)
    if _is_gone(document):
        return
    body = _load(document)
    answer = Fields(body, document, INFO.name, "$")
    what = context.get("what", "products")
    if what == "shop":
        _shop_currency(answer)
        yield from answer.issues
        return
    if what == "collections":
        return
    if "products" not in body:
        raise ContractChanged(
            message("reading.shopify_changed"),
            url=document.url,
            reason=FailureReason.CONTRACT_CHANGED,
            status=document.status,
        )
    yield from read_listings(answer.sequence("products"), _listing, document, source=INFO.name, where="products")
    _report_catalogue(answer, context)
    yield from answer.issues


def follow(document: Document, options: SourceOptions) -> Iterable[Request]:
    """Return the next page of a catalogue: page 1 after the shop's own record, collections after the last page."""
    del options
    context = dict(document.context)
    shop = context.get("shop")
    if shop is None:
        return
    what, page = context.get("what"), int(context.get("page", "1"))
    if what == "shop":
        currency = None if _is_gone(document) else _shop_currency(Fields(_load(document), document, INFO.name, "$"))
        yield _page({"what": "products", "shop": shop} | ({"currency": currency} if currency else {}), 1)
        return
    if _is_gone(document):
        return
    answer = Fields(_load(document), document, INFO.name, "$")
    entries = answer.sequence("collections" if what == "collections" else "products")
    if what == "collections":
        for collection in answer.children("collections"):
            handle = collection.text("handle")
            if handle and _HANDLE.fullmatch(handle):
                path = f"/collections/{quote(handle)}{_CATALOGUE}"
                yield _page({**context, "what": "products", "path": path}, 1)
    if len(entries) < _LIMIT:
        return
    if page < _LAST_PAGE:
        yield _page(context, page + 1)
    elif what == "products" and "path" not in context:
        yield _page({**context, "what": "collections", "path": "/collections.json"}, 1)


def _configured_currency(options: SourceOptions) -> str | None:
    declared = options.extra.get("currency")
    if declared is None:
        return None
    code = currency_code(declared)
    if code is None:
        raise ConfigError(message("reading.shopify_currency", declared=declared))
    return code


def _page(context: dict[str, str], page: int) -> Request:
    path = context.get("path", _CATALOGUE)
    return _request(f"{context['shop']}{path}?limit={_LIMIT}&page={page}", {**context, "page": str(page)})


def _request(url: str, context: dict[str, str]) -> Request:
    return Request(
        source=INFO.name,
        url=url,
        kind=RequestKind.API,
        headers=(("Accept", "application/json"),),
        context=tuple(context.items()),
    )


def _is_gone(document: Document) -> bool:
    return document.status in {404, 410}


def _load(document: Document) -> dict[str, object]:
    content_type = (document.header("content-type") or "").lower()
    if document.status == 429 or document.status >= 500:  # noqa: PLR2004 - Too Many Requests and server errors
        reason = FailureReason.RATE_LIMITED if document.status == 429 else FailureReason.SERVER_ERROR  # noqa: PLR2004
        raise RetryLater(message("reading.shopify_busy"), url=document.url, reason=reason, status=document.status)
    if document.status in {401, 403} or urlsplit(document.final_url).path == "/password":
        raise Blocked(
            message("reading.shopify_closed"),
            url=document.url,
            reason=FailureReason.BLOCKED,
            status=document.status,
        )
    if "html" in content_type:
        raise ContractChanged(
            message("reading.shopify_no_json", content_type=content_type),
            url=document.url,
            reason=FailureReason.CONTRACT_CHANGED,
            status=document.status,
        )
    body = load_object(document, INFO.name)
    if isinstance(body.get("errors"), str):
        why = message("lists.at", place=INFO.name, text=str(body["errors"])[:200])
        raise ParseError(why, source=INFO.name, url=document.url, sha256=document.sha256)
    return dict(body)


def _shop_currency(shop: Fields) -> str | None:
    declared = shop.text("currency")
    code = currency_code(declared) if declared else None
    if code is None:
        shop.report("currency", message("reading.shopify_shop_currency", declared=declared))
    return code


def _report_catalogue(answer: Fields, context: dict[str, str]) -> None:
    count = len(answer.sequence("products"))
    if count and "currency" not in context:
        setting = "IPWATCH_SOURCES__SHOPIFY__EXTRA__CURRENCY"
        answer.report("currency", message("reading.shopify_no_currency", setting=setting))
    if count >= _LIMIT and context.get("page") == str(_LAST_PAGE):
        rest = message("reading.shopify_uncollected") if "path" not in context else message("reading.rest_not_reached")
        answer.report("products", message("reading.shopify_beyond", count=_LIMIT * _LAST_PAGE, rest=rest))


def _listing(product: Fields) -> Listing:
    product_id = product.required("id")
    context = dict(product.document.context)
    shop = context.get("shop") or origin(product.document.final_url)
    host = urlsplit(shop).netloc.lower()
    handle, kind = product.text("handle"), product.text("product_type")
    variants = product.children("variants")
    price = min((price for variant in variants if (price := _price(variant)) is not None), default=None)
    return Listing(
        marketplace=INFO.name,
        listing_id=f"{host}/{product_id}" if host else product_id,
        url=absolute(f"{shop}/products/{quote(handle)}", shop) if handle else None,
        title=product.text("title"),
        description=product.html("body_html"),
        brand=product.text("vendor"),
        price=price,
        currency=context.get("currency") if price is not None else None,
        images=_images(product),
        seller=Seller(id=host) if host else None,
        category=Category(path=kind) if kind else None,
        quantity=_quantity(variants),
        posted_at=product.time("published_at") or product.time("created_at"),
        updated_at=product.time("updated_at"),
        status=_status(variants),
        document_sha256=product.document.sha256,
    )


def _price(variant: Fields) -> Decimal | None:
    price = variant.decimal("price")
    if price is not None and price < 0:
        variant.report("price", message("reading.no_price", price=price))
        return None
    return price


def _quantity(variants: list[Fields]) -> int | None:
    """Return the stock of all variants, where every one of them has it; oversold stock counts as 0."""
    quantities = [
        variant.integer("inventory_quantity") for variant in variants if "inventory_quantity" in variant.values
    ]
    known = [quantity for quantity in quantities if quantity is not None]
    return sum(max(quantity, 0) for quantity in known) if known and len(known) == len(variants) else None


def _status(variants: list[Fields]) -> ListingStatus | None:
    available = [value for variant in variants if isinstance(value := variant.raw("available"), bool)]
    if not available:
        return None
    return "in_stock" if any(available) else "out_of_stock"


def _images(product: Fields) -> tuple[str, ...]:
    urls = []
    for image in product.children("images"):
        source = image.text("src")
        url = absolute(source, product.document.final_url) if source else None
        if url is None:
            image.report("src", message("reading.picture_without_http"))
        else:
            urls.append(url)
    return tuple(dict.fromkeys(urls))

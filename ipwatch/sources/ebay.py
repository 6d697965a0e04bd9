"""eBay, by ``item_summary/search`` of the Browse API.

One search reaches 10,000 items (200 a page); larger ones are split into price slices. ``extra["marketplace"]`` is the
site (``EBAY_US`` by default), ``extra["currency"]`` the currency of that site, used for price bands. Sellers' names may
change and may be replaced by immutable user ids: a seller is never identified by the name alone.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from decimal import Decimal
from urllib.parse import urlencode

from ipwatch.errors import Blocked, ConfigError, ContractChanged, ParseError, RetryLater
from ipwatch.records import (
    Category,
    Document,
    FailureReason,
    Listing,
    ListingCondition,
    Marks,
    ParseIssue,
    Request,
    RequestKind,
    Seller,
    SourceInfo,
    SourceKind,
    SourceOptions,
    Token,
)
from ipwatch.sources.toolkit.json_fields import Fields, load_object, read_listings
from ipwatch.sources.toolkit.money import currency_code
from ipwatch.sources.toolkit.price_slices import PriceSlice
from ipwatch.sources.toolkit.search_plan import plan_search, require_credentials
from ipwatch.sources.toolkit.urls import absolute, without_query
from ipwatch.terms import message

INFO = SourceInfo(
    name="ebay",
    title_ja="eBay",
    title_en="eBay",
    kind=SourceKind.MARKETPLACE,
    country=None,
    interval=1.0,
    ceiling=10_000,
    ready=("client_id", "client_secret"),
    terms_url="https://developer.ebay.com/join/api-license-agreement",
)

_API = "https://api.ebay.com"
_SEARCH = "/buy/browse/v1/item_summary/search"
_TOKEN = "/identity/v1/oauth2/token"  # noqa: S105 - a path, not a secret
_SCOPE = "https://api.ebay.com/oauth/api_scope"
_LIMIT = 200
_CEILING = 10_000
_MAX_QUERY_LENGTH = 100
_ALL_CENTS = PriceSlice(0, 10_000_000_00)
_THUMBNAIL_SIZE = re.compile(r"/s-l\d+(?=\.\w+$)")
_COUNTRY = re.compile(r"[A-Z]{2}")
# Ranges of conditionId (eBay, "Item condition IDs and names").
_CONDITIONS: tuple[tuple[range, ListingCondition], ...] = (
    (range(1000, 1500), "new"),
    (range(1500, 2000), "open_box"),
    (range(2000, 2750), "refurbished"),
    (range(2750, 7000), "used"),
    (range(7000, 7001), "for_parts"),
)
# Names on the English sites, used where there is no id.
_CONDITION_NAMES: dict[str, ListingCondition] = {
    "new": "new", "open box": "open_box", "refurbished": "refurbished", "used": "used", "pre-owned": "used",
    "for parts or not working": "for_parts",
}  # fmt: skip
_INVALID_TOKEN = frozenset({1001, 1002, 1100})


def token_request(options: SourceOptions) -> Request:
    """Return the request for an application access token (OAuth 2.0 client credentials grant)."""
    credentials = require_credentials(options, INFO.name, ("client_id", "client_secret"))
    pair = b64encode(f"{credentials['client_id']}:{credentials['client_secret']}".encode()).decode("ascii")
    return Request(
        source=INFO.name,
        url=f"{_base(options)}{_TOKEN}",
        kind=RequestKind.TOKEN,
        method="POST",
        headers=(("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json")),
        secret_headers=(("Authorization", f"Basic {pair}"),),
        body=urlencode({"grant_type": "client_credentials", "scope": _SCOPE}).encode("ascii"),
    )


def read_token(document: Document) -> Token:
    """Return the access token; raises ``Blocked`` with reason ``auth`` where the credentials were refused."""
    body = Fields(load_object(document, INFO.name), document, INFO.name, "$")
    value = body.text("access_token")
    if value is None:
        fault = body.text("error_description") or body.text("error") or message("reading.no_access_token")
        raise Blocked(
            message("reading.ebay_token", fault=fault),
            url=document.url,
            reason=FailureReason.AUTH,
            status=document.status,
        )
    return Token(value=value, expires_in=max(body.integer("expires_in") or 0, 0))


def plan(marks: Marks, options: SourceOptions) -> Iterable[Request]:
    """Return page 1 of one search for each distinct text of the marks."""
    require_credentials(options, INFO.name, ("client_id", "client_secret"))
    _currency(options)
    for text in plan_search(marks, _query).texts:
        yield _request(options, text, offset=0, band=None)


def parse(document: Document) -> Iterator[Listing | ParseIssue]:
    """Yield the items of one page of results, and an issue for results beyond the search's ceiling."""
    body = load_object(document, INFO.name)
    _refuse_errors(document, body)
    answer = Fields(body, document, INFO.name, "$")
    if "total" not in body or ("itemSummaries" not in body and answer.integer("total")):
        raise ContractChanged(message("reading.ebay_changed"), url=document.url, reason=FailureReason.CONTRACT_CHANGED)
    yield from read_listings(
        answer.sequence("itemSummaries"), _listing, document, source=INFO.name, where="itemSummaries"
    )
    _report_unreached(answer, dict(document.context))
    yield from answer.issues


def follow(document: Document, options: SourceOptions) -> Iterable[Request]:
    """Return the remaining pages of a search, or, where it exceeds the ceiling, page 1 of two narrower ones.

    URLs are built here: the ``next`` of an answer could send the token to any host.
    """
    context = dict(document.context)
    if context.get("offset", "0") != "0" or "q" not in context:
        return
    total = Fields(load_object(document, INFO.name), document, INFO.name, "$").integer("total") or 0
    band = PriceSlice.read(context["band"]) if "band" in context else None
    if total > _CEILING and (halves := (band or _ALL_CENTS).halves()):
        for half in halves:
            yield _request(options, context["q"], offset=0, band=half)
        return
    for offset in range(_LIMIT, min(total, _CEILING), _LIMIT):
        yield _request(options, context["q"], offset=offset, band=band)


def _base(options: SourceOptions) -> str:
    return options.base_urls[0].rstrip("/") if options.base_urls else _API


def _currency(options: SourceOptions) -> str:
    declared = options.extra.get("currency", "USD")
    code = currency_code(declared)
    if code is None:
        raise ConfigError(message("reading.ebay_currency", declared=declared))
    return code


def _request(options: SourceOptions, text: str, *, offset: int, band: PriceSlice | None) -> Request:
    filters = ["buyingOptions:{AUCTION|FIXED_PRICE|BEST_OFFER}"]
    context = {"q": text, "offset": str(offset)}
    if band is not None:
        low, high = Decimal(band.low) / 100, Decimal(band.high) / 100
        filters += [f"price:[{low:.2f}..{high:.2f}]", f"priceCurrency:{_currency(options)}"]
        context["band"] = str(band)
    query = {"q": text, "limit": _LIMIT, "offset": offset, "filter": ",".join(filters), "fieldgroups": "EXTENDED"}
    return Request(
        source=INFO.name,
        url=f"{_base(options)}{_SEARCH}?{urlencode(query)}",
        kind=RequestKind.API,
        headers=(
            ("Accept", "application/json"),
            ("X-EBAY-C-MARKETPLACE-ID", options.extra.get("marketplace", "EBAY_US")),
        ),
        context=tuple(context.items()),
    )


def _query(text: str) -> str | None:
    """Return the text as a query of at most 100 characters; a longer one is cut between words, which matches more."""
    plain = " ".join(re.sub(r"[(),*]", " ", text).split())
    if len(plain) > _MAX_QUERY_LENGTH:
        plain = plain[: _MAX_QUERY_LENGTH + 1].rpartition(" ")[0] or plain[:_MAX_QUERY_LENGTH]
    return plain or None


def _report_unreached(answer: Fields, context: dict[str, str]) -> None:
    if context.get("offset", "0") != "0" or "band" not in context:
        return
    band = PriceSlice.read(context["band"])
    beyond = (answer.integer("total") or 0) - _CEILING
    if beyond > 0 and not band.halves():
        query = context.get("q", "")
        answer.report("total", message("reading.ebay_beyond", beyond=beyond, low=band.low, query=query))


def _refuse_errors(document: Document, body: object) -> None:
    errors = body.get("errors") if isinstance(body, dict) else None
    if not isinstance(errors, list) or not errors or not isinstance(errors[0], dict):
        return
    first = Fields(errors[0], document, INFO.name, "errors[0]")
    code = first.integer("errorId")
    detail = first.text("longMessage") or first.text("message") or message("reading.no_message")
    why = message("reading.ebay_error", code=code, detail=detail)
    url, status = document.url, document.status
    if status in {401, 403} or code in _INVALID_TOKEN:
        raise Blocked(why, url=url, reason=FailureReason.AUTH, status=status)
    if status == 429:  # noqa: PLR2004 - Too Many Requests
        raise RetryLater(why, url=url, reason=FailureReason.RATE_LIMITED, status=status)
    if status >= 500:  # noqa: PLR2004 - server errors
        raise RetryLater(why, url=url, reason=FailureReason.SERVER_ERROR, status=status)
    raise ParseError(why, source=INFO.name, url=url, sha256=document.sha256)


def _listing(item: Fields) -> Listing:
    item_id = item.required("itemId")
    price, currency = _price(item)
    location = item.child("itemLocation")
    return Listing(
        marketplace=INFO.name,
        listing_id=item_id,
        url=_address(item, "itemWebUrl"),
        title=item.text("title"),
        description=item.html("shortDescription"),
        price=price,
        currency=currency,
        images=_images(item),
        seller=_seller(item),
        ships_from=_country(location, "country") if location else None,
        category=_category(item),
        condition=_condition(item),
        posted_at=item.time("itemOriginDate") or item.time("itemCreationDate"),
        status="in_stock",
        document_sha256=item.document.sha256,
    )


def _price(item: Fields) -> tuple[Decimal | None, str | None]:
    """Return the price, for an auction without one the current bid, as (amount, currency)."""
    money = item.child("price") or item.child("currentBidPrice")
    if money is None:
        return None, None
    amount, declared = money.decimal("value"), money.text("currency")
    currency = currency_code(declared) if declared else None
    if declared and currency is None:
        money.report("currency", message("reading.no_currency", declared=declared))
    if amount is not None and amount < 0:
        money.report("value", message("reading.no_price", price=amount))
        amount = None
    return amount, currency


def _seller(item: Fields) -> Seller | None:
    seller = item.child("seller")
    if seller is None:
        return None
    name = seller.text("username")
    percentage = seller.decimal("feedbackPercentage")
    return Seller(
        id=seller.text("userId") or name,
        name=name,
        feedback_pct=float(percentage) if percentage is not None else None,
        feedback_count=seller.integer("feedbackScore"),
    )


def _country(fields: Fields, name: str) -> str | None:
    code = fields.text(name)
    if code is not None and not _COUNTRY.fullmatch(code):
        fields.report(name, message("reading.no_country", code=code))
        return None
    return code


def _category(item: Fields) -> Category | None:
    """Return the narrowest category with its path; ``categories`` goes from the narrowest to the widest."""
    categories = item.children("categories")
    if not categories:
        return None
    names = [name for category in reversed(categories) if (name := category.text("categoryName"))]
    return Category(id=categories[0].text("categoryId"), path=" > ".join(names) or None)


def _condition(item: Fields) -> ListingCondition | None:
    code, name = item.integer("conditionId"), item.text("condition")
    condition = next((word for codes, word in _CONDITIONS if code in codes), None)
    condition = condition or _CONDITION_NAMES.get((name or "").casefold())
    if condition is None and (code is not None or name is not None):
        item.report("condition", message("reading.no_condition", code=code, name=name))
    return condition


def _images(item: Fields) -> tuple[str, ...]:
    """Return the pictures at full size: the name before the extension is the size asked for."""
    main = [child for name in ("image",) if (child := item.child(name))]
    entries = main + item.children("additionalImages") or item.children("thumbnailImages")
    urls = [url for entry in entries if (url := _address(entry, "imageUrl"))]
    return tuple(dict.fromkeys(_THUMBNAIL_SIZE.sub("/s-l1600", url) for url in urls))


def _address(fields: Fields, name: str) -> str | None:
    value = fields.text(name)
    url = absolute(value, fields.document.final_url) if value else None
    if value and url is None:
        fields.report(name, message("reading.no_address"))
    return without_query(url) if url else None

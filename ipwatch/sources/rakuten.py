"""Rakuten Ichiba (楽天市場), by its item search (楽天商品検索API), ``formatVersion`` 1 and 2.

Endpoint, version and access-key scheme are those since the move of 2026; ``base_urls`` names another endpoint and
``extra["version"]`` another version. ``Referer`` and ``Origin`` must be the website the application was registered
with. One search reaches 3,000 items (30 a page, 100 pages); larger ones are split into price slices.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from urllib.parse import urlencode, urlsplit

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
from ipwatch.sources.toolkit.price_slices import PriceSlice
from ipwatch.sources.toolkit.search_plan import plan_search, require_credentials
from ipwatch.sources.toolkit.text import clean
from ipwatch.sources.toolkit.urls import absolute, origin, without_query
from ipwatch.terms import listed, message

INFO = SourceInfo(
    name="rakuten",
    title_ja="楽天市場",
    title_en="Rakuten Ichiba",
    kind=SourceKind.MARKETPLACE,
    country="JP",
    interval=1.0,
    ceiling=3000,
    ready=("application_id", "access_key", "website"),
    terms_url="https://webservice.rakuten.co.jp/guide/rule",
)

_HOST = "https://openapi.rakuten.co.jp"
_PATH = "/ichibams/api/IchibaItem/Search"
_VERSION = "20260701"
_HITS = 30
_LAST_PAGE = 100
_ALL_PRICES = PriceSlice(0, 999_999_999)
_MIN_WORD_LENGTH = 2
# Item names on this marketplace are in Latin, kana, Han and digits; texts in these scripts are not searched for.
_OTHER_SCRIPT = re.compile(r"[\u0370-\u1fff\uac00-\ud7af]")
_WORD_BREAK = re.compile(r"[\s\u3000・/,、]+")
_STATUSES: dict[int, ListingStatus] = {0: "out_of_stock", 1: "in_stock"}


def plan(marks: Marks, options: SourceOptions) -> Iterable[Request]:
    """Return page 1 of one search for each distinct text of the marks."""
    _credentials(options)
    search = plan_search(marks, _query)
    if marks and not search.texts:
        raise ConfigError(message("reading.rakuten_unsearchable", marks=listed(search.unsearchable)))
    for index, text in enumerate(search.texts):
        unsearchable = search.unsearchable if index == 0 else ()
        yield _request(options, text, page=1, band=None, unsearchable=",".join(unsearchable))


def parse(document: Document) -> Iterator[Listing | ParseIssue]:
    """Yield the items of one page of results, and an issue for results beyond the search's ceiling."""
    body = load_object(document, INFO.name)
    _refuse_errors(document, body)
    answer = Fields(body, document, INFO.name, "$")
    if "Items" not in body or "count" not in body:
        raise ContractChanged(
            message("reading.rakuten_changed"), url=document.url, reason=FailureReason.CONTRACT_CHANGED
        )
    items = [item["Item"] if isinstance(item, dict) and "Item" in item else item for item in answer.sequence("Items")]
    yield from read_listings(items, _listing, document, source=INFO.name, where="Items")
    _report_unreached(answer, dict(document.context))
    yield from answer.issues


def follow(document: Document, options: SourceOptions) -> Iterable[Request]:
    """Return the remaining pages of a search, or, where it exceeds the ceiling, page 1 of two narrower ones."""
    context = dict(document.context)
    if context.get("page", "1") != "1" or "keyword" not in context:
        return
    answer = Fields(load_object(document, INFO.name), document, INFO.name, "$")
    band = PriceSlice.read(context["band"]) if "band" in context else None
    if (answer.integer("count") or 0) > _HITS * _LAST_PAGE and (halves := (band or _ALL_PRICES).halves()):
        for half in halves:
            yield _request(options, context["keyword"], page=1, band=half)
        return
    for page in range(2, min(answer.integer("pageCount") or 0, _LAST_PAGE) + 1):
        yield _request(options, context["keyword"], page=page, band=band)


def _credentials(options: SourceOptions) -> dict[str, str]:
    credentials = require_credentials(options, INFO.name, ("application_id", "access_key"))
    website = options.extra.get("website", "")
    if not website.startswith(("http://", "https://")):
        setting = "IPWATCH_SOURCES__RAKUTEN__EXTRA__WEBSITE"
        raise ConfigError(message("reading.rakuten_website", setting=setting))
    return {**credentials, "website": website}


def _request(
    options: SourceOptions, keyword: str, *, page: int, band: PriceSlice | None, unsearchable: str = ""
) -> Request:
    credentials = _credentials(options)
    base = options.base_urls[0].rstrip("/") if options.base_urls else _HOST
    # A base with a path is the whole endpoint, in case the API moves again.
    endpoint = base if urlsplit(base).path else f"{base}{_PATH}"
    query = {
        "keyword": keyword,
        "hits": _HITS,
        "page": page,
        "formatVersion": 2,
        "field": 0,
        "availability": 0,
        "sort": "-updateTimestamp",
    }
    context = {"keyword": keyword, "page": str(page)}
    if band is not None:
        query |= {"minPrice": band.low, "maxPrice": band.high}
        context["band"] = str(band)
    if unsearchable:
        context["unsearchable"] = unsearchable
    website = credentials["website"]
    return Request(
        source=INFO.name,
        url=f"{endpoint}/{options.extra.get('version', _VERSION)}?{urlencode(query)}",
        kind=RequestKind.API,
        headers=(("Accept", "application/json"), ("Referer", website), ("Origin", origin(website))),
        secret_headers=(("accessKey", credentials["access_key"]),),
        secret_query=(("applicationId", credentials["application_id"]),),
        context=tuple(context.items()),
    )


def _query(text: str) -> str | None:
    """Return the words of a text that the search accepts: two characters at least, in a script used there."""
    if _OTHER_SCRIPT.search(text):
        return None
    words = [word for word in _WORD_BREAK.split(text.strip()) if len(word) >= _MIN_WORD_LENGTH]
    return " ".join(words) or None


def _report_unreached(answer: Fields, context: dict[str, str]) -> None:
    if context.get("page", "1") != "1":
        return
    for mark in filter(None, context.get("unsearchable", "").split(",")):
        answer.report("keyword", message("reading.rakuten_not_searched", mark=mark))
    band = PriceSlice.read(context["band"]) if "band" in context else None
    beyond = (answer.integer("count") or 0) - _HITS * _LAST_PAGE
    if beyond > 0 and band is not None and not band.halves():
        keyword = context.get("keyword", "")
        answer.report("count", message("reading.rakuten_beyond", beyond=beyond, low=band.low, keyword=keyword))


def _refuse_errors(document: Document, body: object) -> None:
    error = body.get("error") if isinstance(body, dict) else None
    nested = body.get("errors") if isinstance(body, dict) else None
    if error is None and not isinstance(nested, dict):
        return
    detail = str(body.get("error_description", "") if error is not None else nested)[:200]  # type: ignore[attr-defined]  # an error body is a dict
    why = message("reading.rakuten_error", error=error or "error", detail=detail)
    url, status = document.url, document.status
    if "API Configuration not found" in detail:
        raise ContractChanged(
            message("reading.rakuten_gone", text=why),
            url=url,
            reason=FailureReason.CONTRACT_CHANGED,
            status=status,
        )
    if "REFERRER" in detail or "HTTP_REFERRER" in str(error):
        setting = "IPWATCH_SOURCES__RAKUTEN__EXTRA__WEBSITE"
        raise Blocked(
            message("reading.rakuten_referrer", text=why, setting=setting),
            url=url,
            reason=FailureReason.AUTH,
            status=status,
        )
    if error in {"too_many_requests", "system_error", "service_unavailable"}:
        reason = FailureReason.RATE_LIMITED if error == "too_many_requests" else FailureReason.SERVER_ERROR
        raise RetryLater(why, url=url, reason=reason, status=status)
    if "applicationId" in detail or "accessKey" in detail or status in {401, 403}:
        raise Blocked(why, url=url, reason=FailureReason.AUTH, status=status)
    raise ParseError(why, source=INFO.name, url=url, sha256=document.sha256)


def _listing(item: Fields) -> Listing:
    code = item.required("itemCode")
    price = item.decimal("itemPrice")
    if price is not None and price < 0:
        item.report("itemPrice", message("reading.no_price", price=price))
        price = None
    # Shops enter names that are already escaped for HTML.
    name, catch = (
        clean(html.unescape(value)) if value else None for value in (item.text("itemName"), item.text("catchcopy"))
    )
    caption = item.lines("itemCaption")
    shop = item.text("shopCode")
    genre = item.text("genreId")
    return Listing(
        marketplace=INFO.name,
        listing_id=code,
        url=_https(item, "itemUrl"),
        title=name,
        description="\n".join(part for part in (catch, caption) if part) or None,
        price=price,
        currency="JPY" if price is not None else None,
        images=_images(item),
        seller=Seller(id=shop, name=item.text("shopName")) if shop else None,
        category=Category(id=genre) if genre else None,
        status=_status(item),
        document_sha256=item.document.sha256,
    )


def _status(item: Fields) -> ListingStatus | None:
    availability = item.integer("availability")
    if availability is not None and availability not in _STATUSES:
        item.report("availability", message("reading.neither_0_nor_1", value=availability))
    return _STATUSES.get(availability) if availability is not None else None


def _images(item: Fields) -> tuple[str, ...]:
    name = "mediumImageUrls" if "mediumImageUrls" in item.values else "smallImageUrls"
    urls = []
    for entry in item.sequence(name):
        reference = entry.get("imageUrl") if isinstance(entry, dict) else entry
        url = absolute(reference, item.document.final_url) if isinstance(reference, str) else None
        if url is None:
            item.report(name, message("reading.picture_without_address"))
        else:
            urls.append(_secure(without_query(url)))
    return tuple(dict.fromkeys(urls))


def _https(item: Fields, name: str) -> str | None:
    value = item.text(name)
    url = absolute(value, item.document.final_url) if value else None
    if value and url is None:
        item.report(name, message("reading.no_address"))
    return _secure(url) if url else None


def _secure(url: str) -> str:
    """Return the https form of a URL of the marketplace; old bodies have http."""
    host = urlsplit(url).hostname or ""
    return url.replace("http://", "https://", 1) if host.endswith(".rakuten.co.jp") else url

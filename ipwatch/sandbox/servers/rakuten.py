"""Rakuten Ichiba item search, API of 2026 (``IchibaItem/Search/20260701``)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ipwatch.sandbox.markets import RAKUTEN
from ipwatch.sandbox.offers import RAKUTEN_FIRST, Offer
from ipwatch.sandbox.servers.pages import serve_product
from ipwatch.sandbox.servers.search import ranked
from ipwatch.sandbox.servers.state import State, origin, picture_url

APPLICATION_ID = "6f1d2c34-0000-4a5b-8c6d-sandbox00001"
ACCESS_KEY = "pk_sandbox_rakuten"
WEBSITE = "http://ipwatch.localhost/"
ENDPOINT = "/ichibams/api/IchibaItem/Search"
VERSION = "20260701"

_MAX_HITS, _LAST_PAGE = 30, 100
_HEADERS = {"Cache-Control": "no-store"}
_KNOWN = frozenset({
    "applicationId", "accessKey", "affiliateId", "keyword", "shopCode", "itemCode", "genreId", "tagId", "NGKeyword",
    "orFlag", "field", "minPrice", "maxPrice", "availability", "imageFlag", "hasReviewFlag", "purchaseType", "hits",
    "shipOverseasFlag", "sort", "page", "elements", "format", "formatVersion", "genreInformationFlag", "carrier",
})  # fmt: skip
_SORTS = frozenset({
    "standard", "+itemPrice", "-itemPrice", "+updateTimestamp", "-updateTimestamp", "+reviewCount", "-reviewCount",
    "+reviewAverage", "-reviewAverage", "+affiliateRate", "-affiliateRate",
})  # fmt: skip
_ESSENTIAL = (
    "keyword or itemCode is essential parameter, or set genreId value except 0. "
    "To search for items in shop, please give your shopCode and set genreId to 0"
)


class _WrongParameterError(ValueError):
    """A parameter that the API refuses; the message is its ``error_description``."""


def application(state: State) -> Starlette:
    """Return the virtual host."""

    def search(request: Request) -> Response:
        refused = _refusal(request)
        if refused is not None:
            return refused
        try:
            return JSONResponse(_answer(request, state), headers=_HEADERS)
        except _WrongParameterError as error:
            return _error(400, "wrong_parameter", str(error))

    def item(request: Request) -> Response:
        offer = state.offer(request.path_params["number"] - RAKUTEN_FIRST)
        if offer is None or offer.shop is not RAKUTEN:
            return _error(404, "not_found", "item not found")
        return serve_product(request, state, offer, _item_url(request, offer))

    return Starlette(routes=[Route(f"{ENDPOINT}/{{version}}", search), Route("/{shop}/{number:int}/", item)])


def _item_url(request: Request, offer: Offer) -> str:
    return f"{origin(request, RAKUTEN.host)}/{offer.merchant.id}/{RAKUTEN_FIRST + offer.number}/"


def _refusal(request: Request) -> Response | None:
    """Return the answer for an unauthorised request: version withdrawn, wrong key, unregistered website."""
    query, headers = request.query_params, request.headers
    if request.path_params["version"] != VERSION:
        return _error(400, "wrong_parameter", "API Configuration not found")
    if query.get("applicationId") != APPLICATION_ID:
        return _error(400, "wrong_parameter", "specify valid applicationId")
    if (headers.get("accessKey") or query.get("accessKey")) != ACCESS_KEY:
        return _error(401, "invalid_token", "accessKey is not valid")
    website = WEBSITE.rstrip("/")
    if headers.get("origin", "").rstrip("/") != website or not headers.get("referer", "").startswith(website):
        message = "REQUEST_CONTEXT_BODY_HTTP_REFERRER_MISSING"
        body = {"errors": {"errorCode": 403, "errorMessage": message}, "error": message, "error_description": message}
        return JSONResponse(body, status_code=403, headers=_HEADERS)
    return None


def _error(status: int, error: str, description: str) -> Response:
    body = {"error": error, "error_description": description}
    return JSONResponse(body, status_code=status, headers=_HEADERS)


def _answer(request: Request, state: State) -> dict[str, Any]:
    query = request.query_params
    unknown = sorted(set(query) - _KNOWN)
    if unknown or not any(query.get(name) for name in ("keyword", "shopCode", "itemCode", "genreId")):
        raise _WrongParameterError(_ESSENTIAL)
    hits, page = _number(query.get("hits"), "hits", 30, _MAX_HITS), _number(query.get("page"), "page", 1, _LAST_PAGE)
    offers = _sorted(_matching_offers(request, state), query.get("sort", "standard"), state.world.day)
    count = len(offers)
    start = (page - 1) * hits
    items = [_item(request, offer, state.world.day) for offer in offers[start : start + hits]]
    if query.get("formatVersion") != "2":
        items = [{"Item": _nested(item)} for item in items]
    return {
        "Items": items,
        "pageCount": min(-(-count // hits), _LAST_PAGE),
        "TagInformation": [],
        "hits": len(items),
        "last": start + len(items),
        "count": count,
        "page": page,
        "carrier": 0,
        "GenreInformation": [],
        "first": start + 1 if items else 0,
    }


def _matching_offers(request: Request, state: State) -> list[Offer]:
    query, day = request.query_params, state.world.day
    offers = list(state.offers(RAKUTEN.name))
    keyword = query.get("keyword")
    if keyword is not None:
        if any(len(word) < 2 and word.isascii() for word in keyword.split()):  # noqa: PLR2004 - the interface's rule
            raise _WrongParameterError("keyword is not valid")
        offers = ranked(offers, keyword)
    if shop := query.get("shopCode"):
        offers = [offer for offer in offers if offer.merchant.id == shop]
    if code := query.get("itemCode"):
        offers = [offer for offer in offers if offer.item_id == code]
    if (genre := query.get("genreId")) and genre != "0":
        offers = [offer for offer in offers if offer.goods.genre == genre]
    low = _number(query.get("minPrice"), "minPrice", 0, 999_999_999, minimum=0)
    high = _number(query.get("maxPrice"), "maxPrice", 999_999_999, 999_999_999)
    return [offer for offer in offers if low <= offer.price_on(day) <= high]


def _sorted(offers: list[Offer], sort: str, day: int) -> list[Offer]:
    sort = sort if sort[:1] in {"+", "-"} else sort.replace(" ", "+", 1)
    if sort not in _SORTS:
        raise _WrongParameterError("sort is not valid")
    name, down = sort[1:], sort.startswith("-")
    if name == "itemPrice":
        return sorted(offers, key=lambda offer: (offer.price_on(day), offer.number), reverse=down)
    if name == "updateTimestamp":
        return sorted(offers, key=lambda offer: (offer.posted_at, offer.number), reverse=down)
    return offers


def _number(text: str | None, name: str, default: int, maximum: int, *, minimum: int = 1) -> int:
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or not minimum <= int(text) <= maximum:
        raise _WrongParameterError(f"{name} must be a number between {minimum} and {maximum}")
    return int(text)


def _item(request: Request, offer: Offer, day: int) -> dict[str, Any]:
    shop = offer.merchant.id
    pictures = [picture_url(request, name) for name, _ in offer.pictures][:3]
    price: Decimal = offer.price_on(day)
    return {
        "itemName": offer.title,
        "catchcopy": f"{offer.merchant.name}のおすすめ",
        "itemCode": offer.item_id,
        "itemPrice": int(price),
        "itemCaption": ("【中古】" if offer.used else "") + offer.description,
        "itemUrl": _item_url(request, offer),
        "shopUrl": f"{origin(request, RAKUTEN.host)}/{shop}/",
        "affiliateUrl": "",
        "shopAffiliateUrl": "",
        "imageFlag": 1,
        "smallImageUrls": [f"{url}?_ex=64x64" for url in pictures],
        "mediumImageUrls": [f"{url}?_ex=128x128" for url in pictures],
        "availability": 1,
        "taxFlag": 0,
        "postageFlag": offer.number % 2,
        "creditCardFlag": 1,
        "shopOfTheYearFlag": 0,
        "shipOverseasFlag": int(offer.number % 5 == 0),
        "shipOverseasArea": "",
        "asurakuFlag": 0,
        "asurakuClosingTime": "",
        "asurakuArea": "",
        "affiliateRate": 2,
        "startTime": "",
        "endTime": "",
        "reviewCount": offer.merchant.feedback_count % 90,
        "reviewAverage": round(3 + offer.number % 20 / 10, 2),
        "pointRate": 1,
        "pointRateStartTime": "",
        "pointRateEndTime": "",
        "giftFlag": 0,
        "shopName": offer.merchant.name,
        "shopCode": shop,
        "genreId": offer.goods.genre,
        "tagIds": [],
    }


def _nested(item: dict[str, Any]) -> dict[str, Any]:
    """Return an item in ``formatVersion`` 1."""
    wrapped = {name: [{"imageUrl": url} for url in item[name]] for name in ("smallImageUrls", "mediumImageUrls")}
    return item | wrapped

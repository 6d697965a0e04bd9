"""eBay's OAuth token endpoint and ``item_summary/search`` of the Browse API."""

from __future__ import annotations

import re
from base64 import b64encode
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, quote, urlencode

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ipwatch.sandbox.chance import digest
from ipwatch.sandbox.markets import EBAY, YEN_PER_UNIT
from ipwatch.sandbox.offers import EBAY_FIRST, EBAY_STEP, Offer
from ipwatch.sandbox.servers.pages import serve_product
from ipwatch.sandbox.servers.search import ranked
from ipwatch.sandbox.servers.state import State, origin

CLIENT_ID = "ipwatch-sandbox-PRD"
CLIENT_SECRET = "PRD-sandbox-secret"  # noqa: S105 - known to everybody: it opens a sandbox
TOKEN_PATH = "/identity/v1/oauth2/token"  # noqa: S105 - a path, not a secret
SEARCH_PATH = "/buy/browse/v1/item_summary/search"

_LIFE = 7200
_CEILING, _MAX_LIMIT, _USUAL, _MAX_QUERY_LENGTH = 10_000, 200, 50, 100
_SCOPE = "https://api.ebay.com/oauth/api_scope"
_PRICE = re.compile(r"price:\[([0-9.]*)\.\.([0-9.]*)\]")
_CURRENCY = re.compile(r"priceCurrency:([A-Z]{3})")
_OPTIONS = re.compile(r"buyingOptions:\{([A-Z_|]+)\}")
_CONDITIONS = re.compile(r"conditionIds:\{([0-9|]+)\}")
_COUNTRY = re.compile(r"itemLocationCountry:([A-Z]{2})")
_SELLERS = re.compile(r"sellers:\{([^}]+)\}")
_NEW, _USED = "1000", "3000"
# The API names the product in eBay's own catalogue, never its GTIN.
_FIRST_PRODUCT, _PRODUCTS = 2_000_000_000, 999_999_937


def application(state: State) -> Starlette:
    """Return the virtual host."""
    token = f"v^1.1#i^1#{digest('token', state.world.seed)}"

    async def give_token(request: Request) -> Response:
        pair = b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode("ascii")
        if request.headers.get("authorization") != f"Basic {pair}":
            body = {"error": "invalid_client", "error_description": "client authentication failed"}
            return JSONResponse(body, status_code=401)
        form = parse_qs((await request.body()).decode("utf-8", "replace"))
        if form.get("grant_type") != ["client_credentials"]:
            body = {"error": "unsupported_grant_type", "error_description": "grant type in request is not supported"}
            return JSONResponse(body, status_code=400)
        if form.get("scope") != [_SCOPE]:
            body = {"error": "invalid_scope", "error_description": "the requested scope is invalid"}
            return JSONResponse(body, status_code=400)
        answer = {"access_token": token, "expires_in": _LIFE, "token_type": "Application Access Token"}
        return JSONResponse(answer)

    def search(request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {token}":
            return _error(401, 1001, "Invalid access token")
        return _search(request, state)

    def item(request: Request) -> Response:
        number, rest = divmod(request.path_params["number"] - EBAY_FIRST, EBAY_STEP)
        offer = state.offer(number)
        if rest or offer is None or offer.shop is not EBAY:
            return _error(404, 11001, "The specified item was not found")
        return serve_product(request, state, offer, str(request.url.replace(query="")))

    return Starlette(
        routes=[
            Route(TOKEN_PATH, give_token, methods=["POST"]),
            Route(SEARCH_PATH, search),
            Route("/itm/{number:int}", item),
        ]
    )


def _error(status: int, error_id: int, message: str) -> Response:
    fault = {
        "errorId": error_id,
        "domain": "OAuth" if status == 401 else "API_BROWSE",  # noqa: PLR2004 - Unauthorized
        "category": "REQUEST",
        "message": message,
        "longMessage": f"{message}. Check the value and try again.",
    }
    return JSONResponse({"errors": [fault]}, status_code=status)


def _search(request: Request, state: State) -> Response:
    query = request.query_params
    text = query.get("q", "")[:_MAX_QUERY_LENGTH]
    if not text and not query.get("category_ids"):
        return _error(400, 12001, "The call must have a valid 'q' or 'category_ids' query parameter")
    limit, offset = _whole(query.get("limit"), _USUAL), _whole(query.get("offset"), 0)
    if limit is None or not 1 <= limit <= _MAX_LIMIT:
        return _error(400, 12006, "The 'limit' value should be between 1 and 200")
    if offset is None or offset >= _CEILING or offset % limit:
        return _error(400, 12005, "The 'offset' value should be between 0 and 9999 and a multiple of 'limit'")
    day = state.world.day
    offers = _filtered(_matching_offers(state, text, query.get("category_ids")), query.get("filter", ""), day)
    summaries = [_summary(request, offer, day) for offer in offers[offset : offset + limit]]
    body: dict[str, Any] = {"href": _address(request, offset), "total": len(offers)}
    if offset + limit < min(len(offers), _CEILING):
        body["next"] = _address(request, offset + limit)
    if offset:
        body["prev"] = _address(request, max(offset - limit, 0))
    body |= {"limit": limit, "offset": offset}
    if summaries:
        body["itemSummaries"] = summaries
    return JSONResponse(body)


def _whole(text: str | None, default: int) -> int | None:
    if text is None:
        return default
    return int(text) if text.isascii() and text.isdigit() else None


def _matching_offers(state: State, text: str, category: str | None) -> list[Offer]:
    offers = list(state.offers(EBAY.name))
    if category:
        offers = [offer for offer in offers if offer.goods.ebay_id == category]
    return ranked(offers, text) if text else offers


def _filtered(offers: list[Offer], rule: str, day: int) -> list[Offer]:
    options = match[1].split("|") if (match := _OPTIONS.search(rule)) else ["FIXED_PRICE"]
    offers = [offer for offer in offers if set(options) & set(_options(offer))]
    if match := _CONDITIONS.search(rule):
        offers = [offer for offer in offers if _condition(offer)[1] in match[1].split("|")]
    if match := _COUNTRY.search(rule):
        offers = [offer for offer in offers if offer.merchant.ships_from == match[1]]
    if match := _SELLERS.search(rule):
        offers = [offer for offer in offers if offer.merchant.id in match[1].split("|")]
    currency = _CURRENCY.search(rule)
    if (match := _PRICE.search(rule)) and currency and currency[1] in YEN_PER_UNIT:
        low, high = Decimal(match[1] or 0), Decimal(match[2] or "Infinity")
        offers = [offer for offer in offers if low <= _in(offer, currency[1], day) <= high]
    return offers


def _in(offer: Offer, currency: str, day: int) -> Decimal:
    """Return the price in another currency, to the cent, as price filters compare it."""
    rate = YEN_PER_UNIT[offer.currency] / YEN_PER_UNIT[currency]
    return (offer.price_on(day) * Decimal(str(rate))).quantize(Decimal("0.01"))


def _options(offer: Offer) -> list[str]:
    if offer.number % 11 == 0:
        return ["AUCTION"]
    return ["FIXED_PRICE", "BEST_OFFER"] if offer.number % 4 == 0 else ["FIXED_PRICE"]


def _condition(offer: Offer) -> tuple[str, str]:
    return ("Used", _USED) if offer.used else ("New", _NEW)


def _address(request: Request, offset: int) -> str:
    query = dict(request.query_params) | {"offset": str(offset)}
    return f"{origin(request, EBAY.host)}{SEARCH_PATH}?{urlencode(query, quote_via=quote)}"


def _summary(request: Request, offer: Offer, day: int) -> dict[str, Any]:
    number = offer.item_id.split("|")[1]
    condition, condition_id = _condition(offer)
    price = {"value": f"{offer.price_on(day):.2f}", "currency": offer.currency}
    pictures = [{"imageUrl": _picture(request, name)} for name, _ in offer.pictures]
    path = offer.goods.ebay_path.split(" > ")
    summary: dict[str, Any] = {
        "itemId": offer.item_id,
        "legacyItemId": number,
        "title": offer.title,
        "leafCategoryIds": [offer.goods.ebay_id],
        "categories": [
            {"categoryId": offer.goods.ebay_id if level == len(path) - 1 else str(20_000 + level), "categoryName": name}
            for level, name in reversed(list(enumerate(path)))
        ],
        "image": pictures[0],
        "price": price,
        "itemHref": f"{origin(request, EBAY.host)}/buy/browse/v1/item/{quote(offer.item_id)}",
        "seller": {
            "username": offer.merchant.id,
            "feedbackPercentage": f"{offer.merchant.feedback_pct:.1f}",
            "feedbackScore": offer.merchant.feedback_count,
        },
        "condition": condition,
        "conditionId": condition_id,
        "thumbnailImages": [pictures[0]],
        "shippingOptions": [
            {"shippingCostType": "FIXED", "shippingCost": {"value": "0.00", "currency": offer.currency}}
        ],
        "buyingOptions": _options(offer),
        "itemWebUrl": f"{origin(request, EBAY.host)}/itm/{number}?_skw=x&hash=item{number}",
        "itemLocation": {"postalCode": f"{offer.number % 90 + 10}***", "country": offer.merchant.ships_from},
        "adultOnly": False,
        "availableCoupons": False,
        "shortDescription": offer.description,
        "itemOriginDate": offer.posted_at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "itemCreationDate": offer.posted_at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "topRatedBuyingExperience": False,
        "priorityListing": False,
        "listingMarketplaceId": "EBAY_US",
    }
    if offer.gtin:
        summary["epid"] = str(_FIRST_PRODUCT + int(offer.gtin) % _PRODUCTS)
    if pictures[1:]:
        summary["additionalImages"] = pictures[1:]
    if summary["buyingOptions"] == ["AUCTION"]:
        summary["currentBidPrice"] = summary.pop("price")
        summary["bidCount"] = offer.number % 7
    return summary


def _picture(request: Request, name: str) -> str:
    stem, _, extension = name.rpartition(".")
    return f"{origin(request, 'img.localhost')}/images/g/{stem}/s-l225.{extension}"

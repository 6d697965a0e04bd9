"""The public catalogue of a storefront on Shopify."""

from __future__ import annotations

import html
import json
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from ipwatch.sandbox.markets import Shop
from ipwatch.sandbox.offers import Offer
from ipwatch.sandbox.servers.pages import serve_product
from ipwatch.sandbox.servers.state import State, conditional, picture_url

_MAX_LIMIT, _USUAL, _CEILING = 250, 30, 25_000
_HEADERS = {"powered-by": "Shopify", "x-shopify-stage": "production"}


def application(state: State, shop: Shop) -> Starlette:
    """Return the virtual host of one shop."""

    def products(request: Request) -> Response:
        limit, page = _whole(request, "limit", _USUAL), _whole(request, "page", 1)
        if limit * page > _CEILING:
            return JSONResponse({"errors": "Page * Limit exceeds the 25000 limit."}, status_code=400)
        limit = min(limit, _MAX_LIMIT)
        offers = state.offers(shop.name)[(page - 1) * limit : page * limit]
        day = state.world.day
        body = json.dumps({"products": [_product(request, state, offer) for offer in offers]}, ensure_ascii=False)
        newest = max((offer.changed_on(day) for offer in offers), default=0)
        response = conditional(request, body.encode(), "application/json; charset=utf-8", state.moment(newest))
        response.headers.update(_HEADERS)
        return response

    def product(request: Request) -> Response:
        handle = request.path_params["handle"]
        match = next((offer for offer in state.offers(shop.name) if _handle(offer) == handle), None)
        if match is None:
            return JSONResponse({"errors": "Not Found"}, status_code=404, headers=_HEADERS)
        return JSONResponse({"product": _product(request, state, match)}, headers=_HEADERS)

    def page(request: Request) -> Response:
        handle = request.path_params["handle"]
        match = next((offer for offer in state.offers(shop.name) if _handle(offer) == handle), None)
        if match is None:
            return PlainTextResponse("not found", status_code=404, headers=_HEADERS)
        return serve_product(request, state, match, str(request.url.replace(query="")))

    def meta(_: Request) -> Response:
        return JSONResponse(_meta(shop, len(state.offers(shop.name))), headers=_HEADERS)

    def cart(_: Request) -> Response:
        body = {"token": "sandbox", "item_count": 0, "items": [], "total_price": 0, "currency": shop.currency}
        return JSONResponse(body, headers=_HEADERS)

    def robots(_: Request) -> Response:
        return PlainTextResponse("User-agent: *\nDisallow: /admin\nDisallow: /cart\nDisallow: /checkout\n")

    return Starlette(
        routes=[
            Route("/products.json", products),
            Route("/collections/all/products.json", products),
            Route("/products/{handle}.json", product),
            Route("/products/{handle}", page),
            Route("/meta.json", meta),
            Route("/cart.js", cart),
            Route("/robots.txt", robots),
        ]
    )


def _whole(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name, "")
    return max(int(text), 1) if text.isascii() and text.isdigit() else default


def _meta(shop: Shop, count: int) -> dict[str, Any]:
    return {
        "id": 60_000_000_000 + len(shop.name),
        "name": shop.title,
        "city": "",
        "province": "",
        "country": shop.country,
        "currency": shop.currency,
        "domain": shop.host,
        "url": f"http://{shop.host}",
        "myshopify_domain": f"{shop.name}.myshopify.example",
        "description": "",
        "ships_to_countries": ["*"],
        "money_format": "{{amount}}",
        "published_collections_count": 1,
        "published_products_count": count,
        "shopify_pay_enabled_card_brands": [],
        "offers_shop_pay_installments": False,
    }


def _handle(offer: Offer) -> str:
    return f"{offer.goods.id}-{offer.number}"


def _product(request: Request, state: State, offer: Offer) -> dict[str, Any]:
    day, product_id = state.world.day, int(offer.item_id)
    posted, updated = offer.posted_at.isoformat(), state.moment(offer.changed_on(day)).isoformat()
    return {
        "id": product_id,
        "title": offer.title,
        "handle": _handle(offer),
        "body_html": f"<p>{html.escape(offer.description)}</p>",
        "published_at": posted,
        "created_at": posted,
        "updated_at": updated,
        "vendor": offer.brand or offer.maker or offer.merchant.name,
        "product_type": offer.goods.id.capitalize(),
        "tags": [offer.goods.id, *(["used"] if offer.used else [])],
        "variants": [
            {
                "id": product_id * 4 + 1,
                "title": "Default Title",
                "option1": "Default Title",
                "option2": None,
                "option3": None,
                "sku": offer.model or offer.gtin or f"SKU-{offer.number:05d}",
                "requires_shipping": True,
                "taxable": True,
                "featured_image": None,
                "available": True,
                "price": f"{offer.price_on(day):.2f}",
                "grams": 300,
                "compare_at_price": None,
                "position": 1,
                "product_id": product_id,
                "created_at": posted,
                "updated_at": updated,
            }
        ],
        "images": [
            {
                "id": product_id * 4 + 2 + position,
                "created_at": posted,
                "position": position + 1,
                "updated_at": updated,
                "product_id": product_id,
                "variant_ids": [],
                "src": f"{picture_url(request, name)}?v={offer.number}",
                "width": 360,
                "height": 360,
            }
            for position, (name, _) in enumerate(offer.pictures)
        ],
        "options": [{"name": "Title", "position": 1, "values": ["Default Title"]}],
    }

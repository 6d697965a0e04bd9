"""Shops that are read page by page: robots.txt, sitemaps, product pages."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from xml.sax.saxutils import escape

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ipwatch.sandbox.markets import Shop
from ipwatch.sandbox.offers import Offer
from ipwatch.sandbox.servers.markup import Page, home_page, product_page
from ipwatch.sandbox.servers.state import State, conditional, origin, picture_url

PRIVATE_FOLDER = "/members/"
_PER_SITEMAP = 100
_NAMESPACES = (
    'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'
)


def application(state: State, shop: Shop) -> Starlette:
    """Return the virtual host of one shop."""

    def robots(request: Request) -> Response:
        here = origin(request, shop.host)
        delay = f"Crawl-delay: {shop.crawl_delay}\n" if shop.crawl_delay is not None else ""
        lines = f"User-agent: *\n{delay}Disallow: {PRIVATE_FOLDER}\nAllow: /\n\nSitemap: {here}/sitemap.xml\n"
        return PlainTextResponse(lines)

    def index(request: Request) -> Response:
        here = origin(request, shop.host)
        parts = range(-(-len(state.offers(shop.name)) // _PER_SITEMAP))
        body = "".join(
            f"<sitemap><loc>{here}/sitemap-{part + 1}.xml.gz</loc>"
            f"<lastmod>{state.moment(state.world.day).isoformat()}</lastmod></sitemap>"
            for part in parts
        )
        return conditional(request, _xml("sitemapindex", body), "application/xml", state.moment(state.world.day))

    def part(request: Request) -> Response:
        number = request.path_params["number"]
        offers = state.offers(shop.name)[(number - 1) * _PER_SITEMAP : number * _PER_SITEMAP]
        if number < 1 or not offers:
            return PlainTextResponse("not found", status_code=404)
        here = origin(request, shop.host)
        entries = _entries(request, state, offers)
        if number == 1:
            entries += f"<url><loc>{here}{PRIVATE_FOLDER}sale.html</loc></url>"
        body = gzip.compress(_xml("urlset", entries), mtime=0)
        return conditional(request, body, "application/gzip", state.moment(state.world.day))

    def home(request: Request) -> Response:
        offers = state.offers(shop.name)[:20]
        links = {f"{origin(request, shop.host)}{offer.item_id}": offer.title for offer in offers}
        return _html(request, shop, home_page(shop, links), state, 0)

    def product(request: Request) -> Response:
        offer = known.get(request.url.path)
        if offer is None or offer.born > state.world.day:
            return PlainTextResponse("not found", status_code=404)
        if not offer.lives(state.world.day):
            return PlainTextResponse("gone", status_code=404 if offer.number % 2 else 410)
        return serve_product(request, state, offer, f"{origin(request, shop.host)}{offer.item_id}")

    known = {offer.item_id: offer for offer in state.world.all_offers if offer.shop is shop}
    return Starlette(
        routes=[
            Route("/", home),
            Route("/robots.txt", robots),
            Route("/sitemap.xml", index),
            Route("/sitemap-{number:int}.xml.gz", part),
            Route("/{path:path}", product),
        ]
    )


def serve_product(request: Request, state: State, offer: Offer, url: str) -> Response:
    """Return the page of an offer at ``url``, in the markup and encoding of its shop."""
    page = Page(
        offer=offer,
        day=state.world.day,
        url=url,
        pictures=[picture_url(request, name) for name, _ in offer.pictures],
    )
    return _html(request, offer.shop, product_page(page), state, offer.changed_on(state.world.day))


def _html(request: Request, shop: Shop, text: str, state: State, day: int) -> Response:
    body = text.encode(shop.encoding, "xmlcharrefreplace")
    charset = "Shift_JIS" if shop.encoding == "cp932" else shop.encoding
    return conditional(request, body, f"text/html; charset={charset}", state.moment(day))


def _xml(root: str, body: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} {_NAMESPACES}>{body}</{root}>'.encode()


def _entries(request: Request, state: State, offers: Iterable[Offer]) -> str:
    return "".join(
        f"<url><loc>{origin(request, offer.shop.host)}{offer.item_id}</loc>"
        f"<lastmod>{state.moment(offer.changed_on(state.world.day)).isoformat()}</lastmod>"
        + "".join(
            f"<image:image><image:loc>{escape(picture_url(request, name))}</image:loc></image:image>"
            for name, _ in offer.pictures
        )
        + "</url>"
        for offer in offers
    )

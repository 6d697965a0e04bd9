"""The pages of the sandbox's shops: the same facts as JSON-LD, microdata, OpenGraph, or visible text only."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from ipwatch.sandbox.markets import Markup, Shop
from ipwatch.sandbox.offers import Offer

_HTML_LANGUAGE = {"ja": "ja", "en": "en", "zh": "zh-Hans", "ko": "ko", "other": "en"}
_SIGNS = {"USD": "${}", "EUR": "{} €", "KRW": "{}원", "JPY": "{}円"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The content of one product page; URLs are absolute."""

    offer: Offer
    day: int
    url: str
    pictures: Sequence[str]

    @property
    def amount(self) -> str:
        """The price as a number, for structured data."""
        return str(self.offer.price_on(self.day))

    @property
    def shown_price(self) -> str:
        """The price as displayed."""
        return _SIGNS.get(self.offer.currency, "{}").format(f"{self.offer.price_on(self.day):,}")


def product_page(page: Page) -> str:
    """Return the HTML of a product page in the markup of its shop; a marketplace's page has none."""
    write = {
        Markup.JSON_LD: _json_ld,
        Markup.MICRODATA: _microdata,
        Markup.OPEN_GRAPH: _open_graph,
    }.get(page.offer.shop.markup or Markup.PLAIN, _plain)
    return write(page)


def home_page(shop: Shop, links: Mapping[str, str]) -> str:
    """Return the HTML of a shop's front page with links to some of its products."""
    items = "".join(f'<li><a href="{escape(url)}">{escape(title)}</a></li>' for url, title in links.items())
    return _document(
        shop, "ja" if shop.country == "JP" else "en", shop.title, "", f"<h1>{shop.title}</h1><ul>{items}</ul>"
    )


def _document(shop: Shop, language: str, title: str, head: str, body: str) -> str:
    charset = "Shift_JIS" if shop.encoding == "cp932" else "utf-8"
    return (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="{charset}">\n'
        f"<title>{escape(title)} | {escape(shop.title)}</title>\n{head}</head>\n<body>\n"
        f'<header class="site-header"><a href="/">{escape(shop.title)}</a></header>\n{body}\n'
        f'<footer class="site-footer">&copy; {escape(shop.title)}</footer>\n</body>\n</html>\n'
    )


def _of(page: Page, head: str, body: str) -> str:
    offer = page.offer
    canonical = f'<link rel="canonical" href="{escape(page.url)}">\n'
    return _document(offer.shop, _HTML_LANGUAGE[offer.language], offer.title, canonical + head, body)


def _gallery(page: Page) -> str:
    return "".join(f'<img src="{escape(url)}" alt="" width="360" height="360">' for url in page.pictures)


def _json_ld(page: Page) -> str:
    offer = page.offer
    product = {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": offer.title,
        "description": offer.description,
        "sku": f"{offer.number:06d}",
        "image": list(page.pictures),
        "category": offer.goods.id,
        "url": page.url,
        "offers": {
            "@type": "Offer",
            "url": page.url,
            "price": page.amount,
            "priceCurrency": offer.currency,
            "availability": "https://schema.org/InStock",
            "itemCondition": f"https://schema.org/{'Used' if offer.used else 'New'}Condition",
            "seller": {"@type": "Organization", "name": offer.merchant.name},
        },
    }
    if offer.brand:
        product["brand"] = {"@type": "Brand", "name": offer.brand}
    if offer.maker:
        product["manufacturer"] = {"@type": "Organization", "name": offer.maker}
    product |= {name: value for name, value in (("gtin13", offer.gtin), ("mpn", offer.model)) if value}
    crumbs = {"@context": "https://schema.org", "@type": "BreadcrumbList", "itemListElement": []}
    scripts = "".join(
        '<script type="application/ld+json">'
        + json.dumps(block, ensure_ascii=False).replace("<", "\\u003c")
        + "</script>\n"
        for block in (crumbs, product)
    )
    body = (
        f"<main><h1>{escape(offer.title)}</h1>{_gallery(page)}"
        f'<p class="price">{page.shown_price}</p><div class="description">{escape(offer.description)}</div></main>'
    )
    return _of(page, scripts, body)


def _microdata(page: Page) -> str:
    offer = page.offer
    images = "".join(f'<img itemprop="image" src="{escape(url)}" alt="">' for url in page.pictures)
    brand = f'<meta itemprop="brand" content="{escape(offer.brand)}">' if offer.brand else ""
    identifiers = "".join(
        f'<meta itemprop="{name}" content="{escape(value)}">'
        for name, value in (("gtin13", offer.gtin), ("mpn", offer.model), ("manufacturer", offer.maker))
        if value
    )
    condition = f"https://schema.org/{'Used' if offer.used else 'New'}Condition"
    body = (
        '<main itemscope itemtype="https://schema.org/Product">'
        f'<h1 itemprop="name">{escape(offer.title)}</h1>{images}{brand}{identifiers}'
        f'<p itemprop="description">{escape(offer.description)}</p>'
        '<div itemprop="offers" itemscope itemtype="https://schema.org/Offer">'
        f'<span itemprop="price" content="{page.amount}">{page.shown_price}</span>（税込）'
        f'<meta itemprop="priceCurrency" content="{offer.currency}">'
        '<link itemprop="availability" href="https://schema.org/InStock">'
        f'<link itemprop="itemCondition" href="{condition}"></div></main>'
    )
    return _of(page, "", body)


def _open_graph(page: Page) -> str:
    offer = page.offer
    properties = [
        ("og:type", "product"),
        ("og:title", offer.title),
        ("og:description", offer.description),
        ("og:url", page.url),
        ("og:site_name", offer.shop.title),
        *(("og:image", url) for url in page.pictures),
        ("product:price:amount", page.amount),
        ("product:price:currency", offer.currency),
        ("product:availability", "instock"),
        *(
            (name, value)
            for name, value in (("product:ean", offer.gtin), ("product:mfr_part_no", offer.model))
            if value
        ),
    ]
    head = "".join(f'<meta property="{name}" content="{escape(value)}">\n' for name, value in properties)
    body = f"<main><h1>{escape(offer.title)}</h1>{_gallery(page)}<strong>{page.shown_price}</strong></main>"
    return _of(page, head, body)


def _plain(page: Page) -> str:
    offer = page.offer
    tax = f"（税込） 送料 550円 / ポイント {int(offer.price_on(page.day)) // 100}pt" if offer.currency == "JPY" else ""
    identifiers = "".join(
        f"<tr><th>{name}</th><td>{escape(value)}</td></tr>"
        for name, value in (("JANコード", offer.gtin), ("型番", offer.model), ("メーカー", offer.maker))
        if value
    )
    body = (
        f'<div id="item"><h1 class="item-name">{escape(offer.title)}</h1>'
        f'<div class="item-photo">{_gallery(page)}</div>'
        f'<table class="item-spec"><tr><th>販売価格</th><td class="item-price">{page.shown_price}{tax}</td></tr>'
        f"<tr><th>商品番号</th><td>{offer.number:06d}</td></tr><tr><th>在庫</th><td>{offer.quantity}点</td></tr>"
        f"{identifiers}</table>"
        f'<div class="item-text">{escape(offer.description)}</div>'
        '<button type="button" class="cart">カートに入れる</button></div>'
    )
    return _of(page, "", body)

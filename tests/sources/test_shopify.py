from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from corpus import shared
from sources.documents import document, mark, sample

from ipwatch.errors import Blocked, ConfigError, ContractChanged, ParseError
from ipwatch.records import Listing, ParseIssue, SourceOptions
from ipwatch.sources import shopify

SHOP = "https://umi-store.example"
OPTIONS = SourceOptions(base_urls=(f"{SHOP}/",))


def catalogue(count: int, *, page: int = 1, **context: str) -> object:
    products = [{"id": number, "title": "x"} for number in range(count)]
    given = {"what": "products", "shop": SHOP, "currency": "JPY", "page": str(page)} | context
    return document(json.dumps({"products": products}), source="shopify", context=given)


def test_a_shop_is_asked_for_its_currency_first() -> None:
    (request,) = shopify.plan([mark("海晴")], OPTIONS)
    assert request.url == f"{SHOP}/meta.json"
    (page,) = shopify.follow(sample("shopify", "shop"), OPTIONS)
    assert page.url == f"{SHOP}/products.json?limit=250&page=1"
    assert dict(page.context)["currency"] == "JPY"


def test_a_configured_currency_is_taken_without_asking() -> None:
    options = SourceOptions(base_urls=(SHOP,), extra={"currency": "usd"})
    (request,) = shopify.plan([mark("海晴")], options)
    assert request.url.endswith("/products.json?limit=250&page=1")
    assert dict(request.context)["currency"] == "USD"
    with pytest.raises(ConfigError, match="EXTRA__CURRENCY"):
        list(shopify.plan([mark("海晴")], SourceOptions(base_urls=(SHOP,), extra={"currency": "yen"})))


def test_a_shop_without_a_currency_is_read_and_reported() -> None:
    answer = document('{"currency": "DOGE"}', source="shopify", context={"what": "shop", "shop": SHOP})
    (issue,) = shopify.parse(answer)
    assert isinstance(issue, ParseIssue)
    assert issue.field == "currency"
    (page,) = shopify.follow(answer, OPTIONS)
    assert "currency" not in dict(page.context)
    gone = document("", source="shopify", status=404, context={"what": "shop", "shop": SHOP})
    assert list(shopify.parse(gone)) == []
    assert len(list(shopify.follow(gone, OPTIONS))) == 1


def test_no_shop_configured_is_named() -> None:
    with pytest.raises(ConfigError, match="IPWATCH_SOURCES__SHOPIFY__BASE_URLS"):
        list(shopify.plan([mark("海晴")], SourceOptions()))
    with pytest.raises(ConfigError, match="no http"):
        list(shopify.plan([mark("海晴")], SourceOptions(base_urls=("umi-store.example",))))


def test_a_product_is_read_whole() -> None:
    first, second = shopify.parse(sample("shopify", "happy"))
    assert isinstance(first, Listing)
    assert isinstance(second, Listing)
    assert first.subject == "shopify:umi-store.example/7001"
    assert first.url == f"{SHOP}/products/towel-7001"
    assert (first.price, first.currency, first.brand) == (Decimal(1650), "JPY", "海晴テキスタイル")
    assert first.description == "ふわふわの\nタオル"
    assert first.posted_at == datetime(2026, 1, 10, tzinfo=UTC)
    assert (first.status, second.status) == ("in_stock", "out_of_stock")
    assert first.category is not None
    assert first.category.path == "タオル"


def test_bad_records_are_named_and_the_good_ones_kept() -> None:
    parsed = list(shopify.parse(sample("shopify", "malformed-records")))
    listings = [item for item in parsed if isinstance(item, Listing)]
    assert [item.listing_id for item in listings] == ["umi-store.example/1", "umi-store.example/3"]
    assert [item.currency for item in listings] == [None, None]
    assert listings[1].price == Decimal("9.50")
    assert [(item.where, item.field) for item in parsed if isinstance(item, ParseIssue)] == [
        ("products[1]", "id"),
        ("products[2].variants[0]", "price"),
        ("products[2]", "updated_at"),
        ("products[3]", None),
        ("$", "currency"),
    ]


def test_pages_are_read_until_a_short_one() -> None:
    (page,) = shopify.follow(catalogue(250), OPTIONS)  # type: ignore[arg-type]  # a Document
    assert page.url.endswith("page=2")
    assert list(shopify.follow(catalogue(249), OPTIONS)) == []  # type: ignore[arg-type]


def test_a_catalogue_beyond_the_ceiling_goes_on_through_collections() -> None:
    last = catalogue(250, page=100)
    (issue,) = [item for item in shopify.parse(last) if isinstance(item, ParseIssue)]  # type: ignore[arg-type]
    assert "25000" in issue.message
    (collections,) = shopify.follow(last, OPTIONS)  # type: ignore[arg-type]  # a Document
    assert collections.url == f"{SHOP}/collections.json?limit=250&page=1"
    body = json.dumps({"collections": [{"handle": "new-items"}, {"handle": "a/../b"}]})
    answer = document(body, source="shopify", context=dict(collections.context))
    assert list(shopify.parse(answer)) == []
    (page,) = shopify.follow(answer, OPTIONS)
    assert page.url == f"{SHOP}/collections/new-items/products.json?limit=250&page=1"


@pytest.mark.parametrize(
    ("body", "status", "content_type", "expected"),
    [
        ("<html></html>", 200, "text/html", ContractChanged),
        ("{}", 200, "application/json", ContractChanged),
        ("{}", 401, "application/json", Blocked),
        ('{"errors": "Page * Limit exceeds the 25000 limit."}', 400, "application/json", ParseError),
        ("[]", 200, "application/json", ParseError),
    ],
)
def test_what_is_no_catalogue_is_refused(body: str, status: int, content_type: str, expected: type[Exception]) -> None:
    answer = document(body, source="shopify", status=status, content_type=content_type)
    with pytest.raises(expected):
        list(shopify.parse(answer))


@pytest.mark.corpus
def test_real_products_are_read() -> None:
    path = shared("marketplaces/shopify/shopify_python_api__products.json")
    body = json.dumps({"products": json.loads(path.read_text(encoding="utf-8"))})
    context = {"what": "products", "shop": SHOP, "currency": "USD"}
    parsed = list(shopify.parse(document(body, source="shopify", context=context)))
    assert parsed
    for item in parsed:
        assert isinstance(item, Listing)
        assert item.title
        assert item.price is not None
        assert item.quantity is not None

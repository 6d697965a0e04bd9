from __future__ import annotations

import json
from base64 import b64decode
from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
from sources.documents import document, mark, sample

from ipwatch.errors import Blocked, ConfigError, ParseError, RetryLater
from ipwatch.records import Listing, ParseIssue, Request, RequestKind, SourceOptions
from ipwatch.sources import ebay

OPTIONS = SourceOptions(credentials={"client_id": "id", "client_secret": "geheim"})


def query(request: Request) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(urlsplit(request.url).query).items()}


def results(total: int, *, offset: int = 0, band: str | None = None, **more: object) -> object:
    context = {"q": "umiharu", "offset": str(offset)} | ({"band": band} if band else {})
    return document(json.dumps({"total": total, "itemSummaries": [], **more}), source="ebay", context=context)


def test_auctions_are_asked_for_too() -> None:
    (request,) = ebay.plan([mark("Umiharu")], OPTIONS)
    asked = query(request)
    assert asked["filter"] == "buyingOptions:{AUCTION|FIXED_PRICE|BEST_OFFER}"
    assert (asked["limit"], asked["offset"]) == ("200", "0")
    assert dict(request.headers)["X-EBAY-C-MARKETPLACE-ID"] == "EBAY_US"


def test_a_long_text_is_cut_between_words() -> None:
    (request,) = ebay.plan([mark("umiharu " * 20)], OPTIONS)
    assert query(request)["q"] == ("umiharu " * 12).strip()


def test_the_token_request_hides_the_secret() -> None:
    request = ebay.token_request(OPTIONS)
    (header,) = request.secret_headers
    assert b64decode(header[1].removeprefix("Basic ")) == b"id:geheim"
    assert request.kind is RequestKind.TOKEN
    assert b"grant_type=client_credentials" in (request.body or b"")
    assert "geheim" not in repr((request.url, request.headers, request.body))


def test_a_token_is_read_or_refused_as_auth() -> None:
    good = document(json.dumps({"access_token": "t", "expires_in": 7200}), source="ebay")
    assert ebay.read_token(good).expires_in == 7200
    bad = document(json.dumps({"error": "invalid_client"}), source="ebay", status=401)
    with pytest.raises(Blocked, match="invalid_client") as refused:
        ebay.read_token(bad)
    assert refused.value.reason == "auth"


def test_missing_credentials_are_named() -> None:
    with pytest.raises(ConfigError, match="IPWATCH_SOURCES__EBAY__CREDENTIALS__CLIENT_SECRET"):
        list(ebay.plan([mark("Umiharu")], SourceOptions(credentials={"client_id": "x"})))
    with pytest.raises(ConfigError, match="EXTRA__CURRENCY"):
        list(ebay.plan([mark("Umiharu")], SourceOptions(credentials=OPTIONS.credentials, extra={"currency": "YENS"})))


def test_an_item_is_read_whole() -> None:
    first, auction = ebay.parse(sample("ebay", "happy"))
    assert isinstance(first, Listing)
    assert isinstance(auction, Listing)
    assert first.subject == "ebay:v1|110000000001|0"
    assert first.url == "https://www.ebay.com/itm/110000000001"
    assert (first.price, first.currency) == (Decimal("19.90"), "USD")
    assert first.images == (
        "https://i.ebayimg.com/images/g/110000000001/s-l1600.jpg",
        "https://i.ebayimg.com/images/g/110000000001b/s-l1600.jpg",
    )
    assert first.seller is not None
    assert (first.seller.name, first.seller.feedback_pct, first.seller.feedback_count) == (
        "harbour_goods_77",
        98.7,
        1520,
    )
    assert (first.ships_from, first.condition) == ("CN", "new")
    assert first.category is not None
    assert (first.category.id, first.category.path) == ("40588", "Home & Garden > Bath Towels")
    assert first.posted_at == datetime(2026, 1, 4, 11, 22, 33, tzinfo=UTC)
    assert (auction.price, auction.currency, auction.condition) == (Decimal("4.50"), "EUR", "used")


def test_bad_records_are_named_and_the_good_ones_kept() -> None:
    parsed = list(ebay.parse(sample("ebay", "malformed-records")))
    listings = [item for item in parsed if isinstance(item, Listing)]
    assert [item.listing_id for item in listings] == ["v1|1|0", "v1|3|0", "v1|4|0", "v1|5|0"]
    assert listings[1].currency is None
    assert listings[3].condition == "for_parts"
    assert [(item.where, item.field) for item in parsed if isinstance(item, ParseIssue)] == [
        ("itemSummaries[1]", "itemId"),
        ("itemSummaries[2].price", "currency"),
        ("itemSummaries[3]", "itemOriginDate"),
        ("itemSummaries[4].itemLocation", "country"),
    ]


def test_pages_are_asked_for_at_our_own_address() -> None:
    answer = results(450, next="https://evil.example/steal?offset=200")
    requests = list(ebay.follow(answer, OPTIONS))  # type: ignore[arg-type]  # a Document
    assert [query(request)["offset"] for request in requests] == ["200", "400"]
    assert {urlsplit(request.url).hostname for request in requests} == {"api.ebay.com"}


def test_a_search_beyond_the_ceiling_is_cut_into_price_slices() -> None:
    low, high = ebay.follow(results(10_001), OPTIONS)  # type: ignore[arg-type]  # a Document
    assert "price:[0.00..316.22],priceCurrency:USD" in query(low)["filter"]
    assert "price:[316.23..10000000.00],priceCurrency:USD" in query(high)["filter"]
    last = results(10_400, band="1999-1999")
    (issue,) = ebay.parse(last)  # type: ignore[arg-type]  # a Document
    assert isinstance(issue, ParseIssue)
    assert "400 items at 1999 cents" in issue.message
    assert len(list(ebay.follow(last, OPTIONS))) == 49  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [(401, 1001, Blocked), (429, 2001, RetryLater), (500, 1, RetryLater), (400, 12_000, ParseError)],
)
def test_error_bodies_are_sorted_by_what_to_do(status: int, code: int, expected: type[Exception]) -> None:
    body = json.dumps({"errors": [{"errorId": code, "message": "no"}]})
    with pytest.raises(expected):
        list(ebay.parse(document(body, source="ebay", status=status)))

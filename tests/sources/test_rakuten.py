from __future__ import annotations

import json
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
from corpus import shared
from sources.documents import document, mark, sample

from ipwatch.errors import Blocked, ConfigError, ContractChanged, ParseError, RetryLater
from ipwatch.records import Listing, ParseIssue, Request, SourceOptions
from ipwatch.sources import rakuten

OPTIONS = SourceOptions(
    credentials={"application_id": "app-1", "access_key": "pk_secret"}, extra={"website": "https://holder.example/app"}
)


def test_no_credential_stands_in_what_is_stored_of_a_request() -> None:
    (request, *_) = rakuten.plan([mark("海晴タオル")], OPTIONS)
    assert request.secret_query == (("applicationId", "app-1"),)
    assert request.secret_headers == (("accessKey", "pk_secret"),)
    assert "app-1" not in request.url
    assert "app-1" not in repr(request)
    assert "pk_secret" not in repr(request)


def query(request: Request) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(urlsplit(request.url).query).items()}


def results(count: int, *, page: int = 1, page_count: int = 1, band: str | None = None) -> object:
    body = json.dumps({"count": count, "page": page, "pageCount": page_count, "Items": []})
    context = {"keyword": "海晴", "page": str(page)} | ({"band": band} if band else {})
    return document(body, source="rakuten", context=context)


def test_each_distinct_text_is_searched_once() -> None:
    marks = [
        mark("海晴タオル", variants=("Umiharu Towel", "ＵＭＩＨＡＲＵ towel", "우미하루")),
        mark("海晴タオル", id="again"),
    ]
    assert [query(request)["keyword"] for request in rakuten.plan(marks, OPTIONS)] == ["海晴タオル", "Umiharu Towel"]


def test_words_the_search_refuses_are_left_out() -> None:
    assert [query(request)["keyword"] for request in rakuten.plan([mark("G ショック・タオル")], OPTIONS)] == [
        "ショック タオル"
    ]


def test_the_access_key_is_nowhere_but_in_the_secret_headers() -> None:
    (request,) = rakuten.plan([mark("海晴タオル")], OPTIONS)
    assert request.secret_headers == (("accessKey", "pk_secret"),)
    assert "pk_secret" not in repr((request.url, request.headers, request.context))
    assert dict(request.headers)["Origin"] == "https://holder.example"
    assert dict(request.headers)["Referer"] == "https://holder.example/app"


def test_endpoint_and_version_are_settings() -> None:
    options = SourceOptions(
        base_urls=("http://127.0.0.1:9/api/",),
        credentials=OPTIONS.credentials,
        extra={**OPTIONS.extra, "version": "20990101"},
    )
    (request,) = rakuten.plan([mark("海晴タオル")], options)
    assert request.url.startswith("http://127.0.0.1:9/api/20990101?")
    at_host = SourceOptions(base_urls=("http://127.0.0.1:9",), credentials=OPTIONS.credentials, extra=OPTIONS.extra)
    (request,) = rakuten.plan([mark("海晴タオル")], at_host)
    assert request.url.startswith("http://127.0.0.1:9/ichibams/api/IchibaItem/Search/20260701?")


@pytest.mark.parametrize(
    ("options", "setting"),
    [
        (SourceOptions(), "IPWATCH_SOURCES__RAKUTEN__CREDENTIALS__APPLICATION_ID"),
        (SourceOptions(credentials=OPTIONS.credentials), "IPWATCH_SOURCES__RAKUTEN__EXTRA__WEBSITE"),
    ],
)
def test_what_is_not_configured_is_named(options: SourceOptions, setting: str) -> None:
    with pytest.raises(ConfigError, match=setting):
        list(rakuten.plan([mark("海晴タオル")], options))


def test_marks_that_cannot_be_searched_for_are_reported() -> None:
    with pytest.raises(ConfigError, match="umiharu/one"):
        list(rakuten.plan([mark("鮭", id="one")], OPTIONS))
    first, *rest = rakuten.plan([mark("鮭", id="one"), mark("海晴タオル")], OPTIONS)
    assert rest == []
    body = json.dumps({"count": 0, "Items": []})
    (issue,) = rakuten.parse(document(body, source="rakuten", context=dict(first.context)))
    assert isinstance(issue, ParseIssue)
    assert "umiharu/one" in issue.message


def test_an_item_is_read_whole() -> None:
    first, second = rakuten.parse(sample("rakuten", "happy"))
    assert isinstance(first, Listing)
    assert isinstance(second, Listing)
    assert first.subject == "rakuten:minato-zakka:10000101"
    assert (first.title, first.price, first.currency) == ("海晴タオル フェイスタオル ①枚 髙級", Decimal(1980), "JPY")
    assert first.images == (
        "https://thumbnail.image.rakuten.co.jp/@0_mall/minato-zakka/cabinet/a.jpg",
        "https://thumbnail.image.rakuten.co.jp/@0_mall/minato-zakka/cabinet/b.jpg",
    )
    assert first.description == "産地直送\n綿100％\nやわらかな肌ざわり"
    assert first.seller is not None
    assert (first.seller.id, first.seller.name) == ("minato-zakka", "みなと雑貨店")
    assert (first.status, second.status) == ("in_stock", "out_of_stock")


def test_format_version_1_is_read_the_same() -> None:
    (item,) = rakuten.parse(sample("rakuten", "format-1"))
    assert isinstance(item, Listing)
    assert item.url == "https://item.rakuten.co.jp/furui-honya/55/"
    assert item.images[0] == "https://thumbnail.image.rakuten.co.jp/@0_mall/furui-honya/cabinet/a.jpg"


def test_bad_records_are_named_and_the_good_ones_kept() -> None:
    parsed = list(rakuten.parse(sample("rakuten", "malformed-records")))
    listings = [item for item in parsed if isinstance(item, Listing)]
    issues = [(item.where, item.field) for item in parsed if isinstance(item, ParseIssue)]
    assert [item.listing_id for item in listings] == ["shop-a:1", "shop-d:4"]
    assert listings[1].price is None
    assert listings[1].title == "海晴タオル 無地\ufffd"
    assert issues == [
        ("Items[1]", "itemCode"),
        ("Items[2]", None),
        ("Items[3]", "itemPrice"),
        ("Items[3]", "itemName"),
        ("Items[3]", "shopName"),
    ]


def test_all_pages_of_a_search_are_asked_for() -> None:
    requests = list(rakuten.follow(results(75, page_count=3), OPTIONS))  # type: ignore[arg-type]  # a Document
    assert [query(request)["page"] for request in requests] == ["2", "3"]
    assert list(rakuten.follow(results(75, page=2, page_count=3), OPTIONS)) == []  # type: ignore[arg-type]


def test_a_search_beyond_the_ceiling_is_cut_until_every_item_is_reached() -> None:
    prices = [*range(1, 200_000, 17), *[980] * 1500]
    reached: list[int] = []
    queue: list[object] = [results(len(prices), page_count=100)]
    while queue:
        answer = queue.pop()
        for request in rakuten.follow(answer, OPTIONS):  # type: ignore[arg-type]  # a Document
            asked = query(request)
            inside = [price for price in prices if int(asked["minPrice"]) <= price <= int(asked["maxPrice"])]
            pages = min(-(-len(inside) // 30), 100)
            if asked["page"] == "1":
                queue.append(results(len(inside), page_count=pages, band=dict(request.context)["band"]))
                if len(inside) <= 3000:
                    reached += inside
    assert sorted(reached) == sorted(prices)


def test_what_lies_beyond_the_ceiling_at_one_price_is_reported() -> None:
    answer = results(3500, page_count=100, band="980-980")
    (issue,) = rakuten.parse(answer)  # type: ignore[arg-type]  # a Document
    assert isinstance(issue, ParseIssue)
    assert "500 items at 980 JPY" in issue.message
    assert len(list(rakuten.follow(answer, OPTIONS))) == 99  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("error", "status", "expected"),
    [
        ({"error": "wrong_parameter", "error_description": "API Configuration not found"}, 400, ContractChanged),
        ({"error": "wrong_parameter", "error_description": "specify valid applicationId"}, 400, Blocked),
        ({"error": "too_many_requests", "error_description": "slow down"}, 429, RetryLater),
        ({"error": "service_unavailable", "error_description": "maintenance"}, 503, RetryLater),
        ({"error": "wrong_parameter", "error_description": "keyword is not valid"}, 400, ParseError),
        ({"hits": 1}, 200, ContractChanged),
    ],
)
def test_error_bodies_are_sorted_by_what_to_do(
    error: dict[str, object], status: int, expected: type[Exception]
) -> None:
    with pytest.raises(expected):
        list(rakuten.parse(document(json.dumps(error), source="rakuten", status=status)))


@pytest.mark.corpus
def test_every_real_item_is_read() -> None:
    count = 0
    for path in sorted(shared("marketplaces/rakuten").glob("test_item_search*.json")):
        body = json.loads(path.read_text(encoding="utf-8"))["body"]
        if "error" in body:
            continue
        parsed = list(rakuten.parse(document(json.dumps(body), source="rakuten")))
        assert [item for item in parsed if isinstance(item, ParseIssue)] == []
        assert len(parsed) == len(body["Items"])
        for item in parsed:
            assert isinstance(item, Listing)
            assert item.title
            assert item.price is not None
            assert all("?" not in image and image.startswith("https://") for image in item.images)
        count += len(parsed)
    assert count > 1000


@pytest.mark.corpus
def test_real_error_bodies_are_errors() -> None:
    path = shared("marketplaces/rakuten/test_item_search_error_response_without_required_param.json")
    body = json.dumps(json.loads(path.read_text(encoding="utf-8"))["body"])
    with pytest.raises(ParseError, match="wrong_parameter"):
        list(rakuten.parse(document(body, source="rakuten", status=400)))


def test_a_name_that_was_escaped_for_html_is_read_as_it_is_shown() -> None:
    item = {"itemCode": "kasumi:1", "itemName": "霞茶 &lt;限定&gt; 煎茶 &amp; 玉露", "itemPrice": 1080}
    answer = document(json.dumps({"count": 1, "Items": [item]}), source="rakuten")
    (listing,) = [record for record in rakuten.parse(answer) if isinstance(record, Listing)]
    assert listing.title == "霞茶 <限定> 煎茶 & 玉露"

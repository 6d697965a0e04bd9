"""What strangers may send: each ends in a clear error or issue, soon, and never in anything else."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator

import pytest
from sources.documents import SAMPLES, document

from ipwatch.errors import IpwatchError, ParseError
from ipwatch.records import Document, Listing, ParseIssue, RequestKind, SourceOptions
from ipwatch.sources import get_source

LISTS = {"rakuten": "Items", "ebay": "itemSummaries", "shopify": "products"}
KEYS = {"rakuten": "itemCode", "ebay": "itemId", "shopify": "id"}
PRICES = {"rakuten": "itemPrice", "ebay": "price", "shopify": "variants"}
OPTIONS = SourceOptions(base_urls=("https://shop.example",), credentials={}, extra={})


def outcome(answer: Document) -> tuple[list[Listing], list[ParseIssue], IpwatchError | None]:
    # Time on the processor: a machine that is busy with other things must not fail the test.
    started = time.thread_time()
    found: list[object] = []
    error = None
    try:
        found.extend(get_source(answer.source).parse(answer))
    except IpwatchError as caught:
        error = caught
    assert time.thread_time() - started < 1.0
    listings = [item for item in found if isinstance(item, Listing)]
    return listings, [item for item in found if isinstance(item, ParseIssue)], error


def api(source: str, item: str) -> Document:
    return document(f'{{"count": 1, "total": 1, "{LISTS[source]}": [{item}]}}', source=source)


def page(body: str | bytes) -> Document:
    return document(body, source="webshop", kind=RequestKind.PAGE)


@pytest.mark.parametrize("source", sorted(LISTS))
@pytest.mark.parametrize(
    "body",
    [
        "",
        "null",
        "[1]",
        '"text"',
        "{",
        '{"a":' * 100_000,
        "[" * 100_000 + "]" * 100_000,
        b"\xff\xfe{}",
        b"\x00\x01\x02",
        "9" * 5_000,
    ],
    ids=["empty", "null", "list", "text", "cut", "deep-objects", "deep-lists", "utf-16", "binary", "huge-number"],
)
def test_what_is_no_json_object_is_a_parse_error(source: str, body: str | bytes) -> None:
    listings, _, error = outcome(document(body, source=source))
    assert listings == []
    assert isinstance(error, ParseError)
    assert error.sha256 is not None


@pytest.mark.parametrize("source", sorted(LISTS))
@pytest.mark.parametrize("value", ["NaN", "-Infinity", "9" * 5_000, "1e999999999", "[[]]", "true", '"\\u0000"'])
def test_an_id_that_is_none_costs_that_record_alone(source: str, value: str) -> None:
    good = f'{{"{KEYS[source]}": "good"}}'
    listings, issues, error = outcome(api(source, f'{{"{KEYS[source]}": {value}}}, {good}'))
    assert error is None
    assert [item.listing_id.rpartition("/")[2] for item in listings] == ["good"]
    assert KEYS[source] in {issue.field for issue in issues}


@pytest.mark.parametrize("source", sorted(LISTS))
@pytest.mark.parametrize("value", ["NaN", "9" * 5_000, "1e400", '"free"', "{}", "[]", "false", "-5", '"-5"'])
def test_a_price_that_is_none_costs_the_price_alone(source: str, value: str) -> None:
    price = {"rakuten": value, "ebay": f'{{"value": {value}, "currency": "USD"}}', "shopify": f'[{{"price": {value}}}]'}
    listings, issues, error = outcome(api(source, f'{{"{KEYS[source]}": "good", "{PRICES[source]}": {price[source]}}}'))
    assert error is None
    assert [item.price for item in listings] == [None]
    assert issues


@pytest.mark.parametrize("source", sorted(LISTS))
def test_keys_that_stand_twice_lone_surrogates_and_nul_are_reported(source: str) -> None:
    title = {"rakuten": "itemName", "ebay": "title", "shopify": "title"}[source]
    damaged = f'{{"{KEYS[source]}": "a", "{title}": "x\\ud800y\\u0000z"}}'
    item = f'{damaged}, {{"{KEYS[source]}": "b", "{title}": "1", "{title}": "2"}}'
    listings, issues, error = outcome(api(source, item))
    assert error is None
    assert [entry.title for entry in listings] == ["x\ufffdyz", None]
    assert [issue.field for issue in issues if issue.field == title] == [title, title]
    json.dumps([entry.title for entry in listings], ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "body",
    [
        "<div>1" * 100_000,
        "<b>" * 100_000,
        "<ul><li>" * 50_000,
        "<table><tr><td>" * 30_000,
        "<font><p>" * 50_000,
        '<div itemscope itemprop="a" class="price">' * 100_000,
    ],
    ids=["div", "b", "ul", "table", "font", "items"],
)
def test_a_page_that_nests_too_deep_is_a_parse_error(body: str) -> None:
    _, _, error = outcome(page(body))
    assert isinstance(error, ParseError)
    assert "deeper" in str(error)


@pytest.mark.parametrize(
    "body",
    [
        "<h1>x</h1>" + "<p>1 €" * 50_000,
        "<h1>x</h1>" + "<div class=price>" * 1_000 + "1 € " * 10_000,
        '<div itemscope itemtype="http://schema.org/Product">' + '<i itemprop="name">x' * 1_000,
        "<h1>x</h1>" + '<i class="brand stock">Brand' * 1_000,
        "<h1>x</h1><div>" + "1€<br>" * 50_000,
        "<script type='application/ld+json'>" + '{"@type": "Product", "offers": ' * 900 + "1" + "}" * 900 + "</script>",
        "<script type='application/ld+json'>" + "[" * 100_000 + "</script>",
        "<script type='application/ld+json'>{" + '"a\\' * 50_000 + "</script>",
        "<script type='application/ld+json'>" + "/*" * 100_000 + "</script>",
        "<h1>" + "9" * 100_000 + "円</h1>",
        "<h1>x</h1><b class=price>" + "1," * 20_000 + "円</b>",
        "\x00" * 100_000,
        "<",
    ],
)
def test_a_tiresome_page_is_read_in_good_time(body: str) -> None:
    outcome(page(body))


@pytest.mark.parametrize(
    "value",
    ["NaN", "Infinity", "9" * 5_000, "1e999999999", "-5", "[]", "{}", "null", "true", '"\\ud800"', '"free"', "0"],
)
def test_a_stated_price_that_is_none_costs_the_price_alone(value: str) -> None:
    offer = f'{{"price": {value}, "priceCurrency": "JPY"}}'
    body = f'<script type="application/ld+json">{{"@type": "Product", "name": "Tea", "offers": {offer}}}</script>'
    listings, _, error = outcome(page(body))
    assert error is None
    assert [(item.title, item.price, item.currency) for item in listings] == [("Tea", None, None)]


def mutations(body: bytes, seed: int) -> Iterator[bytes]:
    chance = random.Random(seed)  # noqa: S311 - reproducible noise, not a secret
    pieces = [b"\x00", b"\xff", b"{", b"}", b"<", b"</", b'"', b"NaN", b"]]>", b"\\ud800", b"&#0;", b"<!--", b"-->"]
    for _ in range(12):
        mutated = bytearray(body)
        for _ in range(chance.randint(1, 8)):
            place = chance.randrange(len(mutated) + 1)
            mutated[place : place + chance.choice([0, 1, 40])] = chance.choice(pieces)
        yield bytes(mutated[: chance.choice([len(mutated), chance.randrange(len(mutated) + 1)])])


@pytest.mark.parametrize("source", ["rakuten", "ebay", "shopify", "webshop"])
def test_mutated_samples_end_in_our_errors_or_in_none(source: str) -> None:
    tried = 0
    for path in sorted((SAMPLES / source).glob("*/*")):
        if path.name == "meta.json":
            continue
        kind = RequestKind.SITEMAP if path.suffix == ".xml" else RequestKind.PAGE
        for body in mutations(path.read_bytes(), seed=len(path.parent.name)):
            answer = document(body, source=source, kind=kind)
            listings, _, _ = outcome(answer)
            for item in listings:
                repr(item).encode()
            tried += 1
    assert tried > 50


@pytest.mark.parametrize(
    ("source", "key"), [("ebay", "itemCreationDate"), ("shopify", "created_at"), ("shopify", "updated_at")]
)
@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-01-31T09:00:00"])
def test_a_time_outside_the_calendar_costs_the_time_alone(source: str, key: str, moment: str) -> None:
    item = json.dumps({KEYS[source]: 7, "title": "Umiharu", "handle": "umiharu", key: moment})
    (listing,), issues, error = outcome(api(source, item))
    assert error is None
    assert (listing.title, listing.posted_at, listing.updated_at) == ("Umiharu", None, None)
    assert [issue.field for issue in issues if moment in issue.message] == [key]

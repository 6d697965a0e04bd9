"""What strangers may send: each ends in a clear error or issue, soon, and never in anything else."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sources.documents import SAMPLES, document

from ipwatch.errors import IpwatchError, ParseError
from ipwatch.records import Document, Listing, ParseIssue, RequestKind
from ipwatch.sources import Parsed, get_source, load_sources
from ipwatch.sources.contract import sample_bodies, sample_cases, sample_document

LISTS = {"rakuten": "Items", "ebay": "itemSummaries", "shopify": "products"}
KEYS = {"rakuten": "itemCode", "ebay": "itemId", "shopify": "id"}
PRICES = {"rakuten": "itemPrice", "ebay": "price", "shopify": "variants"}
NOT_OURS = {
    "empty": b"",
    "null": b"null",
    "list": b"[1]",
    "text": b'"text"',
    "cut": b"{",
    "deep-objects": b'{"a":' * 100_000,
    "deep-lists": b"[" * 100_000 + b"]" * 100_000,
    "binary": b"\x00\x01\x02",
    "huge-number": b"9" * 5_000,
    "page": b"<!doctype html><title>404</title><p>Not found",
    "deep-page": b"<div>1" * 100_000,
    "xml": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    "zip": b"PK\x03\x04" + b"\x00" * 100,
    "gzip": b"\x1f\x8b\x08" + b"\xff" * 100,
}
WRONG_VALUES = [
    "NaN",
    "-Infinity",
    "9" * 5_000,
    "1e999999999",
    "[[]]",
    "{}",
    "true",
    "null",
    "-5",
    '"\\u0000"',
    '"\\ud800"',
    '""',
]


def outcome(answer: Document) -> tuple[list[Listing], list[ParseIssue], IpwatchError | None]:
    items, error = read(answer)
    listings = [item for item in items if isinstance(item, Listing)]
    return listings, [item for item in items if isinstance(item, ParseIssue)], error


def api(source: str, item: str) -> Document:
    return document(f'{{"count": 1, "total": 1, "{LISTS[source]}": [{item}]}}', source=source)


def page(body: str | bytes) -> Document:
    return document(body, source="webshop", kind=RequestKind.PAGE)


def bodies(source: str) -> list[Path]:
    return [body for case in sample_cases(SAMPLES / source) for body in sample_bodies(case)]


def read(answer: Document) -> tuple[list[Parsed], IpwatchError | None]:
    """Return the parsed items and the final error, which must be an ``IpwatchError``; takes less than a second."""
    # Time on the processor: a machine that is busy with other things must not fail the test.
    started = time.thread_time()
    items: list[Parsed] = []
    error = None
    try:
        items.extend(get_source(answer.source).parse(answer))
    except IpwatchError as caught:
        error = caught
    assert time.thread_time() - started < 1.0
    return items, error


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


def replaced_leaves(answer: object, chance: random.Random) -> set[tuple[str, bool]]:
    """Yield the answer's text with one value replaced, for each value, and whether that value is in a list."""
    texts = set()

    def visit(container: dict[Any, Any] | list[Any], *, in_list: bool) -> None:
        for key, value in list(container.items() if isinstance(container, dict) else enumerate(container)):
            within = in_list or isinstance(container, list)
            if isinstance(value, dict | list):
                visit(value, in_list=within)
            for wrong in chance.sample(WRONG_VALUES, 3):
                container[key] = "here it is"
                texts.add((json.dumps(answer).replace('"here it is"', wrong), within))
            container[key] = value

    if isinstance(answer, dict | list):
        visit(answer, in_list=False)
    return texts


def mutations(body: bytes, seed: int) -> Iterator[bytes]:
    chance = random.Random(seed)  # noqa: S311 - reproducible noise, not a secret
    pieces = [b"\x00", b"\xff", b"{", b"}", b"<", b"</", b'"', b"NaN", b"]]>", b"\\ud800", b"&#0;", b"<!--", b"-->"]
    for _ in range(12):
        mutated = bytearray(body)
        for _ in range(chance.randint(1, 8)):
            position = chance.randrange(len(mutated) + 1)
            mutated[position : position + chance.choice([0, 1, 40])] = chance.choice(pieces)
        yield bytes(mutated[: chance.choice([len(mutated), chance.randrange(len(mutated) + 1)])])


@pytest.mark.parametrize("source", sorted(load_sources()))
def test_mutated_samples_end_in_our_errors_or_in_none(source: str) -> None:
    tried = 0
    for body in bodies(source):
        for mutated in mutations(body.read_bytes(), seed=len(body.parent.name)):
            items, _ = read(sample_document(get_source(source).INFO, body, mutated))
            for item in items:
                repr(item).encode()
            tried += 1
    assert tried >= 36


@pytest.mark.parametrize("source", sorted(load_sources()))
@pytest.mark.parametrize("body", list(NOT_OURS.values()), ids=list(NOT_OURS))
def test_what_is_no_answer_of_the_source_gives_no_record_and_no_other_error(source: str, body: bytes) -> None:
    for sample in bodies(source):
        items, _ = read(sample_document(get_source(source).INFO, sample, body))
        assert [item for item in items if not isinstance(item, ParseIssue)] == []


@pytest.mark.parametrize("source", sorted(load_sources()))
def test_a_value_that_is_none_costs_one_record_at_most(source: str) -> None:
    for body in bodies(source):
        try:
            answer = json.loads(body.read_bytes())
        except ValueError:
            continue
        info = get_source(source).INFO
        items, error = read(sample_document(info, body))
        records = sum(not isinstance(item, ParseIssue) for item in items) if error is None else 0
        chance = random.Random(len(body.parent.name))  # noqa: S311 - reproducible noise, not a secret
        for text, in_list in sorted(replaced_leaves(answer, chance)):
            items, fault = read(sample_document(info, body, text.encode()))
            left = sum(not isinstance(item, ParseIssue) for item in items)
            if in_list and records:
                assert fault is None, text
                assert left >= records - 1, text


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

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from store_records import FILING, FINDING, LISTING, MARK, NOW

from ipwatch.errors import StoreError
from ipwatch.records import Category, Difference, Listing, MarkRecord, PublicationKind, Seller, Signal, WatchedMark
from ipwatch.store.rows import clean, digest, dump, load, plain

TEXT = st.text(alphabet=st.characters(codec=None, categories=None))
STORABLE = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\x00"))
MAYBE = st.none() | STORABLE
MOMENT = st.none() | st.datetimes(timezones=st.just(UTC))
COUNT = st.none() | st.integers(min_value=0)

LISTINGS = st.builds(
    Listing,
    marketplace=STORABLE,
    listing_id=STORABLE,
    url=MAYBE,
    title=MAYBE,
    description=MAYBE,
    brand=MAYBE,
    price=st.none() | st.decimals(allow_nan=False, allow_infinity=False),
    currency=MAYBE,
    images=st.lists(STORABLE, max_size=4).map(tuple),
    seller=st.none()
    | st.builds(
        Seller,
        id=MAYBE,
        name=MAYBE,
        country=MAYBE,
        feedback_pct=st.none() | st.floats(allow_nan=False, allow_infinity=False),
        feedback_count=COUNT,
    ),
    category=st.none() | st.builds(Category, id=MAYBE, path=MAYBE),
    quantity=COUNT,
    sold=COUNT,
    posted_at=MOMENT,
    updated_at=MOMENT,
    status=MAYBE,
)
TEXTS = st.lists(STORABLE, max_size=3).map(tuple)
FILINGS = st.builds(
    MarkRecord,
    office=STORABLE,
    application_number=STORABLE,
    mark_text=MAYBE,
    readings=TEXTS,
    applicants=TEXTS,
    filing_date=st.none() | st.dates(),
    publication_kind=st.none() | st.sampled_from(PublicationKind),
    nice_classes=st.none() | st.lists(st.integers(1, 45), max_size=5).map(tuple),
    goods=st.none() | TEXTS,
)


def through_json(record: Any) -> Any:
    text = json.dumps(dump(record), ensure_ascii=False)
    return load(type(record), json.loads(text.encode()))


@given(LISTINGS)
def test_a_listing_comes_back_as_it_was(listing: Listing) -> None:
    back = through_json(listing)
    assert back == listing
    if listing.price is not None:
        assert back.price.as_tuple() == listing.price.as_tuple()


@given(FILINGS)
def test_a_filing_comes_back_as_it_was(filing: MarkRecord) -> None:
    assert through_json(filing) == filing


@pytest.mark.parametrize("record", [LISTING, FILING, MARK, *FINDING.signals], ids=lambda record: type(record).__name__)
def test_every_kind_of_record_comes_back_as_it_was(record: Listing | MarkRecord | WatchedMark | Signal) -> None:
    assert through_json(record) == record


def test_the_differences_of_a_signal_come_back_and_older_signals_have_none() -> None:
    signal = Signal(
        name="name",
        score=0.9,
        term="name_folded",
        compared=("SONY", "S0N\x00Y"),
        differences=(
            Difference(term="spelling_lookalike", watched="O", seen="0"),
            Difference(term="spelling_hidden", watched="", seen="U+0000"),
        ),
    )
    stored = dump(signal)
    assert load(Signal, stored).differences == signal.differences
    del stored["differences"]
    assert load(Signal, stored) == replace(signal, compared=("SONY", "S0N\ufffdY"), differences=())


@given(TEXT)
def test_any_text_becomes_storable_and_only_the_unstorable_changes(text: str) -> None:
    stored = clean(text)
    assert len(stored) == len(text)
    assert b"\x00" not in stored.encode("utf-8")
    for before, after in zip(text, stored, strict=True):
        assert before == after or (after == "\ufffd" and (before == "\x00" or 0xD800 <= ord(before) <= 0xDFFF))


@given(TEXT, TEXT)
def test_hostile_text_in_a_record_loads_again(title: str, name: str) -> None:
    listing = replace(LISTING, title=title, seller=Seller(name=name))
    assert through_json(listing) == replace(LISTING, title=clean(title), seller=Seller(name=clean(name)))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("price", Decimal("NaN")),
        ("price", Decimal("Infinity")),
        ("posted_at", datetime(2026, 1, 1)),  # noqa: DTZ001 - a naive time is the point
        ("seller", Seller(feedback_pct=float("nan"))),
        ("title", b"bytes"),
        ("status", object()),
    ],
)
def test_what_json_cannot_say_is_refused_with_record_and_field(field: str, value: Any) -> None:
    with pytest.raises(StoreError, match=rf"rakuten:kazami-shop:10000001.*{field}"):
        dump(replace(LISTING, **{field: value}))


def test_a_row_that_lost_its_shape_is_named() -> None:
    with pytest.raises(StoreError, match="a stored Listing cannot be read: price"):
        load(Listing, dump(LISTING) | {"price": "cheap"})


def test_paths_and_enums_are_stored_as_their_text() -> None:
    assert plain({"a": Path("x") / "y.png", "b": PublicationKind.OPPOSITION, 3: NOW}) == {
        "a": "x/y.png",
        "b": "opposition",
        "3": "2026-11-22T03:00:00+00:00",
    }


def test_the_digest_does_not_depend_on_the_order_of_keys_but_on_every_part() -> None:
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    assert digest("ab", "c") != digest("a", "bc")
    assert digest(None) != digest("")


OF_TRADE = {
    *("licensees", "own_products", "unlicensed_goods", "official_sellers", "deny_sellers"),
    *("second_hand", "depth"),
}


def test_a_mark_that_was_stored_before_it_could_say_what_is_lawful_is_read_as_saying_nothing() -> None:
    stored = dump(MARK)
    earlier = load(WatchedMark, {name: value for name, value in stored.items() if name not in OF_TRADE})
    assert load(WatchedMark, stored) == MARK
    assert earlier == replace(
        MARK, **dict.fromkeys(OF_TRADE - {"second_hand", "depth"}, ()), second_hand=None, depth=None
    )


@pytest.mark.parametrize("name", sorted(OF_TRADE))
def test_records_are_compared_again_when_a_mark_says_something_else_of_lawful_trade(name: str) -> None:
    silent: dict[str, Any] = {name: None if name in {"second_hand", "depth"} else ()}
    assert digest(replace(MARK, **silent)) != digest(MARK)

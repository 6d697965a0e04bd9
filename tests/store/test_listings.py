from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event, func, select
from store_records import FILING, LISTING, NOW, document, features
from store_records import listings as many

from ipwatch.errors import StoreError
from ipwatch.matching.images.features import pack
from ipwatch.records import ImageRefusal, Listing, RequestKind, Seller
from ipwatch.store import captures, filings, listings, pictures, runs
from ipwatch.store.listings import UpsertResult
from ipwatch.store.screening import ScreeningKey
from ipwatch.store.session import Database, Session
from ipwatch.store.tables import ListingPictureRow, ListingRow, ListingVersionRow, SightingRow

LATER = NOW + timedelta(days=1)


def _count(session: Session, table: Any) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def _row(session: Session) -> ListingRow:
    session.expire_all()
    return session.scalars(select(ListingRow)).one()


def _statements(session: Session) -> list[str]:
    statements: list[str] = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *given: statements.append(given[2]))
    return statements


def test_a_listing_is_new_once_then_the_same_then_changed(session: Session, run_id: int) -> None:
    assert listings.upsert(session, LISTING, run_id=run_id, now=NOW) is UpsertResult.NEW
    assert listings.upsert(session, LISTING, run_id=run_id, now=LATER) is UpsertResult.SAME
    dearer = replace(LISTING, price=Decimal(2500), document_sha256="e" * 64)
    assert listings.upsert(session, dearer, run_id=run_id, now=LATER) is UpsertResult.CHANGED
    row = _row(session)
    assert (row.first_seen_at, row.last_seen_at, row.document_sha256) == (NOW, LATER, "e" * 64)
    assert listings.get(session, "rakuten", LISTING.listing_id) == dearer
    versions = session.scalars(select(ListingVersionRow).order_by(ListingVersionRow.id)).all()
    assert [(version.data["price"], version.seen_at) for version in versions] == [("1980.50", NOW), ("2500", LATER)]


def test_a_change_back_is_a_third_version(session: Session, run_id: int) -> None:
    for title in ("a", "b", "a"):
        listings.upsert(session, replace(LISTING, title=title), run_id=run_id, now=NOW)
    assert _count(session, ListingVersionRow) == 3


@pytest.mark.parametrize(
    "moved",
    [
        {"sold": 12},
        {"quantity": 3},
        {"updated_at": LATER},
        {"document_sha256": "f" * 64},
        {"seller": replace(LISTING.seller or Seller(), feedback_pct=97.0, feedback_count=121)},
    ],
    ids=lambda moved: next(iter(moved)),
)
def test_counters_move_without_a_version_and_are_kept_up_to_date(
    session: Session, run_id: int, moved: dict[str, Any]
) -> None:
    listings.upsert(session, LISTING, run_id=run_id, now=NOW)
    newer = replace(LISTING, **moved)
    assert listings.upsert(session, newer, run_id=run_id, now=LATER) is UpsertResult.SAME
    assert listings.get(session, "rakuten", LISTING.listing_id) == newer
    assert _count(session, ListingVersionRow) == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"title": "別の題"},
        {"description": None},
        {"images": ("https://img.example/9.jpg",)},
        {"seller": replace(LISTING.seller or Seller(), name="別の店")},
        pytest.param({"seller": None}, id="no_seller"),
        {"status": "ended"},
        {"currency": "USD"},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_what_a_listing_says_makes_a_version(session: Session, run_id: int, changed: dict[str, Any]) -> None:
    listings.upsert(session, LISTING, run_id=run_id, now=NOW)
    assert listings.upsert(session, replace(LISTING, **changed), run_id=run_id, now=LATER) is UpsertResult.CHANGED


def test_one_listing_read_two_hundred_times_is_one_row_and_one_sighting_a_run(session: Session, run_id: int) -> None:
    for _ in range(200):
        listings.upsert(session, LISTING, run_id=run_id, now=NOW)
    second = runs.start_run(session, kind="collect", source="rakuten", now=LATER)
    assert listings.upsert_many(session, [LISTING] * 200, run_id=second, now=LATER) == [UpsertResult.SAME] * 200
    counted = [_count(session, table) for table in (ListingRow, ListingVersionRow, SightingRow, ListingPictureRow)]
    assert counted == [1, 1, 2, 2]


def test_a_batch_keeps_its_order_even_where_a_listing_comes_twice(session: Session, run_id: int) -> None:
    other = replace(LISTING, listing_id="2")
    batch = [LISTING, other, replace(LISTING, title="b"), LISTING, other]
    results = listings.upsert_many(session, batch, run_id=run_id, now=NOW)
    assert results == [
        UpsertResult.NEW,
        UpsertResult.NEW,
        UpsertResult.CHANGED,
        UpsertResult.CHANGED,
        UpsertResult.SAME,
    ]
    assert listings.get(session, "rakuten", LISTING.listing_id) == LISTING


def test_a_batch_needs_the_same_number_of_statements_whatever_its_size(session: Session, run_id: int) -> None:
    statements = _statements(session)
    needed = []
    for size in (2, 50, 400):
        some = [
            replace(listing, listing_id=f"{size}-{listing.listing_id}", images=("x", "y")) for listing in many(size)
        ]
        for state in (some, some, [replace(listing, title="b", images=("y", "z")) for listing in some]):
            statements.clear()
            listings.upsert_many(session, state, run_id=run_id, now=NOW)
            needed.append(len(statements))
    # An insert with RETURNING is sent in pages by the driver, so the largest batch may take a few more.
    assert max(needed[:6]) <= 8
    assert max(needed) <= 14


def test_writers_at_once_store_each_listing_once(database: Database) -> None:
    with database.write_session() as session:
        run_id = runs.start_run(session, kind="collect", source="rakuten", now=NOW)
    results: list[UpsertResult] = []
    errors: list[StoreError] = []

    def work(order: int) -> None:
        for start in range(0, 100, 25):
            batch = many(100)[start : start + 25][::order]
            try:
                with database.write_session(durable=False) as session:
                    results.extend(listings.upsert_many(session, batch, run_id=run_id, now=NOW))
            except StoreError as error:
                errors.append(error)

    threads = [threading.Thread(target=work, args=(order,)) for order in (1, -1, 1, -1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert errors == []
    assert (results.count(UpsertResult.NEW), results.count(UpsertResult.SAME)) == (100, 300)
    with database.read_session() as session:
        assert [_count(session, table) for table in (ListingRow, ListingVersionRow, SightingRow)] == [100, 100, 100]


def test_an_empty_batch_is_nothing(session: Session, run_id: int) -> None:
    assert listings.upsert_many(session, [], run_id=run_id, now=NOW) == []


def test_ids_and_urls_may_be_longer_than_an_index_holds(session: Session, run_id: int) -> None:
    long = replace(LISTING, listing_id="番" * 20_000, url="https://x.example/" + "a" * 9000, images=("u" * 9000,))
    assert listings.upsert(session, long, run_id=run_id, now=NOW) is UpsertResult.NEW
    assert listings.upsert(session, long, run_id=run_id, now=NOW) is UpsertResult.SAME
    assert pictures.record(session, url="u" * 9000, sha256="1" * 64) == 1
    pictures.add_features(session, pictures.packed(features("1" * 64)), NOW)
    assert listings.gone_by_url(session, long.url or "", NOW) == 1


def test_hostile_text_is_stored_as_what_a_database_can_hold(session: Session, run_id: int) -> None:
    hostile = replace(
        LISTING,
        listing_id="a\x00b",
        title="\ud83d' OR 1=1; -- %s %(x)s :x \x00",
        status="x" * 500,
        ships_from="\udc00",
        images=("https://img.example/\x00", "https://img.example/\ud800"),
    )
    assert listings.upsert(session, hostile, run_id=run_id, now=NOW) is UpsertResult.NEW
    assert listings.upsert(session, hostile, run_id=run_id, now=NOW) is UpsertResult.SAME
    back = listings.get(session, "rakuten", "a\x00b")
    assert back is not None
    assert back.title == "\ufffd' OR 1=1; -- %s %(x)s :x \ufffd"
    assert _count(session, ListingPictureRow) == 1


def test_the_same_id_on_two_marketplaces_is_two_listings(session: Session, run_id: int) -> None:
    listings.upsert(session, LISTING, run_id=run_id, now=NOW)
    assert listings.upsert(session, replace(LISTING, marketplace="ebay"), run_id=run_id, now=NOW) is UpsertResult.NEW
    assert listings.get(session, "shopify", LISTING.listing_id) is None


def test_a_record_that_cannot_be_stored_exactly_is_refused_and_named(session: Session, run_id: int) -> None:
    with pytest.raises(StoreError, match=r"kazami-shop:10000001.*price"):
        listings.upsert(session, replace(LISTING, price=Decimal("NaN")), run_id=run_id, now=NOW)


def test_an_earlier_clock_does_not_turn_back_when_a_listing_was_last_read(session: Session, run_id: int) -> None:
    listings.upsert(session, LISTING, run_id=run_id, now=LATER)
    listings.upsert(session, LISTING, run_id=run_id, now=NOW)
    assert _row(session).last_seen_at == LATER


def test_pictures_follow_the_listing_and_keep_their_files(session: Session, run_id: int) -> None:
    listings.upsert(session, LISTING, run_id=run_id, now=NOW)
    assert pictures.wanted(session, [LISTING]) == list(LISTING.images)
    pictures.add_features(session, pictures.packed(features("1" * 64)), NOW)
    assert pictures.record(session, url=LISTING.images[1], sha256="1" * 64) == 1
    assert pictures.wanted(session, [LISTING]) == [LISTING.images[0]]
    changed = replace(LISTING, images=(LISTING.images[1], "https://img.example/3.jpg", LISTING.images[1]))
    listings.upsert(session, changed, run_id=run_id, now=LATER)
    shown = session.execute(
        select(ListingPictureRow.url, ListingPictureRow.sha256).order_by(ListingPictureRow.position)
    ).all()
    assert [tuple(row) for row in shown] == [(LISTING.images[1], "1" * 64), ("https://img.example/3.jpg", None)]


def test_a_file_that_nothing_is_known_of_is_refused_at_the_end(database: Database) -> None:
    with database.write_session() as session:
        run_id = runs.start_run(session, kind="collect", source="rakuten", now=NOW)
        listings.upsert(session, LISTING, run_id=run_id, now=NOW)
    with pytest.raises(StoreError, match="a row was refused"), database.write_session() as session:
        pictures.record(session, url=LISTING.images[0], sha256="9" * 64)


def test_a_gone_listing_is_there_again_when_it_is_read(session: Session, run_id: int) -> None:
    listings.upsert(session, LISTING, run_id=run_id, now=NOW)
    assert LISTING.url is not None
    assert listings.gone_by_url(session, LISTING.url, LATER) == 1
    assert listings.gone_by_url(session, LISTING.url, LATER) == 0
    assert _row(session).gone_at == LATER
    assert listings.upsert(session, LISTING, run_id=run_id, now=LATER) is UpsertResult.SAME
    assert _row(session).gone_at is None


@pytest.mark.parametrize(("kind", "gone"), [(RequestKind.PAGE, 1), (RequestKind.API, 0)])
def test_a_page_that_is_gone_takes_its_listing_along_and_a_search_does_not(
    session: Session, run_id: int, kind: RequestKind, gone: int
) -> None:
    read_from = document("https://shop.example/p/1?ref=x", kind=kind)
    captures.add_capture(session, read_from, run_id=run_id)
    listings.upsert(session, replace(LISTING, document_sha256=read_from.sha256), run_id=run_id, now=NOW)
    assert listings.gone_by_url(session, read_from.url, LATER) == gone
    assert listings.gone_by_url(session, LISTING.url or "", LATER) == 1 - gone


KEY = ScreeningKey(records="k")


def _screen(session: Session, key: ScreeningKey = KEY, *, after: int = 0, limit: int = 100) -> list[Listing]:
    return [screenable.record for screenable in listings.to_screen(session, key=key, after_id=after, limit=limit)]


def test_what_was_screened_is_due_again_only_when_something_changed(session: Session, run_id: int) -> None:
    listings.upsert_many(session, [LISTING, *many(3)], run_id=run_id, now=NOW)
    batch = listings.to_screen(session, key=KEY, after_id=0, limit=100)
    assert {screenable.record for screenable in batch} == {LISTING, *many(3)}
    listings.mark_screened(session, {screenable.row_id: screenable.input_hash for screenable in batch})
    assert _screen(session) == []
    assert len(_screen(session, ScreeningKey(records="another watchlist"))) == 4
    listings.upsert(session, replace(LISTING, sold=99), run_id=run_id, now=NOW)
    assert _screen(session) == []
    listings.upsert(session, replace(LISTING, title="b"), run_id=run_id, now=NOW)
    assert [listing.title for listing in _screen(session)] == ["b"]


def test_a_picture_that_arrives_makes_its_listing_due_and_comes_with_it(session: Session, run_id: int) -> None:
    listings.upsert_many(session, [LISTING, *many(2)], run_id=run_id, now=NOW)
    batch = listings.to_screen(session, key=KEY, after_id=0, limit=100)
    listings.mark_screened(session, [(screenable.row_id, screenable.input_hash) for screenable in batch])
    pictures.add_refusal(session, "2" * 64, ImageRefusal.EMPTY, NOW)
    pictures.record(session, url=LISTING.images[0], sha256="2" * 64)
    assert _screen(session) == []
    pictures.add_features(session, pictures.packed(features("1" * 64)), NOW)
    pictures.record(session, url=LISTING.images[1], sha256="1" * 64)
    (due,) = listings.to_screen(session, key=KEY, after_id=0, limit=100)
    ((url, read),) = due.pictures
    assert (url, pack(read)) == (LISTING.images[1], pack(features("1" * 64)))


def test_a_change_during_a_screening_stays_due(session: Session, run_id: int) -> None:
    listings.upsert(session, LISTING, run_id=run_id, now=NOW)
    (read,) = listings.to_screen(session, key=KEY, after_id=0, limit=1)
    listings.upsert(session, replace(LISTING, title="b"), run_id=run_id, now=NOW)
    listings.mark_screened(session, {read.row_id: read.input_hash})
    assert [listing.title for listing in _screen(session)] == ["b"]


def test_batches_go_on_where_the_last_one_ended(session: Session, run_id: int) -> None:
    listings.upsert_many(session, many(25), run_id=run_id, now=NOW)
    listing_ids: list[str] = []
    after = 0
    while batch := listings.to_screen(session, key=KEY, after_id=after, limit=10):
        after = batch[-1].row_id
        listing_ids += [screenable.record.listing_id for screenable in batch]
    assert len(listing_ids) == 25
    assert set(listing_ids) == {listing.listing_id for listing in many(25)}


def test_a_batch_to_screen_takes_four_queries_whatever_its_size(database: Database) -> None:
    with database.write_session() as session:
        run_id = runs.start_run(session, kind="collect", source="rakuten", now=NOW)
        listings.upsert_many(
            session, [replace(listing, images=("x",)) for listing in many(300)], run_id=run_id, now=NOW
        )
        pictures.add_features(session, pictures.packed(features("1" * 64)), NOW)
        pictures.record(session, url="x", sha256="1" * 64)
    with database.read_session() as session:
        statements = _statements(session)
        for limit in (1, 300):
            statements.clear()
            batch = listings.to_screen(session, key=KEY, after_id=0, limit=limit)
            assert len(batch) == limit
            assert len([statement for statement in statements if "SELECT" in statement]) == 4


def test_filings_are_new_then_the_same_then_changed_and_screened(session: Session, run_id: int) -> None:
    assert filings.upsert(session, FILING, run_id=run_id, now=NOW) is UpsertResult.NEW
    moved = replace(FILING, document_sha256="e" * 64, source_url="https://register.example/daily/2")
    assert filings.upsert(session, moved, run_id=run_id, now=NOW) is UpsertResult.SAME
    assert filings.get(session, "JP", FILING.application_number) == moved
    (due,) = filings.to_screen(session, key=KEY, limit=10)
    assert due.record == moved
    assert due.pictures == ()
    filings.mark_screened(session, {due.row_id: due.input_hash})
    assert filings.to_screen(session, key=KEY, limit=10) == []
    granted = replace(moved, status="registered", registration_number="0000123")
    assert filings.upsert(session, granted, run_id=run_id, now=LATER) is UpsertResult.CHANGED
    assert [screenable.record for screenable in filings.to_screen(session, key=KEY, limit=10)] == [granted]
    assert filings.get(session, "US", FILING.application_number) is None


def test_numbers_of_registers_keep_their_zeros(session: Session, run_id: int) -> None:
    filings.upsert(session, replace(FILING, application_number="0012"), run_id=run_id, now=NOW)
    assert filings.upsert(session, replace(FILING, application_number="12"), run_id=run_id, now=NOW) is UpsertResult.NEW

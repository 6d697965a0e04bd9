from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, func, select, update
from store_records import FILING, LISTING, MARK, NOW, features
from store_records import listings as many

from ipwatch.errors import StoreError
from ipwatch.matching.images.features import FEATURES_VERSION, ImageFeatures, ReferenceImage, pack, unpack
from ipwatch.records import ImageRefusal, Listing
from ipwatch.store import filings, listings, pictures, watchlists
from ipwatch.store.pictures import Outdated
from ipwatch.store.review import list_watches
from ipwatch.store.screening import MAX_PICTURES, Screenable, ScreeningKey
from ipwatch.store.session import Session
from ipwatch.store.tables import FilingPictureRow, PictureRow, ReferencePictureRow
from ipwatch.store.watchlists import WatchedImage

LATER = NOW + timedelta(days=1)
KEY = ScreeningKey(records="k", pictures="p")


def sha256(number: int) -> str:
    return f"{number:064x}"


def age(session: Session, *sha256s: str) -> None:
    """Let the files be known by an older version only."""
    aged = update(PictureRow).where(PictureRow.sha256.in_(sha256s)).values(features_version=FEATURES_VERSION - 1)
    session.execute(aged)


def show(session: Session, *numbers: int) -> None:
    """Fetch the picture of each number from the URL of that number."""
    for number in numbers:
        pictures.add_features(session, pictures.packed(features(sha256(number))), NOW)
        pictures.record(session, url=str(number), sha256=sha256(number))


def showing(number: int, *images: int) -> Listing:
    return replace(many(number + 1)[number], images=tuple(map(str, images)))


def due(session: Session, key: ScreeningKey = KEY, limit: int = 100) -> list[Screenable[Listing]]:
    return listings.to_screen(session, key=key, limit=limit)


def test_a_file_is_known_once_and_the_first_word_of_a_version_stands(session: Session) -> None:
    pictures.add_refusal(session, sha256(1), ImageRefusal.TRUNCATED, NOW)
    pictures.add_features(session, pictures.packed(features(sha256(1))), LATER)
    pictures.add_features(session, pictures.packed(features(sha256(2))), LATER)
    pictures.add_refusal(session, sha256(2), ImageRefusal.BROKEN, LATER)
    asked = [sha256(number) for number in (1, 2, 3)]
    assert pictures.known(session, asked) == {sha256(1): ImageRefusal.TRUNCATED, sha256(2): None}
    assert pictures.known(session, []) == {}
    by_sha256 = pictures.features_of(session, asked)
    assert {key: pack(picture_features) for key, picture_features in by_sha256.items()} == {
        sha256(2): pack(features(sha256(2)))
    }


def test_what_an_older_version_stored_counts_for_nothing_and_is_replaced(session: Session, run_id: int) -> None:
    listings.upsert(session, showing(0, 1, 2), run_id=run_id, now=NOW)
    show(session, 1)
    pictures.add_refusal(session, sha256(2), ImageRefusal.FORMAT, NOW)
    pictures.record(session, url="2", sha256=sha256(2))
    age(session, sha256(1), sha256(2))
    assert pictures.known(session, [sha256(1), sha256(2)]) == {}
    assert pictures.features_of(session, [sha256(1)]) == {}
    (before,) = due(session)
    assert before.pictures == ()
    listings.mark_screened(session, {before.row_id: before.input_hash})
    assert due(session) == []

    pictures.add_refusal(session, sha256(1), ImageRefusal.BROKEN, LATER)
    pictures.add_features(session, pictures.packed(features(sha256(2))), LATER)
    assert pictures.known(session, [sha256(1), sha256(2)]) == {sha256(1): ImageRefusal.BROKEN, sha256(2): None}
    row = session.get_one(PictureRow, sha256(1))
    assert (row.features, row.width, row.described_at) == (None, None, LATER)
    (after,) = due(session)
    assert [url for url, _ in after.pictures] == ["2"]


def test_files_that_are_out_of_date_come_in_batches_that_go_on_past_those_that_stay(session: Session) -> None:
    for number in range(5):
        pictures.add_features(session, pictures.packed(features(sha256(number))), NOW)
    pictures.add_refusal(session, sha256(5), ImageRefusal.EMPTY, NOW)
    assert pictures.outdated(session, 10) == []
    assert pictures.count_outdated(session) == 0
    age(session, *map(sha256, (0, 2, 3, 5)))
    assert pictures.count_outdated(session) == 4
    first = pictures.outdated(session, 2)
    assert first == [Outdated(FEATURES_VERSION - 1, sha256(number)) for number in (0, 2)]
    pictures.add_features(session, pictures.packed(features(sha256(2))), LATER)
    assert [outdated.sha256 for outdated in pictures.outdated(session, 2, after=first[-1])] == [sha256(3), sha256(5)]
    assert [outdated.sha256 for outdated in pictures.outdated(session, 10)] == [sha256(0), sha256(3), sha256(5)]


def test_features_that_cannot_be_read_are_named(session: Session, run_id: int) -> None:
    listings.upsert(session, showing(0, 1), run_id=run_id, now=NOW)
    show(session, 1)
    session.execute(update(PictureRow).values(features=b"PK\x03\x04 torn"))
    with pytest.raises(StoreError, match=f"features of the picture {sha256(1)} cannot be read"):
        due(session)


def test_a_picture_that_many_show_is_unpacked_once_and_looking_through_reads_none(
    session: Session, run_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    listings.upsert_many(session, [showing(number, 1, 2) for number in range(5)], run_id=run_id, now=NOW)
    show(session, 1, 2)
    unpacked: list[bytes] = []

    def counting(data: bytes) -> ImageFeatures:
        unpacked.append(data)
        return unpack(data)

    monkeypatch.setattr("ipwatch.store.pictures.unpack", counting)
    batch = due(session)
    assert [len(screenable.pictures) for screenable in batch] == [2] * 5
    assert len(unpacked) == 2
    assert batch[0].pictures[0][1] is batch[4].pictures[0][1]
    listings.mark_screened(session, {screenable.row_id: screenable.input_hash for screenable in batch})
    statements: list[str] = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *given: statements.append(given[2]))
    assert due(session) == []
    assert len(statements) == 1
    assert not re.search(r"\bfeatures\b", statements[0])


def test_a_batch_holds_no_more_different_pictures_than_fit(session: Session, run_id: int) -> None:
    shown = MAX_PICTURES // 2 - 1
    offers = [showing(number, *range(number * shown, (number + 1) * shown)) for number in range(3)]
    listings.upsert_many(session, [*offers, showing(3, *range(shown))], run_id=run_id, now=NOW)
    show(session, *range(3 * shown))
    sizes = []
    while batch := due(session):
        sizes.append(len(batch))
        assert len({key for screenable in batch for key, _ in screenable.pictures}) <= MAX_PICTURES
        listings.mark_screened(session, {screenable.row_id: screenable.input_hash for screenable in batch})
    assert sizes == [2, 2]


def test_of_a_record_with_too_many_pictures_the_first_are_compared_and_the_others_counted(
    session: Session, run_id: int
) -> None:
    listings.upsert(session, showing(0, *range(MAX_PICTURES + 3)), run_id=run_id, now=NOW)
    show(session, *range(MAX_PICTURES + 3))
    (screenable,) = due(session)
    assert [url for url, _ in screenable.pictures] == [str(number) for number in range(MAX_PICTURES)]
    assert screenable.left_out == 3


def test_what_pictures_are_compared_with_concerns_only_records_that_show_some(session: Session, run_id: int) -> None:
    listings.upsert_many(session, [showing(0, 1), showing(1), showing(2, 2)], run_id=run_id, now=NOW)
    filings.upsert(session, FILING, run_id=run_id, now=NOW)
    show(session, 1)
    pictures.add_refusal(session, sha256(2), ImageRefusal.FORMAT, NOW)
    pictures.record(session, url="2", sha256=sha256(2))
    listings.mark_screened(session, {screenable.row_id: screenable.input_hash for screenable in due(session)})
    filed = filings.to_screen(session, key=KEY, limit=10)
    filings.mark_screened(session, {screenable.row_id: screenable.input_hash for screenable in filed})

    another_picture = ScreeningKey(records="k", pictures="another logo")
    assert [screenable.record.images for screenable in due(session, another_picture)] == [("1",)]
    assert filings.to_screen(session, key=another_picture, limit=10) == []
    assert len(due(session, ScreeningKey(records="another mark", pictures="p"))) == 3


def test_the_picture_of_a_filing_is_wanted_fetched_and_screened_like_that_of_a_listing(
    session: Session, run_id: int
) -> None:
    figurative = replace(FILING, image="https://register.example/a.png")
    filings.upsert(session, figurative, run_id=run_id, now=NOW)
    listings.upsert(session, replace(LISTING, images=("https://register.example/a.png",)), run_id=run_id, now=NOW)
    assert pictures.wanted(session, [figurative]) == ["https://register.example/a.png"]
    pictures.add_features(session, pictures.packed(features(sha256(1))), NOW)
    assert pictures.record(session, url="https://register.example/a.png", sha256=sha256(1)) == 2
    assert pictures.wanted(session, [figurative, LISTING]) == []
    (screenable,) = filings.to_screen(session, key=KEY, limit=10)
    assert [url for url, _ in screenable.pictures] == ["https://register.example/a.png"]
    filings.mark_screened(session, {screenable.row_id: screenable.input_hash})

    # A daily file without the picture removes none; another picture replaces it.
    filings.upsert(session, replace(FILING, status="registered"), run_id=run_id, now=LATER)
    (screenable,) = filings.to_screen(session, key=KEY, limit=10)
    assert len(screenable.pictures) == 1
    filings.upsert(session, replace(FILING, image="https://register.example/b.png"), run_id=run_id, now=LATER)
    shown = session.execute(select(FilingPictureRow.url, FilingPictureRow.sha256)).all()
    assert [tuple(row) for row in shown] == [("https://register.example/b.png", None)]


@pytest.mark.parametrize("image", ["logo-2026000123.png", "ftp://register.example/a.png", "data:image/png;base64,AA"])
def test_what_is_no_address_of_a_picture_is_not_wanted(session: Session, run_id: int, image: str) -> None:
    filings.upsert(session, replace(FILING, image=image), run_id=run_id, now=NOW)
    assert pictures.wanted(session, [FILING]) == []
    assert session.scalar(select(func.count()).select_from(FilingPictureRow)) == 0


def reference(number: int, path: str = "kazami/logo.png", *, excluded: bool = False) -> WatchedImage:
    described = features(sha256(number), orientations=8)
    named = ReferenceImage(mark=MARK.key, path=path, features=described)
    return WatchedImage(reference=named, thumbnail=b"png %d" % number, excluded=excluded)


def references(session: Session) -> list[tuple[str, str, bytes, bool, int]]:
    session.expire_all()
    rows = session.scalars(select(ReferencePictureRow).order_by(ReferencePictureRow.id))
    return [(row.path, row.sha256, row.thumbnail, row.excluded, row.features_version) for row in rows]


def test_pictures_of_watchlists_are_kept_once_and_known_by_their_file(session: Session) -> None:
    watchlists.save_references(session, [])
    watchlists.save_references(session, [reference(1)])
    watchlists.save_references(session, [reference(1), reference(2), reference(1, "again.png")])
    assert references(session) == [
        ("kazami/logo.png", sha256(1), b"png 1", False, FEATURES_VERSION),
        ("kazami/logo.png", sha256(2), b"png 2", False, FEATURES_VERSION),
        ("again.png", sha256(1), b"png 1", False, FEATURES_VERSION),
    ]
    known = watchlists.known_references(session, [sha256(1), sha256(3)])
    assert {
        key: (pack(known_reference.features), known_reference.thumbnail) for key, known_reference in known.items()
    } == {sha256(1): (pack(features(sha256(1), orientations=8)), b"png 1")}
    row = session.scalars(select(ReferencePictureRow).limit(1)).one()
    assert (row.width, row.height) == (600, 400)


def test_a_reference_of_an_older_version_is_not_known_and_takes_the_new_features(session: Session) -> None:
    watchlists.save_references(session, [reference(1)])
    session.execute(update(ReferencePictureRow).values(features_version=0, features=None))
    assert watchlists.known_references(session, [sha256(1)]) == {}
    watchlists.save_references(session, [reference(1)])
    assert set(watchlists.known_references(session, [sha256(1)])) == {sha256(1)}
    assert len(references(session)) == 1


def test_a_picture_that_becomes_everybodys_is_no_longer_a_picture_of_its_mark(session: Session) -> None:
    watchlists.save_references(session, [reference(1), reference(2, "kazami/soon.png", excluded=True)])
    assert [stored[3] for stored in references(session)] == [False, True]
    watchlists.save_references(session, [reference(1, excluded=True)])
    assert [stored[3] for stored in references(session)] == [True, True]
    assert all(not watch.references for watch in list_watches(session))

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from store_records import FILING, FINDING, LISTING, MARK, NOW, WATCHLIST

from ipwatch.cases import CaseState
from ipwatch.errors import StoreError, TransitionError
from ipwatch.records import Finding, RightKind, Signal, Verdict
from ipwatch.store import filings, findings, listings, review, runs, watchlists
from ipwatch.store.review import Band, Cursor, QueueFilter, Sort, StaleCaseError
from ipwatch.store.session import Database, Session
from ipwatch.store.tables import AuditEventRow, FilingRow, ListingRow, ReviewDecisionRow

SCORES = (0.95, 0.95, 0.85, 0.72, 0.95, 0.81)


def add_listing(session: Session, number: int, score: float, *, run_id: int) -> None:
    listing = replace(
        LISTING,
        listing_id=f"shop:{number}",
        title=f"風見タオル 100% no_{number}",
        ships_from="JP" if number % 2 else "CN",
    )
    listings.upsert(session, listing, run_id=run_id, now=NOW)
    row_id = session.scalars(select(func.max(ListingRow.id))).one()
    name = "image" if number % 3 == 0 else "name"
    signal = Signal(
        name=name, score=0.9, term="name_exact", compared=('"name": "sound"', "b"), field="title", span=(0, 5)
    )
    finding = replace(FINDING, subject=listing.subject, score=score, signals=(signal,))
    record(session, finding, row_id, run_id=run_id, number=number, source="rakuten", country=listing.ships_from)


def record(
    session: Session,
    finding: Finding,
    row_id: int,
    *,
    run_id: int,
    number: int,
    source: str,
    country: str | None,
    due_on: date | None = None,
) -> None:
    findings.record_finding(
        session,
        finding,
        row_id=row_id,
        is_filing=source == "JP",
        run_id=run_id,
        holder="kazami-towel",
        right_kind=RightKind.REGIONAL_COLLECTIVE_MARK,
        watchlist_sha256=WATCHLIST.sha256,
        source=source,
        country=country,
        due_on=due_on,
        input_hash=f"{number:064}",
        document_sha256=None,
        now=NOW + timedelta(minutes=number % 3),
    )


@pytest.fixture
def filled(database: Database) -> Database:
    with database.write_session() as session:
        watchlists.save_watchlist(session, WATCHLIST, NOW)
        run_id = runs.start_run(session, kind="screen", source=None, now=NOW)
        for number, score in enumerate(SCORES):
            add_listing(session, number, score, run_id=run_id)
        for number, day in ((10, date(2026, 12, 1)), (11, date(2026, 11, 25))):
            filing = replace(FILING, application_number=f"20260001{number}")
            filings.upsert(session, filing, run_id=run_id, now=NOW)
            row_id = session.scalars(select(func.max(FilingRow.id))).one()
            finding = replace(FINDING, subject=filing.subject, score=0.8)
            record(session, finding, row_id, run_id=run_id, number=number, source="JP", country=None, due_on=day)
    return database


def ids(session: Session, chosen: QueueFilter, sort: Sort = Sort.SCORE) -> list[int]:
    return [item.id for item in review.load_queue(session, chosen, sort=sort).items]


@pytest.mark.parametrize("sort", list(Sort))
@pytest.mark.parametrize("size", [1, 3])
def test_pages_follow_each_other_forwards_and_backwards(filled: Database, sort: Sort, size: int) -> None:
    with filled.read_session() as session:
        whole = ids(session, QueueFilter(), sort)
        assert len(whole) == 8
        pages, after = [], None
        while True:
            page = review.load_queue(session, QueueFilter(), sort=sort, size=size, after=after)
            pages.append([item.id for item in page.items])
            if page.following is None:
                break
            after = Cursor.decode(page.following.encode())
        assert [listed_id for page_ids in pages for listed_id in page_ids] == whole
        assert page.preceding is not None
        back = review.load_queue(session, QueueFilter(), sort=sort, size=size, before=page.preceding)
        assert [item.id for item in back.items] == pages[-2]
        for before, case_id, behind in zip([None, *whole], whole, [*whole[1:], None], strict=False):
            near = review.load_neighbours(session, QueueFilter(), sort=sort, case_id=case_id)
            assert (near.before, near.after) == (before, behind)


def test_a_case_opened_between_two_pages_neither_repeats_nor_hides_another(filled: Database) -> None:
    with filled.read_session() as session:
        first = review.load_queue(session, QueueFilter(), size=3)
    with filled.write_session() as session:
        add_listing(session, 50, 0.99, run_id=1)
    with filled.read_session() as session:
        second = review.load_queue(session, QueueFilter(), size=100, after=first.following)
    assert len({item.id for item in (*first.items, *second.items)}) == 8


def test_due_dates_come_first_and_the_nearest_before_the_rest(filled: Database) -> None:
    with filled.read_session() as session:
        items = review.load_queue(session, QueueFilter(), sort=Sort.DUE).items
    assert [item.due_on for item in items[:3]] == [date(2026, 11, 25), date(2026, 12, 1), None]


@pytest.mark.parametrize(
    ("chosen", "count"),
    [
        (QueueFilter(), 8),
        (QueueFilter(state=CaseState.NEEDS_MORE), 0),
        (QueueFilter(source="JP"), 2),
        (QueueFilter(country="CN"), 3),
        (QueueFilter(band=Band.HIGH), 3),
        (QueueFilter(band=Band.MEDIUM), 4),
        (QueueFilter(band=Band.LOW, source="rakuten"), 1),
        (QueueFilter(signal="image"), 2),
        (QueueFilter(signal="sound"), 0),
        (QueueFilter(text="NO_3"), 1),
        (QueueFilter(text="100%"), 6),
        (QueueFilter(text="%%"), 0),
        (QueueFilter(text="カザミ"), 2),
        (QueueFilter(mark=MARK.key), 8),
        (QueueFilter(holder="nobody"), 0),
        (QueueFilter(right_kind=RightKind.DESIGN), 0),
    ],
)
def test_filters_and_the_total_of_their_facets(filled: Database, chosen: QueueFilter, count: int) -> None:
    with filled.read_session() as session:
        page = review.load_queue(session, chosen)
    assert len(page.items) == page.facets.total == count


def test_a_facet_counts_what_one_would_see_after_choosing_it(filled: Database) -> None:
    with filled.read_session() as session:
        facets = review.load_queue(session, QueueFilter(source="rakuten", band=Band.HIGH)).facets
    assert {choice.value: choice.count for choice in facets.source} == {"rakuten": 3}
    assert {choice.value: choice.count for choice in facets.band} == {"high": 3, "medium": 2, "low": 1}
    assert {choice.value: choice.count for choice in facets.country} == {"CN": 2, "JP": 1}


def test_a_line_names_mark_holder_and_strongest_reason(filled: Database) -> None:
    with filled.read_session() as session:
        item = review.load_queue(session, QueueFilter(text="no_3")).items[0]
    assert (item.mark_text, item.holder_ja, item.holder_en) == ("風見タオル", "風見タオル組合", "Kazami Towel Guild")
    assert item.reason is not None
    assert item.reason.span == (0, 5)


def test_a_case_comes_with_record_mark_findings_and_versions(filled: Database) -> None:
    with filled.write_session() as session:
        listings.upsert(
            session, replace(LISTING, listing_id="shop:0", title="別の題名"), run_id=1, now=NOW + timedelta(1)
        )
    with filled.read_session() as session:
        detail = review.load_case(session, 1)
        assert review.load_case(session, 99) is None
    assert detail is not None
    assert detail.record is not None
    assert detail.record.subject == "rakuten:shop:0"
    assert detail.watched == MARK
    assert [finding.score for finding in detail.findings] == [0.95]
    changed = {change.field: (change.before, change.after) for change in detail.versions[0].changes}
    assert changed["title"] == ("風見タオル 100% no_0", "別の題名")
    assert detail.versions[-1].changes == ()
    assert [picture.url for picture in detail.pictures] == list(LISTING.images)


def decide(
    database: Database, case_id: int, *, version: int = 0, verdict: Verdict = Verdict.GENUINE, note: str = ""
) -> None:
    with database.write_session() as session:
        review.record_decision(
            session, case_id=case_id, expected_version=version, verdict=verdict, reviewer=" 花子 ", note=note, now=NOW
        )


def test_a_decision_is_appended_audited_and_moves_the_case(filled: Database) -> None:
    decide(filled, 1)
    decide(filled, 1, version=1, verdict=Verdict.INFRINGING, note="見直した")
    with filled.read_session() as session:
        detail = review.load_case(session, 1)
        events = session.scalars(select(AuditEventRow).order_by(AuditEventRow.id)).all()
    assert detail is not None
    assert (detail.state, detail.version) == (CaseState.CLOSED_INFRINGING, 2)
    assert [(decision.verdict, decision.reviewer, decision.note) for decision in detail.decisions] == [
        (Verdict.INFRINGING, "花子", "見直した"),
        (Verdict.GENUINE, "花子", ""),
    ]
    assert [(event.actor, event.action, event.target, event.detail["verdict"]) for event in events] == [
        ("花子", "case.decided", "case:1", "genuine"),
        ("花子", "case.decided", "case:1", "infringing"),
    ]


def test_a_stale_decision_names_the_unknown_ones_and_writes_nothing(filled: Database) -> None:
    decide(filled, 1, note="first")
    with pytest.raises(StaleCaseError) as caught:
        decide(filled, 1, verdict=Verdict.INFRINGING)
    assert [decision.note for decision in caught.value.decisions] == ["first"]
    with filled.read_session() as session:
        assert session.scalar(select(func.count(ReviewDecisionRow.id))) == 1
        assert session.scalar(select(func.count(AuditEventRow.id))) == 1


def test_what_the_state_machine_refuses_and_what_is_not_there(filled: Database) -> None:
    decide(filled, 1)
    with pytest.raises(TransitionError, match="add a note"):
        decide(filled, 1, version=1)
    with pytest.raises(StoreError, match="no case 99"):
        decide(filled, 99)


def test_of_people_who_decide_at_once_exactly_one_succeeds(filled: Database) -> None:
    accepted, refused = [], []

    def try_it(number: int) -> None:
        try:
            decide(filled, 2, note=str(number))
            accepted.append(number)
        except StaleCaseError:
            refused.append(number)

    threads = [threading.Thread(target=try_it, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(accepted), len(refused)) == (1, 5)


def test_watchlists_count_the_cases_of_their_marks(filled: Database) -> None:
    decide(filled, 1)
    with filled.read_session() as session:
        (watch,) = review.list_watches(session)
    assert watch.cases[MARK.key] == {CaseState.OPEN: 7, CaseState.CLOSED_GENUINE: 1}

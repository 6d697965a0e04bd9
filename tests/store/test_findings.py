from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update
from store_records import FILING, FINDING, LISTING, MARK, NOW, WATCHLIST

from ipwatch.errors import StoreError
from ipwatch.records import Finding, ImageEvidence, MatchKind, RightKind, Signal
from ipwatch.store import filings, findings, listings, runs, watchlists
from ipwatch.store.review.stored_json import read_signals
from ipwatch.store.session import Database, Session
from ipwatch.store.tables import CaseRow, FindingRow

LATER = NOW + timedelta(days=1)
Record = Callable[..., bool]


@pytest.fixture
def run_id(session: Session) -> int:
    number = runs.start_run(session, kind="screen", source=None, now=NOW)
    listings.upsert(session, LISTING, run_id=number, now=NOW)
    filings.upsert(session, FILING, run_id=number, now=NOW)
    watchlists.save_watchlist(session, WATCHLIST, NOW)
    return number


@pytest.fixture
def record(session: Session, run_id: int) -> Record:
    def record_one(finding: Finding = FINDING, **changed: object) -> bool:
        given = {
            "row_id": 1,
            "is_filing": False,
            "run_id": run_id,
            "holder": "kazami-towel",
            "right_kind": RightKind.REGIONAL_COLLECTIVE_MARK,
            "watchlist_sha256": WATCHLIST.sha256,
            "source": "rakuten",
            "country": "JP",
            "due_on": None,
            "input_hash": "1" * 64,
            "document_sha256": "a" * 64,
            "now": NOW,
        }
        return findings.record_finding(session, finding, **(given | changed))  # type: ignore[arg-type] # as above

    return record_one


def _cases(session: Session) -> list[CaseRow]:
    session.expire_all()
    return list(session.scalars(select(CaseRow).order_by(CaseRow.id)))


def _findings(session: Session) -> list[FindingRow]:
    return list(session.scalars(select(FindingRow).order_by(FindingRow.id)))


def test_a_finding_opens_a_case_with_its_facts(session: Session, record: Record) -> None:
    assert record(due_on=date(2026, 12, 31))
    (case,) = _cases(session)
    assert (case.subject, case.mark, case.state) == (LISTING.subject, MARK.key, "open")
    assert (case.holder, case.right_kind) == ("kazami-towel", "regional_collective_mark")
    assert (case.source, case.country, case.due_on) == ("rakuten", "JP", date(2026, 12, 31))
    assert (case.listing_id, case.filing_id, case.version) == (1, None, 0)
    (finding,) = _findings(session)
    assert (finding.case_id, finding.score, finding.threshold) == (case.id, 0.91, 0.6)
    assert finding.signals == [
        {
            "name": "name",
            "score": 0.91,
            "term": "signal.name.same",
            "compared": ["風見タオル", "風見タオル"],
            "field": "title",
            "span": [0, 5],
            "differences": [],
            "picture": None,
        }
    ]


def test_the_same_input_scored_by_the_same_matcher_is_one_finding(session: Session, record: Record) -> None:
    assert record()
    assert not record()
    assert not record(replace(FINDING, score=0.7), now=LATER)
    assert len(_findings(session)) == 1
    assert _cases(session)[0].score == 0.91


def test_a_rescore_that_says_the_same_adds_nothing(session: Session, record: Record) -> None:
    assert record()
    assert not record(input_hash="2" * 64, now=LATER)
    assert len(_findings(session)) == 1


@pytest.mark.parametrize(
    "rescored",
    [
        replace(FINDING, score=0.8),
        replace(FINDING, matcher_version="2"),
        replace(FINDING, threshold=0.5),
        replace(FINDING, signals=()),
    ],
)
def test_a_rescore_that_says_something_else_is_a_new_row_of_the_same_case(
    session: Session, record: Record, rescored: Finding
) -> None:
    record()
    assert record(rescored, input_hash="2" * 64, now=LATER)
    (case,) = _cases(session)
    assert case.score == rescored.score
    assert (case.opened_at, case.updated_at) == (NOW, LATER)
    assert [finding.score for finding in _findings(session)] == [0.91, rescored.score]


def test_listings_and_filings_have_cases_of_their_own(session: Session, record: Record) -> None:
    record()
    filed = replace(FINDING, subject=FILING.subject)
    assert record(filed, is_filing=True, source="JP")
    assert not record(filed, is_filing=True, source="JP")
    assert [(case.listing_id, case.filing_id) for case in _cases(session)] == [(1, None), (None, 1)]


def test_another_mark_is_another_case(session: Session, record: Record) -> None:
    record()
    assert record(replace(FINDING, mark="kazami-towel/other"))
    assert len(_cases(session)) == 2


@pytest.mark.parametrize(
    ("state", "changed", "expected"),
    [
        ("closed_not_infringing", True, "open"),
        ("closed_genuine", True, "open"),
        ("closed_not_infringing", False, "closed_not_infringing"),
        ("closed_genuine", False, "closed_genuine"),
        ("closed_infringing", True, "closed_infringing"),
        ("needs_more", True, "needs_more"),
    ],
)
def test_only_a_change_of_the_listing_reopens_what_was_closed_as_harmless(
    session: Session, run_id: int, record: Record, *, state: str, changed: bool, expected: str
) -> None:
    record()
    session.execute(update(CaseRow).values(state=state, version=1))
    if changed:
        listings.upsert(session, replace(LISTING, title="風見タオル 本物"), run_id=run_id, now=LATER)
    assert record(replace(FINDING, score=0.95), input_hash="2" * 64, now=LATER)
    (case,) = _cases(session)
    assert case.state == expected
    assert case.version == 1


def test_a_finding_needs_its_watchlist(database: Database) -> None:
    with database.write_session() as session:
        run = runs.start_run(session, kind="screen", source=None, now=NOW)
        listings.upsert(session, LISTING, run_id=run, now=NOW)
    with pytest.raises(StoreError, match="a row was refused"), database.write_session() as session:
        findings.record_finding(
            session,
            FINDING,
            row_id=1,
            is_filing=False,
            run_id=run,
            holder="kazami-towel",
            right_kind=RightKind.TRADEMARK,
            watchlist_sha256="0" * 64,
            source="rakuten",
            country=None,
            due_on=None,
            input_hash="1" * 64,
            document_sha256=None,
            now=NOW,
        )
    with database.read_session() as session:
        assert _cases(session) == []


def test_where_a_picture_corresponds_comes_back_as_it_was_measured(session: Session, record: Record) -> None:
    measured = ImageEvidence(
        kind=MatchKind.LOGO,
        reference_sha256="1" * 64,
        seen_sha256="2" * 64,
        false_match_rate=3.5e-9,
        inliers=17,
        region=(10, 20, 300, 40),
        outline=((10.5, 20.0), (310.0, 20.0), (310.0, 60.25), (10.5, 60.25)),
        pairs=(((1.0, 2.0), (11.5, 22.0)), ((3.0, 4.0), (13.5, 24.0))),
    )
    signal = Signal(
        name="image", score=0.95, term="image_logo", compared=("logo.png", "1.jpg"), field="images", picture=measured
    )
    assert record(replace(FINDING, signals=(signal,)))
    (stored,) = _findings(session)
    session.expire_all()
    assert read_signals(stored.signals) == (signal,)
    assert not record(replace(FINDING, signals=(signal,)), input_hash="2" * 64)
    moved = replace(signal, picture=replace(measured, region=(11, 20, 300, 40)))
    assert record(replace(FINDING, signals=(moved,)), input_hash="3" * 64)


def test_a_country_of_any_length_is_kept_as_far_as_it_can_be_indexed(session: Session, record: Record) -> None:
    assert record(country="\x00" + "長" * 5000)
    (case,) = _cases(session)
    assert case.country == "\ufffd" + "長" * 63

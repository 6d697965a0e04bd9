"""Listings are compared first and judged afterwards: by the whole market, once, and whatever is killed in between."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest
from pipeline.conftest import NOW
from pipeline.judged_shop import (
    BOTH,
    CHEAP,
    COPY,
    LAWFUL,
    MARKET,
    ON,
    TEA,
    TOWEL,
    WATCHLISTS,
    judged,
    offer,
    store,
    workspace,
)
from sqlalchemy import select, update

from ipwatch.cases import CaseKind
from ipwatch.matching.suspicion.crawl import BROAD_LISTINGS
from ipwatch.pipeline import judging
from ipwatch.pipeline import screen as screening
from ipwatch.pipeline.dry_run import try_watchlists
from ipwatch.pipeline.screen import Screening
from ipwatch.records import AuthorisedSeller, ListingKind, Verdict
from ipwatch.store import mentions, reporting, review
from ipwatch.store.review import QueueFilter
from ipwatch.store.runs import RunReport
from ipwatch.store.session import Database, Session
from ipwatch.store.tables import CaseRow, FindingRow, JudgedMarkRow, ListingRow, MentionRow

T = TypeVar("T")
Judged = dict[tuple[str, str], tuple[object, ...]]


class Killed(Exception):
    """The process was ended here."""


class Mortal(Database):
    """A database whose process is ended after a number of transactions."""

    left = 0

    def write(self, work: Callable[[Session], T], *, durable: bool = True) -> T:
        if self.left == 0:
            raise Killed
        self.left -= 1
        return super().write(work, durable=durable)


def run(database: Database, folder: Path) -> RunReport:
    screened = Screening(workspace(database, folder), on=ON)
    while screened.step():
        pass
    return screened.conclude()


def kinds(database: Database) -> dict[str, CaseKind]:
    with database.read_session() as session:
        return {row.subject: CaseKind(row.kind) for row in session.scalars(select(CaseRow))}


def findings(database: Database, subject: str) -> list[str | None]:
    with database.read_session() as session:
        rows = session.scalars(select(FindingRow).where(FindingRow.subject == subject).order_by(FindingRow.id))
        return [row.kind for row in rows]


def test_cases_are_opened_for_what_is_suspected_and_the_rest_is_counted(database: Database, tmp_path: Path) -> None:
    store(database, MARKET)
    report = run(database, tmp_path)
    assert (report.screened, report.found) == (len(MARKET), 2)
    assert kinds(database) == {COPY.subject: CaseKind.SUSPECTED, CHEAP.subject: CaseKind.SUSPECTED}
    with database.read_session() as session:
        assert mentions.counts(session) == {ListingKind.MENTION: 18, ListingKind.SUSPECTED: 2}
        by_mark = mentions.counts_by_mark(session)
    assert by_mark[TEA.key] == {ListingKind.MENTION: 5}
    again = run(database, tmp_path)
    assert (again.screened, again.found) == (0, 0)


@pytest.fixture(scope="module")
def undisturbed(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Judged:
    """What one screening of the whole market makes of it."""
    folder = tmp_path_factory.mktemp("undisturbed")
    shutil.copy(sqlite_template, folder / "ipwatch.db")
    database = Database(f"sqlite:///{folder}/ipwatch.db")
    store(database, MARKET)
    run(database, folder)
    mentioned = judged(database)
    database.dispose()
    return mentioned


@pytest.mark.parametrize("seed", range(6))
def test_the_order_of_batches_and_kills_changes_nothing(
    database_url: str, undisturbed: Judged, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - an order, no secret
    market = list(MARKET)
    database = Mortal(database_url)
    database.left = -1
    if seed:
        chance.shuffle(market)
        for module in (screening, judging):
            monkeypatch.setattr(module, "BATCH", chance.choice((1, 3, 7, 500)))
            monkeypatch.setattr(module, "WRITE_BATCH", chance.choice((1, 2, 100)))
    while market:
        part, market = market[:5], market[5:]
        store(database, part)
        for left in (chance.randrange(1, 9) if seed else -1, -1):
            database.left = left
            with suppress(Killed):
                run(database, tmp_path)
            database.left = -1
    mentioned = judged(database)
    with database.read_session() as session:
        assert all(row.judged_at is not None for row in session.scalars(select(MentionRow)))
    assert len(mentioned) == 20
    assert {title: row[0] for (title, _), row in mentioned.items() if row[0] != "mention"} == {
        COPY.title: "suspected",
        CHEAP.title: "suspected",
    }
    assert mentioned == undisturbed
    database.dispose()


def test_a_listing_is_judged_again_when_its_market_appears(database: Database, tmp_path: Path) -> None:
    store(database, [CHEAP])
    run(database, tmp_path)
    assert kinds(database) == {}
    store(database, LAWFUL)
    assert run(database, tmp_path).screened == len(LAWFUL)
    assert kinds(database) == {CHEAP.subject: CaseKind.SUSPECTED}


def test_a_case_whose_listing_is_only_a_mention_now_keeps_its_state_and_leaves_the_queue(
    database: Database, tmp_path: Path
) -> None:
    store(database, MARKET)
    run(database, tmp_path)
    store(database, [replace(COPY, title="風見タオル バスタオル")])
    assert run(database, tmp_path).found == 0
    assert kinds(database)[COPY.subject] is CaseKind.MENTION
    assert findings(database, COPY.subject) == ["suspected", "mention"]
    with database.read_session() as session:
        shown = review.load_queue(session, QueueFilter())
        assert [item.subject for item in shown.items] == [CHEAP.subject]
        assert {choice.value: choice.count for choice in shown.facets.kind} == {"suspected": 1, "mention": 1}
        (item,) = review.load_queue(session, QueueFilter(kind=CaseKind.MENTION)).items
        assert (item.subject, item.state, item.kind) == (COPY.subject, "open", CaseKind.MENTION)
        assert len(review.load_queue(session, QueueFilter(mentions=True)).items) == 2


def test_a_case_of_a_listing_that_is_not_flagged_any_more_says_so_and_waits_for_a_person(
    database: Database, tmp_path: Path
) -> None:
    store(database, MARKET)
    run(database, tmp_path)
    with database.read_session() as session:
        before = session.scalars(select(CaseRow.suspicion).where(CaseRow.subject == COPY.subject)).one()
    store(database, [replace(COPY, title="無地のバスタオル")])
    assert run(database, tmp_path).found == 0
    assert kinds(database) == {COPY.subject: CaseKind.NEITHER, CHEAP.subject: CaseKind.SUSPECTED}
    assert findings(database, COPY.subject) == ["suspected"]
    with database.read_session() as session:
        shown = review.load_queue(session, QueueFilter())
        assert [item.subject for item in shown.items] == [CHEAP.subject]
        assert {choice.value: choice.count for choice in shown.facets.kind} == {"suspected": 1, "neither": 1}
        (item,) = review.load_queue(session, QueueFilter(kind=CaseKind.NEITHER)).items
        assert (item.subject, item.state, item.suspicion) == (COPY.subject, "open", None)
        assert reporting.suspicions(session) == {(CHEAP.subject, TOWEL.key)}
    store(database, [COPY])
    run(database, tmp_path)
    assert kinds(database)[COPY.subject] is CaseKind.SUSPECTED
    with database.read_session() as session:
        assert len(review.load_queue(session, QueueFilter()).items) == 2
        restored = session.scalars(select(CaseRow).where(CaseRow.subject == COPY.subject)).one()
        assert (restored.suspicion, restored.priority, restored.state) == (before, before, "open")


def test_a_case_whose_seller_is_authorised_now_is_not_flagged_any_more(database: Database, tmp_path: Path) -> None:
    store(database, MARKET)
    run(database, tmp_path)
    seller = AuthorisedSeller(marketplace="rakuten", id="seller-40")
    lists = tuple(
        replace(
            each, marks=tuple(replace(mark, authorised_sellers=(seller,)) for mark in each.marks), sha256=letter * 64
        )
        for each, letter in zip(WATCHLISTS, "ef", strict=True)
    )
    screened = Screening(replace(workspace(database, tmp_path), watchlists=lists), on=ON)
    while screened.step():
        pass
    screened.conclude()
    assert kinds(database) == {COPY.subject: CaseKind.SUSPECTED, CHEAP.subject: CaseKind.NEITHER}
    with database.read_session() as session:
        case = session.scalars(select(CaseRow).where(CaseRow.subject == CHEAP.subject)).one()
    assert (case.state, case.version, case.suspicion) == ("open", 0, None)
    assert findings(database, CHEAP.subject) == ["suspected"]


def test_a_seller_of_goods_of_many_kinds_is_known_as_such_without_any_category(
    database: Database, tmp_path: Path
) -> None:
    goods = ("腕時計", "バッグ", "Tシャツ", "包丁", "タオル")
    shelf = [offer(100 + n, f"店の品 {goods[n % 5]} {n}", seller="store") for n in range(BROAD_LISTINGS)]
    named = offer(200, "風見タオル バスタオル 新柄", seller="store")
    store(database, [*shelf, named, *LAWFUL])
    run(database, tmp_path)
    counted = ("5", str(BROAD_LISTINGS + 1))
    assert broad(database) == {named.title: counted}
    assert {
        each.subject: sign.compared
        for each in try_watchlists(workspace(database, tmp_path), on=ON)
        for sign in each.signs
        if sign.term == "broad_retailer"
    } == {named.subject: counted}
    # A shop that turns to goods of one kind is no broad one, once it is read again.
    store(database, [replace(each, title="無地のタオル") for each in shelf] + [replace(named, title="風見タオル 新柄")])
    run(database, tmp_path)
    assert broad(database) == {}


def broad(database: Database) -> dict[str, tuple[str, str]]:
    with database.read_session() as session:
        rows = session.execute(select(ListingRow.title, MentionRow.signs).join(ListingRow)).all()
    return {
        title: tuple(sign["compared"]) for title, signs in rows for sign in signs if sign["term"] == "broad_retailer"
    }


def test_brands_are_learned_from_listings_that_name_no_mark(database: Database, tmp_path: Path) -> None:
    chosen = offer(60, "風見タオル RIDGE LOOM バスタオル ロゴ選べる")
    store(database, [chosen])
    run(database, tmp_path)
    assert kinds(database) == {}
    other = replace(offer(61, "RIDGE LOOM 傘"), brand="RIDGE LOOM")
    store(database, [other, offer(62, "風見タオル バスタオル")])
    run(database, tmp_path)
    assert kinds(database) == {chosen.subject: CaseKind.SUSPECTED}


def test_what_was_closed_as_harmless_is_opened_by_a_changed_listing_only_once_it_is_suspected(
    database: Database, tmp_path: Path
) -> None:
    store(database, MARKET)
    run(database, tmp_path)
    with database.write_session() as session:
        session.execute(update(CaseRow).values(state="closed_not_infringing", version=1))
    later = replace(workspace(database, tmp_path), now=lambda: NOW.replace(hour=5))

    def rerun() -> str:
        screened = Screening(later, on=ON)
        while screened.step():
            pass
        screened.conclude()
        with database.read_session() as session:
            return session.scalars(select(CaseRow.state).where(CaseRow.subject == COPY.subject)).one()

    store(database, [replace(COPY, title="風見タオル バスタオル")], now=NOW.replace(hour=4))
    assert rerun() == "closed_not_infringing"
    store(database, [replace(COPY, title="風見タオル スーパーコピー フェイスタオル")], now=NOW.replace(hour=4))
    assert rerun() == "open"


def test_a_seller_with_a_case_decided_infringing_is_suspected_with_its_other_listings(
    database: Database, tmp_path: Path
) -> None:
    other = offer(60, "風見タオル バスタオル 新品", seller="seller-20")
    store(database, [*LAWFUL, COPY, other])
    run(database, tmp_path)
    with database.read_session() as session:
        (case,) = session.scalars(select(CaseRow))
    assert case.subject == COPY.subject
    with database.write_session() as session:
        review.record_decision(
            session,
            case_id=case.id,
            expected_version=0,
            verdict=Verdict.INFRINGING,
            reviewer="風見 花子",
            note="",
            now=NOW,
        )
    assert run(database, tmp_path).screened == 0
    assert kinds(database)[other.subject] is CaseKind.SUSPECTED
    made = judged(database)
    assert "seller_confirmed" not in str(made[COPY.title or "", TOWEL.key])
    assert "seller_confirmed" in str(made[other.title or "", TOWEL.key])
    with database.read_session() as session:
        states = {row.subject: row.state for row in session.scalars(select(CaseRow))}
    assert states == {COPY.subject: "closed_infringing", other.subject: "open"}
    assert run(database, tmp_path).found == 0


def test_a_listing_that_no_longer_names_a_mark_is_no_mention(database: Database, tmp_path: Path) -> None:
    store(database, MARKET)
    run(database, tmp_path)
    store(database, [replace(BOTH, title="風見タオル バスタオル 新柄")])
    run(database, tmp_path)
    with database.read_session() as session:
        assert mentions.counts_by_mark(session)[TEA.key] == {ListingKind.MENTION: 4}
        changes = {row.mark: row.changes for row in session.scalars(select(JudgedMarkRow))}
    # Both marks of the listing are judged again: another brand in a listing is a sign.
    assert changes == {TOWEL.key: 2, TEA.key: 2}


def test_another_holders_watchlist_leaves_mentions_and_their_judgement_alone(
    database: Database, tmp_path: Path
) -> None:
    store(database, MARKET)
    run(database, tmp_path)
    before = judged(database)
    alone = replace(workspace(database, tmp_path), watchlists=workspace(database, tmp_path).watchlists[:1])
    screened = Screening(alone, on=ON)
    while screened.step():
        pass
    assert screened.conclude().found == 0
    assert judged(database) == before


def test_a_listing_that_changed_after_it_was_compared_is_judged_as_it_was(database: Database, tmp_path: Path) -> None:
    store(database, [COPY])
    screened = Screening(workspace(database, tmp_path), on=ON)
    assert screened.step() == 1
    store(database, [replace(COPY, title="無地")])
    while screened.step():
        pass
    screened.conclude()
    assert kinds(database) == {COPY.subject: CaseKind.SUSPECTED}
    run(database, tmp_path)
    assert judged(database) == {}


def _subjects(items: Sequence[review.MentionItem]) -> list[str]:
    return [f"{item.source}:{item.listing_id}" for item in items]


def test_mentions_are_searched_sorted_and_paged(database: Database, tmp_path: Path) -> None:
    store(database, MARKET)
    run(database, tmp_path)
    of_towel = review.MentionFilter(mark=TOWEL.key)
    with database.read_session() as session:
        first = review.load_mentions(session, of_towel, size=10)
        assert first.counts == {ListingKind.MENTION: 13, ListingKind.SUSPECTED: 2}
        rest = review.load_mentions(session, of_towel, size=10, after=first.following)
        assert (len(first.items), len(rest.items), rest.following) == (10, 5, None)
        assert len({item.id for item in (*first.items, *rest.items)}) == 15
        suspicious = review.load_mentions(session, of_towel, sort=review.MentionSort.SUSPICION, size=1)
        assert _subjects(suspicious.items) == [COPY.subject]
        assert suspicious.items[0].case_id is not None
        following = review.load_mentions(
            session, of_towel, sort=review.MentionSort.SUSPICION, size=1, after=suspicious.following
        )
        assert _subjects(following.items) == [CHEAP.subject]
        searched = review.load_mentions(session, review.MentionFilter(text="スーパーコピー", holder="kazami"))
        assert _subjects(searched.items) == [COPY.subject]
        only = review.load_mentions(session, review.MentionFilter(kind=ListingKind.SUSPECTED))
        assert (len(only.items), only.counts[ListingKind.MENTION]) == (2, 18)

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
from PIL import Image
from sqlalchemy import func, select

from ipwatch.errors import ConfigError
from ipwatch.matching.score import MATCHER_VERSION
from ipwatch.pipeline.dry_run import try_watchlists
from ipwatch.pipeline.screen import Screening, screen
from ipwatch.pipeline.workspace import Workspace
from ipwatch.records import ListingKind
from ipwatch.sandbox import Sandbox
from ipwatch.store import mentions
from ipwatch.store.reporting import suspicions
from ipwatch.store.tables import CaseRow, FilingRow, FindingRow, ListingRow, MentionRow

ON = date(2026, 11, 22)


def count(workspace: Workspace, table: type) -> int:
    with workspace.database.read_session() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def asking(workspace: Workspace) -> int:
    """Return how many findings ask for a decision: a mention that is appended to a case asks for none."""
    asks = FindingRow.kind.is_distinct_from("mention")
    with workspace.database.read_session() as session:
        return session.scalar(select(func.count()).select_from(FindingRow).where(asks)) or 0


def test_everything_is_compared_once_and_findings_open_cases(collected: Workspace, market: Sandbox) -> None:
    report = screen(collected, on=ON)
    assert report.screened == count(collected, ListingRow) + count(collected, FilingRow)
    assert report.found == count(collected, FindingRow) == count(collected, CaseRow) > 0
    with collected.database.read_session() as session:
        true = {(subject, truth.mark) for subject, truth in market.truth.items() if truth.suspected}
        assert suspicions(session) & true
        for finding in session.scalars(select(FindingRow)):
            assert finding.signals
            assert finding.document_sha256 is not None
            assert finding.matcher_version == MATCHER_VERSION
            assert finding.score >= finding.threshold or finding.kind == "suspected"
            assert (finding.kind, finding.suspicion is None) in {("suspected", False), (None, True)}
        named = mentions.counts(session)
        assert named[ListingKind.SUSPECTED] > 0
        suspected = select(func.count()).where(CaseRow.kind == "suspected")
        assert session.scalar(suspected) == named[ListingKind.SUSPECTED]


def test_a_second_screening_has_nothing_to_do(screened: Workspace) -> None:
    before = count(screened, FindingRow)
    again = screen(screened, on=ON)
    assert (again.screened, again.found) == (0, 0)
    assert count(screened, FindingRow) == before


def test_an_interrupted_screening_is_continued(collected: Workspace) -> None:
    interrupted = Screening(collected, on=ON)
    compared = interrupted.step()
    assert compared > 0
    report = screen(collected, on=ON)
    assert report.id == interrupted.run_id
    assert report.screened == count(collected, ListingRow) + count(collected, FilingRow)


@pytest.mark.parametrize("change", ["threshold", "rates", "watchlist"])
def test_a_change_of_what_is_compared_screens_again_and_adds_findings_only_where_they_differ(
    screened: Workspace, change: str
) -> None:
    cases, findings = count(screened, CaseRow), asking(screened)
    changed = {
        "threshold": replace(screened, min_score=0.5),
        "rates": replace(screened, rates={**screened.rates, "USD": screened.rates["USD"] + 1}),
        "watchlist": replace(screened, watchlists=screened.watchlists[:1]),
    }[change]
    again = screen(changed, on=ON)
    assert again.screened == count(screened, ListingRow) + count(screened, FilingRow)
    assert count(screened, CaseRow) >= cases
    assert asking(screened) == findings + again.found


def test_an_authorisation_that_ends_is_noticed(screened: Workspace) -> None:
    watchlist = screened.watchlists[0]
    mark = watchlist.marks[0]
    ending = replace(mark.authorised_sellers[0], until=ON)
    mark = replace(mark, authorised_sellers=(ending,))
    changed = replace(screened, watchlists=(replace(watchlist, marks=(mark,)),))
    screen(changed, on=ON)
    assert screen(changed, on=ON).screened == 0
    assert screen(changed, on=ON + timedelta(days=1)).screened > 0


def test_a_reference_picture_that_cannot_be_used_stops_the_screening(collected: Workspace) -> None:
    picture = collected.watchlists[0].marks[0].images[0]
    picture.write_bytes(b"<html>")
    with pytest.raises(ConfigError, match=picture.name):
        screen(collected, on=ON)


def test_a_new_picture_of_a_mark_screens_again(screened: Workspace) -> None:
    picture = screened.watchlists[0].marks[0].images[0]
    with Image.open(picture) as image:
        image.convert("L").save(picture)
    assert screen(screened, on=ON).screened > 0


def test_trying_a_watchlist_tells_what_a_screening_would_find_and_writes_nothing(collected: Workspace) -> None:
    tried = list(try_watchlists(collected, on=ON))
    assert count(collected, FindingRow) == count(collected, MentionRow) == 0
    screen(collected, on=ON)
    flagged = {(finding.subject, finding.mark) for finding in tried if finding.kind is not ListingKind.MENTION}
    kinds = Counter(finding.kind for finding in tried if finding.kind is not None)
    with collected.database.read_session() as session:
        assert flagged == suspicions(session)
        assert kinds == Counter(mentions.counts(session))

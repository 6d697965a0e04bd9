"""An installation that an earlier version made opens as it was: nothing lost, nothing reworded, all compared once.

``made_before/installation.tar.xz`` is the data directory and the watchlist of an invented shop and two invented
filings, collected, compared and decided by the version of 30 November 2026; ``shown.json`` is what that version showed.
"""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pipeline.conftest import NOW
from sqlalchemy import select, text

from ipwatch.bootstrap import open_installation
from ipwatch.cases import CaseKind
from ipwatch.evidence.verify import verify_path
from ipwatch.pipeline.audit import verify_audit
from ipwatch.pipeline.screen import screen
from ipwatch.pipeline.workspace import Workspace
from ipwatch.settings import Settings, SourceSettings
from ipwatch.store import review, schema
from ipwatch.store.review import QueueFilter
from ipwatch.store.review.cases import CaseDetail, load_case
from ipwatch.store.session import upgrade
from ipwatch.store.tables import CaseRow, MentionRow

MADE_BEFORE = Path(__file__).with_name("made_before")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    with tarfile.open(MADE_BEFORE / "installation.tar.xz") as packed:
        packed.extractall(tmp_path, filter="data")
    settings = Settings(
        data_dir=tmp_path / "data",
        watchlist_dir=tmp_path / "watchlists",
        sources={"webshop": SourceSettings(base_urls=("http://shop.localhost:46303",), interval=0.0)},
    )
    upgrade(settings.url_of_database)
    return settings


@pytest.fixture
def workspace(settings: Settings) -> Iterator[Workspace]:
    with open_installation(settings, now=lambda: NOW) as opened:
        yield opened


def shown(case: CaseDetail) -> dict[str, Any]:
    signals = (signal for finding in case.findings for signal in finding.signals)
    return {
        "id": case.id,
        "version": case.version,
        "subject": case.subject,
        "mark": case.mark,
        "state": case.state,
        "score": case.score,
        "due_on": case.due_on.isoformat() if case.due_on else None,
        "right_kind": case.right_kind,
        "document_sha256": case.document_sha256,
        "signals": [
            [
                signal.name,
                signal.score,
                signal.term,
                list(signal.compared),
                signal.field,
                list(signal.span) if signal.span else None,
                len(signal.differences),
                signal.picture.kind if signal.picture else None,
            ]
            for signal in signals
        ],
        "decisions": [[decision.verdict, decision.reviewer, decision.note] for decision in case.decisions],
    }


def cases(workspace: Workspace) -> list[dict[str, Any]]:
    expected = json.loads((MADE_BEFORE / "shown.json").read_text("utf-8"))
    with workspace.database.read_session() as session:
        loaded = [load_case(session, number) for number in range(1, len(expected) + 2)]
    assert loaded[-1] is None
    return [shown(case) for case in loaded if case is not None]


def test_cases_findings_and_decisions_are_shown_as_they_were(workspace: Workspace) -> None:
    assert cases(workspace) == json.loads((MADE_BEFORE / "shown.json").read_text("utf-8"))


def rows(workspace: Workspace, table: str) -> list[tuple[object, ...]]:
    with workspace.database.read_session() as session:
        return [tuple(row) for row in session.execute(text(f"SELECT * FROM {table} ORDER BY id"))]  # noqa: S608 - ours


def test_what_was_flagged_before_is_unjudged_until_it_is_compared_again(workspace: Workspace) -> None:
    with workspace.database.read_session() as session:
        opened = session.scalars(select(CaseRow).order_by(CaseRow.id)).all()
        assert {CaseKind(case.kind) for case in opened if case.listing_id is not None} == {CaseKind.UNJUDGED}
        assert {CaseKind(case.kind) for case in opened if case.filing_id is not None} == {CaseKind.FILING}
        assert all(case.priority == case.score for case in opened)
        assert len(review.load_queue(session, QueueFilter(state=None)).items) == len(opened)


def test_everything_is_compared_once_and_what_was_found_before_stands(workspace: Workspace) -> None:
    findings, decisions, before = rows(workspace, "finding"), rows(workspace, "review_decision"), cases(workspace)
    report = screen(workspace, on=date(2026, 11, 22))
    assert report.screened == 8
    again = screen(workspace, on=date(2026, 11, 22))
    assert (again.screened, again.found) == (0, 0)
    assert rows(workspace, "finding")[: len(findings)] == findings
    assert rows(workspace, "review_decision") == decisions
    after = {case["id"]: case for case in cases(workspace)}
    kept = ("subject", "mark", "state", "version", "due_on", "right_kind", "decisions", "score")
    for case in before:
        assert {name: after[case["id"]][name] for name in kept} == {name: case[name] for name in kept}


def test_each_case_of_a_listing_says_what_the_listing_is_now(workspace: Workspace) -> None:
    screen(workspace, on=date(2026, 11, 22))
    with workspace.database.read_session() as session:
        mentions = {(row.listing_id, row.mark): row for row in session.scalars(select(MentionRow))}
        listed = session.scalars(select(CaseRow).where(CaseRow.listing_id.is_not(None))).all()
        assert listed
        for case in listed:
            assert case.listing_id is not None
            mention = mentions[case.listing_id, case.mark]
            assert (case.kind, case.suspicion) == (mention.kind, mention.suspicion)
            assert case.score == mention.score


def test_the_audit_trail_and_the_evidence_are_verified(settings: Settings, workspace: Workspace) -> None:
    check = verify_audit(workspace.database, now=NOW)
    assert (check.ok, check.events) == (True, 1)
    report = verify_path(settings.data_dir / "evidence")
    assert report.ok, report.problems


def test_the_schema_is_the_present_one(settings: Settings) -> None:
    assert schema.drift(settings.url_of_database) == []

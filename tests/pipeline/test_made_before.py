"""An installation that an earlier version made opens as it was: nothing lost, nothing compared again, nothing reworded.

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

from ipwatch.bootstrap import open_installation
from ipwatch.evidence.verify import verify_path
from ipwatch.pipeline.audit import verify_audit
from ipwatch.pipeline.screen import screen
from ipwatch.pipeline.workspace import Workspace
from ipwatch.settings import Settings, SourceSettings
from ipwatch.store import schema
from ipwatch.store.review.cases import CaseDetail, load_case
from ipwatch.store.session import upgrade

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


def test_nothing_is_compared_again(workspace: Workspace) -> None:
    report = screen(workspace, on=date(2026, 11, 22))
    assert (report.screened, report.found) == (0, 0)


def test_what_is_compared_again_scores_the_same(settings: Settings) -> None:
    path = settings.watchlist_dir / "kazami.toml"
    path.write_text(path.read_text("utf-8").replace('"湯呑"]', '"湯呑", "茶筅"]'), "utf-8")
    with open_installation(settings, now=lambda: NOW) as workspace:
        before = cases(workspace)
        assert screen(workspace, on=date(2026, 11, 22)).screened == 8
        after = cases(workspace)
    assert [(case["subject"], case["score"]) for case in after] == [(case["subject"], case["score"]) for case in before]


def test_the_audit_trail_and_the_evidence_are_verified(settings: Settings, workspace: Workspace) -> None:
    check = verify_audit(workspace.database, now=NOW)
    assert (check.ok, check.events) == (True, 1)
    report = verify_path(settings.data_dir / "evidence")
    assert report.ok, report.problems


def test_the_schema_is_the_present_one(settings: Settings) -> None:
    assert schema.drift(settings.url_of_database) == []

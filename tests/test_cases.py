from __future__ import annotations

import pytest

from ipwatch.cases import CaseState, decide, reopened_by_machine
from ipwatch.errors import TransitionError
from ipwatch.records import Verdict


@pytest.mark.parametrize(
    ("verdict", "state"),
    [
        (Verdict.INFRINGING, CaseState.CLOSED_INFRINGING),
        (Verdict.NOT_INFRINGING, CaseState.CLOSED_NOT_INFRINGING),
        (Verdict.GENUINE, CaseState.CLOSED_GENUINE),
        (Verdict.NEEDS_MORE, CaseState.NEEDS_MORE),
    ],
)
def test_an_open_case_goes_where_the_verdict_leads(verdict: Verdict, state: CaseState) -> None:
    assert decide(CaseState.OPEN, verdict, reviewer="山田", note="") is state


@pytest.mark.parametrize("reviewer", ["", "   ", "\u3000"])
def test_a_decision_needs_a_name(reviewer: str) -> None:
    with pytest.raises(TransitionError, match="name of the person"):
        decide(CaseState.OPEN, Verdict.GENUINE, reviewer=reviewer, note="")


def test_a_closed_case_is_decided_again_only_with_a_reason() -> None:
    with pytest.raises(TransitionError, match="say in the note"):
        decide(CaseState.CLOSED_GENUINE, Verdict.INFRINGING, reviewer="山田", note=" ")
    assert (
        decide(CaseState.CLOSED_GENUINE, Verdict.INFRINGING, reviewer="山田", note="seller withdrew the invoice")
        is CaseState.CLOSED_INFRINGING
    )


def test_a_decision_that_changes_nothing_needs_a_note() -> None:
    with pytest.raises(TransitionError, match="already in this state"):
        decide(CaseState.NEEDS_MORE, Verdict.NEEDS_MORE, reviewer="山田", note="")
    assert decide(CaseState.NEEDS_MORE, Verdict.NEEDS_MORE, reviewer="山田", note="asked") is CaseState.NEEDS_MORE


@pytest.mark.parametrize(("reviewer", "note"), [("x" * 101, ""), ("x", "x" * 4001)])
def test_names_and_notes_are_bounded(reviewer: str, note: str) -> None:
    with pytest.raises(TransitionError, match="longer than"):
        decide(CaseState.OPEN, Verdict.GENUINE, reviewer=reviewer, note=note)


def test_the_machine_reopens_only_what_was_closed_as_harmless_and_has_changed() -> None:
    for state in (CaseState.CLOSED_GENUINE, CaseState.CLOSED_NOT_INFRINGING):
        assert reopened_by_machine(state, content_changed=True) is CaseState.OPEN
        assert reopened_by_machine(state, content_changed=False) is state
    for state in (CaseState.CLOSED_INFRINGING, CaseState.NEEDS_MORE, CaseState.OPEN):
        assert reopened_by_machine(state, content_changed=True) is state

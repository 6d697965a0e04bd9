"""Case (案件) as a pure state machine: states, transitions by verdict, and who may decide.

A case is opened by the machine and moved only by people. A closed case may be decided again: the later decision
counts, the earlier one stays on record.
"""

from __future__ import annotations

from enum import StrEnum

from ipwatch.errors import TransitionError
from ipwatch.records import Verdict
from ipwatch.terms import message

MAX_NAME_LENGTH = 100
MAX_NOTE_LENGTH = 4000


class CaseState(StrEnum):
    """State of a case."""

    OPEN = "open"
    NEEDS_MORE = "needs_more"
    CLOSED_INFRINGING = "closed_infringing"
    CLOSED_NOT_INFRINGING = "closed_not_infringing"
    CLOSED_GENUINE = "closed_genuine"


class CaseKind(StrEnum):
    """What this software says now of the subject of a case, beyond that it names or shows the mark.

    A listing is suspected or a mention (``records.ListingKind``), neither any more where nothing is found in it now, or
    unjudged where only a version of this software that did not yet tell them apart has flagged it. For a filing the
    name itself is the question.
    """

    SUSPECTED = "suspected"
    MENTION = "mention"
    FILING = "filing"
    UNJUDGED = "unjudged"
    NEITHER = "neither"


QUIET = frozenset({CaseKind.MENTION, CaseKind.NEITHER})
"""Kinds of case that ask nobody for a decision now: they stay, with their state, outside the queue."""


_LEADS_TO = {
    Verdict.INFRINGING: CaseState.CLOSED_INFRINGING,
    Verdict.NOT_INFRINGING: CaseState.CLOSED_NOT_INFRINGING,
    Verdict.GENUINE: CaseState.CLOSED_GENUINE,
    Verdict.NEEDS_MORE: CaseState.NEEDS_MORE,
}


def decide(state: CaseState, verdict: Verdict, *, reviewer: str, note: str) -> CaseState:
    """Return the state after a verdict.

    Raises ``TransitionError`` where the reviewer is missing, where the name or the note is too long, where the decision
    would change nothing, and where a closed case is decided again without a note.
    """
    if not reviewer.strip():
        raise TransitionError(message("cases.no_name"))
    if len(reviewer) > MAX_NAME_LENGTH:
        raise TransitionError(message("cases.long_name", most=MAX_NAME_LENGTH))
    if len(note) > MAX_NOTE_LENGTH:
        raise TransitionError(message("cases.long_note", most=MAX_NOTE_LENGTH))
    following = _LEADS_TO[verdict]
    if following is state and not note.strip():
        raise TransitionError(message("cases.same"))
    if state not in (CaseState.OPEN, CaseState.NEEDS_MORE) and not note.strip():
        raise TransitionError(message("cases.closed"))
    return following


def reopened_by_machine(state: CaseState, *, content_changed: bool) -> CaseState:
    """Return the state after a new finding: changed content reopens a case that was closed as harmless.

    A person's ``infringing`` stays; the machine never changes a person's verdict otherwise.
    """
    if content_changed and state in (CaseState.CLOSED_NOT_INFRINGING, CaseState.CLOSED_GENUINE):
        return CaseState.OPEN
    return state

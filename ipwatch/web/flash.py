"""The confirmation shown on the page after a decision."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from ipwatch.store import review
from ipwatch.store.review import Decision
from ipwatch.web.query import number_in
from ipwatch.web.site import site_of


@dataclass(frozen=True, slots=True)
class Decided:
    """The newest decision about a case that was just decided."""

    case_id: int
    decision: Decision


def decided(request: Request) -> Decided | None:
    """Return the decision that the URL refers to, where there is one."""
    case_id = number_in(request.query_params, "decided")
    if case_id is None:
        return None
    with site_of(request).database.read_session() as session:
        decisions = review.decisions_of(session, case_id)
    return Decided(case_id, decisions[0]) if decisions else None

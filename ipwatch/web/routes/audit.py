"""Who did what and when, and when the record of it was last verified."""

from __future__ import annotations

import re
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ipwatch.pipeline.audit import verify_audit
from ipwatch.store import audit, audit_checks
from ipwatch.store.audit import Event
from ipwatch.web.pages import page
from ipwatch.web.query import number_in
from ipwatch.web.site import site_of

EVENTS_SHOWN = 50
_MAX_VALUE_LENGTH = 300
_CASE = re.compile(r"case:([1-9]\d{0,17})")
# Details with values of a closed set, and the prefix of their message keys.
_CLOSED_SETS = {"verdict": "verdict", "role": "role", "limit": "limit"}


@dataclass(frozen=True, slots=True)
class Detail:
    """One detail of an event; ``words`` is the prefix of its message keys where its value is of a closed set."""

    name: str
    value: str
    words: str | None


@dataclass(frozen=True, slots=True)
class ShownEvent:
    """An event for display: its case and state change, where it has one, and its other details."""

    event: Event
    case: str | None
    moved: tuple[str, str] | None
    details: tuple[Detail, ...]

    @classmethod
    def of(cls, event: Event) -> ShownEvent:
        """Return an event for display, without empty details."""
        case = _CASE.fullmatch(event.target)
        rest = {name: value for name, value in event.detail.items() if value not in ("", None)}
        moved = (str(rest.pop("from")), str(rest.pop("to"))) if {"from", "to"} <= rest.keys() else None
        if moved:
            rest.pop("verdict", None)  # redundant with the new state
        details = (Detail(name, str(value)[:_MAX_VALUE_LENGTH], _CLOSED_SETS.get(name)) for name, value in rest.items())
        return cls(event, case.group(1) if case else None, moved, tuple(details))


def show_audit(request: Request) -> Response:
    """Answer with a page of events, newest first, each verified, and the last verification of the whole trail.

    The whole trail is not verified here: 100,000 events take 2.5 s of one core.
    """
    before, after = number_in(request.query_params, "before"), number_in(request.query_params, "after")
    with site_of(request).database.read_session() as session:
        shown = audit.list_events(session, EVENTS_SHOWN, before=before, after=after)
        check = audit_checks.latest(session)
        unchecked = audit.count_after(session, check.last_event if check else None)
    events = [ShownEvent.of(event) for event in shown.events]
    return page(request, "audit.html", events=events, shown=shown, check=check, unchecked=unchecked)


def verify(request: Request) -> Response:
    """Verify the whole trail now, unless that is going on, and redirect to the page."""
    site = site_of(request)
    if site.verifying.acquire(blocking=False):
        try:
            verify_audit(site.database, now=site.now())
        finally:
            site.verifying.release()
    return RedirectResponse("/audit", status_code=303)


ROUTES = (
    Route("/audit", show_audit, methods=["GET"], name="audit"),
    Route("/audit/verify", verify, methods=["POST"], name="audit_verify"),
)

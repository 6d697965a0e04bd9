"""One case: its findings with their reasons, and the decision of a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ipwatch import cases
from ipwatch.cases import CaseState
from ipwatch.errors import TransitionError
from ipwatch.records import ImageEvidence, Listing, MarkRecord, Verdict
from ipwatch.store import review
from ipwatch.store.review import CaseDetail, Neighbours, Picture, Reference, StaleCaseError
from ipwatch.web import query
from ipwatch.web.failures import Problem
from ipwatch.web.flash import decided
from ipwatch.web.forms import read_form
from ipwatch.web.language import YEAR, choose_language
from ipwatch.web.pages import (
    REVIEWER_COOKIE,
    is_secure,
    page,
    remembered_reviewer,
    reviewer_cookie,
    signed_in,
)
from ipwatch.web.query import read_number
from ipwatch.web.scoring import break_down, weigh
from ipwatch.web.show import safe_url, shortened
from ipwatch.web.site import Site, site_of
from ipwatch.web.words import text


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A reference picture next to the picture that matched it, or to the first one where none did.

    ``signal`` is the number of the signal in the newest finding; ``evidence`` are its measurements.
    """

    reference: Reference | None
    picture: Picture | None
    matched: bool
    signal: int | None = None
    evidence: ImageEvidence | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionDraft:
    """The form of a refused decision, and why it was refused."""

    verdict: Verdict | None
    note: str
    message: str


def show_case(request: Request) -> Response:
    """Answer with a case, or 404."""
    return _render(request, _load(request))


async def decide(request: Request) -> Response:
    """Record a decision and redirect to the next case; 409 where the case has changed or the move is not allowed."""
    fields = await read_form(request)
    return await run_in_threadpool(_decide, request, fields)


def show_original(request: Request) -> Response:
    """Answer with the full URL of the original and a link to it, so that nobody leaves the site by accident."""
    detail = _load(request)
    url = _original(detail.record)
    return page(request, "original.html", case=detail, url=url, link=safe_url(url), case_query=_queue_query(request))


def _decide(request: Request, fields: Mapping[str, str]) -> Response:
    site = site_of(request)
    detail = _load(request)
    person = signed_in(request)
    reviewer = person.display_name if person else fields.get("reviewer", "")
    note = fields.get("note", "")
    verdict, version = _read_verdict(fields), read_number(fields.get("version"))
    if version is None:
        raise Problem(400, "problem.version")
    if verdict is None:
        return _refused(
            request, detail, DecisionDraft(verdict=None, note=note, message="decide.choose"), status_code=422
        )
    chosen, sort = query.read_filter(request.query_params), query.read_sort(request.query_params)
    try:
        with site.database.write_session() as session:
            review.record_decision(
                session,
                case_id=detail.id,
                expected_version=version,
                verdict=verdict,
                reviewer=reviewer,
                note=note,
                now=site.now(),
            )
    except StaleCaseError as error:
        draft = DecisionDraft(verdict=verdict, note=note, message="decide.stale")
        return _render(request, _load(request), draft=draft, unseen=error.decisions, status_code=409)
    except TransitionError:
        message = _why_refused(detail.state, reviewer, note)
        return _refused(request, detail, DecisionDraft(verdict=verdict, note=note, message=message), status_code=409)
    return _onwards(request, detail.id, chosen, sort, reviewer)


def _onwards(
    request: Request, case_id: int, chosen: review.QueueFilter, sort: review.Sort, reviewer: str
) -> RedirectResponse:
    """Redirect to the next case in the queue, or to the queue after the last, and store the reviewer in a cookie."""
    with site_of(request).database.read_session() as session:
        following = review.load_neighbours(session, chosen, sort=sort, case_id=case_id).after
    path = "/" if following is None else f"/cases/{following}"
    response = RedirectResponse(f"{path}?{query.write(chosen, sort, decided=case_id)}", status_code=303)
    if signed_in(request) is None:
        response.set_cookie(
            REVIEWER_COOKIE,
            reviewer_cookie(reviewer.strip()),
            max_age=YEAR,
            httponly=True,
            samesite="lax",
            secure=is_secure(request),
        )
    return response


def _refused(request: Request, detail: CaseDetail, draft: DecisionDraft, *, status_code: int) -> Response:
    return _render(request, detail, draft=draft, status_code=status_code)


def _why_refused(state: CaseState, reviewer: str, note: str) -> str:
    """Return the message key for a refusal of ``ipwatch.cases``, whose own messages are for programs."""
    if not reviewer.strip():
        return "decide.name_missing"
    if len(reviewer.strip()) > cases.MAX_NAME_LENGTH:
        return "decide.name_long"
    if len(note.strip()) > cases.MAX_NOTE_LENGTH:
        return "decide.note_long"
    return "decide.unchanged" if state is CaseState.NEEDS_MORE else "decide.closed"


def _read_verdict(fields: Mapping[str, str]) -> Verdict | None:
    value = fields.get("verdict", "")
    if not value:
        return None
    try:
        return Verdict(value)
    except ValueError:
        raise Problem(
            400, "problem.choice", name="verdict", value=shortened(value), choices=", ".join(Verdict)
        ) from None


def _load(request: Request) -> CaseDetail:
    case_id = read_number(request.path_params["case_id"])
    site = site_of(request)
    with site.database.read_session() as session:
        detail = review.load_case(session, case_id) if case_id is not None else None
    if detail is None:
        raise HTTPException(404)
    return detail


def _render(
    request: Request,
    detail: CaseDetail,
    *,
    draft: DecisionDraft | None = None,
    unseen: tuple[review.Decision, ...] = (),
    status_code: int = 200,
) -> Response:
    site = site_of(request)
    chosen, sort = query.read_filter(request.query_params), query.read_sort(request.query_params)
    neighbours = _neighbours(site, chosen, sort, detail.id)
    finding = detail.findings[0] if detail.findings else None
    return page(
        request,
        "case.html",
        status_code=status_code,
        case=detail,
        record=detail.record,
        watched=detail.watched,
        finding=finding,
        breakdown=break_down(finding) if finding else None,
        weighing=weigh(detail),
        pairs=_pairs(detail),
        spans=_spans(detail),
        yen=_yen(site, detail.record),
        original=_original(detail.record),
        verdicts=tuple(Verdict),
        draft=draft,
        unseen=unseen,
        reviewer=remembered_reviewer(request),
        limits=cases,
        case_query=query.write(chosen, sort),
        neighbours=neighbours,
        decided=decided(request),
        title_text=_title(detail, choose_language(request)),
    )


def _neighbours(site: Site, chosen: review.QueueFilter, sort: review.Sort, case_id: int) -> Neighbours:
    with site.database.read_session() as session:
        return review.load_neighbours(session, chosen, sort=sort, case_id=case_id)


def _queue_query(request: Request) -> str:
    return query.write(query.read_filter(request.query_params), query.read_sort(request.query_params))


def _title(detail: CaseDetail, lang: str) -> str:
    record = detail.record
    words = record.title if isinstance(record, Listing) else record.mark_text if record else None
    return words or text("case.untitled", lang=lang)


def _original(record: Listing | MarkRecord | None) -> str | None:
    match record:
        case Listing():
            return record.url
        case MarkRecord():
            return record.source_url
        case None:
            return None


def _pairs(detail: CaseDetail) -> tuple[Pair, ...]:
    """Return every match of pictures, best first; without any, the first reference and the first picture."""
    references = {reference.path: reference for reference in detail.references}
    pictures: dict[str, Picture] = {}
    for picture in detail.pictures:
        pictures.setdefault(picture.url, picture)
        if picture.sha256:
            pictures.setdefault(picture.sha256, picture)
    signals = detail.findings[0].signals if detail.findings else ()
    matches = [
        (number, signal)
        for number, signal in enumerate(signals)
        if signal.name == "image" and (signal.compared[0] in references or signal.compared[1] in pictures)
    ]
    matches.sort(key=lambda numbered: -numbered[1].score)
    if matches:
        return tuple(
            Pair(
                reference=references.get(signal.compared[0]),
                picture=pictures.get(signal.compared[1]),
                matched=True,
                signal=number,
                evidence=signal.picture,
            )
            for number, signal in matches
        )
    first_reference = detail.references[0] if detail.references else None
    first_picture = detail.pictures[0] if detail.pictures else None
    if first_reference is None and first_picture is None:
        return ()
    return (Pair(reference=first_reference, picture=first_picture, matched=False),)


def _spans(detail: CaseDetail) -> Mapping[str, list[tuple[int, int]]]:
    """Return the spans of the newest finding's signals by field."""
    spans: dict[str, list[tuple[int, int]]] = {}
    for signal in detail.findings[0].signals if detail.findings else ():
        if signal.field and signal.span:
            spans.setdefault(signal.field, []).append(signal.span)
    return spans


def _yen(site: Site, record: Any) -> int | None:
    """Return the price in yen at the operator's rates, where it is in another currency with a rate."""
    if not isinstance(record, Listing) or record.price is None or record.currency in (None, "JPY"):
        return None
    rate = site.rates.get(record.currency or "")
    return int((record.price * rate).to_integral_value()) if rate is not None and record.price.is_finite() else None


ROUTES = (
    Route("/cases/{case_id}", show_case, name="case"),
    Route("/cases/{case_id}/decisions", decide, methods=["POST"], name="decide"),
    Route("/cases/{case_id}/original", show_original, name="original"),
)

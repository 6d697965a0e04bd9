"""Mentions (言及): the listings that name or show a mark, as a page and as JSON."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ipwatch.records import ListingKind
from ipwatch.store import review
from ipwatch.store.review import MentionFilter, MentionItem, MentionPage, MentionSort
from ipwatch.web import query
from ipwatch.web.failures import Problem
from ipwatch.web.pages import page
from ipwatch.web.site import site_of

PAGE_SIZE = 50


def show_mentions(request: Request) -> Response:
    """Answer with the mentions under the filter in the URL."""
    chosen, sort = _asked(request)
    results = _load(request, chosen, sort)
    with site_of(request).database.read_session() as session:
        holders = review.holder_names(session)
    choices = (None, *ListingKind)
    return page(
        request,
        "mentions.html",
        results=results,
        chosen=chosen,
        sort=sort,
        sorts=tuple(MentionSort),
        holders=holders,
        kinds={kind: query.write_mentions(replace(chosen, kind=kind), sort) for kind in choices},
        named=sum(results.counts.values()),
        following=_following(results, chosen, sort),
        cleared=query.write_mentions(MentionFilter(), sort),
        as_json=query.write_mentions(chosen, sort),
    )


def list_mentions(request: Request) -> Response:
    """Answer with the same as JSON: counts, mentions, and the query of the next page."""
    chosen, sort = _asked(request)
    results = _load(request, chosen, sort)
    return JSONResponse(
        {
            "counts": {kind.value: count for kind, count in results.counts.items()},
            "mentions": [_as_json(item) for item in results.items],
            "next": _following(results, chosen, sort),
        }
    )


def _asked(request: Request) -> tuple[MentionFilter, MentionSort]:
    return query.read_mention_filter(request.query_params), query.read_mention_sort(request.query_params)


def _load(request: Request, chosen: MentionFilter, sort: MentionSort) -> MentionPage:
    after = query.read_cursor(request.query_params, "after")
    with site_of(request).database.read_session() as session:
        try:
            return review.load_mentions(session, chosen, sort=sort, size=PAGE_SIZE, after=after)
        except ValueError:
            raise Problem(400, "problem.place") from None


def _following(results: MentionPage, chosen: MentionFilter, sort: MentionSort) -> str | None:
    if results.following is None:
        return None
    return query.write_mentions(chosen, sort, after=results.following.encode())


def _as_json(item: MentionItem) -> dict[str, Any]:
    return {
        "subject": f"{item.source}:{item.listing_id}",
        "mark": item.mark,
        "title": item.title,
        "url": item.url,
        "price": item.price,
        "currency": item.currency,
        "kind": item.kind.value,
        "score": item.score,
        "suspicion": item.suspicion,
        "signs": [
            {"term": sign.term, "points": sign.points, "strong": sign.strong, "compared": list(sign.compared)}
            for sign in item.signs
        ],
        "case": item.case_id,
        "found_at": item.found_at.isoformat(),
    }


ROUTES = (
    Route("/mentions", show_mentions, name="mentions"),
    Route("/mentions.json", list_mentions, name="mentions_json"),
)

"""The queue of cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ipwatch.cases import CaseKind, CaseState
from ipwatch.matching.score import MAIN_WEIGHTS
from ipwatch.store import review
from ipwatch.store.review import Band, FacetCount, Facets, QueueFilter, Sort
from ipwatch.web import query
from ipwatch.web.failures import Problem
from ipwatch.web.flash import decided
from ipwatch.web.pages import page
from ipwatch.web.site import site_of

PAGE_SIZE = 50
# The kinds of signal in the filter; each is the name of a signal in ``ipwatch.matching``.
SIGNALS = (*MAIN_WEIGHTS, "disguise", "price", "context", "origin", "goods", "figure", "seller_standing", "right")


@dataclass(frozen=True, slots=True)
class FacetLink:
    """A choice in the sidebar: its number of cases, the query it links to, and whether it is set."""

    value: str
    count: int | None
    query: str
    chosen: bool


def show_queue(request: Request) -> Response:
    """Answer with the queue under the filter in the URL."""
    params = request.query_params
    chosen, sort = query.read_filter(params), query.read_sort(params)
    after, before = query.read_cursor(params, "after"), query.read_cursor(params, "before")
    with site_of(request).database.read_session() as session:
        try:
            results = review.load_queue(session, chosen, sort=sort, size=PAGE_SIZE, after=after, before=before)
        except ValueError:
            raise Problem(400, "problem.place") from None
        holders = review.holder_names(session)
    parameters = query.parameters(chosen, sort)
    return page(
        request,
        "queue.html",
        results=results,
        chosen=chosen,
        sort=sort,
        sorts=tuple(Sort),
        facets=_facet_links(results.facets, chosen, sort),
        holders=holders,
        hidden={key: value for key, value in parameters.items() if value and key not in {"q", "sort"}},
        case_query=query.write(chosen, sort),
        following=query.write(chosen, sort, after=results.following.encode()) if results.following else None,
        preceding=query.write(chosen, sort, before=results.preceding.encode()) if results.preceding else None,
        cleared=query.write(QueueFilter(), sort),
        active=_active(chosen, sort),
        decided=decided(request),
    )


def _facet_links(facets: Facets, chosen: QueueFilter, sort: Sort) -> Mapping[str, Sequence[FacetLink]]:
    """Return the choices of every filter; states and bands in fixed order, the others by number of cases."""
    in_order = {
        "state": _in_order(facets.state, tuple(CaseState)),
        "kind": _in_order(facets.kind, tuple(CaseKind)),
        "band": _in_order(facets.band, tuple(Band)),
        "source": facets.source,
        "holder": facets.holder,
        "right_kind": facets.right_kind,
        "country": facets.country,
    }
    links = {
        name: [_link(chosen, sort, name, choice.value, choice.count) for choice in counts]
        for name, counts in in_order.items()
    }
    links["signal"] = [_link(chosen, sort, "signal", name, None) for name in SIGNALS]
    return links


def _in_order(counts: Sequence[FacetCount], values: Sequence[str]) -> Sequence[FacetCount]:
    by_value = {choice.value: choice.count for choice in counts}
    return [FacetCount(str(value), by_value.get(str(value), 0)) for value in values]


def _link(chosen: QueueFilter, sort: Sort, name: str, value: str, count: int | None) -> FacetLink:
    return FacetLink(
        value=value,
        count=count,
        query=query.write(query.toggled(chosen, name, value), sort),
        chosen=getattr(chosen, name) == value,
    )


def _active(chosen: QueueFilter, sort: Sort) -> Sequence[tuple[str, str, str]]:
    """Return each active restriction: its name, its value, and the query without it."""
    fields = {"kind", "source", "holder", "mark", "right_kind", "country", "band", "signal", "text"}
    return [
        (name, str(getattr(chosen, name)), query.write(_without(chosen, name), sort))
        for name in sorted(fields)
        if getattr(chosen, name) is not None
    ]


def _without(chosen: QueueFilter, name: str) -> QueueFilter:
    nothing: dict[str, Any] = {name: None}
    return replace(chosen, **nothing)


ROUTES = (Route("/", show_queue, name="queue"),)

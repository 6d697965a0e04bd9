"""The state of the watch itself: sources, runs and watchlists."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ipwatch.store import review, runs
from ipwatch.web.pages import page, source_health
from ipwatch.web.site import site_of

RUNS_SHOWN = 200
# In the order of the work: requests, then records, then findings.
COUNTS = (
    "planned",
    "fetched",
    "unchanged",
    "gone",
    "failed",
    "parsed",
    "refused",
    "new",
    "changed",
    "screened",
    "found",
)


# Conditions with advice on what a person can do.
ADVISED = ("cut_off", "overdue", "unscheduled", "wrong_settings", "never", "not_configured", "switched_off")


def show_sources(request: Request) -> Response:
    """Answer with every source that can be read or ever was."""
    site = site_of(request)
    with site.database.read_session() as session:
        overviews = review.list_sources(session)
    health = source_health(site)
    return page(
        request,
        "sources.html",
        names=sorted(health, key=lambda name: (not health[name].expected, name)),
        overviews=overviews,
        health=health,
        setups=site.setups,
        advised=ADVISED,
        counts=COUNTS[:-2],
    )


def show_runs(request: Request) -> Response:
    """Answer with the newest runs."""
    with site_of(request).database.read_session() as session:
        newest = runs.recent_runs(session, RUNS_SHOWN)
    return page(request, "runs.html", runs=newest, shown=RUNS_SHOWN, counts=COUNTS)


def show_watchlists(request: Request) -> Response:
    """Answer with the watchlists in use and how many cases each mark has."""
    with site_of(request).database.read_session() as session:
        watches = review.list_watches(session)
    return page(request, "watchlists.html", watches=watches)


ROUTES = (
    Route("/sources", show_sources, name="sources"),
    Route("/runs", show_runs, name="runs"),
    Route("/watchlists", show_watchlists, name="watchlists"),
)

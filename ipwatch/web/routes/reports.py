"""The periodic summary on a page, and its files to take away."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ipwatch.errors import ConfigError
from ipwatch.pipeline.report import JST, gather, reconcile
from ipwatch.reports.csv_table import COVERAGE_MEASURES, MEASURES, render_csv
from ipwatch.reports.data import SEEN_STEPS, ReportData
from ipwatch.reports.html_page import render_html
from ipwatch.reports.strings import Language, label, text
from ipwatch.web.language import choose_language
from ipwatch.web.pages import page
from ipwatch.web.site import site_of

_BAD_REQUEST = 400
_LONGEST = timedelta(days=3660)


def show_report(request: Request) -> Response:
    """Answer with the summary of the period that the address names: this month so far where it names none."""
    data = _gather(request)
    language = _language(request)
    return page(
        request,
        "reports.html",
        data=data,
        words=partial(text, language=language),
        label=partial(label, language=language, names=data.names),
        states=MEASURES,
        coverage_measures=COVERAGE_MEASURES,
        seen=SEEN_STEPS,
        widest=max((step.count for step in data.funnel), default=0) or 1,
    )


def download_csv(request: Request) -> Response:
    """Answer with the summary as open data."""
    data = _gather(request)
    return _file(render_csv(data), "text/csv; charset=utf-8", f"{_stem(data)}.csv")


def download_html(request: Request) -> Response:
    """Answer with the summary as one self-contained page, as a file: its inline style is not for this site."""
    data = _gather(request)
    language = _language(request)
    return _file(render_html(data, language), "text/html; charset=utf-8", f"{_stem(data)}.{language}.html")


def _gather(request: Request) -> ReportData:
    site = site_of(request)
    today = site.now().astimezone(JST).date()
    first = _day(request, "from", today.replace(day=1))
    last = _day(request, "to", today)
    if last - first > _LONGEST:
        raise HTTPException(_BAD_REQUEST, f"the period is longer than {_LONGEST.days} days")
    try:
        data = gather(
            site.database,
            first_day=first,
            last_day=last,
            made_at=site.now(),
            setups=site.setups,
            locks=site.locks,
        )
    except ConfigError as error:
        raise HTTPException(_BAD_REQUEST, str(error)) from None
    reconcile(data)
    return data


def _language(request: Request) -> Language:
    return "ja" if choose_language(request) == "ja" else "en"


def _day(request: Request, name: str, otherwise: date) -> date:
    given = request.query_params.get(name)
    if not given:
        return otherwise
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise HTTPException(_BAD_REQUEST, f"{name}: {given!r} is no day; write it like 2026-01-31") from None


def _stem(data: ReportData) -> str:
    return f"ipwatch-{data.first_day.isoformat()}-{data.last_day.isoformat()}"


def _file(content: bytes, media_type: str, name: str) -> Response:
    return Response(content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})


ROUTES = (
    Route("/reports", show_report, name="reports"),
    Route("/reports/summary.csv", download_csv, name="report_csv"),
    Route("/reports/summary.html", download_html, name="report_html"),
)

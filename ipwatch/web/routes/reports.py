"""The periodic summary as a page and as files for download."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ipwatch.pipeline.report import JST, gather, reconcile
from ipwatch.reports.csv_table import COVERAGE_MEASURES, EXPOSURE_MEASURES, MEASURES, render_csv
from ipwatch.reports.data import VOLUME_STEPS, ReportData
from ipwatch.reports.html_page import render_html
from ipwatch.reports.words import Language, label, text
from ipwatch.web.failures import Problem
from ipwatch.web.language import choose_language
from ipwatch.web.pages import page
from ipwatch.web.show import shortened
from ipwatch.web.site import site_of

_BAD_REQUEST = 400
_MAX_PERIOD = timedelta(days=3660)
# At the ends of the calendar, midnight in Japan has no representation in UTC.
_OF_OUR_TIME = (1900, 2200)


def show_report(request: Request) -> Response:
    """Answer with the summary of the period in the URL, by default this month so far."""
    data = _gather(request)
    language = _language(request)
    return page(
        request,
        "reports.html",
        data=data,
        words=partial(text, language=language),
        label=partial(label, language=language, names=data.names),
        states=MEASURES,
        exposure_measures=EXPOSURE_MEASURES,
        coverage_measures=COVERAGE_MEASURES,
        volume_steps=VOLUME_STEPS,
        widest=max((step.count for step in data.funnel), default=0) or 1,
    )


def download_csv(request: Request) -> Response:
    """Answer with the summary as open data."""
    data = _gather(request)
    return _file(render_csv(data), "text/csv; charset=utf-8", f"{_stem(data)}.csv")


def download_html(request: Request) -> Response:
    """Answer with the summary as a self-contained page for download: its inline style violates this site's policy."""
    data = _gather(request)
    language = _language(request)
    return _file(render_html(data, language), "text/html; charset=utf-8", f"{_stem(data)}.{language}.html")


def _gather(request: Request) -> ReportData:
    site = site_of(request)
    today = site.now().astimezone(JST).date()
    first = _day(request, "from", today.replace(day=1))
    last = _day(request, "to", today)
    if last < first:
        raise Problem(_BAD_REQUEST, "problem.period_swapped", first=first, last=last)
    if last - first > _MAX_PERIOD:
        raise Problem(_BAD_REQUEST, "problem.period_long", most=_MAX_PERIOD.days)
    data = gather(
        site.database,
        first_day=first,
        last_day=last,
        made_at=site.now(),
        setups=site.setups,
        locks=site.locks,
    )
    reconcile(data)
    return data


def _language(request: Request) -> Language:
    return "ja" if choose_language(request) == "ja" else "en"


def _day(request: Request, name: str, otherwise: date) -> date:
    given = request.query_params.get(name)
    if not given:
        return otherwise
    try:
        day = date.fromisoformat(given)
    except ValueError:
        day = None
    if day is None or not _OF_OUR_TIME[0] <= day.year <= _OF_OUR_TIME[1]:
        raise Problem(_BAD_REQUEST, "problem.day", name=name, value=shortened(given))
    return day


def _stem(data: ReportData) -> str:
    return f"ipwatch-{data.first_day.isoformat()}-{data.last_day.isoformat()}"


def _file(content: bytes, media_type: str, name: str) -> Response:
    return Response(content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})


ROUTES = (
    Route("/reports", show_report, name="reports"),
    Route("/reports/summary.csv", download_csv, name="report_csv"),
    Route("/reports/summary.html", download_html, name="report_html"),
)

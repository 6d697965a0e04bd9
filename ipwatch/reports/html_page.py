"""The summary as one self-contained HTML page that prints well."""

from __future__ import annotations

from datetime import timedelta, timezone
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from ipwatch.reports.csv_table import COVERAGE_MEASURES, EXPOSURE_MEASURES, MEASURES
from ipwatch.reports.data import VOLUME_STEPS, ReportData
from ipwatch.reports.words import Language, label, text

_JST = timezone(timedelta(hours=9), "JST")


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("ipwatch.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render_html(data: ReportData, language: Language) -> bytes:
    """Return the summary as a page in that language, UTF-8."""
    page = (
        _environment()
        .get_template("summary.html")
        .render(
            data=data,
            language=language,
            made_at=data.made_at.astimezone(_JST),
            zone=_JST,
            states=MEASURES,
            exposure_measures=EXPOSURE_MEASURES,
            coverage_measures=COVERAGE_MEASURES,
            volume_steps=VOLUME_STEPS,
            widest=max((step.count for step in data.funnel), default=0) or 1,
            _=lambda key: text(key, language),
            label=lambda key: label(key, language, data.names),
        )
    )
    return page.encode()

"""The summary as open data: one number per row in tidy long format, for spreadsheets and programs.

UTF-8 with BOM and CRLF, as spreadsheets in Japan expect; one value per cell, no merged cells, numbers as numbers
(総務省「統計表における機械判読可能なデータの表記方法の統一ルール」).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from ipwatch.reports.data import ReportData

COLUMNS = ("period_from", "period_to", "table", "group", "measure", "value")
MEASURES = ("suspected", "open", "infringing", "not_infringing", "genuine", "needs_more")
EXPOSURE_MEASURES = ("named", "mentions", "suspected", "earlier")
COVERAGE_MEASURES = (
    "runs",
    "runs_complete",
    "requests",
    "requests_failed",
    "records",
    "records_refused",
    "unread_hours",
)

# Spreadsheets evaluate cells with these beginnings as formulas (OWASP ASVS 5.0, 1.2.10).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\0", "＝", "＋", "－", "＠")


def render_csv(data: ReportData) -> bytes:
    """Return the summary as CSV."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for table, group, measure, value in _cells(data):
        period = (data.first_day.isoformat(), data.last_day.isoformat())
        writer.writerow((*period, table, harmless(group), measure, value))
    return out.getvalue().encode("utf-8-sig")


def harmless(text: str) -> str:
    """Return the text, with a leading apostrophe where a spreadsheet would evaluate it as a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _cells(data: ReportData) -> Iterator[tuple[str, str, str, float]]:
    for step in data.funnel:
        yield "funnel", "", step.key, step.count
    for name, rows in data.breakdowns:
        for row in rows:
            yield from ((name, row.key, measure, getattr(row, measure)) for measure in MEASURES)
    for name, exposed in data.exposures:
        for group in exposed:
            yield from ((name, group.key, measure, getattr(group, measure)) for measure in EXPOSURE_MEASURES)
            if group.per_thousand is not None:
                yield name, group.key, "per_thousand", group.per_thousand
    for coverage in data.coverage:
        for measure in COVERAGE_MEASURES:
            yield "coverage", coverage.source, measure, getattr(coverage, measure)

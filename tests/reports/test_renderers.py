from __future__ import annotations

import csv
import html
import io
import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from ipwatch.records import Coverage, SourceCondition, SourceHealth
from ipwatch.reports.csv_table import COLUMNS, harmless, render_csv
from ipwatch.reports.data import BreakdownRow, ExposureRow, FunnelStep, ReportData
from ipwatch.reports.html_page import render_html
from ipwatch.reports.words import Language, text

COVERED = Coverage(
    source="rakuten",
    runs=3,
    runs_complete=3,
    requests=120,
    requests_failed=0,
    records=900,
    records_refused=0,
    health=SourceHealth(name="rakuten", conditions=(SourceCondition.OK,)),
)


def row(key: str, **counts: int) -> BreakdownRow:
    states = {"open": 0, "infringing": 0, "not_infringing": 0, "genuine": 0, "needs_more": 0} | counts
    return BreakdownRow(key=key, suspected=sum(states.values()), **states)


def exposed(key: str, *, mentions: int = 0, suspected: int = 0, earlier: int = 0) -> ExposureRow:
    return ExposureRow(key=key, mentions=mentions, suspected=suspected, earlier=earlier)


DEGRADED = SourceHealth(name="rakuten", conditions=(SourceCondition.DEGRADED,), message="3 x timeout")

DATA = ReportData(
    first_day=date(2026, 10, 1),
    last_day=date(2026, 10, 31),
    made_at=datetime(2026, 11, 1, 0, 30, tzinfo=UTC),
    software_version="0.1.0",
    matcher_versions=("0",),
    funnel=(
        FunnelStep(key="listings_seen", count=1234),
        FunnelStep(key="filings_seen", count=50),
        FunnelStep(key="comparisons", count=1284),
        FunnelStep(key="named", count=912),
        FunnelStep(key="mentions", count=905),
        FunnelStep(key="earlier", count=2),
        FunnelStep(key="suspected", count=7),
        FunnelStep(key="reviewed", count=4),
        FunnelStep(key="infringing", count=2),
        FunnelStep(key="not_infringing", count=1),
        FunnelStep(key="genuine", count=1),
        FunnelStep(key="needs_more", count=0),
    ),
    by_source=(row("rakuten", open=3, infringing=2), row("=HYPERLINK(1)", not_infringing=1, genuine=1)),
    by_right=(row("regional_collective_mark", open=3, infringing=2, not_infringing=1, genuine=1),),
    by_country=(row("CN", open=3, infringing=2), row("unknown", not_infringing=1, genuine=1)),
    by_holder_kind=(row("regional", open=3, infringing=2, not_infringing=1, genuine=1),),
    by_prefecture=(row("JP-38", open=3, infringing=2, not_infringing=1, genuine=1),),
    exposure_by_source=(exposed("rakuten", mentions=905, suspected=5, earlier=2),),
    exposure_by_holder=(exposed("kazami", mentions=900, suspected=5), exposed("=1+1", mentions=5, earlier=2)),
    exposure_by_right=(exposed("trademark", mentions=905, suspected=5, earlier=2),),
    coverage=(COVERED,),
    names={"kazami": ("風見工業", "Kazami Industries")},
)


def test_the_csv_can_be_read_back_and_its_totals_agree_with_the_page() -> None:
    text = render_csv(DATA).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert tuple(rows[0]) == COLUMNS
    suspected: Counter[str] = Counter()
    for line in rows:
        if line["measure"] == "suspected" and line["table"] != "funnel":
            suspected[line["table"]] += int(line["value"])
    exposures = {name for name, _ in DATA.exposures}
    assert {table: count for table, count in suspected.items() if table in exposures} == dict.fromkeys(exposures, 5)
    assert {count for table, count in suspected.items() if table not in exposures} == {7}
    page = render_html(DATA, "en").decode()
    totals = re.findall(r'<th scope="row">Total</th><td class="n">(\d+)</td>', page)
    assert totals == ["912"] * 3 + ["7"] * 5


def test_suspected_listings_are_counted_per_thousand_that_were_judged() -> None:
    text = render_csv(DATA).decode("utf-8-sig")
    rates = {
        (line["table"], line["group"]): line["value"]
        for line in csv.DictReader(io.StringIO(text))
        if line["measure"] == "per_thousand"
    }
    assert rates == {
        ("exposure_by_source", "rakuten"): "5.5",
        ("exposure_by_holder", "kazami"): "5.5",
        ("exposure_by_holder", "'=1+1"): "0.0",
        ("exposure_by_right", "trademark"): "5.5",
    }
    assert exposed("x", earlier=3).per_thousand is None
    page = render_html(DATA, "ja").decode()
    assert '<th scope="row">風見工業</th><td class="n">905</td>' in page


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_page_defines_both_words_and_what_earlier_versions_flagged(language: Language) -> None:
    page = render_html(DATA, language).decode()
    for note in ("note.suspected", "note.mention", "note.earlier"):
        assert text(note, language) in html.unescape(page)


def test_the_csv_is_what_spreadsheets_expect() -> None:
    content = render_csv(DATA)
    assert content.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in content
    assert b"\r\r" not in content


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM", "\t=1", "＝1", "－1"])
def test_no_cell_begins_a_formula(text: str) -> None:
    assert harmless(text) == f"'{text}"


def test_an_ordinary_cell_stands_as_it_is() -> None:
    assert harmless("今治タオル") == "今治タオル"


def test_the_page_speaks_the_language_asked_for_and_escapes_what_comes_from_outside() -> None:
    hostile = replace(DATA, by_country=(row("<script>alert(1)</script>", open=7),))
    japanese, english = render_html(hostile, "ja").decode(), render_html(hostile, "en").decode()
    assert '<html lang="ja">' in japanese
    assert "侵害の疑い" in japanese
    assert '<html lang="en">' in english
    assert "Suspected" in english
    assert "<script" not in japanese + english


def test_a_partly_read_period_says_so() -> None:
    partly = replace(DATA, coverage=(replace(COVERED, runs_complete=2, health=DEGRADED),))
    assert not partly.complete
    assert text("incomplete", "ja") in render_html(partly, "ja").decode()
    assert text("incomplete", "ja") not in render_html(DATA, "ja").decode()


def test_a_period_in_which_nothing_ran_says_so() -> None:
    assert text("no_coverage", "en") in render_html(replace(DATA, coverage=()), "en").decode()

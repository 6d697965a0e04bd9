"""A source that is not read for long, cut off, without a schedule or wrongly set is named on every page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from web.asking import HOST, Client
from web.conftest import Filled
from web.world import NOW

from ipwatch.pipeline.source_lock import alone
from ipwatch.records import SourceSetup
from ipwatch.sources import load_sources
from ipwatch.store import runs, sources
from ipwatch.web import create_app

PAGES = ("/", "/sources", "/runs", "/watchlists", "/reports", "/cases/1", "/nosuch")
SETUPS = {name: SourceSetup(info=source.INFO, scheduled=True) for name, source in load_sources().items()}


def client_of(filled: Filled, setups: Mapping[str, SourceSetup], locks: Path | None = None) -> Client:
    return Client(
        create_app(
            filled.database,
            evidence_root=filled.evidence_root,
            now=lambda: NOW,
            allowed_hosts=(HOST,),
            setups=setups,
            locks=locks,
        )
    )


def banner(page: str) -> str:
    """The words of the band below the header, and nothing else of the page."""
    match = re.search(r'<div class="banner" role="status"><div>(.*?)</div></div>', page, re.DOTALL)
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", match[1]))) if match else ""


def footer(page: str) -> str:
    match = re.search(r"<footer>(.*?)</footer>", page, re.DOTALL)
    assert match is not None
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", match[1])))


def read_all(filled: Filled, *, ago: timedelta) -> None:
    """Let every source have been read in full so long ago."""
    with filled.database.write_session() as session:
        for name in SETUPS:
            run = runs.start_run(session, kind="collect", source=name, now=NOW - ago)
            runs.finish_run(session, run, state="done", now=NOW - ago)
            sources.set_state(session, name, "ok", run_id=run, now=NOW - ago)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(
    ("lang", "overdue", "cut_off"),
    [
        ("en", "overdue, last read 3 h ago", "cut off, last progress 9 h ago"),
        ("ja", "巡回が途絶えている（最終 3時間前）", "中断したまま（最終の進行 9時間前）"),
    ],
)
def test_an_overdue_and_a_cut_off_source_stand_on_every_page(
    filled: Filled, path: str, lang: str, overdue: str, cut_off: str
) -> None:
    read_all(filled, ago=timedelta(hours=3))
    with filled.database.write_session() as session:
        run = runs.start_run(session, kind="register", source="uspto", now=NOW - timedelta(hours=9))
        assert run
    setups = SETUPS | {"ebay": replace(SETUPS["ebay"], interval=timedelta(hours=1))}
    text = banner(client_of(filled, setups).get(f"{path}?lang={lang}").text)
    assert f"eBay: {overdue}" in text
    assert cut_off in text
    assert "shopify" not in text.lower()


@pytest.mark.parametrize("path", PAGES)
def test_where_every_source_was_read_no_page_warns(filled: Filled, path: str) -> None:
    read_all(filled, ago=timedelta(hours=3))
    assert banner(client_of(filled, SETUPS).get(path).text) == ""


def test_the_same_sources_are_overdue_two_days_later_without_a_word_of_theirs(filled: Filled) -> None:
    read_all(filled, ago=timedelta(days=2, minutes=1))
    text = banner(client_of(filled, SETUPS).get("/?lang=en").text)
    # The world has read one of them in part four hours ago.
    assert text.count("overdue, last read 2 d ago") == len(SETUPS) - 1


def test_a_run_whose_process_lives_is_not_cut_off(filled: Filled, tmp_path: Path) -> None:
    read_all(filled, ago=timedelta(hours=3))
    with filled.database.write_session() as session:
        runs.start_run(session, kind="collect", source="webshop", now=NOW - timedelta(minutes=10))
    client = client_of(filled, SETUPS, locks=tmp_path)
    with alone(tmp_path, "webshop"):
        assert "cut off" not in banner(client.get("/?lang=en").text)
    assert "cut off" in banner(client.get("/?lang=en").text)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("lang", "words"), [("en", ("not configured", "switched off")), ("ja", ("未設定", "停止中"))])
def test_what_is_not_to_be_read_is_named_below_and_nowhere_as_failed(
    filled: Filled, path: str, lang: str, words: tuple[str, str]
) -> None:
    read_all(filled, ago=timedelta(hours=3))
    with filled.database.write_session() as session:
        sources.set_state(session, "ebay", "failed", message="ebay: not configured; set …", now=NOW)
    setups = SETUPS | {
        "ebay": replace(SETUPS["ebay"], missing=("IPWATCH_SOURCES__EBAY__CREDENTIALS__CLIENT_ID",), touched=False),
        "uspto": replace(SETUPS["uspto"], enabled=False),
    }
    page = client_of(filled, setups).get(f"{path}?lang={lang}").text
    assert "eBay" not in banner(page)
    assert f"eBay ({words[0]})" in footer(page)
    assert words[1] in footer(page)
    if path == "/sources":
        assert "IPWATCH_SOURCES__EBAY__CREDENTIALS__CLIENT_ID" in page
        assert "ebay: not configured; set …" not in page


@pytest.mark.parametrize(
    ("lang", "words"), [("en", ("no schedule", "settings wrong")), ("ja", ("予定なし", "設定に誤り"))]
)
def test_a_source_without_a_schedule_and_one_that_is_wrongly_set_are_named(
    filled: Filled, lang: str, words: tuple[str, str]
) -> None:
    read_all(filled, ago=timedelta(hours=3))
    setups = SETUPS | {
        "shopify": replace(SETUPS["shopify"], scheduled=False),
        "webshop": replace(SETUPS["webshop"], problem="webshop: 'ftp://x' is no http(s) address"),
    }
    client = client_of(filled, setups)
    text = banner(client.get(f"/?lang={lang}").text)
    assert all(word in text for word in words)
    assert "webshop: 'ftp://x' is no http(s) address" in unescape(client.get(f"/sources?lang={lang}").text)


def test_the_summary_on_a_page_lists_the_coverage(filled: Filled) -> None:
    read_all(filled, ago=timedelta(hours=3))
    page = client_of(filled, SETUPS | {"ebay": replace(SETUPS["ebay"], missing=("X",), touched=False)})
    text = page.get("/reports?lang=en").text
    assert "How completely the sources were read" in text
    assert "Longest time unread (hours)" in text

"""A server that sends a wrong body once and then 304: the hidden records return, and the failure is reported."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from pipeline.conftest import NOW
from pipeline.shop import EMPTY_SITEMAP, HTML, JSON, XML, Shop, product, serving, tag_of, watching
from sqlalchemy import select

from ipwatch.pipeline.cycle import collect_one
from ipwatch.pipeline.validators import MAX_TRUST, is_due_in_full
from ipwatch.pipeline.workspace import Workspace
from ipwatch.records import Document, Request, RequestKind
from ipwatch.store import captures, issues
from ipwatch.store.runs import RunReport
from ipwatch.store.tables import ListingRow

WAITING = b"<html><head><title>One moment</title></head><body><p>The shop is very busy. One moment.</p></body></html>"


@pytest.fixture
def shop() -> Iterator[Shop]:
    with serving() as served:
        yield served


@pytest.fixture
def watch(shop: Shop, tmp_path: Path) -> Iterator[Workspace]:
    with watching(shop, tmp_path) as opened:
        yield opened


def titles(workspace: Workspace) -> set[str | None]:
    return workspace.database.read(lambda session: set(session.scalars(select(ListingRow.title))))


def reported(workspace: Workspace, source: str, report: RunReport) -> list[str]:
    newest = workspace.database.read(lambda session: issues.recent_issues(session, source, 50))
    return [noted.issue.message for noted in newest if noted.run_id == report.id]


def test_a_page_that_came_wrong_at_first_is_asked_for_in_full_until_it_holds_its_listing(
    shop: Shop, watch: Workspace
) -> None:
    shop.offer("/products/cup", "/products/bowl")
    shop.bodies["/products/bowl"] = HTML, WAITING
    first = collect_one("webshop", watch)
    assert titles(watch) == {"Cup 0"}
    assert any("1 pages held no listing" in message for message in reported(watch, "webshop", first))
    shop.bodies["/products/bowl"] = HTML, product("Cup 1")
    shop.asked.clear()
    second = collect_one("webshop", watch)
    assert titles(watch) == {"Cup 0", "Cup 1"}
    assert reported(watch, "webshop", second) == []
    assert shop.conditional("/products/bowl") == [False]
    assert shop.conditional("/products/cup") == [True]
    collect_one("webshop", watch)
    assert shop.conditional("/products/bowl") == [True]


def test_a_body_without_record_that_was_trusted_before_is_trusted_once_at_most(shop: Shop, watch: Workspace) -> None:
    shop.offer("/products/cup")
    url, body = f"{shop.address}/products/cup", WAITING
    kept = Document(
        source="webshop",
        kind=RequestKind.PAGE,
        url=url,
        final_url=url,
        status=200,
        headers=(("ETag", tag_of("/products/cup")),),
        fetched_at=NOW,
        sha256=hashlib.sha256(body).hexdigest(),
        size=len(body),
        content=body,
    )
    request = Request(source="webshop", url=url, kind=RequestKind.PAGE)
    watch.evidence.put(kept, request=request, request_headers=(), remote_address=None)
    # As an earlier version left it: the page gave nothing, and its validator was kept.
    watch.database.write(lambda session: captures.add_capture(session, kept, run_id=None))
    first = collect_one("webshop", watch)
    assert shop.conditional("/products/cup") == [True]
    assert any("1 pages held no listing" in message for message in reported(watch, "webshop", first))
    collect_one("webshop", watch)
    assert shop.conditional("/products/cup") == [False]
    assert titles(watch) == {"Cup 0"}


def test_a_sitemap_that_came_empty_once_is_asked_for_in_full(shop: Shop, watch: Workspace) -> None:
    shop.offer("/products/cup")
    shop.bodies["/sitemap.xml"] = XML, EMPTY_SITEMAP
    collect_one("webshop", watch)
    assert titles(watch) == set()
    shop.offer("/products/cup")
    shop.asked.clear()
    collect_one("webshop", watch)
    assert titles(watch) == {"Cup 0"}
    assert shop.conditional("/sitemap.xml") == [False]


def catalogue(*names: str) -> tuple[str, bytes]:
    products = [f'{{"id": {number}, "title": "{name}", "handle": "p{number}"}}' for number, name in enumerate(names)]
    return JSON, f'{{"products": [{", ".join(products)}]}}'.encode()


def test_a_search_that_finds_nothing_where_it_found_something_is_reported_and_not_trusted(
    shop: Shop, watch: Workspace
) -> None:
    path = "/products.json"
    shop.bodies[path] = catalogue("Cup", "Bowl")
    assert collect_one("shopify", watch).parsed == 2
    assert collect_one("shopify", watch).parsed == 2
    assert shop.conditional(path) == [False, True]
    # The tag of what came is another one for the server, as that of a cache in front of it may be.
    shop.bodies[path] = catalogue()
    a_week_later = replace(watch, now=lambda: NOW + MAX_TRUST)
    wrong = collect_one("shopify", a_week_later)
    assert shop.conditional(path) == [False]
    assert (wrong.parsed, wrong.refused) == (0, 1)
    assert any("brought 2 records" in message for message in reported(watch, "shopify", wrong))
    assert wrong.message is not None
    shop.bodies[path] = catalogue("Cup", "Bowl", "Plate")
    assert collect_one("shopify", a_week_later).new == 1
    assert shop.conditional(path) == [False]


def test_a_search_that_never_found_anything_is_no_fault(shop: Shop, watch: Workspace) -> None:
    shop.bodies["/products.json"] = catalogue()
    for _ in range(2):
        report = collect_one("shopify", watch)
        assert reported(watch, "shopify", report) == []
        assert (report.state, report.refused) == ("done", 0)


def test_a_wrong_body_that_the_server_stands_by_is_read_in_full_again_within_a_week(
    shop: Shop, watch: Workspace
) -> None:
    pages = [f"/products/{number}" for number in range(40)]
    shop.offer(*pages)
    collect_one("webshop", watch)
    # A shop that never changes its tags: what it sells has changed all the same.
    for page in pages:
        shop.bodies[page] = HTML, product("Cup 999")
    full: list[int] = []
    for day in range(1, 9):
        shop.asked.clear()
        now = NOW + timedelta(days=day)
        collect_one("webshop", replace(watch, now=lambda now=now: now))  # type: ignore[misc]  # bound on purpose
        full.append(sum(had is False for page in pages for had in shop.conditional(page)))
    assert sum(full[:7]) == len(pages)
    assert max(full) < len(pages) / 2, full
    assert titles(watch) == {"Cup 999"}


def test_every_address_is_due_in_full_within_a_week_and_not_all_at_once() -> None:
    urls = [f"https://shop.example/{number}" for number in range(1000)]
    assert not any(is_due_in_full(url, NOW, NOW) for url in urls)
    due = [sum(is_due_in_full(url, NOW, NOW + timedelta(days=day)) for url in urls) for day in range(8)]
    assert due[7] == len(urls)
    assert all(100 < after - before < 200 for before, after in pairwise(due))

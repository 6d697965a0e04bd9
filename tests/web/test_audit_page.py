"""The page of the audit trail: who did what, and whether the record of it is whole."""

from __future__ import annotations

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup, Tag
from sqlalchemy import text
from web.asking import Client
from web.conftest import Filled
from web.world import NOW

from ipwatch.store import accounts, audit, audit_checks
from ipwatch.web.routes.audit import EVENTS_SHOWN


def add_events(filled: Filled, count: int) -> None:
    with filled.database.write_session() as session:
        for number in range(count):
            audit.append(
                session,
                actor="<b>白井</b>\u202e",
                action="case.decided",
                target=f"case:{number + 1}",
                detail={"verdict": "genuine", "from": "open", "to": "closed_genuine", "finding": 3, "note": "正規店"},
                now=NOW + timedelta(seconds=number),
            )


def tamper(filled: Filled, statement: str) -> None:
    with filled.database.write_session() as session:
        for verb in ("update", "delete"):
            session.execute(text(f"DROP TRIGGER audit_event_{verb}_refused"))
        session.execute(text(statement))


def soup(page: str) -> BeautifulSoup:
    return BeautifulSoup(page, "html.parser")


def numbers(page: BeautifulSoup) -> list[int]:
    return [int(cell.text) for cell in page.select(".audit-events tbody td:first-child")]


def link(page: BeautifulSoup, rel: str) -> str | None:
    anchor = page.select_one(f"a[rel={rel}]")
    return None if anchor is None else str(anchor["href"])


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("ja", ("監査記録", "未検証", "案件を判断", "真正品と判断", "未判断")),
        ("en", ("Audit trail", "never verified", "Decided a case", "decided: genuine", "open")),
    ],
)
def test_who_did_what_is_shown_in_the_language_of_the_reader(
    client: Client, filled: Filled, lang: str, words: tuple[str, ...]
) -> None:
    add_events(filled, 3)
    page = client.get(f"/audit?lang={lang}")
    shown = soup(page.text).text
    for word in words:
        assert word in shown
    assert "<b>白井</b>" in shown
    assert "\u202e" not in page.text
    assert 'href="/cases/3"' in page.text


def test_events_are_paged_by_cursor(client: Client, filled: Filled) -> None:
    add_events(filled, EVENTS_SHOWN * 2 + 7)
    listed: list[int] = []
    path: str | None = "/audit"
    while path:
        page = soup(client.get(path).text)
        listed += numbers(page)
        path = link(page, "next")
    assert listed == list(range(EVENTS_SHOWN * 2 + 7, 0, -1))
    back = link(page, "prev")
    assert back is not None
    assert numbers(soup(client.get(back).text)) == list(range(7 + EVENTS_SHOWN, 7, -1))


@pytest.mark.parametrize("query", ["before=x", "after=-1", "before=" + "9" * 40, "before=0x1", "after=1e3"])
def test_a_cursor_that_is_none_is_refused(client: Client, query: str) -> None:
    assert client.get(f"/audit?{query}").status_code == 400


def test_a_verification_says_until_which_event_and_what_came_since(client: Client, filled: Filled) -> None:
    add_events(filled, 5)
    assert client.post("/audit/verify", {}).headers["location"] == "/audit"
    add_events(filled, 2)
    page = soup(client.get("/audit?lang=en").text)
    check = page.select_one(".audit-check")
    assert check is not None
    assert "All 5 events up to #5 are as they were written." in check.text
    since = check.find("dt", string="Events since")
    assert isinstance(since, Tag)
    assert since.find_next("dd").text == "2"  # type: ignore[union-attr] # each has one
    with filled.database.read_session() as session:
        assert str(audit_checks.latest(session).head) in check.text  # type: ignore[union-attr] # just recorded


def test_what_was_tampered_with_is_named_by_verification_and_on_the_line(client: Client, filled: Filled) -> None:
    add_events(filled, 5)
    tamper(filled, "UPDATE audit_event SET actor = 'another' WHERE id = 3")
    client.post("/audit/verify", {})
    page = soup(client.get("/audit?lang=en").text)
    alert = page.select_one(".audit-check [role=alert]")
    assert alert is not None
    assert "insertions: 1" in alert.text
    assert [row.select_one("td").text for row in page.select("tr.broken")] == ["3"]  # type: ignore[union-attr] # each has one
    assert "its content is not what was written" in page.text


def test_removed_newest_events_are_found_after_a_verification(client: Client, filled: Filled) -> None:
    add_events(filled, 5)
    client.post("/audit/verify", {})
    tamper(filled, "DELETE FROM audit_event WHERE id > 3")
    client.post("/audit/verify", {})
    assert "removed or written again" in client.get("/audit?lang=en").text


def test_an_event_that_cannot_be_read_does_not_hide_the_others(client: Client, filled: Filled) -> None:
    add_events(filled, 5)
    tamper(filled, "UPDATE audit_event SET at = 'yesterday', detail = '[' WHERE id = 3")
    page = client.get("/audit")
    assert page.status_code == 200
    assert numbers(soup(page.text)) == [5, 4, 3, 2, 1]


def test_the_page_needs_a_sign_in_where_there_are_accounts(client: Client, filled: Filled) -> None:
    assert client.get("/audit").status_code == 200
    account = accounts.new_account("hanako", "花子", role="reviewer", password="seven invented lamps")
    with filled.database.write_session() as session:
        accounts.add_account(session, account, now=NOW)
    assert client.get("/audit").headers["location"] == "/login?next=%2Faudit"
    assert client.post("/audit/verify", {}).status_code == 401


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://evil.example"}])
def test_another_site_starts_no_verification(client: Client, headers: dict[str, str]) -> None:
    assert client.post("/audit/verify", {}, **headers).status_code == 403

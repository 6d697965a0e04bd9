"""Mentions and suspicion on the pages: two numbers, two columns of signs, and the listings that only name a mark."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from pipeline.judged_shop import CHEAP, COPY, MARKET, NOW, ON, TEA, TOWEL, store, workspace
from sqlalchemy import select
from web.asking import Client
from web.world import HOSTILE

from ipwatch.pipeline.screen import Screening
from ipwatch.store.session import Database
from ipwatch.store.tables import CaseRow
from ipwatch.web import create_app


@pytest.fixture
def database(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    path = tmp_path / "ipwatch.db"
    path.write_bytes(sqlite_template.read_bytes())
    opened = Database(f"sqlite:///{path}")
    hostile = replace(MARKET[0], title=f"風見タオル {HOSTILE[0]} {HOSTILE[1]} バスタオル")
    store(opened, (hostile, *MARKET[1:]))
    screen(opened, tmp_path)
    yield opened
    opened.dispose()


@pytest.fixture
def client(database: Database, tmp_path: Path) -> Client:
    return Client(
        create_app(database, evidence_root=tmp_path / "evidence", now=lambda: NOW, allowed_hosts=("127.0.0.1",))
    )


def screen(database: Database, folder: Path) -> None:
    screened = Screening(workspace(database, folder), on=ON)
    while screened.step():
        pass
    screened.conclude()


def case_of(database: Database, subject: str) -> int:
    with database.read_session() as session:
        return session.scalars(select(CaseRow.id).where(CaseRow.subject == subject)).one()


def text_of(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return BeautifulSoup(response.text, "html.parser").get_text(" ", strip=True)


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("ja", ("侵害の疑い", "侵害をうかがわせる", "疑いの度合い", "関連度")),
        ("en", ("Suspected infringement of", "for infringement", "against infringement", "Suspicion", "relevance")),
    ],
)
def test_a_case_shows_both_numbers_and_what_speaks_for_and_against(
    client: Client, database: Database, lang: str, words: tuple[str, ...]
) -> None:
    shown = text_of(client, f"/cases/{case_of(database, COPY.subject)}?lang={lang}")
    for word in words[:1] + words[-2:]:
        assert word in shown
    assert "0.80" in shown
    assert "スーパーコピー" in shown


def test_the_queue_names_the_strongest_sign(client: Client) -> None:
    shown = text_of(client, "/?lang=en")
    assert "2 cases" in shown
    assert shown.index(str(COPY.title)) < shown.index(str(CHEAP.title))
    assert "the seller's own word for a copy" in shown


def test_a_case_that_is_a_mention_now_is_found_under_its_kind(
    client: Client, database: Database, tmp_path: Path
) -> None:
    store(database, [replace(COPY, title="風見タオル バスタオル 無地")])
    screen(database, tmp_path)
    assert "1 cases" in text_of(client, "/?lang=en")
    shown = text_of(client, "/?kind=mention&lang=en")
    assert "風見タオル バスタオル 無地" in shown
    page = text_of(client, f"/cases/{case_of(database, COPY.subject)}?lang=en")
    assert "Suspected infringement of" not in page
    assert "Why it is a mention only" in page
    assert "2 cases" in text_of(client, "/?kind=all&lang=en")


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("ja", ("現在は対象外", "以前の検知は下に残ります", "侵害をうかがわせる兆候")),
        ("en", ("no longer flagged", "Flagged for “風見タオル” earlier, not any more", "for infringement")),
    ],
)
def test_a_case_that_is_not_flagged_any_more_says_so_above_what_was_found(
    client: Client, database: Database, tmp_path: Path, lang: str, words: tuple[str, ...]
) -> None:
    store(database, [replace(COPY, title="無地のバスタオル")])
    screen(database, tmp_path)
    page = text_of(client, f"/cases/{case_of(database, COPY.subject)}?lang={lang}")
    assert [page.index(word) for word in words] == sorted(page.index(word) for word in words)
    assert "無地のバスタオル" in text_of(client, f"/?kind=neither&lang={lang}")
    assert "無地のバスタオル" not in text_of(client, f"/?lang={lang}")


def test_mentions_are_listed_searched_and_counted(client: Client) -> None:
    assert "20 listings name it, 2 suspected" in text_of(client, "/mentions?lang=en")
    of_tea = text_of(client, f"/mentions?mark={TEA.key}&lang=ja")
    assert "言及する出品 5 件、うち侵害の疑い 0 件" in of_tea
    assert str(COPY.title) not in of_tea
    searched = text_of(client, "/mentions?q=スーパーコピー&lang=en")
    assert str(COPY.title) in searched
    assert str(CHEAP.title) not in searched
    assert "15 listings name it, 2 suspected" in text_of(client, "/watchlists?lang=en")


def test_mentions_are_answered_as_json(client: Client) -> None:
    answered = client.get(f"/mentions.json?mark={TOWEL.key}&sort=suspicion").json()
    assert answered["counts"] == {"mention": 13, "suspected": 2}
    first = answered["mentions"][0]
    assert (first["subject"], first["kind"], first["suspicion"]) == (COPY.subject, "suspected", 0.8)
    assert [sign["term"] for sign in first["signs"]] == ["copy_word"]
    assert answered["next"] is None


def test_what_a_title_says_is_shown_and_never_run(client: Client) -> None:
    page = BeautifulSoup(client.get("/mentions").text, "html.parser")
    assert HOSTILE[0] in page.get_text()
    assert [script.get("src") for script in page.find_all("script")] == ["/static/app.js"]
    assert page.find("img", src="x") is None


@pytest.mark.parametrize(
    "query",
    ["kind=infringing", "sort=price", "after=nowhere", "after=1~1", "after=abc~1&sort=suspicion", "q=" + "長" * 201],
)
def test_a_filter_that_cannot_be_read_is_refused(client: Client, query: str) -> None:
    assert client.get(f"/mentions?{query}").status_code == 400
    assert client.get(f"/mentions.json?{query}").status_code == 400


def test_the_summary_on_the_page_counts_both(client: Client) -> None:
    shown = text_of(client, "/reports?lang=en")
    assert "Suspected per 1,000 judged" in shown
    assert "100.0" in shown

from __future__ import annotations

import io
import re
from datetime import timedelta
from decimal import Decimal

import pytest
from bs4 import BeautifulSoup
from PIL import Image
from sqlalchemy import select
from starlette.routing import Route
from web.asking import Client
from web.conftest import Filled
from web.world import BRANDS, HOSTILE, NOW

from ipwatch.store import accounts, review
from ipwatch.store.tables import FindingRow
from ipwatch.web import create_app
from ipwatch.web.guard import SECURITY_HEADERS
from ipwatch.web.routes import audit, case, evidence, login, overview, queue

PAGES = (
    "/",
    "/?state=all&sort=due",
    "/cases/1",
    "/cases/72",
    "/cases/1/original",
    "/sources",
    "/runs",
    "/watchlists",
    "/audit",
    "/login",
)


def soup(text: str) -> BeautifulSoup:
    return BeautifulSoup(text, "html.parser")


def case_ids(text: str) -> list[int]:
    links = soup(text).select("[data-row]")
    return [int(re.search(r"/cases/(\d+)", str(link["href"])).group(1)) for link in links]  # type: ignore[union-attr] # the href is ours


def decision(client: Client, case_id: int, **changes: str) -> dict[str, str]:
    form = soup(client.get(f"/cases/{case_id}").text).select_one("form.decide")
    assert form is not None
    version = form.select_one("[name=version]")
    assert version is not None
    return {"version": str(version["value"]), "verdict": "genuine", "reviewer": "審査 花子", "note": ""} | changes


# --- reading ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("lang", ["ja", "en"])
def test_every_page_answers_in_both_languages_with_all_headers(client: Client, path: str, lang: str) -> None:
    response = client.get(path + ("&" if "?" in path else "?") + f"lang={lang}")
    assert response.status_code == 200
    assert soup(response.text).html["lang"] == lang  # type: ignore[index] # there is always a root
    for name, value in SECURITY_HEADERS.items():
        assert response.headers[name] == value
    assert response.headers["cache-control"] == "no-store"


def test_every_route_is_covered_by_the_header_test_or_named_here() -> None:
    paths = {
        route.path
        for module in (queue, case, evidence, overview, login, audit)
        for route in module.ROUTES
        if isinstance(route, Route)
    }
    elsewhere = {
        "/cases/{case_id}/decisions",
        "/logout",
        "/audit/verify",
        "/evidence/{sha256}",
        "/evidence/{sha256}/raw",
        "/pictures/{sha256}",
        "/references/{reference_id}",
        "/findings/{finding_id}/correspondence/{number}",
    }
    shown = {re.sub(r"\d+", "{case_id}", page.partition("?")[0]) for page in PAGES}
    assert paths == shown | elsewhere


def test_the_queue_is_best_first_and_pages_without_gap_or_double(client: Client) -> None:
    listed: list[int] = []
    path = "/?state=all"
    while path:
        page = soup(client.get(path).text)
        listed += case_ids(str(page))
        following = page.select_one("a[rel=next]")
        path = str(following["href"]) if following else ""
    assert len(listed) == len(set(listed)) == 60 + len(HOSTILE) + 3


def test_filters_narrow_the_queue_to_what_their_counts_promise(client: Client) -> None:
    page = soup(client.get("/?state=all").text)
    checked = 0
    for link in page.select(".facets a"):
        count = link.select_one(".num")
        if count is None or int(count.text) == 0 or "aria-current" in link.attrs:
            continue
        narrowed = soup(client.get(str(link["href"])).text)
        total = narrowed.select_one(".head .quiet")
        assert total is not None
        assert int(re.sub(r"\D", "", total.text)) == int(count.text), link.text
        checked += 1
    assert checked > 15


def test_text_and_signal_filters(client: Client) -> None:
    assert "カザミ" in client.get("/?q=カザミ&state=all").text
    assert len(case_ids(client.get("/?signal=image").text)) > 5
    assert case_ids(client.get("/?q=%25").text) == case_ids(client.get("/?q=%25").text)
    assert case_ids(client.get("/?q=no-such-thing").text) == []


def test_an_empty_queue_does_not_say_that_there_is_nothing_while_a_source_is_unread(client: Client) -> None:
    text = client.get("/?q=no-such-thing&lang=en").text
    assert "does not mean that there is nothing" in text
    assert "blocked" in text


@pytest.mark.parametrize(
    "path",
    [
        "/?state=x",
        "/?sort=x",
        "/?band=x",
        "/?right_kind=x",
        "/?after=x",
        "/?after=x~1",
        "/?sort=due&before=99~1",
        "/?q=" + "a" * 300,
    ],
)
def test_an_unknown_value_is_refused_by_name(client: Client, path: str) -> None:
    assert client.get(path).status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "/cases/0",
        "/cases/999",
        "/cases/x",
        "/cases/9" + "9" * 40,
        "/evidence/zz",
        "/evidence/" + "0" * 64,
        "/pictures/" + "0" * 64,
        "/references/999",
        "/findings/999/correspondence/0",
        "/findings/1/correspondence/999",
        "/findings/x/correspondence/0",
        "/nowhere",
    ],
)
def test_what_is_not_there_is_404(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_case_shows_reasons_that_add_up_to_its_score(client: Client) -> None:
    for case_id in (1, 2, 3, 72):
        page = soup(client.get(f"/cases/{case_id}?lang=en").text)
        parts = [cell.text for cell in page.select(".signals tbody td:last-child")]
        added = sum(
            (Decimal(part.strip().replace("−", "-")) for part in parts if part.strip() != "support"), Decimal(0)
        )
        total = page.select_one(".signals .sum td")
        cut = page.select_one(".signals tfoot tr:not(.sum) td")
        assert total is not None
        added += Decimal(cut.text.strip().replace("−", "-")) if cut else 0
        assert abs(added - Decimal(total.text.strip())) <= Decimal("0.002")
        assert page.select(".signals tbody tr")


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_a_reason_lists_what_is_written_otherwise_in_the_language_of_the_reader(client: Client, lang: str) -> None:
    listed = 0
    for case_id in (1, 2, 3, 4, 5, 6):
        for item in soup(client.get(f"/cases/{case_id}?lang={lang}").text).select(".signals .differences li"):
            listed += 1
            assert "{" not in item.text
            assert ("「" in item.text or "（" in item.text) == (lang == "ja")
    assert listed > 2


def test_matched_spans_are_marked_and_pictures_stand_side_by_side(client: Client) -> None:
    case_id = case_ids(client.get("/?signal=image").text)[-1]
    page = soup(client.get(f"/cases/{case_id}").text)
    assert page.select(".sides mark")
    sources = [str(image["src"]) for image in page.select(".duo img")]
    assert len(sources) >= 2
    for source in sources:
        answer = client.get(source)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "image/png"
        assert answer.content.startswith(b"\x89PNG")


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_where_pictures_correspond_is_drawn_and_captioned(client: Client, lang: str) -> None:
    case_id = case_ids(client.get("/?signal=image").text)[0]
    page = soup(client.get(f"/cases/{case_id}?lang={lang}").text)
    drawn, caption = page.select_one(".correspondence img"), page.select_one(".correspondence figcaption")
    assert drawn is not None
    assert caption is not None
    answer = client.get(str(drawn["src"]))
    assert answer.headers["content-type"] == "image/png"
    with Image.open(io.BytesIO(answer.content)) as image:
        assert image.width > image.height
    assert ("256ビット中" if lang == "ja" else "of 256 bits") in caption.text
    assert "e-" in caption.text


def test_a_signal_about_words_has_no_drawing(client: Client, filled: Filled) -> None:
    with filled.database.read_session() as session:
        rows = session.execute(select(FindingRow.id, FindingRow.signals)).all()
    number, index = next(
        (row.id, index) for row in rows for index, signal in enumerate(row.signals) if signal["name"] == "name"
    )
    assert client.get(f"/findings/{number}/correspondence/{index}").status_code == 404


def test_a_changed_listing_shows_what_changed(client: Client) -> None:
    page = soup(client.get("/cases/2?lang=en").text)
    assert [cell.text for cell in page.select(".diff th")][-1] == "price"
    assert page.select(".diff del")
    assert page.select(".diff ins")


def test_a_refused_picture_says_why(client: Client) -> None:
    page = client.get("/cases/26?lang=en").text
    assert "not a picture" in page or "Picture not fetched" in page


def test_evidence_states_the_facts_and_gives_the_bytes_only_as_a_download(client: Client) -> None:
    link = soup(client.get("/cases/1").text).select_one("[data-evidence]")
    assert link is not None
    page = client.get(str(link["href"]) + "&lang=en")
    sha256 = str(link["href"]).partition("?")[0].rpartition("/")[2]
    assert sha256 in page.text
    assert "matches its hash" in page.text
    assert "UTC" in page.text
    assert "JST" in page.text
    assert soup(page.text).select_one("script:not([src])") is None
    raw = client.get(f"/evidence/{sha256}/raw")
    assert raw.headers["content-type"] == "application/octet-stream"
    assert raw.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in raw.headers["content-security-policy"]


def test_sources_show_state_reason_and_counts(client: Client) -> None:
    text = client.get("/sources?lang=en").text
    for words in ("degraded", "blocked", "never ran", "unknown currency &#39;XZZ&#39;", "shop.example answers 403"):
        assert words in text


def test_language_by_address_cookie_and_header(client: Client) -> None:
    assert soup(client.get("/", headers={"Accept-Language": "fr, en;q=0.8, ja;q=0.1"}).text).html["lang"] == "en"  # type: ignore[index] # there is always a root
    client.get("/?lang=en")
    assert soup(client.get("/").text).html["lang"] == "en"  # type: ignore[index] # there is always a root
    client.get("/?lang=ja")
    assert soup(client.get("/").text).html["lang"] == "ja"  # type: ignore[index] # there is always a root


# --- deciding --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verdict", ["infringing", "not_infringing", "genuine", "needs_more"])
def test_a_decision_is_appended_and_leads_to_the_next_case(client: Client, filled: Filled, verdict: str) -> None:
    response = client.post("/cases/1/decisions", decision(client, 1, verdict=verdict, note="正規店の写しと違う"))
    assert response.status_code == 303
    assert re.match(r"/cases/\d+\?.*decided=1$", response.headers["location"])
    assert "審査 花子" in client.get(response.headers["location"]).text
    with filled.database.read_session() as session:
        detail = review.load_case(session, 1)
    assert detail is not None
    assert [(row.verdict, row.reviewer, row.note) for row in detail.decisions] == [
        (verdict, "審査 花子", "正規店の写しと違う")
    ]
    assert 'value="審査 花子"' in client.get("/cases/2").text


def test_a_stale_decision_is_refused_and_shows_what_the_other_person_decided(client: Client) -> None:
    stale = decision(client, 3, note="my own words")
    client.post("/cases/3/decisions", decision(client, 3, verdict="infringing", reviewer="別の人", note="先に見た"))
    response = client.post("/cases/3/decisions", stale)
    assert response.status_code == 409
    alert = soup(response.text).select_one("[role=alert]")
    assert alert is not None
    assert "別の人" in alert.text
    assert "先に見た" in alert.text
    assert "my own words" in response.text
    again = soup(response.text).select_one("[name=version]")
    assert again is not None
    assert client.post("/cases/3/decisions", stale | {"version": str(again["value"])}).status_code == 303


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"reviewer": " "}, 409),
        ({"verdict": ""}, 422),
        ({"verdict": "x"}, 400),
        ({"version": "x"}, 400),
        ({"note": "n" * 4001}, 409),
        ({"reviewer": "n" * 101}, 409),
    ],
)
def test_an_incomplete_decision_is_refused_and_nothing_is_written(
    client: Client, filled: Filled, changes: dict[str, str], status: int
) -> None:
    assert client.post("/cases/4/decisions", decision(client, 4, **changes)).status_code == status
    with filled.database.read_session() as session:
        assert review.decisions_of(session, 4) == ()


def test_a_closed_case_is_decided_again_only_with_a_note(client: Client) -> None:
    client.post("/cases/5/decisions", decision(client, 5))
    assert client.post("/cases/5/decisions", decision(client, 5)).status_code == 409
    assert client.post("/cases/5/decisions", decision(client, 5, note="新しい証拠")).status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Accept": "*/*"},
    ],
)
@pytest.mark.parametrize("path", ["/cases/1/decisions", "/login", "/logout"])
def test_a_foreign_change_is_403(client: Client, path: str, headers: dict[str, str]) -> None:
    response = client.request("POST", path, data={"a": "b"}, headers=headers)
    assert response.status_code == 403
    assert response.headers["content-security-policy"] == SECURITY_HEADERS["Content-Security-Policy"]


def test_a_change_from_an_old_browser_of_our_own_is_accepted(client: Client) -> None:
    assert client.post("/cases/1/decisions", decision(client, 1), Origin="http://127.0.0.1").status_code == 303


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "[::1]:80"])
def test_another_host_name_is_400(client: Client, host: str) -> None:
    assert client.get("/", headers={"Host": host}).status_code == 400


def test_a_form_that_is_too_large_or_of_another_type_is_refused(client: Client) -> None:
    own = {"Sec-Fetch-Site": "same-origin"}
    assert client.post("/cases/1/decisions", {"note": "x" * 70_000}).status_code == 413
    assert client.request("POST", "/cases/1/decisions", json={}, headers=own).status_code == 415
    twice = client.request(
        "POST",
        "/cases/1/decisions",
        content="a=1&a=2",
        headers=own | {"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert twice.status_code == 400


# --- signing in ------------------------------------------------------------------------------------------------------


def add_account(filled: Filled) -> None:
    account = accounts.new_account("hanako", "審査 花子", role="reviewer", password="long enough 1")
    with filled.database.write_session() as session:
        accounts.add_account(session, account, now=NOW)


def test_with_accounts_every_page_asks_to_sign_in_and_decisions_bear_the_account(
    client: Client, filled: Filled
) -> None:
    add_account(filled)
    for path in (*PAGES[:-1], "/pictures/" + "0" * 64):
        response = client.get(path)
        assert response.status_code == 303
        assert response.headers["location"].startswith("/login?next=")
    assert client.post("/cases/1/decisions", {}).status_code == 401
    assert client.post("/login", {"name": "hanako", "password": "wrong"}).status_code == 401
    entered = client.post("/login", {"name": "hanako", "password": "long enough 1", "next": "/cases/1"})
    assert entered.headers["location"] == "/cases/1"
    cookie = entered.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    client.post("/cases/1/decisions", decision(client, 1, reviewer="somebody else"))
    with filled.database.read_session() as session:
        assert [row.reviewer for row in review.decisions_of(session, 1)] == ["審査 花子"]
    client.post("/logout", {})
    assert client.get("/").status_code == 303


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example", "/a\nb", ""])
def test_the_login_leads_only_to_our_own_pages(client: Client, filled: Filled, target: str) -> None:
    add_account(filled)
    response = client.post("/login", {"name": "hanako", "password": "long enough 1", "next": target})
    assert response.headers["location"] == "/"


def test_behind_a_proxy_its_address_is_answered_and_cookies_are_for_https_alone(filled: Filled) -> None:
    add_account(filled)
    app = create_app(
        filled.database,
        evidence_root=filled.evidence_root,
        now=lambda: NOW,
        allowed_hosts=("127.0.0.1",),
        origin="https://watch.example",
    )
    form = {"name": "hanako", "password": "long enough 1"}
    own = {"Origin": "https://watch.example", "Host": "watch.example"}
    assert "Secure" in Client(app).post("/login", form, **own).headers["set-cookie"]
    # A proxy header of a client is ignored.
    forged = {"Sec-Fetch-Site": "same-origin", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"}
    assert "Secure" not in Client(app).post("/login", form, **forged).headers["set-cookie"]
    assert Client(app).get("/login", headers={"Host": "evil.example"}).status_code == 400


# --- hostile records -------------------------------------------------------------------------------------------------


def test_hostile_texts_are_words_in_every_field_on_every_page(client: Client) -> None:
    pages = [client.get(f"/cases/{number}{rest}").text for number in range(61, 75) for rest in ("", "/original")]
    pages += [client.get("/?state=all").text, client.get("/?state=all&sort=due").text, client.get("/sources").text]
    hrefs = 0
    for text in pages:
        page = soup(text)
        assert [script.get("src") for script in page.select("script")] == ["/static/app.js"]
        assert not page.select("base, meta[http-equiv], iframe, object, embed, svg script")
        for tag in page.find_all(True):
            assert not [name for name in tag.attrs if name.startswith("on") or name == "style"], tag
        for link in page.select("[href], [src], [action]"):
            for name in ("href", "src", "action"):
                value = link.get(name)
                if value is not None and "data-outgoing" not in link.attrs:
                    assert re.match(r"[/#]", str(value)), value
                    assert not str(value).startswith("//")
                    hrefs += 1
        assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b]", text)
    assert hrefs > 500
    assert "<script>alert(1)</script>" in soup(client.get("/cases/61").text).text
    assert "U+202E" in client.get("/cases/66").text


def test_an_outgoing_address_is_shown_in_full_and_linked_only_where_it_is_safe(client: Client) -> None:
    bad = client.get("/cases/65/original?lang=en").text
    assert "javascript:alert(4)" in bad
    assert "data-outgoing" not in bad
    link = soup(client.get("/cases/1/original").text).select_one("[data-outgoing]")
    assert link is not None
    assert link["rel"] == ["noopener", "noreferrer", "nofollow"]


def test_the_machine_only_suspects(client: Client) -> None:
    for path in ("/?lang=en", "/cases/1?lang=en"):
        page = soup(client.get(path).text)
        for part in page.select("form.decide, .facets, footer, dialog"):
            part.decompose()
        assert "infringing" not in page.text.lower().replace("suspected infringement", "")


def test_an_authorised_clock_decides_days_left(client: Client) -> None:
    page = client.get("/cases/72?lang=en").text
    assert f"({(timedelta(days=11)).days} days left)" in page
    assert "20 days ago" in client.get("/cases/73?lang=en").text
    assert BRANDS[0].mark.text in page

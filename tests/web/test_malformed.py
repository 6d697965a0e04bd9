"""Every malformed request gets an explained client error, never a server error."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest
from conftest import BOTH_DATABASES, PostgresServer
from made_once import memory_of
from sqlalchemy import update
from web.asking import HOST, Client
from web.conftest import Filled
from web.routing import Address, addresses
from web.world import fill

from ipwatch.store.session import PAGE_PAUSES, Database
from ipwatch.store.tables import WatchlistVersionRow
from ipwatch.web.guard import SECURITY_HEADERS
from ipwatch.web.words import text

OWN = {"Sec-Fetch-Site": "same-origin"}

NUMBERS, CHOICES, CURSORS, DAYS, TEXTS = "number", "choice", "cursor", "day", "text"
PARAMETERS = {
    "decided": NUMBERS, "case": NUMBERS, "edge": NUMBERS,
    "state": CHOICES, "kind": CHOICES, "sort": CHOICES, "band": CHOICES, "right_kind": CHOICES, "lang": CHOICES,
    "after": CURSORS, "before": CURSORS,
    "from": DAYS, "to": DAYS,
    "source": TEXTS, "holder": TEXTS, "mark": TEXTS, "country": TEXTS, "signal": TEXTS, "q": TEXTS,
}  # fmt: skip
_FILTER = {"state", "kind", "sort", "band", "right_kind", "source", "holder", "mark", "country", "signal", "q"}
# What each route reads; a route that is not here is sent everything.
READS = {
    "/": _FILTER | {"after", "before", "decided", "lang"},
    "/cases/{case_id}": _FILTER | {"decided", "lang"},
    "/cases/{case_id}/original": _FILTER | {"lang"},
    "/cases/{case_id}/decisions": _FILTER | {"lang"},
    "/evidence/{sha256}": {"case", "lang"},
    "/evidence/{sha256}/raw": {"lang"},
    "/pictures/{sha256}": {"edge", "lang"},
    "/findings/{finding_id}/correspondence/{number}": {"lang"},
    "/references/{reference_id}": {"lang"},
    "/mentions": {"holder", "mark", "kind", "q", "sort", "after", "lang"},
    "/mentions.json": {"holder", "mark", "kind", "q", "sort", "after", "lang"},
    "/reports": {"from", "to", "lang"},
    "/audit": {"after", "before", "lang"},
    "/audit/verify": {"lang"},
    "/reports/summary.csv": {"from", "to", "lang"},
    "/reports/summary.html": {"from", "to", "lang"},
    **{path: {"lang"} for path in ("/sources", "/runs", "/watchlists", "/login", "/logout", "/static/app.css")},
}

NEVER = ("%00", "a%00b", "%1b", "%ED%A0%80", "%ff", "a" * 9000, "1&{name}=1")
ODD = (
    "9" * 40, str(2**63), str(2**64), "-1", "1e3", "%EF%BC%91%EF%BC%92", "%201", "1_000", "0x10", "nan", "x", "x~1",
    "0001-01-01", "9999-12-31", "2026-02-30", "'%20OR%201=1--", "..%2F..%2Fetc%2Fpasswd", "a" * 300, "%F0%9F%91%BB",
)  # fmt: skip
ODD_CURSORS = (
    "nan~1", "inf~1", "1e400~1", "0.5~9" + "9" * 30, "0.5~1_0", "0.5~%EF%BC%91", "~", "0.5~-1",
    "2026-01-01~1&sort=newest", "2026-01-01T00:00:00~1&sort=newest", "0001-01-01T00:00:00%2B23:00~1&sort=newest",
    "9999-12-31T23:59:59-23:00~1&sort=newest", "2026-13-01~1&sort=due", "x~1&sort=due", f"{'1' * 5000}~1",
)  # fmt: skip
PATHS = (
    "%00", "%ED%A0%80", "9" * 40, "9" * 18, str(2**31), str(2**63), "-1", "0", "x", "%EF%BC%91", "..%2F..%2Fx", "1%3Fx",
    "%2e%2e", "a" * 3000, "%5B", "%0d%0aX-Injected:%201",
)  # fmt: skip
METHODS = ("HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "BREW", "POST")


@pytest.fixture(params=BOTH_DATABASES, scope="module")
def world(request: pytest.FixtureRequest, template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    if request.param == "sqlite":
        folder = tmp_path_factory.mktemp("malformed")
        for path in template.glob("ipwatch.db*"):
            shutil.copy(path, folder / path.name)
        database = Database(f"sqlite:///{folder / 'ipwatch.db'}")
        yield Filled(database, template / "evidence")
        database.dispose()
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    url = server.create(migrated=True)
    database = Database(url)
    root = tmp_path_factory.mktemp("malformed") / "evidence"
    fill(database, root, memory_of(tmp_path_factory))
    yield Filled(database, root)
    database.dispose()
    server.drop(url)


@pytest.fixture(scope="module")
def visitor(world: Filled) -> Client:
    return Client(world.app())


@pytest.fixture(scope="module")
def every(world: Filled) -> list[Address]:
    return addresses(world.app(), world.database)


def hostile(address: Address) -> Iterator[tuple[str, bool]]:
    """Yield queries for a route, and whether each must be refused."""
    reads = READS.get(address.route, set(PARAMETERS))
    for number, (name, kind) in enumerate(PARAMETERS.items()):
        for index, value in enumerate(NEVER):
            if name in reads or index == number % len(NEVER):
                yield f"{name}={value.format(name=name)}", True
        if name in reads:
            for value in (*ODD, *(ODD_CURSORS if kind == CURSORS else ())):
                yield f"{name}={value}", kind != TEXTS or len(value) == 300
        else:
            yield f"{name}={ODD[number % len(ODD)]}", False
    yield "&".join(f"a{number}=1" for number in range(50)), True


def test_every_malformed_value_of_every_route_is_400_in_the_language_of_the_reader(
    visitor: Client, every: list[Address], world: Filled, *, whole: bool
) -> None:
    sent = 0
    first = 0 if world.database.url.get_backend_name() == "sqlite" else 1
    for position, address in enumerate(every):
        # Of three queries one, another one for each route and database.
        chosen = slice(None) if whole else slice((first + position) % 3, None, 3)
        for number, (query, refused) in enumerate(list(hostile(address))[chosen]):
            lang = ("ja", "en")[number % 2]
            response = visitor.request(
                address.method, f"{address.path}?{query}", headers=OWN | {"Accept-Language": lang}
            )
            sent += 1
            where = f"{address.method} {address.path}?{query[:80]} -> {response.status_code}"
            # A form that is missing is refused too, before or after the query.
            assert response.status_code < 500, where
            if refused:
                expected = {400} if address.method == "GET" else {400, 415}
                assert response.status_code in expected, where
                assert text(f"error.{response.status_code}", lang=lang) in response.text, where
                assert response.headers["content-language"] == lang
                assert response.headers["x-content-type-options"] == "nosniff"
    assert sent > (1800 if whole else 600)


def test_every_strange_path_is_not_there(visitor: Client, every: list[Address]) -> None:
    for address in every:
        parts = address.route.split("/")
        for index, part in enumerate(parts):
            if not (part.startswith("{") or part == "app.css"):
                continue
            for value in PATHS:
                path = "/".join([*address.path.split("/")[:index], value, *address.path.split("/")[index + 1 :]])
                response = visitor.request(address.method, path, headers=OWN)
                assert response.status_code in {400, 404, 405, 415}, f"{path[:80]} -> {response.status_code}"
                assert "x-injected" not in response.headers


def test_every_method_is_answered(visitor: Client, every: list[Address]) -> None:
    for address in every:
        for method in METHODS:
            response = visitor.request(method, address.path, headers=OWN)
            where = f"{method} {address.path} -> {response.status_code}"
            assert response.status_code < 500, where
            if method == "HEAD":
                assert response.status_code == (405 if address.method == "POST" and address.path != "/login" else 200)
            elif method not in {"POST", "GET"}:
                assert response.status_code == 405, where
                assert "allow" in response.headers or address.route.startswith("/static"), where
            assert response.headers["content-security-policy"].startswith("default-src 'none'")


@pytest.mark.parametrize(
    ("name", "values"),
    [
        (
            "Host",
            ("[", "[::1", "127.0.0.1:[", "127.0.0.1:x", "127.0.0.1:1:2", "127.0.0.1/x", "127.0.0.1@x", "\xbd", ""),
        ),
        ("Origin", ("http://[", "http://", "null", "\xff", "http://127.0.0.1:99999", "http://127.0.0.1@evil.example")),
        ("Cookie", ("session", "session=", "session=\xff; lang=\xff; reviewer=%00%ff", "=;=;=", "a" * 9000, "lang=xx")),
        ("Accept-Language", ("en;q=", "en;q=nan", "en;q=1e999", ";;;,,,", "\xff", "en;q=x", "*")),
        ("Content-Type", ("application/x-www-form-urlencoded; charset=\xff", "multipart/form-data", "\xff", "")),
        ("Content-Length", ("-1", "x", "9" * 5000)),
        ("Sec-Fetch-Site", ("", "\xff", "same-origin, cross-site")),
    ],
)
def test_every_strange_header_is_answered(visitor: Client, name: str, values: tuple[str, ...]) -> None:
    for value in values:
        for method, path in (("GET", "/?lang=en"), ("POST", "/cases/1/decisions"), ("POST", "/login")):
            own = {} if name in {"Origin", "Sec-Fetch-Site"} else OWN
            headers = {
                key.encode(): header_value.encode("latin-1") for key, header_value in {**own, name: value}.items()
            }
            response = visitor.request(method, path, headers=headers)
            assert response.status_code < 500, f"{name}: {value[:50]!r} {method} {path}"
            if name == "Host":
                assert response.status_code == 400
            if method == "POST" and name in {"Origin", "Sec-Fetch-Site"}:
                assert response.status_code == 403


def test_a_head_that_is_too_long_is_431(visitor: Client) -> None:
    response = visitor.get("/", headers={"X-Long": "a" * 20_000, "Accept-Language": "en"})
    assert response.status_code == 431
    assert text("error.431", lang="en") in response.text


def test_refusals_of_strangers_speak_both_languages(visitor: Client) -> None:
    visitor.cookies.clear()
    for number, lang in enumerate(("ja", "en")):
        wants = {"Accept-Language": lang}
        foreign = visitor.request("POST", "/login", headers=wants | {"Origin": "http://evil.example"})
        assert foreign.status_code == 403
        assert text("problem.403", lang=("ja", "en")[number]) in foreign.text
        other = visitor.get("/", headers=wants | {"Host": "evil.example"})
        assert other.status_code == 400
        assert text("problem.host", lang=("ja", "en")[number]) in other.text
        assert other.headers["content-security-policy"] == SECURITY_HEADERS["Content-Security-Policy"]


# --- faults of ours --------------------------------------------------------------------------------------------------


def break_tables(filled: Filled) -> None:
    with closing(sqlite3.connect(filled.database.url.database or "")) as connection:
        listed = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
        for (name,) in listed.fetchall():
            connection.execute(f'DROP TABLE "{name}"')


def damage_file(filled: Filled) -> None:
    path = Path(filled.database.url.database or "")
    filled.database.dispose()
    for journal in path.parent.glob("ipwatch.db-*"):
        journal.unlink()
    path.write_bytes(b"no database at all" * 1000)


@pytest.mark.parametrize("fault", [break_tables, damage_file])
def test_a_database_that_cannot_be_used_is_503_and_names_nothing_of_ours(
    filled: Filled, fault: Callable[[Filled], None]
) -> None:
    client = Client(filled.app())
    every = addresses(client.app, filled.database)
    fault(filled)
    explained = 0
    for address in [*every, Address("/nowhere", "GET", "/nowhere"), Address("/sources", "PUT", "/sources")]:
        for number, lang in enumerate(("ja", "en")):
            form = {"content": "version=0&verdict=genuine&reviewer=a&name=a&password=b"}
            form_type = {"Content-Type": "application/x-www-form-urlencoded"}
            response = client.request(
                address.method,
                address.path,
                headers=OWN | form_type | {"Accept-Language": lang},
                **(form if address.method == "POST" else {}),
            )
            if address.route == "/static/app.css":
                assert response.status_code == 200
                continue
            assert response.status_code == 503, f"{address} -> {response.status_code}"
            assert text("problem.503", lang=("ja", "en")[number]) in response.text
            assert response.headers["content-language"] == lang
            assert response.headers["content-security-policy"] == SECURITY_HEADERS["Content-Security-Policy"]
            for inside in ("sqlite", "ipwatch.db", str(filled.evidence_root), "table", "SELECT", "no such", HOST):
                assert inside.lower() not in response.text.lower(), inside
            explained += 1
    assert explained > 20


@pytest.mark.postgres
def test_a_server_of_the_database_that_is_gone_is_503_and_names_no_host(
    postgres_server: PostgresServer, tmp_path: Path
) -> None:
    url = postgres_server.create(migrated=True)
    database = Database(url, pauses=PAGE_PAUSES)
    client = Client(Filled(database, tmp_path).app())
    assert client.get("/").status_code == 200
    database.dispose()
    postgres_server.drop(url)
    name = url.partition("?")[0].rpartition("/")[2]
    for path in ("/", "/nowhere", "/sources"):
        response = client.get(path, headers={"Accept-Language": "en"})
        assert response.status_code == 503
        for inside in (name, "postgres", "psycopg", "socket", "FATAL", "connection"):
            assert inside.lower() not in response.text.lower()
    database.dispose()


def test_a_fault_of_ours_is_500_in_both_languages_and_says_nothing_more(client: Client, filled: Filled) -> None:
    with filled.database.write_session() as session:
        session.execute(update(WatchlistVersionRow).values(marks={"main": {"no-such-field": "x"}}))
    for number, lang in enumerate(("ja", "en")):
        response = client.get("/", headers={"Accept-Language": lang})
        assert response.status_code == 500
        assert text("problem.500", lang=("ja", "en")[number]) in response.text
        assert "text" not in response.text.partition("<body>")[2]
        assert "no-such-field" not in response.text
        assert response.headers["content-security-policy"] == SECURITY_HEADERS["Content-Security-Policy"]


def test_captures_that_cannot_be_read_leave_the_page_of_the_evidence(
    client: Client, filled: Filled, tmp_path: Path
) -> None:
    root = tmp_path / "evidence"
    shutil.copytree(filled.evidence_root, root)
    client = Client(Filled(filled.database, root).app())
    (path,) = [
        address.path for address in addresses(client.app, filled.database) if address.route == "/evidence/{sha256}"
    ]
    for day_file in (root / "captures").iterdir():
        day_file.unlink()
        day_file.mkdir()
    assert client.get(path).status_code == 200


def test_a_changed_byte_is_shown_after_the_body_was_shown_whole(filled: Filled, tmp_path: Path) -> None:
    root = tmp_path / "evidence"
    shutil.copytree(filled.evidence_root, root)
    client = Client(Filled(filled.database, root).app())
    (path,) = [
        address.path for address in addresses(client.app, filled.database) if address.route == "/evidence/{sha256}"
    ]
    sha256 = path.rpartition("/")[2]
    assert "matches its hash" in client.get(f"{path}?lang=en").text
    body = root / "blobs" / sha256[:2] / sha256[2:4] / sha256
    body.chmod(0o644)
    damaged = bytearray(body.read_bytes())
    damaged[0] ^= 1
    body.write_bytes(damaged)
    page = client.get(f"{path}?lang=en").text
    assert "matches its hash" not in page
    assert text("evidence.changed", lang="en") in page
    assert quote(sha256) in page

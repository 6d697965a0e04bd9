"""Signing in, over real HTTP to a real process: what an attacker and the owner of an account meet."""

from __future__ import annotations

import itertools
import json
import statistics
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy import insert, select
from web.asking import Client
from web.conftest import Filled
from web.serving import within_bound
from web.signing_in import QUICK_COST, Serving, at_once, serving, sign_in
from web.world import NOW

from ipwatch.store import accounts, audit
from ipwatch.store.inserts import table_of
from ipwatch.store.session import Database, upgrade
from ipwatch.store.tables import AccountRow
from ipwatch.web import create_app
from ipwatch.web.attempts import ACCOUNT, FIRST, PAIR, Admitted
from ipwatch.web.crowd import group_of

PASSWORD = "seven invented lamps"
OWNER = "offi shirai"
REAL_COST = accounts._COST
ROUNDS, AT_ONCE = 4, 30
PEOPLE = [f"person-{number}" for number in range(ROUNDS * AT_ONCE)]


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return with_people(tmp_path_factory.mktemp("login"), REAL_COST)


@pytest.fixture(scope="module")
def quick_data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return with_people(tmp_path_factory.mktemp("quick"), QUICK_COST)


def with_people(root: Path, cost: tuple[int, int, int]) -> Path:
    """Fill a data directory with the owner and more people, all of one password, hashed at that cost."""
    url = f"sqlite:///{root / 'ipwatch.db'}"
    upgrade(url)
    database = Database(url)
    with pytest.MonkeyPatch.context() as costs, database.write_session() as session:
        costs.setattr(accounts, "_COST", cost)
        accounts.add_account(
            session, accounts.new_account(OWNER, "白井 花", role="reviewer", password=PASSWORD), now=NOW
        )
        account = table_of(AccountRow)
        row = dict(session.execute(select(account)).mappings().one())
        session.execute(insert(account), [row | {"id": 100 + n, "name": name} for n, name in enumerate(PEOPLE)])
    database.dispose()
    return root


@pytest.fixture
def page(data_dir: Path, tmp_path: Path) -> Iterator[Serving]:
    with serving(data_dir, tmp_path / "serve.log") as started:
        yield started


@pytest.fixture
def quick_page(quick_data_dir: Path, tmp_path: Path) -> Iterator[Serving]:
    """The page where a hash takes no time: it is slow for no other reason than the limits."""
    with serving(quick_data_dir, tmp_path / "serve.log", quick=True) as started:
        yield started


def spellings(name: str, count: int) -> list[str]:
    """Return that many different ways to type a name that all mean the same account."""
    wide = {chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)}
    forms = (
        lambda text: text.replace("s", "s\u200b"),
        lambda text: text.replace("r", "r\ufe0f"),
        lambda text: text.replace("ffi", "\ufb03"),
        lambda text: text.replace(" ", "\u3000"),
        lambda text: f"  {text}\u2060",
        lambda text: text.title(),
        lambda text: "".join(wide.get(char, char) for char in text),
    )
    result = {name}
    for number in range(1, len(forms) + 1):
        for some in itertools.combinations(forms, number):
            text = name
            for form in some:
                text = form(text)
            result.add(text)
    assert len(result) >= count
    return sorted(result)[:count]


def test_sixty_spellings_of_a_name_are_one_account(quick_page: Serving) -> None:
    with quick_page.client() as client:
        answers = [sign_in(client, name, "wrong") for name in spellings(OWNER, 60)]
    assert Counter(answer.status_code for answer in answers) == {401: PAIR.burst, 429: 60 - PAIR.burst}
    refused = answers[-1]
    assert 0 < int(refused.headers["retry-after"]) <= PAIR.interval
    assert "後にもう一度" in refused.text


def test_every_spelling_opens_the_account(data_dir: Path) -> None:
    database = Database(f"sqlite:///{data_dir / 'ipwatch.db'}")
    with database.read_session() as session:
        for name in spellings(OWNER, 60):
            assert accounts.find_credentials(session, name).account is not None, ascii(name)
    database.dispose()


def test_guesses_in_parallel_are_counted_before_they_are_hashed(quick_page: Serving) -> None:
    with quick_page.client() as client:
        answers = at_once(client, [(OWNER, f"wrong-{number}") for number in range(30)])
    assert Counter(answer.status_code for answer in answers) == {401: PAIR.burst, 429: 30 - PAIR.burst}


def test_names_in_turn_from_one_address_are_counted_together(quick_page: Serving) -> None:
    with quick_page.client() as client:
        answers = [sign_in(client, f"nobody-{number}", "wrong") for number in range(5)]
        # Those that are over the limit cost no hash, so a hundred of them are quick.
        answers += at_once(client, [(f"nobody-{number}", "wrong") for number in range(100)])
    passed = [answer for answer in answers if answer.status_code == 401]
    assert len(passed) <= 40
    assert {answer.status_code for answer in answers} <= {401, 429, 503}


def test_thirty_people_at_once_take_the_memory_of_two_and_hold_up_nobody(page: Serving) -> None:
    before = page.memory("VmHWM")
    times: list[float] = []
    while not within_bound(times, at_most=ROUNDS):
        # Each round with its own people and their own address, as those before have used up what they may try.
        people = PEOPLE[AT_ONCE * len(times) :][:AT_ONCE]
        watch = threading.Thread(target=lambda: times.append(_p95_of_pages(page, 4)))
        with page.client(f"127.0.0.{10 + len(times)}") as client:
            watch.start()
            answers = at_once(client, [(name, PASSWORD) for name in people])
            watch.join()
        counted = Counter(answer.status_code for answer in answers)
        assert counted.keys() <= {303, 503}
        # The others get a Retry-After, and how many are served at once depends on the machine alone.
        assert counted[303] >= 6
        for answer in answers:
            assert answer.status_code == 303 or int(answer.headers["retry-after"]) > 0
        # Two hashes at 128 MiB, and what thirty requests need.
        assert page.memory("VmHWM") - before < 2 * 128 + 64


def _p95_of_pages(page: Serving, seconds: float) -> float:
    """Ask for a page again and again and return the 95th percentile of the seconds each took."""
    took = []
    with page.client("127.0.0.200") as client:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            start = time.perf_counter()
            assert client.get("/login").status_code == 200
            took.append(time.perf_counter() - start)
            time.sleep(0.02)
    return statistics.quantiles(took, n=20)[-1]


@contextmanager
def guessing(page: Serving, addresses: Iterable[str]) -> Iterator[Counter[int]]:
    """Guess the owner's password from all the addresses until the block ends; count the answers by status."""
    stop, answers = threading.Event(), Counter[int]()

    def guess(address: str) -> None:
        with page.client(address) as client:
            while not stop.wait(0.2):
                answers[sign_in(client, OWNER, "wrong").status_code] += 1

    guessers = [threading.Thread(target=guess, args=(address,)) for address in addresses]
    for guesser in guessers:
        guesser.start()
    try:
        yield answers
    finally:
        stop.set()
        for guesser in guessers:
            guesser.join()


def test_nobody_locks_the_owner_out(page: Serving) -> None:
    with page.client("127.0.0.50") as client:
        assert sign_in(client, OWNER, PASSWORD).status_code == 303
        known = client.cookies
    begun = time.monotonic()
    with guessing(page, [f"127.0.0.{number}" for number in range(60, 80)]) as answers:
        time.sleep(3)
        with page.client("127.0.0.50") as client:
            client.cookies = known
            assert sign_in(client, OWNER, PASSWORD).status_code == 303
        with page.client("127.0.0.99") as client:
            start = time.monotonic()
            while (answer := sign_in(client, OWNER, PASSWORD)).status_code != 303:
                assert answer.status_code in {429, 503}
                assert time.monotonic() - start < 90
                time.sleep(0.5)
    # Twenty addresses guess no more than the two lines of the account let through.
    passed = time.monotonic() - begun
    assert answers[401] <= sum(limit.burst + passed / limit.interval + 1 for limit in (FIRST, ACCOUNT))
    assert answers.total() > 0


def test_a_limit_is_noted_without_what_was_typed(quick_page: Serving, quick_data_dir: Path) -> None:
    canary = "canary-typed-as-a-name"
    with quick_page.client("127.0.0.30") as client:
        at_once(client, [(canary, "canary-password-1")] * 7)
        at_once(client, [("person-7", "canary-password-2")] * 7)
        client.get("/login")
    log = quick_page.log.read_text("utf-8")
    noted = [json.loads(line) for line in log.splitlines() if "login_limited" in line]
    assert {(event["limit"], event["network"]) for event in noted} == {("account_and_address", "127.0.0.30")}
    database = Database(f"sqlite:///{quick_data_dir / 'ipwatch.db'}")
    with database.read_session() as session:
        events = [(event.action, event.target, event.detail) for event in audit.list_events(session, 5).events]
    database.dispose()
    assert ("account.limited", "account:person-7", {"limit": "account_and_address"}) in events
    assert "canary" not in log
    assert "canary" not in repr(events)


def test_the_answer_is_in_the_language_of_the_reader(quick_page: Serving) -> None:
    with quick_page.client("127.0.0.31") as client:
        at_once(client, [("person-8", "wrong")] * PAIR.burst)
        client.headers["Accept-Language"] = "en"
        answer = sign_in(client, "person-8", "wrong")
    assert answer.status_code == 429
    assert "too many attempts" in answer.text


# --- sessions and cookies --------------------------------------------------------------------------------------------


@pytest.fixture
def owner(filled: Filled, client: Client) -> Client:
    account = accounts.new_account("hanako", "審査 花子", role="reviewer", password=PASSWORD)
    with filled.database.write_session() as session:
        accounts.add_account(session, account, now=NOW)
    return client


ENTRY = {"name": "hanako", "password": PASSWORD}


def test_a_login_takes_a_new_token_and_ends_the_old_one(owner: Client) -> None:
    owner.cookies.set("session", "chosen-by-an-attacker", domain="127.0.0.1")
    owner.post("/login", ENTRY)
    first = owner.cookies["session"]
    assert first != "chosen-by-an-attacker"
    owner.post("/login", ENTRY)
    second = owner.cookies["session"]
    assert second != first
    assert owner.get("/").status_code == 200
    owner.cookies = httpx.Cookies({"session": first})
    assert owner.get("/").status_code == 303


def test_logging_out_ends_the_session_for_whoever_holds_its_token(owner: Client) -> None:
    owner.post("/login", ENTRY)
    token = owner.cookies["session"]
    gone = owner.post("/logout", {})
    assert 'session=""' in gone.headers["set-cookie"]
    owner.cookies = httpx.Cookies({"session": token})
    assert owner.get("/").status_code == 303


@pytest.mark.parametrize(("scheme", "name"), [("http", "session"), ("https", "__Host-session")])
def test_cookies_are_out_of_reach_of_scripts_and_other_sites(owner: Client, scheme: str, name: str) -> None:
    answer = owner.request("POST", f"{scheme}://127.0.0.1/login", data=ENTRY, headers={"Sec-Fetch-Site": "same-origin"})
    session, device = answer.headers.get_list("set-cookie")
    assert session.startswith(f"{name}=")
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(session.split("; "))
    assert {"HttpOnly", "Path=/login", "SameSite=strict"} <= set(device.split("; "))
    assert ("Secure" in session, "Secure" in device) == (scheme == "https", scheme == "https")
    assert "hanako" not in device


def test_a_proxy_that_is_trusted_says_who_asks_and_no_other_header_does(filled: Filled) -> None:
    wrong = {"name": "nobody", "password": "wrong"}

    def answers(client_header: str | None, *named: str) -> set[int]:
        app = create_app(
            filled.database,
            evidence_root=filled.evidence_root,
            now=lambda: NOW,
            allowed_hosts=("127.0.0.1",),
            client_header=client_header,
        )
        for _ in range(PAIR.burst):
            network = group_of(named[0].rpartition(",")[2].strip()) if client_header else "127.0.0.1"
            assert isinstance(app.state.site.attempts.reserve("nobody", network, known=False), Admitted)
        headers = {"Sec-Fetch-Site": "same-origin"}
        return {
            Client(app).post("/login", wrong, **headers, **{"X-Forwarded-For": forwarded}).status_code
            for forwarded in named
        }

    assert answers(None, "192.0.2.1", "192.0.2.2") == {429}
    assert answers("x-forwarded-for", "192.0.2.9, 192.0.2.1") == {429}
    assert answers("x-forwarded-for", "192.0.2.1", "192.0.2.1, 192.0.2.2") == {401, 429}


def test_a_stranger_learns_nothing_of_the_watch_before_signing_in(owner: Client) -> None:
    page = owner.get("/login?lang=en").text
    assert "shop.example" not in page
    assert "blocked" not in page
    assert 'href="/sources"' not in page
    owner.post("/login", ENTRY)
    assert 'href="/sources"' in owner.get("/?lang=en").text


def test_a_password_as_long_as_one_may_be_can_be_typed(owner: Client) -> None:
    assert f'maxlength="{accounts.MAX_PASSWORD_LENGTH}"' in owner.get("/login").text


def test_a_name_and_no_name_cost_the_same_work(owner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    work: list[tuple[int, ...]] = []
    real = accounts._derive

    def counted(password: str, salt: bytes, costs: tuple[int, int, int], length: int) -> bytes:
        work.append((*costs, length, len(salt)))
        return real(password, salt, costs, length)

    monkeypatch.setattr(accounts, "_derive", counted)
    known = owner.post("/login", {"name": "hanako", "password": "wrong"})
    unknown = owner.post("/login", {"name": "nobody", "password": "wrong"})
    assert len(work) == 2
    assert work[0] == work[1]
    assert known.text.replace("hanako", "") == unknown.text.replace("nobody", "")

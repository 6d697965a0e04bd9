from __future__ import annotations

import hashlib
import threading
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from store_records import NOW

from ipwatch.errors import ConfigError
from ipwatch.store import accounts
from ipwatch.store.accounts import Role
from ipwatch.store.session import Database, Session
from ipwatch.store.tables import AccountRow

QUICK_COST = (2**10, 8, 1)
"""The cost of a hash where it does not matter: the real one takes a third of a second."""

PASSWORD = "ひまな猫-and-9-lamps"


@pytest.fixture
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "_COST", QUICK_COST)
    monkeypatch.setattr(accounts, "_NOBODY", accounts._written(bytes(16), bytes(32)))


def _add(session: Session, **changed: str) -> accounts.Account:
    given = {"name": "shirai", "display_name": "白井 花", "role": "reviewer", "password": PASSWORD} | changed
    new = accounts.new_account(given["name"], given["display_name"], role=given["role"], password=given["password"])
    return accounts.add_account(session, new, now=NOW)


@pytest.mark.usefixtures("quick_hashes")
def test_name_and_password_together_open_an_account(database: Database) -> None:
    with database.write_session() as session:
        assert not accounts.any_accounts(session)
        added = _add(session)
        assert accounts.any_accounts(session)
        assert accounts.authenticate(session, "shirai", PASSWORD) == added
        assert accounts.authenticate(session, "ＳＨＩＲＡＩ ", PASSWORD) == added
        assert (added.display_name, added.role) == ("白井 花", Role.REVIEWER)
        for name, password in [
            ("shirai", PASSWORD + "x"),
            ("shirai", ""),
            ("shirai", "x" * 5000),
            ("nobody", PASSWORD),
            ("", PASSWORD),
            ("\x00\ud800", "\ud800"),
        ]:
            assert accounts.authenticate(session, name, password) is None


@pytest.mark.usefixtures("quick_hashes")
def test_the_same_password_typed_in_another_form_of_unicode_is_the_same(database: Database) -> None:
    with database.write_session() as session:
        _add(session, password="がぎぐ猫と九つのランプ-げご")
        assert (
            accounts.authenticate(session, "shirai", unicodedata.normalize("NFD", "がぎぐ猫と九つのランプ-げご"))
            is not None
        )


def test_only_a_salted_scrypt_hash_is_stored(database: Database) -> None:
    with database.write_session() as session:
        _add(session)
        _add(session, name="other")
        first, second = session.scalars(select(AccountRow.password_hash))
    assert first != second
    assert first.startswith("scrypt$131072$8$1$")
    assert PASSWORD not in first


def test_an_unknown_name_costs_the_same_work(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    derived: list[dict[str, object]] = []
    real = hashlib.scrypt

    def counted(password: bytes, **given: object) -> bytes:
        derived.append({name: value for name, value in given.items() if name != "salt"})
        return real(password, **given)  # type: ignore[arg-type] # handed on as it came

    with database.write_session() as session:
        _add(session)
        monkeypatch.setattr(hashlib, "scrypt", counted)
        accounts.authenticate(session, "shirai", "wrong")
        accounts.authenticate(session, "nobody", "wrong")
    assert len(derived) == 2
    assert derived[0] == derived[1]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"name": " "}, "1 to 64 characters"),
        ({"name": "x" * 65}, "1 to 64 characters"),
        ({"display_name": ""}, "name of the person"),
        ({"role": "emperor"}, "reviewer, approver, admin"),
        ({"password": "short"}, "12 to 1024 characters"),
        ({"password": "x" * 1025}, "12 to 1024 characters"),
        ({"name": "Shirai"}, "already an account called 'shirai'"),
    ],
)
@pytest.mark.usefixtures("quick_hashes")
def test_what_is_wrong_with_an_account_is_reported(database: Database, changed: dict[str, str], message: str) -> None:
    with database.write_session() as session:
        _add(session)
        with pytest.raises(ConfigError, match=message):
            _add(session, **({"name": "other"} | changed))


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "ＰＡＳＳＷＯＲＤ１２３４",
        "P@ssw0rd2026!",
        "qwertyuiop123",
        "1qaz2wsx3edc",
        "abcdefghijkl",
        "123456789012",
        "aaaaaaaaaaaa",
        "がががががががががががが",
        "shirai-shirai",
        "5h1r4i-2026!",
        "白井花白井花白井花白井花",
        "ipwatch-2026",
        "IPWatch12345!",
        "パスワード-2026!!",
        "いろはにほへとちりぬるを",
        "arigatou2026",
        "sakurasakura",
        "doraemon1234",
        "!!Password-2026",
    ],
)
def test_a_password_that_is_tried_first_is_refused(database: Database, password: str) -> None:
    with database.write_session() as session:
        with pytest.raises(ConfigError, match="among the first that are tried") as refused:
            _add(session, password=password)
        assert not accounts.any_accounts(session)
    assert password not in str(refused.value)


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "g7Kp!x92mQvT",
        "korekarano-hito",
        "九つのランプと暇な猫たち",
    ],
)
@pytest.mark.usefixtures("quick_hashes")
def test_other_passwords_are_accepted(database: Database, password: str) -> None:
    with database.write_session() as session:
        assert _add(session, password=password).name == "shirai"


@given(st.text())
def test_the_form_of_a_name_is_its_own_form(name: str) -> None:
    assert accounts.fold_name(accounts.fold_name(name)) == accounts.fold_name(name)


def test_no_more_than_two_passwords_are_hashed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    now, maximum, lock = [0], [0], threading.Lock()

    def slow(_password: bytes, *, dklen: int, **_given: object) -> bytes:
        with lock:
            now[0] += 1
            maximum[0] = max(maximum[0], now[0])
        time.sleep(0.02)
        with lock:
            now[0] -= 1
        return bytes(dklen)

    monkeypatch.setattr(hashlib, "scrypt", slow)
    threads = [
        threading.Thread(target=accounts.Credentials(None, accounts._NOBODY).match, args=("x",)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert maximum[0] == accounts.MAX_HASHES

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text
from store_records import NOW, requests

from ipwatch.records import FailureReason, Request, RequestKind
from ipwatch.store import frontier, runs
from ipwatch.store.session import Database, Session
from ipwatch.store.tables import FrontierRow

LEASE = timedelta(minutes=5)

POST = Request(
    source="rakuten",
    url="https://api.example/search",
    kind=RequestKind.API,
    method="POST",
    headers=(("Accept", "application/json"),),
    secret_headers=(("Authorization", "Bearer canary-secret"),),
    body=b"\x00\xffbody",
    context=(("page", "3"), ("mark", "風見")),
)


@pytest.fixture
def run_id(database: Database) -> int:
    with database.write_session() as session:
        return runs.start_run(session, kind="collect", source="rakuten", now=NOW)


def _take(session: Session, run_id: int, limit: int = 100, *, owner: str = "me", now: datetime = NOW) -> list[int]:
    return [leased.id for leased in frontier.take(session, run_id, limit=limit, owner=owner, now=now, lease=LEASE)]


def test_a_request_comes_back_as_it_was_but_for_its_secrets(database: Database, run_id: int) -> None:
    with database.write_session() as session:
        assert frontier.push(session, run_id, [POST]) == 1
        (leased,) = frontier.take(session, run_id, limit=1, owner="me", now=NOW, lease=LEASE)
        stored = session.execute(text("SELECT * FROM frontier")).one()
    assert leased.request == replace(POST, secret_headers=())
    assert leased.attempts == 1
    assert "canary-secret" not in repr(stored)


def test_a_request_is_pushed_once_in_the_life_of_a_run(database: Database, run_id: int) -> None:
    with database.write_session() as session:
        assert frontier.push(session, run_id, [*requests(3), *requests(3)]) == 3
        first = _take(session, run_id)
        frontier.done(session, first[0], None)
        frontier.failed(session, first[1], FailureReason.TIMEOUT, "too slow")
        assert frontier.push(session, run_id, requests(4)) == 1
        assert frontier.left(session, run_id) == 2
        other = runs.start_run(session, kind="collect", source="rakuten", now=NOW)
        assert frontier.push(session, other, requests(4)) == 4
        assert frontier.push(session, other, []) == 0


@pytest.mark.parametrize(
    "other", [replace(POST, method="GET"), replace(POST, url="https://api.example/other"), replace(POST, body=None)]
)
def test_method_url_and_body_tell_requests_apart(other: Request) -> None:
    assert frontier.url_key(other) != frontier.url_key(POST)
    assert frontier.url_key(replace(POST, context=(), headers=())) == frontier.url_key(POST)


def test_more_requests_than_one_statement_carries(database: Database, run_id: int) -> None:
    with database.write_session() as session:
        assert frontier.push(session, run_id, requests(1203)) == 1203
        assert len(_take(session, run_id, 2000)) == 1203


def test_requests_are_taken_oldest_first_and_once(database: Database, run_id: int) -> None:
    with database.write_session() as session:
        frontier.push(session, run_id, requests(5))
        first, second, third = (_take(session, run_id, 2) for _ in range(3))
        assert [*first, *second, *third] == sorted([*first, *second, *third])
        assert len({*first, *second, *third}) == 5
        assert _take(session, run_id) == []


def test_an_ended_lease_is_taken_again_and_counted(database: Database, run_id: int) -> None:
    with database.write_session() as session:
        frontier.push(session, run_id, requests(1))
        _take(session, run_id)
        assert _take(session, run_id, now=NOW + LEASE - timedelta(seconds=1)) == []
        (again,) = frontier.take(session, run_id, limit=1, owner="other", now=NOW + LEASE, lease=LEASE)
    assert again.attempts == 2


def test_the_leases_of_a_dead_worker_are_free_at_once(database: Database, run_id: int) -> None:
    with database.write_session() as session:
        frontier.push(session, run_id, requests(3))
        taken = _take(session, run_id)
        frontier.done(session, taken[0], None)
        assert frontier.release(session, run_id) == 2
        assert _take(session, run_id) == taken[1:]


def test_a_request_is_finished_once(database: Database, run_id: int) -> None:
    with database.write_session() as session:
        frontier.push(session, run_id, requests(2))
        first, second = _take(session, run_id)
        assert frontier.done(session, first, "a" * 64)
        assert not frontier.done(session, first, "b" * 64)
        assert not frontier.failed(session, first, FailureReason.TIMEOUT, "late")
        assert frontier.failed(session, second, FailureReason.BLOCKED, "a challenge page")
        rows = {row.id: row for row in session.scalars(select(FrontierRow))}
    assert (rows[first].state, rows[first].document_sha256, rows[first].lease_owner) == ("done", "a" * 64, None)
    assert (rows[second].state, rows[second].reason, rows[second].message) == ("failed", "blocked", "a challenge page")


def test_takers_at_once_share_without_doubles(database: Database, run_id: int) -> None:
    with database.write_session() as session:
        frontier.push(session, run_id, requests(400))
    taken: list[int] = []

    def work(owner: str) -> None:
        while True:
            with database.write_session(durable=False) as session:
                leased = _take(session, run_id, 7, owner=owner)
                for request_id in leased:
                    frontier.done(session, request_id, None)
            if not leased:
                return
            taken.extend(leased)

    threads = [threading.Thread(target=work, args=(str(number),)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(taken) == len(set(taken)) == 400
    with database.read_session() as session:
        assert frontier.left(session, run_id) == 0

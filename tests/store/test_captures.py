from __future__ import annotations

from datetime import datetime, timedelta

from store_records import NOW, document

from ipwatch.records import Document, FailureReason, ParseIssue
from ipwatch.store import captures, issues, runs, sources
from ipwatch.store.session import Database

URL = "https://api.example/search?page=1"
LATER = NOW + timedelta(days=1)
HOUR = timedelta(hours=1)
MODIFIED = "Sun, 22 Nov 2026 03:00:00 GMT"


def known(
    etag: str | None, modified: str | None, answer: Document, read_in_full_at: datetime
) -> captures.StoredValidators:
    return captures.StoredValidators(
        etag=etag, last_modified=modified, sha256=answer.sha256, read_in_full_at=read_in_full_at
    )


def test_the_validator_is_of_the_newest_answer_200_of_exactly_that_url(database: Database) -> None:
    newest = document(URL, body=b"two", headers=(("etag", '"v2"'),), fetched_at=LATER)
    with database.write_session() as session:
        assert captures.validator(session, URL) is None
        captures.add_capture(session, newest, run_id=None)
        captures.add_capture(session, document(URL, body=b"one"), run_id=None)
        captures.add_capture(session, document(URL, status=404, fetched_at=LATER + HOUR), run_id=None)
        captures.add_capture(session, document(URL + "&x=1", fetched_at=LATER + HOUR), run_id=None)
        assert captures.validator(session, URL) == known('"v2"', None, newest, LATER)
        assert captures.validator(session, URL + "&x=1") == known('"v1"', MODIFIED, document(URL), LATER + HOUR)
        assert captures.validator(session, URL.upper()) is None


def test_a_newer_answer_without_validators_leaves_nothing_to_ask_by(database: Database) -> None:
    with database.write_session() as session:
        captures.add_capture(session, document(URL), run_id=None)
        captures.add_capture(session, document(URL, headers=(), fetched_at=LATER), run_id=None)
        assert captures.validator(session, URL) is None


def test_a_body_that_could_not_be_read_is_asked_for_again(database: Database) -> None:
    with database.write_session() as session:
        captures.add_capture(session, document(URL), run_id=None, trusted=False)
        assert captures.validator(session, URL) is None
        assert len(captures.captures_of(session, document(URL).sha256)) == 1


def test_every_capture_of_a_body_is_kept(database: Database) -> None:
    with database.write_session() as session:
        run_id = runs.start_run(session, kind="collect", source="rakuten", now=NOW)
        captures.add_capture(session, document(URL, fetched_at=LATER), run_id=None)
        captures.add_capture(session, document("https://api.example/" + "長" * 9000), run_id=run_id)
        captures.add_capture(session, document(URL, body=b"another"), run_id=run_id)
        kept = captures.captures_of(session, document(URL).sha256)
    assert [(capture.fetched_at, capture.run_id, capture.size) for capture in kept] == [
        (NOW, run_id, 4),
        (LATER, None, 4),
    ]
    assert kept[1].url == URL


def test_a_source_stands_as_it_was_set_last_and_remembers_when_it_was_ok(database: Database) -> None:
    with database.write_session() as session:
        run_id = runs.start_run(session, kind="collect", source="rakuten", now=NOW)
        sources.set_state(session, "rakuten", "ok", reason=None, message=None, run_id=run_id, now=NOW)
        sources.set_state(
            session, "rakuten", "blocked", reason=FailureReason.BLOCKED, message="a challenge", run_id=run_id, now=LATER
        )
        sources.set_state(session, "ebay", "failed", reason=FailureReason.AUTH, now=LATER)
        ebay, rakuten = sources.states(session)
    assert (rakuten.state, rakuten.reason, rakuten.message) == ("blocked", FailureReason.BLOCKED, "a challenge")
    assert (rakuten.last_ok_at, rakuten.updated_at, rakuten.run_id) == (NOW, LATER, run_id)
    assert (ebay.source, ebay.last_ok_at) == ("ebay", None)
    with database.write_session() as session:
        sources.set_state(session, "rakuten", "ok", now=LATER)
        assert sources.states(session)[1].message is None
        assert sources.states(session)[1].last_ok_at == LATER


def test_the_newest_issues_of_a_source_come_first(database: Database) -> None:
    def issue(number: int) -> ParseIssue:
        return ParseIssue(source="rakuten", where=f"items[{number}]", message="no price", field="price")

    with database.write_session() as session:
        run_id = runs.start_run(session, kind="collect", source="rakuten", now=NOW)
        issues.add_issues(session, run_id, [issue(number) for number in range(700)], NOW)
        issues.add_issues(session, run_id, [ParseIssue(source="ebay", where="x", message="y")], LATER)
        issues.add_issues(session, run_id, [issue(700)], LATER)
        issues.add_issues(session, run_id, [], LATER)
        newest = issues.recent_issues(session, "rakuten", 3)
    assert [noted.issue for noted in newest] == [issue(700), issue(699), issue(698)]
    assert [noted.noted_at for noted in newest] == [LATER, NOW, NOW]
    assert newest[0].run_id == run_id

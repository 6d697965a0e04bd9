"""The health of a source follows from the clock and the configuration, not from the result of its last run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ipwatch.errors import IpwatchError
from ipwatch.pipeline.health import GONE_AFTER, LEASE, PAUSE, STALLED_AFTER, assess_sources, judge_source
from ipwatch.pipeline.source_lock import alone, is_held
from ipwatch.records import FailureReason, Request, RequestKind, SourceCondition, SourceInfo, SourceKind, SourceSetup
from ipwatch.store import frontier, runs, sources
from ipwatch.store.session import Database
from ipwatch.store.sources import OpenRun, SourceRecord, SourceState

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
DAY = timedelta(days=1)
INFO = SourceInfo(
    name="shop", title_ja="店", title_en="Shop", kind=SourceKind.SHOP, country="JP", interval=1.0, ready=("base_urls",)
)
SETUP = SourceSetup(info=INFO, interval=DAY, scheduled=True)


def record(state: str | None = "ok", *, read: timedelta | None = timedelta(hours=3), **more: object) -> SourceRecord:
    last_read_at = NOW - (read or timedelta(hours=3))
    stood = None
    if state is not None:
        stood = SourceState(
            source="shop",
            state=state,
            reason=None,
            message="why",
            run_id=1,
            last_ok_at=last_read_at,
            updated_at=last_read_at,
        )
    return SourceRecord(
        source="shop",
        state=stood,
        last_read_at=last_read_at if read is not None else None,
        **more,  # type: ignore[arg-type]
    )


def conditions(setup: SourceSetup | None, stored: SourceRecord, *, held: bool | None = None) -> list[str]:
    return [condition.value for condition in judge_source(setup, stored, now=NOW, held=held).conditions]


def test_a_source_that_was_ok_is_overdue_after_twice_its_interval_and_not_before() -> None:
    assert conditions(SETUP, record(read=2 * DAY)) == ["ok"]
    assert conditions(SETUP, record(read=2 * DAY + timedelta(seconds=1))) == ["overdue"]
    weekly = replace(SETUP, interval=7 * DAY)
    assert conditions(weekly, record(read=13 * DAY)) == ["ok"]
    assert conditions(weekly, record(read=15 * DAY)) == ["overdue"]


@pytest.mark.parametrize("state", ["degraded", "blocked", "failed"])
def test_a_source_that_stood_badly_says_so_and_that_it_is_overdue(state: str) -> None:
    assert conditions(SETUP, record(state)) == [state]
    assert set(conditions(SETUP, record(state, read=9 * DAY))) == {state, "overdue"}


def test_a_source_that_never_ran_says_so() -> None:
    assert conditions(SETUP, record(None, read=None)) == ["never"]


def test_a_source_without_an_active_schedule_says_so_where_schedules_are_known() -> None:
    assert conditions(replace(SETUP, scheduled=False), record()) == ["unscheduled"]
    assert conditions(replace(SETUP, scheduled=None), record()) == ["ok"]


@pytest.mark.parametrize("state", ["ok", "failed", None])
def test_what_nobody_configured_is_not_configured_and_nothing_else(state: str | None) -> None:
    setup = replace(SETUP, missing=("IPWATCH_SOURCES__SHOP__BASE_URLS",), touched=False)
    health = judge_source(setup, record(state, read=90 * DAY), now=NOW, held=None)
    assert health.conditions == (SourceCondition.NOT_CONFIGURED,)
    assert not health.expected
    assert conditions(None, record(state)) == ["not_configured"]


def test_what_is_configured_by_half_or_wrongly_is_a_fault() -> None:
    half = replace(SETUP, missing=("IPWATCH_SOURCES__SHOP__BASE_URLS",))
    assert conditions(half, record()) == ["wrong_settings"]
    wrong = judge_source(replace(SETUP, problem="no address"), record(), now=NOW, held=None)
    assert (wrong.condition, wrong.message, wrong.expected) == (SourceCondition.WRONG_SETTINGS, "no address", True)


def test_what_is_switched_off_is_switched_off_and_nothing_else() -> None:
    off = replace(SETUP, enabled=False, missing=("X",))
    assert conditions(off, record("failed", read=90 * DAY)) == ["switched_off"]


@pytest.mark.parametrize(
    ("quiet", "held", "cut_off"),
    [
        (GONE_AFTER - timedelta(seconds=1), False, False),
        (GONE_AFTER, False, True),
        (GONE_AFTER, True, False),
        (GONE_AFTER, None, False),
        (STALLED_AFTER - timedelta(seconds=1), True, False),
        (STALLED_AFTER, True, True),
        (STALLED_AFTER, None, True),
    ],
)
def test_a_run_is_cut_off_when_its_process_is_gone_or_long_quiet(
    quiet: timedelta, held: bool | None, cut_off: bool
) -> None:
    started = OpenRun(id=3, started_at=NOW - quiet, leased_until=None)
    taking = OpenRun(id=3, started_at=NOW - 30 * DAY, leased_until=NOW - quiet + LEASE)
    for run in (started, taking):
        assert ("cut_off" in conditions(SETUP, record(open_run=run), held=held)) is cut_off


def test_a_source_that_refused_us_is_paused_for_a_day() -> None:
    health = judge_source(SETUP, record("blocked", read=timedelta(hours=1)), now=NOW, held=None)
    assert health.paused_until == NOW - timedelta(hours=1) + PAUSE
    assert judge_source(SETUP, record("blocked", read=PAUSE), now=NOW, held=None).paused_until is None


# --- from the database, on both ---------------------------------------------------------------------------------------


def test_the_stored_facts_of_every_source_are_found(database: Database) -> None:
    with database.write_session() as session:
        done = runs.start_run(session, kind="register", source="jpo", now=NOW - 9 * DAY)
        runs.finish_run(session, done, state="done", now=NOW - 9 * DAY + timedelta(hours=1))
        sources.set_state(session, "jpo", "ok", run_id=done, now=NOW - 9 * DAY)
        bad = runs.start_run(session, kind="register", source="jpo", now=NOW - DAY)
        runs.finish_run(session, bad, state="failed", now=NOW - DAY)
        sources.set_state(session, "ebay", "failed", reason=FailureReason.AUTH, message="no key", now=NOW - DAY)
        begun = runs.start_run(session, kind="collect", source="shop", now=NOW - DAY)
        frontier.push(session, begun, [Request(source="shop", url="https://shop.example/", kind=RequestKind.PAGE)])
        frontier.take(session, begun, limit=1, owner="x", now=NOW - timedelta(hours=8), lease=LEASE)
        runs.start_run(session, kind="screen", source=None, now=NOW - 9 * DAY)
    with database.read_session() as session:
        records = sources.records(session)
    assert set(records) == {"jpo", "ebay", "shop"}
    assert records["jpo"].last_read_at == NOW - 9 * DAY + timedelta(hours=1)
    assert records["ebay"].last_read_at is None
    assert records["shop"].open_run == OpenRun(
        id=begun, started_at=NOW - DAY, leased_until=NOW - timedelta(hours=8) + LEASE
    )
    health = assess_sources(database, {"jpo": SETUP, "shop": SETUP, "webshop": SETUP}, now=NOW, locks=None)
    assert {name: source.condition.value for name, source in health.items()} == {
        "jpo": "overdue",
        "ebay": "not_configured",
        "shop": "cut_off",
        "webshop": "never",
    }
    assert health["shop"].quiet_since == NOW - timedelta(hours=8)


# --- the process that reads -------------------------------------------------------------------------------------------


@contextmanager
def reader(locks: Path, name: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process that reads a source until it is ended."""
    program = (
        "import sys, time; from pathlib import Path; from ipwatch.pipeline.source_lock import alone\n"
        "with alone(Path(sys.argv[1]), sys.argv[2]):\n    print('in', flush=True); time.sleep(600)"
    )
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", program, str(locks), name], stdout=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"in\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_killed_reader_leaves_a_run_that_is_cut_off_within_minutes(database: Database, tmp_path: Path) -> None:
    locks = tmp_path / "locks"
    with database.write_session() as session:
        runs.start_run(session, kind="collect", source="shop", now=NOW)
    later = NOW + GONE_AFTER

    def stands() -> SourceCondition:
        return assess_sources(database, {"shop": SETUP}, now=later, locks=locks)["shop"].condition

    with reader(locks, "shop") as process:
        assert is_held(locks, "shop") is True
        assert stands() is not SourceCondition.CUT_OFF
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert is_held(locks, "shop") is False
        assert stands() is SourceCondition.CUT_OFF


def test_a_look_at_the_lock_refuses_nobody_and_a_reader_refuses_the_next(tmp_path: Path) -> None:
    assert is_held(tmp_path, "shop") is None
    with (
        reader(tmp_path, "shop"),
        pytest.raises(IpwatchError, match="is being read by another process"),
        alone(tmp_path, "shop"),
    ):
        pass
    ended = time.monotonic() + 1
    program = (
        "import sys; from pathlib import Path; from ipwatch.pipeline.source_lock import is_held\n"
        "while True: is_held(Path(sys.argv[1]), 'shop')"
    )
    looks = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)])  # noqa: S603 - our own program
    try:
        while time.monotonic() < ended:
            with alone(tmp_path, "shop"):
                pass
    finally:
        looks.kill()
        looks.wait()

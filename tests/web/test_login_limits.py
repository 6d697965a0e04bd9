"""The limits of signing in by a clock of their own, and the turns at hashing."""

from __future__ import annotations

import stat
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest
from web.world import NOW

from ipwatch.errors import ConfigError
from ipwatch.store.accounts import MAX_HASHES
from ipwatch.web.attempts import (
    ACCOUNT,
    ADDRESS,
    DEVICE,
    FIRST,
    MAX_WAITING,
    PAIR,
    Admitted,
    Attempts,
    Limited,
    Reason,
)
from ipwatch.web.devices import DEVICE_KEPT, KEY_BYTES, Devices, load_key
from ipwatch.web.hashing import MAX_LINE, HashingBusyError, HashingTurns

DAY = 24 * 3600


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def attempts(clock: Clock) -> Attempts:
    return Attempts(clock)


def guess(attempts: Attempts, account: str, network: str, *, known: bool = False) -> Admitted | Limited:
    """Make an attempt that fails at once."""
    outcome = attempts.reserve(account, network, known=known)
    if isinstance(outcome, Admitted):
        attempts.waited(outcome)
    return outcome


def test_one_address_guesses_one_account_a_few_hundred_times_a_day(attempts: Attempts, clock: Clock) -> None:
    admitted = 0
    for _ in range(DAY // 10):
        admitted += isinstance(guess(attempts, "owner", "192.0.2.1"), Admitted)
        clock.seconds += 10
    assert admitted <= PAIR.burst + DAY / PAIR.interval


def test_one_address_guesses_many_accounts_a_few_thousand_times_a_day(attempts: Attempts, clock: Clock) -> None:
    admitted = 0
    for number in range(DAY // 10):
        admitted += isinstance(guess(attempts, f"name-{number}", "192.0.2.1"), Admitted)
        clock.seconds += 10
    assert admitted <= ADDRESS.burst + DAY / ADDRESS.interval


def test_ten_thousand_addresses_guess_one_account_no_faster_than_its_line(attempts: Attempts, clock: Clock) -> None:
    admitted = 0
    for number in range(3600 * 4):
        admitted += isinstance(guess(attempts, "owner", f"10.0.{number % 10_000}"), Admitted)
        clock.seconds += 0.25
    assert admitted <= sum(limit.burst + (3600 + limit.max_wait) / limit.interval + 1 for limit in (FIRST, ACCOUNT))


def test_a_known_device_gets_in_at_once_whatever_strangers_do(attempts: Attempts, clock: Clock) -> None:
    for number in range(5000):
        guess(attempts, "owner", f"10.0.{number}")
        guess(attempts, "owner", "192.0.2.9")
        clock.seconds += 0.1
    outcome = attempts.reserve("owner", "192.0.2.9", known=True)
    assert isinstance(outcome, Admitted)
    assert outcome.delay == 0


@pytest.mark.parametrize("attackers", [1, 10, 60])
def test_a_new_device_gets_in_after_a_short_wait_whatever_sixty_addresses_do(
    attempts: Attempts, clock: Clock, attackers: int
) -> None:
    for _ in range(4):
        for _ in range(900):
            for number in range(attackers):
                guess(attempts, "owner", f"10.0.{number}")
            clock.seconds += 1
        outcome = attempts.reserve("owner", "192.0.2.1", known=False)
        assert isinstance(outcome, Admitted)
        assert outcome.delay <= ACCOUNT.max_wait
        attempts.waited(outcome)
        attempts.give_back(outcome)


def test_a_new_device_gets_in_while_addresses_that_failed_still_fill_their_line(
    attempts: Attempts, clock: Clock
) -> None:
    for _ in range(5):
        for number in range(20):
            guess(attempts, "owner", f"10.0.{number}")
        clock.seconds += 1
    again = attempts.reserve("owner", "10.0.1", known=False)
    assert isinstance(again, Limited), "the addresses that failed wait"
    outcome = attempts.reserve("owner", "192.0.2.1", known=False)
    assert isinstance(outcome, Admitted)
    assert outcome.delay <= FIRST.max_wait


def test_a_device_that_fails_too_often_is_treated_like_a_stranger(attempts: Attempts) -> None:
    known = [guess(attempts, "owner", "192.0.2.1", known=True) for _ in range(DEVICE.burst + 1)]
    assert [isinstance(outcome, Admitted) and outcome.known for outcome in known] == [True] * DEVICE.burst + [False]


def test_a_right_password_gives_back_what_was_counted(attempts: Attempts) -> None:
    for _ in range(PAIR.burst * 5):
        outcome = attempts.reserve("owner", "192.0.2.1", known=False)
        assert isinstance(outcome, Admitted)
        attempts.give_back(outcome)


def test_right_passwords_one_after_the_other_do_not_take_the_processor_for_ever(attempts: Attempts) -> None:
    reasons = set()
    for _ in range(100):
        outcome = attempts.reserve("owner", "192.0.2.1", known=False)
        if isinstance(outcome, Limited):
            reasons.add(outcome.reason)
        else:
            attempts.give_back(outcome)
    assert reasons == {Reason.ADDRESS}


def test_the_seconds_that_are_named_are_enough(attempts: Attempts, clock: Clock) -> None:
    for _ in range(PAIR.burst):
        guess(attempts, "owner", "192.0.2.1")
    refused = guess(attempts, "owner", "192.0.2.1")
    assert refused == Limited(Reason.PAIR, PAIR.interval)  # type: ignore[arg-type] # whole seconds
    clock.seconds += refused.seconds  # type: ignore[union-attr] # see above
    assert isinstance(guess(attempts, "owner", "192.0.2.1"), Admitted)


def test_requests_that_wait_for_a_turn_are_few(attempts: Attempts) -> None:
    waiting = refused = 0
    for account in range(40):
        for number in range(FIRST.burst + 10):
            outcome = attempts.reserve(f"name-{account}", f"10.{account}.{number}", known=False)
            waiting += isinstance(outcome, Admitted) and outcome.delay > 0
            refused += outcome == Limited(Reason.WAITING, 30)
    assert waiting == MAX_WAITING
    assert refused > 0


def test_names_and_addresses_that_somebody_invents_take_no_memory(attempts: Attempts) -> None:
    def size() -> int:
        buckets = [attempts._tries, attempts._address, attempts._pair, attempts._first, attempts._account]
        return sum(
            sys.getsizeof(bucket._full_again) for bucket in [*buckets, attempts._device, *attempts._notes.values()]
        )

    before = size()
    for number in range(100_000):
        guess(attempts, f"name-{number}", f"10.{number}")
    assert size() == before < 5 * 2**20


def test_attempts_at_once_are_counted_one_by_one(attempts: Attempts) -> None:
    admitted: list[bool] = []

    def work() -> None:
        admitted.extend(isinstance(guess(attempts, "owner", "192.0.2.1"), Admitted) for _ in range(50))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(admitted) == PAIR.burst


# --- turns at hashing ------------------------------------------------------------------------------------------------


def test_two_hash_at_once_and_known_devices_come_first() -> None:
    turns, order, now, peak = HashingTurns(), list[str](), [0], [0]
    lock = threading.Lock()

    def work(name: str) -> None:
        with lock:
            now[0] += 1
            peak[0] = max(peak[0], now[0])
            order.append(name)
        time.sleep(0.05)
        with lock:
            now[0] -= 1

    async def everybody() -> None:
        async with anyio.create_task_group() as group:
            for number in range(12):
                known = number >= 8
                group.start_soon(lambda known=known: turns.run(lambda: work("known" if known else "new"), known=known))
                await anyio.lowlevel.checkpoint()

    anyio.run(everybody)
    assert peak[0] == MAX_HASHES
    assert order == ["new"] * MAX_HASHES + ["known"] * 4 + ["new"] * 6


def test_a_full_line_and_a_long_wait_are_refused_and_leave_no_hole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ipwatch.web.hashing.MAX_SECONDS", 0.2)
    turns, release, outcomes = HashingTurns(), threading.Event(), list[str]()

    async def hash_once() -> None:
        try:
            await turns.run(release.wait, known=False)
            outcomes.append("done")
        except HashingBusyError:
            outcomes.append("busy")

    async def everybody() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(MAX_HASHES + MAX_LINE + 3):
                group.start_soon(hash_once)
            await anyio.sleep(0.05)
            assert outcomes == ["busy"] * 3
            await anyio.sleep(0.5)
            assert outcomes == ["busy"] * (3 + MAX_LINE)
            release.set()

    anyio.run(everybody)
    assert outcomes.count("done") == MAX_HASHES
    assert turns._free == MAX_HASHES


def test_a_request_that_is_dropped_while_it_waits_gives_its_turn_on() -> None:
    turns, release = HashingTurns(), threading.Event()

    async def everybody() -> None:
        async with anyio.create_task_group() as holders:
            for _ in range(MAX_HASHES):
                holders.start_soon(lambda: turns.run(release.wait, known=False))
            async with anyio.create_task_group() as dropped:
                for _ in range(5):
                    dropped.start_soon(lambda: turns.run(release.wait, known=True))
                await anyio.sleep(0.1)
                dropped.cancel_scope.cancel()
            release.set()
        with anyio.fail_after(5):
            assert await turns.run(lambda: "served", known=False) == "served"

    anyio.run(everybody)
    assert turns._free == MAX_HASHES


# --- devices ---------------------------------------------------------------------------------------------------------


def test_a_device_is_known_to_its_account_alone_and_for_half_a_year() -> None:
    devices = Devices(b"k" * KEY_BYTES)
    value = devices.issue("owner", now=NOW)
    assert devices.knows("owner", value, now=NOW + DEVICE_KEPT - timedelta(seconds=2))
    assert not devices.knows("owner", value, now=NOW + DEVICE_KEPT)
    assert not devices.knows("another", value, now=NOW)
    assert not Devices(b"l" * KEY_BYTES).knows("owner", value, now=NOW)
    issued, _, signature = value.partition(".")
    forged = f"{int(issued) + 1}.{signature}"
    for wrong in (None, "", ".", "x", forged, signature, f"{value}0", f"\ud800.{signature}", f"{issued}.\udcff"):
        assert not devices.knows("owner", wrong, now=NOW)


def test_the_key_of_devices_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "device-key"
    key = load_key(path)
    assert len(key) == KEY_BYTES
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o644)
    assert load_key(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["device-key"]


def test_a_key_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "device-key").write_bytes(b"short")
    with pytest.raises(ConfigError, match="delete the file"):
        load_key(tmp_path / "device-key")
    with pytest.raises(ConfigError, match="cannot be kept"):
        load_key(tmp_path / "nowhere" / "device-key")

"""Who may try a password now: counted before anything is hashed, in memory of a fixed size.

Three things must hold at once (OWASP, Authentication Cheat Sheet, and its pattern of device cookies):

- guessing is bounded, from one address, from many, and from a device that an account trusts;
- nobody can lock an account's owner out: a device that signed in before has a limit of its own, and a new device only
  waits its turn among the addresses that have not failed at that account yet, apart from those that have;
- a name that no account has is treated like one that an account has.

An account is counted under its folded name, an address as ``ipwatch.web.crowd.group_of`` says.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from math import ceil


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """``burst`` attempts at once, then one in ``interval`` seconds; whoever comes early waits ``max_wait`` at most."""

    burst: int
    interval: float
    max_wait: float = 0


TRIES = Limit(burst=60, interval=3)
"""Of one address, right passwords included: the processor is for everybody."""

ADDRESS = Limit(burst=40, interval=30)
"""Wrong passwords from one address for any account: an office behind one address has many people."""

PAIR = Limit(burst=5, interval=300)
"""Wrong passwords from one address for one account."""

FIRST = Limit(burst=20, interval=6, max_wait=30)
"""Tries for one account from devices it does not know, at addresses that have not failed at it lately. To fill this
line for long takes hundreds of addresses, as ``PAIR`` remembers each for five minutes a failure."""

ACCOUNT = Limit(burst=10, interval=6, max_wait=30)
"""Tries for one account from devices it does not know, at addresses that have failed at it: with ``FIRST`` 28,800 a
day."""

DEVICE = Limit(burst=20, interval=10)
"""Tries for one account from devices it knows."""

NOTES = {"log": Limit(burst=20, interval=60), "audit": Limit(burst=1, interval=3600)}
"""How often limits that were met are written down."""

MAX_WAITING = 100
"""Requests that wait for their turn at one time, over all accounts."""

_SLOTS = 2**16


class Reason(StrEnum):
    """Which limit an attempt met."""

    ADDRESS = "address"
    PAIR = "account_and_address"
    ACCOUNT = "account"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """An attempt that is counted and may be made after ``delay`` seconds; ``taken`` is what to give back."""

    delay: float
    known: bool
    taken: tuple[tuple[Bucket, int], ...]


@dataclass(frozen=True, slots=True)
class Limited:
    """An attempt that must not be made now, and in how many whole seconds it may."""

    reason: Reason
    seconds: int


class Bucket:
    """One limit for any number of keys: the generic cell rate algorithm (ITU-T I.371), one number a slot.

    Keys are spread over the slots by a hash with a secret of this process, so that nobody can aim at the slot of
    another; two keys share one by chance of 1 in 65,536. Memory is fixed: whoever invents names and addresses fills no
    table and pushes nobody out of one.
    """

    def __init__(self, limit: Limit) -> None:
        self.limit = limit
        self._secret = secrets.token_bytes(16)
        self._full_again = array("d", bytes(8 * _SLOTS))

    def slot(self, *key: str) -> int:
        """Return the slot of a key."""
        text = "\0".join(key).encode("utf-8", "surrogatepass")
        return int.from_bytes(hashlib.blake2b(text, key=self._secret, digest_size=8).digest()) % _SLOTS

    def delay(self, slot: int, now: float) -> float:
        """Return after how many seconds the next attempt may be made."""
        earliest = max(self._full_again[slot], now) + self.limit.interval * (1 - self.limit.burst)
        return max(0.0, earliest - now)

    def is_full(self, slot: int, now: float) -> bool:
        """Return whether no attempt of late is counted."""
        return self._full_again[slot] <= now

    def take(self, slot: int, now: float) -> None:
        """Count an attempt."""
        self._full_again[slot] = max(self._full_again[slot], now) + self.limit.interval

    def give_back(self, slot: int) -> None:
        """Uncount an attempt."""
        self._full_again[slot] -= self.limit.interval


class Attempts:
    """The limits of one process. Threads may share it; ``clock`` returns seconds and never goes back."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._tries, self._address, self._pair = Bucket(TRIES), Bucket(ADDRESS), Bucket(PAIR)
        self._first, self._account, self._device = Bucket(FIRST), Bucket(ACCOUNT), Bucket(DEVICE)
        self._notes = {kind: Bucket(limit) for kind, limit in NOTES.items()}
        self._waiting = 0

    def reserve(self, account: str, network: str, *, known: bool) -> Admitted | Limited:
        """Count an attempt for an account, by its folded name, or say why it must not be made now.

        ``known`` says that the device proved to have signed in to that account before. Whoever is admitted with a
        delay calls ``waited`` when it is over.
        """
        with self._lock:
            now = self._clock()
            device = self._device.slot(account)
            if known and self._device.delay(device, now) == 0:
                self._device.take(device, now)
                return Admitted(delay=0, known=True, taken=((self._device, device),))
            return self._of_stranger(account, network, now)

    def _of_stranger(self, account: str, network: str, now: float) -> Admitted | Limited:
        tries = self._tries.slot(network)
        if (seconds := self._tries.delay(tries, now)) > 0:
            return Limited(Reason.ADDRESS, ceil(seconds))
        self._tries.take(tries, now)
        address, pair = self._address.slot(network), self._pair.slot(account, network)
        if (seconds := self._address.delay(address, now)) > 0:
            return Limited(Reason.ADDRESS, ceil(seconds))
        if (seconds := self._pair.delay(pair, now)) > 0:
            return Limited(Reason.PAIR, ceil(seconds))
        line = self._first if self._pair.is_full(pair, now) else self._account
        account_slot = line.slot(account)
        delay = line.delay(account_slot, now)
        if (seconds := delay - line.limit.max_wait) > 0:
            return Limited(Reason.ACCOUNT, ceil(seconds))
        if delay and self._waiting >= MAX_WAITING:
            return Limited(Reason.WAITING, ceil(line.limit.max_wait))
        taken = ((self._address, address), (self._pair, pair), (line, account_slot))
        for bucket, slot in taken:
            bucket.take(slot, now)
        self._waiting += delay > 0
        return Admitted(delay=delay, known=False, taken=taken)

    def may_note(self, kind: str, *key: str) -> bool:
        """Say whether a limit that was met is to be written down now: not each time, or attackers fill the disk."""
        with self._lock:
            now, notes = self._clock(), self._notes[kind]
            slot = notes.slot(*key)
            due = notes.delay(slot, now) == 0
            if due:
                notes.take(slot, now)
            return due

    def waited(self, attempt: Admitted) -> None:
        """Note that a request with a delay does not wait any more."""
        with self._lock:
            self._waiting -= attempt.delay > 0

    def give_back(self, attempt: Admitted) -> None:
        """Uncount an attempt whose password was right, or that was never made."""
        with self._lock:
            for bucket, slot in attempt.taken:
                bucket.give_back(slot)

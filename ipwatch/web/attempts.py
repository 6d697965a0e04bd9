"""Login rate limits: attempts are counted before anything is hashed, in memory of fixed size.

Requirements (OWASP, Authentication Cheat Sheet, and its pattern of device cookies):

- guessing is bounded, from one address, from many, and from a device that an account trusts;
- nobody can lock an account's owner out: a device that signed in before has a limit of its own, and a new device shares
  one only with the addresses that have not failed at that account yet;
- an unknown name is treated like that of an account.

An account is counted by its folded name, an address by ``ipwatch.web.crowd.group_of``.
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
    """``burst`` attempts at once, then one per ``interval`` seconds; early ones wait ``max_wait`` seconds at most."""

    burst: int
    interval: float
    max_wait: float = 0


TRIES = Limit(burst=60, interval=3)
"""Attempts from one address, right passwords included."""

ADDRESS = Limit(burst=40, interval=30)
"""Wrong passwords from one address for any account: an office behind one address has many people."""

PAIR = Limit(burst=5, interval=300)
"""Wrong passwords from one address for one account."""

FIRST = Limit(burst=20, interval=6, max_wait=30)
"""Attempts for one account from unknown devices, at addresses without a recent failure at it. Exhausting this limit for
long takes hundreds of addresses, as ``PAIR`` remembers each failure for five minutes."""

ACCOUNT = Limit(burst=10, interval=6, max_wait=30)
"""Attempts for one account from unknown devices, at addresses with a recent failure at it: together with ``FIRST``
28,800 a day."""

DEVICE = Limit(burst=20, interval=10)
"""Attempts for one account from known devices."""

NOTES = {"log": Limit(burst=20, interval=60), "audit": Limit(burst=1, interval=3600)}
"""How often exceeded limits are logged and audited."""

MAX_WAITING = 100
"""Requests that wait at one time, over all accounts."""

_SLOTS = 2**16


class Reason(StrEnum):
    """Which limit an attempt exceeded."""

    ADDRESS = "address"
    PAIR = "account_and_address"
    ACCOUNT = "account"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """A counted attempt that may be made after ``delay`` seconds; ``taken`` are the slots to give back."""

    delay: float
    known: bool
    taken: tuple[tuple[Bucket, int], ...]


@dataclass(frozen=True, slots=True)
class Limited:
    """A refused attempt, and after how many whole seconds it may be made."""

    reason: Reason
    seconds: int


class Bucket:
    """One limit for any number of keys: the generic cell rate algorithm (ITU-T I.371), one number per slot.

    Keys are mapped to slots by a hash keyed with a secret of this process, so that nobody can target the slot of
    another key; two keys share one with a probability of 1 in 65,536. Memory is fixed: invented names and addresses
    cannot fill a table or evict others.
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
        """Return the seconds until the next attempt may be made."""
        earliest = max(self._full_again[slot], now) + self.limit.interval * (1 - self.limit.burst)
        return max(0.0, earliest - now)

    def is_full(self, slot: int, now: float) -> bool:
        """Return whether no recent attempt is counted."""
        return self._full_again[slot] <= now

    def take(self, slot: int, now: float) -> None:
        """Count an attempt."""
        self._full_again[slot] = max(self._full_again[slot], now) + self.limit.interval

    def give_back(self, slot: int) -> None:
        """Uncount an attempt."""
        self._full_again[slot] -= self.limit.interval


class Attempts:
    """The limits of one process. Thread-safe; ``clock`` returns monotonic seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._tries, self._address, self._pair = Bucket(TRIES), Bucket(ADDRESS), Bucket(PAIR)
        self._first, self._account, self._device = Bucket(FIRST), Bucket(ACCOUNT), Bucket(DEVICE)
        self._notes = {kind: Bucket(limit) for kind, limit in NOTES.items()}
        self._waiting = 0

    def reserve(self, account: str, network: str, *, known: bool) -> Admitted | Limited:
        """Count an attempt for an account, by its folded name, or return why it must not be made now.

        ``known`` is whether the device has signed in to that account before. A caller admitted with a delay calls
        ``waited`` when it is over.
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
        """Return whether an exceeded limit is to be recorded now: not each time, or attackers could fill the disk."""
        with self._lock:
            now, notes = self._clock(), self._notes[kind]
            slot = notes.slot(*key)
            due = notes.delay(slot, now) == 0
            if due:
                notes.take(slot, now)
            return due

    def waited(self, attempt: Admitted) -> None:
        """Record that a request with a delay no longer waits."""
        with self._lock:
            self._waiting -= attempt.delay > 0

    def give_back(self, attempt: Admitted) -> None:
        """Uncount an attempt whose password was right, or that was never made."""
        with self._lock:
            for bucket, slot in attempt.taken:
                bucket.give_back(slot)

"""Who is signed in. Tokens are random and live in this process; only their hashes are kept."""

from __future__ import annotations

import hashlib
import secrets
import threading
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

COOKIE = "session"
IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
FAILURES = 5
PAUSE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person with an account, since when, and when last seen."""

    name: str
    display_name: str
    since: datetime
    seen: datetime


class Sessions:
    """Sessions by the hash of their token. They end after 30 idle minutes, after 12 hours, and with the process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sessions: dict[str, SignedIn] = {}
        self._failures: dict[str, tuple[int, datetime]] = {}

    def start(self, *, name: str, display_name: str, now: datetime) -> str:
        """Return the token of a new session; the failures of that name are forgotten."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._failures.pop(name, None)
            self._sessions = {key: one for key, one in self._sessions.items() if _lives(one, now)}
            self._sessions[_hash(token)] = SignedIn(name, display_name, now, now)
        return token

    def find(self, token: str | None, *, now: datetime) -> SignedIn | None:
        """Return who holds a token, and note that they were seen."""
        if not token:
            return None
        key = _hash(token)
        with self._lock:
            found = self._sessions.get(key)
            if found is None or not _lives(found, now):
                self._sessions.pop(key, None)
                return None
            self._sessions[key] = replace(found, seen=now)
            return found

    def end(self, token: str | None) -> None:
        """Forget a session."""
        if token:
            with self._lock:
                self._sessions.pop(_hash(token), None)

    def may_try(self, name: str, *, now: datetime) -> bool:
        """Say whether a name may try to sign in: after five failures it waits a minute from the last."""
        with self._lock:
            count, last = self._failures.get(name, (0, now))
            return count < FAILURES or now - last >= PAUSE

    def failed(self, name: str, *, now: datetime) -> None:
        """Count a failure; those of other names that have rested are forgotten."""
        with self._lock:
            self._failures = {key: one for key, one in self._failures.items() if now - one[1] < PAUSE or key == name}
            count, _ = self._failures.get(name, (0, now))
            self._failures[name] = (count + 1, now)


def _lives(session: SignedIn, now: datetime) -> bool:
    return now - session.seen < IDLE and now - session.since < LONGEST


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()

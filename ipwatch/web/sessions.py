"""Sessions. Tokens are random; only their hashes are kept, in the memory of this process."""

from __future__ import annotations

import hashlib
import secrets
import threading
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

IDLE = timedelta(minutes=30)
MAX_LIFETIME = timedelta(hours=12)


def cookie_name(*, secure: bool) -> str:
    """Return the name of the cookie with the token.

    Over HTTPS the prefix lets no other host of the domain, and no page without HTTPS, set it (RFC 6265bis, 4.1.3.2).
    """
    return "__Host-session" if secure else "session"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A signed-in person: since when, and when the session was last used."""

    name: str
    display_name: str
    since: datetime
    last_used: datetime


class Sessions:
    """Sessions by the hash of their token. They end after 30 idle minutes, 12 hours, or with the process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sessions: dict[str, SignedIn] = {}

    def start(self, *, name: str, display_name: str, now: datetime) -> str:
        """Return the token of a new session; expired ones are removed."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._sessions = {key: session for key, session in self._sessions.items() if _lives(session, now)}
            self._sessions[_hash(token)] = SignedIn(name, display_name, now, now)
        return token

    def find(self, token: str | None, *, now: datetime) -> SignedIn | None:
        """Return the session of a token and update its last use."""
        if not token:
            return None
        key = _hash(token)
        with self._lock:
            session = self._sessions.get(key)
            if session is None or not _lives(session, now):
                self._sessions.pop(key, None)
                return None
            self._sessions[key] = replace(session, last_used=now)
            return session

    def end(self, token: str | None) -> None:
        """End a session."""
        if token:
            with self._lock:
                self._sessions.pop(_hash(token), None)


def _lives(session: SignedIn, now: datetime) -> bool:
    return now - session.last_used < IDLE and now - session.since < MAX_LIFETIME


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()

"""Device cookies: identify a browser that signed in before, so that others' failed attempts do not delay it.

The pattern is OWASP's ("Slow Down Online Guessing Attacks with Device Cookies"). A cookie is for one account and grants
no access: the password is still required.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ipwatch.errors import ConfigError
from ipwatch.terms import message, os_reason

DEVICE_KEPT = timedelta(days=180)
KEY_BYTES = 32


class Devices:
    """Issues and verifies the cookies; ``key`` signs them."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def cookie_name(self, account: str) -> str:
        """Return the name of the cookie of an account, by its folded name: people may share a browser."""
        return f"device-{self._sign('name', account)[:16]}"

    def issue(self, account: str, *, now: datetime) -> str:
        """Return a cookie value that makes a browser known to an account."""
        issued = str(int(now.timestamp()))
        return f"{issued}.{self._sign('device', account, issued)}"

    def knows(self, account: str, value: str | None, *, now: datetime) -> bool:
        """Return whether a value was issued for that account within ``DEVICE_KEPT``."""
        issued, _, signature = (value or "").partition(".")
        expected = self._sign("device", account, issued)
        if not hmac.compare_digest(signature.encode("utf-8", "surrogatepass"), expected.encode()):
            return False
        return timedelta(0) <= now - datetime.fromtimestamp(int(issued), UTC) < DEVICE_KEPT

    def _sign(self, *parts: str) -> str:
        text = "\0".join(parts).encode("utf-8", "surrogatepass")
        return hmac.new(self._key, text, hashlib.sha256).hexdigest()


def load_key(path: Path) -> bytes:
    """Return the key in a file that only its owner may read, created if missing.

    Raises ``ConfigError`` where it can be neither read nor created.
    """
    try:
        if not path.exists():
            _make_key(path)
        key = path.read_bytes()
        path.chmod(0o600)
    except OSError as error:
        raise ConfigError(message("installation.device_key", path=path, reason=os_reason(error))) from error
    if len(key) != KEY_BYTES:
        raise ConfigError(message("installation.no_device_key", path=path))
    return key


def _make_key(path: Path) -> None:
    """Write a new key atomically."""
    partial = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secrets.token_bytes(KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)

"""The exception tree, sorted by what the caller does about an error.

::

    IpwatchError
    ├── ConfigError                 the user's input is wrong: stop, exit 2
    │   └── WatchlistError          a watchlist file: names file, line or key, and the fix
    ├── FetchError                  something outside failed: exit 3
    │   ├── RetryLater              timeout, 429, 5xx: retry after ``retry_after`` seconds
    │   ├── Blocked                 challenge or login wall: pause the source, notify a person
    │   ├── NotAllowed              robots.txt, a forbidden address or scheme
    │   ├── Refused                 too large, too slow, a broken or unexpected body
    │   └── ContractChanged         the API answers, but its contract has changed
    ├── ParseError                  a document cannot be read (layout changed)
    ├── ImageError                  a picture cannot be used; ``reason`` is from a closed list
    ├── EvidenceError               evidence cannot be written or does not verify: stop the run
    ├── StoreError                  the database cannot be read or written: roll back and stop
    │   └── InstallationError       also an EvidenceError: files of this installation cannot be used as they are
    │                               (rights, space, damage, a newer version): stop, exit 2
    └── TransitionError             a case may not move that way: HTTP 409

Errors carry data (source, url, sha256, reason) and never log themselves. Their texts for people are
``ipwatch.terms.message(key, ...)``: the ``str`` is English, and entry points render it in the reader's language.
404 and 410 are results ("listing gone"), not errors.
"""

from __future__ import annotations


class IpwatchError(Exception):
    """Base class of all errors of ipwatch."""


class ConfigError(IpwatchError):
    """Input of the user cannot be used; the message names its position and the fix."""


class WatchlistError(ConfigError):
    """A watchlist is wrong.

    ``problems`` has one sentence for each error, naming file, line or key, and fix; ``str`` joins all of them.
    """

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class FetchError(IpwatchError):
    """A request gave no usable document. ``reason`` is a code of ``records.FailureReason``."""

    def __init__(self, message: str, *, url: str, reason: str, status: int | None = None) -> None:
        super().__init__(message)
        self.url = url
        self.reason = reason
        self.status = status


class RetryLater(FetchError):
    """A transient failure: timeout, 429 or 5xx. ``retry_after`` is in seconds, where the host gave it."""

    def __init__(
        self,
        message: str,
        *,
        url: str,
        reason: str,
        status: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, url=url, reason=reason, status=status)
        self.retry_after = retry_after


class Blocked(FetchError):
    """The host refuses to be read (403, challenge page, login wall): pause the source and notify a person."""


class NotAllowed(FetchError):
    """The URL may not be fetched: robots.txt, a scheme other than http(s), or an address that is not public."""


class Refused(FetchError):
    """The answer was not kept: too large, too slow, truncated, or of a wrong content type."""


class ContractChanged(FetchError):
    """The answer of an API shows that its contract changed (version withdrawn, key scheme changed)."""


class ParseError(IpwatchError):
    """A document cannot be parsed; its layout may have changed."""

    def __init__(self, message: str, *, source: str, url: str | None = None, sha256: str | None = None) -> None:
        super().__init__(message)
        self.source = source
        self.url = url
        self.sha256 = sha256


class ImageError(IpwatchError):
    """A picture cannot be used; ``reason`` is a code of ``records.ImageRefusal``."""

    def __init__(self, message: str, *, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class EvidenceError(IpwatchError):
    """Evidence cannot be written, read or verified; a run that cannot store evidence must stop."""


class StoreError(IpwatchError):
    """A database error; the message says what to do."""


class InstallationError(StoreError, EvidenceError):
    """A file or directory of this installation cannot be used as it is; the message names the path and the fix."""


class TransitionError(IpwatchError):
    """The requested transition of a case is not allowed."""

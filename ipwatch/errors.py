"""The exception tree, sorted by what the caller does about an error.

::

    IpwatchError
    ├── ConfigError                 the user's input is wrong: stop, exit 2
    │   ├── WatchlistError          a watchlist file: names file, line or key, and the mend
    │   └── RecordError             a line of a JSON Lines file
    ├── FetchError                  something outside failed: exit 3
    │   ├── RetryLater              timeout, 429, 5xx: try again after ``retry_after`` seconds
    │   ├── Blocked                 challenge or login wall: pause the source, tell a person
    │   ├── NotAllowed              robots.txt, an address or scheme we do not visit
    │   ├── Refused                 too large, too slow, a broken or unexpected body
    │   └── ContractChanged         the interface answers, but not as it used to
    ├── ParseError                  a document cannot be read (layout changed)
    │   └── UnknownValueError       a value outside the closed set that the parser knows
    ├── ImageError                  a picture cannot be used; ``reason`` is from a closed list
    ├── EvidenceError               evidence cannot be written or does not verify: stop the run
    ├── StoreError                  the database cannot be read or written: roll back and stop
    │   └── InstallationError       also an EvidenceError: files of this installation cannot be used as they are
    │                               (rights, space, damage, a newer version): stop, exit 2
    └── TransitionError             a case may not move that way: HTTP 409

Errors carry data (source, url, sha256, reason) and never log themselves. What a person reads of one is
``ipwatch.terms.message(key, ...)``: its ``str`` is English, and the entry point says it in the reader's language.
404 and 410 are results ("listing gone"), not errors.
"""

from __future__ import annotations


class IpwatchError(Exception):
    """Root of every error that ipwatch raises on purpose."""


class ConfigError(IpwatchError):
    """What the user supplied cannot be used; the message names the place and the mend."""


class WatchlistError(ConfigError):
    """A watchlist is wrong.

    ``problems`` holds one sentence for each fault, each naming file, line or key, and mend; its ``str`` is all of them.
    """

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class RecordError(ConfigError):
    """A line of a JSON Lines file is no record; names the file, the line and the field."""


class FetchError(IpwatchError):
    """A request brought no usable document. ``reason`` is a code of ``records.FailureReason``."""

    def __init__(self, message: str, *, url: str, reason: str, status: int | None = None) -> None:
        super().__init__(message)
        self.url = url
        self.reason = reason
        self.status = status


class RetryLater(FetchError):
    """The failure may pass: timeout, 429 or 5xx. ``retry_after`` is in seconds, where the host named it."""

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
    """The host does not want us (403, challenge page, login wall): pause the source and tell a person."""


class NotAllowed(FetchError):
    """We may not fetch this: robots.txt, a scheme other than http(s), or an address that is not public."""


class Refused(FetchError):
    """We did not keep the answer: too large, too slow, truncated, or of another type than asked for."""


class ContractChanged(FetchError):
    """An interface answered in a way that says its contract changed (version gone, key scheme changed)."""


class ParseError(IpwatchError):
    """A document cannot be read as what it should be; the layout may have changed."""

    def __init__(self, message: str, *, source: str, url: str | None = None, sha256: str | None = None) -> None:
        super().__init__(message)
        self.source = source
        self.url = url
        self.sha256 = sha256


class UnknownValueError(ParseError):
    """A value lies outside the closed set a parser knows; it is reported, never absorbed."""


class ImageError(IpwatchError):
    """A picture cannot be used; ``reason`` is a code of ``records.PictureRefusal``."""

    def __init__(self, message: str, *, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class EvidenceError(IpwatchError):
    """Evidence cannot be written, read or verified. A run that cannot keep evidence must not go on."""


class StoreError(IpwatchError):
    """The database refused; the message says what to do."""


class InstallationError(StoreError, EvidenceError):
    """A file or directory of this installation cannot be used as it is; the message names the path and the fix."""


class TransitionError(IpwatchError):
    """A case may not move from its present state in the way asked for."""

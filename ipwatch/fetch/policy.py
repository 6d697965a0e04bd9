"""Every limit of fetching in one place, and the protocol of validators for conditional requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from ipwatch.errors import ConfigError
from ipwatch.fetch.addresses import Endpoint, parse_endpoint
from ipwatch.records import RequestKind
from ipwatch.terms import message

MIB = 1024 * 1024

DEFAULT_MAX_BYTES: Mapping[RequestKind, int] = {
    RequestKind.API: 10 * MIB,
    RequestKind.PAGE: 5 * MIB,
    RequestKind.SITEMAP: 50 * MIB,
    RequestKind.IMAGE: 15 * MIB,
    RequestKind.BULK: 2048 * MIB,
    RequestKind.TOKEN: MIB,
}

DEFAULT_DEADLINES: Mapping[RequestKind, float] = {
    RequestKind.API: 30.0,
    RequestKind.PAGE: 30.0,
    RequestKind.SITEMAP: 60.0,
    RequestKind.IMAGE: 20.0,
    RequestKind.BULK: 3600.0,
    RequestKind.TOKEN: 30.0,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchPolicy:
    """The limits of fetching. Times are in seconds, sizes in bytes after content decoding.

    ``user_agent`` starts with the product token that robots.txt is read for (``ipwatch/1.0``); ``contact`` (a URL or an
    address) is added to it. ``intervals`` overrides ``interval`` for ``host`` or ``host:port``. ``deadlines`` limit the
    time of exchanges of one fetch, all hops and retries together, without waits for the rate limit. ``allow`` names
    addresses with a port (``127.0.0.1:8765``) that may be connected to although they are not public. A body with an
    average rate below ``body_rate`` bytes a second is given up after ``body_grace``: at that rate nothing over 30 kB
    would be complete before its deadline. A host is given up for the run after ``timeouts`` consecutive timeouts, or
    once it took ``patience`` in total and more than ``mean_time`` for each exchange (files, whose time depends on their
    size, do not count). ``max_wait`` limits a single wait, ``max_cooling`` a cool-down. ``spool`` is the directory for
    bulk bodies. Raises ``ConfigError`` where a value cannot be used.
    """

    user_agent: str
    spool: Path
    contact: str | None = None
    interval: float = 5.0
    intervals: Mapping[str, float] = field(default_factory=dict)
    max_bytes: Mapping[RequestKind, int] = field(default_factory=dict)
    deadlines: Mapping[RequestKind, float] = field(default_factory=dict)
    connect_timeout: float = 10.0
    read_timeout: float = 20.0
    body_grace: float = 10.0
    body_rate: float = 1024.0
    max_header_bytes: int = 64 * 1024
    max_redirects: int = 5
    attempts: int = 3
    backoff_base: float = 1.0
    backoff_cap: float = 60.0
    max_wait: float = 900.0
    max_cooling: float = 86_400.0
    breaker: int = 5
    timeouts: int = 2
    patience: float = 60.0
    mean_time: float = 5.0
    concurrency: int = 16
    prefetch: int = 256
    robots_max_age: float = 86_400.0
    robots_retry: float = 600.0
    robots_deadline: float = 30.0
    crawl_delay_cap: float = 60.0
    allow: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("user_agent", "contact"):
            value = getattr(self, name)
            if value is not None and (not value.isascii() or not value.isprintable() or not value.strip()):
                raise ConfigError(message("fetch.ascii", name=name, value=value))
        for name in ("attempts", "breaker", "timeouts", "concurrency", "prefetch"):
            if getattr(self, name) < 1:
                raise ConfigError(message("fetch.at_least_one", name=name, value=getattr(self, name)))
        for name in ("body_grace", "body_rate", "patience", "mean_time"):
            if getattr(self, name) <= 0:
                raise ConfigError(message("fetch.above_zero", name=name, value=getattr(self, name)))
        if self.max_redirects < 0:
            raise ConfigError(message("fetch.negative_redirects", count=self.max_redirects))
        for host, seconds in {"interval": self.interval, **self.intervals}.items():
            if seconds < 0:
                raise ConfigError(message("fetch.negative_interval", host=host, seconds=seconds))
        self.allowed_endpoints()

    def allowed_endpoints(self) -> frozenset[Endpoint]:
        """Return ``allow`` as addresses and ports; raises ``ConfigError`` naming a wrong entry."""
        return frozenset(parse_endpoint(entry) for entry in self.allow)

    def limit(self, kind: RequestKind) -> int:
        """Return the maximum size of a body of this kind."""
        return self.max_bytes.get(kind, DEFAULT_MAX_BYTES[kind])

    def deadline(self, kind: RequestKind) -> float:
        """Return the maximum time of exchanges for this kind."""
        return self.deadlines.get(kind, DEFAULT_DEADLINES[kind])

    def interval_for(self, host: str) -> float:
        """Return the minimum time between two requests to ``host`` or ``host:port``."""
        bare = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
        return self.intervals.get(host, self.intervals.get(bare, self.interval))


@dataclass(frozen=True, slots=True, kw_only=True)
class Validator:
    """The validators of the last full answer of a URL (RFC 9110 §8.8), and the path of its body.

    The strings are exactly as received. ``sha256`` is of the body at ``path``.
    """

    etag: str | None
    last_modified: str | None
    sha256: str
    path: Path


class Validators(Protocol):
    """Lookup of validators, implemented on the store. Called from the thread that calls the fetcher."""

    def get(self, url: str) -> Validator | None:
        """Return the validator of ``url`` (the ``url`` of the document last fetched from it), or ``None``."""

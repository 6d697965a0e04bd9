"""What is known about sources, and what is set for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class SourceKind(StrEnum):
    """Kind of source (監視対象サイト・情報源)."""

    MARKETPLACE = "marketplace"
    SHOP = "shop"
    REGISTER = "register"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceInfo:
    """What is known about a source before it is asked.

    ``country`` is ISO 3166-1 alpha-2 of the site (``None``: many), ``interval`` the least number of seconds between
    two requests to one of its hosts, ``ceiling`` the most results one query can reach, ``ready`` what must be
    configured (names of credentials and options) before it can be crawled.
    """

    name: str
    title_ja: str
    title_en: str
    kind: SourceKind
    country: str | None
    interval: float
    ceiling: int | None = None
    ready: tuple[str, ...] = ()
    terms_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceOptions:
    """What the operator set for a source: where it is, its credentials, and how far to read.

    ``base_urls`` may name several hosts (shops). ``max_requests`` bounds one run; ``None`` is unbounded.
    """

    base_urls: tuple[str, ...] = ()
    credentials: Mapping[str, str] = field(default_factory=dict)
    interval: float | None = None
    max_requests: int | None = None
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """An access token of an interface; ``expires_in`` in seconds."""

    value: str
    expires_in: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How completely one source was read in a period, and how it stands now; without it a zero means nothing.

    ``requests`` and ``records`` count what the ``runs`` planned and read; ``state`` is ``never`` before the first run.
    """

    source: str
    runs: int
    runs_complete: int
    requests: int
    requests_failed: int
    records: int
    records_refused: int
    state: str
    message: str | None

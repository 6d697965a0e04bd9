"""Records of the sources themselves: description, options, setup, health and coverage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class SourceKind(StrEnum):
    """Kind of source (監視対象サイト・情報源)."""

    MARKETPLACE = "marketplace"
    SHOP = "shop"
    REGISTER = "register"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceInfo:
    """Static description of a source.

    ``country`` is ISO 3166-1 alpha-2 of the site (``None``: many), ``interval`` the minimum number of seconds between
    two requests to one of its hosts, ``ceiling`` the maximum number of results of one query, ``ready`` what must be
    configured (names of credentials and options) before it can be read.
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
    """The operator's options of a source: base URLs, credentials, and limits.

    ``base_urls`` may name several hosts (shops). ``max_requests`` bounds one run; ``None`` is unbounded.
    """

    base_urls: tuple[str, ...] = ()
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    interval: float | None = None
    max_requests: int | None = None
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """An access token of an API; ``expires_in`` in seconds."""

    value: str = field(repr=False)
    expires_in: int


class SourceCondition(StrEnum):
    """Condition of a source at a time. All before ``OK`` are problems, the worst first."""

    CUT_OFF = "cut_off"
    BLOCKED = "blocked"
    FAILED = "failed"
    WRONG_SETTINGS = "wrong_settings"
    OVERDUE = "overdue"
    UNSCHEDULED = "unscheduled"
    DEGRADED = "degraded"
    NEVER = "never"
    OK = "ok"
    SWITCHED_OFF = "switched_off"
    NOT_CONFIGURED = "not_configured"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSetup:
    """The settings and schedule of a source.

    ``missing`` are the environment variables still to be set, ``problem`` is what is wrong with the present ones;
    ``touched`` is whether any setting names the source. ``interval`` is the maximum regular time between two of its
    scheduled runs. ``scheduled`` is ``None`` where no schedules are known.
    """

    info: SourceInfo
    missing: tuple[str, ...] = ()
    problem: str | None = None
    touched: bool = True
    enabled: bool = True
    interval: timedelta = timedelta(days=1)
    scheduled: bool | None = None

    @property
    def expected(self) -> bool:
        """Whether the source is configured and switched on, so that missing data must be reported."""
        return self.enabled and not self.missing and self.problem is None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceHealth:
    """The health of a source at a time: its ``conditions``, worst first.

    ``last_read`` is the end of the last run that read it, in full or in part; ``message`` is the message of the last
    run; ``quiet_since`` is when a run that was cut off last made progress; ``paused_until`` is when the pause of a
    source that refused to be read ends.
    """

    name: str
    conditions: tuple[SourceCondition, ...]
    last_read: datetime | None = None
    message: str | None = None
    quiet_since: datetime | None = None
    paused_until: datetime | None = None

    @property
    def condition(self) -> SourceCondition:
        """The worst condition."""
        return self.conditions[0]

    @property
    def expected(self) -> bool:
        """Whether the source is configured and switched on, or meant to be."""
        return self.condition not in {SourceCondition.SWITCHED_OFF, SourceCondition.NOT_CONFIGURED}

    @property
    def well(self) -> bool:
        """Whether nothing is wrong with a source that is expected to be read."""
        return self.condition is SourceCondition.OK


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How completely one source was read in a period, and its current health; without it a zero means nothing.

    ``requests`` and ``records`` count what the ``runs`` planned and parsed. ``unread`` is the longest time of the
    period in which the source was not read, and ``unread_from`` its beginning; ``gap`` is whether it exceeds twice the
    source's interval.
    """

    source: str
    runs: int
    runs_complete: int
    requests: int
    requests_failed: int
    records: int
    records_refused: int
    health: SourceHealth
    unread: timedelta = timedelta(0)
    unread_from: datetime | None = None
    gap: bool = False

    @property
    def counts(self) -> bool:
        """Whether the summary's completeness depends on it: it is expected to be read, or was read in the period.

        A run exists only where the source was configured when it began.
        """
        return self.runs > 0 or self.health.expected

    @property
    def complete(self) -> bool:
        """Whether it was read in the period, completely each time and without a long gap."""
        return 0 < self.runs == self.runs_complete and not self.gap

    @property
    def unread_hours(self) -> int:
        """``unread`` in full hours."""
        return int(self.unread.total_seconds() // 3600)

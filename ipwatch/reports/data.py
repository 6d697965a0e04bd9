"""The data of a periodic summary, the only input of every renderer.

Counts are of cases unless named otherwise: one subject against one mark is one case. No seller is named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from ipwatch.records import Coverage

# Steps that are not counted in cases.
VOLUME_STEPS = ("listings_seen", "filings_seen", "comparisons", "named", "mentions", "earlier")


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelStep:
    """One step of the funnel: ``key`` is a message key; ``count`` is in the unit that the message names."""

    key: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakdownRow:
    """One row of a breakdown: the cases opened in the period by their state at its end."""

    key: str
    suspected: int
    open: int
    infringing: int
    not_infringing: int
    genuine: int
    needs_more: int

    @property
    def adds_up(self) -> bool:
        """Whether the states sum to the cases."""
        return self.suspected == self.open + self.infringing + self.not_infringing + self.genuine + self.needs_more


@dataclass(frozen=True, slots=True, kw_only=True)
class ExposureRow:
    """One row of exposure: listings of the period that name or show a mark, by what was made of them.

    Counted is each listing once for each mark. ``mentions`` only name or show it, ``suspected`` bear signs of
    infringement, ``earlier`` were flagged by a version that did not tell the two apart, and not judged since.
    """

    key: str
    mentions: int
    suspected: int
    earlier: int

    @property
    def named(self) -> int:
        """All of them."""
        return self.mentions + self.suspected + self.earlier

    @property
    def per_thousand(self) -> float | None:
        """Suspected ones per thousand that were judged, to one place; none where none was."""
        judged = self.mentions + self.suspected
        return round(1000 * self.suspected / judged, 1) if judged else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportData:
    """The summary of one period, first and last day included, in Japan time.

    ``names`` are the titles of sources and the names of holders in Japanese and English. ``audit_head`` is the hash of
    the newest event of the audit trail when the summary was made, with which a later removal of events can be shown.
    """

    first_day: date
    last_day: date
    made_at: datetime
    software_version: str
    matcher_versions: tuple[str, ...]
    funnel: tuple[FunnelStep, ...]
    by_source: tuple[BreakdownRow, ...]
    by_right: tuple[BreakdownRow, ...]
    by_country: tuple[BreakdownRow, ...]
    by_holder_kind: tuple[BreakdownRow, ...]
    by_prefecture: tuple[BreakdownRow, ...]
    exposure_by_source: tuple[ExposureRow, ...]
    exposure_by_holder: tuple[ExposureRow, ...]
    exposure_by_right: tuple[ExposureRow, ...]
    coverage: tuple[Coverage, ...]
    names: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    audit_head: str | None = None

    @property
    def breakdowns(self) -> Sequence[tuple[str, Sequence[BreakdownRow]]]:
        """Every breakdown with the message key of its heading."""
        return (
            ("by_source", self.by_source),
            ("by_right", self.by_right),
            ("by_country", self.by_country),
            ("by_holder_kind", self.by_holder_kind),
            ("by_prefecture", self.by_prefecture),
        )

    @property
    def exposures(self) -> Sequence[tuple[str, Sequence[ExposureRow]]]:
        """Every table of exposure with the message key of its heading."""
        return (
            ("exposure_by_source", self.exposure_by_source),
            ("exposure_by_holder", self.exposure_by_holder),
            ("exposure_by_right", self.exposure_by_right),
        )

    @property
    def complete(self) -> bool:
        """Whether every source that counts was read in the period, completely each time and without a long gap."""
        return self.covered and all(source.complete for source in self.coverage if source.counts)

    @property
    def covered(self) -> bool:
        """Whether any source was to be read in the period."""
        return any(source.counts for source in self.coverage)

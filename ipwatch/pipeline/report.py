"""Build the periodic summary (定期報告): gather counts, render every format, write each file atomically."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path

from ipwatch import __version__
from ipwatch.cases import CaseKind
from ipwatch.errors import ConfigError, IpwatchError
from ipwatch.pipeline.health import MAX_INTERVALS, assess_sources
from ipwatch.records import SourceKind, SourceSetup, Verdict
from ipwatch.reports.csv_table import render_csv
from ipwatch.reports.data import BreakdownRow, ExposureRow, FunnelStep, ReportData
from ipwatch.reports.html_page import render_html
from ipwatch.sources import load_sources
from ipwatch.store import audit, reporting
from ipwatch.store.reporting import CaseFact, MentionFact, Throughput
from ipwatch.store.session import Database
from ipwatch.terms import message, os_reason

JST = timezone(timedelta(hours=9), "JST")
UNKNOWN = "unknown"


def gather(
    database: Database,
    *,
    first_day: date,
    last_day: date,
    made_at: datetime,
    setups: Mapping[str, SourceSetup],
    locks: Path | None = None,
) -> ReportData:
    """Return the summary of a period of whole days in Japan, both ends included.

    The health of the sources comes from ``setups`` and ``locks`` (see ``health.assess_sources``): sources that are
    not configured need not be read. Raises ``ConfigError`` where the period ends before it begins.
    """
    if last_day < first_day:
        raise ConfigError(message("report.backwards", last_day=last_day, first_day=first_day))
    start, end = _bounds(first_day, last_day)
    health = assess_sources(database, setups, now=made_at, locks=locks)
    with database.read_session() as session:
        facts = reporting.case_facts(session, start=start, end=end)
        mentions = reporting.mention_facts(session, start=start, end=end)
        holders = reporting.holder_names(session)
        done = reporting.throughput(session, start=start, end=end)
        coverage = reporting.coverage(
            session,
            start=start,
            end=min(end, made_at),
            health=health,
            allowed={name: MAX_INTERVALS * setup.interval for name, setup in setups.items()},
        )
        versions = reporting.matcher_versions(session, start=start, end=end)
        audit_head = audit.head(session)
    flagged = [fact for fact in facts if fact.kind in {CaseKind.SUSPECTED, CaseKind.FILING}]
    return ReportData(
        first_day=first_day,
        last_day=last_day,
        made_at=made_at,
        software_version=__version__,
        matcher_versions=versions,
        funnel=_funnel(done, facts, flagged, mentions),
        by_source=_rows(flagged, lambda fact: fact.source),
        by_right=_rows(flagged, lambda fact: fact.right_kind),
        by_country=_rows(flagged, lambda fact: fact.country or UNKNOWN),
        by_holder_kind=_rows(flagged, lambda fact: fact.holder_kind),
        by_prefecture=_rows(flagged, lambda fact: fact.prefecture or UNKNOWN),
        exposure_by_source=_exposure(facts, mentions, lambda fact: fact.source),
        exposure_by_holder=_exposure(facts, mentions, lambda fact: fact.holder),
        exposure_by_right=_exposure(facts, mentions, lambda fact: fact.right_kind),
        coverage=tuple(coverage),
        names=holders | _names(),
        audit_head=audit_head,
    )


def _bounds(first_day: date, last_day: date) -> tuple[datetime, datetime]:
    """Return the half-open range of time of whole days in Japan; raises ``ConfigError`` at the calendar's ends."""
    try:
        start = datetime.combine(first_day, time.min, JST).astimezone(UTC)
        return start, datetime.combine(last_day + timedelta(days=1), time.min, JST).astimezone(UTC)
    except OverflowError as error:
        raise ConfigError(message("report.calendar", first_day=first_day, last_day=last_day)) from error


def _names() -> dict[str, tuple[str, str]]:
    """Return the titles of the sources in Japanese and English; registers also by their office."""
    infos = [source.INFO for source in load_sources().values()]
    return {info.name: (info.title_ja, info.title_en) for info in infos} | {
        info.country: (info.title_ja, info.title_en)
        for info in infos
        if info.kind is SourceKind.REGISTER and info.country is not None
    }


def _funnel(
    done: Throughput, facts: Sequence[CaseFact], flagged: Sequence[CaseFact], mentions: Sequence[MentionFact]
) -> tuple[FunnelStep, ...]:
    """Return the steps; those after the mentions count the suspected cases, of listings and of filings."""
    verdicts = Counter(fact.verdict for fact in flagged)
    kinds = Counter(fact.kind for fact in facts)
    only_named = sum(fact.count for fact in mentions) + kinds[CaseKind.MENTION]
    return (
        FunnelStep(key="listings_seen", count=done.listings),
        FunnelStep(key="filings_seen", count=done.filings),
        FunnelStep(key="comparisons", count=done.screened),
        FunnelStep(key="named", count=only_named + kinds[CaseKind.SUSPECTED] + kinds[CaseKind.UNJUDGED]),
        FunnelStep(key="mentions", count=only_named),
        FunnelStep(key="earlier", count=kinds[CaseKind.UNJUDGED]),
        FunnelStep(key="suspected", count=len(flagged)),
        FunnelStep(key="reviewed", count=len(flagged) - verdicts[None]),
        *(FunnelStep(key=verdict.value, count=verdicts[verdict.value]) for verdict in Verdict),
    )


def _rows(facts: Iterable[CaseFact], key_of: Callable[[CaseFact], str]) -> tuple[BreakdownRow, ...]:
    """Group the cases, largest group first, then by key so that the order is deterministic."""
    grouped: dict[str, Counter[str]] = defaultdict(Counter)
    for fact in facts:
        grouped[key_of(fact)][fact.verdict or "open"] += 1
    rows = [
        BreakdownRow(
            key=key,
            suspected=counts.total(),
            open=counts["open"],
            infringing=counts["infringing"],
            not_infringing=counts["not_infringing"],
            genuine=counts["genuine"],
            needs_more=counts["needs_more"],
        )
        for key, counts in grouped.items()
    ]
    return tuple(sorted(rows, key=lambda row: (-row.suspected, row.key)))


def _exposure(
    facts: Iterable[CaseFact], mentions: Iterable[MentionFact], key_of: Callable[[CaseFact | MentionFact], str]
) -> tuple[ExposureRow, ...]:
    """Group the listings that name or show a mark, largest group first, then by key."""
    grouped: dict[str, Counter[CaseKind]] = defaultdict(Counter)
    for fact in facts:
        if fact.kind is not CaseKind.FILING:
            grouped[key_of(fact)][fact.kind] += 1
    for mention in mentions:
        grouped[key_of(mention)][CaseKind.MENTION] += mention.count
    rows = [
        ExposureRow(
            key=key,
            mentions=counts[CaseKind.MENTION],
            suspected=counts[CaseKind.SUSPECTED],
            earlier=counts[CaseKind.UNJUDGED],
        )
        for key, counts in grouped.items()
    ]
    return tuple(sorted(rows, key=lambda row: (-row.named, row.key)))


def build(
    database: Database,
    *,
    first_day: date,
    last_day: date,
    made_at: datetime,
    directory: Path,
    setups: Mapping[str, SourceSetup],
    locks: Path | None = None,
) -> tuple[ReportData, list[Path]]:
    """Write the summary in every format below ``directory`` and return it with the paths.

    Raises ``IpwatchError`` where the totals do not reconcile, ``ConfigError`` where the directory cannot be written.
    """
    data = gather(database, first_day=first_day, last_day=last_day, made_at=made_at, setups=setups, locks=locks)
    reconcile(data)
    stem = f"ipwatch-{first_day.isoformat()}-{last_day.isoformat()}"
    files = {
        f"{stem}.ja.html": render_html(data, "ja"),
        f"{stem}.en.html": render_html(data, "en"),
        f"{stem}.csv": render_csv(data),
    }
    paths = []
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            path = directory / name
            partial = path.with_name(f".{name}.partial")
            partial.write_bytes(content)
            partial.replace(path)
            paths.append(path)
    except OSError as error:
        raise ConfigError(message("report.unwritable", directory=directory, reason=os_reason(error))) from error
    return data, paths


def reconcile(data: ReportData) -> None:
    """Raise ``IpwatchError`` unless every breakdown sums to the suspected cases of the funnel.

    So must every table of exposure to the listings that name a mark, of each kind.
    """
    steps = {step.key: step.count for step in data.funnel}
    for name, exposed in data.exposures:
        for measure in ("named", "mentions", "earlier"):
            total = sum(getattr(row, measure) for row in exposed)
            if total != steps[measure]:
                raise IpwatchError(message("report.exposure", name=name, total=total, count=steps[measure]))
    suspected = steps["suspected"]
    for name, rows in data.breakdowns:
        total = sum(row.suspected for row in rows)
        if total != suspected or not all(row.adds_up for row in rows):
            raise IpwatchError(message("report.totals", name=name, total=total, suspected=suspected))

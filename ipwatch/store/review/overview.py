"""Sources with their state and last run, and the watchlists in use."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ipwatch.cases import QUIET, CaseState
from ipwatch.records import ListingKind
from ipwatch.store import issues, mentions, runs, sources
from ipwatch.store.issues import NotedIssue
from ipwatch.store.review.stored_json import WatchlistVersion, newest_watchlists
from ipwatch.store.runs import RunReport
from ipwatch.store.sources import SourceState
from ipwatch.store.tables import CaseRow, ReferencePictureRow


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceOverview:
    """The state of a source, the run it comes from, and the newest records that could not be read."""

    state: SourceState
    run: RunReport | None
    issues: tuple[NotedIssue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """A watchlist in use: its cases by state, listings by kind, and reference pictures, each by mark key.

    Cases whose newest finding is a mere mention are not among the cases.
    """

    watchlist: WatchlistVersion
    cases: Mapping[str, Mapping[CaseState, int]]
    listings: Mapping[str, Mapping[ListingKind, int]]
    references: Mapping[str, int]


def list_sources(session: Session, *, newest_issues: int = 20) -> dict[str, SourceOverview]:
    """Return the state of every source that was ever collected, by name."""
    return {
        state.source: SourceOverview(
            state=state,
            run=runs.run_report(session, state.run_id) if state.run_id is not None else None,
            issues=tuple(issues.recent_issues(session, state.source, newest_issues)),
        )
        for state in sources.states(session)
    }


def list_watches(session: Session) -> tuple[Watch, ...]:
    """Return the newest version of every watchlist, by holder, with the cases and reference pictures of its marks."""
    cases: defaultdict[str, dict[CaseState, int]] = defaultdict(dict)
    grouped = select(CaseRow.mark, CaseRow.state, func.count(CaseRow.id)).group_by(CaseRow.mark, CaseRow.state)
    for mark, state, count in session.execute(grouped.where(CaseRow.kind.not_in(sorted(QUIET)))):
        cases[mark][CaseState(state)] = count
    pictures = select(ReferencePictureRow.mark, func.count(ReferencePictureRow.id))
    pictures = pictures.where(ReferencePictureRow.excluded.is_(False)).group_by(ReferencePictureRow.mark)
    references = {mark: count for mark, count in session.execute(pictures)}  # noqa: C416 - dict() takes no rows in typing
    named = mentions.counts_by_mark(session)
    return tuple(
        Watch(watchlist=watchlist, cases=cases, listings=named, references=references)
        for _, watchlist in sorted(newest_watchlists(session).items())
    )

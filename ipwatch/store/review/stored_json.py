"""Parses the JSON columns of the tables: signals, watchlists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ipwatch.records import HolderKind, Sign, Signal
from ipwatch.store import rows
from ipwatch.store.tables import WatchlistVersionRow


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchlistVersion:
    """A watchlist as some run used it; ``marks`` maps the id of a mark to its fields."""

    sha256: str
    holder: str
    name_ja: str
    name_en: str
    holder_kind: HolderKind
    prefecture: str | None
    marks: Mapping[str, Mapping[str, Any]]


def read_signals(stored: Iterable[Mapping[str, Any]]) -> tuple[Signal, ...]:
    """Return the signals of a finding as they were scored."""
    return tuple(rows.load(Signal, signal) for signal in stored)


def read_signs(stored: Iterable[Mapping[str, Any]] | None) -> tuple[Sign, ...]:
    """Return the signs of a finding as they were judged; none for one that was not."""
    return tuple(rows.load(Sign, sign) for sign in stored or ())


def read_watchlist(row: WatchlistVersionRow) -> WatchlistVersion:
    """Return a stored watchlist."""
    return WatchlistVersion(
        sha256=row.sha256,
        holder=row.holder,
        name_ja=row.name_ja,
        name_en=row.name_en,
        holder_kind=HolderKind(row.holder_kind),
        prefecture=row.prefecture,
        marks=row.marks,
    )


def newest_watchlists(session: Session, holders: Iterable[str] | None = None) -> dict[str, WatchlistVersion]:
    """Return the newest version of the watchlist of each holder, or of the given ones."""
    query = select(WatchlistVersionRow).order_by(WatchlistVersionRow.loaded_at, WatchlistVersionRow.sha256)
    if holders is not None:
        query = query.where(WatchlistVersionRow.holder.in_(sorted(holders)))
    return {row.holder: read_watchlist(row) for row in session.scalars(query)}


def holder_names(session: Session) -> dict[str, tuple[str, str]]:
    """Return the name of every holder in Japanese and English, as its newest watchlist has it."""
    query = select(WatchlistVersionRow.holder, WatchlistVersionRow.name_ja, WatchlistVersionRow.name_en)
    ordered = query.order_by(WatchlistVersionRow.loaded_at, WatchlistVersionRow.sha256)
    return {holder: (name_ja, name_en) for holder, name_ja, name_en in session.execute(ordered)}

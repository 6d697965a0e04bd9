"""The workspace: everything a use case works on, opened and closed together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from ipwatch.errors import ConfigError
from ipwatch.evidence import EvidenceStore
from ipwatch.fetch import FetchPolicy
from ipwatch.images import Embedder
from ipwatch.matching.images.embeddings import Calibration
from ipwatch.pipeline.progress import Report, silent
from ipwatch.records import SourceOptions, WatchedMark, Watchlist
from ipwatch.store.locks import Lock, lock_between_processes
from ipwatch.store.session import Database
from ipwatch.terms import message
from ipwatch.watchlists import load_watchlists


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """Database, evidence, watchlists and limits of one installation. ``now`` is the only clock.

    ``embedder`` is the operator's model, if there is one.
    """

    database: Database
    evidence: EvidenceStore
    policy: FetchPolicy
    watchlists: tuple[Watchlist, ...]
    watchlist_dir: Path
    options: Callable[[str], SourceOptions]
    rates: Mapping[str, Decimal]
    min_score: float | None
    now: Callable[[], datetime]
    report: Report = silent
    embedder: Embedder | None = None

    @property
    def embedding_version(self) -> str | None:
        """The version of the operator's model."""
        return self.embedder.version if self.embedder is not None else None

    @property
    def calibration(self) -> Calibration | None:
        """The calibration of the similarities of the operator's model."""
        return self.embedder.calibration if self.embedder is not None else None

    def lock(self, name: str) -> Lock:
        """Return the lock of that name between the processes of this installation, not taken yet."""
        return lock_between_processes(self.database, self.policy.spool.parent / "locks", name)

    @property
    def marks(self) -> tuple[WatchedMark, ...]:
        """Every mark of every watchlist."""
        return tuple(mark for watchlist in self.watchlists for mark in watchlist.marks)


def choose_watchlists(directory: Path, names: Sequence[str]) -> tuple[Watchlist, ...]:
    """Load the watchlists of a directory, or those of the given names (holder ids or paths).

    Raises ``ConfigError`` for a name that is no watchlist and for a directory without any.
    """
    if not names:
        chosen = load_watchlists([directory])
        if not chosen:
            raise ConfigError(message("workspace.no_watchlist", directory=directory))
        return tuple(chosen)
    paths = []
    for name in names:
        path = next((p for p in (Path(name), directory / f"{name}.toml") if p.is_file()), None)
        if path is None:
            known = ", ".join(sorted(p.stem for p in directory.glob("*.toml"))) or "none"
            raise ConfigError(message("workspace.unknown_watchlist", name=name, directory=directory, known=known))
        paths.append(path)
    return tuple(load_watchlists(paths))


@contextmanager
def open_workspace(
    *,
    database_url: str,
    data_dir: Path,
    policy: FetchPolicy,
    watchlist_dir: Path,
    watchlist_names: Sequence[str],
    options: Callable[[str], SourceOptions],
    rates: Mapping[str, Decimal],
    min_score: float | None,
    now: Callable[[], datetime],
    report: Report = silent,
    embedder: Embedder | None = None,
) -> Iterator[Workspace]:
    """Open database and evidence, load the watchlists, and close everything afterwards.

    Raises ``StoreError`` where the database is not at the newest schema, ``WatchlistError`` where a list is wrong.
    """
    watchlists = choose_watchlists(watchlist_dir, watchlist_names)
    data_dir.mkdir(parents=True, exist_ok=True)
    database = Database(database_url)
    try:
        database.require_current()
        yield Workspace(
            database=database,
            evidence=EvidenceStore(data_dir / "evidence"),
            policy=policy,
            watchlists=watchlists,
            watchlist_dir=watchlist_dir,
            options=options,
            rates=rates,
            min_score=min_score,
            now=now,
            report=report,
            embedder=embedder,
        )
    finally:
        database.dispose()

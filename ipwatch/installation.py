"""The installation: what the settings describe, opened for the use cases."""

from __future__ import annotations

import stat
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from datetime import datetime
from pathlib import Path

from ipwatch import __version__
from ipwatch.errors import ConfigError
from ipwatch.fetch import FetchPolicy
from ipwatch.images import load_embedder
from ipwatch.pipeline.progress import Report, silent
from ipwatch.pipeline.workspace import Workspace, open_workspace
from ipwatch.records import RightKind, SourceOptions, SourceSetup, WatchedMark
from ipwatch.schedules import DEFAULT_INTERVAL, find_schedules, read_schedules
from ipwatch.settings import Settings
from ipwatch.sources import Source, load_sources
from ipwatch.sources._contract import missing_settings

OTHERS = 0o077
"""The rights of group and others, of which nothing in a data directory has any."""


def open_installation(
    settings: Settings, *, now: Callable[[], datetime], watchlists: Sequence[str] = (), report: Report = silent
) -> AbstractContextManager[Workspace]:
    """Open the installation these settings describe, with the named watchlists or all of them.

    Raises ``ConfigError`` where a limit of fetching or the model cannot be used, and what ``open_workspace`` raises.
    """
    model = settings.embedding_model
    return open_workspace(
        database_url=settings.url_of_database,
        data_dir=settings.data_dir,
        policy=_policy(settings),
        watchlist_dir=settings.watchlist_dir,
        watchlist_names=watchlists,
        options=settings.source_options,
        rates=settings.rates,
        min_score=settings.min_score,
        now=now,
        report=report,
        embedder=load_embedder(model, "IPWATCH_EMBEDDING_MODEL") if model is not None else None,
    )


def source_setups(settings: Settings, project: Path | None = None) -> dict[str, SourceSetup]:
    """Return what is arranged for every known source, by name: its settings, and its schedule.

    The schedules are those of ``prefect.yaml`` in ``project``, in the working directory, or in the checkout this
    software runs from; without one every source counts as daily. Raises ``ConfigError`` where that file is wrong.
    """
    path = find_schedules(project or Path())
    schedules = read_schedules(path) if path is not None else None
    setups = {}
    for name, source in sorted(load_sources().items()):
        schedule = schedules.get(name) if schedules is not None else None
        interval = schedule.interval if schedule is not None else None
        missing = missing_settings(source.INFO, settings.source_options(name))
        setups[name] = SourceSetup(
            info=source.INFO,
            missing=missing,
            problem=None if missing else _problem(source, settings.source_options(name)),
            touched=settings.names(name),
            enabled=settings.reads(name),
            interval=interval or DEFAULT_INTERVAL,
            scheduled=None if schedules is None else interval is not None,
        )
    return setups


def _problem(source: Source, options: SourceOptions) -> str | None:
    """Return what a source finds wrong with its settings when it is asked to plan for a mark."""
    mark = WatchedMark(watchlist="settings", id="settings", text="ipwatch", kind=RightKind.TRADEMARK)
    try:
        next(iter(source.plan((mark,), options)), None)
    except ConfigError as error:
        return str(error)
    return None


def open_to_others(directory: Path) -> list[Path]:
    """Return what below the data directory group or others may read or write; what is in a closed folder is closed.

    0700 for directories and 0600 for files: sellers, applicants and accounts stand in nearly every one.
    """
    found: list[Path] = []
    waiting = [directory] if directory.is_dir() else []
    while waiting:
        path = waiting.pop()
        with suppress(FileNotFoundError):
            mode = path.lstat().st_mode
            if stat.S_ISLNK(mode) or not mode & OTHERS:
                continue
            found.append(path)
            if stat.S_ISDIR(mode):
                waiting.extend(path.iterdir())
    return sorted(found)


def locks_of(settings: Settings) -> Path | None:
    """Return the directory of the locks under which sources are read, ``None`` where other machines read them too."""
    return settings.data_dir / "locks" if settings.url_of_database.startswith("sqlite") else None


def _policy(settings: Settings) -> FetchPolicy:
    return FetchPolicy(
        user_agent=f"ipwatch/{__version__}",
        contact=settings.contact,
        spool=settings.data_dir / "spool",
        interval=settings.interval,
        concurrency=settings.concurrency,
        allow=settings.allow_addresses,
    )

"""Opens the installation that the settings describe for the use cases.

The use cases, the network and the decoders of pictures are imported by the function that needs them: together they take
longer to load than most commands take.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from ipwatch import __version__
from ipwatch.errors import ConfigError, InstallationError
from ipwatch.pipeline.progress import Report, silent
from ipwatch.records import RightKind, SourceOptions, SourceSetup, WatchedMark
from ipwatch.schedules import DEFAULT_INTERVAL, find_schedules, read_schedules
from ipwatch.settings import Settings
from ipwatch.sources import Source, load_sources
from ipwatch.sources.contract import missing_settings
from ipwatch.store.session import upgrade
from ipwatch.terms import message, os_reason, text_of

if TYPE_CHECKING:
    from ipwatch.fetch import FetchPolicy
    from ipwatch.pipeline.maintain import Retention
    from ipwatch.pipeline.workspace import Workspace

PRIVATE_UMASK = 0o077
"""Files are accessible to their owner only: nearly all contain personal data of sellers, applicants or accounts."""

OTHERS = 0o077
"""Permission bits of group and others, which nothing in a data directory may have."""

_PROBE_BYTES = 64 * 1024
_OWN_NAMES = ("evidence", "locks", "logs", "prefect", "processes", "reports", "spool", "watchlists")


def prepare_installation(settings: Settings) -> None:
    """Create data directory and database if missing, make them private, and upgrade the schema.

    From here on the process and its children create private files; files that an earlier version left readable by
    others are made private. Raises ``InstallationError`` naming the path and the fix.
    """
    make_data_dir(settings.data_dir)
    close_to_others(settings.data_dir)
    upgrade(settings.url_of_database)


def make_data_dir(directory: Path) -> None:
    """Create the data directory if missing, check that it is writable, and set ``PRIVATE_UMASK``.

    Raises ``InstallationError`` naming the path and the fix.
    """
    os.umask(PRIVATE_UMASK)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory) as probe:
            probe.write(bytes(_PROBE_BYTES))
    except OSError as error:
        raise InstallationError(
            message("installation.data_dir", directory=directory, reason=os_reason(error))
        ) from error


def close_to_others(directory: Path) -> None:
    """Remove the permissions of group and others from everything of ipwatch that this account owns.

    The directory itself is not changed where it may contain other things: the working directory or one above it, a
    home, a shared temporary directory. The files and trees of ipwatch in it are changed all the same.
    """
    for path in _what_is_ours(directory):
        _close(path)


def _what_is_ours(directory: Path) -> list[Path]:
    """Return the files and trees to be made private: the data directory, or those of ipwatch in it."""
    top = directory.resolve()
    if not top.is_dir():
        return []
    return [top] if _is_ours_alone(top) else [*(top / name for name in _OWN_NAMES), *top.glob("ipwatch.db*")]


def _is_ours_alone(top: Path) -> bool:
    if top.stat().st_mode & stat.S_ISVTX or Path.cwd().is_relative_to(top) or Path.home() == top:
        return False
    names = {path.name for path in top.iterdir()}
    return not names or bool(names & {"ipwatch.db", "evidence"})


def _close(path: Path) -> None:
    """Make a file or a tree private, children first, so that a private directory implies that all below it is."""
    # Other processes of this installation create and remove files meanwhile.
    with suppress(FileNotFoundError):
        status = path.lstat()
        if status.st_uid != os.geteuid() or stat.S_ISLNK(status.st_mode):
            return
        is_open = bool(status.st_mode & OTHERS)
        # There may be millions of bodies; they were created private where their directory is.
        if stat.S_ISDIR(status.st_mode) and (is_open or path.name != "blobs"):
            for child in path.iterdir():
                _close(child)
        if is_open:
            path.chmod(stat.S_IMODE(status.st_mode) & ~OTHERS)


def retention_of(settings: Settings) -> Retention:
    """Return the retention periods of the settings."""
    from ipwatch.pipeline.maintain import Retention  # noqa: PLC0415 - see the module

    return Retention(
        requests=timedelta(days=settings.keep_requests_days),
        sightings=timedelta(days=settings.keep_sightings_days),
        issues=timedelta(days=settings.keep_issues_days),
        logs=timedelta(days=settings.keep_logs_days),
    )


def open_installation(
    settings: Settings, *, now: Callable[[], datetime], watchlists: Sequence[str] = (), report: Report = silent
) -> AbstractContextManager[Workspace]:
    """Open the installation these settings describe, with the named watchlists or all of them.

    Raises ``ConfigError`` where a limit of fetching or the model cannot be used, and what ``open_workspace`` raises.
    """
    from ipwatch.images import load_embedder  # noqa: PLC0415 - see the module
    from ipwatch.pipeline.workspace import open_workspace  # noqa: PLC0415 - see the module

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
    """Return settings and schedule of every known source, by name.

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
    """Return what is wrong with a source's settings, by planning for a mark."""
    mark = WatchedMark(watchlist="settings", id="settings", text="ipwatch", kind=RightKind.TRADEMARK)
    try:
        next(iter(source.plan((mark,), options)), None)
    except ConfigError as error:
        return text_of(error)
    return None


def open_to_others(directory: Path) -> list[Path]:
    """Return the paths of ipwatch that group or others may read or write; private directories are not entered.

    Expected are 0700 for directories and 0600 for files.
    """
    exposed: list[Path] = []
    waiting = _what_is_ours(directory)
    while waiting:
        path = waiting.pop()
        with suppress(FileNotFoundError):
            mode = path.lstat().st_mode
            if stat.S_ISLNK(mode) or not mode & OTHERS:
                continue
            exposed.append(path)
            if stat.S_ISDIR(mode):
                waiting.extend(path.iterdir())
    return sorted(exposed)


def locks_of(settings: Settings) -> Path | None:
    """Return the directory of the source locks, ``None`` where other machines read sources too."""
    return settings.data_dir / "locks" if settings.url_of_database.startswith("sqlite") else None


def _policy(settings: Settings) -> FetchPolicy:
    from ipwatch.fetch import FetchPolicy  # noqa: PLC0415 - see the module

    return FetchPolicy(
        user_agent=f"ipwatch/{__version__}",
        contact=settings.contact,
        spool=settings.data_dir / "spool",
        interval=settings.interval,
        concurrency=settings.concurrency,
        allow=settings.allow_addresses,
    )

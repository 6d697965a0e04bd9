"""The installation: what the settings describe, opened for the use cases."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from datetime import datetime, timedelta
from pathlib import Path

from ipwatch import __version__
from ipwatch.errors import ConfigError, InstallationError
from ipwatch.fetch import FetchPolicy
from ipwatch.images import load_embedder
from ipwatch.pipeline.maintain import Retention
from ipwatch.pipeline.progress import Report, silent
from ipwatch.pipeline.workspace import Workspace, open_workspace
from ipwatch.records import RightKind, SourceOptions, SourceSetup, WatchedMark
from ipwatch.schedules import DEFAULT_INTERVAL, find_schedules, read_schedules
from ipwatch.settings import Settings
from ipwatch.sources import Source, load_sources
from ipwatch.sources.contract import missing_settings
from ipwatch.store.session import upgrade

PRIVATE_UMASK = 0o077
"""What is created is open to its owner alone: sellers, applicants and accounts stand in nearly every file."""

OTHERS = 0o077
"""The rights of group and others, of which nothing in a data directory has any."""

_PROBE_BYTES = 64 * 1024
_OWN_NAMES = ("evidence", "locks", "logs", "prefect", "processes", "reports", "spool", "watchlists")


def prepare_installation(settings: Settings) -> None:
    """Make the data directory and the database ready: there, writable, private, and at the newest schema.

    From here on the process creates files for its owner alone, and so do its children; what an earlier version left
    readable by others is closed. Raises ``InstallationError`` naming the path and the fix.
    """
    make_data_dir(settings.data_dir)
    close_to_others(settings.data_dir)
    upgrade(settings.url_of_database)


def make_data_dir(directory: Path) -> None:
    """Create the data directory where it is missing, see that it can be written to, and set ``PRIVATE_UMASK``.

    Raises ``InstallationError`` naming the path and the fix.
    """
    os.umask(PRIVATE_UMASK)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory) as probe:
            probe.write(bytes(_PROBE_BYTES))
    except OSError as error:
        raise InstallationError(
            f"{directory}: the data directory cannot be made or written to: {error.strerror}; give this account the "
            "right to and the space, or set IPWATCH_DATA_DIR to another directory"
        ) from error


def close_to_others(directory: Path) -> None:
    """Take the rights of group and others from everything of ours in the data directory that this account owns.

    The directory itself is left as it is where it may hold other things too: the working directory or one above it,
    a home, a shared temporary directory. What is ours in it is closed all the same.
    """
    for path in _what_is_ours(directory):
        _close(path)


def _what_is_ours(directory: Path) -> list[Path]:
    """Return the files and trees that are to be closed to others: the data directory, or what is ours in it."""
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
    """Close a file or a tree, children first, so that a directory that is closed says that all below it is."""
    # Other processes of this installation create and remove files meanwhile.
    with suppress(FileNotFoundError):
        status = path.lstat()
        if status.st_uid != os.geteuid() or stat.S_ISLNK(status.st_mode):
            return
        is_open = bool(status.st_mode & OTHERS)
        # Millions of bodies may lie there; they were created private where their directory is.
        if stat.S_ISDIR(status.st_mode) and (is_open or path.name != "blobs"):
            for child in path.iterdir():
                _close(child)
        if is_open:
            path.chmod(stat.S_IMODE(status.st_mode) & ~OTHERS)


def retention_of(settings: Settings) -> Retention:
    """Return how long the settings keep things."""
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
    """Return what of ours group or others may read or write; what is in a closed folder is closed.

    0700 for directories and 0600 for files: sellers, applicants and accounts stand in nearly every one.
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

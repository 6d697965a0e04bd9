"""The installation: what the settings describe, opened for the use cases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime

from ipwatch import __version__
from ipwatch.fetch import FetchPolicy
from ipwatch.images import load_embedder
from ipwatch.pipeline.progress import Report, silent
from ipwatch.pipeline.workspace import Workspace, open_workspace
from ipwatch.settings import Settings


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


def _policy(settings: Settings) -> FetchPolicy:
    return FetchPolicy(
        user_agent=f"ipwatch/{__version__}",
        contact=settings.contact,
        spool=settings.data_dir / "spool",
        interval=settings.interval,
        concurrency=settings.concurrency,
        allow=settings.allow_addresses,
    )

"""An installation that watches a sandbox: its settings."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from ipwatch.sandbox.process import Sandbox
from ipwatch.settings import Settings, SourceSettings


def settings_for(
    sandbox: Sandbox,
    data_dir: Path,
    watchlist_dir: Path,
    *,
    sources: Collection[str] | None = None,
    base: Settings | None = None,
) -> Settings:
    """Return settings whose sources are those of the sandbox (or only ``sources``), and that allow no other address.

    The database stands below ``data_dir``. All other settings are those of ``base``, by default of the environment.
    """
    return (base or Settings()).model_copy(
        update={
            "data_dir": data_dir,
            "database_url": None,
            "watchlist_dir": watchlist_dir,
            "allow_addresses": (f"127.0.0.1:{sandbox.port}",),
            "interval": 0.0,
            "sources": {
                name: SourceSettings.from_options(options)
                for name, options in sandbox.sources.items()
                if sources is None or name in sources
            },
        }
    )

"""New installations below a folder: one that watches a sandbox, and one that watches a single mark."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ipwatch.sandbox import Sandbox, World
from ipwatch.sandbox.installation import settings_for
from ipwatch.settings import Settings
from ipwatch.store.session import upgrade

# Further lines belong to the mark.
WATCHLIST = """\
schema = 1
[holder]
id = "kazami"
name_ja = "風見"
name_en = "Kazami"
kind = "company"
[[marks]]
id = "kazami"
text = "風見印"
kind = "trademark"
"""


def settings_of(market: Sandbox, root: Path) -> Settings:
    """Return the settings of the installation below ``root`` that watches the sandbox."""
    return settings_for(market, root / "data", root / "watchlists")


def without_database(market: Sandbox, world: World, root: Path) -> Settings:
    """Return the settings of a new installation that watches the sandbox, and has no database yet."""
    world.write_watchlists(root / "watchlists")
    settings = settings_of(market, root)
    settings.data_dir.mkdir()
    return settings


def for_sandbox(market: Sandbox, world: World, root: Path) -> Settings:
    """Return the settings of a new installation that watches the sandbox, its database migrated."""
    settings = without_database(market, world, root)
    add_database(settings)
    return settings


def for_one_mark(root: Path, *, images: Mapping[str, bytes] | None = None, **more: Any) -> Settings:
    """Return the settings of a new installation with ``WATCHLIST``, its database migrated.

    ``images`` are the images of the mark by their file names, ``more`` are further settings.
    """
    folder = root / "watchlists"
    folder.mkdir()
    write_watchlist(folder, images=images or {})
    settings = Settings(data_dir=root / "data", watchlist_dir=folder, **more)
    settings.data_dir.mkdir()
    add_database(settings)
    return settings


def add_database(settings: Settings) -> None:
    """Give an installation its migrated database: where it is SQLite, a copy of the one that this process migrated."""
    if settings.database_url is not None:
        upgrade(settings.url_of_database)
        return
    shutil.copy(_migrated(), settings.data_dir / "ipwatch.db")


@cache
def _migrated() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="ipwatch-migrated-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    upgrade(f"sqlite:///{folder / 'ipwatch.db'}")
    return folder / "ipwatch.db"


def write_watchlist(folder: Path, **images: Mapping[str, bytes]) -> None:
    """Write ``WATCHLIST`` and the files of its images by their names: ``images``, ``exclude_images``."""
    lines = [f"{key} = {list(files)}\n" for key, files in images.items() if files]
    (folder / "kazami.toml").write_text("".join([WATCHLIST, *lines]), encoding="utf-8")
    for files in images.values():
        for name, body in files.items():
            (folder / name).write_bytes(body)

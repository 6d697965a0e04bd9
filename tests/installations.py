"""New installations below a folder: one that watches a sandbox, and one that watches a single mark."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from extracted_once import shared_by

from ipwatch.sandbox import Composition, Sandbox, World, build_world, running
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


def small_world(first_day: date = date(2026, 11, 22)) -> World:
    """Return the world that most tests watch; the features of its pictures, the same on all days, are shared."""
    return build_world(5, 150, first_day, Composition.ENGINE)


def write_watchlists(world: World, folder: Path) -> None:
    """Write the watchlists of a world; their images are drawn once by each process."""
    shutil.copytree(_watchlists(world.seed, world.listings, world.first_day, world.composition), folder)


@cache
def _watchlists(seed: int, listings: int, first_day: date, composition: Composition) -> Path:
    folder = _until_the_end("ipwatch-watchlists-")
    build_world(seed, listings, first_day, composition).write_watchlists(folder)
    return folder


def _until_the_end(prefix: str) -> Path:
    """Return a new folder that lives as long as this process."""
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@contextmanager
def market_of(world: World, memory: Path) -> Iterator[Sandbox]:
    """Run a sandbox whose pictures are drawn once for all processes that share the memory (``extracted_once``)."""
    with ExitStack() as stack:
        with pytest.MonkeyPatch.context() as environment:
            for name, value in shared_by(memory).items():
                environment.setenv(name, value)
            market = stack.enter_context(running(world))
        yield market


def settings_of(market: Sandbox, root: Path) -> Settings:
    """Return the settings of the installation below ``root`` that watches the sandbox."""
    return settings_for(market, root / "data", root / "watchlists")


def without_database(market: Sandbox, world: World, root: Path) -> Settings:
    """Return the settings of a new installation that watches the sandbox, and has no database yet."""
    write_watchlists(world, root / "watchlists")
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
    folder = _until_the_end("ipwatch-migrated-")
    upgrade(f"sqlite:///{folder / 'ipwatch.db'}")
    return folder / "ipwatch.db"


def write_watchlist(folder: Path, **images: Mapping[str, bytes]) -> None:
    """Write ``WATCHLIST`` and the files of its images by their names: ``images``, ``exclude_images``."""
    lines = [f"{key} = {list(files)}\n" for key, files in images.items() if files]
    (folder / "kazami.toml").write_text("".join([WATCHLIST, *lines]), encoding="utf-8")
    for files in images.values():
        for name, body in files.items():
            (folder / name).write_bytes(body)

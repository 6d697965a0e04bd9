from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import installations
import pytest
from extracted_once import features_extracted_once
from installations import for_sandbox, market_of, settings_of
from made_once import made_once, memory_of

from ipwatch.bootstrap import open_installation
from ipwatch.pipeline.cycle import collect_one
from ipwatch.pipeline.screen import screen
from ipwatch.pipeline.workspace import Workspace
from ipwatch.sandbox import Sandbox, World
from ipwatch.settings import Settings

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def small_world() -> World:
    return installations.small_world()


@pytest.fixture(scope="session")
def shared_market(small_world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with market_of(small_world, memory_of(tmp_path_factory)) as sandbox:
        yield sandbox


@pytest.fixture
def remembered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The features of each picture are extracted once for all tests of the session."""
    with features_extracted_once(memory_of(tmp_path_factory)):
        yield


@pytest.fixture
def market(shared_market: Sandbox, remembered: None) -> Sandbox:  # noqa: ARG001 - for as long as the market stands
    shared_market.set_faults([])
    return shared_market


@pytest.fixture
def settings(market: Sandbox, small_world: World, tmp_path: Path) -> Settings:
    return for_sandbox(market, small_world, tmp_path)


@pytest.fixture
def workspace(settings: Settings) -> Iterator[Workspace]:
    with open_installation(settings, now=lambda: NOW) as opened:
        yield opened


@pytest.fixture(scope="session")
def collected_once(shared_market: Sandbox, small_world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation that has collected shops and a register, to copy."""

    def make(root: Path) -> None:
        shared_market.set_faults([])
        settings = for_sandbox(shared_market, small_world, root)
        with (
            features_extracted_once(memory_of(tmp_path_factory)),
            open_installation(settings, now=lambda: NOW) as opened,
        ):
            for source in ("shopify", "webshop", "jpo"):
                collect_one(source, opened)

    return made_once(tmp_path_factory, "collected", make)


@pytest.fixture(scope="session")
def screened_once(shared_market: Sandbox, collected_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation that has screened what it collected, to copy."""

    def make(root: Path) -> None:
        shutil.copytree(collected_once, root, dirs_exist_ok=True)
        settings = settings_of(shared_market, root)
        with (
            features_extracted_once(memory_of(tmp_path_factory)),
            open_installation(settings, now=lambda: NOW) as opened,
        ):
            screen(opened, on=TODAY)

    return made_once(tmp_path_factory, "screened", make)


@pytest.fixture
def collected(market: Sandbox, collected_once: Path, tmp_path: Path) -> Iterator[Workspace]:
    shutil.copytree(collected_once, tmp_path / "copy")
    with open_installation(settings_of(market, tmp_path / "copy"), now=lambda: NOW) as opened:
        yield opened


@pytest.fixture
def screened(market: Sandbox, screened_once: Path, tmp_path: Path) -> Iterator[Workspace]:
    shutil.copytree(screened_once, tmp_path / "copy")
    with open_installation(settings_of(market, tmp_path / "copy"), now=lambda: NOW) as opened:
        yield opened

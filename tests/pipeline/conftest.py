from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from extracted_once import remembering
from installations import for_sandbox, settings_of

from ipwatch.bootstrap import open_installation
from ipwatch.images import BoundedWorkers
from ipwatch.pipeline.cycle import collect_one
from ipwatch.pipeline.screen import screen
from ipwatch.pipeline.workspace import Workspace
from ipwatch.sandbox import Sandbox, World, build_world, running
from ipwatch.settings import Settings

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


@contextmanager
def features_extracted_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let the features of each picture of the sandbox be extracted once for all tests of the session."""
    folder = tmp_path_factory.getbasetemp()
    shared = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BoundedWorkers, "submit", remembering(BoundedWorkers.submit, shared / "extracted"))
        yield


@pytest.fixture(scope="session")
def small_world() -> World:
    return build_world(5, 60, TODAY)


@pytest.fixture(scope="session")
def shared_market(small_world: World) -> Iterator[Sandbox]:
    with running(small_world) as sandbox:
        yield sandbox


@pytest.fixture
def market(shared_market: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    shared_market.set_faults([])
    with features_extracted_once(tmp_path_factory):
        yield shared_market


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
    root = tmp_path_factory.mktemp("collected")
    shared_market.set_faults([])
    settings = for_sandbox(shared_market, small_world, root)
    with features_extracted_once(tmp_path_factory), open_installation(settings, now=lambda: NOW) as opened:
        for source in ("shopify", "webshop", "jpo"):
            collect_one(source, opened)
    return root


@pytest.fixture(scope="session")
def screened_once(shared_market: Sandbox, collected_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation that has screened what it collected, to copy."""
    root = tmp_path_factory.mktemp("screened") / "copy"
    shutil.copytree(collected_once, root)
    settings = settings_of(shared_market, root)
    with features_extracted_once(tmp_path_factory), open_installation(settings, now=lambda: NOW) as opened:
        screen(opened, on=TODAY)
    return root


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

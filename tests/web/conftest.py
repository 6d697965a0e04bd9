"""The pages over a filled SQLite database; the store's own tests run its queries on both databases."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from anyio.from_thread import start_blocking_portal
from made_once import made_once, memory_of
from starlette.applications import Starlette
from web.asking import HOST, Client
from web.signing_in import QUICK_COST
from web.world import NOW, fill

from ipwatch.store import accounts
from ipwatch.store.session import Database, upgrade
from ipwatch.web import create_app


@dataclass(frozen=True)
class Filled:
    """A filled database and its evidence."""

    database: Database
    evidence_root: Path

    def app(self) -> Starlette:
        return create_app(
            self.database,
            evidence_root=self.evidence_root,
            now=lambda: NOW,
            allowed_hosts=(HOST, "localhost"),
            rates={"USD": Decimal(150)},
        )


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    def make(root: Path) -> None:
        url = f"sqlite:///{root / 'ipwatch.db'}"
        upgrade(url)
        database = Database(url)
        fill(database, root / "evidence", memory_of(tmp_path_factory))
        database.dispose()

    return made_once(tmp_path_factory, "review", make)


@pytest.fixture
def filled(template: Path, tmp_path: Path) -> Iterator[Filled]:
    for path in template.glob("ipwatch.db*"):
        shutil.copy(path, tmp_path / path.name)
    database = Database(f"sqlite:///{tmp_path / 'ipwatch.db'}")
    yield Filled(database, template / "evidence")
    database.dispose()


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let hashes of passwords in this process take no time: only where a process serves does their cost matter."""
    monkeypatch.setattr(accounts, "_COST", QUICK_COST)
    monkeypatch.setattr(accounts, "_NOBODY", accounts._written(bytes(16), bytes(32)))


@pytest.fixture(scope="session", autouse=True)
def event_loop() -> Iterator[None]:
    with start_blocking_portal() as Client.loop:
        yield


@pytest.fixture
def client(filled: Filled) -> Client:
    return Client(filled.app())

"""The pages over a filled SQLite database; the store's own tests run its queries on both databases."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from starlette.applications import Starlette
from web.world import NOW, fill

from ipwatch.store.session import Database, upgrade
from ipwatch.web import create_app

HOST = "127.0.0.1"


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
    root = tmp_path_factory.mktemp("review")
    url = f"sqlite:///{root / 'ipwatch.db'}"
    upgrade(url)
    database = Database(url)
    fill(database, root / "evidence")
    database.dispose()
    return root


@pytest.fixture
def filled(template: Path, tmp_path: Path) -> Iterator[Filled]:
    for path in template.glob("ipwatch.db*"):
        shutil.copy(path, tmp_path / path.name)
    database = Database(f"sqlite:///{tmp_path / 'ipwatch.db'}")
    yield Filled(database, template / "evidence")
    database.dispose()


class Client:
    """Speaks to the application without a network, and keeps cookies like a browser."""

    def __init__(self, app: Starlette) -> None:
        self.app = app
        self.cookies = httpx.Cookies()

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(
                transport=transport, base_url=f"http://{HOST}", cookies=self.cookies
            ) as client:
                response = await client.request(method, path, **options)
                self.cookies = client.cookies
                return response

        return anyio.run(send)

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.request("GET", path, **options)

    def post(self, path: str, data: Mapping[str, str], **headers: str) -> httpx.Response:
        """Post a form as one of our own pages would, unless the headers differ."""
        return self.request("POST", path, data=data, headers=headers or {"Sec-Fetch-Site": "same-origin"})


@pytest.fixture
def client(filled: Filled) -> Client:
    return Client(filled.app())

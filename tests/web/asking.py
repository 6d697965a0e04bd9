"""A client of the review page that needs no network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import httpx
from anyio.from_thread import BlockingPortal
from starlette.applications import Starlette

HOST = "127.0.0.1"


class Client:
    """Speaks to the application without a network, and keeps cookies like a browser."""

    loop: ClassVar[BlockingPortal]
    """One event loop for all clients, as a server has it: a loop for each request would start its threads anew."""

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

        return self.loop.call(send)

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.request("GET", path, **options)

    def post(self, path: str, data: Mapping[str, str], **headers: str) -> httpx.Response:
        """Post a form as one of our own pages would, unless the headers differ."""
        return self.request("POST", path, data=data, headers=headers or {"Sec-Fetch-Site": "same-origin"})

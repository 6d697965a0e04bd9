"""What the tests of the sandbox ask it, over real HTTP."""

from __future__ import annotations

from base64 import b64encode
from datetime import date
from typing import Protocol

import httpx

from ipwatch.sandbox.servers.ebay import CLIENT_ID, CLIENT_SECRET, SEARCH_PATH, TOKEN_PATH
from ipwatch.sandbox.servers.rakuten import ACCESS_KEY, APPLICATION_ID, ENDPOINT, VERSION, WEBSITE

TODAY = date(2026, 11, 22)
KEYS = {"accessKey": ACCESS_KEY, "Referer": WEBSITE, "Origin": WEBSITE.rstrip("/")}


class Ask(Protocol):
    """Sends a request to a virtual host of the sandbox under test."""

    def __call__(
        self, host: str, path: str, *, method: str = "GET", headers: dict[str, str] | None = None, **options: object
    ) -> httpx.Response: ...


def rakuten(ask: Ask, **query: object) -> httpx.Response:
    params = {"applicationId": APPLICATION_ID, "formatVersion": 2} | query
    return ask("rakuten", f"{ENDPOINT}/{VERSION}", params=params, headers=KEYS)


def ebay_token(ask: Ask, secret: str = CLIENT_SECRET) -> httpx.Response:
    pair = b64encode(f"{CLIENT_ID}:{secret}".encode()).decode()
    form = {"grant_type": "client_credentials", "scope": "https://api.ebay.com/oauth/api_scope"}
    return ask("ebay", TOKEN_PATH, method="POST", data=form, headers={"Authorization": f"Basic {pair}"})


def ebay(ask: Ask, **query: object) -> httpx.Response:
    token = ebay_token(ask).json()["access_token"]
    return ask("ebay", SEARCH_PATH, params=query, headers={"Authorization": f"Bearer {token}"})

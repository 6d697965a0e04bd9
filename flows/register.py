"""Deployment ``register``: read what a trademark register has published."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from flows._entry import collect_source


@flow(name="register", flow_run_name="register {source}", persist_result=False)
def register(source: str, watchlists: list[str] | None = None) -> State[dict[str, Any]]:
    """Read the new and changed filings of one register."""
    return collect_source(source, watchlists)

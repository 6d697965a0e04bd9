"""Deployment ``collect``: read one marketplace or the shops of one platform."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from flows._entry import collect_source


@flow(name="collect", flow_run_name="collect {source}", persist_result=False)
def collect(source: str, watchlists: list[str] | None = None) -> State[dict[str, Any]]:
    """Collect the listings of one source for the named watchlists, or for all."""
    return collect_source(source, watchlists)

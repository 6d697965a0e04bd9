"""Deployment ``maintenance``: delete what has expired, and check the integrity of the database."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows._entry import opened, utc_now
from ipwatch.bootstrap import retention_of
from ipwatch.pipeline.maintain import maintain


@flow(name="maintenance", persist_result=False)
def maintenance() -> State[dict[str, Any]]:
    """Run the maintenance; failed where a check reports a problem."""
    with opened(None) as (settings, workspace):
        done = maintain(workspace.database, settings.data_dir, retention_of(settings), now=utc_now)
    if done.problems:
        return Failed(message="; ".join(done.problems))
    return Completed(message=f"deleted: {done.deleted}", data=done.deleted)

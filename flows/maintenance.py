"""Deployment ``maintenance``: delete what was kept for its time, and check that the database is whole."""

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
    """Maintain the installation; failed where a check finds something."""
    with opened(None) as (settings, workspace):
        done = maintain(workspace.database, settings.data_dir, retention_of(settings), now=utc_now)
    if done.problems:
        return Failed(message="; ".join(done.problems))
    return Completed(message=f"deleted: {done.deleted}", data=done.deleted)

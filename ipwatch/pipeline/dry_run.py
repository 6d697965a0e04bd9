"""Dry run of a watchlist: what it would have flagged among the stored records. Nothing is written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import structlog

from ipwatch.matching.screener import Screener
from ipwatch.pipeline.references import excluded, read_references, watched
from ipwatch.pipeline.screen import BATCH, RecordStore, count_surfaces
from ipwatch.pipeline.workspace import Workspace
from ipwatch.records import Finding
from ipwatch.store import filings, listings, pictures
from ipwatch.store.screening import ScreeningKey

log = structlog.get_logger("ipwatch.tryout")

# Never the key of a real screening, so that every stored record is due.
_TRIAL = ScreeningKey(records="trial")


def try_watchlists(workspace: Workspace, *, on: date) -> Iterator[Finding]:
    """Yield what the workspace's watchlists flag among all stored records, in the order of the store.

    Outdated pictures are left out, or compared without the model where only the embedding is outdated; a warning
    reports how many.
    """
    named = read_references(workspace)
    screener = Screener(
        workspace.marks,
        watched(named),
        rates=workspace.rates,
        on=on,
        min_score=workspace.min_score,
        excluded=excluded(named),
        calibration=workspace.calibration,
    )
    with workspace.database.read_session() as session:
        waiting = pictures.count_outdated(session, embedding_version=workspace.embedding_version)
    if waiting:
        log.warning("pictures_out_of_date", pictures=waiting, fix="run: ipwatch run")
    count_surfaces(screener, workspace)
    stores: tuple[RecordStore, ...] = (listings, filings)
    for store in stores:
        after = 0
        while True:
            with workspace.database.read_session() as session:
                batch = store.to_screen(session, key=_TRIAL, after_id=after, limit=BATCH)
            if not batch:
                break
            after = batch[-1].row_id
            yield from screener.screen(
                [screenable.record for screenable in batch],
                {screenable.record.subject: screenable.pictures for screenable in batch},
            )

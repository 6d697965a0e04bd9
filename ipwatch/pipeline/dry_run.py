"""Try a watchlist: what would it have flagged among the records that are stored? Nothing is written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import structlog

from ipwatch.matching.screener import Screener
from ipwatch.pipeline.references import excluded, read_references, watched
from ipwatch.pipeline.screen import BATCH, Shelf, survey
from ipwatch.pipeline.workspace import Workspace
from ipwatch.records import Finding
from ipwatch.store import filings, listings, pictures
from ipwatch.store.screening import ScreeningKey

log = structlog.get_logger("ipwatch.tryout")

# Never the key of a real screening, so that every stored record is due.
_TRIAL = ScreeningKey(records="trial")


def try_watchlists(workspace: Workspace, *, on: date) -> Iterator[Finding]:
    """Yield what the workspace's watchlists flag among all stored records, in the order of the store.

    Pictures that wait to be described anew are left out, or compared without the model where they wait for that alone,
    and a warning tells how many.
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
        log.warning("pictures_out_of_date", pictures=waiting, mend="run: ipwatch run")
    survey(screener, workspace)
    shelves: tuple[Shelf, ...] = (listings, filings)
    for shelf in shelves:
        after = 0
        while True:
            with workspace.database.read_session() as session:
                batch = shelf.to_screen(session, key=_TRIAL, after_id=after, limit=BATCH)
            if not batch:
                break
            after = batch[-1].row_id
            yield from screener.screen(
                [one.record for one in batch], {one.record.subject: one.pictures for one in batch}
            )

"""Dry run of a watchlist: what it would have flagged among the stored records. Nothing is written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import structlog

from ipwatch.matching.screener import ImagesBySubject, Screener
from ipwatch.matching.suspicion.crawl import Crawl, MentionFacts
from ipwatch.matching.suspicion.judge import Judge, learn_listing, mention_facts
from ipwatch.matching.suspicion.pictures import fingerprints
from ipwatch.pipeline.references import excluded, read_references, watched
from ipwatch.pipeline.screen import BATCH, Batch, RecordStore, count_surfaces
from ipwatch.pipeline.workspace import Workspace
from ipwatch.records import Finding, Listing
from ipwatch.store import crawl, filings, listings, pictures
from ipwatch.store.screening import ScreeningKey

log = structlog.get_logger("ipwatch.tryout")

# Never the key of a real screening, so that every stored record is due.
_TRIAL = ScreeningKey(records="trial")


def try_watchlists(workspace: Workspace, *, on: date) -> Iterator[Finding]:
    """Yield what the workspace's watchlists find among all stored records, in the order of the store.

    Listings come judged, mentions as well as suspected ones.

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
    yield from _judged(workspace, screener)
    for batch in _batches(workspace, filings):
        yield from screener.screen([each.record for each in batch], _pictures(batch))


def _judged(workspace: Workspace, screener: Screener) -> Iterator[Finding]:
    """Yield the listings that name or show a mark, judged by what the whole crawl says of the market."""
    marks = {mark.key: mark for mark in workspace.marks}
    learned = Crawl(workspace.rates)
    with workspace.database.read_session() as session:
        crawl.fill_confirmed(session, learned)
    named: dict[str, list[tuple[Finding, MentionFacts]]] = {}
    for batch in _batches(workspace, listings):
        records = {each.record.subject: each.record for each in batch}
        for record in records.values():
            if isinstance(record, Listing):
                learn_listing(learned, record)
        shown = _pictures(batch)
        for finding in screener.screen(records.values(), shown, named=True):
            named_in = records[finding.subject]
            if isinstance(named_in, Listing):
                hashes = fingerprints(features.views[0].regions for _, features in shown[finding.subject])
                facts = mention_facts(marks[finding.mark], finding, named_in, hashes)
                named.setdefault(finding.subject, []).append((finding, facts))
                learned.add_mention(facts)
    judge = Judge(workspace.marks, learned)
    for batch in _batches(workspace, listings):
        for each in batch:
            findings = named.get(each.record.subject)
            if findings and isinstance(each.record, Listing):
                yield from judge.judge(each.record, findings)


def _batches(workspace: Workspace, store: RecordStore) -> Iterator[Batch]:
    after = 0
    while True:
        with workspace.database.read_session() as session:
            batch = store.to_screen(session, key=_TRIAL, after_id=after, limit=BATCH)
        if not batch:
            return
        after = batch[-1].row_id
        yield batch


def _pictures(batch: Batch) -> ImagesBySubject:
    return {each.record.subject: each.pictures for each in batch}

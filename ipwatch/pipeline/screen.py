"""Screen the stored records: compare every one that is new, changed, or not yet compared by this matcher, then judge.

One process of an installation screens at a time, on whatever machine; the next one waits and then compares what is
left: nothing is compared twice, and nothing that was collected meanwhile is left out.

A record is compared again when its content, its pictures, the marks, the matcher or the threshold changed, and one
that has pictures also when a picture of a mark was added: from stored data, without fetching or decoding. Listings that
name or show a mark are judged after everything due was compared (``pipeline.judging``). Each batch is one transaction;
a killed run is resumed by the next one.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Protocol

import structlog

from ipwatch.matching.images.features import FEATURES_VERSION
from ipwatch.matching.score import MATCHER_VERSION
from ipwatch.matching.screener import SOURCE, Screener
from ipwatch.matching.suspicion.goods_kinds import goods_kind
from ipwatch.matching.suspicion.judge import mention_facts
from ipwatch.matching.suspicion.pictures import fingerprints
from ipwatch.pipeline.judging import Judging
from ipwatch.pipeline.progress import Progress
from ipwatch.pipeline.reextract import reextract
from ipwatch.pipeline.references import excluded, read_references, watched
from ipwatch.pipeline.workspace import Workspace
from ipwatch.records import Finding, Listing, MarkRecord, ParseIssue, StoredRecord
from ipwatch.store import filings, findings, issues, listings, mentions, runs, watchlists
from ipwatch.store.locks import Lock
from ipwatch.store.mentions import MentionValues
from ipwatch.store.rows import digest
from ipwatch.store.runs import RunReport
from ipwatch.store.screening import MAX_PICTURES, Screenable, ScreeningKey
from ipwatch.store.session import Session
from ipwatch.store.watchlists import WatchedImage
from ipwatch.terms import message

log = structlog.get_logger("ipwatch.screen")

BATCH = 500
# Records whose findings one transaction stores: a first screening finds something in most of them.
WRITE_BATCH = 100
MAX_NAMED_ISSUES = 1000
LOCK = "screening"
WAIT = message("progress.wait")
# Seconds between two attempts to take the lock of another screening, and between two log lines about it.
POLL_SECONDS, LOG_SECONDS = 0.5, 60.0


Batch = Sequence[Screenable[StoredRecord]]


class RecordStore(Protocol):
    """The query functions of one kind of record: ``store.listings`` or ``store.filings``."""

    def to_screen(self, session: Session, *, key: ScreeningKey, after_id: int, limit: int) -> Batch:
        """Return the next records whose comparison is missing or out of date."""


def screening_key(workspace: Workspace, pictures: Sequence[WatchedImage], on: date) -> ScreeningKey:
    """Return the key of everything a screening depends on besides the records; records are due again where it changes.

    The pictures of the watchlists, the version of the features and the operator's model concern only records with
    pictures.
    """
    records = {
        "matcher": MATCHER_VERSION,
        "min_score": workspace.min_score,
        "rates": {currency: str(rate) for currency, rate in sorted(workspace.rates.items())},
        "marks": sorted(digest(replace(mark, images=(), exclude_images=())) for mark in workspace.marks),
        # Authorisations end on a day, so listings are compared again when one of them has ended.
        "ended": sorted(
            f"{mark.key} {seller.marketplace} {seller.id}"
            for mark in workspace.marks
            for seller in mark.authorised_sellers
            if seller.until is not None and seller.until < on
        ),
    }
    shown = sorted(
        (picture.reference.mark, picture.reference.path, picture.reference.features.sha256, picture.excluded)
        for picture in pictures
    )
    model = workspace.embedder
    embedded = [] if model is None else [model.version, repr(model.calibration)]
    return ScreeningKey(records=digest(records), pictures=digest(FEATURES_VERSION, shown, *embedded))


def count_surfaces(screener: Screener, workspace: Workspace) -> None:
    """Let the screener count in every stored title which words similar to a mark are common in this crawl."""
    screener.count_surfaces(_titles(workspace))


def _titles(workspace: Workspace) -> Iterator[str]:
    after = 0

    def following(session: Session) -> list[tuple[int, str]]:
        return listings.titles(session, after_id=after)

    while rows := workspace.database.read(following):
        yield from (title for _, title in rows)
        after = rows[-1][0]


class Screening:
    """One screening run: ``step`` until it returns zero, then ``conclude``; see ``screening_alone``.

    ``on`` is the day in Japan at which authorisations are checked, ``lock`` keeps other processes from screening. The
    constructor raises ``ConfigError`` for a reference picture that cannot be used.
    """

    def __init__(self, workspace: Workspace, *, on: date, lock: Lock | None = None) -> None:
        self.workspace = workspace
        self._lock = lock
        self._is_taken_over = False
        self._facts = {mark.key: (mark, watchlist) for watchlist in workspace.watchlists for mark in watchlist.marks}
        self._after = 0
        self._stores: list[RecordStore] = [listings, filings]
        self._done = 0
        self._surveyed = self._refreshed = False
        self._incomplete: list[ParseIssue] = []
        workspace.report(Progress(stage=message("progress.screen"), done=0, total=None))
        pictures = read_references(workspace)
        self._key = screening_key(workspace, pictures, on)
        lists = [watchlists.watchlist_row(watchlist, workspace.now()) for watchlist in workspace.watchlists]
        references = workspace.database.read(lambda session: watchlists.outdated_references(session, pictures))

        def start(session: Session) -> int:
            watchlists.save_watchlists(session, lists)
            watchlists.save_reference_rows(session, references)
            run_id, _ = runs.resume_or_start(session, kind="screen", source=None, now=workspace.now())
            return run_id

        self.run_id = workspace.database.write(start)
        self._judging = Judging(workspace, run_id=self.run_id)
        self._screener = Screener(
            workspace.marks,
            watched(pictures),
            rates=workspace.rates,
            on=on,
            min_score=workspace.min_score,
            excluded=excluded(pictures),
            calibration=workspace.calibration,
        )

    def step(self) -> int:
        """Compare or judge the next batch, write what was found in one transaction, and return how many there were.

        The first step extracts the features of outdated pictures again before it compares; judging begins once nothing
        is left to compare. Zero also where another process took over the screening while the connection to the
        database was lost.
        """
        if self._lock is not None and not self._lock.confirm():
            log.warning("screening_taken_over", run=self.run_id)
            self._is_taken_over = True
            return 0
        if not self._refreshed:
            reextract(self.workspace, self.run_id)
            self._refreshed = True
        while self._stores:
            store = self._stores[0]
            batch = self.workspace.database.read(partial(self._due, store))
            if batch:
                self._survey()
                self._after = batch[-1].row_id
                self._compare(batch)
                return len(batch)
            self._stores.pop(0)
            self._after = 0
        return self._judging.step()

    def _due(self, store: RecordStore, session: Session) -> Batch:
        return store.to_screen(session, key=self._key, after_id=self._after, limit=BATCH)

    def _survey(self) -> None:
        """Count common words in all stored titles; once, and only where something is due."""
        if not self._surveyed:
            count_surfaces(self._screener, self.workspace)
            self._surveyed = True

    def _compare(self, batch: Batch) -> None:
        pictures = {screenable.record.subject: screenable.pictures for screenable in batch}
        self._incomplete.extend(_left_out(screenable) for screenable in batch if screenable.left_out)
        findings_by_subject: dict[str, list[Finding]] = {}
        for finding in self._screener.screen([screenable.record for screenable in batch], pictures, named=True):
            findings_by_subject.setdefault(finding.subject, []).append(finding)
        for start in range(0, len(batch), WRITE_BATCH):
            some = batch[start : start + WRITE_BATCH]
            hits = [(subject, hit) for subject in some for hit in findings_by_subject.get(subject.record.subject, ())]
            # Made ready before the transaction begins.
            named = [
                self._mention(subject, subject.record, hit)
                for subject, hit in hits
                if isinstance(subject.record, Listing)
            ]
            kinds = {
                subject.row_id: goods_kind(subject.record.title or "")
                for subject in some
                if isinstance(subject.record, Listing)
            }
            filed = [(subject, subject.record, hit) for subject, hit in hits if isinstance(subject.record, MarkRecord)]
            self.workspace.database.write(partial(self._write, some, named=named, kinds=kinds, filed=filed))
            self._done += len(some)
            self.workspace.report(Progress(stage=message("progress.screen"), done=self._done, total=None))

    def _write(
        self,
        some: Batch,
        session: Session,
        *,
        named: Sequence[MentionValues],
        kinds: Mapping[int, str | None],
        filed: Sequence[tuple[Screenable[StoredRecord], MarkRecord, Finding]],
    ) -> None:
        """Store what was found of some records, and mark these as compared."""
        mentions.write_compared(
            session,
            named,
            listing_ids=list(kinds),
            holders={watchlist.holder.id for watchlist in self.workspace.watchlists},
            run_id=self.run_id,
            now=self.workspace.now(),
        )
        new = sum(self._record(session, subject, record, hit) for subject, record, hit in filed)
        keys = {screenable.row_id: screenable.input_hash for screenable in some}
        if kinds:
            listings.mark_screened(session, keys, goods_kinds=kinds)
        else:
            filings.mark_screened(session, keys)
        runs.add_counts(session, self.run_id, screened=len(some), found=new)

    def _mention(self, subject: Screenable[StoredRecord], record: Listing, finding: Finding) -> MentionValues:
        mark, watchlist = self._facts[finding.mark]
        return mentions.prepare(
            finding,
            mention_facts(
                mark, finding, record, fingerprints(features.views[0].regions for _, features in subject.pictures)
            ),
            listing_id=subject.row_id,
            holder=watchlist.holder.id,
            right_kind=mark.kind,
            source=record.marketplace,
            country=country_of(record),
            watchlist_sha256=watchlist.sha256,
            content_hash=subject.content_hash,
            document_sha256=record.document_sha256,
        )

    def _record(
        self, session: Session, subject: Screenable[StoredRecord], record: MarkRecord, finding: Finding
    ) -> bool:
        """Store the finding of a filing; return whether it is new."""
        mark, watchlist = self._facts[finding.mark]
        return findings.record_finding(
            session,
            finding,
            row_id=subject.row_id,
            is_filing=True,
            run_id=self.run_id,
            holder=watchlist.holder.id,
            right_kind=mark.kind,
            watchlist_sha256=watchlist.sha256,
            source=record.office,
            country=country_of(record),
            due_on=record.opposition_until,
            input_hash=subject.input_hash,
            document_sha256=record.document_sha256,
            now=self.workspace.now(),
        )

    def conclude(self) -> RunReport:
        """End the run and store what the matcher could not use, such as a price in a currency without a rate."""
        if self._is_taken_over:
            return self.workspace.database.read(lambda session: runs.run_report(session, self.run_id))
        noted = [*self._screener.issues, *self._incomplete]

        def end(session: Session) -> RunReport:
            issues.add_issues(session, self.run_id, noted[:MAX_NAMED_ISSUES], self.workspace.now())
            runs.add_counts(session, self.run_id, refused=len(noted))
            return runs.finish_run(session, self.run_id, state="done", now=self.workspace.now())

        report = self.workspace.database.write(end)
        self.workspace.report(Progress(stage=message("progress.screen"), done=self._done, total=self._done))
        log.info("screened", run=self.run_id, screened=report.screened, found=report.found)
        return report


@contextmanager
def screening_alone(workspace: Workspace, *, on: date) -> Iterator[Screening]:
    """Yield the screening run of this installation to one process at a time; another one waits and logs that."""
    with workspace.lock(LOCK) as lock:
        _wait_for(lock, workspace)
        yield Screening(workspace, on=on, lock=lock)


def screen(workspace: Workspace, *, on: date) -> RunReport:
    """Compare everything that is due and return the report of the run, once no other process screens."""
    with screening_alone(workspace, on=on) as screening:
        while screening.step():
            pass
        return screening.conclude()


def _wait_for(lock: Lock, workspace: Workspace) -> None:
    """Take the lock, logging every ``LOG_SECONDS`` that another process has it."""
    waited = 0.0
    while not lock.take():
        if waited % LOG_SECONDS == 0:
            log.info("screening_waits", reason="another process screens; what it leaves is compared after it")
        workspace.report(Progress(stage=WAIT, done=0, total=1))
        time.sleep(POLL_SECONDS)
        waited += POLL_SECONDS
    if waited:
        workspace.report(Progress(stage=WAIT, done=1, total=1))


def _left_out(subject: Screenable[StoredRecord]) -> ParseIssue:
    message = f"{subject.left_out} more pictures: only the first {MAX_PICTURES} were compared"
    record = subject.record
    return ParseIssue(
        source=SOURCE, where=record.subject, field="images", message=message, document_sha256=record.document_sha256
    )


def country_of(record: StoredRecord) -> str | None:
    """Return where goods ship from or, failing that, where the seller is; the office for a filing."""
    if isinstance(record, MarkRecord):
        return record.office
    return record.ships_from or (record.seller.country if record.seller is not None else None)

"""Judge the mentions of every mark whose mentions changed: all of them, since the market of the mark changed.

What a listing is judged against is the whole crawl, so that nothing is judged before everything due was compared. Each
batch is one transaction, and a mark counts as judged after its last one: a killed run judges the mark again and stores
only what differs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial

from ipwatch.matching.suspicion.crawl import Crawl
from ipwatch.matching.suspicion.judge import Judge
from ipwatch.pipeline.workspace import Workspace
from ipwatch.records import Finding, ListingKind
from ipwatch.store import crawl, findings, mentions, runs
from ipwatch.store.mentions import Candidate, ListingMentions
from ipwatch.store.rows import digest
from ipwatch.store.session import Session

BATCH = 500
# Listings whose judgements one transaction stores.
WRITE_BATCH = 100


class Judging:
    """The second phase of a screening run: ``step`` until it returns zero."""

    def __init__(self, workspace: Workspace, *, run_id: int) -> None:
        self._workspace = workspace
        self._run_id = run_id
        self._marks = {mark.key for mark in workspace.marks}
        self._judge: Judge | None = None
        # Marks with changes and the key of their present state: all of them, and those left, small ones together.
        self._changed: Mapping[str, str] = {}
        self._left: list[list[str]] | None = None
        self._after = 0
        # Listings with several marks that were judged with the first of them.
        self._done: set[int] = set()

    def step(self) -> int:
        """Judge the next batch of listings, and return how many there were, or one for marks that have none left."""
        database = self._workspace.database
        if self._left is None:
            self._left = list(reversed(_together(database.read(self._due), BATCH)))
        if not self._left:
            return 0
        if self._judge is None:
            crawled = database.read(partial(read_crawl, self._workspace.rates))
            self._judge = Judge(self._workspace.marks, crawled)
        judge = self._judge
        some_marks = self._left[-1]
        batch = database.read(partial(self._next, some_marks))
        judged = [
            (each, judge.judge(each.listing, [(candidate.finding, candidate.facts) for candidate in each.candidates]))
            for each in batch
            if each.listing_id not in self._done
        ]
        is_last = len(batch) < BATCH
        for start in range(0, len(judged), WRITE_BATCH):
            database.write(partial(self._write, judged[start : start + WRITE_BATCH]))
        if is_last:
            keys = {mark: self._changed[mark] for mark in some_marks}
            database.write(lambda session: mentions.conclude_marks(session, keys))
            self._left.pop()
        self._after = 0 if is_last else batch[-1].listing_id
        self._done.update(each.listing_id for each in batch if len(each.candidates) > 1)
        return len(batch) or 1

    def _due(self, session: Session) -> Mapping[str, int]:
        self._changed = mentions.due_marks(session, self._marks)
        return mentions.sizes(session, self._changed) if self._changed else {}

    def _next(self, some_marks: Sequence[str], session: Session) -> list[ListingMentions]:
        return mentions.listings_of(session, some_marks, marks=self._marks, after_id=self._after, limit=BATCH)

    def _write(self, judged: Sequence[tuple[ListingMentions, Sequence[Finding]]], session: Session) -> None:
        """Store what differs of the mentions of changed marks, and append findings to their cases."""
        made = list(self._different(judged))
        judgements = [candidate.judged(finding) for _, candidate, finding in made]
        mentions.write_judgements(session, judgements, run_id=self._run_id, now=self._workspace.now())
        opened = mentions.with_case(session, {(each.listing_id, candidate.finding.mark) for each, candidate, _ in made})
        nothing = {(each.listing_id, candidate.finding.mark) for each, candidate, finding in made if finding is None}
        findings.withdraw(session, opened & nothing, now=self._workspace.now())
        new = 0
        for each, candidate, finding in made:
            if finding is None:
                continue
            suspected = finding.kind is ListingKind.SUSPECTED
            if suspected or (each.listing_id, finding.mark) in opened:
                new += self._record(session, each, candidate, finding) and suspected
        if new:
            runs.add_counts(session, self._run_id, found=new)

    def _different(
        self, judged: Iterable[tuple[ListingMentions, Sequence[Finding]]]
    ) -> Iterator[tuple[ListingMentions, Candidate, Finding | None]]:
        for each, findings_made in judged:
            by_mark = {finding.mark: finding for finding in findings_made}
            for candidate in each.candidates:
                finding = by_mark.get(candidate.finding.mark)
                if candidate.finding.mark in self._changed and candidate.judged(finding).differs(candidate):
                    yield each, candidate, finding

    def _record(self, session: Session, each: ListingMentions, candidate: Candidate, finding: Finding) -> bool:
        """Append a finding of a listing; return whether it is new."""
        return findings.record_finding(
            session,
            finding,
            row_id=each.listing_id,
            is_filing=False,
            run_id=self._run_id,
            holder=candidate.holder,
            right_kind=candidate.right_kind,
            watchlist_sha256=candidate.watchlist_sha256,
            source=candidate.source,
            country=candidate.country,
            due_on=None,
            # The same listing may be judged otherwise in another market, also by the run after one that was killed.
            input_hash=digest(each.input_hash, self._changed[finding.mark], finding.kind, finding.suspicion),
            document_sha256=candidate.document_sha256,
            now=self._workspace.now(),
        )


def _together(sizes: Mapping[str, int], limit: int) -> list[list[str]]:
    """Return the marks in groups of up to ``limit`` mentions: most have few, and a batch costs as much for one."""
    groups: list[list[str]] = []
    room = 0
    for mark, size in sorted(sizes.items()):
        if not groups or size > room:
            groups.append([])
            room = limit
        groups[-1].append(mark)
        room -= size
    return groups


def read_crawl(rates: Mapping[str, Decimal], session: Session) -> Crawl:
    """Return what the store teaches of sellers and mentions."""
    learned = Crawl(rates)
    crawl.fill_sellers(session, learned)
    crawl.fill_brands(session, learned)
    crawl.fill_mentions(session, learned)
    return learned

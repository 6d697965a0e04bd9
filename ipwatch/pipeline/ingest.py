"""Ingest a batch of answers: keep the evidence, parse it, and store the results in few and short transactions.

An answer is stored as a whole, with the state of its request, so that a retried transaction counts nothing twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from ipwatch.fetch import Fetched, redact_url
from ipwatch.pipeline.feature_extraction import FeatureExtractor
from ipwatch.pipeline.parse_answers import (
    EXPECTED_TO_BRING,
    GONE,
    AnswerParser,
    KnownUrls,
    ParsedAnswer,
    PreparedRecords,
)
from ipwatch.pipeline.workspace import Workspace
from ipwatch.records import Document, FailureReason, ImageRefusal, ParseIssue, Request, RequestKind, SourceOptions
from ipwatch.sources import Source
from ipwatch.store import captures, filing_images, filings, frontier, issues, listings, pictures, runs
from ipwatch.store.history import UpsertResult
from ipwatch.store.session import Session

# The number of records and follow-up requests that one transaction stores, or those of one answer.
MAX_ROWS = 500

_Answer = tuple[int, Fetched, ParsedAnswer]


class Ingest:
    """Ingests what one run of a source fetched."""

    def __init__(
        self,
        name: str,
        workspace: Workspace,
        source: Source,
        options: SourceOptions,
        *,
        run_id: int,
        extractor: FeatureExtractor,
    ) -> None:
        self._name = name
        self._workspace = workspace
        self._run_id = run_id
        self._parser = AnswerParser(
            name,
            workspace,
            source,
            options,
            run_id=run_id,
            extractor=extractor,
            store_chunk=self._write_chunk,
        )

    @property
    def blocked(self) -> dict[str, str]:
        """The hosts that refuse to be read, each with its message."""
        return self._parser.blocked

    def announce(self, answer: Fetched) -> None:
        """Start feature extraction of a picture while the rest of its batch is fetched, unless its file is known."""
        self._parser.announce(answer)

    def write(self, batch: Sequence[tuple[int, Fetched]]) -> None:
        """Keep the evidence of a batch, parse it, and store the results; each answer comes with its frontier id."""
        self._keep(answer for _, answer in batch)
        known = self._known_urls([answer for _, answer in batch])
        answers = [(number, answer, self._parser.parse(answer, known)) for number, answer in batch]
        for _, _, parsed in answers:
            self._push_excess_requests(parsed)
        for group in _groups(answers):
            # Not waiting for the disk: what a power cut takes of this transaction is fetched again by the next run.
            self._workspace.database.write(partial(self._store, group), durable=False)
        for _, answer in batch:
            if answer.document is not None and answer.document.path is not None and not answer.document.from_cache:
                answer.document.path.unlink(missing_ok=True)

    def conclude(self) -> None:
        """Store how many pages had no listing, of which it is not known whether they should have one."""
        empty = self._parser.empty_pages
        if not empty:
            return
        message = f"{len(empty)} pages held no listing; each is asked for in full again"
        issue = ParseIssue(source=self._name, where=redact_url(empty[0]), message=message)
        now = self._workspace.now()
        self._workspace.database.write(lambda session: issues.add_issues(session, self._run_id, [issue], now))

    def _keep(self, answers: Iterable[Fetched]) -> None:
        """Put every document into the evidence store, a confirmation that nothing changed included."""
        with self._workspace.evidence.batch():
            for answer in answers:
                if answer.document is not None:
                    self._workspace.evidence.put(
                        answer.document,
                        request=answer.request,
                        request_headers=answer.request_headers,
                        remote_address=answer.remote_address,
                    )

    def _known_urls(self, answers: Sequence[Fetched]) -> KnownUrls:
        pages = [answer.request.url for answer in answers if answer.request.kind is RequestKind.PAGE]
        urls = [
            answer.document.url
            for answer in answers
            if answer.document is not None and answer.document.kind in EXPECTED_TO_BRING
        ]

        def known(session: Session) -> KnownUrls:
            return KnownUrls(listings.urls_of_listings(session, pages), captures.brought_before(session, urls))

        return self._workspace.database.read(known)

    def _push_excess_requests(self, parsed: ParsedAnswer) -> None:
        """Store the follow-up requests in excess of ``MAX_ROWS``; each is in the frontier once, however often.

        A sitemap may name 50,000 pages.
        """
        while len(parsed.requests) > MAX_ROWS:
            some = parsed.requests[:MAX_ROWS]

            def push(session: Session, some: Sequence[Request] = some) -> None:
                runs.add_counts(session, self._run_id, planned=frontier.push(session, self._run_id, some))

            self._workspace.database.write(push, durable=False)
            parsed.pushed += len(some)
            del parsed.requests[:MAX_ROWS]

    def _write_chunk(self, prepared: PreparedRecords) -> None:
        """Store some of the records of a bulk file in a transaction of their own."""
        self._workspace.database.write(partial(self._store_chunk, prepared), durable=False)

    def _store_chunk(self, prepared: PreparedRecords, session: Session) -> None:
        runs.add_counts(session, self._run_id, **self._store_records(session, prepared))

    def _store(self, answers: Sequence[_Answer], session: Session) -> None:
        """Store answers inside the caller's transaction, and add their results to the counts of the run."""
        counts: Counter[str] = Counter()
        for frontier_id, answer, parsed in answers:
            counts += self._store_one(session, frontier_id, answer, parsed)
        runs.add_counts(session, self._run_id, **counts)

    def _store_one(self, session: Session, frontier_id: int, answer: Fetched, parsed: ParsedAnswer) -> Counter[str]:
        """Store one answer and return what it adds to the counts of the run."""
        now = self._workspace.now()
        document = answer.document
        if document is not None:
            brought = parsed.brought if parsed.reason is None and document.kind in EXPECTED_TO_BRING else None
            trusted = parsed.is_trusted(document)
            captures.add_capture(session, document, run_id=self._run_id, trusted=trusted, brought=brought)
        if not _finish(session, frontier_id, answer, parsed):
            # Another process took over this request: it has stored and counted the answer.
            return Counter()
        counts = self._store_records(session, parsed.prepared)
        counts["parsed"] = len(parsed.records) + parsed.stored
        counts["planned"] += frontier.push(session, self._run_id, parsed.requests)
        counts["refused"] = len(parsed.issues) + parsed.unnamed_issues
        issues.add_issues(session, self._run_id, parsed.named_issues, now)
        if parsed.reason is not None or document is None:
            counts["failed"] += 1
        elif document.status in GONE:
            listings.gone_by_url(session, answer.request.url, now)
            counts["gone"] += 1
        else:
            counts["unchanged" if document.from_cache else "fetched"] += 1
            if document.kind is RequestKind.IMAGE:
                counts["refused"] += self._store_picture(session, document, parsed)
        return counts

    def _store_records(self, session: Session, prepared: PreparedRecords) -> Counter[str]:
        """Store records, and request those of their pictures that are not known yet."""
        now = self._workspace.now()
        of_entries = filings.write_prepared(session, prepared.entries, run_id=self._run_id, now=now)
        of_offers = listings.write_prepared(session, prepared.offers, run_id=self._run_id, now=now)
        named = zip(prepared.names_of_entries, of_entries, strict=True)
        filing_images.link(session, [name for name, result in named if result is UpsertResult.NEW])
        wanted = pictures.wanted_by_key(
            session,
            listing_keys=[offer.entry.key for offer in prepared.offers],
            filing_keys=[filing.entry.key for filing in prepared.entries if filing.images],
        )
        images = [Request(source=self._name, url=url, kind=RequestKind.IMAGE) for url in wanted]
        results = Counter((*of_offers, *of_entries))
        return Counter(
            planned=frontier.push(session, self._run_id, images),
            new=results[UpsertResult.NEW],
            changed=results[UpsertResult.CHANGED],
        )

    def _store_picture(self, session: Session, document: Document, parsed: ParsedAnswer) -> int:
        """Link the picture to every record that shows its URL; return 1 where it was refused."""
        now = self._workspace.now()
        if isinstance(parsed.features, ImageRefusal):
            version = self._workspace.embedding_version
            pictures.add_refusal(session, document.sha256, parsed.features, now, embedding_version=version)
        elif parsed.features is not None:
            pictures.add_features(session, parsed.features, now)
        pictures.record(session, url=document.url, sha256=document.sha256)
        return int(isinstance(parsed.features, ImageRefusal))


def _finish(session: Session, frontier_id: int, answer: Fetched, parsed: ParsedAnswer) -> bool:
    """Set the final state of a request; return ``False`` where another process did so before."""
    if parsed.reason is None and answer.document is not None:
        return frontier.done(session, frontier_id, answer.document.sha256)
    reason, message = parsed.reason or FailureReason.NETWORK, parsed.message or "no answer"
    return frontier.failed(session, frontier_id, reason, message)


def _groups(answers: Sequence[_Answer]) -> Iterator[list[_Answer]]:
    """Yield answers in groups that one transaction may store (``MAX_ROWS``)."""
    group: list[_Answer] = []
    rows = 0
    for answer in answers:
        _, _, parsed = answer
        size = 1 + len(parsed.records) + len(parsed.requests)
        if group and rows + size > MAX_ROWS:
            yield group
            group, rows = [], 0
        group.append(answer)
        rows += size
    if group:
        yield group

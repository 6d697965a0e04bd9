"""Take in a batch of answers: keep the evidence, read the records, store everything in few and short transactions.

What takes time is done before a transaction begins: reading, turning into JSON, hashing, packing. An answer is stored
as a whole, with the state of its request, so that a transaction that is tried again counts nothing twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from functools import partial
from urllib.parse import urlsplit

from ipwatch.errors import Blocked, FetchError, ParseError
from ipwatch.fetch import Fetched, redact_url
from ipwatch.pipeline.feature_extraction import Extracted, FeatureExtractor
from ipwatch.pipeline.filing_images import keep_filed
from ipwatch.pipeline.workspace import Workspace
from ipwatch.records import (
    Document,
    FailureReason,
    FiledPicture,
    Listing,
    MarkRecord,
    ParseIssue,
    PictureRefusal,
    Record,
    Request,
    RequestKind,
    SourceOptions,
)
from ipwatch.sources import Parsed, Source
from ipwatch.store import captures, filing_images, filings, frontier, issues, listings, pictures, runs
from ipwatch.store.history import Prepared
from ipwatch.store.session import Session

# A bulk file holds tens of thousands of records: so many, and so many bytes of pictures, are in memory and in one
# transaction at a time.
BULK_CHUNK = 500
MAX_CHUNK_BYTES = 32 * 1024**2
# One transaction stores so many records and follow-up requests, or those of one answer.
MAX_ROWS = 500
# A file that is wrong throughout would otherwise fill the database with one sentence a line; the count stays exact.
MAX_NAMED_ISSUES = 1000

GONE = frozenset({404, 410})
# Documents that are asked for because records or further addresses stand in them.
EXPECTED_TO_BRING = frozenset({RequestKind.API, RequestKind.PAGE, RequestKind.SITEMAP})
# Tells an adapter that a listing stood at this URL before.
EXPECTED_LISTING = ("expected", "listing")


def host_of(url: str) -> str:
    """Return host and port of a URL."""
    return urlsplit(url).netloc


@dataclass(frozen=True, slots=True)
class _Prepared:
    """Records ready to be stored."""

    offers: Sequence[Prepared] = ()
    entries: Sequence[Prepared] = ()
    names_of_entries: Sequence[filing_images.Key] = ()


@dataclass
class _Reading:
    """What a document brought.

    ``stored`` counts the records of a bulk file, which are stored while it is read, ``pushed`` the follow-up requests
    that are stored before the others. ``named`` are the issues that are written down, up to a bound for the whole run.
    """

    records: list[Record] = field(default_factory=list)
    prepared: _Prepared = field(default_factory=_Prepared)
    named: Sequence[ParseIssue] = ()
    issues: list[ParseIssue] = field(default_factory=list)
    unnamed_issues: int = 0
    stored: int = 0
    pushed: int = 0
    follow: list[Request] = field(default_factory=list)
    hashed: Extracted | None = None
    reason: FailureReason | None = None
    message: str | None = None

    @property
    def brought(self) -> int:
        """How many records and further addresses were read."""
        return len(self.records) + self.stored + len(self.follow) + self.pushed


_Read = tuple[int, Fetched, _Reading]


@dataclass(frozen=True, slots=True)
class _Before:
    """What is known of the addresses of a batch: where a listing stands, and how much each brought when last read."""

    listed: AbstractSet[str]
    brought: Mapping[str, int]


class Intake:
    """Takes in what one run of a source fetched. ``blocked`` are the hosts that do not want us, and what they said."""

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
        self._source = source
        self._options = options
        self._run_id = run_id
        self._extractor = extractor
        self._named_issues = 0
        self._empty_pages: list[str] = []
        self._refused_before: dict[str, PictureRefusal | None] = {}
        self.blocked: dict[str, str] = {}

    def announce(self, answer: Fetched) -> None:
        """Let a picture be described while the rest of its batch is still fetched, unless its file is known."""
        document = answer.document
        if document is None or document.kind is not RequestKind.IMAGE or document.status in GONE:
            return
        version = self._workspace.embedding_version
        known = self._workspace.database.read(
            lambda session: pictures.known(session, [document.sha256], embedding_version=version)
        )
        if document.sha256 not in known:
            self._extractor.begin(document.sha256, document.read())
        elif document.sha256 not in self._refused_before:
            self._refused_before[document.sha256] = known[document.sha256]

    def write(self, batch: Sequence[tuple[int, Fetched]]) -> None:
        """Keep the evidence of a batch, read it, and store what it brought; each answer with its frontier id."""
        self._keep(answer for _, answer in batch)
        before = self._before([answer for _, answer in batch])
        readings = [self._read(answer, before) for _, answer in batch]
        read = [(number, answer, reading) for (number, answer), reading in zip(batch, readings, strict=True)]
        for reading in readings:
            self._push_ahead(reading)
        for some in _groups(read):
            # Not waiting for the disk: what a power cut takes of this transaction is fetched again by the next run.
            self._workspace.database.write(partial(self._store, some), durable=False)
        for _, answer in batch:
            if answer.document is not None and answer.document.path is not None and not answer.document.from_cache:
                answer.document.path.unlink(missing_ok=True)

    def conclude(self) -> None:
        """Write down how many pages held no listing: nobody knows of them whether one should stand there."""
        if not self._empty_pages:
            return
        message = f"{len(self._empty_pages)} pages held no listing; each is asked for in full again"
        issue = ParseIssue(source=self._name, where=redact_url(self._empty_pages[0]), message=message)
        at = self._workspace.now()
        self._workspace.database.write(lambda session: issues.add_issues(session, self._run_id, [issue], at))

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

    def _before(self, answers: Sequence[Fetched]) -> _Before:
        """Return what is known of the addresses of the batch."""
        pages = [answer.request.url for answer in answers if answer.request.kind is RequestKind.PAGE]
        urls = [
            answer.document.url
            for answer in answers
            if answer.document is not None and answer.document.kind in EXPECTED_TO_BRING
        ]

        def known(session: Session) -> _Before:
            return _Before(listings.urls_of_listings(session, pages), captures.brought_before(session, urls))

        return self._workspace.database.read(known)

    def _read(self, answer: Fetched, before: _Before) -> _Reading:
        """Read one answer; what it cannot give becomes a reason, never an exception."""
        reading = _Reading()
        document = answer.document
        if answer.error is not None:
            self._refuse(reading, answer, answer.error)
        elif document is not None and document.kind is RequestKind.IMAGE:
            reading.hashed = self._described(document.sha256)
        elif document is not None:
            brought = before.brought.get(document.url, 0)
            if answer.request.url in before.listed or (document.kind is RequestKind.PAGE and brought):
                # A page that has no listing any more where one stood has changed.
                document = replace(document, context=(*document.context, EXPECTED_LISTING))
            try:
                self._parse(document, reading)
                reading.follow.extend(self._source.follow(document, self._options))
            except FetchError as error:
                self._refuse(reading, answer, error)
            except ParseError as error:
                reading.reason, reading.message = FailureReason.UNREADABLE, str(error)
            else:
                self._look_for_less(document, reading, brought)
        self._name_issues(answer, reading)
        reading.prepared = _prepare(reading.records)
        return reading

    def _look_for_less(self, document: Document, reading: _Reading, brought: int) -> None:
        """Note a document that brings nothing: as an issue where it brought something when it was last read."""
        if document.kind not in EXPECTED_TO_BRING or document.status in GONE or reading.brought:
            return
        if brought:
            message = (
                f"it brings nothing now, and brought {brought} records or further addresses when it was last read; "
                "it is asked for in full again"
            )
            where = redact_url(document.url)
            reading.issues.append(
                ParseIssue(source=self._name, where=where, message=message, document_sha256=document.sha256)
            )
        elif document.kind is RequestKind.PAGE:
            self._empty_pages.append(document.url)

    def _described(self, sha256: str) -> Extracted | None:
        """Return what a picture was described as, or why it was refused, now or before: once for each file."""
        described = self._extractor.take(sha256) or self._refused_before.get(sha256)
        self._refused_before[sha256] = None
        return described

    def _parse(self, document: Document, reading: _Reading) -> None:
        """Read the records of a document; its pictures, and the records of a bulk file, are stored as they come."""
        for chunk in _chunks(self._source.parse(document)):
            filed = [parsed for parsed in chunk if isinstance(parsed, FiledPicture)]
            refused = (
                keep_filed(self._workspace, self._extractor, document, filed, run_id=self._run_id) if filed else ()
            )
            for parsed in (*chunk, *refused):
                if isinstance(parsed, Listing | MarkRecord):
                    reading.records.append(parsed)
                elif isinstance(parsed, FiledPicture):
                    continue
                elif len(reading.issues) < MAX_NAMED_ISSUES:
                    reading.issues.append(parsed)
                else:
                    reading.unnamed_issues += 1
            if document.kind is RequestKind.BULK:
                prepared = _prepare(reading.records)
                self._workspace.database.write(partial(self._store_chunk, prepared), durable=False)
                reading.stored += len(reading.records)
                reading.records.clear()

    def _refuse(self, reading: _Reading, answer: Fetched, error: FetchError) -> None:
        """Note why an answer brings nothing; a host that does not want us is not asked again in this run."""
        reading.reason, reading.message = FailureReason(error.reason), str(error)
        if isinstance(error, Blocked):
            self.blocked[host_of(answer.request.url)] = str(error)

    def _push_ahead(self, reading: _Reading) -> None:
        """Store follow-up requests beyond those that one transaction may; each is in the frontier once, however often.

        A sitemap may name 50,000 pages.
        """
        while len(reading.follow) > MAX_ROWS:
            some = reading.follow[:MAX_ROWS]

            def push(session: Session, some: Sequence[Request] = some) -> None:
                runs.add_counts(session, self._run_id, planned=frontier.push(session, self._run_id, some))

            self._workspace.database.write(push, durable=False)
            reading.pushed += len(some)
            del reading.follow[:MAX_ROWS]

    def _store(self, read: Sequence[_Read], session: Session) -> None:
        """Store answers inside the caller's transaction, and add what they bring to the counts of the run."""
        counts: Counter[str] = Counter()
        for frontier_id, answer, reading in read:
            counts += self._store_one(session, frontier_id, answer, reading)
        runs.add_counts(session, self._run_id, **counts)

    def _store_one(self, session: Session, frontier_id: int, answer: Fetched, reading: _Reading) -> Counter[str]:
        """Store one answer and return what it adds to the counts of the run."""
        at = self._workspace.now()
        document = answer.document
        if document is not None:
            trusted = _is_as_expected(document, reading)
            brought = reading.brought if reading.reason is None and document.kind in EXPECTED_TO_BRING else None
            captures.add_capture(session, document, run_id=self._run_id, trusted=trusted, brought=brought)
        if not _finish(session, frontier_id, answer, reading):
            # Another process took this one for dead and was faster: it stored and counted what the answer says.
            return Counter()
        counts = self._store_records(session, reading.prepared)
        counts["parsed"] = len(reading.records) + reading.stored
        counts["planned"] += frontier.push(session, self._run_id, reading.follow)
        counts["refused"] = len(reading.issues) + reading.unnamed_issues
        issues.add_issues(session, self._run_id, reading.named, at)
        if reading.reason is not None or document is None:
            counts["failed"] += 1
        elif document.status in GONE:
            listings.gone_by_url(session, answer.request.url, at)
            counts["gone"] += 1
        else:
            counts["unchanged" if document.from_cache else "fetched"] += 1
            if document.kind is RequestKind.IMAGE:
                counts["refused"] += self._store_picture(session, document, reading)
        return counts

    def _store_chunk(self, prepared: _Prepared, session: Session) -> None:
        """Store some of the records of a bulk file."""
        runs.add_counts(session, self._run_id, **self._store_records(session, prepared))

    def _store_records(self, session: Session, prepared: _Prepared) -> Counter[str]:
        """Store records, and ask for those of their pictures that are not known yet."""
        at = self._workspace.now()
        seen_entries = filings.write_prepared(session, prepared.entries, run_id=self._run_id, now=at)
        seen = [*listings.write_prepared(session, prepared.offers, run_id=self._run_id, now=at), *seen_entries]
        named = zip(prepared.names_of_entries, seen_entries, strict=True)
        filing_images.link(session, [name for name, how in named if how is filings.UpsertResult.NEW])
        wanted = pictures.wanted_by_key(
            session,
            listing_keys=[one.entry.key for one in prepared.offers],
            filing_keys=[one.entry.key for one in prepared.entries if one.images],
        )
        images = [Request(source=self._name, url=url, kind=RequestKind.IMAGE) for url in wanted]
        return Counter(
            planned=frontier.push(session, self._run_id, images),
            new=seen.count(listings.UpsertResult.NEW),
            changed=seen.count(listings.UpsertResult.CHANGED),
        )

    def _name_issues(self, answer: Fetched, reading: _Reading) -> None:
        """Choose what is written down of all that could not be read, up to a bound for the whole run."""
        found = list(reading.issues)
        where = redact_url(answer.request.url)
        if reading.reason is not None and reading.message is not None:
            found.append(ParseIssue(source=self._name, where=where, message=reading.message))
        if isinstance(reading.hashed, PictureRefusal):
            message = f"the picture cannot be used: {reading.hashed.value}"
            found.append(ParseIssue(source=self._name, where=where, message=message, field="images"))
        room = max(0, MAX_NAMED_ISSUES - self._named_issues)
        reading.named = found[:room]
        self._named_issues += len(reading.named)

    def _store_picture(self, session: Session, document: Document, reading: _Reading) -> int:
        """Link the picture to every record that shows its URL; return 1 where it was refused."""
        at = self._workspace.now()
        if isinstance(reading.hashed, PictureRefusal):
            version = self._workspace.embedding_version
            pictures.add_refusal(session, document.sha256, reading.hashed, at, embedding_version=version)
        elif reading.hashed is not None:
            pictures.add_features(session, reading.hashed, at)
        pictures.record(session, url=document.url, sha256=document.sha256)
        return int(isinstance(reading.hashed, PictureRefusal))


def _finish(session: Session, frontier_id: int, answer: Fetched, reading: _Reading) -> bool:
    """Write down what became of a request; return ``False`` where another process did so before."""
    if reading.reason is None and answer.document is not None:
        return frontier.done(session, frontier_id, answer.document.sha256)
    reason, message = reading.reason or FailureReason.NETWORK, reading.message or "no answer"
    return frontier.failed(session, frontier_id, reason, message)


def _prepare(records: Sequence[Record]) -> _Prepared:
    """Return records ready to be stored."""
    entries = [record for record in records if isinstance(record, MarkRecord)]
    return _Prepared(
        offers=[listings.prepare(record) for record in records if isinstance(record, Listing)],
        entries=[filings.prepare(record) for record in entries],
        names_of_entries=[(record.office, record.application_number) for record in entries],
    )


def _is_as_expected(document: Document, reading: _Reading) -> bool:
    """Say whether a document gave what it was asked for, so that the server may say that nothing changed since.

    A register's file is not fetched again for a record that it holds and nobody can read.
    """
    if reading.reason is not None:
        return False
    if document.kind is RequestKind.IMAGE:
        return not isinstance(reading.hashed, PictureRefusal)
    faultless = not reading.issues or document.kind is RequestKind.BULK
    return faultless and reading.brought > 0


def _groups(read: Sequence[_Read]) -> Iterator[list[_Read]]:
    """Yield answers, as many at a time as one transaction may store."""
    group: list[_Read] = []
    rows = 0
    for one in read:
        size = 1 + len(one[2].records) + len(one[2].follow)
        if group and rows + size > MAX_ROWS:
            yield group
            group, rows = [], 0
        group.append(one)
        rows += size
    if group:
        yield group


def _chunks(parsed: Iterator[Parsed]) -> Iterator[list[Parsed]]:
    """Yield what is parsed, ``BULK_CHUNK`` at a time and fewer where there are more than ``MAX_CHUNK_BYTES`` in it."""
    chunk: list[Parsed] = []
    size = 0
    for one in parsed:
        chunk.append(one)
        size += len(one.data) if isinstance(one, FiledPicture) else 0
        if len(chunk) == BULK_CHUNK or size >= MAX_CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk

"""Take in a batch of answers: keep the evidence, read the records, store everything in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from ipwatch.errors import Blocked, FetchError, ParseError
from ipwatch.fetch import Fetched, redact_url
from ipwatch.pipeline.filed import keep_filed
from ipwatch.pipeline.hashing import Hashed, Hasher
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
from ipwatch.store import captures, figures, filings, frontier, issues, listings, pictures, runs
from ipwatch.store.session import Session

# A bulk file holds tens of thousands of records: so many, and so many bytes of pictures, are in memory and in one
# transaction at a time.
BULK_CHUNK = 1000
MAX_CHUNK_BYTES = 32 * 1024**2
# A file that is wrong throughout would otherwise fill the database with one sentence a line; the count stays exact.
MAX_NAMED_ISSUES = 1000

GONE = frozenset({404, 410})
# Tells an adapter that a listing stood at this URL before.
EXPECTED_LISTING = ("expected", "listing")


def host_of(url: str) -> str:
    """Return host and port of a URL."""
    return urlsplit(url).netloc


@dataclass
class _Reading:
    """What a document brought. ``stored`` counts the records of a bulk file, which are stored while it is read."""

    records: list[Record] = field(default_factory=list)
    issues: list[ParseIssue] = field(default_factory=list)
    unnamed_issues: int = 0
    stored: int = 0
    follow: list[Request] = field(default_factory=list)
    hashed: Hashed | None = None
    reason: FailureReason | None = None
    message: str | None = None


class Intake:
    """Takes in what one run of a source fetched. ``blocked`` are the hosts that do not want us, and what they said."""

    def __init__(
        self, name: str, workspace: Workspace, source: Source, options: SourceOptions, *, run_id: int, hasher: Hasher
    ) -> None:
        self._name = name
        self._workspace = workspace
        self._source = source
        self._options = options
        self._run_id = run_id
        self._hasher = hasher
        self._named_issues = 0
        self._refused_before: dict[str, PictureRefusal | None] = {}
        self.blocked: dict[str, str] = {}

    def announce(self, answer: Fetched) -> None:
        """Let a picture be described while the rest of its batch is still fetched, unless its file is known."""
        document = answer.document
        if document is None or document.kind is not RequestKind.IMAGE or document.status in GONE:
            return
        with self._workspace.database.reading() as session:
            version = self._workspace.embedding_version
            known = pictures.known(session, [document.sha256], embedding_version=version)
        if document.sha256 not in known:
            self._hasher.begin(document.sha256, document.read())
        elif document.sha256 not in self._refused_before:
            self._refused_before[document.sha256] = known[document.sha256]

    def write(self, batch: Sequence[tuple[int, Fetched]]) -> None:
        """Keep the evidence of a batch, read it, and store what it brought; each answer with its frontier id."""
        self._keep(answer for _, answer in batch)
        listed = self._known_pages(answer for _, answer in batch)
        readings = [self._read(answer, listed) for _, answer in batch]
        counts: Counter[str] = Counter()
        # Not waiting for the disk: what a power cut takes of this transaction is fetched again by the next run.
        with self._workspace.database.writing(durable=False) as session:
            for (frontier_id, answer), reading in zip(batch, readings, strict=True):
                counts += self._store(session, frontier_id, answer, reading)
            runs.add_counts(session, self._run_id, **counts)
        for _, answer in batch:
            if answer.document is not None and answer.document.path is not None and not answer.document.from_cache:
                answer.document.path.unlink(missing_ok=True)

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

    def _known_pages(self, answers: Iterable[Fetched]) -> set[str]:
        """Return the URLs of the batch at which a listing stood before."""
        pages = [answer.request.url for answer in answers if answer.request.kind is RequestKind.PAGE]
        with self._workspace.database.reading() as session:
            return listings.urls_of_listings(session, pages)

    def _read(self, answer: Fetched, listed: set[str]) -> _Reading:
        """Read one answer; what it cannot give becomes a reason, never an exception.

        ``listed`` are the URLs at which a listing stood before: a page there that has none any more has changed.
        """
        reading = _Reading()
        document = answer.document
        if answer.error is not None:
            self._refuse(reading, answer, answer.error)
        elif document is not None and document.kind is RequestKind.IMAGE:
            reading.hashed = self._described(document.sha256)
        elif document is not None:
            if answer.request.url in listed:
                document = replace(document, context=(*document.context, EXPECTED_LISTING))
            try:
                self._parse(document, reading)
                reading.follow.extend(self._source.follow(document, self._options))
            except FetchError as error:
                self._refuse(reading, answer, error)
            except ParseError as error:
                reading.reason, reading.message = FailureReason.UNREADABLE, str(error)
        return reading

    def _described(self, sha256: str) -> Hashed | None:
        """Return what a picture was described as, or why it was refused, now or before: once for each file."""
        described = self._hasher.take(sha256) or self._refused_before.get(sha256)
        self._refused_before[sha256] = None
        return described

    def _parse(self, document: Document, reading: _Reading) -> None:
        """Read the records of a document; its pictures, and the records of a bulk file, are stored as they come."""
        for chunk in _chunks(self._source.parse(document)):
            filed = [parsed for parsed in chunk if isinstance(parsed, FiledPicture)]
            refused = keep_filed(self._workspace, self._hasher, document, filed, run_id=self._run_id) if filed else ()
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
                with self._workspace.database.writing(durable=False) as session:
                    counts = self._store_records(session, reading.records)
                    runs.add_counts(session, self._run_id, **counts)
                reading.stored += len(reading.records)
                reading.records.clear()

    def _refuse(self, reading: _Reading, answer: Fetched, error: FetchError) -> None:
        """Note why an answer brings nothing; a host that does not want us is not asked again in this run."""
        reading.reason, reading.message = FailureReason(error.reason), str(error)
        if isinstance(error, Blocked):
            self.blocked[host_of(answer.request.url)] = str(error)

    def _store(self, session: Session, frontier_id: int, answer: Fetched, reading: _Reading) -> Counter[str]:
        """Store one answer inside the caller's transaction and return what it adds to the counts of the run."""
        at = self._workspace.now()
        document = answer.document
        if document is not None:
            captures.add_capture(session, document, run_id=self._run_id, readable=reading.reason is None)
        if not _finish(session, frontier_id, answer, reading):
            # Another process took this one for dead and was faster: it stored and counted what the answer says.
            return Counter()
        counts = self._store_records(session, reading.records)
        counts["parsed"] = len(reading.records) + reading.stored
        counts["planned"] += frontier.push(session, self._run_id, reading.follow)
        counts["refused"] = len(reading.issues) + reading.unnamed_issues
        self._name_issues(session, answer, reading)
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

    def _store_records(self, session: Session, records: Sequence[Record]) -> Counter[str]:
        """Store records, and ask for those of their pictures that are not known yet."""
        at = self._workspace.now()
        offers = [record for record in records if isinstance(record, Listing)]
        entries = [record for record in records if isinstance(record, MarkRecord)]
        seen_entries = filings.upsert_many(session, entries, run_id=self._run_id, at=at)
        seen = [*listings.upsert_many(session, offers, run_id=self._run_id, at=at), *seen_entries]
        new = [entry for entry, how in zip(entries, seen_entries, strict=True) if how is filings.Seen.NEW]
        figures.link(session, [(entry.office, entry.application_number) for entry in new])
        wanted = pictures.wanted(session, [*offers, *(entry for entry in entries if entry.image is not None)])
        images = [Request(source=self._name, url=url, kind=RequestKind.IMAGE) for url in wanted]
        return Counter(
            planned=frontier.push(session, self._run_id, images),
            new=seen.count(listings.Seen.NEW),
            changed=seen.count(listings.Seen.CHANGED),
        )

    def _name_issues(self, session: Session, answer: Fetched, reading: _Reading) -> None:
        """Write down what could not be read, up to a bound for the whole run."""
        found = list(reading.issues)
        where = redact_url(answer.request.url)
        if reading.reason is not None and reading.message is not None:
            found.append(ParseIssue(source=self._name, where=where, message=reading.message))
        if isinstance(reading.hashed, PictureRefusal):
            message = f"the picture cannot be used: {reading.hashed.value}"
            found.append(ParseIssue(source=self._name, where=where, message=message, field="images"))
        room = max(0, MAX_NAMED_ISSUES - self._named_issues)
        issues.add_issues(session, self._run_id, found[:room], self._workspace.now())
        self._named_issues += len(found[:room])

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

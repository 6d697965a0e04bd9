"""Collect one source: plan, fetch, keep the evidence, read the records, store them; resumable at every batch.

Requests wait in the frontier of a run. A batch of answers is written in one transaction: captures, records, follow-up
requests and the state of each request. A killed run is continued by the next one, which fetches again only what was
in flight.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import structlog

from ipwatch.errors import Blocked, FetchError, ParseError
from ipwatch.fetch import Fetched, Fetcher, redact_url
from ipwatch.pipeline.hashing import Hashed, Hasher
from ipwatch.pipeline.progress import Progress
from ipwatch.pipeline.status import conclude
from ipwatch.pipeline.workspace import Workspace
from ipwatch.records import (
    Document,
    FailureReason,
    Listing,
    MarkRecord,
    ParseIssue,
    PictureHashes,
    PictureRefusal,
    Request,
    RequestKind,
    SourceKind,
    SourceOptions,
)
from ipwatch.sources import Source, TokenSource, get_source
from ipwatch.store import captures, filings, frontier, issues, listings, pictures, runs, sources
from ipwatch.store.runs import RunReport
from ipwatch.store.session import Session

log = structlog.get_logger("ipwatch.collect")

# One transaction for so many answers: 50 cost a tenth of what single ones do, and a kill loses at most as many.
BATCH = 50
LEASE = timedelta(minutes=15)
# An access token is renewed this long before it ends, so that no request carries a dead one.
TOKEN_MARGIN = timedelta(minutes=2)
# Registers correct and complete their files for some days after the date they carry.
REGISTER_OVERLAP = timedelta(days=7)
# A file that is wrong throughout would otherwise fill the database with one sentence a line; the count stays exact.
MAX_NAMED_ISSUES = 1000

GONE = frozenset({404, 410})
# Tells an adapter that a listing stood at this URL before.
EXPECTED_LISTING = ("expected", "listing")


def _host(url: str) -> str:
    return urlsplit(url).netloc


@dataclass
class _Access:
    """The credentials of a run: secret headers by host, and the access token of an interface that wants one.

    Secrets are never stored with a request, so a resumed run takes them from its plan again.
    """

    source: Source
    options: SourceOptions
    secrets: Mapping[str, tuple[tuple[str, str], ...]]
    token: str | None = None
    token_ends_at: datetime | None = None

    def give(self, request: Request, fetcher: Fetcher, now: datetime) -> Request:
        """Return the request with the secrets of its host; raises ``FetchError`` where no token is to be had."""
        secrets = self.secrets.get(_host(request.url), ())
        if isinstance(self.source, TokenSource) and request.kind is RequestKind.API:
            if self.token is None or (self.token_ends_at is not None and now >= self.token_ends_at):
                token = self.source.read_token(fetcher.fetch(self.source.token_request(self.options)))
                self.token, self.token_ends_at = token.value, now + timedelta(seconds=token.expires_in) - TOKEN_MARGIN
            secrets = (*secrets, ("Authorization", f"Bearer {self.token}"))
        return replace(request, secret_headers=secrets)


@dataclass
class _Reading:
    """What a document brought."""

    records: list[Listing | MarkRecord] = field(default_factory=list)
    issues: list[ParseIssue] = field(default_factory=list)
    follow: list[Request] = field(default_factory=list)
    hashed: Hashed | None = None
    reason: FailureReason | None = None
    message: str | None = None


class Collection:
    """One run of one source. ``lease`` and ``work`` in turn until nothing is left, then ``conclude``.

    An unfinished earlier run of the source is continued. The constructor raises ``ConfigError`` where the source is not
    configured.
    """

    def __init__(self, name: str, workspace: Workspace, fetcher: Fetcher, hasher: Hasher) -> None:
        self.name = name
        self.workspace = workspace
        self.fetcher = fetcher
        self.hasher = hasher
        self.source = get_source(name)
        self.options = _with_start(name, workspace, self.source)
        self.blocked: dict[str, str] = {}
        self.named_issues = 0
        self._owner = uuid.uuid4().hex
        self._asked = 0
        self._leased: dict[int, Request] = {}
        planned = list(self.source.plan(workspace.marks, self.options))
        secrets = {_host(request.url): request.secret_headers for request in planned}
        self._access = _Access(self.source, self.options, secrets)
        kind = "register" if self.source.INFO.kind is SourceKind.REGISTER else "collect"
        with workspace.database.writing() as session:
            self.run_id, resumed = runs.resume_or_start(session, kind=kind, source=name, at=workspace.now())
            frontier.release(session, self.run_id)
            runs.add_counts(session, self.run_id, planned=frontier.push(session, self.run_id, planned))
        log.info("run_resumed" if resumed else "run_started", source=name, run=self.run_id, planned=len(planned))

    def lease(self) -> list[int]:
        """Take the next requests of the run and return their ids; nothing is left when the list is empty."""
        with self.workspace.database.writing() as session:
            leased = frontier.take(
                session, self.run_id, limit=4 * BATCH, owner=self._owner, now=self.workspace.now(), lease=LEASE
            )
            report = runs.run_report(session, self.run_id)
        done = report.planned - report.left
        self.workspace.report(Progress(stage=f"collect {self.name}", done=done, total=report.planned))
        self._leased = {one.id: one.request for one in leased}
        return list(self._leased)

    def work(self, ids: Sequence[int]) -> None:
        """Fetch what was leased under these ids and write the answers batch by batch."""
        sent: dict[Request, int] = {}
        refused: list[tuple[int, FailureReason, str]] = []
        for frontier_id in ids:
            request = self._leased.pop(frontier_id)
            refusal = self._refusal(request)
            if refusal is None:
                try:
                    sent[self._access.give(request, self.fetcher, self.workspace.now())] = frontier_id
                except FetchError as error:
                    self.blocked[_host(request.url)] = f"no access token: {error}"
                    refusal = FailureReason(error.reason), f"no access token: {error}"
            if refusal is not None:
                refused.append((frontier_id, *refusal))
        if refused:
            with self.workspace.database.writing() as session:
                failed = sum(frontier.failed(session, *refusal) for refusal in refused)
                runs.add_counts(session, self.run_id, failed=failed)
        with closing(self.fetcher.fetch_all(sent)) as answers:
            for batch in self._batches(answers):
                _write(self, [(sent[answer.request], answer) for answer in batch])

    def _batches(self, answers: Iterable[Fetched]) -> Iterator[list[Fetched]]:
        """Gather answers into batches; pictures are hashed while the rest of their batch is fetched."""
        batch: list[Fetched] = []
        for answer in answers:
            picture = _picture(answer)
            if picture is not None:
                self.hasher.begin(picture.sha256, picture.read())
            batch.append(answer)
            if len(batch) == BATCH:
                yield batch
                batch = []
        if batch:
            yield batch

    def conclude(self) -> RunReport:
        """End the run and say how its source stands; the counts of the report add up."""
        return conclude(self.workspace, self.run_id, source=self.name, blocked=self.blocked)

    def _refusal(self, request: Request) -> tuple[FailureReason, str] | None:
        """Say why a request is not even sent: its host is blocked, or the operator's limit is used up."""
        if _host(request.url) in self.blocked:
            return FailureReason.BLOCKED, self.blocked[_host(request.url)]
        if request.kind is RequestKind.IMAGE or self.options.max_requests is None:
            return None
        self._asked += 1
        if self._asked <= self.options.max_requests:
            return None
        return FailureReason.NOT_REACHED, f"max_requests = {self.options.max_requests} is reached"


def _with_start(name: str, workspace: Workspace, source: Source) -> SourceOptions:
    """Return the options of a source; a register is asked for all it published since it was last read completely."""
    options = workspace.options(name)
    if source.INFO.kind is not SourceKind.REGISTER or "from" in options.extra:
        return options
    with workspace.database.reading() as session:
        last = next((one.last_ok_at for one in sources.states(session) if one.source == name), None)
    if last is None:
        return options
    start = (last - REGISTER_OVERLAP).date().isoformat()
    return replace(options, extra={**options.extra, "from": start})


def collect(name: str, workspace: Workspace, fetcher: Fetcher, hasher: Hasher) -> RunReport:
    """Collect the source of that name from its plan to its end and return the report of the run.

    Raises ``ConfigError`` where the source is not configured, ``EvidenceError`` and ``StoreError`` where nothing can
    be kept.
    """
    collection = Collection(name, workspace, fetcher, hasher)
    while ids := collection.lease():
        collection.work(ids)
    return collection.conclude()


def _write(collection: Collection, batch: Sequence[tuple[int, Fetched]]) -> None:
    """Keep the evidence of a batch, read it, and store everything it brought in one transaction."""
    with collection.workspace.evidence.batch():
        for _, answer in batch:
            if answer.document is not None:
                collection.workspace.evidence.put(
                    answer.document,
                    request=answer.request,
                    request_headers=answer.request_headers,
                    remote_address=answer.remote_address,
                )
    listed = _known_pages(collection, [answer for _, answer in batch])
    readings = [_read(collection, answer, listed) for _, answer in batch]
    counts: Counter[str] = Counter()
    # Not waiting for the disk: what a power cut takes of this transaction is fetched again by the next run.
    with collection.workspace.database.writing(durable=False) as session:
        for (frontier_id, answer), reading in zip(batch, readings, strict=True):
            counts += _store(collection, session, frontier_id, answer, reading)
        runs.add_counts(session, collection.run_id, **counts)
    for _, answer in batch:
        if answer.document is not None and answer.document.path is not None and not answer.document.from_cache:
            answer.document.path.unlink(missing_ok=True)


def _known_pages(collection: Collection, answers: Sequence[Fetched]) -> set[str]:
    """Return the URLs of the batch at which a listing stood before."""
    pages = [answer.request.url for answer in answers if answer.request.kind is RequestKind.PAGE]
    with collection.workspace.database.reading() as session:
        return listings.urls_of_listings(session, pages)


def _read(collection: Collection, answer: Fetched, listed: set[str]) -> _Reading:
    """Read one answer; what it cannot give becomes a reason, never an exception.

    ``listed`` are the URLs at which a listing stood before: a page there that has none any more has changed its layout.
    """
    reading = _Reading()
    if answer.error is not None:
        _refuse(collection, reading, answer, answer.error)
        return reading
    document = answer.document
    if document is None:
        return reading
    if document.kind is RequestKind.IMAGE:
        reading.hashed = collection.hasher.take(document.sha256)
        return reading
    if answer.request.url in listed:
        document = replace(document, context=(*document.context, EXPECTED_LISTING))
    try:
        for parsed in collection.source.parse(document):
            if isinstance(parsed, ParseIssue):
                reading.issues.append(parsed)
            else:
                reading.records.append(parsed)
        reading.follow.extend(collection.source.follow(document, collection.options))
    except FetchError as error:
        _refuse(collection, reading, answer, error)
    except ParseError as error:
        reading.reason, reading.message = FailureReason.UNREADABLE, str(error)
    return reading


def _refuse(collection: Collection, reading: _Reading, answer: Fetched, error: FetchError) -> None:
    """Note why an answer brings nothing; a host that does not want us is not asked again in this run."""
    reading.reason, reading.message = FailureReason(error.reason), str(error)
    if isinstance(error, Blocked):
        collection.blocked[_host(answer.request.url)] = str(error)


def _picture(answer: Fetched) -> Document | None:
    """Return the picture that an answer brought, if it brought one."""
    document = answer.document
    if document is None or document.kind is not RequestKind.IMAGE or document.status in GONE:
        return None
    return document


def _store(
    collection: Collection, session: Session, frontier_id: int, answer: Fetched, reading: _Reading
) -> Counter[str]:
    """Store one answer inside the caller's transaction and return what it adds to the counts of the run."""
    at = collection.workspace.now()
    counts: Counter[str] = Counter()
    document = answer.document
    if document is not None:
        captures.add_capture(session, document, run_id=collection.run_id, readable=reading.reason is None)
    if not _finish(session, frontier_id, answer, reading):
        # Another process took this one for dead and was faster: it stored and counted what the answer says.
        return counts
    counts += _store_records(collection, session, reading, at)
    counts += _store_issues(collection, session, answer, reading, at)
    counts["planned"] += frontier.push(session, collection.run_id, reading.follow)
    if reading.reason is not None or document is None:
        counts["failed"] += 1
    elif document.status in GONE:
        listings.gone_by_url(session, answer.request.url, at)
        counts["gone"] += 1
    else:
        counts["unchanged" if document.from_cache else "fetched"] += 1
        if document.kind is RequestKind.IMAGE:
            counts["refused"] += _store_picture(session, document, reading, at)
    return counts


def _finish(session: Session, frontier_id: int, answer: Fetched, reading: _Reading) -> bool:
    """Write down what became of a request; return ``False`` where another process did so before."""
    if reading.reason is None and answer.document is not None:
        return frontier.done(session, frontier_id, answer.document.sha256)
    reason, message = reading.reason or FailureReason.NETWORK, reading.message or "no answer"
    return frontier.failed(session, frontier_id, reason, message)


def _store_records(collection: Collection, session: Session, reading: _Reading, at: datetime) -> Counter[str]:
    """Store what one document said, and ask for the pictures that are not known yet."""
    offers = [record for record in reading.records if isinstance(record, Listing)]
    entries = [record for record in reading.records if isinstance(record, MarkRecord)]
    seen = [
        *listings.upsert_many(session, offers, run_id=collection.run_id, at=at),
        *filings.upsert_many(session, entries, run_id=collection.run_id, at=at),
    ]
    images = [
        Request(source=collection.name, url=url, kind=RequestKind.IMAGE) for url in pictures.wanted(session, offers)
    ]
    return Counter(
        parsed=len(reading.records),
        planned=frontier.push(session, collection.run_id, images),
        new=seen.count(listings.Seen.NEW),
        changed=seen.count(listings.Seen.CHANGED),
    )


def _store_issues(
    collection: Collection, session: Session, answer: Fetched, reading: _Reading, at: datetime
) -> Counter[str]:
    """Write down what could not be read, up to a bound; every one is counted."""
    found = list(reading.issues)
    if reading.reason is not None and reading.message is not None:
        found.append(ParseIssue(source=collection.name, where=redact_url(answer.request.url), message=reading.message))
    if isinstance(reading.hashed, PictureRefusal):
        where = redact_url(answer.request.url)
        message = f"the picture cannot be used: {reading.hashed.value}"
        found.append(ParseIssue(source=collection.name, where=where, message=message, field="images"))
    room = max(0, MAX_NAMED_ISSUES - collection.named_issues)
    issues.add_issues(session, collection.run_id, found[:room], at)
    collection.named_issues += len(found[:room])
    return Counter(refused=len(reading.issues))


def _store_picture(session: Session, document: Document, reading: _Reading, at: datetime) -> int:
    """Link the picture to every listing that shows its URL; return 1 where it was refused."""
    refused = isinstance(reading.hashed, PictureRefusal)
    if isinstance(reading.hashed, PictureHashes):
        pictures.add_hashes(session, reading.hashed, at)
    elif isinstance(reading.hashed, PictureRefusal):
        pictures.add_refusal(session, document.sha256, reading.hashed, at)
    pictures.record(session, url=document.url, sha256=document.sha256)
    return int(refused)

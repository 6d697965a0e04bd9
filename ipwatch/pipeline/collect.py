"""Collect one source: plan, fetch, keep the evidence, parse and store the records; resumable at every batch.

Requests wait in the frontier of a run. A batch of answers is written in one transaction: captures, records, follow-up
requests and the state of each request. A killed run is continued by the next one, which fetches again only what was
in flight.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from ipwatch.errors import Blocked, FetchError, ParseError
from ipwatch.fetch import CREDENTIAL_KINDS, Fetched, Fetcher
from ipwatch.pipeline.feature_extraction import FeatureExtractor
from ipwatch.pipeline.health import LEASE
from ipwatch.pipeline.ingest import Ingest
from ipwatch.pipeline.parse_answers import host_of
from ipwatch.pipeline.progress import Progress
from ipwatch.pipeline.status import conclude
from ipwatch.pipeline.workspace import Workspace
from ipwatch.records import (
    FailureReason,
    Request,
    RequestKind,
    SourceKind,
    SourceOptions,
)
from ipwatch.sources import Source, TokenSource, get_source
from ipwatch.store import frontier, runs, sources
from ipwatch.store.runs import RunReport
from ipwatch.store.session import Session
from ipwatch.terms import message

log = structlog.get_logger("ipwatch.collect")

# Answers per transaction: 50 cost a tenth of what single ones do, and a killed run loses at most as many.
BATCH = 50
# An access token is renewed this long before it expires.
TOKEN_MARGIN = timedelta(minutes=2)
# Registers correct and complete their files for some days after the date they carry.
REGISTER_OVERLAP = timedelta(days=7)


@dataclass
class _Access:
    """The credentials of a run: secrets by host, and the access token of an API that needs one.

    ``secrets`` holds planned requests by host, for their secret headers and parameters. These are never stored with a
    request, so a resumed run takes them from its plan again.
    """

    source: Source
    options: SourceOptions
    secrets: Mapping[str, Request]
    token: str | None = None
    token_ends_at: datetime | None = None

    def give(self, request: Request, fetcher: Fetcher, now: datetime) -> Request:
        """Return the request with the secrets of its host; raises ``FetchError`` or ``ParseError`` without token.

        Pages and pictures on the host of an API are public and fetched without credentials.
        """
        planned = self.secrets.get(host_of(request.url))
        if planned is None or request.kind not in CREDENTIAL_KINDS:
            return request
        secrets = planned.secret_headers
        if isinstance(self.source, TokenSource) and request.kind is RequestKind.API:
            if self.token is None or (self.token_ends_at is not None and now >= self.token_ends_at):
                token = self.source.read_token(fetcher.fetch(self.source.token_request(self.options)))
                self.token, self.token_ends_at = token.value, now + timedelta(seconds=token.expires_in) - TOKEN_MARGIN
            secrets = (*secrets, ("Authorization", f"Bearer {self.token}"))
        return replace(request, secret_headers=secrets, secret_query=planned.secret_query)


class Collection:
    """One run of one source: ``lease`` and ``work`` alternately until nothing is left, then ``conclude``.

    An unfinished earlier run of the source is resumed. The constructor raises ``ConfigError`` where the source is not
    configured.
    """

    def __init__(self, name: str, workspace: Workspace, fetcher: Fetcher, extractor: FeatureExtractor) -> None:
        self.name = name
        self.workspace = workspace
        self.fetcher = fetcher
        self.source = get_source(name)
        self.options = _with_start(name, workspace, self.source)
        self._hosts: set[str] = set()
        self._owner = uuid.uuid4().hex
        self._asked = 0
        self._tokenless: dict[str, tuple[FailureReason, str]] = {}
        self._leased: dict[int, Request] = {}
        planned = list(self.source.plan(workspace.marks, self.options))
        secrets = {host_of(request.url): request for request in planned}
        self._access = _Access(self.source, self.options, secrets)
        kind = "register" if self.source.INFO.kind is SourceKind.REGISTER else "collect"

        def start(session: Session) -> tuple[int, bool]:
            run_id, resumed = runs.resume_or_start(session, kind=kind, source=name, now=workspace.now())
            frontier.release(session, run_id)
            runs.add_counts(session, run_id, planned=frontier.push(session, run_id, planned))
            return run_id, resumed

        self.run_id, resumed = workspace.database.write(start)
        self._ingest = Ingest(name, workspace, self.source, self.options, run_id=self.run_id, extractor=extractor)
        log.info("run_resumed" if resumed else "run_started", source=name, run=self.run_id, planned=len(planned))

    def lease(self) -> list[int]:
        """Lease the next requests of the run and return their ids; an empty list means that nothing is left.

        The requests leased before must have been worked: those not finished by now were lost with a database server
        that had not stored them durably, and are leased again.
        """
        leased = self.workspace.database.write(self._take)
        report = self.workspace.database.read(lambda session: runs.run_report(session, self.run_id))
        done = report.planned - report.left
        self.workspace.report(
            Progress(stage=message("progress.collect", source=self.name), done=done, total=report.planned)
        )
        self._leased = {lease.id: lease.request for lease in leased}
        return list(self._leased)

    def _take(self, session: Session) -> list[frontier.Leased]:
        frontier.release(session, self.run_id, owner=self._owner)
        now = self.workspace.now()
        return frontier.take(session, self.run_id, limit=4 * BATCH, owner=self._owner, now=now, lease=LEASE)

    def work(self, ids: Sequence[int]) -> None:
        """Fetch the requests leased under these ids and store the answers batch by batch."""
        sent: dict[Request, int] = {}
        refused: list[tuple[int, FailureReason, str]] = []
        for frontier_id in ids:
            request = self._leased.pop(frontier_id)
            if request.kind is not RequestKind.IMAGE:
                self._hosts.add(host_of(request.url))
            refusal = self._refusal(request)
            if refusal is None:
                try:
                    sent[self._access.give(request, self.fetcher, self.workspace.now())] = frontier_id
                except (FetchError, ParseError) as error:
                    refusal = self._without_token(request, error)
            if refusal is not None:
                refused.append((frontier_id, *refusal))
        if refused:
            self.workspace.database.write(partial(self._fail, refused))
        with closing(self.fetcher.fetch_all(sent)) as answers:
            for batch in self._batches(answers):
                self._ingest.write([(sent[answer.request], answer) for answer in batch])

    def _fail(self, refused: Sequence[tuple[int, FailureReason, str]], session: Session) -> None:
        """Mark requests that were not sent as failed."""
        failed = sum(frontier.failed(session, *refusal) for refusal in refused)
        runs.add_counts(session, self.run_id, failed=failed)

    def _batches(self, answers: Iterable[Fetched]) -> Iterator[list[Fetched]]:
        """Yield answers in batches; feature extraction of a picture runs while the rest of its batch is fetched."""
        batch: list[Fetched] = []
        for answer in answers:
            self._ingest.announce(answer)
            batch.append(answer)
            if len(batch) == BATCH:
                yield batch
                batch = []
        if batch:
            yield batch

    def conclude(self) -> RunReport:
        """End the run, set the state of its source, and return the report, whose counts add up."""
        self._ingest.conclude()
        return conclude(self.workspace, self.run_id, source=self.name, blocked=self._ingest.blocked, hosts=self._hosts)

    def _without_token(self, request: Request, error: FetchError | ParseError) -> tuple[FailureReason, str]:
        """Remember that an API gives no access token, so that it is asked for one only once in this run."""
        why = message("cycle.no_token", error=error)
        if isinstance(error, Blocked):
            self._ingest.blocked[host_of(request.url)] = why
        reason = FailureReason(error.reason) if isinstance(error, FetchError) else FailureReason.UNREADABLE
        self._tokenless[host_of(request.url)] = reason, why
        return reason, why

    def _refusal(self, request: Request) -> tuple[FailureReason, str] | None:
        """Return why a request is not sent: no token, a blocked host, or the operator's limit used up."""
        if host_of(request.url) in self._tokenless:
            return self._tokenless[host_of(request.url)]
        if host_of(request.url) in self._ingest.blocked:
            return FailureReason.BLOCKED, self._ingest.blocked[host_of(request.url)]
        if request.kind is RequestKind.IMAGE or self.options.max_requests is None:
            return None
        self._asked += 1
        if self._asked <= self.options.max_requests:
            return None
        return FailureReason.NOT_REACHED, message("cycle.max_requests", most=self.options.max_requests)


def _with_start(name: str, workspace: Workspace, source: Source) -> SourceOptions:
    """Return the options of a source; a register is asked for all it published since its last complete run."""
    options = workspace.options(name)
    if source.INFO.kind is not SourceKind.REGISTER or "from" in options.extra:
        return options
    states = workspace.database.read(sources.states)
    last = next((state.last_ok_at for state in states if state.source == name), None)
    if last is None:
        return options
    start = (last - REGISTER_OVERLAP).date().isoformat()
    return replace(options, extra={**options.extra, "from": start})


def collect(name: str, workspace: Workspace, fetcher: Fetcher, extractor: FeatureExtractor) -> RunReport:
    """Collect the source of that name from its plan to its end and return the report of the run.

    Raises ``ConfigError`` where the source is not configured, ``EvidenceError`` and ``StoreError`` where nothing can
    be kept.
    """
    collection = Collection(name, workspace, fetcher, extractor)
    while ids := collection.lease():
        collection.work(ids)
    return collection.conclude()

"""Parse fetched answers into records that are ready to be stored.

Everything slow is done here, before a transaction begins: parsing, conversion to JSON, hashing, packing. An answer that
cannot be used gets a reason; no exception leaves this module for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from ipwatch.errors import Blocked, FetchError, ParseError
from ipwatch.fetch import Fetched, redact_url
from ipwatch.pipeline.feature_extraction import Extracted, FeatureExtractor
from ipwatch.pipeline.filing_images import keep_filed
from ipwatch.pipeline.workspace import Workspace
from ipwatch.records import (
    Document,
    FailureReason,
    FiledImage,
    ImageRefusal,
    Listing,
    MarkRecord,
    ParseIssue,
    Record,
    Request,
    RequestKind,
    SourceOptions,
)
from ipwatch.sources import Parsed, Source
from ipwatch.store import filing_images, filings, listings, pictures
from ipwatch.store.history import Prepared
from ipwatch.terms import text_of

# A bulk file holds tens of thousands of records: at most so many, and so many bytes of pictures, are in memory and in
# one transaction at a time.
BULK_CHUNK = 500
MAX_CHUNK_BYTES = 32 * 1024**2
# A file that is wrong throughout would otherwise fill the database with one sentence a line; the count stays exact.
MAX_NAMED_ISSUES = 1000

GONE = frozenset({404, 410})
# Kinds of documents that should contain records or further addresses.
EXPECTED_TO_BRING = frozenset({RequestKind.API, RequestKind.PAGE, RequestKind.SITEMAP})
# Tells an adapter that there was a listing at this URL before.
EXPECTED_LISTING = ("expected", "listing")


def host_of(url: str) -> str:
    """Return host and port of a URL."""
    return urlsplit(url).netloc


@dataclass(frozen=True, slots=True)
class PreparedRecords:
    """Records ready to be stored."""

    offers: Sequence[Prepared] = ()
    entries: Sequence[Prepared] = ()
    names_of_entries: Sequence[filing_images.Key] = ()


@dataclass
class ParsedAnswer:
    """What an answer contains.

    ``stored`` counts the records of a bulk file, which are stored while it is parsed, ``pushed`` the follow-up requests
    that are stored ahead of the others. ``named_issues`` are the issues to be stored, limited for the whole run.
    """

    records: list[Record] = field(default_factory=list)
    prepared: PreparedRecords = field(default_factory=PreparedRecords)
    named_issues: Sequence[ParseIssue] = ()
    issues: list[ParseIssue] = field(default_factory=list)
    unnamed_issues: int = 0
    stored: int = 0
    pushed: int = 0
    requests: list[Request] = field(default_factory=list)
    features: Extracted | None = None
    reason: FailureReason | None = None
    message: str | None = None

    @property
    def brought(self) -> int:
        """How many records and further addresses there are."""
        return len(self.records) + self.stored + len(self.requests) + self.pushed

    def is_trusted(self, document: Document) -> bool:
        """Return whether the document is what was asked for, so that the server's validators may be used.

        A register's file is not fetched again for a record in it that cannot be read.
        """
        if self.reason is not None:
            return False
        if document.kind is RequestKind.IMAGE:
            return not isinstance(self.features, ImageRefusal)
        return (not self.issues or document.kind is RequestKind.BULK) and self.brought > 0


@dataclass(frozen=True, slots=True)
class KnownUrls:
    """What is stored about the URLs of a batch: those of listings, and how much each brought when it was last read."""

    listed: AbstractSet[str]
    brought: Mapping[str, int]


class AnswerParser:
    """Parses the answers of one run of a source.

    ``store_chunk`` stores the records of a bulk file while it is parsed. ``blocked`` maps each host that refuses to be
    read to its message; ``empty_pages`` are the pages without a listing.
    """

    def __init__(
        self,
        name: str,
        workspace: Workspace,
        source: Source,
        options: SourceOptions,
        *,
        run_id: int,
        extractor: FeatureExtractor,
        store_chunk: Callable[[PreparedRecords], None],
    ) -> None:
        self._name = name
        self._workspace = workspace
        self._source = source
        self._options = options
        self._run_id = run_id
        self._extractor = extractor
        self._store_chunk = store_chunk
        self._named_issues = 0
        self._known_refusals: dict[str, ImageRefusal | None] = {}
        self.empty_pages: list[str] = []
        self.blocked: dict[str, str] = {}

    def announce(self, answer: Fetched) -> None:
        """Start feature extraction of a picture while the rest of its batch is fetched, unless its file is known."""
        document = answer.document
        if document is None or document.kind is not RequestKind.IMAGE or document.status in GONE:
            return
        version = self._workspace.embedding_version
        known = self._workspace.database.read(
            lambda session: pictures.known(session, [document.sha256], embedding_version=version)
        )
        if document.sha256 not in known:
            self._extractor.begin(document.sha256, document.read())
        elif document.sha256 not in self._known_refusals:
            self._known_refusals[document.sha256] = known[document.sha256]

    def parse(self, answer: Fetched, known: KnownUrls) -> ParsedAnswer:
        """Parse one answer; an error in it becomes its reason."""
        parsed = ParsedAnswer()
        document = answer.document
        if answer.error is not None:
            self._refuse(parsed, answer, answer.error)
        elif document is not None and document.kind is RequestKind.IMAGE:
            parsed.features = self._features_of(document.sha256)
        elif document is not None:
            brought = known.brought.get(document.url, 0)
            if answer.request.url in known.listed or (document.kind is RequestKind.PAGE and brought):
                # A page without a listing where there was one before has changed.
                document = replace(document, context=(*document.context, EXPECTED_LISTING))
            try:
                self._parse_document(document, parsed)
                parsed.requests.extend(self._source.follow(document, self._options))
            except FetchError as error:
                self._refuse(parsed, answer, error)
            except ParseError as error:
                parsed.reason, parsed.message = FailureReason.UNREADABLE, text_of(error)
            else:
                self._note_if_empty(document, parsed, brought)
        self._name_issues(answer, parsed)
        parsed.prepared = _prepare(parsed.records)
        return parsed

    def _parse_document(self, document: Document, parsed: ParsedAnswer) -> None:
        """Parse the records of a document; its pictures, and the records of a bulk file, are stored on the way."""
        for chunk in _chunks(self._source.parse(document)):
            filed = [result for result in chunk if isinstance(result, FiledImage)]
            refused = (
                keep_filed(self._workspace, self._extractor, document, filed, run_id=self._run_id) if filed else ()
            )
            for result in (*chunk, *refused):
                if isinstance(result, Listing | MarkRecord):
                    parsed.records.append(result)
                elif isinstance(result, FiledImage):
                    continue
                elif len(parsed.issues) < MAX_NAMED_ISSUES:
                    parsed.issues.append(result)
                else:
                    parsed.unnamed_issues += 1
            if document.kind is RequestKind.BULK:
                self._store_chunk(_prepare(parsed.records))
                parsed.stored += len(parsed.records)
                parsed.records.clear()

    def _note_if_empty(self, document: Document, parsed: ParsedAnswer, brought: int) -> None:
        """Note a document without content: as an issue where it had some when it was last read."""
        if document.kind not in EXPECTED_TO_BRING or document.status in GONE or parsed.brought:
            return
        if brought:
            message = (
                f"it brings nothing now, and brought {brought} records or further addresses when it was last read; "
                "it is asked for in full again"
            )
            where = redact_url(document.url)
            parsed.issues.append(
                ParseIssue(source=self._name, where=where, message=message, document_sha256=document.sha256)
            )
        elif document.kind is RequestKind.PAGE:
            self.empty_pages.append(document.url)

    def _features_of(self, sha256: str) -> Extracted | None:
        """Return the features of a picture, or why it was refused, now or before: once for each file."""
        features = self._extractor.take(sha256) or self._known_refusals.get(sha256)
        self._known_refusals[sha256] = None
        return features

    def _refuse(self, parsed: ParsedAnswer, answer: Fetched, error: FetchError) -> None:
        """Set why an answer cannot be used; a host that refuses to be read is not asked again in this run."""
        parsed.reason, parsed.message = FailureReason(error.reason), text_of(error)
        if isinstance(error, Blocked):
            self.blocked[host_of(answer.request.url)] = text_of(error)

    def _name_issues(self, answer: Fetched, parsed: ParsedAnswer) -> None:
        """Choose the issues to be stored, up to a limit for the whole run."""
        named = list(parsed.issues)
        where = redact_url(answer.request.url)
        if parsed.reason is not None and parsed.message is not None:
            named.append(ParseIssue(source=self._name, where=where, message=parsed.message))
        if isinstance(parsed.features, ImageRefusal):
            message = f"the picture cannot be used: {parsed.features.value}"
            named.append(ParseIssue(source=self._name, where=where, message=message, field="images"))
        room = max(0, MAX_NAMED_ISSUES - self._named_issues)
        parsed.named_issues = named[:room]
        self._named_issues += len(parsed.named_issues)


def _prepare(records: Sequence[Record]) -> PreparedRecords:
    """Return records ready to be stored."""
    entries = [record for record in records if isinstance(record, MarkRecord)]
    return PreparedRecords(
        offers=[listings.prepare(record) for record in records if isinstance(record, Listing)],
        entries=[filings.prepare(record) for record in entries],
        names_of_entries=[(record.office, record.application_number) for record in entries],
    )


def _chunks(results: Iterator[Parsed]) -> Iterator[list[Parsed]]:
    """Yield parse results in chunks of ``BULK_CHUNK``, or fewer where these exceed ``MAX_CHUNK_BYTES``."""
    chunk: list[Parsed] = []
    size = 0
    for result in results:
        chunk.append(result)
        size += len(result.data) if isinstance(result, FiledImage) else 0
        if len(chunk) == BULK_CHUNK or size >= MAX_CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk

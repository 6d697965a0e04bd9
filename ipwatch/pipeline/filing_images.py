"""Pictures inside a register's own file: each stored as evidence, with features, and linked to its filing."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from ipwatch.pipeline.feature_extraction import Extracted, FeatureExtractor
from ipwatch.pipeline.workspace import Workspace
from ipwatch.records import Document, FiledImage, ImageRefusal, ParseIssue, Request, RequestKind
from ipwatch.store import captures, filing_images, pictures
from ipwatch.store.session import Session

EXTRACT_OF = "Ipwatch-Extract-Of"
"""Header of a capture: the SHA-256 of the document from which the body was extracted."""


@dataclass(frozen=True, slots=True)
class _Extract:
    """A filed picture as a document: its name is its URL, its position in the register's file the final URL."""

    filed: FiledImage
    document: Document


def keep_filed(
    workspace: Workspace, extractor: FeatureExtractor, document: Document, filed: Sequence[FiledImage], *, run_id: int
) -> list[ParseIssue]:
    """Store the pictures with their features and link them to their filings; return an issue for each unusable one.

    A picture that is already the filing's newest one is not captured again. Those whose filing is not stored yet are
    linked when it is (``store.filing_images.link``).
    """
    extracts = [_extract(document, picture) for picture in filed]
    newest = workspace.database.read(
        lambda session: filing_images.newest(session, [extract.document.url for extract in extracts])
    )
    sha256s = [extract.document.sha256 for extract in extracts]
    version = workspace.embedding_version
    known = workspace.database.read(lambda session: pictures.known(session, sha256s, embedding_version=version))
    fresh = [extract for extract in extracts if newest.get(extract.document.url) != extract.document.sha256]
    for extract in extracts:
        if extract.filed.refusal is None and extract.document.sha256 not in known:
            extractor.begin(extract.document.sha256, extract.filed.data)
    with workspace.evidence.batch():
        for extract in fresh:
            request = Request(source=document.source, url=extract.document.url, kind=RequestKind.IMAGE)
            workspace.evidence.put(extract.document, request=request, request_headers=(), remote_address=None)
    outcomes: dict[str, Extracted] = {}
    for extract in extracts:
        outcome = extract.filed.refusal or extractor.take(extract.document.sha256)
        if outcome is not None:
            outcomes[extract.document.sha256] = outcome
    storable = {*outcomes, *known}
    _store(workspace, [extract for extract in fresh if extract.document.sha256 in storable], outcomes, run_id)
    refused = known | {sha256: outcome for sha256, outcome in outcomes.items() if isinstance(outcome, ImageRefusal)}
    return [_issue(extract, reason) for extract in extracts if (reason := refused.get(extract.document.sha256))]


def _extract(document: Document, filed: FiledImage) -> _Extract:
    return _Extract(
        filed,
        Document(
            source=document.source,
            kind=RequestKind.IMAGE,
            url=filing_images.picture_name(filed.office, filed.application_number, filed.page),
            final_url=f"{document.final_url}#{filed.application_number}/{filed.page}",
            status=document.status,
            headers=((EXTRACT_OF, document.sha256),),
            fetched_at=document.fetched_at,
            sha256=hashlib.sha256(filed.data).hexdigest(),
            size=len(filed.data),
            content=filed.data,
        ),
    )


def _store(workspace: Workspace, fresh: Sequence[_Extract], described: dict[str, Extracted], run_id: int) -> None:
    now = workspace.now()

    def store(session: Session) -> None:
        for extract in fresh:
            captures.add_capture(session, extract.document, run_id=run_id)
        for sha256, outcome in described.items():
            if isinstance(outcome, ImageRefusal):
                pictures.add_refusal(session, sha256, outcome, now, embedding_version=workspace.embedding_version)
            else:
                pictures.add_features(session, outcome, now)
        filing_images.link(session, [(extract.filed.office, extract.filed.application_number) for extract in fresh])

    workspace.database.write(store, durable=False)


def _issue(extract: _Extract, reason: ImageRefusal) -> ParseIssue:
    filed = extract.filed
    return ParseIssue(
        source=extract.document.source,
        where=f"application {filed.application_number} page {filed.page}",
        message=f"the picture cannot be used: {reason.value}",
        field="images",
        document_sha256=filed.document_sha256,
    )

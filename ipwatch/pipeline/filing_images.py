"""Keep the pictures that a register's own file holds: each as evidence of its own, described, and with its filing."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from ipwatch.pipeline.feature_extraction import Extracted, FeatureExtractor
from ipwatch.pipeline.workspace import Workspace
from ipwatch.records import Document, FiledPicture, ParseIssue, PictureRefusal, Request, RequestKind
from ipwatch.store import captures, filing_images, pictures
from ipwatch.store.session import Session

EXTRACT_OF = "Ipwatch-Extract-Of"
"""The header of a capture that names the document, by SHA-256, which the body was taken out of."""


@dataclass(frozen=True, slots=True)
class _Extract:
    """A filed picture as a document: its name is its address, where it was found the final one."""

    filed: FiledPicture
    document: Document


def keep_filed(
    workspace: Workspace, extractor: FeatureExtractor, document: Document, filed: Sequence[FiledPicture], *, run_id: int
) -> list[ParseIssue]:
    """Keep and describe the pictures and link them to their filings; return an issue for each that cannot be used.

    A picture that is known as the filing's newest one is not captured again. Those whose filing is not stored yet are
    found by it when it is (``store.filing_images.link``).
    """
    extracts = [_extract(document, one) for one in filed]
    newest = workspace.database.read(
        lambda session: filing_images.newest(session, [one.document.url for one in extracts])
    )
    sha256s = [one.document.sha256 for one in extracts]
    version = workspace.embedding_version
    known = workspace.database.read(lambda session: pictures.known(session, sha256s, embedding_version=version))
    fresh = [one for one in extracts if newest.get(one.document.url) != one.document.sha256]
    for one in extracts:
        if one.filed.refusal is None and one.document.sha256 not in known:
            extractor.begin(one.document.sha256, one.filed.data)
    with workspace.evidence.batch():
        for one in fresh:
            request = Request(source=document.source, url=one.document.url, kind=RequestKind.IMAGE)
            workspace.evidence.put(one.document, request=request, request_headers=(), remote_address=None)
    described: dict[str, Extracted] = {}
    for one in extracts:
        outcome = one.filed.refusal or extractor.take(one.document.sha256)
        if outcome is not None:
            described[one.document.sha256] = outcome
    _store(workspace, [one for one in fresh if one.document.sha256 in {*described, *known}], described, run_id)
    refused = known | {key: one for key, one in described.items() if isinstance(one, PictureRefusal)}
    return [_issue(one, reason) for one in extracts if (reason := refused.get(one.document.sha256)) is not None]


def _extract(document: Document, filed: FiledPicture) -> _Extract:
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
    at = workspace.now()

    def store(session: Session) -> None:
        for one in fresh:
            captures.add_capture(session, one.document, run_id=run_id)
        for sha256, outcome in described.items():
            if isinstance(outcome, PictureRefusal):
                pictures.add_refusal(session, sha256, outcome, at, embedding_version=workspace.embedding_version)
            else:
                pictures.add_features(session, outcome, at)
        filing_images.link(session, [(one.filed.office, one.filed.application_number) for one in fresh])

    workspace.database.write(store, durable=False)


def _issue(extract: _Extract, reason: PictureRefusal) -> ParseIssue:
    filed = extract.filed
    return ParseIssue(
        source=extract.document.source,
        where=f"application {filed.application_number} page {filed.page}",
        message=f"the picture cannot be used: {reason.value}",
        field="images",
        document_sha256=filed.document_sha256,
    )

"""Extract again the features of pictures that an older version processed: from the evidence, without fetching.

Each batch is one transaction, so that a killed run is resumed by the next one. A picture whose body is no longer kept
stays out of date, is not compared, and is an issue of every run. One that only lacks the embedding of the current model
is an issue as well, but is compared without the model.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Container, Iterable, Iterator, Sequence

import structlog

from ipwatch.errors import EvidenceError
from ipwatch.matching.images.features import FEATURES_VERSION
from ipwatch.pipeline.feature_extraction import Extracted, FeatureExtractor
from ipwatch.pipeline.progress import Progress
from ipwatch.pipeline.workspace import Workspace
from ipwatch.records import ImageRefusal, ParseIssue
from ipwatch.store import issues, pictures, runs
from ipwatch.store.pictures import Outdated
from ipwatch.store.session import Session
from ipwatch.terms import message

log = structlog.get_logger("ipwatch.refresh")

SOURCE = "pictures"
BATCH = 100
MAX_NAMED_ISSUES = 1000
# Bodies, each up to the fetcher's limit for a picture, in memory at once.
_AHEAD = 16

Outcome = Extracted | EvidenceError


def reextract(workspace: Workspace, run_id: int) -> int:
    """Update every outdated picture whose body is kept to the present version; return how many were processed.

    Issues and refusals are counted in the run ``run_id``.
    """
    version = workspace.embedding_version
    total = workspace.database.read(lambda session: pictures.count_outdated(session, embedding_version=version))
    if not total:
        return 0
    log.info("refresh_started", run=run_id, pictures=total)
    done = named = 0
    after: Outdated | None = None
    with FeatureExtractor(workspace.embedder) as extractor:
        while batch := _next(workspace, after):
            after = batch[-1]
            described = list(_described(workspace, extractor, [outdated.sha256 for outdated in batch]))
            comparable = {outdated.sha256 for outdated in batch if outdated.version == FEATURES_VERSION}
            problems = list(_issues(described, comparable))
            room = max(0, MAX_NAMED_ISSUES - named)
            _store(workspace, run_id, described, problems[:room], refused=len(problems))
            named += len(problems[:room])
            done += len(batch)
            workspace.report(Progress(stage=message("progress.refresh_pictures"), done=done, total=max(total, done)))
    log.info("refreshed", run=run_id, pictures=done)
    return done


def _next(workspace: Workspace, after: Outdated | None) -> list[Outdated]:
    version = workspace.embedding_version
    return workspace.database.read(
        lambda session: pictures.outdated(session, BATCH, after=after, embedding_version=version)
    )


def _described(
    workspace: Workspace, extractor: FeatureExtractor, sha256s: Iterable[str]
) -> Iterator[tuple[str, Outcome | None]]:
    """Yield the outcome of each file; up to ``_AHEAD`` are processed while the next ones are read."""
    waiting: deque[str] = deque()
    for sha256 in sha256s:
        try:
            data = workspace.evidence.read(sha256)
        except EvidenceError as error:
            yield sha256, error
            continue
        extractor.begin(sha256, data)
        waiting.append(sha256)
        if len(waiting) == _AHEAD:
            first = waiting.popleft()
            yield first, extractor.take(first)
    for sha256 in waiting:
        yield sha256, extractor.take(sha256)


def _issues(described: Iterable[tuple[str, Outcome | None]], comparable: Container[str]) -> Iterator[ParseIssue]:
    for sha256, outcome in described:
        if isinstance(outcome, EvidenceError):
            compared = "is compared without the model" if sha256 in comparable else "is not compared"
            message = f"the picture cannot be described anew and {compared}: {outcome}"
        elif isinstance(outcome, ImageRefusal):
            message = f"the picture cannot be used: {outcome.value}"
        else:
            continue
        yield ParseIssue(
            source=SOURCE, where=f"picture {sha256}", message=message, field="images", document_sha256=sha256
        )


def _store(
    workspace: Workspace,
    run_id: int,
    described: Sequence[tuple[str, Outcome | None]],
    named: list[ParseIssue],
    *,
    refused: int,
) -> None:
    now = workspace.now()

    def store(session: Session) -> None:
        for sha256, outcome in described:
            if isinstance(outcome, ImageRefusal):
                version = workspace.embedding_version
                pictures.add_refusal(session, sha256, outcome, now, embedding_version=version)
            elif outcome is not None and not isinstance(outcome, EvidenceError):
                pictures.add_features(session, outcome, now)
        issues.add_issues(session, run_id, named, now)
        runs.add_counts(session, run_id, refused=refused)

    workspace.database.write(store)

"""The reference pictures of the watchlists, with features extracted once by each version."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future
from pathlib import Path

from ipwatch.errors import ConfigError, ImageError
from ipwatch.images import BoundedWorkers, Embedder, Purpose, extract_features, is_svg, read_picture, thumbnail
from ipwatch.images.svg import render
from ipwatch.matching.images.features import ReferenceImage, unpack
from ipwatch.pipeline.image_work import LENGTH_BYTES, MODEL_FAILED, REFERENCE_EDGE, UNUSABLE, ReferenceExtraction
from ipwatch.pipeline.workspace import Workspace
from ipwatch.records import ImageRefusal, WatchedMark
from ipwatch.store import watchlists
from ipwatch.store.watchlists import KnownReference, WatchedImage
from ipwatch.terms import message, text_from_bytes, text_of

# Files in memory at once.
_AHEAD = 16


def read_references(workspace: Workspace) -> list[WatchedImage]:
    """Return every picture of the watchlists, each with a PNG thumbnail for the review page.

    A file is decoded once by each version, on all cores and in processes with bounded memory. Raises ``ConfigError``
    naming mark and picture where one cannot be used: without its pictures a watch would silently find less.
    """
    named = list(_named(workspace.marks))
    files = {path: _sha256(mark, path) for mark, path, _ in named}
    version = workspace.embedding_version
    known = workspace.database.read(
        lambda session: watchlists.known_references(session, set(files.values()), embedding_version=version)
    )
    unknown = {files[path]: (mark, path) for mark, path, _ in named if files[path] not in known}
    known.update(_described(unknown, workspace.embedder))
    pictures = []
    for mark, path, is_excluded in named:
        reference_file = known[files[path]]
        shown = path.relative_to(workspace.watchlist_dir) if path.is_relative_to(workspace.watchlist_dir) else path
        reference = ReferenceImage(mark=mark.key, path=str(shown), features=reference_file.features)
        pictures.append(
            WatchedImage(
                reference=reference,
                thumbnail=reference_file.thumbnail,
                excluded=is_excluded,
                packed=reference_file.packed,
            )
        )
    return pictures


def watched(pictures: Iterable[WatchedImage]) -> list[ReferenceImage]:
    """Return the pictures of which observed ones may be copies."""
    return [picture.reference for picture in pictures if not picture.excluded]


def excluded(pictures: Iterable[WatchedImage]) -> list[ReferenceImage]:
    """Return the shared stock pictures (denylist)."""
    return [picture.reference for picture in pictures if picture.excluded]


def _named(marks: Iterable[WatchedMark]) -> Iterator[tuple[WatchedMark, Path, bool]]:
    for mark in marks:
        yield from ((mark, path, False) for path in mark.images)
        yield from ((mark, path, True) for path in mark.exclude_images)


def _sha256(mark: WatchedMark, path: Path) -> str:
    return hashlib.sha256(_read(mark, path)).hexdigest()


def _described(
    files: Mapping[str, tuple[WatchedMark, Path]], embedder: Embedder | None
) -> Iterator[tuple[str, KnownReference]]:
    """Yield features and thumbnail of each file by its SHA-256; up to ``_AHEAD`` are processed at once."""
    if not files:
        return
    waiting: deque[tuple[str, Future[bytes | ImageRefusal]]] = deque()
    with BoundedWorkers(ReferenceExtraction(embedder)) as workers:
        for sha256, (mark, path) in files.items():
            data = _read(mark, path)
            if is_svg(data):
                yield sha256, _svg_reference(mark, path, data, embedder)
                continue
            waiting.append((sha256, workers.submit(data)))
            if len(waiting) == _AHEAD:
                yield _taken(*waiting.popleft(), files)
        while waiting:
            yield _taken(*waiting.popleft(), files)


def _svg_reference(mark: WatchedMark, path: Path, data: bytes, embedder: Embedder | None) -> KnownReference:
    """Return features and thumbnail of an SVG, which ``render`` draws in a process that a worker may not start."""
    try:
        small = thumbnail(render(data, REFERENCE_EDGE), REFERENCE_EDGE)
        return KnownReference(features=extract_features(data, Purpose.REFERENCE, embedder), thumbnail=small)
    except ImageError as error:
        raise _unusable(mark, path, text_of(error)) from error


def _taken(
    sha256: str, future: Future[bytes | ImageRefusal], files: Mapping[str, tuple[WatchedMark, Path]]
) -> tuple[str, KnownReference]:
    answer = future.result()
    if isinstance(answer, ImageRefusal):
        raise _unusable(*files[sha256], message("references.bounds", reason=answer.value))
    if answer[:1] == UNUSABLE:
        raise _unusable(*files[sha256], text_from_bytes(answer[1:]))
    if answer[:1] == MODEL_FAILED:
        raise ConfigError(text_from_bytes(answer[1:]))
    start = 1 + LENGTH_BYTES
    end = start + int.from_bytes(answer[1:start])
    packed = answer[start:end]
    return sha256, KnownReference(features=unpack(packed), thumbnail=answer[end:], packed=packed)


def _read(mark: WatchedMark, path: Path) -> bytes:
    try:
        return read_picture(path)
    except (OSError, ImageError) as error:
        raise _unusable(mark, path, text_of(error)) from error


def _unusable(mark: WatchedMark, path: Path, why: str) -> ConfigError:
    return ConfigError(message("references.unusable", mark=mark.key, path=path, why=why))

"""Feature extraction in worker processes while fetching goes on: each file once, with bounded memory and time."""

from __future__ import annotations

from concurrent.futures import Future
from types import TracebackType
from typing import Self

from ipwatch.errors import ConfigError
from ipwatch.images import BoundedWorkers, Bounds, Embedder
from ipwatch.matching.images.features import unpack
from ipwatch.pipeline.image_work import MODEL_FAILED, ObservedExtraction
from ipwatch.records import ImageRefusal
from ipwatch.store.pictures import PackedImage, packed
from ipwatch.terms import text_from_bytes

Extracted = PackedImage | ImageRefusal


def extractors(embedder: Embedder | None) -> BoundedWorkers:
    """Return workers to be shared by several extractors: one per core, however many sources are read in parallel."""
    return BoundedWorkers(ObservedExtraction(embedder))


class FeatureExtractor:
    """Extracts features in worker processes, started with the first picture; a context manager.

    Call ``begin`` with each picture as it arrives, ``take`` when its features are needed. A file is begun once. There
    are at most ``processes`` workers, by default one per core. Memory and time of each picture are bounded
    (``BoundedWorkers``), and a worker that dies is replaced and affects no other picture. With an ``embedder`` each
    worker loads its model. ``shared`` are workers (``extractors``) that others use too; their creator ends them.
    """

    def __init__(
        self,
        embedder: Embedder | None = None,
        *,
        processes: int | None = None,
        bounds: Bounds | None = None,
        shared: BoundedWorkers | None = None,
    ) -> None:
        self._is_shared = shared is not None
        self._workers = shared or BoundedWorkers(ObservedExtraction(embedder), processes=processes, bounds=bounds)
        self._begun: set[str] = set()
        self._running: dict[str, Future[bytes | ImageRefusal]] = {}

    def begin(self, sha256: str, data: bytes) -> None:
        """Start the extraction of a file, unless it was begun before."""
        if sha256 in self._begun:
            return
        self._begun.add(sha256)
        self._running[sha256] = self._workers.submit(data)

    def take(self, sha256: str) -> Extracted | None:
        """Return the features of a file, or why it has none, once; ``None`` where it was taken before.

        Raises ``ConfigError`` where the model failed.
        """
        if sha256 not in self._running:
            return None
        answer = self._running.pop(sha256).result()
        if isinstance(answer, ImageRefusal):
            return answer
        if answer[:1] == MODEL_FAILED:
            raise ConfigError(text_from_bytes(answer[1:]))
        # Unpacked to validate the output of a possibly compromised decoder; kept packed, as packing is slow.
        return packed(unpack(answer[1:]), answer[1:])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for future in self._running.values():
            future.cancel()
        if not self._is_shared:
            self._workers.__exit__(kind, error, traceback)

"""Describe pictures beside fetching: in processes of their own, each file once, and within bounds for each."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from ipwatch.errors import ConfigError, ImageError
from ipwatch.images import BoundedWorkers, Bounds, Embedder, Purpose, extract_features
from ipwatch.matching.images.features import pack, unpack
from ipwatch.records import PictureRefusal
from ipwatch.store.pictures import PackedPicture, packed

Extracted = PackedPicture | PictureRefusal


_DESCRIBED, _MODEL_FAILED = b"\x00", b"\x01"


@dataclass(frozen=True, slots=True)
class SeenDescriber:
    """The work on seen pictures; in another process it loads the model once, before the first picture."""

    embedder: Embedder | None = None

    def __call__(self, data: bytes) -> bytes | PictureRefusal:
        """Return the packed features of a seen picture, or why it has none, for ``FeatureExtractor.take`` to read."""
        try:
            return _DESCRIBED + pack(extract_features(data, Purpose.SEEN, self.embedder))
        except ImageError as error:
            return PictureRefusal(error.reason)
        except ConfigError as error:
            return _MODEL_FAILED + str(error).encode()


def extractors(embedder: Embedder | None) -> BoundedWorkers:
    """Return children for several hashers at a time: one a core, however many sources are read side by side."""
    return BoundedWorkers(SeenDescriber(embedder))


class FeatureExtractor:
    """Describes pictures in child processes, started with the first ones; a context manager.

    ``begin`` with each picture as it arrives, ``take`` when its features are needed. A file that was begun before is
    not begun again. There are ``processes`` children at most, by default one a core. What one picture may take of
    memory and time is bounded (``BoundedWorkers``), and a child that dies is replaced and costs no other picture. With
    an ``embedder`` each child loads its model. ``shared`` are children (``extractors``) that others use as well, and
    that are ended by whoever started them.
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
        self._workers = shared or BoundedWorkers(SeenDescriber(embedder), processes=processes, bounds=bounds)
        self._begun: set[str] = set()
        self._running: dict[str, Future[bytes | PictureRefusal]] = {}

    def begin(self, sha256: str, data: bytes) -> None:
        """Start describing a file, unless it was begun before."""
        if sha256 in self._begun:
            return
        self._begun.add(sha256)
        self._running[sha256] = self._workers.submit(data)

    def take(self, sha256: str) -> Extracted | None:
        """Return what became of a file, once; ``None`` where it was taken before.

        Raises ``ConfigError`` where the model failed.
        """
        if sha256 not in self._running:
            return None
        answer = self._running.pop(sha256).result()
        if isinstance(answer, PictureRefusal):
            return answer
        if answer[:1] == _MODEL_FAILED:
            raise ConfigError(answer[1:].decode())
        # Read, so that nothing a taken-over decoder could answer is stored; kept as it came, as packing takes its time.
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

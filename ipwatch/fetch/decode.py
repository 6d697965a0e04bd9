"""Bounded content decoding: one layer of gzip or none."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from typing import Protocol

from ipwatch.records import FailureReason
from ipwatch.terms import listed, message

_GZIP = 31  # zlib window bits of the gzip format
_STEP = 256 * 1024
_RATIO = 100
_RATIO_FREE = 1024 * 1024


class Decompressor(Protocol):
    """The part of zlib's decompression object that is used; zlib does not export its type."""

    @property
    def eof(self) -> bool:
        """Whether the end of the member was reached."""

    @property
    def unused_data(self) -> bytes:
        """The bytes after the end of the member."""

    @property
    def unconsumed_tail(self) -> bytes:
        """The input that was not consumed because of the limit on the output."""

    def decompress(self, data: bytes, max_length: int = 0, /) -> bytes:
        """Return at most ``max_length`` decoded bytes."""


class BodyRefusedError(Exception):
    """The body was not kept, for ``reason``."""

    def __init__(self, message: str, reason: FailureReason) -> None:
        super().__init__(message)
        self.reason = reason


def coding_of(values: Sequence[str]) -> str:
    """Return ``gzip`` or ``identity`` for the Content-Encoding fields of an answer; everything else is refused.

    Only gzip is requested. A second layer is refused, as it could hide a decompression bomb and no shop uses it.
    """
    layers = [layer.strip().lower() for value in values for layer in value.split(",") if layer.strip()]
    layers = [layer for layer in layers if layer != "identity"]
    if not layers:
        return "identity"
    if len(layers) == 1 and layers[0] in {"gzip", "x-gzip"}:
        return "gzip"
    raise BodyRefusedError(message("fetch.encoding", layers=listed(layers)), FailureReason.BAD_ENCODING)


class Decoder:
    """Decodes received bytes into those of the body, in chunks of at most 256 KiB, up to ``limit``.

    Above 1 MiB a body that is more than 100 times its compressed size is refused as a decompression bomb.
    """

    def __init__(self, coding: str, limit: int) -> None:
        self._gzip: Decompressor | None = zlib.decompressobj(_GZIP) if coding == "gzip" else None
        self._limit = limit
        self.received = 0
        self.decoded = 0

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Yield the decoded bytes of a chunk; raises ``BodyRefusedError``."""
        self.received += len(chunk)
        if self.received > self._limit:
            raise self._too_large()
        if self._gzip is None:
            self.decoded += len(chunk)
            yield chunk
            return
        while chunk:
            if self._gzip.eof:
                # gzip itself accepts zero padding after the last member.
                if not chunk.strip(b"\0"):
                    return
                self._gzip = zlib.decompressobj(_GZIP)
            yield from self._inflate(self._gzip, chunk)
            chunk = self._gzip.unused_data

    def finish(self) -> None:
        """Check that the body is complete; raises ``BodyRefusedError``."""
        if self._gzip is not None and self.received and not self._gzip.eof:
            raise BodyRefusedError(message("fetch.compressed_cut"), FailureReason.TRUNCATED)

    def _inflate(self, gzip: Decompressor, chunk: bytes) -> Iterator[bytes]:
        more = True
        while more and not gzip.eof:
            try:
                piece = gzip.decompress(chunk, _STEP)
            except zlib.error as error:
                raise BodyRefusedError(message("fetch.no_gzip", error=error), FailureReason.BAD_ENCODING) from error
            self.decoded += len(piece)
            if self.decoded > self._limit:
                raise self._too_large()
            if self.decoded > max(_RATIO_FREE, _RATIO * self.received):
                raise BodyRefusedError(
                    message("fetch.bomb", received=self.received, ratio=_RATIO), FailureReason.TOO_LARGE
                )
            if piece:
                yield piece
            chunk = gzip.unconsumed_tail
            more = bool(chunk) or len(piece) == _STEP

    def _too_large(self) -> BodyRefusedError:
        return BodyRefusedError(message("fetch.body_limit", limit=self._limit), FailureReason.TOO_LARGE)

"""What worker processes do with a picture: extract its features, packed into bytes.

Each process imports this module anew, so it imports nothing of the store, the network or the sources.
"""

from __future__ import annotations

from dataclasses import dataclass

from ipwatch.errors import ConfigError, ImageError
from ipwatch.images import Embedder, Purpose, extract_features, thumbnail
from ipwatch.matching.images.features import pack
from ipwatch.records import ImageRefusal
from ipwatch.terms import text_of, text_to_bytes

REFERENCE_EDGE = 480
LENGTH_BYTES = 8
DESCRIBED, UNUSABLE, MODEL_FAILED = b"\x00", b"\x01", b"\x02"
"""The first byte of an answer: features follow, or a sentence on why there are none."""


@dataclass(frozen=True, slots=True)
class ObservedExtraction:
    """Feature extraction of observed pictures; a worker process loads the model once, before the first picture."""

    embedder: Embedder | None = None

    def __call__(self, data: bytes) -> bytes | ImageRefusal:
        """Return the packed features of an observed picture, or why it has none, as ``FeatureExtractor.take`` reads."""
        try:
            return DESCRIBED + pack(extract_features(data, Purpose.OBSERVED, self.embedder))
        except ImageError as error:
            return ImageRefusal(error.reason)
        except ConfigError as error:
            return MODEL_FAILED + text_to_bytes(text_of(error))


@dataclass(frozen=True, slots=True)
class ReferenceExtraction:
    """Feature extraction of reference pictures; a worker process loads the model once, before the first picture."""

    embedder: Embedder | None = None

    def __call__(self, data: bytes) -> bytes:
        """Return the features and the thumbnail of a reference picture, or a sentence on why there are none.

        As bytes, because the output of a worker process is never unpickled; ``read_references`` parses them.
        """
        try:
            features = pack(extract_features(data, Purpose.REFERENCE, self.embedder))
            return DESCRIBED + len(features).to_bytes(LENGTH_BYTES) + features + thumbnail(data, REFERENCE_EDGE)
        except ImageError as error:
            return UNUSABLE + text_to_bytes(text_of(error))
        except ConfigError as error:
            return MODEL_FAILED + text_to_bytes(text_of(error))

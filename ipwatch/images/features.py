"""Feature extraction: everything that is stored about a picture, from one decoding of its file."""

from __future__ import annotations

from enum import Enum

import cv2
import numpy as np
import numpy.typing as npt

from ipwatch.images.decode import Decoded, Raster, decode
from ipwatch.images.embedding import Embedder
from ipwatch.images.emblems import observed_emblems, reference_emblems
from ipwatch.images.hashes import gates
from ipwatch.images.keypoints import observed_keypoints, reference_keypoints
from ipwatch.images.regions import observed_regions, reference_regions
from ipwatch.images.svg import decode_svg, is_svg
from ipwatch.matching.images.embeddings import unit
from ipwatch.matching.images.features import Embedding, ImageFeatures, View

EDGE = 1024
"""Working size, longer side; marketplaces show 500 to 1,600 pixels."""

_SKETCH_EDGE = 480
_SKETCH_STEP = 16

REGIONS_EDGE = 512
"""Longer side of the pictures in which regions are looked for."""


class Purpose(Enum):
    """Whether a picture is an observed one or a reference."""

    OBSERVED = "seen"
    REFERENCE = "reference"


def extract_features(data: bytes, purpose: Purpose, embedder: Embedder | None = None) -> ImageFeatures:
    """Return the features of a picture, with its embedding where there is an embedder.

    A reference may be an SVG drawing, nothing else may. Raises ``ImageError``, and ``ConfigError`` where the model
    fails.
    """
    if purpose is Purpose.REFERENCE and is_svg(data):
        return extract_from_decoded(decode_svg(data, EDGE), purpose, embedder)
    return extract_from_decoded(decode(data, EDGE, colour=embedder is not None), purpose, embedder)


def extract_from_decoded(decoded: Decoded, purpose: Purpose, embedder: Embedder | None = None) -> ImageFeatures:
    """Return the features of a decoded picture, which must have colours where there is an embedder."""
    phash, dhash = gates(decoded.frames[0].grey)
    return ImageFeatures(
        sha256=decoded.sha256,
        width=decoded.width,
        height=decoded.height,
        phash=phash,
        dhash=dhash,
        views=tuple(_view(raster, decoded.width, purpose) for raster in decoded.frames),
        embedding=_embedding(decoded, embedder) if embedder is not None else None,
    )


def _embedding(decoded: Decoded, embedder: Embedder) -> Embedding:
    # One raster at a time, to bound memory.
    vectors = unit(np.concatenate([embedder.embed([raster]) for raster in decoded.frames]))
    return Embedding(version=embedder.version, vectors=vectors.astype(np.float16).astype(np.float32))


def _view(raster: Raster, width: int, purpose: Purpose) -> View:
    scale = width / raster.grey.shape[1]
    small = _smaller(raster.grey, REGIONS_EDGE)
    regions = reference_regions if purpose is Purpose.REFERENCE else observed_regions
    emblems = reference_emblems if purpose is Purpose.REFERENCE else observed_emblems
    keypoints = reference_keypoints if purpose is Purpose.REFERENCE else observed_keypoints
    return View(
        frame=raster.frame,
        ground=raster.ground,
        regions=regions(small, width / small.shape[1]),
        keypoints=keypoints(raster.grey, scale),
        emblems=emblems(raster.grey, scale),
        sketch=_sketch(raster.grey),
    )


def _sketch(grey: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return the picture small and in few levels, which compresses to a third."""
    small = _smaller(grey, _SKETCH_EDGE).astype(np.uint16)
    levels = (small + _SKETCH_STEP // 2) // _SKETCH_STEP * _SKETCH_STEP
    return np.minimum(levels, 255).astype(np.uint8)


def _smaller(grey: npt.NDArray[np.uint8], edge: int) -> npt.NDArray[np.uint8]:
    longer = max(grey.shape)
    if longer <= edge:
        return grey
    size = tuple(max(1, round(side * edge / longer)) for side in reversed(grey.shape))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)

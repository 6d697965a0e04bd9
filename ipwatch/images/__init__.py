"""Untrusted pictures: bounded decoding, feature extraction, drawings; the only user of Pillow, ImageHash and OpenCV.

How their features are compared is in ``ipwatch.matching.images``.
"""

from __future__ import annotations

from ipwatch.images.bounded import BoundedWorkers, Bounds
from ipwatch.images.decode import Decoded, Raster, decode, thumbnail
from ipwatch.images.draw import draw_correspondence
from ipwatch.images.embedding import Embedder, load_embedder
from ipwatch.images.features import Purpose, extract_features
from ipwatch.images.files import load_excluded, load_references, read_picture, read_reference, reference_thumbnail
from ipwatch.images.opening import FORMATS, MAX_BYTES, MAX_PIXELS
from ipwatch.images.svg import decode_svg, is_svg

__all__ = [
    "FORMATS",
    "MAX_BYTES",
    "MAX_PIXELS",
    "BoundedWorkers",
    "Bounds",
    "Decoded",
    "Embedder",
    "Purpose",
    "Raster",
    "decode",
    "decode_svg",
    "draw_correspondence",
    "extract_features",
    "is_svg",
    "load_embedder",
    "load_excluded",
    "load_references",
    "read_picture",
    "read_reference",
    "reference_thumbnail",
    "thumbnail",
]

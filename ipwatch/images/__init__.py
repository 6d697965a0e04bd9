"""Pictures from outside: decoded within bounds, described, and drawn; the only user of Pillow, ImageHash and OpenCV."""

from __future__ import annotations

from ipwatch.images.decode import (
    FORMATS,
    MAX_BYTES,
    MAX_PIXELS,
    hash_picture,
    load_references,
    read_picture,
    read_reference,
    thumbnail,
)

__all__ = [
    "FORMATS",
    "MAX_BYTES",
    "MAX_PIXELS",
    "hash_picture",
    "load_references",
    "read_picture",
    "read_reference",
    "thumbnail",
]

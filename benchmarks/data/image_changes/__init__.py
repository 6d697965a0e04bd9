"""Kinds of change that stolen pictures go through, each a function of a picture, a generator and other pictures.

``KINDS`` are the kinds the engine was built with, by group; ``UNSEEN`` were written after it, and nothing is fitted on
them. ``logos`` puts a logo on a photo. All draw from the generator they are given: the same seed, the same picture.
"""

from __future__ import annotations

from benchmarks.data.image_changes import layouts, pixels, unseen, views
from benchmarks.data.image_changes.drawing import Change

KINDS: dict[str, dict[str, Change]] = {
    "codec/resize": pixels.CODEC,
    "colour": pixels.COLOUR,
    "overlay": layouts.OVERLAY,
    "frame": layouts.FRAME,
    "crop": views.CROP,
    "flip/90": views.TURN,
    "rotate": views.ROTATE,
    "collage": layouts.COLLAGE,
    "camera": views.CAMERA,
    "mix": unseen.MIX,
    "invert": pixels.INVERT,
}

UNSEEN: dict[str, Change] = unseen.UNSEEN

__all__ = ["KINDS", "UNSEEN", "Change"]

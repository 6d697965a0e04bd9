"""Regions: the parts of a picture that may be somebody's picture, each with its hash.

A seen picture may show a reference framed, in a screenshot, under a caption, in a collage, laid into another picture or
photographed from a screen: each such part is proposed, and hashed as if it were the whole. A reference is taken whole,
trimmed, and square, as sites crop it.
"""

from __future__ import annotations

from ipwatch.images.regions.propose import MAX_REGIONS, observed_regions, reference_regions

__all__ = ["MAX_REGIONS", "observed_regions", "reference_regions"]

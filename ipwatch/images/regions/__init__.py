"""Regions: parts of a picture that may be a copy of a reference, each with its hash.

An observed picture may show a reference framed, in a screenshot, under a caption, in a collage, inset into another
picture or photographed from a screen: each such part is proposed and hashed like a whole picture. A reference is used
whole, trimmed, and square, as sites crop it.
"""

from __future__ import annotations

from ipwatch.images.regions.propose import MAX_REGIONS, observed_regions, reference_regions

__all__ = ["MAX_REGIONS", "observed_regions", "reference_regions"]

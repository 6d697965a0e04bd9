"""Features of the benchmarks' pictures, extracted as the product does it: from an encoded file."""

from __future__ import annotations

import io

from PIL import Image

from benchmarks.data.image_sets import RealImage
from ipwatch.images.features import Purpose, extract_features
from ipwatch.matching.images.features import ImageFeatures, ReferenceImage


def observed_features(image: Image.Image) -> ImageFeatures:
    """Return the features of an observed picture, saved losslessly: a change includes its own encoding already."""
    return extract_features(_png(image), Purpose.OBSERVED)


def reference_of(picture: RealImage) -> ReferenceImage:
    """Return a picture of a set as a reference; the mark is the family, so that near duplicates belong together."""
    return ReferenceImage(
        mark=picture.family, path=str(picture.path), features=extract_features(_png(picture.image()), Purpose.REFERENCE)
    )


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1)
    return out.getvalue()

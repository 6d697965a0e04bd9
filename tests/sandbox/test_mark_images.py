"""The pictures of filed marks in the sandbox: only those imitate whose ground truth is an imitation."""

from __future__ import annotations

import io

from PIL import Image

from ipwatch.images import Purpose, extract_features
from ipwatch.matching.images.engine import ImageIndex
from ipwatch.matching.images.features import ReferenceImage
from ipwatch.sandbox import World
from ipwatch.sandbox.catalogue import load_catalogue
from ipwatch.sandbox.drawing import draw_file
from ipwatch.sandbox.mark_images import mark_image
from ipwatch.sandbox.pictures import emblem_of
from ipwatch.sandbox.truth import Kind

THRESHOLD = 0.7


def test_a_filing_has_a_picture_unless_it_is_in_standard_characters(world: World) -> None:
    filed = [filing for filing in world.all_filings if filing.office == "JP"]
    assert len({filing.truth.mark for filing in filed if filing.truth.kind == Kind.SIMILAR_FIGURE}) == 16
    for filing in filed:
        data = mark_image(filing, world.seed)
        assert (data is None) is filing.standard_characters
        if data is not None:
            with Image.open(io.BytesIO(data)) as image:
                assert image.format == "JPEG"


def test_filings_that_imitate_an_emblem_are_found_by_it_and_labels_are_not(world: World) -> None:
    index = ImageIndex(
        [
            ReferenceImage(
                mark=brand.key,
                path="emblem.png",
                features=extract_features(draw_file(emblem_of(brand.key), world.seed), Purpose.REFERENCE),
            )
            for brand in load_catalogue().brands
        ]
    )
    filed = [filing for filing in world.filings if filing.office == "JP" and not filing.standard_characters]
    imitating = [filing for filing in filed if filing.truth.kind == Kind.SIMILAR_FIGURE]
    labels = [filing for filing in filed if filing.figure is None][:16]
    drawn = [mark_image(filing, world.seed) or b"" for filing in (*imitating, *labels)]
    matches = index.matches([extract_features(data, Purpose.OBSERVED) for data in drawn])
    for filing, matched in zip((*imitating, *labels), matches, strict=True):
        marks = {match.reference.mark for match in matched if match.score >= THRESHOLD}
        assert filing.figure in marks if filing.figure else not marks
    assert len(imitating) == 16

from __future__ import annotations

import numpy as np
import pytest

from ipwatch.matching.images.copies import CLASSES, CopyIndex, CopyTable, Look, fitted_table, is_photo, regularity
from ipwatch.matching.images.features import (
    Emblems,
    Ground,
    ImageFeatures,
    Keypoints,
    ReferenceImage,
    RegionKind,
    Regions,
    View,
)
from ipwatch.records import MatchKind

SIZE = (400, 300)
PHOTO = (np.arange(48 * 64).reshape(48, 64) % 16 * 16).astype(np.uint8)
DRAWING = np.where(np.arange(48 * 64).reshape(48, 64) % 9 == 0, 0, 240).astype(np.uint8)
BOX = [[100, 50], [200, 50], [200, 150], [100, 150]]


def some_hashes(seed: int, count: int = 1) -> np.ndarray:
    bits = np.random.default_rng(seed).permuted(np.tile(np.arange(256) < 128, (count, 1)), axis=1)
    return np.packbits(bits, axis=1).view(np.uint64)


def flipped(hashes: np.ndarray, count: int) -> np.ndarray:
    bits = np.unpackbits(hashes.view(np.uint8), axis=-1)
    bits[..., :count] ^= 1
    return np.packbits(bits, axis=-1).view(np.uint64)


def picture(
    hashes: np.ndarray,
    kinds: list[RegionKind] | None = None,
    quality: int = 90,
    views: int = 1,
    sketch: np.ndarray = PHOTO,
) -> ImageFeatures:
    count = len(hashes)
    outlines = np.array([[[0, 0], [400, 0], [400, 300], [0, 300]], *[BOX] * (count - 1)], np.float32)
    regions = Regions(
        kinds=np.array(kinds or [RegionKind.WHOLE] * count, np.uint8),
        outlines=outlines[:count],
        hashes=hashes,
        qualities=np.full(count, quality, np.uint8),
    )
    view = View(
        frame=0,
        ground=Ground.WHITE,
        regions=regions,
        keypoints=Keypoints(
            points=np.empty((0, 2), np.float32),
            sizes=np.empty(0, np.float32),
            angles=np.empty(0, np.float32),
            descriptors=np.empty((0, 32), np.uint8),
        ),
        emblems=Emblems(frames=np.empty((0, 2, 3), np.float32), shapes=np.empty((0, 1), np.uint8)),
        sketch=sketch,
    )
    return ImageFeatures(sha256="", width=SIZE[0], height=SIZE[1], phash="", dhash="", views=(view,) * views)


def reference(seed: int, sketch: np.ndarray = PHOTO, quality: int = 90) -> ReferenceImage:
    features = picture(some_hashes(seed, 8)[None], quality=quality, sketch=sketch)
    return ReferenceImage(mark=f"mark-{seed}", path=f"{seed}.png", features=features)


def reoriented(known: ReferenceImage, orientation: int, bits: int) -> np.ndarray:
    return flipped(known.features.views[0].regions.hashes[:, orientation], bits)[:, None]


REFERENCES = tuple(reference(seed) for seed in range(5))


def test_a_picture_is_matched_to_the_reference_it_is_near() -> None:
    (hit,) = CopyIndex(REFERENCES).matches(picture(reoriented(REFERENCES[3], 0, 12)))
    index, match = hit
    assert index == 3
    assert match.reference is REFERENCES[3]
    assert match.kind == MatchKind.COPY
    assert match.distance == 12
    assert match.outline is None
    assert match.rate < 1e-6


def test_unrelated_pictures_are_not_matched() -> None:
    assert list(CopyIndex(REFERENCES).matches(picture(some_hashes(99)[:, None]))) == []


@pytest.mark.parametrize(
    ("orientation", "kind"),
    [(0, MatchKind.COPY), (1, MatchKind.ROTATION), (2, MatchKind.ROTATION), (3, MatchKind.ROTATION)]
    + [(number, MatchKind.FLIP) for number in (4, 5, 6, 7)],
)
def test_the_orientation_says_what_was_done(orientation: int, kind: MatchKind) -> None:
    ((_, match),) = CopyIndex(REFERENCES).matches(picture(reoriented(REFERENCES[0], orientation, 4)))
    assert match.kind == kind


@pytest.mark.parametrize(
    ("orientation", "first", "second"),
    [(1, (400, 0), (400, 300)), (2, (400, 300), (0, 300)), (3, (0, 300), (0, 0)), (4, (400, 0), (0, 0))],
)
def test_the_outline_has_the_corners_in_the_order_of_the_reference(
    orientation: int, first: tuple[int, int], second: tuple[int, int]
) -> None:
    ((_, match),) = CopyIndex(REFERENCES).matches(picture(reoriented(REFERENCES[0], orientation, 4)))
    assert match.outline is not None
    assert match.outline[:2] == (first, second)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (RegionKind.PANEL, MatchKind.COLLAGE),
        (RegionKind.RECTANGLE, MatchKind.PART),
        (RegionKind.QUAD, MatchKind.PART),
        (RegionKind.TRIMMED, MatchKind.COPY),
    ],
)
def test_the_region_says_where_and_as_what(kind: RegionKind, expected: MatchKind) -> None:
    hashes = np.concatenate([some_hashes(77)[:, None], reoriented(REFERENCES[1], 0, 6)])
    ((index, match),) = CopyIndex(REFERENCES).matches(picture(hashes, [RegionKind.WHOLE, kind]))
    assert index == 1
    assert match.kind == expected
    assert match.outline == tuple(map(tuple, BOX))


def test_the_surest_comparison_of_a_reference_is_reported() -> None:
    hashes = np.concatenate([reoriented(REFERENCES[2], 0, 40), reoriented(REFERENCES[2], 0, 8)])
    ((_, match),) = CopyIndex(REFERENCES).matches(picture(hashes, [RegionKind.WHOLE, RegionKind.TRIMMED]))
    assert match.distance == 8


def test_hashes_of_poor_quality_are_not_compared() -> None:
    same = reoriented(REFERENCES[0], 0, 0)
    poor = reference(0, quality=49)
    assert list(CopyIndex(REFERENCES).matches(picture(same, quality=49))) == []
    assert list(CopyIndex([poor]).matches(picture(same))) == []


def test_every_further_view_is_a_further_try() -> None:
    index = CopyIndex(REFERENCES)
    same = reoriented(REFERENCES[0], 0, 50)
    ((_, once),) = index.matches(picture(same))
    ((_, twice),) = index.matches(picture(same, views=2))
    assert twice.rate == pytest.approx(2 * once.rate)


def test_a_drawing_has_to_be_nearer_than_a_photo() -> None:
    photo, drawing = reference(1), reference(1, sketch=DRAWING)
    same = picture(reoriented(photo, 0, 60))
    ((_, of_photo),) = CopyIndex([photo]).matches(same)
    matches = [match for _, match in CopyIndex([drawing]).matches(same)]
    assert all(match.rate > of_photo.rate for match in matches)


def test_an_index_of_nothing_matches_nothing() -> None:
    assert list(CopyIndex([]).matches(picture(some_hashes(1)[:, None]))) == []


def test_the_rates_fall_with_the_distance_in_every_class() -> None:
    table = fitted_table()
    assert table.rates.shape == (len(CLASSES), 257)
    assert (np.diff(table.rates, axis=1) >= 0).all()
    assert table.rates.max() <= 1
    assert table.tries >= 1


def test_the_operating_rate_separates_copies_from_strangers() -> None:
    table = fitted_table()
    whole = next(row for row, kind in zip(table.rates, CLASSES, strict=True) if kind == (Look.PHOTO, False, False))
    allowed = int((whole * table.tries <= 1e-6).sum()) - 1
    assert 31 < allowed < 90  # PDQ's own threshold is known to be far on the safe side


def test_the_radius_is_the_widest_of_all_classes() -> None:
    rates = np.ones((len(CLASSES), 257))
    rates[3, :41] = 1e-7
    assert CopyTable(rates, 2.0).radius(1e-6) == 40
    assert CopyTable(rates, 2.0).radius(1e-9) == -1


def test_a_table_without_a_class_is_refused() -> None:
    text = 'tries = 1.0\ndistances = [0, 256]\n[[class]]\nlook = "photo"\ninner = false\nturned = false\n'
    with pytest.raises(KeyError):
        CopyTable.from_toml(text + "log10_rates = [-9.0, 0.0]\n")


def test_many_tones_are_a_photo_and_few_a_drawing() -> None:
    assert is_photo(PHOTO)
    assert not is_photo(DRAWING)


def test_bits_that_repeat_each_other_are_regular() -> None:
    down, across = np.mgrid[0:16, 0:16]
    chequered = np.packbits(((down + across) % 2).ravel().astype(np.uint8)).view(np.uint64)[None]
    assert regularity(chequered)[0] > 2
    assert regularity(some_hashes(5, 50)).max() < 1.2

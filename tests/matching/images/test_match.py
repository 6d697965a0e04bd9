from __future__ import annotations

import pytest
from scenes import observed_scene, scene_reference

from ipwatch.matching.images.match import ImageMatch, image_signal, score_of
from ipwatch.records import MatchKind


def match(**more: object) -> ImageMatch:
    wanted = {"kind": MatchKind.PART, "rate": 1e-8, **more}
    return ImageMatch(reference=scene_reference(1), observed=observed_scene(1), **wanted)


@pytest.mark.parametrize(
    ("rate", "score"), [(1e-6, 0.7), (1e-7, 0.8), (1e-4, 0.5), (1e-9, 1.0), (0.0, 1.0), (1.0, 0.1), (1e-30, 1.0)]
)
def test_a_score_is_the_threshold_at_one_in_a_million(rate: float, score: float) -> None:
    assert score_of(rate) == pytest.approx(score)


def test_the_surer_the_higher() -> None:
    rates = [10.0**-power for power in range(13)]
    assert [score_of(rate) for rate in rates] == sorted(score_of(rate) for rate in rates)


def test_the_region_is_in_whole_pixels_within_the_picture() -> None:
    outline = ((-20.5, 10.2), (300.4, -3.0), (310.0, 200.5), (-10.0, 210.9))
    assert match(outline=outline).region == (0, 0, 310, 211)
    assert match(outline=None).region is None


def test_a_signal_carries_what_was_measured() -> None:
    outline = ((1.0, 2.0), (101.0, 2.0), (101.0, 52.0), (1.0, 52.0))
    measured = match(outline=outline, distance=41, inliers=17, pairs=(((3.0, 4.0), (5.0, 6.0)),))
    signal = image_signal(measured, "https://shop.example/a.jpg")
    assert (signal.name, signal.term, signal.field, signal.score) == ("image", "image_part", "images", 0.9)
    assert signal.compared == ("norima/logo.png", "https://shop.example/a.jpg")
    picture = signal.picture
    assert picture is not None
    assert (picture.distance, picture.inliers, picture.region) == (41, 17, (1, 2, 100, 50))
    assert picture.seen_sha256 == observed_scene(1).sha256
    assert picture.reference_sha256 == scene_reference(1).features.sha256

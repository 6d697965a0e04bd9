from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageOps
from scenes import observed_features, observed_scene, reference, scene, scene_reference

from ipwatch.matching.images.engine import MAX_RATE, MIN_RATE, ImageIndex, combined, has_no_content, preferred
from ipwatch.matching.images.match import OPERATING_RATE, ImageMatch
from ipwatch.records import MatchKind


@cache
def index_of_scenes() -> ImageIndex:
    return ImageIndex([scene_reference(number, path=f"{number}.png") for number in range(8)])


def match(kind: MatchKind, rate: float, **more: object) -> ImageMatch:
    return ImageMatch(reference=scene_reference(1), observed=observed_scene(1), kind=kind, rate=rate, **more)


def inset(image: Image.Image) -> Image.Image:
    ground = scene(77, (900, 700))
    ground.paste(image.resize((320, 240)), (400, 300))
    return ground


def on_a_sign(image: Image.Image) -> Image.Image:
    ground = Image.new("RGB", (700, 600), "black")
    ground.paste(image, (120, 90))
    return ground


@pytest.mark.parametrize(
    ("change", "kinds"),
    [
        (lambda image: image, {MatchKind.COPY}),
        (lambda image: image.resize((200, 150)), {MatchKind.COPY}),
        (ImageOps.grayscale, {MatchKind.COPY}),
        (ImageOps.mirror, {MatchKind.FLIP}),
        (lambda image: image.rotate(90, expand=True), {MatchKind.ROTATION}),
        (lambda image: image.rotate(33, expand=True, fillcolor="white"), {MatchKind.ROTATION}),
        (lambda image: image.crop((60, 40, 320, 250)), {MatchKind.PART}),
        (ImageOps.invert, {MatchKind.COPY}),
        (inset, {MatchKind.COLLAGE, MatchKind.PART}),
        (on_a_sign, {MatchKind.COPY, MatchKind.COLLAGE, MatchKind.PART}),
    ],
    ids=["same", "smaller", "grey", "mirrored", "quarter", "turned", "crop", "negative", "inset", "framed"],
)
def test_a_changed_picture_is_found_by_its_reference_alone(
    change: Callable[[Image.Image], Image.Image], kinds: set[MatchKind]
) -> None:
    (matches,) = index_of_scenes().matches([observed_features(change(scene(5)), quality=70)])
    assert matches[0].reference.path == "5.png"
    assert matches[0].rate <= OPERATING_RATE
    assert matches[0].kind in kinds
    assert all(other.rate > OPERATING_RATE for other in matches[1:])


def test_an_inset_is_found_where_it_lies() -> None:
    (matches,) = index_of_scenes().matches([observed_features(inset(scene(5)))])
    assert matches[0].region is not None
    assert matches[0].region == pytest.approx((400, 300, 320, 240), abs=8)


def test_unrelated_pictures_do_not_match() -> None:
    for matches in index_of_scenes().matches([observed_scene(number) for number in range(40, 46)]):
        assert all(hit.rate > OPERATING_RATE for hit in matches)


def test_pictures_are_answered_in_their_order() -> None:
    answers = index_of_scenes().matches([observed_scene(3), observed_scene(60), observed_scene(1)])
    assert [matches[0].reference.path if matches else None for matches in answers][::2] == ["3.png", "1.png"]


def test_what_comes_from_an_excluded_picture_as_surely_is_no_match() -> None:
    index = ImageIndex([scene_reference(1)], excluded=[scene_reference(1, path="placeholder.png")])
    assert index.matches([observed_scene(1)]) == [[]]


def test_an_excluded_picture_does_not_hide_others() -> None:
    index = ImageIndex([scene_reference(1)], excluded=[scene_reference(2)])
    ((hit,),) = index.matches([observed_scene(1)])
    assert hit.reference.path == "norima/logo.png"


def test_without_references_nothing_matches() -> None:
    assert ImageIndex([]).matches([observed_scene(1)]) == [[]]
    assert ImageIndex([], excluded=[scene_reference(1)]).matches([observed_scene(1)]) == [[]]


@pytest.mark.parametrize("ground", ["white", "black", "red"])
def test_plain_and_two_toned_pictures_match_nothing(ground: str) -> None:
    plain = Image.new("RGB", (300, 200), ground)
    half = plain.copy()
    ImageDraw.Draw(half).rectangle((150, 0, 300, 200), fill="blue")
    for grey in (plain, half):
        index = ImageIndex([reference(grey)])
        for other in (plain, half, scene(3)):
            assert index.matches([observed_features(other)]) == [[]]


def test_a_reference_with_nothing_in_it_is_reported() -> None:
    assert has_no_content(reference(Image.new("RGB", (200, 200), "white")))
    assert not has_no_content(scene_reference(1))


@given(placed_rate=st.floats(min_value=1e-12, max_value=1e-3), copied_rate=st.floats(min_value=1e-12, max_value=1e-3))
def test_two_ways_of_finding_make_a_match_surer_than_either_alone(placed_rate: float, copied_rate: float) -> None:
    placed, copied = match(MatchKind.PART, placed_rate, inliers=9), match(MatchKind.COPY, copied_rate, distance=20)
    both = combined(placed, copied)
    assert placed_rate * copied_rate <= both.rate < min(combined(placed, None).rate, combined(None, copied).rate)
    assert both.kind is (MatchKind.PART if placed_rate <= copied_rate else MatchKind.COPY)
    assert (both.distance, both.inliers) == (20, 9)


@given(rate=st.floats(min_value=1e-12, max_value=1e-3))
def test_what_only_one_way_finds_is_less_sure(rate: float) -> None:
    alone = combined(None, match(MatchKind.COPY, rate, distance=20))
    assert rate < alone.rate < 30 * rate
    assert (alone.distance, alone.inliers) == (20, None)


def test_something_must_have_been_found() -> None:
    with pytest.raises(ValueError, match="neither"):
        combined(None, None)


def test_a_sure_placing_says_more_than_a_logo() -> None:
    logo = match(MatchKind.LOGO, 1e-11)
    assert preferred(match(MatchKind.PART, 1e-7), logo).kind is MatchKind.PART
    assert preferred(match(MatchKind.PART, 1e-5), logo).kind is MatchKind.LOGO
    assert preferred(match(MatchKind.PART, 1e-5), match(MatchKind.LOGO, 1e-4)).kind is MatchKind.PART


def test_rates_stay_within_what_was_measured() -> None:
    for matches in index_of_scenes().matches([observed_scene(number) for number in (2, 90, 91)]):
        assert all(MIN_RATE <= hit.rate <= MAX_RATE for hit in matches)

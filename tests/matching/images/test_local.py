from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import pytest
from pictures_drawn import drawing, scene

from ipwatch.images.keypoints import observed_keypoints, reference_keypoints
from ipwatch.matching.images.alignment import NOTHING, Agreement
from ipwatch.matching.images.features import (
    Emblems,
    Ground,
    ImageFeatures,
    ReferenceImage,
    Regions,
    View,
)
from ipwatch.matching.images.local import LocalIndex
from ipwatch.matching.images.local_rates import TERMS, LocalTable, fitted_table, has_tones
from ipwatch.matching.images.match import OPERATING_RATE, ImageMatch
from ipwatch.records import MatchKind

OWN = 5


def described(grey: np.ndarray, *, reference: bool = False, views: int = 1) -> ImageFeatures:
    height, width = grey.shape
    view = View(
        frame=0,
        ground=Ground.WHITE,
        regions=Regions(
            kinds=np.empty(0, np.uint8),
            outlines=np.empty((0, 4, 2), np.float32),
            hashes=np.empty((0, 1, 4), np.uint64),
            qualities=np.empty(0, np.uint8),
        ),
        keypoints=(reference_keypoints if reference else observed_keypoints)(grey, 1.0),
        emblems=Emblems(frames=np.empty((0, 2, 3), np.float32), shapes=np.empty((0, 72), np.uint8)),
        sketch=grey // 16 * 16,
    )
    return ImageFeatures(sha256="0" * 64, width=width, height=height, phash="", dhash="", views=(view,) * views)


def photo(seed: int) -> np.ndarray:
    return scene(seed, 420, 320)


@cache
def index() -> LocalIndex:
    pictures = [photo(seed) for seed in range(10)] + [drawing(seed, 320) for seed in range(8)]
    return LocalIndex(
        [
            ReferenceImage(mark=str(number), path=f"{number}.png", features=described(grey, reference=True))
            for number, grey in enumerate(pictures)
        ]
    )


def matched(grey: np.ndarray) -> dict[int, ImageMatch]:
    return {number: match for number, match in index().matches(described(grey)) if match.rate <= OPERATING_RATE}


def collage(grey: np.ndarray) -> np.ndarray:
    sheet = np.full((640, 840), 255, np.uint8)
    sheet[:320, :420], sheet[320:, 420:] = photo(200), photo(201)
    sheet[:320, 420:], sheet[320:, :420] = grey, photo(202)
    return sheet


def turned(grey: np.ndarray) -> np.ndarray:
    matrix = cv2.getRotationMatrix2D((210, 160), 40, 0.8)
    return cv2.warpAffine(grey, matrix, (420, 320), borderValue=255)


CHANGES = {
    "copy": (lambda grey: cv2.GaussianBlur(grey, (0, 0), 1.5), MatchKind.COPY),
    "negative": (lambda grey: 255 - grey, MatchKind.COPY),
    "part": (lambda grey: grey[80:240, 100:310], MatchKind.PART),
    "flip": (lambda grey: grey[:, ::-1], MatchKind.FLIP),
    "flipped negative": (lambda grey: 255 - grey[:, ::-1], MatchKind.FLIP),
    "rotation": (turned, MatchKind.ROTATION),
    "collage": (collage, MatchKind.COLLAGE),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_picture_is_found_alone_with_its_kind(name: str) -> None:
    change, kind = CHANGES[name]
    matches = matched(np.ascontiguousarray(change(photo(OWN))))
    assert set(matches) == {OWN}
    assert matches[OWN].kind is kind


def test_the_outline_lies_where_the_part_was_cut() -> None:
    match = matched(np.ascontiguousarray(photo(OWN)[80:240, 100:310]))[OWN]
    assert match.outline is not None
    assert np.allclose(match.outline, [(-100, -80), (320, -80), (320, 240), (-100, 240)], atol=5)
    assert match.region == (0, 0, 210, 160)


def test_the_outline_of_a_mirrored_picture_runs_the_other_way() -> None:
    match = matched(np.ascontiguousarray(photo(OWN)[:, ::-1]))[OWN]
    assert match.outline is not None
    assert np.allclose(match.outline, [(420, 0), (0, 0), (0, 320), (420, 320)], atol=6)


def test_pairs_are_points_that_show_the_same() -> None:
    match = matched(np.ascontiguousarray(photo(OWN)[80:240, 100:310]))[OWN]
    assert match.inliers is not None
    assert match.inliers >= len(match.pairs) >= 10
    apart = [np.hypot(a - c - 100, b - d - 80) for (a, b), (c, d) in match.pairs]
    assert np.median(apart) < 2


@pytest.mark.parametrize("seed", range(300, 320))
def test_pictures_of_something_else_are_not_matched(seed: int) -> None:
    assert not matched(photo(seed))
    assert not matched(drawing(seed, 320))


def test_a_drawing_is_found_small_on_a_photo() -> None:
    ground = scene(77, 500, 500)
    ground[150:310, 200:360] = cv2.resize(drawing(3, 320), (160, 160), interpolation=cv2.INTER_AREA)
    assert 13 in matched(ground)


def test_more_views_are_more_tries() -> None:
    grey = np.ascontiguousarray(turned(photo(OWN)))
    grey[:, :230] = 255
    single = dict(index().matches(described(grey), rate=1.0))[OWN]
    three = dict(index().matches(described(grey, views=3), rate=1.0))[OWN]
    assert three.rate == pytest.approx(min(1.0, 3 * single.rate))


def test_flat_pictures_and_an_empty_index_find_nothing() -> None:
    flat = described(np.full((200, 200), 255, np.uint8))
    assert list(index().matches(flat)) == []
    assert list(LocalIndex([]).matches(described(photo(1)))) == []


def test_the_same_picture_gives_the_same_answer() -> None:
    first, second = (list(index().matches(described(turned(photo(OWN))))) for _ in range(2))
    assert [(n, m.rate, m.outline) for n, m in first] == [(n, m.rate, m.outline) for n, m in second]


def test_the_rate_falls_with_the_statistic_and_reaches_below_one_in_a_thousand_million() -> None:
    table = fitted_table()
    assert (table.weights >= 0).all()
    for rates in (table.photo, table.drawing):
        assert (np.diff(rates.statistics) > 0).all()
        assert (np.diff(rates.log10_rates) <= 0).all()
        assert rates.rate(float(rates.statistics[-1])) < 1e-9
        assert rates.rate(-100.0) > 1e-3


def test_neither_keypoints_nor_drawings_that_agree_less_are_worth_more() -> None:
    table = fitted_table()
    good = Agreement(blocks=40, similar=0.9, same=0.8, correlation=0.9, both=0.85, visible=1.0)
    assert table.statistic(-50.0, good) >= table.statistic(-5.0, good) > table.statistic(-5.0, NOTHING)


def test_eight_accidental_inliers_without_agreement_are_no_match_and_four_with_it_are() -> None:
    table = fitted_table()
    good = Agreement(blocks=60, similar=1.0, same=0.95, correlation=0.93, both=0.9, visible=1.0)
    none = Agreement(blocks=60, similar=0.1, same=0.0, correlation=0.2, both=0.15, visible=1.0)
    for photo in (True, False):
        assert table.rate(table.statistic(-7.0, good), photo=photo) < OPERATING_RATE
        assert table.rate(table.statistic(-15.0, none), photo=photo) > OPERATING_RATE


def test_photos_have_tones_and_drawings_have_none() -> None:
    assert all(has_tones(photo(seed).astype(np.float32)) for seed in range(10))
    assert not any(has_tones(drawing(seed, 320).astype(np.float32)) for seed in range(10))


def test_a_table_names_all_weights() -> None:
    rates = "statistics = [0.0, 1.0]\nlog10_rates = [-1.0, -2.0]\n"
    text = "[weights]\n" + "\n".join(f"{t} = 1.0" for t in TERMS) + f"\n[photo]\n{rates}[drawing]\n{rates}"
    assert LocalTable.from_toml(text).rate(0.5, photo=True) == pytest.approx(10**-1.5)
    with pytest.raises(KeyError):
        LocalTable.from_toml(text.replace("same = 1.0", ""))

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from PIL import Image
from scenes import observed_features, observed_scene, reference, scene_reference

from ipwatch.matching.images.embedded import EmbeddedReferences
from ipwatch.matching.images.embeddings import Calibration
from ipwatch.matching.images.engine import ImageIndex, preferred
from ipwatch.matching.images.features import Embedding, ImageFeatures, ReferenceImage, pack, unpack
from ipwatch.matching.images.match import ImageMatch
from ipwatch.matching.screener import Screener
from ipwatch.records import Listing, MatchKind, RightKind, WatchedMark

CALIBRATION = Calibration((0.0, 0.5, 0.9), (1.0, 1e-5, 1e-9))
HERE = (1.0, 0.0, 0.0)


def near(similarity: float) -> tuple[float, float, float]:
    """A vector of length 1 with that cosine to ``HERE``."""
    return similarity, float(np.sqrt(1 - similarity**2)), 0.0


def embedded(features: ImageFeatures, *vectors: tuple[float, float, float], version: str = "one") -> ImageFeatures:
    """Give a picture these vectors, and as many views."""
    rounded = np.array(vectors, np.float16).astype(np.float32)
    views = features.views * len(vectors)
    return replace(features, views=views, embedding=Embedding(version=version, vectors=rounded))


def embedded_reference(number: int, *vectors: tuple[float, float, float], version: str = "one") -> ReferenceImage:
    known = scene_reference(number, path=f"{number}.png")
    return replace(known, features=embedded(known.features, *vectors, version=version))


def test_a_picture_that_only_the_model_links_is_found_by_it() -> None:
    index = ImageIndex([embedded_reference(1, HERE), embedded_reference(2, (0, 0, 1))], calibration=CALIBRATION)
    ((match,),) = index.matches([embedded(observed_scene(3), near(0.95))])
    assert (match.kind, match.reference.path, match.view) == (MatchKind.EMBEDDING, "1.png", 0)
    assert match.rate == pytest.approx(2e-9)
    assert (match.outline, match.region, match.distance, match.inliers) == (None, None, None, None)


def test_every_pair_of_views_is_a_try() -> None:
    index = ImageIndex([embedded_reference(1, (0, 0, 1), HERE)], calibration=CALIBRATION)
    ((match,),) = index.matches([embedded(observed_scene(3), (0, 1, 0), (0, 1, 0), near(0.95))])
    assert match.rate == pytest.approx(2 * 6 * 1e-9)
    assert match.view == 2


def test_what_is_not_rare_is_not_reported() -> None:
    index = ImageIndex([embedded_reference(1, HERE)], calibration=CALIBRATION)
    assert index.matches([embedded(observed_scene(3), near(0.25))]) == [[]]
    coarse = Calibration((0.3, 0.6), (1e-2, 1e-2))
    assert ImageIndex([embedded_reference(1, HERE)], calibration=coarse).matches(
        [embedded(observed_scene(3), HERE)]
    ) == [[]]


def test_nothing_was_measured_below_the_first_step() -> None:
    high = Calibration((0.6, 0.9), (1e-5, 1e-9))
    assert high.rate(0.59) == 1
    index = ImageIndex([embedded_reference(1, HERE)], calibration=high)
    assert index.matches([embedded(observed_scene(3), near(0.5))]) == [[]]


def test_what_says_more_is_reported_where_it_is_sure_and_the_two_are_never_joined() -> None:
    ((plain,),) = ImageIndex([scene_reference(1)]).matches([observed_scene(1)])
    index = ImageIndex([embedded_reference(1, HERE)], calibration=CALIBRATION)
    ((both,),) = index.matches([embedded(observed_scene(1), HERE)])
    assert (both.kind, both.distance, both.rate) == (plain.kind, plain.distance, max(plain.rate, 1e-12))
    assert plain.kind is MatchKind.COPY


def test_the_surer_of_two_is_reported_unless_the_one_that_says_more_is_sure_enough() -> None:
    known, picture = scene_reference(1), observed_scene(1)
    faint, sure, by_model = (
        ImageMatch(reference=known, observed=picture, kind=kind, rate=rate)
        for kind, rate in ((MatchKind.PART, 1e-5), (MatchKind.PART, 1e-7), (MatchKind.EMBEDDING, 1e-9))
    )
    assert preferred(faint, by_model) is by_model
    assert preferred(sure, by_model) is sure
    assert preferred(faint, replace(by_model, rate=1e-4)) is faint


def test_a_picture_without_an_embedding_by_that_model_is_compared_otherwise() -> None:
    index = ImageIndex([embedded_reference(1, HERE)], calibration=CALIBRATION)
    for features in (observed_scene(1), embedded(observed_scene(1), HERE, version="two")):
        assert not index.embeds(features)
        ((match,),) = index.matches([features])
        assert match.kind is MatchKind.COPY
    other = embedded(observed_scene(3), HERE, version="two")
    assert index.matches([other]) == [[]]
    assert index.embeds(embedded(observed_scene(3), HERE))


def test_vectors_of_another_length_are_not_compared() -> None:
    index = ImageIndex([embedded_reference(1, HERE)], calibration=CALIBRATION)
    short = replace(observed_scene(3), embedding=Embedding(version="one", vectors=np.ones((1, 2), np.float32)))
    assert not index.embeds(short)
    assert index.matches([short]) == [[]]


def test_without_a_calibration_embeddings_are_left_alone() -> None:
    index = ImageIndex([embedded_reference(1, HERE)])
    assert index.matches([embedded(observed_scene(3), HERE)]) == [[]]
    assert index.embeds(observed_scene(3))


def test_references_without_embeddings_ask_for_none() -> None:
    for references in ([], [scene_reference(1)]):
        index = ImageIndex(references, calibration=CALIBRATION)
        assert index.embeds(observed_scene(1))
        assert index.matches([embedded(observed_scene(3), HERE)]) == [[]]


def test_references_by_two_models_are_refused() -> None:
    with pytest.raises(ValueError, match="of one model only can be compared, not of one, two"):
        EmbeddedReferences([embedded_reference(1, HERE), embedded_reference(2, HERE, version="two")], CALIBRATION)


def test_plain_pictures_are_similar_to_a_model_and_not_compared() -> None:
    blank = Image.new("RGB", (300, 200), "white")
    known = reference(blank)
    known = replace(known, features=embedded(known.features, HERE))
    assert ImageIndex([known], calibration=CALIBRATION).matches([embedded(observed_scene(3), HERE)]) == [[]]
    index = ImageIndex([embedded_reference(1, HERE)], calibration=CALIBRATION)
    assert index.matches([embedded(observed_features(blank), HERE)]) == [[]]


def test_what_is_everybodys_more_surely_is_no_evidence() -> None:
    own, everybodys = embedded_reference(1, near(0.8)), embedded_reference(2, HERE)
    picture = embedded(observed_scene(3), HERE)
    assert ImageIndex([own], excluded=[everybodys], calibration=CALIBRATION).matches([picture]) == [[]]
    assert len(ImageIndex([own], calibration=CALIBRATION).matches([picture])[0]) == 1


def test_an_embedding_is_packed_and_comes_back() -> None:
    features = embedded(observed_scene(1), HERE, near(0.3))
    back = unpack(pack(features)).embedding
    assert back is not None
    assert features.embedding is not None
    assert back.version == "one"
    assert back.vectors.dtype == np.float32
    np.testing.assert_array_equal(back.vectors, features.embedding.vectors)
    assert unpack(pack(observed_scene(1))).embedding is None


@pytest.mark.parametrize("vectors", [np.ones((2, 3)), np.full((1, 3), np.nan), np.ones(3)], ids=["two", "nan", "flat"])
def test_an_embedding_that_is_none_is_refused(vectors: np.ndarray) -> None:
    broken = replace(observed_scene(1), embedding=Embedding(version="one", vectors=vectors.astype(np.float32)))
    with pytest.raises(ValueError, match="for each view"):
        unpack(pack(broken))


def test_the_screener_finds_by_the_model_and_tells_what_it_could_not_compare() -> None:
    mark = WatchedMark(watchlist="norima", id="norima", text="ノリマ", kind=RightKind.TRADEMARK)
    screener = Screener([mark], [embedded_reference(1, HERE)], rates={}, on=date(2026, 11, 22), calibration=CALIBRATION)
    records = [Listing(marketplace="m", listing_id=number, title="x") for number in ("1", "2")]
    pictures = {"m:1": [("p.jpg", embedded(observed_scene(3), HERE))], "m:2": [("q.jpg", observed_scene(3))]}
    (finding,) = screener.screen(records, pictures)
    assert [signal.term for signal in finding.signals] == ["image_embedding"]
    (issue,) = screener.issues
    assert (issue.where, issue.message) == (
        "m:2",
        "pictures without an embedding by the present model: 1; they were compared otherwise",
    )

from __future__ import annotations

import hashlib
import os
import signal

from drawn import bomb, drawing, encoded

from ipwatch.images import Bounds, Purpose, extract_features
from ipwatch.matching.images.features import pack
from ipwatch.pipeline.feature_extraction import FeatureExtractor
from ipwatch.records import ImageRefusal
from ipwatch.store.pictures import PackedImage


def picture(turn: int) -> bytes:
    return encoded(drawing((240, 180)).rotate(turn))


def key(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_features_are_those_of_a_direct_extraction_and_are_returned_once() -> None:
    data = picture(20)
    with FeatureExtractor() as extractor:
        extractor.begin(key(data), data)
        extractor.begin(key(data), data)
        extracted = extractor.take(key(data))
        assert isinstance(extracted, PackedImage)
        assert extracted.features == pack(extract_features(data, Purpose.OBSERVED))
        assert extractor.take(key(data)) is None
        extractor.begin(key(data), data)
        assert extractor.take(key(data)) is None


def test_what_is_no_picture_is_refused_with_a_reason_and_the_others_go_on() -> None:
    pictures = {str(turn): picture(turn) for turn in range(4)}
    with FeatureExtractor() as extractor:
        for name, data in [*pictures.items(), ("page", b"<html></html>"), ("empty", b""), ("bomb", bomb(9_000))]:
            extractor.begin(name, data)
        assert extractor.take("page") is ImageRefusal.NOT_A_PICTURE
        assert extractor.take("empty") is ImageRefusal.EMPTY
        assert extractor.take("bomb") is ImageRefusal.TOO_MANY_PIXELS
        for name, data in pictures.items():
            extracted = extractor.take(name)
            assert isinstance(extracted, PackedImage)
            assert extracted.sha256 == key(data)


def test_a_child_that_dies_is_replaced_and_costs_no_picture() -> None:
    with FeatureExtractor(processes=1) as extractor:
        extractor.begin("first", picture(10))
        assert isinstance(extractor.take("first"), PackedImage)
        (child,) = extractor._workers.process_ids()
        os.kill(child, signal.SIGKILL)
        extractor.begin("second", picture(30))
        assert isinstance(extractor.take("second"), PackedImage)


def test_a_picture_whose_child_dies_under_it_is_tried_again() -> None:
    with FeatureExtractor(processes=1) as extractor:
        extractor.begin("warm", picture(5))
        extractor.take("warm")
        (child,) = extractor._workers.process_ids()
        os.kill(child, signal.SIGSTOP)
        extractor.begin("second", picture(40))
        os.kill(child, signal.SIGKILL)
        assert isinstance(extractor.take("second"), PackedImage)


def test_no_child_is_started_before_the_first_picture() -> None:
    with FeatureExtractor() as extractor:
        assert extractor._workers.process_ids() == ()
        assert extractor.take("nothing") is None


def test_a_picture_that_takes_too_long_is_refused() -> None:
    with FeatureExtractor(processes=1, bounds=Bounds(cpu_seconds=0.001)) as extractor:
        extractor.begin("slow", encoded(drawing((3000, 2000)), compress_level=1))
        assert extractor.take("slow") is ImageRefusal.TOO_SLOW

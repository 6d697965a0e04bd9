from __future__ import annotations

import hashlib
import os
import signal

from drawn import bomb, drawing, encoded

from ipwatch.images import Bounds, Purpose, describe
from ipwatch.matching.images.features import pack
from ipwatch.pipeline.hashing import Hasher
from ipwatch.records import PictureRefusal
from ipwatch.store.pictures import PackedPicture


def picture(turn: int) -> bytes:
    return encoded(drawing((240, 180)).rotate(turn))


def key(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_features_are_those_of_the_describer_and_are_given_once() -> None:
    data = picture(20)
    with Hasher() as hasher:
        hasher.begin(key(data), data)
        hasher.begin(key(data), data)
        found = hasher.take(key(data))
        assert isinstance(found, PackedPicture)
        assert found.features == pack(describe(data, Purpose.SEEN))
        assert hasher.take(key(data)) is None
        hasher.begin(key(data), data)
        assert hasher.take(key(data)) is None


def test_what_is_no_picture_is_refused_with_a_reason_and_the_others_go_on() -> None:
    pictures = {str(turn): picture(turn) for turn in range(4)}
    with Hasher() as hasher:
        for name, data in [*pictures.items(), ("page", b"<html></html>"), ("empty", b""), ("bomb", bomb(9_000))]:
            hasher.begin(name, data)
        assert hasher.take("page") is PictureRefusal.NOT_A_PICTURE
        assert hasher.take("empty") is PictureRefusal.EMPTY
        assert hasher.take("bomb") is PictureRefusal.TOO_MANY_PIXELS
        for name, data in pictures.items():
            found = hasher.take(name)
            assert isinstance(found, PackedPicture)
            assert found.sha256 == key(data)


def test_a_child_that_dies_is_replaced_and_costs_no_picture() -> None:
    with Hasher(processes=1) as hasher:
        hasher.begin("first", picture(10))
        assert isinstance(hasher.take("first"), PackedPicture)
        (child,) = hasher._workers.process_ids()
        os.kill(child, signal.SIGKILL)
        hasher.begin("second", picture(30))
        assert isinstance(hasher.take("second"), PackedPicture)


def test_a_picture_whose_child_dies_under_it_is_tried_again() -> None:
    with Hasher(processes=1) as hasher:
        hasher.begin("warm", picture(5))
        hasher.take("warm")
        (child,) = hasher._workers.process_ids()
        os.kill(child, signal.SIGSTOP)
        hasher.begin("second", picture(40))
        os.kill(child, signal.SIGKILL)
        assert isinstance(hasher.take("second"), PackedPicture)


def test_no_child_is_started_before_the_first_picture() -> None:
    with Hasher() as hasher:
        assert hasher._workers.process_ids() == ()
        assert hasher.take("nothing") is None


def test_a_picture_that_takes_too_long_is_refused() -> None:
    with Hasher(processes=1, bounds=Bounds(cpu_seconds=0.001)) as hasher:
        hasher.begin("slow", encoded(drawing((3000, 2000)), compress_level=1))
        assert hasher.take("slow") is PictureRefusal.TOO_SLOW

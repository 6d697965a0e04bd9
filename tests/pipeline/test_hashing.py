from __future__ import annotations

import hashlib
import io
import os
import signal
import time

from PIL import Image

from ipwatch.images import hash_picture
from ipwatch.pipeline.hashing import Hasher
from ipwatch.records import PictureRefusal


def picture(shade: int) -> bytes:
    image = Image.radial_gradient("L").rotate(shade).crop((shade, 0, 200, 200 - shade))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def key(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_hashes_are_those_of_the_decoder_and_are_given_once() -> None:
    data = picture(20)
    with Hasher() as hasher:
        hasher.begin(key(data), data)
        hasher.begin(key(data), data)
        assert hasher.take(key(data)) == hash_picture(data)
        assert hasher.take(key(data)) is None
        hasher.begin(key(data), data)
        assert hasher.take(key(data)) is None


def test_what_is_no_picture_is_refused_with_a_reason() -> None:
    with Hasher() as hasher:
        hasher.begin("page", b"<html></html>")
        hasher.begin("empty", b"")
        assert hasher.take("page") is PictureRefusal.NOT_A_PICTURE
        assert hasher.take("empty") is PictureRefusal.EMPTY


def test_a_child_that_dies_is_replaced_and_costs_no_picture() -> None:
    first, second = picture(10), picture(30)
    with Hasher() as hasher:
        hasher.begin(key(first), first)
        assert hasher.take(key(first)) is not None
        pool = hasher._pool
        assert pool is not None
        (child,) = pool._processes
        os.kill(child, signal.SIGKILL)
        deadline = time.monotonic() + 10
        while not pool._broken and time.monotonic() < deadline:
            time.sleep(0.01)
        hasher.begin(key(second), second)
        assert hasher.take(key(second)) == hash_picture(second)


def test_no_child_is_started_before_the_first_picture() -> None:
    with Hasher() as hasher:
        assert hasher._pool is None
        assert hasher.take("nothing") is None


def test_a_picture_whose_child_dies_under_it_is_tried_again() -> None:
    data = picture(40)
    with Hasher() as hasher:
        hasher.begin("warm", picture(5))
        hasher.take("warm")
        assert hasher._pool is not None
        (child,) = hasher._pool._processes
        os.kill(child, signal.SIGSTOP)
        hasher.begin(key(data), data)
        os.kill(child, signal.SIGKILL)
        assert hasher.take(key(data)) == hash_picture(data)

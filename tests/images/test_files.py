from __future__ import annotations

import hashlib
import io
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from drawn import drawing, encoded, svg
from PIL import Image

from ipwatch.errors import ConfigError, ImageError
from ipwatch.images import (
    MAX_BYTES,
    load_excluded,
    load_references,
    read_picture,
    read_reference,
    reference_thumbnail,
    thumbnail,
)
from ipwatch.records import ImageRefusal, RightKind, WatchedMark


def mark(*images: Path, excluded: tuple[Path, ...] = ()) -> WatchedMark:
    return WatchedMark(
        watchlist="w", id="m", text="x", kind=RightKind.TRADEMARK, images=images, exclude_images=excluded
    )


def test_references_are_loaded_with_their_marks(tmp_path: Path) -> None:
    good, other = tmp_path / "logo.png", tmp_path / "other.png"
    good.write_bytes(encoded(drawing()))
    other.write_bytes(encoded(drawing((300, 300), "yellow")))
    marks = [mark(good, excluded=(other,))]
    (reference,) = load_references(marks)
    assert (reference.mark, reference.path) == ("w/m", str(good))
    assert (reference.features.width, reference.features.height) == (400, 300)
    assert reference.features.sha256 == hashlib.sha256(good.read_bytes()).hexdigest()
    (excluded,) = load_excluded(marks)
    assert excluded.path == str(other)


def test_a_drawing_may_be_a_reference(tmp_path: Path) -> None:
    path = tmp_path / "logo.svg"
    path.write_bytes(svg('<circle cx="150" cy="50" r="40" fill="#f00"/>'))
    reference = read_reference(path, "w/m")
    assert reference.features.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert len(reference.features.views) == 2


def test_every_bad_reference_is_named_with_its_fix(tmp_path: Path) -> None:
    bad, text = tmp_path / "bad.png", tmp_path / "text.svg"
    bad.write_bytes(b"<html>")
    text.write_bytes(svg("<text>Towel</text>"))
    with pytest.raises(ConfigError) as refused:
        load_references([mark(bad, tmp_path / "none.png", text)])
    first, second, third = str(refused.value).splitlines()
    assert "bad.png" in first
    assert "replace" in first
    assert "none.png" in second
    assert "outlines" in third


def test_a_file_too_large_to_be_a_picture_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "large.jpg"
    with path.open("wb") as stream:
        stream.truncate(MAX_BYTES + 1)
    with pytest.raises(ImageError) as refused:
        read_picture(path)
    assert refused.value.reason == ImageRefusal.TOO_LARGE


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.png"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(read_picture, pipe)
        try:
            with pytest.raises(ImageError, match="no regular file") as refused:
                reading.result(timeout=10)
        finally:
            # Ends what waits for the other end of the pipe.
            os.close(os.open(pipe, os.O_RDWR | os.O_NONBLOCK))
    assert refused.value.reason == ImageRefusal.NOT_A_PICTURE


def test_a_reference_that_is_a_drawing_is_made_small_too() -> None:
    small = reference_thumbnail(svg('<rect width="100" height="50" fill="red"/>'), 64)
    with Image.open(io.BytesIO(small)) as image:
        assert (image.format, image.size, image.getpixel((2, 2))) == ("PNG", (64, 32), (255, 0, 0))
    assert reference_thumbnail(encoded(drawing()), 64) == thumbnail(encoded(drawing()), 64)

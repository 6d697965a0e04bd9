from __future__ import annotations

import struct
from itertools import pairwise

import numpy as np
import pytest
from drawn import animated, chunk, encoded, moving
from PIL import GifImagePlugin, Image

from ipwatch.errors import ImageError
from ipwatch.images import Decoded, decode, thumbnail
from ipwatch.matching.images.features import Ground
from ipwatch.records import ImageRefusal

EDGE = 128
KINDS = ("GIF", "PNG", "WEBP", "AVIF")


def numbers(decoded: Decoded) -> list[int]:
    return [raster.frame for raster in decoded.frames]


@pytest.mark.parametrize("kind", KINDS)
def test_the_first_frame_and_three_that_differ_are_looked_at(kind: str) -> None:
    frames = moving(12)
    decoded = decode(animated(frames, kind), EDGE)
    first, *others = numbers(decoded)
    assert first == 0
    assert len(others) == 3
    assert others == sorted(set(others))
    assert all(after - before >= 3 for before, after in pairwise([0, *others]))
    for raster in decoded.frames:
        assert raster.ground is Ground.WHITE
        shown = np.asarray(frames[raster.frame], dtype=np.int16)
        assert np.abs(raster.colour - shown).mean() < 8


@pytest.mark.parametrize("kind", KINDS)
def test_frames_that_show_the_same_are_looked_at_once(kind: str) -> None:
    still = moving(4)[1]
    blinking = still.copy()
    blinking.paste("black", (0, 0, 6, 6))
    assert numbers(decode(animated([still, blinking, still, blinking], kind), EDGE)) == [0]


def test_a_still_picture_has_one_frame() -> None:
    assert numbers(decode(encoded(moving(2)[0], "GIF"), EDGE)) == [0]


@pytest.mark.parametrize("disposal", [1, 2, 3])
@pytest.mark.parametrize("kind", ["GIF", "PNG"])
def test_frames_are_composed_as_the_file_says(disposal: int, kind: str) -> None:
    clear = [Image.new("RGBA", (60, 40), (0, 0, 0, 0)) for _ in range(3)]
    for number, frame in enumerate(clear):
        frame.paste((200, 30, 30, 255), (20 * number, 0, 20 * number + 20, 40))
    data = animated(clear, kind, disposal=disposal if kind == "GIF" else disposal - 1)
    decoded = decode(data, EDGE)
    assert {raster.ground for raster in decoded.frames if raster.frame == 0} == {Ground.WHITE, Ground.BLACK}
    assert numbers(decoded)[2:] == [1, 2]
    assert decoded.frames[-1].colour[20, 50].tolist() == [200, 30, 30]


def test_a_number_of_frames_that_is_a_lie_is_not_believed() -> None:
    data = animated(moving(3), "PNG")
    offset = data.index(b"acTL")
    lying = data[: offset - 4] + chunk(b"acTL", struct.pack(">II", 0x7FFFFFFF, 0)) + data[offset + 16 :]
    assert numbers(decode(lying, EDGE)) == numbers(decode(data, EDGE)) == [0, 1, 2]


def test_an_animation_that_breaks_in_the_middle_has_the_frames_before() -> None:
    whole = animated(moving(6), "GIF")
    decoded = numbers(decode(whole[: len(whole) * 2 // 3], EDGE))
    assert decoded[0] == 0
    assert len(decoded) > 1
    assert max(decoded) < 5


def test_of_ten_thousand_frames_the_first_hundred_are_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    data = animated([Image.new("L", (2, 2), n % 256) for n in range(10_000)], "GIF")
    sought = []
    seek = GifImagePlugin.GifImageFile.seek

    def counted(image: GifImagePlugin.GifImageFile, frame: int) -> None:
        sought.append(frame)
        seek(image, frame)

    monkeypatch.setattr(GifImagePlugin.GifImageFile, "seek", counted)
    assert len(numbers(decode(data, EDGE))) == 4
    assert max(sought) == 99


def test_large_frames_are_few_and_a_very_large_one_alone() -> None:
    large = [Image.new("L", (1900, 1900), shade) for shade in range(0, 250, 12)]
    assert max(numbers(decode(animated(large, "GIF"), EDGE))) <= 50_000_000 // 1900**2
    larger = [Image.new("L", (2100, 2100), shade) for shade in (0, 200)]
    assert numbers(decode(animated(larger, "GIF"), EDGE)) == [0]


def test_a_turned_animation_is_upright_in_every_frame() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    decoded = decode(animated(moving(3), "WEBP", exif=exif, lossless=True), EDGE)
    assert (decoded.width, decoded.height) == (90, 120)
    assert {raster.grey.shape for raster in decoded.frames} == {(120, 90)}


def test_a_thumbnail_shows_the_first_frame() -> None:
    assert thumbnail(animated(moving(5), "GIF"), 60) == thumbnail(encoded(moving(5)[0], "GIF"), 60)


def test_a_broken_first_frame_is_refused() -> None:
    with pytest.raises(ImageError) as refused:
        decode(animated(moving(3), "GIF")[:60], EDGE)
    assert refused.value.reason in {ImageRefusal.TRUNCATED, ImageRefusal.BROKEN}

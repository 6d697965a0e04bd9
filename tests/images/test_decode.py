from __future__ import annotations

import concurrent.futures
import hashlib
import io
import struct
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from corpus import shared
from drawn import PNG_SIGNATURE, animated, bomb, chunk, drawing, encoded, moving, png, svg
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageOps

from ipwatch.errors import ImageError
from ipwatch.images import FORMATS, MAX_BYTES, MAX_PIXELS, Decoded, decode, thumbnail
from ipwatch.matching.images.features import Ground
from ipwatch.records import ImageRefusal

EDGE = 256


def colours(decoded: Decoded, number: int = 0) -> npt.NDArray[np.int16]:
    return decoded.frames[number].colour.astype(np.int16)


def difference(first: Decoded, second: Decoded) -> float:
    """The mean difference of the first frames, in levels of 255."""
    return float(np.abs(colours(first) - colours(second)).mean())


def refused(data: bytes) -> str:
    with pytest.raises(ImageError) as caught:
        decode(data, EDGE)
    return caught.value.reason


def test_a_picture_comes_with_its_size_and_digest_and_is_made_smaller_by_averaging() -> None:
    levels = np.random.default_rng(4).integers(0, 256, (400, 600, 3), dtype=np.uint8)
    data = encoded(Image.fromarray(levels))
    decoded = decode(data, 300)
    assert (decoded.width, decoded.height) == (600, 400)
    assert decoded.sha256 == hashlib.sha256(data).hexdigest()
    (raster,) = decoded.frames
    assert (raster.frame, raster.ground) == (0, Ground.WHITE)
    assert raster.grey.shape == (200, 300)
    means = levels.reshape(200, 2, 300, 2, 3).mean(axis=(1, 3))
    assert np.abs(raster.colour - means).max() <= 1
    assert np.abs(raster.grey - raster.colour @ [0.299, 0.587, 0.114]).max() <= 1


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK"])
def test_grey_alone_is_the_same_grey(mode: str) -> None:
    data = encoded(drawing((300, 200)).convert(mode), "JPEG" if mode == "CMYK" else "PNG")
    (grey,), (both,) = decode(data, 100, colour=False).frames, decode(data, 100).frames
    assert np.abs(grey.grey.astype(int) - both.grey).max() <= 2
    assert np.array_equal(grey.colour, np.dstack([grey.grey] * 3))


def test_a_transparent_picture_in_grey_is_laid_on_both_grounds() -> None:
    clear = drawing((300, 200)).convert("RGBA")
    clear.putalpha(Image.linear_gradient("L").resize((300, 200)))
    data = encoded(clear)
    for grey, both in zip(decode(data, 100, colour=False).frames, decode(data, 100).frames, strict=True):
        assert grey.ground is both.ground
        assert np.abs(grey.grey.astype(int) - both.grey).max() <= 2


def test_nothing_is_enlarged_and_the_shape_is_kept() -> None:
    assert decode(encoded(drawing((40, 30))), 512).frames[0].colour.shape == (30, 40, 3)
    assert decode(encoded(drawing((1000, 333))), 100).frames[0].grey.shape == (33, 100)
    assert np.array_equal(colours(decode(encoded(drawing((40, 30))), 512)), np.asarray(drawing((40, 30))))
    with pytest.raises(ValueError, match="edge"):
        decode(b"", 0)


def test_large_pictures_are_averaged_in_bands_as_small_ones_are_whole() -> None:
    image = drawing((3000, 2001))
    whole = np.asarray(image.resize((500, 334), Image.Resampling.BOX), dtype=np.int16)
    assert np.abs(colours(decode(encoded(image, compress_level=1), 500)) - whole).mean() < 1


@pytest.mark.parametrize("size", [(1, 1), (1, 10_000), (10_000, 1), (2, 7), (9_999, 3)])
def test_thin_pictures_are_read(size: tuple[int, int]) -> None:
    decoded = decode(encoded(Image.new("RGB", size, "teal")), EDGE)
    assert (decoded.width, decoded.height) == size
    assert max(decoded.frames[0].grey.shape) == min(EDGE, max(size))
    assert colours(decoded)[0, 0].tolist() == [0, 128, 128]


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_on_the_list_is_read(kind: str) -> None:
    options = {} if kind in {"BMP", "GIF", "PNG"} else {"quality": 90}
    assert difference(decode(encoded(drawing(), kind, **options), EDGE), decode(encoded(drawing()), EDGE)) < 4


@pytest.mark.parametrize(
    ("mode", "kind"),
    [("1", "PNG"), ("L", "PNG"), ("LA", "PNG"), ("P", "PNG"), ("RGBA", "PNG"), ("L", "JPEG"), ("CMYK", "JPEG")],
)
def test_every_mode_is_read(mode: str, kind: str) -> None:
    image = drawing().convert(mode)
    shown = image.convert("RGBA").convert("RGB")
    decoded = decode(encoded(image, kind), 1000)
    assert np.abs(colours(decoded) - np.asarray(shown, dtype=np.int16)).mean() < 3
    assert len(decoded.frames) == 1


def test_cmyk_is_read_as_adobe_writes_it_and_as_others_do() -> None:
    """Adobe stores inverted inks and marks the file; Pillow writes the same."""
    adobe = encoded(drawing().convert("CMYK"), "JPEG", quality=95)
    offset = adobe.index(b"Adobe")
    plain = adobe[: offset - 4] + adobe[offset + 12 :]
    assert b"Adobe" not in plain
    assert difference(decode(adobe, EDGE), decode(encoded(drawing()), EDGE)) < 4
    inverted = ImageOps.invert(Image.fromarray(decode(plain, EDGE).frames[0].colour))
    assert decode(encoded(inverted), EDGE).frames[0].grey.mean() != decode(adobe, EDGE).frames[0].grey.mean()


def test_sixteen_bits_are_scaled_not_clipped() -> None:
    grey = np.asarray(drawing().convert("L"))
    deep = decode(encoded(Image.fromarray(grey.astype(np.uint16) * 257)), 1000)
    assert np.array_equal(deep.frames[0].grey, grey)
    rows = b"".join(b"\x00" + row.astype(">u2").tobytes() for row in np.asarray(drawing(), dtype=np.uint16) * 257)
    assert np.array_equal(colours(decode(png((400, 300), 16, 2, rows), 1000)), np.asarray(drawing()))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_every_orientation_gives_the_same_upright_picture(orientation: int, kind: str) -> None:
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    image = drawing()
    turned = image if orientation == 1 else image.transpose(Image.Transpose(undo[orientation]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {} if kind == "PNG" else {"quality": 95}
    decoded = decode(encoded(turned, kind, exif=exif, **options), EDGE)
    assert (decoded.width, decoded.height) == (400, 300)
    assert difference(decoded, decode(encoded(image), EDGE)) < 3
    assert decoded.frames[0].colour.flags.c_contiguous


@pytest.mark.parametrize("exif", [b"Exif\x00\x00", b"Exif\x00\x00MM\x00*\xff\xff\xff\xff", b"Exif\x00\x00" + bytes(99)])
def test_broken_metadata_costs_no_picture(exif: bytes) -> None:
    assert difference(decode(encoded(drawing(), "JPEG", exif=exif), EDGE), decode(encoded(drawing()), EDGE)) < 4


@pytest.mark.parametrize("value", [0, 9, 65535])
def test_an_orientation_out_of_range_is_none(value: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = value
    assert decode(encoded(drawing(), "JPEG", exif=exif), EDGE).width == 400


def test_a_large_jpeg_is_decoded_at_a_fraction_never_below_the_edge() -> None:
    image = drawing((4000, 3000))
    decoded = decode(encoded(image, "JPEG", quality=90), 480)
    assert (decoded.width, decoded.height) == (4000, 3000)
    assert decoded.frames[0].grey.shape == (360, 480)
    assert difference(decoded, decode(encoded(image, compress_level=1), 480)) < 3


def test_transparent_pictures_are_laid_on_white_and_on_black() -> None:
    clear = Image.new("RGBA", (80, 60), (255, 255, 255, 0))
    ImageDraw.Draw(clear).rectangle((0, 0, 39, 59), fill=(255, 255, 255, 255))
    ImageDraw.Draw(clear).rectangle((40, 0, 59, 59), fill=(200, 0, 0, 128))
    white, black = decode(encoded(clear), EDGE).frames
    assert (white.ground, black.ground) == (Ground.WHITE, Ground.BLACK)
    assert white.colour[30, [20, 50, 70]].tolist() == [[255, 255, 255], [227, 127, 127], [255, 255, 255]]
    assert black.colour[30, [20, 50, 70]].tolist() == [[255, 255, 255], [100, 0, 0], [0, 0, 0]]


@pytest.mark.parametrize("alpha", [0, 255])
def test_black_is_added_only_where_transparency_makes_a_difference(alpha: int) -> None:
    image = drawing().convert("RGBA")
    image.putalpha(alpha)
    (only,) = decode(encoded(image), EDGE).frames
    assert only.ground is Ground.WHITE
    dotted = drawing().convert("RGBA")
    dotted.putpixel((0, 0), (0, 0, 0, 0))
    assert len(decode(encoded(dotted), EDGE).frames) == 1


PALETTE = chunk(b"PLTE", bytes([200, 10, 10, 10, 10, 200]))


@pytest.mark.parametrize(
    ("data", "on_white"),
    [
        (png((2, 1), 8, 3, b"\x00\x00\x01", [PALETTE, chunk(b"tRNS", b"\x00")]), [[255, 255, 255], [10, 10, 200]]),
        (png((2, 1), 8, 3, b"\x00\x00\x01", [PALETTE, chunk(b"tRNS", b"\xff\x00")]), [[200, 10, 10], [255, 255, 255]]),
        (png((2, 1), 8, 3, b"\x00\x00\x01", [PALETTE, chunk(b"tRNS", b"")]), [[200, 10, 10], [10, 10, 200]]),
        (
            png((2, 1), 8, 3, b"\x00\x00\x01", [PALETTE, chunk(b"tRNS", b"\x00\xff" * 150)]),
            [[255, 255, 255], [10, 10, 200]],
        ),
        (png((2, 1), 4, 0, b"\x00\x5a", [chunk(b"tRNS", b"\x00\x0a")]), [[85, 85, 85], [255, 255, 255]]),
        (png((2, 1), 2, 0, b"\x00\x70", [chunk(b"tRNS", b"\x00\x01")]), [[255, 255, 255], [255, 255, 255]]),
        (png((2, 1), 1, 0, b"\x00\x40", [chunk(b"tRNS", b"\x00\x00")]), [[255, 255, 255], [255, 255, 255]]),
        (png((2, 1), 8, 0, b"\x00\x5a\x10", [chunk(b"tRNS", b"\x01\x10")]), [[90, 90, 90], [255, 255, 255]]),
        (png((2, 1), 16, 0, b"\x00\x5a\x10\x80\x00", [chunk(b"tRNS", b"\x5a\x10")]), [[255] * 3, [128] * 3]),
        (
            png((2, 1), 16, 2, b"\x00" + bytes(range(16, 28)), [chunk(b"tRNS", bytes(range(16, 22)))]),
            [[255, 255, 255], [22, 24, 26]],
        ),
    ],
)
def test_odd_transparency_is_read_as_the_format_defines_it(data: bytes, on_white: list[list[int]]) -> None:
    assert colours(decode(data, EDGE))[0].tolist() == on_white


def test_grey_with_opacity_keeps_it() -> None:
    image = Image.merge("LA", (Image.new("L", (9, 9), 100), Image.linear_gradient("L").resize((9, 9))))
    white, black = decode(encoded(image), EDGE).frames
    assert white.grey[0, 0] > 240
    assert black.grey[0, 0] < 15


def test_colour_profiles_change_nothing() -> None:
    plain = drawing()
    assert difference(decode(encoded(plain, icc_profile=b"no profile"), EDGE), decode(encoded(plain), EDGE)) == 0


BAD = {
    "nothing": (b"", ImageRefusal.EMPTY),
    "html named jpg": (b"<!doctype html><title>404</title>", ImageRefusal.NOT_A_PICTURE),
    "text": (b"hello", ImageRefusal.NOT_A_PICTURE),
    "nuls": (bytes(5000), ImageRefusal.NOT_A_PICTURE),
    "svg": (svg("<rect/>"), ImageRefusal.FORMAT),
    "tiff": (encoded(drawing(), "TIFF"), ImageRefusal.FORMAT),
    "icon": (encoded(drawing(), "ICO"), ImageRefusal.FORMAT),
    "header only": (PNG_SIGNATURE, ImageRefusal.BROKEN),
    "bomb of 9000": (bomb(9_000), ImageRefusal.TOO_MANY_PIXELS),
    "bomb of 30000": (png((30_000, 30_000), 1, 0, bytes(2000)), ImageRefusal.TOO_MANY_PIXELS),
    "truncated jpeg": (encoded(drawing(), "JPEG")[:3000], ImageRefusal.TRUNCATED),
    "truncated png": (encoded(drawing())[:1500], ImageRefusal.TRUNCATED),
    "truncated gif": (encoded(drawing(), "GIF")[:900], ImageRefusal.TRUNCATED),
    "truncated webp": (encoded(drawing(), "WEBP")[:900], ImageRefusal.BROKEN),
    "truncated avif": (encoded(drawing(), "AVIF")[:60], ImageRefusal.BROKEN),
    "too many bytes": (b"\xff\xd8\xff" + bytes(MAX_BYTES), ImageRefusal.TOO_LARGE),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_pictures_are_refused_with_a_reason(name: str) -> None:
    data, reason = BAD[name]
    assert refused(data) == reason
    with pytest.raises(ImageError):
        thumbnail(data, 100)


def test_the_bomb_is_small_and_the_limit_is_a_limit_not_less() -> None:
    assert len(bomb(9_000)) < 12_000
    assert decode(png((5000, MAX_PIXELS // 5000), 1, 0, bytes(626 * (MAX_PIXELS // 5000))), 64).width == 5000
    assert refused(png((5000, MAX_PIXELS // 5000 + 1), 1, 0, b"")) == ImageRefusal.TOO_MANY_PIXELS


def test_a_webp_is_refused_before_its_canvas_is_made() -> None:
    canvas = (16_000 - 1).to_bytes(3, "little") * 2
    head = b"WEBPVP8X" + struct.pack("<I", 10) + bytes(4) + canvas
    assert refused(b"RIFF" + struct.pack("<I", len(head)) + head) == ImageRefusal.TOO_MANY_PIXELS


def test_a_frame_that_enlarges_the_canvas_beyond_the_limit_ends_the_animation() -> None:
    data = bytearray(animated(moving(3), "GIF"))
    second = data.index(b"\x00,", data.index(b"\x00,") + 1) + 2
    data[second + 4 : second + 8] = struct.pack("<HH", 60_000, 60_000)
    decoded = decode(bytes(data), EDGE)
    assert (decoded.width, decoded.height) == (120, 90)
    assert [raster.frame for raster in decoded.frames] == [0]


POLYGLOTS = {
    "script behind a GIF": encoded(drawing(), "GIF") + b"/*<script>alert(1)</script>*/",
    "archive behind a JPEG": encoded(drawing(), "JPEG") + b"PK\x03\x04secret.exe",
    "page in a PNG": encoded(drawing())[:33] + chunk(b"tEXt", b"a\x00<script>secret") + encoded(drawing())[33:],
}


@pytest.mark.parametrize("name", POLYGLOTS)
def test_what_hides_in_a_picture_is_not_carried_on(name: str) -> None:
    data = POLYGLOTS[name]
    assert difference(decode(data, EDGE), decode(encoded(drawing()), EDGE)) < 6
    small = thumbnail(data, 64)
    assert not any(word in small for word in (b"script", b"secret", b"PK\x03"))


def test_a_jpeg_of_several_pictures_is_read_by_its_first() -> None:
    data = encoded(drawing(), "MPO", save_all=True, append_images=[Image.new("RGB", (400, 300), "black")])
    decoded = decode(data, EDGE)
    assert len(decoded.frames) == 1
    assert difference(decoded, decode(encoded(drawing()), EDGE)) < 4


def test_a_warning_about_metadata_costs_no_picture() -> None:
    whole = encoded(drawing())
    after_header = 8 + 25
    no_frames = chunk(b"acTL", struct.pack(">II", 0, 0))
    assert difference(decode(whole[:after_header] + no_frames + whole[after_header:], EDGE), decode(whole, EDGE)) == 0


def test_a_thumbnail_is_small_and_holds_nothing_but_pixels() -> None:
    exif = Image.Exif()
    exif[0x010E] = "a secret"
    data = encoded(drawing((1600, 1200)), "JPEG", exif=exif, comment=b"a secret") + b"<script>a secret</script>"
    small = thumbnail(data, 128)
    assert b"secret" not in small
    with Image.open(io.BytesIO(small)) as image:
        assert (image.format, image.size) == ("PNG", (128, 96))
        assert not image.info
    with pytest.raises(ValueError, match="edge"):
        thumbnail(data, 0)


def test_pictures_are_decoded_the_same_in_threads_and_settings_are_put_back() -> None:
    data = [encoded(drawing((200 + 10 * n, 150))) for n in range(8)] * 4 + [b"<html>"] * 4

    def outcome(each: bytes) -> bytes | str:
        try:
            return decode(each, EDGE).frames[0].grey.tobytes()
        except ImageError as error:
            return error.reason

    before = list(warnings.filters), Image.MAX_IMAGE_PIXELS
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        assert list(pool.map(outcome, data)) == [outcome(each) for each in data]
    assert (warnings.filters, Image.MAX_IMAGE_PIXELS) == before


WHOLE = {kind: encoded(drawing((60, 40)), kind) for kind in FORMATS}


def outcome(data: bytes) -> str:
    """What became of a file: decoded, or a reason of the closed list. Anything else fails the test."""
    try:
        decoded = decode(data, 64)
    except ImageError as error:
        return ImageRefusal(error.reason).value
    assert decoded.frames[0].grey.size <= 64 * 64
    return "decoded"


@pytest.mark.parametrize("kind", FORMATS)
def test_every_truncation_is_decoded_or_refused(kind: str) -> None:
    whole = WHOLE[kind]
    outcomes = {outcome(whole[:length]) for length in range(0, len(whole), max(1, len(whole) // 150))}
    assert outcomes & {ImageRefusal.TRUNCATED, ImageRefusal.BROKEN}


@settings(max_examples=200, deadline=None)
@given(
    kind=st.sampled_from(FORMATS),
    flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=6),
)
def test_any_bytes_changed_are_decoded_or_refused(kind: str, flips: list[tuple[float, int]]) -> None:
    data = bytearray(WHOLE[kind])
    for position, value in flips:
        data[int(position * len(data))] = value
    assert outcome(bytes(data))


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([b"", b"GIF89a", b"\xff\xd8\xff", PNG_SIGNATURE, b"RIFF\x20\0\0\0WEBPVP8 ", b"BM"]), st.binary())
def test_any_bytes_are_decoded_or_refused(head: bytes, rest: bytes) -> None:
    assert outcome(head + rest)


MEASURE = """
import pathlib, resource, sys
from ipwatch.errors import ImageError
from ipwatch.images import decode
from ipwatch.records import ImageRefusal

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

before = peak()
for name in sys.stdin.read().splitlines():
    try:
        found = decode(pathlib.Path(name).read_bytes(), 1024).frames[0].grey.shape
    except ImageError as error:
        found = ImageRefusal(error.reason).value
    print(pathlib.Path(name).name, found, flush=True)
print(peak() - before)
"""


def added_megabytes(paths: list[Path]) -> tuple[int, list[str]]:
    """Decode files in a process of their own; return the megabytes it took at most besides its libraries."""
    run = subprocess.run(  # noqa: S603 - the program is above
        [sys.executable, "-c", MEASURE],
        input="\n".join(map(str, paths)),
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert not run.returncode, run.stderr
    *lines, peak = run.stdout.splitlines()
    return int(peak), lines


def test_an_avif_too_large_for_its_decoder_has_too_many_pixels() -> None:
    data = bytearray(WHOLE["AVIF"])
    offset = data.index(b"ispe") + 8
    data[offset : offset + 8] = struct.pack(">II", 60_000, 60_000)
    assert refused(bytes(data)) == ImageRefusal.TOO_MANY_PIXELS


@pytest.mark.corpus
def test_crafted_and_odd_files_are_decoded_or_refused_within_bounded_memory() -> None:
    root = shared("images/decode_edge_cases")
    paths = sorted(path for path in root.rglob("*") if path.is_file())
    peak, lines = added_megabytes(paths)
    assert len(lines) == len(paths)
    assert sum("(" in line for line in lines) > len(paths) // 2
    assert peak <= 300


@pytest.mark.skipif(sys.platform != "linux", reason="megabytes are counted in kilobytes on Linux alone")
def test_very_large_pictures_take_less_than_300_megabytes(tmp_path: Path) -> None:
    side = 5000
    flat = Image.new("RGBA", (side, side), (10, 90, 200, 100))
    photo = Image.linear_gradient("L").resize((side, side)).convert("RGB")
    files = {
        "clear.png": encoded(flat, compress_level=1),
        "progressive.jpg": encoded(photo, "JPEG", progressive=True, subsampling=0),
        "inks.jpg": encoded(photo.convert("CMYK"), "JPEG", progressive=True),
        "clear.webp": encoded(flat.resize((3500, 3500)), "WEBP", method=0, quality=10),
        "photo.avif": encoded(photo.resize((3500, 3500)), "AVIF", speed=10),
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
        peak, lines = added_megabytes([tmp_path / name])
        assert "(1024, 1024)" in lines[0]
        assert peak <= 300

from __future__ import annotations

import concurrent.futures
import io
import os
import struct
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path

import imagehash
import pytest
from corpus import shared
from PIL import Image, ImageDraw, ImageOps

from ipwatch.errors import ConfigError, ImageError
from ipwatch.images import MAX_BYTES, MAX_PIXELS, hash_picture, load_references, read_picture, thumbnail
from ipwatch.matching.image import compare_pictures
from ipwatch.records import PictureRefusal, ReferencePicture, RightKind, WatchedMark


def drawing(size: tuple[int, int] = (400, 300), ground: str = "white") -> Image.Image:
    image = Image.new("RGB", size, ground)
    draw = ImageDraw.Draw(image)
    width, height = size
    draw.ellipse((width * 0.1, height * 0.1, width * 0.45, height * 0.7), fill="crimson")
    draw.rectangle((width * 0.5, height * 0.3, width * 0.85, height * 0.55), fill="navy")
    draw.polygon(
        [(width * 0.5, height * 0.95), (width * 0.7, height * 0.6), (width * 0.95, height * 0.9)], fill="green"
    )
    draw.line((0, height * 0.2, width, height * 0.85), fill="black", width=max(2, width // 60))
    return image


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def distance(a: str, b: str) -> int:
    return (int(a, 16) ^ int(b, 16)).bit_count()


def test_hashes_are_imagehashs_own() -> None:
    image = drawing()
    found = hash_picture(encoded(image))
    assert found.phash == str(imagehash.phash(image))
    assert found.dhash == str(imagehash.dhash(image))
    assert found.phash_mirrored == str(imagehash.phash(ImageOps.mirror(image.convert("L"))))
    assert (found.width, found.height, found.flat) == (400, 300, False)


@pytest.mark.corpus
def test_hashes_are_imagehashs_own_on_real_photographs() -> None:
    paths = sorted(shared("images/kodak").rglob("*.png"))[:6]
    assert paths
    for path in paths:
        with Image.open(path) as image:
            assert hash_picture(path.read_bytes()).phash == str(imagehash.phash(image))


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("JPEG", {"quality": 60}),
        ("PNG", {}),
        ("WEBP", {"quality": 60}),
        ("GIF", {}),
        ("AVIF", {"quality": 60}),
        ("BMP", {}),
    ],
)
def test_every_format_on_the_list_is_read_and_matches(kind: str, options: dict[str, object]) -> None:
    reference = ReferencePicture(mark="w/m", path="r", hashes=hash_picture(encoded(drawing())))
    match = compare_pictures(reference, hash_picture(encoded(drawing((800, 600)), kind, **options)))
    assert match is not None
    assert match.kind == "copy"


ALTERATIONS: dict[str, tuple[str, Callable[[Image.Image], Image.Image]]] = {
    "half size": ("copy", lambda image: image.resize((200, 150))),
    "grey": ("copy", lambda image: image.convert("L")),
    "palette": ("copy", lambda image: image.quantize(32)),
    "cmyk": ("copy", lambda image: image.convert("CMYK")),
    "mirrored": ("flip", ImageOps.mirror),
    "framed": ("part", lambda image: ImageOps.expand(ImageOps.expand(image, 60, "white"), 30, "white")),
}


@pytest.mark.parametrize("name", ALTERATIONS)
def test_altered_copies(name: str) -> None:
    kind, alter = ALTERATIONS[name]
    reference = ReferencePicture(mark="w/m", path="r", hashes=hash_picture(encoded(drawing())))
    altered = alter(drawing())
    match = compare_pictures(reference, hash_picture(encoded(altered, "JPEG" if altered.mode == "CMYK" else "PNG")))
    assert match is not None
    assert match.kind == kind


def test_a_large_jpeg_is_decoded_small_and_hashes_alike() -> None:
    image = drawing((4000, 3000))
    found = hash_picture(encoded(image, "JPEG", quality=90))
    assert (found.width, found.height) == (4000, 3000)
    assert distance(found.phash, str(imagehash.phash(image))) <= 4


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_photograph_is_set_upright(orientation: int) -> None:
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    image = drawing()
    turned = image if orientation == 1 else image.transpose(Image.Transpose(undo[orientation]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    found = hash_picture(encoded(turned, "JPEG", quality=95, exif=exif))
    assert (found.width, found.height) == (400, 300)
    assert distance(found.phash, hash_picture(encoded(image)).phash) <= 4


def test_transparent_grounds_are_white() -> None:
    clear = drawing().convert("RGBA")
    clear.putalpha(Image.eval(drawing().convert("L"), lambda level: 0 if level > 250 else 255))
    assert distance(hash_picture(encoded(clear)).phash, hash_picture(encoded(drawing())).phash) <= 4
    indexed = drawing().quantize(8)
    indexed.info["transparency"] = bytes([255] * 4 + [0] * 4)
    assert hash_picture(encoded(indexed, transparency=indexed.info["transparency"])).width == 400


def test_sixteen_bits_are_scaled_not_clipped() -> None:
    deep = drawing().convert("L").convert("I").point(lambda level: level * 257)
    found = hash_picture(encoded(deep.convert("I;16")))
    assert distance(found.phash, hash_picture(encoded(drawing())).phash) <= 4


@pytest.mark.parametrize(
    "image",
    [
        Image.new("RGB", (300, 300), "white"),
        Image.new("RGBA", (300, 300), (0, 0, 0, 0)),
        Image.linear_gradient("L"),
        Image.new("L", (1, 1), 0),
        Image.new("L", (1, 10_000), 128),
        ImageOps.expand(Image.new("L", (150, 300), 0), border=(0, 0, 150, 0), fill=255),
    ],
)
def test_flat_pictures_are_marked(image: Image.Image) -> None:
    assert hash_picture(encoded(image)).flat


def bomb(edge: int) -> bytes:
    """A PNG that says it is edge by edge pixels and holds a few rows of nothing."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", edge, edge, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(2000))) + chunk(b"IEND", b"")
    )


BAD = {
    "nothing": (b"", PictureRefusal.EMPTY),
    "html named jpg": (b"<!doctype html><title>404</title>", PictureRefusal.NOT_A_PICTURE),
    "text": (b"hello", PictureRefusal.NOT_A_PICTURE),
    "nuls": (bytes(5000), PictureRefusal.NOT_A_PICTURE),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', PictureRefusal.FORMAT),
    "tiff": (encoded(drawing(), "TIFF"), PictureRefusal.FORMAT),
    "header only": (b"\x89PNG\r\n\x1a\n", PictureRefusal.BROKEN),
    "bomb of 9000": (bomb(9_000), PictureRefusal.TOO_MANY_PIXELS),
    "bomb of 30000": (bomb(30_000), PictureRefusal.TOO_MANY_PIXELS),
    "truncated jpeg": (encoded(drawing(), "JPEG")[:3000], PictureRefusal.TRUNCATED),
    "truncated gif": (encoded(drawing(), "GIF")[:900], PictureRefusal.TRUNCATED),
    "too many bytes": (b"\xff\xd8\xff" + bytes(MAX_BYTES), PictureRefusal.TOO_LARGE),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_pictures_are_refused_with_a_reason(name: str) -> None:
    data, reason = BAD[name]
    with pytest.raises(ImageError) as refused:
        hash_picture(data)
    assert refused.value.reason == reason
    with pytest.raises(ImageError):
        thumbnail(data, 100)


def test_a_warning_about_metadata_costs_no_picture() -> None:
    chunk = b"acTL" + struct.pack(">II", 0, 0)
    no_frames = struct.pack(">I", 8) + chunk + struct.pack(">I", zlib.crc32(chunk))
    whole = encoded(drawing())
    after_header = 8 + 25
    found = hash_picture(whole[:after_header] + no_frames + whole[after_header:])
    assert found.phash == hash_picture(whole).phash


def test_an_avif_that_cannot_be_decoded_is_broken_and_not_no_picture() -> None:
    with pytest.raises(ImageError) as refused:
        hash_picture(encoded(drawing(), "AVIF")[:60])
    assert refused.value.reason == PictureRefusal.BROKEN


def test_the_limit_of_pixels_is_a_limit_not_less() -> None:
    assert hash_picture(encoded(Image.new("1", (5000, MAX_PIXELS // 5000)))).flat


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "AVIF"])
def test_every_broken_byte_is_refused_or_read(kind: str) -> None:
    whole = encoded(drawing((60, 40)), kind)
    outcomes = set()
    for at in range(0, len(whole), max(1, len(whole) // 120)):
        for broken in (whole[:at], whole[:at] + b"\xff\x00\xee" + whole[at + 3 :]):
            try:
                outcomes.add("read" if hash_picture(broken).width else "read nothing")
            except ImageError as refused:
                outcomes.add(refused.reason)
    assert len(outcomes) > 1
    assert outcomes <= {"read", *PictureRefusal}


def test_animations_are_read_by_their_first_frame() -> None:
    frames = [Image.new("RGB", (400, 300), "black") for _ in range(3)]
    data = encoded(drawing(), "GIF", save_all=True, append_images=frames)
    assert distance(hash_picture(data).phash, hash_picture(encoded(drawing())).phash) <= 4


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


def test_pictures_are_hashed_alike_in_threads() -> None:
    data = [encoded(drawing((200 + 10 * n, 150))) for n in range(8)] * 4 + [b"<html>"] * 4

    def safe(each: bytes) -> str:
        try:
            return hash_picture(each).phash
        except ImageError as refused:
            return refused.reason

    before = list(warnings.filters)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        assert list(pool.map(safe, data)) == [safe(each) for each in data]
    assert warnings.filters == before


def mark(*images: Path) -> WatchedMark:
    return WatchedMark(watchlist="w", id="m", text="x", kind=RightKind.TRADEMARK, images=images)


def test_references_are_loaded_with_their_marks(tmp_path: Path) -> None:
    good = tmp_path / "logo.png"
    good.write_bytes(encoded(drawing()))
    (reference,) = load_references([mark(good)])
    assert (reference.mark, reference.path) == ("w/m", str(good))


def test_every_bad_reference_is_named_with_its_mend(tmp_path: Path) -> None:
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"<html>")
    with pytest.raises(ConfigError) as refused:
        load_references([mark(bad, tmp_path / "none.png")])
    first, second = str(refused.value).splitlines()
    assert "bad.png" in first
    assert "replace" in first
    assert "none.png" in second


def test_a_file_too_large_to_be_a_picture_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "large.jpg"
    with path.open("wb") as stream:
        stream.truncate(MAX_BYTES + 1)
    with pytest.raises(ImageError) as refused:
        read_picture(path)
    assert refused.value.reason == PictureRefusal.TOO_LARGE


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(ImageError, match="no regular file") as told:
        read_picture(tmp_path / "pipe.png")
    assert told.value.reason == PictureRefusal.NOT_A_PICTURE

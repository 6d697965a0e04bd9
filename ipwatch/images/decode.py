"""Pictures: decoded within bounds, hashed, and made small; the only user of Pillow and ImageHash.

Every picture is hostile: the format must be on a list and the size is read before a pixel is. What cannot be used is
refused with an ``ImageError`` whose ``reason`` is a ``PictureRefusal``; nothing else is raised for bad bytes.
"""

from __future__ import annotations

import hashlib
import io
import stat
import struct
import threading
import warnings
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import imagehash
import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from ipwatch.errors import ConfigError, ImageError
from ipwatch.records import PictureHashes, PictureRefusal, ReferencePicture, WatchedMark

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF", "BMP")
MAX_PIXELS = 25_000_000
"""A 25-megapixel picture takes 75 MB decoded; marketplaces store less than a tenth of it."""

MAX_BYTES = 40_000_000

_HASHED_EDGE = 512
"""Large JPEGs are decoded at a fraction of their size, never below this edge; the hashes look at 32 by 32 points."""

_FLAT_EDGE = 64
_FLAT_STEP = 8
_FLAT_SHARE = 0.04
"""A picture is flat where fewer than 4 % of its 64 by 64 points differ from a neighbour by more than 8 of 255 levels.

Of 729 real photographs, registered marks and crests the poorest had 4.4 %; a plain ground has none, a ground split in
two colours at most 3 %."""

_BORDER_STEP = 16
_MIN_TRIMMED_SHARE = 0.1

_OTHER_FORMATS = (b"II*\x00", b"MM\x00*", b"8BPS", b"\x00\x00\x01\x00", b"%PDF", b"%!PS", b"<svg", b"\xff\x0a")
_OTHER_FTYPES = (b"heic", b"heix", b"hevc", b"mif1", b"msf1")

# What Pillow's decoders are seen to raise for broken bytes.
_DECODING_ERRORS: tuple[type[Exception], ...] = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
    RuntimeError,
    struct.error,
    zlib.error,
)

_warning_filters = threading.Lock()


def hash_picture(data: bytes) -> PictureHashes:
    """Return the hashes of the first frame of a picture, upright and on white; raises ``ImageError``.

    Safe in threads and processes; threads decode one at a time, so a pool for speed is one of processes.
    """
    grey, size = _decode(data, _HASHED_EDGE, _to_grey)
    trimmed = _trimmed(grey)
    return PictureHashes(
        sha256=hashlib.sha256(data).hexdigest(),
        width=size[0],
        height=size[1],
        phash=str(imagehash.phash(grey)),
        dhash=str(imagehash.dhash(grey)),
        phash_mirrored=str(imagehash.phash(ImageOps.mirror(grey))),
        phash_trimmed=str(imagehash.phash(trimmed)),
        flat=_is_flat(grey),
    )


def thumbnail(data: bytes, edge: int) -> bytes:
    """Return the picture as a new PNG no wider or higher than ``edge`` pixels; raises ``ImageError``.

    The pixels are drawn anew on white, so no metadata, profile, comment or trailing bytes of the original remain.
    """
    if edge < 1:
        raise ValueError(f"a thumbnail's edge is at least one pixel, not {edge}")
    colour, _ = _decode(data, edge, _to_rgb)
    colour.thumbnail((edge, edge))
    clean = Image.frombytes("RGB", colour.size, colour.tobytes())
    out = io.BytesIO()
    clean.save(out, "PNG", optimize=True)
    return out.getvalue()


def load_references(marks: Iterable[WatchedMark]) -> tuple[ReferencePicture, ...]:
    """Return the reference pictures of the marks, hashed; raises ``ConfigError`` with a sentence for each bad one."""
    references = []
    problems = []
    for mark in marks:
        for path in mark.images:
            try:
                references.append(read_reference(path, mark.key))
            except (OSError, ImageError) as error:
                problems.append(f"{path}: the picture of {mark.key} cannot be used: {error}; replace it or remove it")
    if problems:
        raise ConfigError("\n".join(problems))
    return tuple(references)


def read_reference(path: Path, mark: str) -> ReferencePicture:
    """Return one reference picture from a file; raises ``OSError`` or ``ImageError``."""
    return ReferencePicture(mark=mark, path=str(path), hashes=hash_picture(read_picture(path)))


def read_picture(path: Path) -> bytes:
    """Return the bytes of a file that may be a picture.

    Raises ``OSError``, or ``ImageError`` where the file is too large or no regular file: a pipe may never end.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise _refusal(PictureRefusal.NOT_A_PICTURE, "no regular file, so no picture is read from it")
    with path.open("rb") as stream:
        data = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise _refusal(PictureRefusal.TOO_LARGE, f"the file is larger than {MAX_BYTES} bytes")
    return data


def _refusal(reason: PictureRefusal, message: str) -> ImageError:
    return ImageError(message, reason=reason.value)


def _decode(
    data: bytes, edge: int, convert: Callable[[Image.Image], Image.Image]
) -> tuple[Image.Image, tuple[int, int]]:
    """Return the first frame, converted and upright, and the size in pixels as shown; raises ``ImageError``."""
    if not data:
        raise _refusal(PictureRefusal.EMPTY, "the file is empty")
    if len(data) > MAX_BYTES:
        raise _refusal(PictureRefusal.TOO_LARGE, f"the file has {len(data)} bytes; the limit is {MAX_BYTES}")
    try:
        with _pillow_warnings_settled(), Image.open(io.BytesIO(data), formats=FORMATS) as image:
            size = image.size
            _check_pixels(size)
            turned = _orientation(image) in {5, 6, 7, 8}
            image.draft(None, (edge, edge))
            image.load()
            upright = ImageOps.exif_transpose(image) if _orientation(image) != 1 else image
            return convert(upright), (size[1], size[0]) if turned else size
    except UnidentifiedImageError as error:
        raise _unidentified(data) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _refusal(PictureRefusal.TOO_MANY_PIXELS, f"the picture has more than {MAX_PIXELS} pixels") from error
    except MemoryError as error:
        raise _refusal(PictureRefusal.TOO_MANY_PIXELS, "the picture needs more memory than there is") from error
    except _DECODING_ERRORS as error:
        raise _broken(error) from error


def _check_pixels(size: tuple[int, int]) -> None:
    width, height = size
    if width * height > MAX_PIXELS:
        message = f"the picture has {width} x {height} pixels; the limit is {MAX_PIXELS} in all"
        raise _refusal(PictureRefusal.TOO_MANY_PIXELS, message)


def _orientation(image: Image.Image) -> int:
    """Return the EXIF orientation 1..8, 1 where the metadata is missing or broken: the pixels are good without it."""
    try:
        value = image.getexif().get(0x0112, 1)
    except _DECODING_ERRORS:
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1  # noqa: PLR2004 - the range EXIF defines


def _unidentified(data: bytes) -> ImageError:
    head = data[:512].lstrip()
    if head.startswith(_OTHER_FORMATS) or data[8:12] in _OTHER_FTYPES or b"<svg" in head:
        return _refusal(PictureRefusal.FORMAT, f"the format is not one of {', '.join(FORMATS)}")
    if head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n", b"GIF8", b"RIFF", b"BM")) or data[4:12] == b"ftypavif":
        return _refusal(PictureRefusal.BROKEN, "the picture's header is broken")
    return _refusal(PictureRefusal.NOT_A_PICTURE, "the file is not a picture")


def _broken(error: BaseException) -> ImageError:
    text = str(error)
    if isinstance(error, EOFError) or "truncated" in text.lower() or "premature" in text.lower():
        return _refusal(PictureRefusal.TRUNCATED, "the picture ends too early")
    return _refusal(PictureRefusal.BROKEN, f"the picture is broken: {text or type(error).__name__}")


@contextmanager
def _pillow_warnings_settled() -> Iterator[None]:
    """Raise Pillow's warning of too many pixels and keep the others quiet: they are about metadata that is not read.

    The lock is there because filters belong to the whole process.
    """
    with _warning_filters, warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"PIL\.")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode in {"RGBA", "LA", "PA", "La", "RGBa"} or "transparency" in image.info:
        colour = image.convert("RGBA")
        ground = Image.new("RGBA", colour.size, "white")
        ground.alpha_composite(colour)
        return ground.convert("RGB")
    if image.mode.startswith("I"):
        return _sixteen_bits(image)
    return image


def _sixteen_bits(image: Image.Image) -> Image.Image:
    """Return a 16-bit grey picture in 8 bits; Pillow's own conversion clips instead of scaling."""
    levels = np.asarray(image, dtype=np.int64) >> 8
    return Image.fromarray(levels.clip(0, 255).astype(np.uint8))


def _to_grey(image: Image.Image) -> Image.Image:
    return _on_white(image).convert("L")


def _to_rgb(image: Image.Image) -> Image.Image:
    return _on_white(image).convert("RGB")


def _trimmed(grey: Image.Image) -> Image.Image:
    """Return the picture without the border of one level around it, or whole where too little would be left."""
    levels = np.asarray(grey, dtype=np.int16)
    ground = int(np.median([levels[0, 0], levels[0, -1], levels[-1, 0], levels[-1, -1]]))
    drawn = np.abs(levels - ground) > _BORDER_STEP
    rows, columns = np.flatnonzero(drawn.any(axis=1)), np.flatnonzero(drawn.any(axis=0))
    if not rows.size:
        return grey
    left, top, right, bottom = int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
    if (right - left) * (bottom - top) < _MIN_TRIMMED_SHARE * levels.size:
        return grey
    return grey.crop((left, top, right, bottom))


def _is_flat(grey: Image.Image) -> bool:
    small = np.asarray(grey.resize((_FLAT_EDGE, _FLAT_EDGE), Image.Resampling.BOX), dtype=np.int16)
    edges = np.zeros(small.shape, dtype=bool)
    edges[:, 1:] |= np.abs(np.diff(small, axis=1)) > _FLAT_STEP
    edges[1:] |= np.abs(np.diff(small, axis=0)) > _FLAT_STEP
    return bool(edges.mean() < _FLAT_SHARE)

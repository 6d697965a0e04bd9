"""Opening an untrusted picture: format and size are checked before pixels are decoded.

Bad bytes raise ``ImageError`` with a ``ImageRefusal`` as ``reason``.
"""

from __future__ import annotations

import io
import math
import struct
import threading
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import AvifImagePlugin, Image, UnidentifiedImageError

from ipwatch.errors import ImageError
from ipwatch.records import ImageRefusal
from ipwatch.terms import listed, message

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF", "BMP")
MAX_PIXELS = 25_000_000
"""A 25-megapixel picture takes 100 MB decoded; marketplaces store less than a tenth of it."""

MAX_BYTES = 40_000_000

_PIXEL_LIMITS = {"WEBP": 12_500_000, "AVIF": 12_500_000}
"""These decoders hold several canvases at once: half the pixels take the same memory, 200 MB, as with other formats."""

_OTHER_FORMATS = (b"II*\x00", b"MM\x00*", b"8BPS", b"\x00\x00\x01\x00", b"%PDF", b"%!PS", b"<svg", b"\xff\x0a")
_OTHER_FTYPES = (b"heic", b"heix", b"hevc", b"mif1", b"msf1")

_PNG_DEPTH = 24
"""Offset of the bit depth in a PNG; its header chunk is always the first."""

_ORIENTATION_TAG = 0x0112

# Exceptions of Pillow's decoders for broken bytes.
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

_pillow_settings = threading.Lock()


@contextmanager
def opened(data: bytes) -> Iterator[Image.Image]:
    """Yield a picture whose header has been read and whose size is within the limits; raises ``ImageError``.

    ``load`` decodes its pixels. Threads open one picture at a time: Pillow's limit and the filters of warnings are
    global to the process; use processes for parallel work.
    """
    if not data:
        raise refusal(ImageRefusal.EMPTY, message("pictures.empty"))
    if len(data) > MAX_BYTES:
        raise refusal(ImageRefusal.TOO_LARGE, message("pictures.bytes", count=len(data), most=MAX_BYTES))
    limit = _PIXEL_LIMITS["WEBP"] if data[8:12] == b"WEBP" else MAX_PIXELS
    with _pillow_settled(limit), _identified(data) as image:
        check_pixels(image)
        if image.format == "PNG":
            _scale_clear_colour(image, data[_PNG_DEPTH])
        yield image


def _identified(data: bytes) -> Image.Image:
    with decoding_errors():
        try:
            return Image.open(io.BytesIO(data), formats=FORMATS)
        except UnidentifiedImageError as error:
            raise _unidentified(data) from error


@contextmanager
def decoding_errors() -> Iterator[None]:
    """Raise Pillow's exceptions for a broken picture as ``ImageError``."""
    try:
        yield
    except Image.DecompressionBombError as error:
        raise refusal(ImageRefusal.TOO_MANY_PIXELS, message("pictures.too_many_pixels", error=error)) from error
    except MemoryError as error:
        raise refusal(ImageRefusal.MEMORY, message("pictures.memory")) from error
    except _DECODING_ERRORS as error:
        raise _broken(error) from error


def load(image: Image.Image, frame: int = 0) -> None:
    """Decode the pixels of a frame; raises ``ImageError``, also where there is no such frame."""
    with decoding_errors():
        if frame:
            image.seek(frame)
            check_pixels(image)
        image.load()


def check_pixels(image: Image.Image) -> None:
    """Raise ``ImageError`` where the picture, or its current frame, has more pixels than allowed."""
    width, height = image.size
    limit = _PIXEL_LIMITS.get(image.format or "", MAX_PIXELS)
    if width * height > limit:
        why = message("pictures.pixels", width=width, height=height, limit=limit)
        raise refusal(ImageRefusal.TOO_MANY_PIXELS, why)


def orientation(image: Image.Image) -> int:
    """Return the EXIF orientation 1..8, 1 where the metadata is missing or broken."""
    try:
        value = image.getexif().get(_ORIENTATION_TAG, 1)
    except _DECODING_ERRORS:
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1  # noqa: PLR2004 - the range EXIF defines


def _scale_clear_colour(image: Image.Image, depth: int) -> None:
    """Scale the transparent colour of a PNG to eight bits, as Pillow does with the pixels."""
    key = image.info.get("transparency")
    if isinstance(key, tuple):
        image.info["transparency"] = tuple(level >> 8 if depth == 16 else level & 255 for level in key)  # noqa: PLR2004
    elif isinstance(key, int) and image.mode == "L":
        image.info["transparency"] = (key & ((1 << depth) - 1)) * 255 // ((1 << depth) - 1)


def refusal(reason: ImageRefusal, message: str) -> ImageError:
    """Return the error to raise for a picture that is not used."""
    return ImageError(message, reason=reason.value)


def _unidentified(data: bytes) -> ImageError:
    """Return why Pillow could not identify a file; it raises the same error for a size that a decoder refuses."""
    head = data[:512].lstrip()
    if head.startswith(_OTHER_FORMATS) or data[8:12] in _OTHER_FTYPES or b"<svg" in head:
        return refusal(ImageRefusal.FORMAT, message("pictures.format", formats=listed(FORMATS)))
    offset = head.find(b"ispe")
    if data[4:8] == b"ftyp" and offset >= 0 and math.prod(struct.unpack_from(">II", data, offset + 8)) > MAX_PIXELS:
        return refusal(ImageRefusal.TOO_MANY_PIXELS, message("pictures.more_pixels", most=MAX_PIXELS))
    if head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n", b"GIF8", b"RIFF", b"BM")) or data[4:12] == b"ftypavif":
        return refusal(ImageRefusal.BROKEN, message("pictures.header"))
    return refusal(ImageRefusal.NOT_A_PICTURE, message("pictures.no_picture"))


def _broken(error: BaseException) -> ImageError:
    text = str(error)
    if isinstance(error, EOFError) or "truncated" in text.lower() or "premature" in text.lower():
        return refusal(ImageRefusal.TRUNCATED, message("pictures.truncated"))
    return refusal(ImageRefusal.BROKEN, message("pictures.broken", reason=text or type(error).__name__))


@contextmanager
def _pillow_settled(limit: int) -> Iterator[None]:
    """Configure Pillow to refuse more than ``limit`` pixels, to decode on one thread, and not to warn.

    Pillow's own check is needed where a decoder allocates its canvas on opening (WebP) or a frame enlarges the canvas
    (GIF); it raises for more than twice the limit it is given. Its warnings are about metadata, which is not used.
    """
    with _pillow_settings, warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"PIL\.")
        before = Image.MAX_IMAGE_PIXELS, AvifImagePlugin.DEFAULT_MAX_THREADS
        Image.MAX_IMAGE_PIXELS, AvifImagePlugin.DEFAULT_MAX_THREADS = limit // 2, 1
        try:
            yield
        finally:
            Image.MAX_IMAGE_PIXELS, AvifImagePlugin.DEFAULT_MAX_THREADS = before

"""Pictures and files that the tests draw themselves: no picture of anyone is kept in the project."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterable

from PIL import Image, ImageDraw

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" {}>{}</svg>'


def drawing(size: tuple[int, int] = (400, 300), ground: str = "white") -> Image.Image:
    """A picture that looks different in each of its eight orientations."""
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


def chunk(kind: bytes, body: bytes) -> bytes:
    """One chunk of a PNG."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(size: tuple[int, int], depth: int, colour_type: int, rows: bytes, chunks: Iterable[bytes] = ()) -> bytes:
    """A PNG made by hand, for headers that Pillow does not write; ``rows`` hold the filter byte of each row."""
    header = struct.pack(">IIBBBBB", *size, depth, colour_type, 0, 0, 0)
    parts = [chunk(b"IHDR", header), *chunks, chunk(b"IDAT", zlib.compress(rows, 9)), chunk(b"IEND", b"")]
    return PNG_SIGNATURE + b"".join(parts)


def bomb(edge: int) -> bytes:
    """A whole PNG of one bit a pixel and nothing in it: 9,000 by 9,000 pixels in 10 kB."""
    return png((edge, edge), 1, 0, bytes((edge // 8 + 1) * edge))


def svg(body: str, attributes: str = 'width="200" height="100"') -> bytes:
    return SVG.format(attributes, body).encode()


def moving(count: int, size: tuple[int, int] = (120, 90)) -> list[Image.Image]:
    """Frames with a bar at a different position on each."""
    frames = []
    for number in range(count):
        frame = Image.new("RGB", size, "white")
        left = size[0] * number // count
        ImageDraw.Draw(frame).rectangle((left, 0, left + size[0] // 3, size[1]), fill=(10 * number % 200, 0, 90))
        frames.append(frame)
    return frames


def animated(frames: list[Image.Image], kind: str, **options: object) -> bytes:
    return encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=100, **options)

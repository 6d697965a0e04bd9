"""SVG, for the references of rights holders only: an observed SVG is refused, never rendered.

Rendering may recurse, loop or allocate without end, so it runs in a process with bounded memory and time; what can be
detected beforehand is refused with a remedy.
"""

from __future__ import annotations

import base64
import binascii
import functools
import hashlib
import os
from xml.parsers import expat

import resvg_py

from ipwatch.errors import ImageError
from ipwatch.images.bounded import BoundedWorkers, is_worker
from ipwatch.images.decode import Decoded, decode
from ipwatch.images.opening import opened, refusal
from ipwatch.records import ImageRefusal
from ipwatch.terms import message

MAX_SVG_BYTES = 5_000_000
MAX_ELEMENTS = 50_000
MAX_DEPTH = 64
"""The renderer is recursive and crashes the process at a depth of about 200."""

MAX_EMBEDDED_PIXELS = 5_000_000
_MAX_ENTITY = 200
"""Entities abbreviate namespace URLs; longer and nested ones are attacks (billion laughs)."""

_EDGE_BYTES = 4
_DPI = 96
"""CSS defines the inch as 96 pixels, and with it mm, cm and pt."""

_SVG = "http://www.w3.org/2000/svg"
_NAMESPACE_END = " "
_TEXT_ELEMENTS = frozenset({"text", "tspan", "textPath"})
_SPOKEN_ELEMENTS = frozenset({"title", "desc", "metadata"})
_PICTURE_ELEMENTS = frozenset({"image", "feImage"})
_EMBEDDED_TYPES = ("data:image/png;base64,", "data:image/jpeg;base64,", "data:image/webp;base64,")


def is_svg(data: bytes) -> bool:
    """Return whether the first kilobyte of a file has the root element of an SVG document."""
    return b"<svg" in data[:1024]


def decode_svg(data: bytes, edge: int) -> Decoded:
    """Return an SVG drawing rendered with its longer side at ``edge`` pixels; raises ``ImageError``.

    Width and height are those of the rendering. The background stays transparent, so there are rasters on white and on
    black. Text that has not been converted to outlines is refused: its look depends on the fonts of the machine, and
    without them it would silently be missing. Nothing outside the document is read (files, URLs, style sheets),
    scripts and animations are ignored, and embedded pictures must be PNG, JPEG or WebP.
    """
    drawing = decode(render(data, edge), edge)
    return Decoded(
        sha256=hashlib.sha256(data).hexdigest(), width=drawing.width, height=drawing.height, frames=drawing.frames
    )


def render(data: bytes, edge: int) -> bytes:
    """Return an SVG drawing as a PNG with its longer side at ``edge`` pixels; raises ``ImageError``.

    It is rendered in another process with bounded memory and time.
    """
    checked(data)
    request = edge.to_bytes(_EDGE_BYTES) + data
    # A worker process has limits already.
    answer = draw_or_refuse(request) if is_worker() else _renderer(os.getpid()).submit(request).result()
    if isinstance(answer, ImageRefusal):
        why = message("pictures.svg_bounds")
        raise refusal(answer, why)
    return answer


@functools.cache
def _renderer(_process_id: int) -> BoundedWorkers:
    """Return the rendering workers of this process, by its id, as a fork lacks the threads of its parent."""
    return BoundedWorkers(draw_or_refuse, processes=1)


def draw_or_refuse(request: bytes) -> bytes | ImageRefusal:
    """Return a checked SVG as a PNG, or why it cannot be rendered; ``request`` is the edge and the document."""
    edge, text = int.from_bytes(request[:_EDGE_BYTES]), request[_EDGE_BYTES:].decode("utf-8-sig")
    try:
        # Given both sides, resvg fits the drawing into them with its aspect ratio.
        return bytes(resvg_py.svg_to_bytes(svg_string=text, width=edge, height=edge, dpi=_DPI, skip_system_fonts=True))
    except ValueError:
        return ImageRefusal.BROKEN


def checked(data: bytes) -> None:
    """Raise ``ImageError`` with a remedy for an SVG that may not be rendered."""
    if len(data) > MAX_SVG_BYTES:
        raise refusal(ImageRefusal.TOO_LARGE, message("pictures.svg_bytes", count=len(data), most=MAX_SVG_BYTES))
    _Inspection().read(_text(data))


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise refusal(ImageRefusal.BROKEN, message("pictures.svg_utf8", error=error)) from error


class _Inspection:
    """One pass over the document, before it is parsed for rendering."""

    def __init__(self) -> None:
        self._open: list[str] = []
        self._elements = 0
        self._embedded_pixels = 0
        self._parser = expat.ParserCreate("utf-8", _NAMESPACE_END)
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.EntityDeclHandler = self._entity

    def read(self, text: str) -> None:
        """Raise ``ImageError`` for a document that may not be rendered."""
        try:
            self._parser.Parse(text.encode(), True)
        except expat.ExpatError as error:
            raise refusal(ImageRefusal.BROKEN, message("pictures.svg_xml", error=error)) from error

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if not self._open and name != f"{_SVG}{_NAMESPACE_END}svg":
            raise refusal(ImageRefusal.NOT_A_PICTURE, message("pictures.svg_other_xml"))
        self._open.append(_local(name))
        self._elements += 1
        if len(self._open) > MAX_DEPTH:
            raise refusal(ImageRefusal.BROKEN, message("pictures.svg_nested", most=MAX_DEPTH))
        if self._elements > MAX_ELEMENTS:
            raise refusal(ImageRefusal.BROKEN, message("pictures.svg_elements", most=MAX_ELEMENTS))
        if self._open[-1] in _PICTURE_ELEMENTS:
            for key, value in attributes.items():
                if _local(key) == "href":
                    self._check_embedded(value)

    def _end(self, _name: str) -> None:
        self._open.pop()

    def _characters(self, characters: str) -> None:
        if not characters.strip() or self._open[-1] in _SPOKEN_ELEMENTS:
            return
        if not _TEXT_ELEMENTS.isdisjoint(self._open):
            raise refusal(ImageRefusal.FORMAT, message("pictures.svg_fonts"))

    def _entity(
        self,
        name: str,
        _is_parameter: bool,
        value: str | None,
        _base: str | None,
        _system: str | None,
        _public: str | None,
        _notation: str | None,
    ) -> None:
        if value is None or len(value) > _MAX_ENTITY or "&" in value or "<" in value:
            raise refusal(ImageRefusal.BROKEN, message("pictures.svg_entity", name=name))

    def _check_embedded(self, address: str) -> None:
        if address.startswith("#"):
            return
        start = next((start for start in _EMBEDDED_TYPES if address.startswith(start)), None)
        if start is None:
            why = message("pictures.svg_reference")
            raise refusal(ImageRefusal.FORMAT, why)
        try:
            data = base64.b64decode(address[len(start) :])
        except binascii.Error as error:
            raise refusal(ImageRefusal.BROKEN, message("pictures.svg_base64", error=error)) from error
        try:
            with opened(data) as image:
                self._embedded_pixels += image.width * image.height
        except ImageError as error:
            raise ImageError(message("pictures.svg_picture", error=error), reason=error.reason) from error
        if self._embedded_pixels > MAX_EMBEDDED_PIXELS:
            why = message("pictures.svg_pixels", most=MAX_EMBEDDED_PIXELS)
            raise refusal(ImageRefusal.TOO_MANY_PIXELS, why)


def _local(name: str) -> str:
    return name.rpartition(_NAMESPACE_END)[2]

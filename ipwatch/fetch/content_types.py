"""Accepted content types for each kind of request."""

from __future__ import annotations

from collections.abc import Mapping

from ipwatch.fetch.decode import BodyRefusedError
from ipwatch.records import FailureReason, RequestKind
from ipwatch.terms import message

_JSON = frozenset({"application/json", "text/json", "text/javascript", "application/javascript"})
_XML = frozenset({"application/xml", "text/xml"})
_HTML = frozenset({"text/html", "application/xhtml+xml"})
_BYTES = frozenset({"application/octet-stream", "binary/octet-stream", "application/gzip", "application/x-gzip"})

_ACCEPTED: Mapping[RequestKind, frozenset[str]] = {
    RequestKind.API: _JSON | _XML | {"text/plain"},
    RequestKind.TOKEN: _JSON | {"text/plain"},
    RequestKind.PAGE: _HTML,
    RequestKind.SITEMAP: _XML | _BYTES | {"text/plain"},
}
_ACCEPT: Mapping[RequestKind, str] = {
    RequestKind.API: "application/json, application/xml;q=0.8",
    RequestKind.TOKEN: "application/json",
    RequestKind.PAGE: "text/html, application/xhtml+xml",
    RequestKind.SITEMAP: "application/xml, text/xml, text/plain;q=0.8",
    RequestKind.IMAGE: "image/avif, image/webp, image/png, image/jpeg, image/gif;q=0.8",
    RequestKind.BULK: "*/*",
}
_PICTURE_STARTS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"BM", b"II*\0", b"MM\0*")


def accept(kind: RequestKind) -> str:
    """Return the Accept field for a kind."""
    return _ACCEPT[kind]


def check_type(kind: RequestKind, content_type: str | None) -> bool:
    """Check the Content-Type of an answer; return whether the body must still be checked to be a picture.

    A missing type is accepted. APIs and sitemaps may use a ``+json`` or ``+xml`` type. A bulk file may be anything but
    HTML. Picture hosts often send no type or ``application/octet-stream``: their bodies are checked by magic bytes.
    Raises ``BodyRefusedError``.
    """
    mime = (content_type or "").partition(";")[0].strip().lower()
    if kind is RequestKind.IMAGE:
        if mime and not mime.startswith("image/") and mime not in _BYTES:
            raise _wrong(kind, mime)
        return not mime.startswith("image/")
    if kind is RequestKind.BULK:
        if mime in _HTML:
            raise _wrong(kind, mime)
        return False
    structured = mime.endswith(("+json", "+xml")) and kind is not RequestKind.PAGE and mime not in _HTML
    if mime and not structured and mime not in _ACCEPTED[kind]:
        raise _wrong(kind, mime)
    return False


def looks_like_picture(start: bytes) -> bool:
    """Return whether the first bytes are those of a JPEG, PNG, GIF, WebP, AVIF, BMP or TIFF file."""
    return start.startswith(_PICTURE_STARTS) or start[8:12] == b"WEBP" or start[4:12] in {b"ftypavif", b"ftypavis"}


def _wrong(kind: RequestKind, mime: str) -> BodyRefusedError:
    return BodyRefusedError(message("fetch.content_type", mime=mime, kind=kind.value), FailureReason.WRONG_TYPE)

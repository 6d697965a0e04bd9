"""Sitemaps (sitemaps.org 0.9) read as a stream: pages with pictures, indexes, plain lists; gzip by its magic bytes."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from lxml import etree

from ipwatch.terms import message

_GZIP = b"\x1f\x8b"
_MAX_BYTES = 50 * 1024 * 1024
_MAX_ENTRIES = 50_000
_MAX_IMAGES = 1_000


@dataclass(frozen=True, slots=True)
class SitemapEntry:
    """One URL of a sitemap. ``is_sitemap`` is whether it is another sitemap; ``lastmod`` is as written."""

    url: str
    is_sitemap: bool = False
    lastmod: str | None = None
    images: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Incomplete:
    """Why the rest of a sitemap could not be read."""

    message: str


class _Bounded(io.RawIOBase):
    """A stream that raises an error after more bytes than a sitemap may have."""

    def __init__(self, stream: BinaryIO | gzip.GzipFile) -> None:
        self._stream = stream
        self._left = _MAX_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed asks for any writable buffer
        data = self._stream.read(len(buffer))
        self._left -= len(data)
        if self._left < 0:
            raise ValueError(message("reading.sitemap_bytes", most=_MAX_BYTES))
        buffer[: len(data)] = data
        return len(data)


def read_sitemap(stream: BinaryIO) -> Iterator[SitemapEntry | Incomplete]:
    """Yield the entries in their order, and last an ``Incomplete`` where the rest cannot be read."""
    source = io.BufferedReader(_Bounded(stream))
    if source.peek(2)[:2] == _GZIP:
        source = io.BufferedReader(_Bounded(gzip.GzipFile(fileobj=source)))
    count = 0
    try:
        head = source.peek(512)[:512].lstrip(b"\xef\xbb\xbf \t\r\n")
        for entry in _xml(source) if head.startswith(b"<") else _lines(source):
            count += 1
            if count > _MAX_ENTRIES:
                yield Incomplete(message("reading.sitemap_entries", most=_MAX_ENTRIES))
                return
            yield entry
    except (etree.XMLSyntaxError, ValueError, EOFError, OSError, zlib.error) as error:
        yield Incomplete(message("reading.sitemap_unreadable", count=count, error=error))


def _lines(source: BinaryIO) -> Iterator[SitemapEntry]:
    for line in source:
        url = line.decode("utf-8-sig").strip()
        if url:
            if not url.startswith(("http://", "https://")):
                raise ValueError(message("reading.sitemap_address", url=url[:60]))
            yield SitemapEntry(url)


def _xml(source: BinaryIO) -> Iterator[SitemapEntry]:
    root_checked = False
    events = etree.iterparse(
        source, events=("start", "end"), resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False
    )
    for event, element in events:
        if event == "start":
            if not root_checked:
                root_checked = True
                _require_root(element)
            continue
        name = _local(element)
        if name not in {"url", "sitemap"}:
            continue
        entry = _entry(element, is_sitemap=name == "sitemap")
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]
        if entry is not None:
            yield entry


def _require_root(element: etree._Element) -> None:
    if _local(element) not in {"urlset", "sitemapindex"}:
        raise ValueError(message("reading.no_sitemap", element=_local(element)))


def _entry(element: etree._Element, *, is_sitemap: bool) -> SitemapEntry | None:
    url = lastmod = None
    images: list[str] = []
    for child in element.iter():
        name, text = _local(child), (child.text or "").strip()
        if name == "loc" and text and child.getparent() is element:
            url = text
        elif name == "loc" and text and len(images) < _MAX_IMAGES:
            images.append(text)
        elif name == "lastmod":
            lastmod = text or None
    return SitemapEntry(url, is_sitemap, lastmod, tuple(images)) if url else None


def _local(element: etree._Element) -> str:
    return str(etree.QName(element).localname).lower() if isinstance(element.tag, str) else ""

"""The files inside a document: a zip, a tar (gzipped or not), a gzipped file, or the document itself.

The kind is detected by magic bytes, never by name. Members are streamed, nothing is unpacked to disk, and decompressed
sizes are bounded (zip bombs).
"""

from __future__ import annotations

import errno
import gzip
import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, Protocol

from ipwatch.errors import ParseError
from ipwatch.records import Document
from ipwatch.terms import message

MAX_MEMBER = 4 * 1024**3
MAX_MEMBERS = 2000
_MAX_TAR_HEADER = 1024**2
_BUFFER = 1024**2
_PIECE = 16 * 1024  # a truncated archive loses at most so much before its end
_TAR_MAGIC = slice(257, 262)
_TAR_BLOCK = 512
_GZIP = b"\x1f\x8b"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_EXTENDED_HEADERS = (tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK)
# Errors of the standard library on damaged, encrypted or unsupported archives; EOFError is a truncated one.
_DAMAGE = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    tarfile.TarError,
    gzip.BadGzipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    struct.error,
)


def members(document: Document) -> Iterator[tuple[str, BinaryIO]]:
    """Yield the name and the bytes of each file in the document; the name is empty where the document is the file.

    Read each stream before asking for the next one. Raises ``ParseError`` where an archive is damaged, encrypted or
    larger than the bounds, also while a member is being read.
    """
    with document.open() as raw:
        head = raw.read(_TAR_BLOCK)
        raw.seek(0)
        if head.startswith(_ZIP):
            yield from _zip_members(document, raw)
        elif head.startswith(_GZIP):
            with gzip.GzipFile(fileobj=raw) as inflated:
                yield from _tar_or_file(document, _buffered(document, "", inflated))
        else:
            yield from _tar_or_file(document, _buffered(document, "", raw))


def _zip_members(document: Document, raw: BinaryIO) -> Iterator[tuple[str, BinaryIO]]:
    with _damage_reported(document, ""):
        archive = zipfile.ZipFile(raw)
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > MAX_MEMBERS:
        raise _refusal(document, "", message("reading.archive_members", count=len(entries), most=MAX_MEMBERS))
    for entry in entries:
        with _damage_reported(document, entry.filename):
            member = archive.open(entry)
        with member:
            yield entry.filename, _buffered(document, entry.filename, member)


def _tar_or_file(document: Document, stream: io.BufferedReader) -> Iterator[tuple[str, BinaryIO]]:
    if stream.peek(_TAR_BLOCK)[_TAR_MAGIC] != b"ustar":
        yield "", stream
        return
    with _damage_reported(document, ""):
        archive = tarfile.open(fileobj=stream, mode="r|", tarinfo=_BoundedHeader)  # noqa: SIM115 - closed by the stream
    entries = iter(archive)
    for _ in range(MAX_MEMBERS):
        with _damage_reported(document, ""):
            entry = next(entries, None)
        if entry is None:
            return
        if entry.isfile():
            with _damage_reported(document, entry.name):
                member = archive.extractfile(entry)
            if member is not None:
                yield entry.name, _buffered(document, entry.name, member)
    raise _refusal(document, "", message("reading.archive_more", most=MAX_MEMBERS))


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class _BoundedHeader(tarfile.TarInfo):
    """A tar header with bounded extended fields, which tarfile reads whole into memory."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> _BoundedHeader:
        """Read a header block; raises ``tarfile.ReadError`` where its extended field is too large."""
        header = super().frombuf(buf, encoding, errors)
        if header.type in _EXTENDED_HEADERS and header.size > _MAX_TAR_HEADER:
            raise tarfile.ReadError(message("reading.archive_header"))
        return header


class _Member(io.RawIOBase):
    """A member's bytes, with damage and excess reported as ``ParseError``."""

    def __init__(self, document: Document, name: str, stream: _Readable) -> None:
        self._document = document
        self._name = name
        self._stream = stream
        self._left = MAX_MEMBER

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with _damage_reported(self._document, self._name):
            block = self._stream.read(min(len(buffer), _PIECE))
        self._left -= len(block)
        if self._left < 0:
            raise _refusal(self._document, self._name, message("reading.archive_inflates", most=MAX_MEMBER))
        buffer[: len(block)] = block
        return len(block)


def _buffered(document: Document, name: str, stream: _Readable) -> io.BufferedReader:
    return io.BufferedReader(_Member(document, name, stream), _BUFFER)


@contextmanager
def _damage_reported(document: Document, name: str) -> Iterator[None]:
    try:
        yield
    except _DAMAGE as error:
        raise _refusal(document, name, message("reading.archive_unknown", error=error)) from error
    except OSError as error:
        if error.errno != errno.EINVAL:  # EINVAL: the archive's directory points before the file's beginning
            raise
        raise _refusal(document, name, message("reading.archive_damaged", error=error)) from error


def _refusal(document: Document, name: str, fault: str) -> ParseError:
    what = message("reading.archive_member", name=name[:200]) if name else message("reading.the_file")
    return ParseError(
        message("reading.archive_unreadable", what=what, fault=fault),
        source=document.source,
        url=document.final_url,
        sha256=document.sha256,
    )

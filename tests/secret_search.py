"""Looks for a secret in every byte of a tree, packed bytes and other spellings included."""

from __future__ import annotations

import gzip
import html
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus


def spellings(secret: str) -> set[bytes]:
    written = {secret, quote(secret, safe=""), quote_plus(secret), html.escape(secret), json.dumps(secret)[1:-1]}
    return {spelling.encode() for spelling in written} | {spelling.lower().encode() for spelling in written}


def unpacked(name: str, body: bytes) -> Iterator[tuple[str, bytes]]:
    """The bytes of a file, and those of all that is packed in it."""
    yield name, body
    if body.startswith(b"\x1f\x8b"):
        yield from unpacked(f"{name} (gzip)", gzip.decompress(body))
    elif body.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            for member in archive.namelist():
                yield from unpacked(f"{name} ({member})", archive.read(member))


def leaks_of(root: Path, output: str, secrets: tuple[str, ...]) -> list[str]:
    """Return where a secret occurs in the files below ``root`` or in the output."""
    needles = {needle: secret for secret in secrets for needle in spellings(secret)}
    leaks = []
    bodies = [("the output", output.encode())]
    bodies += [(str(path.relative_to(root)), path.read_bytes()) for path in root.rglob("*") if path.is_file()]
    for name, body in (body_of_file for whole in bodies for body_of_file in unpacked(*whole)):
        leaks += [f"{secret!r} in {name}" for needle, secret in needles.items() if needle in body]
    return sorted(set(leaks))

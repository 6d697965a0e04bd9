"""Arrays in a directory, written once and mapped when read, and a manifest that names those that count.

::

    manifest.json          format, version, and what the index keeps there, with size and CRC-32 of each file
    <name>-<kind>.npy      an array, under a name of its own

A file is never changed. The manifest is replaced last and at once, so a torn write leaves what was there; files that it
no longer names are removed afterwards.
"""

from __future__ import annotations

import json
import os
import re
import uuid
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ipwatch.errors import ConfigError

MANIFEST = "manifest.json"

_FILE = re.compile(r"[0-9a-f]{32}-[a-z]+\.npy")
_MAX_MANIFEST = 1 << 24
_CHUNK = 1 << 24

Array = npt.NDArray[Any]
Entry = dict[str, Any]
"""What a manifest says of a file: ``file``, ``bytes`` and ``crc32``."""


@dataclass(frozen=True, slots=True)
class ArrayDirectory:
    """A directory for one kind of index. ``types`` are the NumPy types of its kinds of arrays."""

    path: Path
    form: str
    version: int
    types: dict[str, str]

    def write(self, kind: str, array: Array) -> Entry:
        """Leave the array in a new file, safe from a power cut; return what the manifest is to say of it."""
        path = self.path / f"{uuid.uuid4().hex}-{kind}.npy"
        with path.open("xb") as file:
            np.save(file, np.ascontiguousarray(array, dtype=self.types[kind]), allow_pickle=False)
            file.flush()
            os.fsync(file.fileno())
        return {"file": path.name, "bytes": path.stat().st_size, "crc32": _checksum(path)}

    def read(self, kind: str, entry: Entry, *, verify: bool) -> Array:
        """Return an array mapped from its file, read-only; raises ``ConfigError`` where it is not what was written.

        Its size and type are looked at, all its bytes with ``verify``.
        """
        if not _FILE.fullmatch(entry["file"]):
            raise damaged(self.path / MANIFEST, f"it names a file {entry['file']!r}")
        path = self.path / entry["file"]
        try:
            if path.stat().st_size != entry["bytes"]:
                raise damaged(path, f"it has {path.stat().st_size} bytes, not {entry['bytes']}")
            if verify and _checksum(path) != entry["crc32"]:
                raise damaged(path, "its checksum is another")
            array: Array = np.load(path, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError, EOFError, OverflowError) as error:
            raise damaged(path, str(error)) from error
        if array.dtype.str != self.types[kind] or not array.flags.c_contiguous:
            raise damaged(path, f"{kind} of type {array.dtype}, not {self.types[kind]}")
        return array.view(np.ndarray)

    def replace_manifest(self, content: dict[str, Any], entries: Iterable[Entry]) -> None:
        """Have the manifest say this, and remove the files that are not among the entries."""
        manifest = {"format": self.form, "version": self.version, **content}
        text = json.dumps({"crc32": zlib.crc32(_canonical(manifest)), "index": manifest})
        _replace(self.path / MANIFEST, text)
        named = {entry["file"] for entry in entries}
        for path in self.path.iterdir():
            if _FILE.fullmatch(path.name) and path.name not in named:
                path.unlink(missing_ok=True)

    def manifest(self) -> dict[str, Any]:
        """Return what the manifest says; raises ``ConfigError`` for none, or one of another format or damaged."""
        path = self.path / MANIFEST
        try:
            if path.stat().st_size > _MAX_MANIFEST:
                raise damaged(path, f"it is longer than {_MAX_MANIFEST} bytes")
            outer = json.loads(path.read_text(encoding="utf-8"))
            manifest = outer["index"]
            said, form, version = outer["crc32"], manifest["format"], manifest["version"]
        except OSError as error:
            raise ConfigError(f"{self.path}: no {self.form} ({error})") from error
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise damaged(path, f"it is no manifest ({error!r})") from error
        if form != self.form or version != self.version:
            raise ConfigError(
                f"{path}: {form!r} of version {version!r}, not {self.form!r} of version {self.version}; make it anew"
            )
        if said != zlib.crc32(_canonical(manifest)):
            raise damaged(path, "its checksum is another")
        return dict(manifest)


def damaged(path: Path, what: str) -> ConfigError:
    """Return the error that says so, with the mend."""
    return ConfigError(f"{path}: damaged, or no part of the index: {what}; make the index anew")


def _canonical(manifest: dict[str, Any]) -> bytes:
    return json.dumps(manifest, sort_keys=True).encode()


def _checksum(path: Path) -> int:
    checksum = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            checksum = zlib.crc32(chunk, checksum)
    return checksum


def _replace(path: Path, text: str) -> None:
    written = path.with_suffix(".tmp")
    with written.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    written.replace(path)
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

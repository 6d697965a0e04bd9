"""Copies an evidence store while it is written to, which is safe as it is append-only."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

from ipwatch.errors import EvidenceError
from ipwatch.evidence.journal import capture_files, sync_path
from ipwatch.evidence.verify import blob_path
from ipwatch.terms import message

_BATCH = 256
_CHUNK = 1024 * 1024
_WAITING = 16


def copy_captures(root: Path, target: Path) -> dict[str, int]:
    """Copy the complete lines of every capture file; return the bodies they name, with their sizes.

    Bodies are durable before the line that names them is written, so all of them exist. Raises ``EvidenceError`` for a
    line that is no capture.
    """
    bodies: dict[str, int] = {}
    target.mkdir(parents=True, exist_ok=True)
    for path in capture_files(root / "captures"):
        # A writer may be in the middle of the last line.
        whole = path.read_bytes()
        finished = whole[: whole.rfind(b"\n") + 1]
        for number, line in enumerate(finished.splitlines(), start=1):
            try:
                capture = json.loads(line)
                bodies[str(capture["sha256"])] = int(capture["size"])
            except (ValueError, KeyError, TypeError, RecursionError) as error:
                raise EvidenceError(message("evidence.no_capture_at", path=path, number=number)) from error
        (target / path.name).write_bytes(finished)
    return bodies


def copy_bodies(source: Path, target: Path, bodies: Mapping[str, int]) -> Iterator[tuple[str, int, str | None]]:
    """Copy the bodies that are missing below ``target``; yield each with its size and its problem, if any.

    Both are directories with ``blobs/ab/cd/<sha256>``. Each body is hashed while it is copied, and gets its name only
    when it is complete and on disk: a killed copy is resumed. A body that exists with its size is neither copied again
    nor yielded.
    """
    missing = (sha256 for sha256 in sorted(bodies) if not _is_there(blob_path(target, sha256), bodies[sha256]))
    with ThreadPoolExecutor(_WAITING) as pool:
        while batch := list(islice(missing, _BATCH)):
            copied = list(pool.map(lambda sha256: _copy(source, target, sha256), batch))
            directories = _name_them(target, [(sha256, part) for sha256, part, _ in copied if part is not None])
            list(pool.map(sync_path, directories))
            for sha256, part, problem in copied:
                yield sha256, bodies[sha256] if part is not None else 0, problem


def _is_there(path: Path, size: int) -> bool:
    try:
        return path.stat().st_size == size
    except FileNotFoundError:
        return False


def _copy(source: Path, target: Path, sha256: str) -> tuple[str, Path | None, str | None]:
    """Copy one body to a temporary file next to its final path; return that file, or what is wrong with the body."""
    path, blob = blob_path(source, sha256), blob_path(target, sha256)
    blob.parent.mkdir(parents=True, exist_ok=True)
    part = blob.with_name(f".{sha256}.part")
    digest = hashlib.sha256()
    try:
        body = path.open("rb")
    except FileNotFoundError:
        return sha256, None, message("evidence.body_missing", path=path)
    part.unlink(missing_ok=True)
    with body, part.open("xb") as copy:
        while chunk := body.read(_CHUNK):
            digest.update(chunk)
            copy.write(chunk)
        copy.flush()
        os.fsync(copy.fileno())
    if digest.hexdigest() != sha256:
        part.unlink()
        return sha256, None, message("evidence.body_damaged", path=path, sha256=digest.hexdigest())
    part.chmod(0o400)
    return sha256, part, None


def _name_them(target: Path, copied: Iterable[tuple[str, Path]]) -> set[Path]:
    changed = set()
    for sha256, part in copied:
        blob = blob_path(target, sha256)
        part.replace(blob)
        changed.add(blob.parent)
    return changed

"""Backup: everything an installation cannot get again, copied while it is in use, with a manifest.

A backup directory holds one directory for each backup and, for all of them together, the bodies of the evidence::

    bodies/blobs/ab/cd/<sha256>     every body once; a later backup copies those that are new
    20261130T033000Z/               one backup: ipwatch.db, captures/, watchlists/, reports/, bodies.txt, manifest.json

Bodies are copied, not linked: a hard link would share damage with the original and cannot cross file systems. The
database is copied first and the evidence after it: evidence is durable before the database names it, and append-only,
so every document that the copied database names is in the backup. ``manifest.json`` is written before the directory
gets its name: a directory without a manifest is no backup. Settings, and with them every credential, and Prefect's own
state are not in it.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ipwatch import __version__
from ipwatch.errors import ConfigError, EvidenceError, InstallationError, IpwatchError
from ipwatch.evidence import copy_bodies, copy_captures
from ipwatch.pipeline.progress import Progress, Report, silent
from ipwatch.store import schema, snapshot
from ipwatch.terms import message, os_reason

FORMAT = 1
MANIFEST = "manifest.json"
BODIES = "bodies"
BODY_LIST = "bodies.txt"
SQLITE_FILE = "ipwatch.db"
POSTGRES_FILE = "postgres.dump"
CAPTURES = "captures"

RECORD = "last-backup.json"
"""Below the data directory: the path of the last backup (``path``) and when it was made (``made_at``)."""

_UNFINISHED = ".unfinished-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A finished backup of ``bodies`` bodies, of which ``copied`` (``copied_bytes``) are new in the directory.

    ``database`` is ``sqlite``, ``postgresql``, or ``None`` where it could not be copied, as ``missing`` explains.
    """

    path: Path
    database: str | None
    bodies: int
    copied: int
    copied_bytes: int
    missing: str | None = None


def back_up(
    target: Path, *, database_url: str, data_dir: Path, watchlist_dir: Path, now: datetime, report: Report = silent
) -> Backup:
    """Make a backup below ``target`` and return it; several there share their evidence.

    A backup that was killed leaves an unfinished directory, which the next one removes, and the bodies that it copied,
    which the next one need not copy. Raises ``ConfigError`` for a target that cannot hold backups, ``EvidenceError``
    where a captured body is missing or damaged, ``InstallationError`` where nothing can be written there, and where the
    database is damaged or of a newer version.
    """
    target = target.resolve()
    schema.require_not_newer(database_url)
    _require_outside(target, data_dir.resolve())
    with _disk_errors(target), _alone(target):
        for left in target.glob(f"{_UNFINISHED}*"):
            shutil.rmtree(left)
        work = target / f"{_UNFINISHED}{os.getpid()}"
        work.mkdir(mode=0o700)
        database, missing = _copy_database(database_url, work, report)
        captured = copy_captures(data_dir / "evidence", work / CAPTURES)
        listed = "".join(f"{sha256} {size}\n" for sha256, size in sorted(captured.items()))
        (work / BODY_LIST).write_text(listed, encoding="ascii")
        copied = _copy_bodies(data_dir / "evidence", target / BODIES, captured, report)
        for name, folder in (("watchlists", watchlist_dir), ("reports", data_dir / "reports")):
            if folder.is_dir():
                shutil.copytree(folder, work / name, copy_function=shutil.copyfile)
        _write_manifest(work, database, captured, now)
        path = _free_path(target, now)
        work.rename(path)
        _sync(target)
    _record(data_dir / RECORD, path, now)
    kind = None if database is None else str(database["kind"])
    return Backup(
        path=path,
        database=kind,
        bodies=len(captured),
        copied=len(copied),
        copied_bytes=sum(copied),
        missing=missing,
    )


def _record(record: Path, backup: Path, now: datetime) -> None:
    """Record the path of the backup; raises ``InstallationError`` where the data directory cannot be written to."""
    partial = record.with_name(f".{record.name}.part")
    try:
        partial.write_text(json.dumps({"path": str(backup), "made_at": now.astimezone(UTC).isoformat()}), "utf-8")
        partial.replace(record)
    except OSError as error:
        raise InstallationError(
            message("backup.not_noted", path=record, reason=os_reason(error), place=backup)
        ) from error


def hash_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _require_outside(target: Path, data_dir: Path) -> None:
    if target.is_relative_to(data_dir) or data_dir.is_relative_to(target):
        raise ConfigError(message("backup.inside", target=target, data_dir=data_dir))
    if target.is_dir() and any(target.iterdir()) and not (target / BODIES).is_dir():
        raise ConfigError(message("backup.not_empty", target=target))


@contextmanager
def _alone(target: Path) -> Iterator[None]:
    """Lock the directory against a second backup; it is created if missing."""
    (target / BODIES).mkdir(parents=True, exist_ok=True, mode=0o700)
    with (target / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise IpwatchError(message("backup.busy", target=target)) from None
        yield


def _copy_database(url: str, work: Path, report: Report) -> tuple[dict[str, Any] | None, str | None]:
    """Copy the database into the backup; return its entry in the manifest, or ``None`` and why it is missing."""
    if not snapshot.is_sqlite(url):
        missing = snapshot.dump_postgres(url, work / POSTGRES_FILE)
        if missing is not None:
            (work / POSTGRES_FILE).unlink(missing_ok=True)
            return None, missing
        return {"kind": "postgresql", "file": POSTGRES_FILE, "schema": schema.head(), "counts": None}, None

    def steps(done: int, total: int) -> None:
        report(Progress(stage=message("progress.copy_database"), done=done, total=total))

    file = work / SQLITE_FILE
    snapshot.copy_sqlite(url, file, steps=steps)
    described = {"schema": snapshot.revision_of(file), "counts": snapshot.counts_of(file)}
    return {"kind": "sqlite", "file": SQLITE_FILE, **described}, None


def _copy_bodies(source: Path, target: Path, bodies: dict[str, int], report: Report) -> list[int]:
    sizes = []
    for _, size, problem in copy_bodies(source, target, bodies):
        if problem is not None:
            raise EvidenceError(message("backup.body", problem=problem))
        sizes.append(size)
        report(Progress(stage=message("progress.copy_evidence"), done=len(sizes), total=None))
    return sizes


def _write_manifest(work: Path, database: dict[str, Any] | None, bodies: dict[str, int], now: datetime) -> None:
    """Write the manifest, after every other file was synced to disk."""
    files = {}
    for path in sorted(path for path in work.rglob("*") if path.is_file()):
        path.chmod(0o600)
        files[path.relative_to(work).as_posix()] = {"sha256": hash_of(path), "size": path.stat().st_size}
        _sync(path)
    manifest = {
        "format": FORMAT,
        "ipwatch": __version__,
        "made_at": now.astimezone(UTC).isoformat(),
        "database": database,
        "bodies": {"count": len(bodies), "bytes": sum(bodies.values())},
        "files": files,
    }
    path = work / MANIFEST
    path.write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    for changed in (path, *(folder for folder in work.rglob("*") if folder.is_dir()), work):
        _sync(changed)


def _free_path(target: Path, now: datetime) -> Path:
    stem = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    path, number = target / stem, 2
    while path.exists():
        path, number = target / f"{stem}-{number}", number + 1
    return path


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _disk_errors(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InstallationError(
            message("backup.disk", path=error.filename or target, reason=os_reason(error))
        ) from error

"""Restore a backup: every file is verified while copied, and the whole before it gets its name."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ipwatch.errors import ConfigError, EvidenceError, InstallationError, StoreError
from ipwatch.evidence import copy_bodies, verify_path
from ipwatch.pipeline.backup import BODIES, BODY_LIST, CAPTURES, FORMAT, MANIFEST, POSTGRES_FILE, SQLITE_FILE, hash_of
from ipwatch.pipeline.progress import Progress, Report, silent
from ipwatch.store import audit, snapshot
from ipwatch.store.damage import damage
from ipwatch.store.session import Database
from ipwatch.terms import message, os_reason, text_of

MAX_NAMED = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """A restored backup: ``problems`` has one sentence for each thing that is wrong, none where it is intact."""

    backup: Path
    made_at: str
    database: str | None
    schema: str | None
    rows: int
    captures: int
    bodies: int
    problems: tuple[str, ...]


def find_backup(path: Path) -> Path:
    """Return the backup at ``path``, or the newest one below it; raises ``ConfigError`` where there is none."""
    if (path / MANIFEST).is_file():
        return path
    below = sorted(
        manifest.parent for manifest in path.glob(f"*/{MANIFEST}") if not manifest.parent.name.startswith(".")
    )
    if not below:
        raise ConfigError(message("restoring.none", path=path, manifest=MANIFEST))
    return below[-1]


def check_backup(path: Path, *, report: Report = silent) -> Restored:
    """Restore a backup into a temporary directory, check it there, remove it, and return the result."""
    backup = find_backup(path)
    with _disk_errors(backup), tempfile.TemporaryDirectory(prefix="ipwatch-restore-") as name:
        return _restore(backup, Path(name), report)


def restore(path: Path, target: Path, *, report: Report = silent) -> Restored:
    """Restore a backup into the directory ``target``, which is new or empty; with problems nothing is left there.

    Raises ``ConfigError`` where the target is not empty.
    """
    backup = find_backup(path)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise ConfigError(message("restoring.not_empty", target=target))
    with _disk_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        work = target.parent / f".{target.name}.restoring-{os.getpid()}"
        work.mkdir(mode=0o700)
        try:
            restored = _restore(backup, work, report)
            if not restored.problems:
                if target.exists():
                    target.rmdir()
                work.rename(target)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    return restored


def _restore(backup: Path, work: Path, report: Report) -> Restored:
    manifest = _read_manifest(backup)
    problems = list(_copy_files(backup, work, manifest["files"], report))
    bodies: dict[str, int] = {}
    try:
        bodies = _read_bodies(backup / BODY_LIST)
    except (OSError, ValueError) as error:
        problems.append(message("restoring.bodies", path=backup / BODY_LIST, error=error))
    evidence = work / "evidence"
    for name in ("blobs", CAPTURES):
        (evidence / name).mkdir(parents=True, exist_ok=True)
    for done, (_, _, problem) in enumerate(copy_bodies(backup.parent / BODIES, evidence, bodies), start=1):
        report(Progress(stage=message("progress.restore_evidence"), done=done, total=len(bodies)))
        problems += [] if problem is None else [problem]
    captures = 0
    try:
        verified = verify_path(evidence)
        captures = verified.captures
        problems += [
            message("lists.at", place=finding.where, text=finding.message)
            for finding in verified.problems
            if not finding.harmless
        ]
    except (ConfigError, EvidenceError) as error:
        problems.append(text_of(error))
    described = manifest["database"]
    problems += _database_problems(work, described, bodies)
    return Restored(
        backup=backup,
        made_at=str(manifest["made_at"]),
        database=None if described is None else described["kind"],
        schema=None if described is None else described["schema"],
        rows=0 if described is None else sum((described["counts"] or {}).values()),
        captures=captures,
        bodies=len(bodies),
        problems=tuple(dict.fromkeys(problems))[:MAX_NAMED],
    )


def _read_manifest(backup: Path) -> dict[str, Any]:
    path = backup / MANIFEST
    try:
        manifest = json.loads(path.read_bytes())
    except ValueError as error:
        raise InstallationError(message("restoring.damaged_manifest", path=path, error=error)) from error
    if not isinstance(manifest, dict) or not {"format", "made_at", "database", "files"} <= manifest.keys():
        raise InstallationError(message("restoring.no_manifest", path=path))
    if manifest["format"] != FORMAT:
        raise InstallationError(message("restoring.format", path=path, format=manifest["format"]))
    return manifest


def _copy_files(backup: Path, work: Path, files: Mapping[str, Any], report: Report) -> Iterator[str]:
    """Copy every file of the manifest into a data directory; yield a sentence for each missing or damaged one."""
    for done, (name, expected) in enumerate(sorted(files.items()), start=1):
        source = backup / name
        path = work / "evidence" / name if name.startswith(f"{CAPTURES}/") else work / name
        report(Progress(stage=message("progress.restore_files"), done=done, total=len(files)))
        if not source.is_file():
            yield message("restoring.file_missing", source=source)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, path)
        path.chmod(0o600)
        sha256 = hash_of(path)
        if sha256 != expected["sha256"]:
            yield message("restoring.file_damaged", source=source, sha256=sha256)
    (work / BODY_LIST).unlink(missing_ok=True)


def _read_bodies(path: Path) -> dict[str, int]:
    lines = path.read_text(encoding="ascii").splitlines()
    return {sha256: int(size) for sha256, _, size in (line.partition(" ") for line in lines)}


def _database_problems(work: Path, described: Mapping[str, Any] | None, bodies: Mapping[str, int]) -> list[str]:
    if described is None:
        return []
    if described["kind"] != "sqlite":
        problem = snapshot.dump_problem(work / POSTGRES_FILE)
        return [] if problem is None else [problem]
    file = work / SQLITE_FILE
    url = f"sqlite:///{file}"
    try:
        problems: list[str] = [
            message("lists.at", place=SQLITE_FILE, text=sentence) for sentence in damage(url, full=True)
        ]
        if problems:
            return problems
        counts = snapshot.counts_of(file)
        problems = [
            message("restoring.rows", file=SQLITE_FILE, table=table, rows=counts.get(table, 0), count=count)
            for table, count in described["counts"].items()
            if counts.get(table, 0) != count
        ]
        missing = snapshot.documents_of(file) - bodies.keys()
        problems += [message("restoring.document", file=SQLITE_FILE, document=sha) for sha in sorted(missing)]
        return problems + [message("lists.at", place=SQLITE_FILE, text=sentence) for sentence in _audit_problems(url)]
    except StoreError as error:
        return [text_of(error)]


def _audit_problems(url: str) -> list[str]:
    database = Database(url)
    try:
        with database.read_session() as session:
            return [problem.sentence() for problem in audit.verify(session).problems]
    finally:
        database.dispose()


@contextmanager
def _disk_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InstallationError(
            message("restoring.disk", path=error.filename or path, reason=os_reason(error))
        ) from error

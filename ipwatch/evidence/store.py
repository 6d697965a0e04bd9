"""The evidence store: bodies by hash and captures in a chain, durable before they are parsed."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date
from pathlib import Path
from typing import IO

from ipwatch.errors import EvidenceError, InstallationError
from ipwatch.evidence.capture import Capture, Headers, capture_of, line_hash, read_capture
from ipwatch.evidence.journal import Journal, TornTail, capture_files, find_lines, sync_path
from ipwatch.evidence.verify import VerifyReport, blob_path, verify_path
from ipwatch.records import Document, Request
from ipwatch.terms import message, os_reason

_WAITING = 16
# Bodies contain personal data of sellers: only the owner of the installation may read them.
_READ_ONLY = 0o400
_POLL = 0.01


@dataclass(slots=True)
class _Pending:
    """The part of a batch that is not durable yet: bodies in temporary files, lines in memory."""

    bodies: dict[str, Path] = field(default_factory=dict)
    lines: list[tuple[date, bytes]] = field(default_factory=list)
    head: str = ""


class _Batches(threading.local):
    """The open batch of each thread."""

    pending: _Pending | None = None


class EvidenceStore:
    """Stores captured documents below ``root``; a context manager.

    Reading needs no lock. A batch locks the store against other threads and processes, which wait for at most
    ``patience`` seconds; it first cuts off the torn last line of a killed run, which ``recovered`` then describes.
    Raises ``EvidenceError`` where another process does not finish, where writing fails, or where anything but a torn
    last line is wrong.
    """

    def __init__(self, root: Path, *, patience: float = 120.0) -> None:
        self.root = root
        self.recovered: TornTail | None = None
        self._patience = patience
        self._turn = threading.Lock()
        self._batches = _Batches()

    def put(
        self, document: Document, *, request: Request, request_headers: Headers, remote_address: str | None
    ) -> Capture:
        """Store a document and return its capture; durable when it returns, or when the enclosing batch ends.

        ``request_headers`` are those that were sent, without secrets. The body is hashed again: a document with a wrong
        ``sha256`` raises ``EvidenceError``.
        """
        pending = self._batches.pending
        if pending is None:
            with self.batch():
                return self.put(
                    document, request=request, request_headers=request_headers, remote_address=remote_address
                )
        with _disk_errors(self.root):
            if document.sha256 not in pending.bodies and not self._is_kept(document):
                pending.bodies[document.sha256] = self._write_temporary(document)
        capture = capture_of(
            document,
            method=request.method,
            request_headers=request_headers,
            remote_address=remote_address,
            previous=pending.head,
        )
        line = capture.line()
        pending.lines.append((document.fetched_at.astimezone(UTC).date(), line))
        pending.head = line_hash(line)
        return capture

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Make everything that is put in the block durable at its end, with a single wait for the disk.

        An exception in the block does not undo what was put before it.
        """
        if self._batches.pending is not None:
            raise ValueError("batches do not nest")
        with self._locked() as journal:
            pending = self._batches.pending = _Pending(head=journal.head)
            try:
                yield
            finally:
                self._batches.pending = None
                with _disk_errors(self.root):
                    self._commit(journal, pending)

    def path(self, sha256: str) -> Path:
        """Return the path of the body of that hash, which need not exist; raises ``EvidenceError`` for no hash."""
        return blob_path(self.root, sha256)

    def read(self, sha256: str) -> bytes:
        """Return a body after checking it against its hash; raises ``EvidenceError`` where it is missing or changed."""
        path = self.path(sha256)
        try:
            body = path.read_bytes()
        except OSError as error:
            raise EvidenceError(message("evidence.body_unreadable", path=path, reason=os_reason(error))) from error
        if hashlib.sha256(body).hexdigest() != sha256:
            raise EvidenceError(message("evidence.body_changed", path=path, root=self.root))
        return body

    def captures(self, sha256: str) -> list[Capture]:
        """Return every durable capture of that body, oldest first; raises ``EvidenceError`` for unreadable files."""
        needle = f'"sha256":"{sha256}"'.encode()
        files = capture_files(self.root / "captures")
        try:
            return [_read(path, line) for path in files for line in find_lines(path, needle)]
        except OSError as error:
            raise EvidenceError(
                message("evidence.captures_unreadable", path=error.filename, reason=os_reason(error))
            ) from error

    def verify(self) -> VerifyReport:
        """Hash every body again and follow the chain from its beginning; see ``VerifyReport``."""
        return verify_path(self.root)

    @contextmanager
    def _locked(self) -> Iterator[Journal]:
        """Take the lock against other writers, and truncate the torn last line of a killed one."""
        deadline = time.monotonic() + self._patience
        if not self._turn.acquire(timeout=self._patience):
            raise EvidenceError(message("evidence.thread_busy", root=self.root))
        try:
            with _disk_errors(self.root):
                self.root.mkdir(parents=True, exist_ok=True)
                lock = (self.root / "lock").open("a+", encoding="ascii")
            with lock:
                self._wait_for(lock, deadline)
                with _disk_errors(self.root):
                    shutil.rmtree(self._temporary, ignore_errors=True)
                    self._temporary.mkdir(exist_ok=True)
                    journal = Journal(self.root / "captures")
                self.recovered = journal.recovered or self.recovered
                yield journal
        finally:
            self._turn.release()

    def _wait_for(self, lock: IO[str], deadline: float) -> None:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    lock.seek(0)
                    holder = lock.read().strip() or "unknown"
                    raise EvidenceError(message("evidence.process_busy", root=self.root, process=holder)) from None
                time.sleep(_POLL)
            else:
                lock.truncate(0)
                lock.write(f"{os.getpid()}\n")
                lock.flush()
                return

    @property
    def _temporary(self) -> Path:
        return self.root / "tmp"

    def _is_kept(self, document: Document) -> bool:
        path = self.path(document.sha256)
        try:
            size = path.stat().st_size
        except FileNotFoundError:
            return False
        if size != document.size:
            raise EvidenceError(message("evidence.body_size", path=path, actual=size, size=document.size))
        return True

    def _write_temporary(self, document: Document) -> Path:
        with tempfile.NamedTemporaryFile(dir=self._temporary, delete=False) as file:
            temporary = Path(file.name)
            if document.content is not None:
                file.write(document.content)
        digest = hashlib.sha256(document.content or b"")
        if document.content is None and document.path is not None:
            _link_or_copy(document.path, temporary)
            with temporary.open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256")
        if digest.hexdigest() != document.sha256:
            temporary.unlink()
            raise EvidenceError(message("evidence.body_hash", url=document.url, sha256=document.sha256))
        temporary.chmod(_READ_ONLY)
        return temporary

    def _commit(self, journal: Journal, pending: _Pending) -> None:
        """Sync bodies, then their names, then append their lines: a kill in between loses no body that a line names."""
        _sync(pending.bodies.values())
        directories: set[Path] = set()
        for sha256, temporary in pending.bodies.items():
            target = self.path(sha256)
            if not target.parent.is_dir():
                target.parent.mkdir(parents=True, exist_ok=True)
                directories.update((target.parents[1], target.parents[2], self.root))
            temporary.rename(target)
            directories.add(target.parent)
        _sync(directories)
        journal.append(pending.lines)


@contextmanager
def _disk_errors(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InstallationError(message("evidence.not_kept", root=root, reason=os_reason(error))) from error


def _sync(paths: Collection[Path]) -> None:
    """Sync files and directories in parallel, because the file system commits concurrent ones together."""
    if len(paths) <= 1:
        for path in paths:
            sync_path(path)
        return
    with ThreadPoolExecutor(_WAITING) as pool:
        # Consuming the results raises the first error.
        list(pool.map(sync_path, paths))


def _link_or_copy(source: Path, target: Path) -> None:
    """Hard-link a large body, or copy it across file systems."""
    target.unlink()
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _read(path: Path, line: bytes) -> Capture:
    try:
        return read_capture(line)
    except ValueError as error:
        raise EvidenceError(message("evidence.line", path=path, error=error)) from error

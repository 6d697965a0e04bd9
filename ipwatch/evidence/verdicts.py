"""Cached verification of stored bodies: each is hashed once as long as its file is unchanged."""

from __future__ import annotations

import hashlib
import os
import threading
from collections import OrderedDict
from concurrent.futures import Future
from pathlib import Path

from ipwatch.evidence.verify import ProblemKind, blob_path

MAX_KEPT = 10_000

_State = tuple[int, int, int, int]
_Verdict = Future[ProblemKind | None]


class Verdicts:
    """Cache of the verification results of recently requested bodies, in memory; thread-safe.

    A result is valid for one state of a file: its size, inode, mtime and ctime. Changing the content and resetting the
    mtime still changes the ctime.
    """

    def __init__(self, root: Path, *, kept: int = MAX_KEPT) -> None:
        self._root = root
        self._kept = kept
        self._lock = threading.Lock()
        self._verdicts: OrderedDict[tuple[str, _State], _Verdict] = OrderedDict()

    def fault(self, sha256: str) -> ProblemKind | None:
        """Return ``MISSING`` or ``CHANGED``, or ``None`` for a body that has its hash.

        Concurrent callers share one hashing. Raises ``EvidenceError`` where ``sha256`` is no hash.
        """
        path = blob_path(self._root, sha256)
        try:
            key = (sha256, _state(path.stat()))
            verdict, is_new = self._reserve(key)
            if is_new:
                self._fill(path, key, verdict)
            return verdict.result()
        except OSError:
            return ProblemKind.MISSING

    def _reserve(self, key: tuple[str, _State]) -> tuple[_Verdict, bool]:
        """Return the verdict for a state of a file, and whether the caller must compute it."""
        with self._lock:
            known = self._verdicts.get(key)
            verdict = known or _Verdict()
            self._verdicts[key] = verdict
            self._verdicts.move_to_end(key)
            while len(self._verdicts) > self._kept:
                self._verdicts.popitem(last=False)
        return verdict, known is None

    def _fill(self, path: Path, key: tuple[str, _State], verdict: _Verdict) -> None:
        try:
            with path.open("rb") as body:
                actual = hashlib.file_digest(body, "sha256").hexdigest()
                hashed = _state(os.fstat(body.fileno()))
        except OSError as error:
            self._forget(key)
            verdict.set_exception(error)
            return
        if hashed != key[1]:
            # The file changed meanwhile: the result is not for the requested state.
            self._forget(key)
        verdict.set_result(None if actual == key[0] else ProblemKind.CHANGED)

    def _forget(self, key: tuple[str, _State]) -> None:
        with self._lock:
            self._verdicts.pop(key, None)


def _state(status: os.stat_result) -> _State:
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino

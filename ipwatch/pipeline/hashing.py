"""Hash pictures beside fetching: in a process of their own, each file once, and a picture that kills it is refused."""

from __future__ import annotations

import os
import signal
import threading
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from types import TracebackType
from typing import Self

from ipwatch.errors import ImageError
from ipwatch.images import hash_picture
from ipwatch.records import PictureHashes, PictureRefusal

Hashed = PictureHashes | PictureRefusal


def hash_or_refuse(data: bytes) -> Hashed:
    """Return the hashes of a picture, or the reason why it has none."""
    try:
        return hash_picture(data)
    except ImageError as error:
        return PictureRefusal(error.reason)


class Hasher:
    """Hashes pictures in a child process, started with the first one; a context manager.

    ``begin`` with each picture as it arrives, ``take`` when its hashes are needed. A file that was begun before is not
    begun again. A child that dies (a decoder crashed, the system ran out of memory) is replaced, and a picture that
    kills a second one is refused as broken. The child ends with this process, even where this one is killed.
    """

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None
        self._begun: set[str] = set()
        self._running: dict[str, tuple[Future[Hashed], bytes]] = {}

    def begin(self, sha256: str, data: bytes) -> None:
        """Start hashing a file, unless it was begun before."""
        if sha256 in self._begun:
            return
        self._begun.add(sha256)
        self._running[sha256] = (self._submit(data), data)

    def take(self, sha256: str) -> Hashed | None:
        """Return what became of a file, once; ``None`` where it was taken before."""
        if sha256 not in self._running:
            return None
        future, data = self._running.pop(sha256)
        try:
            return future.result()
        except BrokenProcessPool:
            # The child may have died of another picture: this one has a second chance, alone.
            try:
                return self._submit(data).result()
            except BrokenProcessPool:
                return PictureRefusal.BROKEN

    def _submit(self, data: bytes) -> Future[Hashed]:
        if self._pool is None:
            self._pool = _new_pool()
        try:
            return self._pool.submit(hash_or_refuse, data)
        except BrokenProcessPool:
            self._pool.shutdown(wait=False)
            self._pool = _new_pool()
            return self._pool.submit(hash_or_refuse, data)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)


def _new_pool() -> ProcessPoolExecutor:
    # A forked child would share our open connections and could deadlock on the fetcher's threads, so it is spawned.
    return ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn"), initializer=_live_with_parent)


def _live_with_parent() -> None:
    """End this process when its parent has ended: it holds both ends of its queue and would wait there for ever.

    Ctrl-C reaches the whole process group, but it is the parent that decides how the work ends.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_after_parent, name="parent-watch", daemon=True).start()


def _end_after_parent() -> None:
    parent = parent_process()
    if parent is None:
        raise RuntimeError("a hashing process has a parent")
    parent.join()
    os._exit(1)

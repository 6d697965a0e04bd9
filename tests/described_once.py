"""Describe each picture of the sandbox once for all tests: what a file is described as depends on its bytes alone.

The answers lie in a folder that the workers of one test session share. Only pictures that are described without a
model and within the usual bounds are kept; other calls of ``BoundedWorkers`` are unchanged.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

from ipwatch.images import BoundedWorkers
from ipwatch.images.bounded import Answer
from ipwatch.pipeline.feature_extraction import SeenDescriber
from ipwatch.pipeline.references import ReferenceDescriber

DESCRIBERS = (SeenDescriber(), ReferenceDescriber(None))
Submit = Callable[[BoundedWorkers, bytes], Future[Answer]]


def remembering(submit: Submit, folder: Path) -> Submit:
    """Return ``BoundedWorkers.submit`` with a memory in the folder."""
    folder.mkdir(exist_ok=True)

    def submit_once(workers: BoundedWorkers, data: bytes) -> Future[Answer]:
        if workers._work not in DESCRIBERS:
            return submit(workers, data)
        path = folder / f"{type(workers._work).__name__}-{hashlib.sha256(data).hexdigest()}"
        if path.exists():
            known: Future[Answer] = Future()
            known.set_result(path.read_bytes())
            return known
        begun = submit(workers, data)
        begun.add_done_callback(lambda future: _keep(future, path))
        return begun

    return submit_once


def _keep(future: Future[Answer], path: Path) -> None:
    if future.cancelled() or future.exception() is not None:
        return
    answer = future.result()
    if isinstance(answer, bytes):
        part = path.with_suffix(f".{os.getpid()}")
        part.write_bytes(answer)
        part.replace(path)

"""Extract the features of each picture once for all tests: they depend on the bytes of its file alone.

The results are kept in a folder that the processes of one test session share. Only work without a model and within the
usual bounds is remembered; whatever else ``BoundedWorkers`` is given is done as ever.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

from ipwatch.images import BoundedWorkers, Bounds
from ipwatch.images.bounded import Answer
from ipwatch.pipeline.feature_extraction import ObservedExtraction
from ipwatch.pipeline.references import ReferenceExtraction

REMEMBERED = (ObservedExtraction(), ReferenceExtraction())
Submit = Callable[[BoundedWorkers, bytes], Future[Answer]]


def remembering(submit: Submit, folder: Path) -> Submit:
    """Return ``BoundedWorkers.submit`` with a memory in the folder."""
    folder.mkdir(exist_ok=True)

    def submit_once(workers: BoundedWorkers, data: bytes) -> Future[Answer]:
        if workers._work not in REMEMBERED or workers._bounds != Bounds():
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
        unfinished = path.with_suffix(f".{os.getpid()}")
        unfinished.write_bytes(answer)
        unfinished.replace(path)

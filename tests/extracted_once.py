"""Extract the features of each picture once for all tests: they depend on the bytes of its file alone.

The results are kept in a folder that the processes of one test session share, with those of ``compared_once``. Only
work without a model and within the usual bounds is remembered; what else ``BoundedWorkers`` is given is done as ever. A
command that a test starts shares them where its code begins with ``preamble``, or with all processes that it starts in
turn where its environment has the variables of ``shared_by``.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path

import compared_once

from ipwatch.images import BoundedWorkers, Bounds
from ipwatch.images.bounded import Answer
from ipwatch.matching.images.engine import ImageIndex
from ipwatch.pipeline.image_work import ObservedExtraction, ReferenceExtraction

OBSERVED, REFERENCES = ObservedExtraction(), ReferenceExtraction()
Work = ObservedExtraction | ReferenceExtraction
Submit = Callable[[BoundedWorkers, bytes], Future[Answer]]


def remembering(submit: Submit, folder: Path, remembered: Sequence[Work] = (OBSERVED, REFERENCES)) -> Submit:
    """Return ``BoundedWorkers.submit`` with a memory in the folder."""
    folder.mkdir(exist_ok=True)

    def submit_once(workers: BoundedWorkers, data: bytes) -> Future[Answer]:
        if workers._work not in remembered or workers._bounds != Bounds():
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


@contextmanager
def features_extracted_once(folder: Path) -> Iterator[None]:
    """Extract, and compare, in this process what nobody did before."""
    submit, matches = BoundedWorkers.submit, ImageIndex.matches
    remember(folder)
    try:
        yield
    finally:
        BoundedWorkers.submit, ImageIndex.matches = submit, matches  # type: ignore[method-assign]


def preamble(folder: Path, *, only_references: bool = False) -> str:
    """Return the code by which a Python process shares the memory, wholly or for the features of references alone."""
    here = str(Path(__file__).parent)
    return (
        f"import pathlib, sys; sys.path.append({here!r}); import extracted_once; sys.path.remove({here!r}); "
        f"extracted_once.remember(pathlib.Path({str(folder)!r}), only_references={only_references}); "
    )


def shared_by(folder: Path) -> dict[str, str]:
    """Return environment variables by which a Python process, and those it starts, share all that is remembered."""
    path = [str(Path(__file__).parent / "sharing"), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {"PYTHONPATH": os.pathsep.join(path), "PICTURES_OF_THE_TESTS": str(folder)}


def remember(folder: Path, *, only_references: bool = False) -> None:
    """Share the memory from now on."""
    remembered = (REFERENCES,) if only_references else (OBSERVED, REFERENCES)
    submit = remembering(BoundedWorkers.submit, folder, remembered)
    BoundedWorkers.submit = submit  # type: ignore[method-assign]
    if not only_references:
        ImageIndex.matches = compared_once.remembering(ImageIndex.matches, folder)  # type: ignore[method-assign]

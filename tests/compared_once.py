"""Compare each picture with the same references once for all tests: the matches depend on their features alone.

The results are kept in the folder of ``extracted_once``. Only comparison without a model is remembered.
"""

from __future__ import annotations

import hashlib
import io
import os
import pickle
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ipwatch.matching.images.engine import ImageIndex
from ipwatch.matching.images.features import ImageFeatures
from ipwatch.matching.images.match import ImageMatch

Matches = Callable[[ImageIndex, Sequence[ImageFeatures]], list[list[ImageMatch]]]


def remembering(matches: Matches, folder: Path) -> Matches:
    """Return ``ImageIndex.matches`` with a memory in the folder."""
    folder.mkdir(exist_ok=True)

    def matches_once(index: ImageIndex, pictures: Sequence[ImageFeatures]) -> list[list[ImageMatch]]:
        if index._embedded is not None or not index._watched:
            return matches(index, pictures)
        return [_once(matches, index, picture, folder) for picture in pictures]

    return matches_once


def _once(matches: Matches, index: ImageIndex, picture: ImageFeatures, folder: Path) -> list[ImageMatch]:
    key = hashlib.sha256(_digest(index) + pickle.dumps(picture)).hexdigest()
    path = folder / f"matches-{key}"
    named = [*index._logos._references, picture]
    if path.exists():
        known: list[ImageMatch] = _Reading(path, named).load()
        return known
    (answer,) = matches(index, [picture])
    unfinished = path.with_suffix(f".{os.getpid()}")
    unfinished.write_bytes(_Writing.of(answer, named))
    unfinished.replace(path)
    return answer


def _digest(index: ImageIndex) -> bytes:
    """Return what identifies the references, worked out once for each index."""
    known: bytes | None = vars(index).get("digest")
    if known is None:
        known = hashlib.sha256(pickle.dumps((index._watched, index._logos._references))).digest()
        vars(index)["digest"] = known
    return known


class _Writing(pickle.Pickler):
    """Writes matches; the references and the picture, which the reader has, by their number."""

    def __init__(self, file: io.BytesIO, named: Sequence[object]) -> None:
        super().__init__(file)
        self._numbers = {id(each): number for number, each in enumerate(named)}

    @classmethod
    def of(cls, answer: list[ImageMatch], named: Sequence[object]) -> bytes:
        file = io.BytesIO()
        cls(file, named).dump(answer)
        return file.getvalue()

    def persistent_id(self, obj: object) -> int | None:
        return self._numbers.get(id(obj))


class _Reading(pickle.Unpickler):
    def __init__(self, path: Path, named: Sequence[object]) -> None:
        super().__init__(io.BytesIO(path.read_bytes()))
        self._named = named

    def persistent_load(self, pid: Any) -> object:
        return self._named[pid]

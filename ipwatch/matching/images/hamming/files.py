"""The index on disk: which arrays a segment is kept in, and what is looked at when they are opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ipwatch.matching.images.array_directory import MANIFEST, ArrayDirectory, Entry, damaged
from ipwatch.matching.images.features import HASH_WORDS
from ipwatch.matching.images.hamming.hits import Hashes
from ipwatch.matching.images.hamming.plan import WIDTHS, group_bits
from ipwatch.matching.images.hamming.segment import MAX_ROWS, Segment

FORMAT, VERSION = "index of picture hashes", 1

_ARRAYS = ("hashes", "ids", "copies", "postings", "starts")
_TAIL_ARRAYS = ("hashes", "ids")
_TYPES = {"hashes": "<u8", "ids": "<i8", "copies": "<u4", "postings": "<u4", "starts": "<u4", "disabled": "|b1"}

Tail = tuple[Hashes, npt.NDArray[np.int64]]


@dataclass(slots=True, eq=False)
class Kept:
    """A segment with the marks of its disabled rows, and which files of which directory hold it."""

    segment: Segment
    disabled: npt.NDArray[np.bool_] = field(init=False)
    directory: Path | None = None
    entries: dict[str, Entry] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.disabled = np.zeros(len(self.segment.ids), bool)

    def disable(self, ids: npt.NDArray[np.int64]) -> int:
        """Mark the rows under these ids; return how many were not marked before."""
        gone = np.isin(self.segment.ids, ids) & ~self.disabled
        if gone.any():
            self.disabled |= gone
            self.entries.pop("disabled", None)
        return int(gone.sum())


def write(directory: Path, segments: Sequence[Kept], tail: Tail) -> None:
    """Leave segments and tail in the directory: what it holds of them already is not written again."""
    directory.mkdir(parents=True, exist_ok=True)
    place = _place(directory.resolve())
    for kept in segments:
        if kept.directory != place.path:
            kept.directory, kept.entries = place.path, {}
        for name in _ARRAYS:
            if name not in kept.entries:
                kept.entries[name] = place.write(name, getattr(kept.segment, name))
        if "disabled" not in kept.entries:
            kept.entries["disabled"] = place.write("disabled", kept.disabled)
    of_tail = {name: place.write(name, array) for name, array in zip(_TAIL_ARRAYS, tail, strict=True)}
    of_segments = [kept.entries for kept in segments]
    entries = [entry for part in (*of_segments, of_tail) for entry in part.values()]
    place.replace_manifest({"segments": of_segments, "tail": of_tail}, entries)


def read(directory: Path, *, verify: bool) -> tuple[list[Kept], Tail]:
    """Return what was written; raises ``ConfigError`` where that is not so."""
    place = _place(directory.resolve())
    manifest = place.manifest()
    try:
        segments = [_segment(place, entries, verify=verify) for entries in manifest["segments"]]
        hashes, ids = (np.array(place.read(name, manifest["tail"][name], verify=verify)) for name in _TAIL_ARRAYS)
    except (KeyError, TypeError, AttributeError) as error:
        raise damaged(directory / MANIFEST, f"it does not say what it should ({error!r})") from error
    if hashes.shape != (len(ids), HASH_WORDS):
        raise damaged(directory, "the tail's hashes and ids do not belong together")
    return segments, (hashes, ids)


def _place(directory: Path) -> ArrayDirectory:
    return ArrayDirectory(directory, FORMAT, VERSION, _TYPES)


def _segment(place: ArrayDirectory, entries: dict[str, Entry], *, verify: bool) -> Kept:
    arrays = {name: place.read(name, entries[name], verify=verify) for name in (*_ARRAYS, "disabled")}
    count, copies = len(arrays["ids"]), len(arrays["copies"])
    compared = count - copies
    shapes = {
        "hashes": (count, HASH_WORDS),
        "ids": (count,),
        "copies": (copies, 2),
        "postings": (len(WIDTHS), compared),
        "starts": (len(WIDTHS), (1 << group_bits(compared)) + 1),
        "disabled": (count,),
    }
    for name, shape in shapes.items():
        if arrays[name].shape != shape or not 0 < compared <= count <= MAX_ROWS:
            raise damaged(place.path / entries[name]["file"], f"{name} of shape {arrays[name].shape}, not {shape}")
    pairs = np.array(arrays["copies"])
    if copies and (int(pairs.max()) >= count or (np.diff(pairs[:, 0].astype(np.int64)) < 0).any()):
        raise damaged(place.path / entries["copies"]["file"], "it names rows that are not there")
    kept = Kept(Segment(arrays["hashes"], arrays["ids"], pairs, arrays["postings"], arrays["starts"]))
    kept.disabled, kept.directory, kept.entries = np.array(arrays["disabled"]), place.path, dict(entries)
    return kept

"""Many search terms in flat arrays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ipwatch.text.folding.packed import FoldedTexts


@dataclass(frozen=True, slots=True)
class Terms:
    """Code points of one term after the other: term ``i`` is ``letters[starts[i] : starts[i + 1]]``.

    ``letters`` is uint32, ``starts`` int64 with one entry more than there are terms; ``edits`` (allowed) and ``ids``
    are int32.
    """

    letters: NDArray[np.uint32]
    starts: NDArray[np.int64]
    edits: NDArray[np.int32]
    ids: NDArray[np.int32]

    @classmethod
    def of(cls, terms: Sequence[str], edits: Sequence[int], first_id: int) -> Terms:
        """Return terms that were checked already, with ascending ids."""
        joined = "".join(terms).encode("utf-32-le", "surrogatepass")
        ends = np.cumsum(np.fromiter(map(len, terms), np.int64, len(terms)))
        ids = np.arange(first_id, first_id + len(terms), dtype=np.int32)
        starts = np.concatenate([np.zeros(1, np.int64), ends])
        return cls(np.frombuffer(joined, np.uint32), starts, np.asarray(edits, np.int32), ids)

    @classmethod
    def joined(cls, parts: Sequence[Terms]) -> Terms:
        """Return the terms of all parts, in their order."""
        starts, offset = [np.zeros(1, np.int64)], 0
        for part in parts:
            starts.append(part.starts[1:] + offset)
            offset += len(part.letters)
        return cls(
            np.concatenate([part.letters for part in parts]),
            np.concatenate(starts),
            np.concatenate([part.edits for part in parts]),
            np.concatenate([part.ids for part in parts]),
        )

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def lengths(self) -> NDArray[np.int64]:
        """The number of letters of each term."""
        return np.diff(self.starts)

    def kept(self, keep: NDArray[np.bool_]) -> Terms:
        """Return the terms that the mask selects."""
        lengths = self.lengths
        starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths[keep])])
        return Terms(self.letters[np.repeat(keep, lengths)], starts, self.edits[keep], self.ids[keep])

    def grouped(self) -> Iterator[tuple[NDArray[np.int64], NDArray[np.uint32], int]]:
        """Yield terms grouped by length and number of edits: their positions, their letters as rows, the edits."""
        order = np.lexsort((self.edits, self.lengths))
        kinds = np.stack([self.lengths[order], self.edits[order]])
        for members in np.split(order, np.flatnonzero(np.any(np.diff(kinds, axis=1), axis=0)) + 1):
            if len(members):
                length = int(self.lengths[members[0]])
                rows = self.letters[self.starts[members][:, None] + np.arange(length)]
                yield members, rows, int(self.edits[members[0]])

    def as_texts(self) -> FoldedTexts:
        """Return the terms as texts, to count their grams."""
        codes = np.insert(self.letters, self.starts[1:], np.uint32(0))
        return FoldedTexts(codes, self.starts + np.arange(len(self) + 1))

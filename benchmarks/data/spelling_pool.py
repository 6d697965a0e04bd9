"""Pools of names that one name at a time is compared with across scripts, all at once: numpy instead of one by one.

They find what ``Transducer`` and ``spelling_similarity`` find. Retrieval among thousands of names and the fit of the
spelling tables need them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

from ipwatch.matching.score import SPELLING_WEIGHTS
from ipwatch.text.phonetics.notation import NameScript, Spelling, spellings
from ipwatch.text.phonetics.similarity import DIRECTIONS, transducer
from ipwatch.text.phonetics.transducer import UNSEEN, Transducer, information

_BLOCK_LENGTHS = (0, 6, 9, 12, 16, 24, 64)


class TargetPool:
    """Many names as targets of a transducer, compared with one source at a time, all at once."""

    def __init__(self, transducer: Transducer, targets: Sequence[str]) -> None:
        self._transducer = transducer
        self._size = len(targets)
        self._known = np.array([information(transducer.target, target) for target in targets])
        by_length = np.array([len(target) for target in targets])
        self._blocks = []
        for above, upto in pairwise((*_BLOCK_LENGTHS, max(by_length, default=0) + _BLOCK_LENGTHS[-1])):
            rows = np.flatnonzero((by_length > above) & (by_length <= upto))
            if len(rows):
                self._blocks.append((rows, _Block(transducer, [targets[int(row)] for row in rows])))

    def costs(self, source: str) -> NDArray[np.float64]:
        """Return ``Transducer.cost`` of the source to every target, in their order."""
        costs = np.full(self._size, self._transducer.cost(source, ""))
        for rows, block in self._blocks:
            costs[rows] = block.costs(source)
        return costs

    def similarities(self, source: str) -> NDArray[np.float64]:
        """Return ``Transducer.similarity`` of the source to every target, in their order."""
        if not source:
            return np.zeros(self._size)
        known = information(self._transducer.source, source)
        shares = 2 * (self._known - self.costs(source)) / (self._known + known)
        return np.clip(np.where(self._known > 0, shares, 0.0), 0.0, 1.0)


class _Block:
    """Targets of similar length, as the number of the writing of 1, 2, … letters that starts at each position."""

    def __init__(self, transducer: Transducer, targets: Sequence[str]) -> None:
        self._transducer = transducer
        writings = {letters for written in transducer.weights.values() for letters in written}
        self._numbers = {letters: number for number, letters in enumerate(sorted(writings))}
        self._ends = np.array([len(target) for target in targets])
        width = int(self._ends.max())
        none = len(self._numbers)
        self._writings = [
            np.array(
                [
                    [self._numbers.get(target[start : start + count], none) for start in range(len(target) - count + 1)]
                    + [none] * (width - max(len(target), count - 1))
                    for target in targets
                ],
                np.intp,
            ).reshape(len(targets), -1)
            for count in range(1, min(transducer.max_letters_length, width) + 1)
        ]
        inserted = np.zeros((len(targets), width + 1))
        for row, target in zip(inserted, targets, strict=True):
            row[1 : len(target) + 1] = [transducer.inserted.get(letter, UNSEEN) for letter in target]
        self._inserted = np.cumsum(inserted, axis=1)

    def costs(self, source: str) -> NDArray[np.float64]:
        """Return ``Transducer.cost`` of the source to every target of the block."""
        names = len(self._ends)
        rows = np.full((len(source) + 1, names, self._inserted.shape[1]), np.inf)
        rows[0, :, 0] = 0.0
        for start, row in enumerate(rows):
            row[:] = np.minimum.accumulate(row - self._inserted, axis=1) + self._inserted
            for length, written in self._transducer.chunks(source, start):
                self._write(row, rows[start + length], written)
        costs: NDArray[np.float64] = rows[-1, np.arange(names), self._ends]
        return costs

    def _write(self, row: NDArray[np.float64], later: NDArray[np.float64], written: Mapping[str, float]) -> None:
        if "" in written:
            np.minimum(later, row + written[""], out=later)
        numbers = self._numbers
        costs = np.full(len(numbers) + 1, np.inf)
        costs[[numbers[letters] for letters in written if letters]] = [cost for text, cost in written.items() if text]
        for count in {len(letters) for letters in written} - {0}:
            if count <= len(self._writings):
                ways = costs[self._writings[count - 1]]
                ways += row[:, :-count]
                np.minimum(later[:, count:], ways, out=later[:, count:])


class SpellingPool:
    """Names that one name at a time is compared with, as ``spelling_similarity`` does, all at once.

    ``tables`` gives the transducer from one script to another, by default the shipped one.
    """

    def __init__(
        self, names: Sequence[str], tables: Callable[[NameScript, NameScript], Transducer] = transducer
    ) -> None:
        self._size = len(names)
        self._parts = {script: _Part(script, tables) for script in NameScript}
        for owner, name in enumerate(names):
            for spelling in spellings(name):
                self._parts[spelling.script].add(owner, spelling)

    def similarities(self, name: str) -> NDArray[np.float64]:
        """Return the similarity of a name to each of the pool, in its order."""
        best = np.zeros(self._size)
        for spelling in spellings(name):
            for part in self._parts.values():
                if spelling.sounds and part.spellings:
                    np.maximum.at(best, part.owners, SPELLING_WEIGHTS.factor(spelling) * part.similarities(spelling))
        return best

    def nearest(self, name: str, limit: int = 5) -> list[tuple[int, float]]:
        """Return positions and similarities of the most similar names, best first; of equals the earlier one first."""
        similarities = self.similarities(name)
        order = np.argsort(-similarities, kind="stable")[:limit]
        return [(int(position), float(similarities[position])) for position in order]


class _Part:
    """The spellings of a pool in one script, and the position in the pool of the name that each belongs to."""

    def __init__(self, script: NameScript, tables: Callable[[NameScript, NameScript], Transducer]) -> None:
        self.script = script
        self._table = tables
        self.owners: list[int] = []
        self.spellings: list[Spelling] = []
        self._pools: dict[NameScript, TargetPool] = {}

    def add(self, owner: int, spelling: Spelling) -> None:
        if spelling.sounds:
            self.owners.append(owner)
            self.spellings.append(spelling)

    def similarities(self, other: Spelling) -> NDArray[np.float64]:
        """Return the weighted similarity of a spelling to each of the part."""
        sounds = [own.sounds for own in self.spellings]
        factors = np.array([SPELLING_WEIGHTS.factor(own) for own in self.spellings])
        if other.script is self.script:
            return factors * _osa(other.sounds, sounds)
        keys = [own.key for own in self.spellings]
        by_key = np.where([bool(key) for key in keys], _osa(other.key, keys), 0.0) if other.key else np.zeros(len(keys))
        similar = SPELLING_WEIGHTS.tables * self._by_tables(other, sounds) + (1.0 - SPELLING_WEIGHTS.tables) * by_key
        called = [other.initials == own.sounds or own.initials == other.sounds for own in self.spellings]
        return factors * np.where(called, 1.0, similar)

    def _by_tables(self, other: Spelling, sounds: Sequence[str]) -> NDArray[np.float64]:
        if (other.script, self.script) not in DIRECTIONS:
            weights = self._table(self.script, other.script)
            return np.array([weights.similarity(own, other.sounds) for own in sounds])
        if other.script not in self._pools:
            self._pools[other.script] = TargetPool(self._table(other.script, self.script), sounds)
        return self._pools[other.script].similarities(other.sounds)


def _osa(name: str, others: Sequence[str]) -> NDArray[np.float64]:
    similarities: NDArray[np.float64] = cdist([name], others, scorer=OSA.normalized_similarity, dtype=np.float64)[0]
    return similarities

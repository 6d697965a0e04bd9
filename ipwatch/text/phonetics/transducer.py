"""A weighted transducer between two scripts: what it costs to write chunks of one in letters of the other.

The tables are text: chunk, letters and cost in nats between tabs, sorted, ``#`` before a remark. The chunk ``_`` holds
the letters that are written though nothing is spoken, the letters ``_`` stand for a chunk that is not written, and
``@source`` and ``@target`` give the information of single sounds and letters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

NOTHING = "_"
"""How a table writes an empty chunk or empty letters."""

SOURCE, TARGET = "@source", "@target"
"""Where a table gives the information of single sounds and letters."""

UNSEEN = 5.0
"""What a sound or letter costs, and tells, that no table names; the most that one left out or put in costs. In nats."""

_NOT_WRITTEN: Mapping[str, float] = {"": UNSEEN}
_FIELDS = 3
_BLOCK_LENGTHS = (0, 6, 9, 12, 16, 24, 64)


@dataclass(frozen=True)
class Transducer:
    """The costs of one table, ``weights[chunk][letters]`` and ``inserted[letter]``, in nats.

    ``source`` and ``target`` give the information of single sounds and letters.
    """

    weights: Mapping[str, Mapping[str, float]]
    inserted: Mapping[str, float]
    source: Mapping[str, float]
    target: Mapping[str, float]

    def similarity(self, source: str, target: str) -> float:
        """Return the share of the two names' information that they have in common, 0..1; 0 where one is empty."""
        if not source or not target:
            return 0.0
        known, told = information(self.target, target), information(self.source, source)
        return min(1.0, max(0.0, 2 * (known - self.cost(source, target)) / (known + told)))

    def cost(self, source: str, target: str) -> float:
        """Return the cost of the cheapest way to write the source as the target, in nats."""
        inserted = [self.inserted.get(letter, UNSEEN) for letter in target]
        starts = self._starts(target)
        rows = [[np.inf] * (len(target) + 1) for _ in range(len(source) + 1)]
        rows[0][0] = 0.0
        for at, row in enumerate(rows):
            for j, cost in enumerate(inserted):
                row[j + 1] = min(row[j + 1], row[j] + cost)
            for length, written in self.chunks(source, at):
                later = rows[at + length]
                for letters in written.keys() & starts.keys():
                    cost, size = written[letters], len(letters)
                    for j in starts[letters]:
                        later[j + size] = min(later[j + size], row[j] + cost)
        return rows[-1][-1]

    def _starts(self, target: str) -> Mapping[str, Sequence[int]]:
        """Return where each run of letters that a chunk could be written with starts in the target."""
        starts: dict[str, list[int]] = {"": list(range(len(target) + 1))}
        for size in range(1, min(self.longest_letters, len(target)) + 1):
            for at in range(len(target) - size + 1):
                starts.setdefault(target[at : at + size], []).append(at)
        return starts

    def chunks(self, source: str, at: int) -> Iterable[tuple[int, Mapping[str, float]]]:
        """Yield the chunks that start at a place of the source: their length and what each writing costs."""
        for length in range(1, min(self.longest_chunk, len(source) - at) + 1):
            written = self.weights.get(source[at : at + length], _NOT_WRITTEN if length == 1 else None)
            if written is not None:
                yield length, written

    @cached_property
    def longest_chunk(self) -> int:
        """The most sounds that a chunk of the table has."""
        return max(map(len, self.weights), default=1)

    @cached_property
    def longest_letters(self) -> int:
        """The most letters that a chunk of the table is written with."""
        return max((len(letters) for written in self.weights.values() for letters in written), default=1)

    @cached_property
    def letters(self) -> Mapping[str, int]:
        """A number for every writing in the table."""
        found = sorted({letters for written in self.weights.values() for letters in written})
        return {letters: number for number, letters in enumerate(found)}


class TargetPool:
    """Many names as targets of a transducer, compared with one source at a time, all at once."""

    def __init__(self, transducer: Transducer, targets: Sequence[str]) -> None:
        self._transducer = transducer
        self._size = len(targets)
        self._known = np.array([information(transducer.target, target) for target in targets])
        by_length = np.array([len(target) for target in targets])
        self._blocks = []
        for above, most in pairwise((*_BLOCK_LENGTHS, max(by_length, default=0) + _BLOCK_LENGTHS[-1])):
            places = np.flatnonzero((by_length > above) & (by_length <= most))
            if len(places):
                self._blocks.append((places, _Block(transducer, [targets[int(place)] for place in places])))

    def costs(self, source: str) -> NDArray[np.float64]:
        """Return ``Transducer.cost`` of the source to every target, in their order."""
        found = np.full(self._size, self._transducer.cost(source, ""))
        for places, block in self._blocks:
            found[places] = block.costs(source)
        return found

    def similarities(self, source: str) -> NDArray[np.float64]:
        """Return ``Transducer.similarity`` of the source to every target, in their order."""
        if not source:
            return np.zeros(self._size)
        told = information(self._transducer.source, source)
        shares = 2 * (self._known - self.costs(source)) / (self._known + told)
        return np.clip(np.where(self._known > 0, shares, 0.0), 0.0, 1.0)


class _Block:
    """Targets of about one length, as the number of the writing of 1, 2, … letters that starts at each place."""

    def __init__(self, transducer: Transducer, targets: Sequence[str]) -> None:
        self._transducer = transducer
        self._ends = np.array([len(target) for target in targets])
        width = int(self._ends.max())
        none = len(transducer.letters)
        self._writings = [
            np.array(
                [
                    [transducer.letters.get(target[at : at + count], none) for at in range(len(target) - count + 1)]
                    + [none] * (width - max(len(target), count - 1))
                    for target in targets
                ],
                np.intp,
            ).reshape(len(targets), -1)
            for count in range(1, min(transducer.longest_letters, width) + 1)
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
        for at, row in enumerate(rows):
            row[:] = np.minimum.accumulate(row - self._inserted, axis=1) + self._inserted
            for length, written in self._transducer.chunks(source, at):
                self._write(row, rows[at + length], written)
        found: NDArray[np.float64] = rows[-1, np.arange(names), self._ends]
        return found

    def _write(self, row: NDArray[np.float64], later: NDArray[np.float64], written: Mapping[str, float]) -> None:
        if "" in written:
            np.minimum(later, row + written[""], out=later)
        numbers = self._transducer.letters
        costs = np.full(len(numbers) + 1, np.inf)
        costs[[numbers[letters] for letters in written if letters]] = [cost for text, cost in written.items() if text]
        for count in {len(letters) for letters in written} - {0}:
            if count <= len(self._writings):
                ways = costs[self._writings[count - 1]]
                ways += row[:, :-count]
                np.minimum(later[:, count:], ways, out=later[:, count:])


def read_transducer(lines: Iterable[str]) -> Transducer:
    """Return the transducer of the lines of a table; raises ``ValueError`` where one is no row of it."""
    weights: dict[str, dict[str, float]] = {}
    for line in lines:
        if not line.strip() or line.startswith("#"):
            continue
        fields = line.rstrip("\n").split("\t")
        if len(fields) != _FIELDS or not float(fields[2]) >= 0:
            raise ValueError(f"a row has a chunk, letters and a cost of 0 or more: {line!r}")
        chunk, letters, cost = fields
        weights.setdefault(chunk, {})["" if letters == NOTHING else letters] = float(cost)
    inserted, source, target = (weights.pop(name, {}) for name in (NOTHING, SOURCE, TARGET))
    for sound in {sound for chunk in weights for sound in chunk}:
        weights.setdefault(sound, {}).setdefault("", UNSEEN)
    return Transducer(weights, inserted, source, target)


def information(table: Mapping[str, float], name: str) -> float:
    """Return how much a name tells, in nats: the sum over its sounds or letters."""
    return sum(table.get(sound, UNSEEN) for sound in name)

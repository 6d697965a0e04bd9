"""A weighted transducer between two scripts: the cost of writing chunks of one in letters of the other.

The tables are text: chunk, letters and cost in nats separated by tabs, sorted, ``#`` before a remark. The chunk ``_``
holds letters that are written without a sound, the letters ``_`` represent a chunk that is not written, and ``@source``
and ``@target`` give the information of single sounds and letters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf

NOTHING = "_"
"""An empty chunk or empty letters in a table."""

SOURCE, TARGET = "@source", "@target"
"""Chunks under which a table gives the information of single sounds and letters."""

UNSEEN = 5.0
"""Cost and information, in nats, of a sound or letter that no table lists; maximum cost of an omission or insertion."""

_NOT_WRITTEN: Mapping[str, float] = {"": UNSEEN}
_FIELDS = 3


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
        """Return the share of information that the two names have in common, 0..1; 0 where one is empty."""
        if not source or not target:
            return 0.0
        target_information, source_information = information(self.target, target), information(self.source, source)
        return min(
            1.0,
            max(0.0, 2 * (target_information - self.cost(source, target)) / (target_information + source_information)),
        )

    def cost(self, source: str, target: str) -> float:
        """Return the cost of the cheapest way to write the source as the target, in nats."""
        inserted = [self.inserted.get(letter, UNSEEN) for letter in target]
        starts = self._starts(target)
        rows = [[inf] * (len(target) + 1) for _ in range(len(source) + 1)]
        rows[0][0] = 0.0
        for position, row in enumerate(rows):
            for j, cost in enumerate(inserted):
                row[j + 1] = min(row[j + 1], row[j] + cost)
            for length, written in self.chunks(source, position):
                later = rows[position + length]
                for letters in written.keys() & starts.keys():
                    cost, size = written[letters], len(letters)
                    for j in starts[letters]:
                        later[j + size] = min(later[j + size], row[j] + cost)
        return rows[-1][-1]

    def _starts(self, target: str) -> Mapping[str, Sequence[int]]:
        """Return the offsets in the target of each run of letters that a chunk can be written with."""
        starts: dict[str, list[int]] = {"": list(range(len(target) + 1))}
        for size in range(1, min(self.max_letters_length, len(target)) + 1):
            for position in range(len(target) - size + 1):
                starts.setdefault(target[position : position + size], []).append(position)
        return starts

    def chunks(self, source: str, position: int) -> Iterable[tuple[int, Mapping[str, float]]]:
        """Yield the chunks at a position of the source: their length and the cost of each writing."""
        for length in range(1, min(self.max_chunk_length, len(source) - position) + 1):
            written = self.weights.get(source[position : position + length], _NOT_WRITTEN if length == 1 else None)
            if written is not None:
                yield length, written

    @cached_property
    def max_chunk_length(self) -> int:
        """Maximum number of sounds of a chunk of the table."""
        return max(map(len, self.weights), default=1)

    @cached_property
    def max_letters_length(self) -> int:
        """Maximum number of letters that a chunk of the table is written with."""
        return max((len(letters) for written in self.weights.values() for letters in written), default=1)


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
    """Return the information of a name, in nats: the sum over its sounds or letters."""
    return sum(table.get(sound, UNSEEN) for sound in name)

"""All similar pairs among many readings: lossless, without comparing every pair rule by rule.

Each distinct beat becomes one character, so that rapidfuzz counts edits (OSA) on whole readings. The number of edits
that a pair at the floor can have follows from the cheapest rule and its length; the weighted distance is computed for
the pairs within it, many at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ipwatch.matching.readings.comparison import compare_readings, edits_within, similarity
from ipwatch.matching.readings.distinctive_part import split_reading
from ipwatch.matching.readings.near_pairs import Pairs, near_pairs
from ipwatch.matching.readings.rules import GENERIC, SWAPPED, absence, hundredths, substitution

_FIRST_CHARACTER = 0x4E00
"""First code point of the characters that represent beats; there are fewer than 1,000 different beats."""


@dataclass(frozen=True, slots=True)
class ReadingHits:
    """Similar pairs of readings, sorted by (observed, watched).

    ``watched`` and ``observed`` are int64 indices into the two sequences, ``similarity`` is float64 in 0..1.
    """

    watched: NDArray[np.int64]
    observed: NDArray[np.int64]
    similarity: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.watched)


def similar_readings(watched: Sequence[str], observed: Sequence[str], floor: float) -> ReadingHits:
    """Return every pair whose ``compare_readings`` similarity is at least the floor (above 0, at most 1).

    Raises ``ValueError`` for another floor, and where a reading has no mora. Memory is bounded but for the hits.
    """
    if not 0.0 < floor <= 1.0:
        raise ValueError(f"a floor is above 0 and at most 1, not {floor}")
    beats: dict[str, int] = {}
    kinds: dict[tuple[str, ...], int] = {(): 0}
    left, right = _distinct(watched, beats, kinds), _distinct(observed, beats, kinds)
    costs = _Costs.of(tuple(beats))
    pairs, scores = [np.empty((0, 2), np.int64)], [np.empty(0)]
    for near in near_pairs(left.spelled, right.spelled, partial(edits_within, floor)):
        similarities = costs.similarities(left, right, near)
        pairs.append(near[similarities >= floor])
        scores.append(similarities[similarities >= floor])
    return _spread(left, right, np.concatenate(pairs), np.concatenate(scores))


def similar_readings_reference(watched: Sequence[str], observed: Sequence[str], floor: float) -> ReadingHits:
    """Return the result that ``similar_readings`` must have, by comparing every pair."""
    hits = [
        (i, j, score)
        for j, right in enumerate(observed)
        for i, left in enumerate(watched)
        if (score := compare_readings(left, right).similarity) >= floor
    ]
    rows = np.array(hits, np.float64).reshape(-1, 3)
    return ReadingHits(rows[:, 0].astype(np.int64), rows[:, 1].astype(np.int64), rows[:, 2])


@dataclass(frozen=True, slots=True)
class _Distinct:
    """The distinct readings of one side.

    ``spelled`` has one character for each beat, ``beats`` the same as numbers, ``generic`` a number for the words left
    out (0 for none), ``members`` the indices of the caller's readings that are equal to it.
    """

    spelled: list[str]
    beats: list[NDArray[np.int64]]
    generic: NDArray[np.int64]
    members: list[list[int]]


def _distinct(readings: Sequence[str], beats: dict[str, int], kinds: dict[tuple[str, ...], int]) -> _Distinct:
    """Return the distinct readings; ``beats`` and ``kinds`` number what both sides share, and are extended."""
    members: dict[tuple[tuple[str, ...], tuple[str, ...]], list[int]] = {}
    for index, reading in enumerate(readings):
        sound = split_reading(reading)
        members.setdefault((sound.morae, sound.generic), []).append(index)
    numbers = [np.array([beats.setdefault(mora, len(beats)) for mora in morae], np.int64) for morae, _ in members]
    generic = [kinds.setdefault(words, len(kinds)) for _, words in members]
    return _Distinct(
        ["".join(chr(_FIRST_CHARACTER + number) for number in beat.tolist()) for beat in numbers],
        numbers,
        np.array(generic, np.int64),
        list(members.values()),
    )


@dataclass(frozen=True, slots=True)
class _Costs:
    """The costs of the rules in hundredths of a mora: ``taken`` for two beats, ``gone`` for one.

    On the first axis, index 1 is the head of a reading and 0 the rest; ``swapped`` and ``generic`` are one rule each.
    """

    taken: NDArray[np.int32]
    gone: NDArray[np.int32]
    swapped: tuple[int, int]
    generic: int

    @classmethod
    def of(cls, beats: tuple[str, ...]) -> _Costs:
        taken = np.zeros((2, len(beats), len(beats)), np.int32)
        for i, mora in enumerate(beats):
            for j, other in enumerate(beats[:i]):
                rule = substitution(mora, other)
                taken[0, i, j] = taken[0, j, i] = hundredths(rule, head=False)
                taken[1, i, j] = taken[1, j, i] = hundredths(rule, head=True)
        gone = [[hundredths(absence(mora), head=head) for mora in beats] for head in (False, True)]
        swapped = hundredths(SWAPPED, head=False), hundredths(SWAPPED, head=True)
        return cls(taken, np.array(gone, np.int32), swapped, hundredths(GENERIC, head=False))

    def similarities(self, left: _Distinct, right: _Distinct, pairs: Pairs) -> NDArray[np.float64]:
        """Return the similarity of each pair; all pairs have the same two lengths."""
        left_beats = np.stack([left.beats[position] for position in pairs[:, 0]], axis=1)
        right_beats = np.stack([right.beats[position] for position in pairs[:, 1]], axis=1)
        cost = self._min_costs(left_beats, right_beats)
        left_generic, right_generic = left.generic[pairs[:, 0]], right.generic[pairs[:, 1]]
        cost += (
            self.generic * (left_generic != right_generic) * ((left_generic > 0).astype(np.int32) + (right_generic > 0))
        )
        by_cost = [similarity(hundredth, len(left_beats), len(right_beats)) for hundredth in range(int(cost.max()) + 1)]
        return np.array(by_cost)[cost]

    def _min_costs(self, left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.int32]:
        """Return the minimum cost for each column of two arrays of beats (beat, pair): weighted OSA."""
        row = [np.zeros(left.shape[1], np.int32)]
        for j, right_beat in enumerate(right):
            row.append(row[j] + self.gone[int(j == 0)][right_beat])
        before, above = row, row
        for i, left_beat in enumerate(left):
            gone = self.gone[int(i == 0)][left_beat]
            row = [above[0] + gone]
            for j, right_beat in enumerate(right):
                head = int(i == 0 or j == 0)
                best = np.minimum(above[j] + self.taken[head][left_beat, right_beat], above[j + 1] + gone)
                np.minimum(best, row[j] + self.gone[int(j == 0)][right_beat], out=best)
                if i and j:
                    crossed = (left_beat == right[j - 1]) & (left[i - 1] == right_beat) & (left_beat != right_beat)
                    swapped = before[j - 1] + self.swapped[int(i == 1 or j == 1)]
                    np.minimum(best, swapped, out=best, where=crossed)
                row.append(best)
            before, above = above, row
        return above[-1]


def _spread(left: _Distinct, right: _Distinct, pairs: Pairs, scores: NDArray[np.float64]) -> ReadingHits:
    """Return the hits for every reading of the caller that is equal to a distinct one."""
    rows = [
        (left_member, right_member, score)
        for (i, j), score in zip(pairs.tolist(), scores.tolist(), strict=True)
        for left_member in left.members[i]
        for right_member in right.members[j]
    ]
    hits = np.array(rows, np.float64).reshape(-1, 3)
    hits = hits[np.lexsort((hits[:, 0], hits[:, 1]))]
    return ReadingHits(hits[:, 0].astype(np.int64), hits[:, 1].astype(np.int64), hits[:, 2])

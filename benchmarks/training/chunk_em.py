"""Expectation maximisation over all segmentations of pairs of names into chunks of sounds with their letters.

Compiled by numba, the extra ``speed``.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ipwatch.text.phonetics.transducer import UNSEEN, Transducer

MAX_CHUNK = 4
MAX_LETTERS = 4
MAX_NAME_LENGTH = 60
MIN_PROBABILITY = 2e-3
MIN_COUNT = 0.3
MIN_GAIN = 0.1


@dataclass(frozen=True)
class Plan:
    """How a table is fitted; the tuples are for chunks of 1, 2, 3 and 4 sounds.

    ``discount`` is subtracted from each count of a chunk, ``left`` from its probability (in counts), ``pull`` is the
    weight of its prior (in counts); ``reject`` the minimum log-likelihood per letter of a pair that is kept.
    """

    discount: tuple[float, ...]
    left: tuple[float, ...]
    pull: tuple[float, ...]
    reject: float
    rounds: int = 12


@dataclass
class Ways:
    """All segmentations of the pairs: a step from (i, j) to (i2, j2) uses one parameter, a chunk with letters."""

    pairs: list[tuple[str, str]]
    chunks: list[str]
    letters: list[str]
    alphabet: list[str]
    starts: NDArray[np.int64] = field(init=False)
    steps: NDArray[np.int16] = field(init=False)
    parameter: NDArray[np.int64] = field(init=False)
    used: NDArray[np.int64] = field(init=False)

    @classmethod
    def of(cls, pairs: Sequence[tuple[str, str]], min_uses: int = 3) -> Ways:
        """Return the segmentations of the pairs into chunks that are used often enough."""
        kept = [pair for pair in pairs if max(map(len, pair)) <= MAX_NAME_LENGTH]
        uses = Counter(piece for source, _ in kept for piece in _pieces(source, MAX_CHUNK))
        chunks = sorted(chunk for chunk, count in uses.items() if len(chunk) == 1 or count >= min_uses)
        letters = ["", *sorted({piece for _, target in kept for piece in _pieces(target, MAX_LETTERS)})]
        ways = cls(kept, chunks, letters, sorted({letter for _, target in kept for letter in target}))
        ways._enumerate()
        return ways

    def _enumerate(self) -> None:
        chunk_of = {chunk: number for number, chunk in enumerate(self.chunks)}
        letters_of = {letters: number for number, letters in enumerate(self.letters)}
        steps, keys, starts = [], [], [0]
        for source, target in self.pairs:
            sounds = _numbers(source, chunk_of, MAX_CHUNK)
            written = _numbers(target, letters_of, MAX_LETTERS)
            pair_steps, used = _steps(sounds, written, len(self.letters))
            steps.append(pair_steps)
            keys.append(used)
            starts.append(starts[-1] + len(used))
        self.starts = np.array(starts)
        self.steps = np.concatenate(steps)
        self.used, self.parameter = np.unique(np.concatenate(keys), return_inverse=True)

    @property
    def chunk_numbers(self) -> NDArray[np.int64]:
        """The chunk of every parameter."""
        return self.used // len(self.letters)

    def of_chunks(self) -> list[slice]:
        """Return the slice of the parameters of each chunk."""
        bounds = np.searchsorted(self.chunk_numbers, np.arange(len(self.chunks) + 1))
        return [slice(int(start), int(end)) for start, end in pairwise(bounds)]

    @property
    def letter_numbers(self) -> NDArray[np.int64]:
        """The letters of every parameter."""
        return self.used % len(self.letters)

    @property
    def targets(self) -> NDArray[np.int64]:
        """The letters of each pair's target as numbers of the alphabet."""
        number = {letter: index for index, letter in enumerate(self.alphabet)}
        numbers = np.zeros((len(self.pairs), MAX_NAME_LENGTH), np.int64)
        for row, (_, target) in zip(numbers, self.pairs, strict=True):
            row[: len(target)] = [number[letter] for letter in target]
        return numbers


@njit(cache=True)
def _steps(sounds, written, width):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 -- compiled by numba
    n, m = len(sounds) - 1, len(written) - 1
    capacity = n * (m + 1) * sounds.shape[1] * (written.shape[1])
    steps = np.empty((capacity, 4), np.int16)
    keys = np.empty(capacity, np.int64)
    count = 0
    slack = 0.35 * n * m + 2 * max(n, m)
    for i in range(n):
        for j in range(m + 1):
            if abs(i * m - j * n) > slack:
                continue
            for a in range(1, min(sounds.shape[1] - 1, n - i) + 1):
                for b in range(min(written.shape[1] - 1, m - j, a + 2) + 1):
                    wild = abs((i + a) * m - (j + b) * n) > slack
                    if sounds[i, a] < 0 or wild or (a >= 3 and b == 0):
                        continue
                    steps[count] = (i, j, i + a, j + b)
                    keys[count] = sounds[i, a] * width + written[j, b]
                    count += 1
    return steps[:count].copy(), keys[:count].copy()


@njit(cache=True)
def _expect(starts, steps, parameter, sizes, targets, weight, probability, inserted):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202, C901, PLR0917 -- one loop for numba
    """Return expected counts of the parameters and of inserted letters, and the log-likelihood of each pair."""
    counts, extra = np.zeros(len(probability)), np.zeros(len(inserted))
    likelihood = np.empty(len(sizes))
    forward, backward = np.zeros((64, 64)), np.zeros((64, 64))
    for pair in range(len(sizes)):
        n, m = sizes[pair]
        first, end = starts[pair], starts[pair + 1]
        forward[: n + 1, : m + 1] = 0
        backward[: n + 1, : m + 1] = 0
        forward[0, 0] = 1
        index = first
        for i in range(n + 1):
            for j in range(m + 1):
                while index < end and steps[index, 0] == i and steps[index, 1] == j:
                    forward[steps[index, 2], steps[index, 3]] += forward[i, j] * probability[parameter[index]]
                    index += 1
                if j < m:
                    forward[i, j + 1] += forward[i, j] * inserted[targets[pair, j]]
        total = forward[n, m]
        likelihood[pair] = np.log(total) if total > 0 else -1e9
        if total <= 0 or weight[pair] == 0:
            continue
        share = weight[pair] / total
        backward[n, m] = 1
        index = end - 1
        for i in range(n, -1, -1):
            for j in range(m, -1, -1):
                if j < m:
                    later = inserted[targets[pair, j]] * backward[i, j + 1]
                    backward[i, j] += later
                    extra[targets[pair, j]] += share * forward[i, j] * later
                while index >= first and steps[index, 0] == i and steps[index, 1] == j:
                    later = probability[parameter[index]] * backward[steps[index, 2], steps[index, 3]]
                    backward[i, j] += later
                    counts[parameter[index]] += share * forward[i, j] * later
                    index -= 1
    return counts, extra, likelihood


def fit(ways: Ways, prior: NDArray[np.float64], plan: Plan, weight: NDArray[np.float64]) -> tuple[Transducer, int]:
    """Return the transducer learned from the segmentations, and the number of pairs that it was learned from.

    ``prior`` is the initial p(letters | chunk) of every parameter; ``weight`` is the weight of each pair.
    """
    length = np.array([len(chunk) for chunk in ways.chunks])[ways.chunk_numbers] - 1
    discount, left, pull = (np.array(part)[length] for part in (plan.discount, plan.left, plan.pull))
    sizes = np.array([[len(source), len(target)] for source, target in ways.pairs])
    probability, inserted, used = prior.copy(), np.full(len(ways.alphabet), 0.003), weight
    counts = np.zeros(len(prior))
    for number in range(plan.rounds):
        counts, extra, likelihood = _expect(
            ways.starts, ways.steps, ways.parameter, sizes, ways.targets, used, probability, inserted
        )
        if number > 1:
            used = weight * (likelihood / sizes.max(axis=1) > plan.reject)
        total = np.bincount(ways.chunk_numbers, counts)[ways.chunk_numbers]
        probability = (np.maximum(counts - discount, 0) + pull * prior) / (total + left + pull)
        inserted = (extra + 0.5) / (counts.sum() + 50)
    keep = (probability > MIN_PROBABILITY) & ((counts > MIN_COUNT) | (pull > 0))
    weights: dict[str, dict[str, float]] = {}
    for index in np.flatnonzero(keep):
        written = weights.setdefault(ways.chunks[ways.chunk_numbers[index]], {})
        letters = ways.letters[ways.letter_numbers[index]]
        cost = -math.log(min(1.0, probability[index]))
        written[letters] = cost if letters else min(cost, UNSEEN * len(ways.chunks[ways.chunk_numbers[index]]))
    learned = [pair for pair, share in zip(ways.pairs, used, strict=True) if share]
    extras = dict(zip(ways.alphabet, np.minimum(-np.log(inserted), UNSEEN).tolist(), strict=True))
    tables = (_information(source for source, _ in learned), _information(target for _, target in learned))
    return _pruned(Transducer(weights, extras, *tables)), len(learned)


def _pieces(text: str, max_length: int) -> Iterable[str]:
    return (
        text[start : start + size]
        for start in range(len(text))
        for size in range(1, min(max_length, len(text) - start) + 1)
    )


def _numbers(text: str, numbers: Mapping[str, int], max_length: int) -> NDArray[np.int64]:
    """Return the number of the piece of each length at each position, -1 where it has none."""
    piece_numbers = np.full((len(text) + 1, max_length + 1), -1)
    for start in range(len(text) + 1):
        for size in range(min(max_length, len(text) - start) + 1):
            piece_numbers[start, size] = numbers.get(text[start : start + size], -1)
    return piece_numbers


def _information(names: Iterable[str]) -> dict[str, float]:
    counts = Counter("".join(names))
    return {sound: math.log(counts.total() / count) for sound, count in counts.items()}


def _pruned(transducer: Transducer) -> Transducer:
    """Return the transducer without rows that a combination of other rows replaces at about the same cost."""
    weights = {chunk: dict(written) for chunk, written in transducer.weights.items()}
    left = Transducer(weights, transducer.inserted, transducer.source, transducer.target)
    for chunk in sorted(weights, key=lambda chunk: (-len(chunk), chunk)):
        if len(chunk) == 1:
            continue
        for letters, cost in sorted(weights[chunk].items()):
            del weights[chunk][letters]
            if left.cost(chunk, letters) > cost + MIN_GAIN:
                weights[chunk][letters] = cost
    kept = {chunk: written for chunk, written in weights.items() if written}
    return Transducer(kept, transducer.inserted, transducer.source, transducer.target)

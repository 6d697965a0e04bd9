"""Sound index: which variants many texts write in another script, by the sound of whole words.

A variant matches one to ``MAX_RUNS`` consecutive runs of a text in one script that is not its own, where their sound
keys are ``near_in_sound`` and their spellings have a ``likeness``. The index looks up a hash of the skeleton of every
such window among the hashes of all skeletons at most one edit from that of a variant.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA

from ipwatch.matching.names.phonetic import likeness
from ipwatch.matching.names.short_words import pieces
from ipwatch.matching.variants import Variant
from ipwatch.text.phonetics.notation import NameScript
from ipwatch.text.phonetics.phonetic_runs import (
    MAX_KEY,
    MIN_KEY,
    SoundRun,
    near_in_sound,
    required_similarity,
    sound_runs,
    sound_skeleton,
)

MAX_RUNS = 5
"""Maximum number of runs (words) that a name matches."""

_BASE = 0x9E3779B97F4A7C15
_SPREAD = np.uint64(0xBF58476D1CE4E5B9)
_CODES = {letter: code for code, letter in enumerate("akstnmrhb", start=1)}
_BITS = {script: 1 << number for number, script in enumerate(NameScript)}
_BITS_A_HASH = 8
_MIN_BITS, _MAX_BITS = 12, 24
_MASK = (1 << 64) - 1
_CACHE_SIZE = 1 << 16
_MAX_CACHED_LETTERS = 100
_SKELETON_CACHE_SIZE = 1 << 13

Hashes = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class PhoneticMatch:
    """A variant that the runs ``first:last`` of a text sound like, with the similarity 0..1 of their spellings."""

    variant: int
    first: int
    last: int
    similarity: float


class SoundIndex:
    """Index of variants in one script each, by their number; ``None`` and variants of several scripts are left out.

    So are variants whose sound key is shorter or longer than the limits of ``phonetic_runs``.
    """

    def __init__(self, variants: Sequence[Variant | None]) -> None:
        self._spoken: dict[int, tuple[NameScript, str, str]] = {}
        self._by_skeleton: dict[str, list[int]] = {}
        for number, variant in enumerate(variants):
            spoken = spoken_variant(variant.text) if variant is not None else None
            if variant is not None and spoken is not None:
                self._spoken[number] = (*spoken, variant.text)
                self._by_skeleton.setdefault(sound_skeleton(spoken[1]), []).append(number)
        self._by_piece: dict[str, list[str]] = {}
        for skeleton in self._by_skeleton:
            for piece in pieces(skeleton):
                self._by_piece.setdefault(piece, []).append(skeleton)
        self._table, self._shift = self._filled()
        self._near_skeletons: dict[str, tuple[tuple[int, float], ...]] = {}
        self._answers: dict[tuple[str, str], tuple[tuple[int, float], ...]] = {}

    def find(self, texts: Sequence[str]) -> Iterator[tuple[int, PhoneticMatch]]:
        """Yield each match with the number of its text, unordered; raises ``ValueError`` for a text too long."""
        if not self._spoken:
            return
        several = sound_runs(texts)
        runs = [run for text_runs in several for run in (*text_runs, _END)]
        starts = np.cumsum([0, *(len(text_runs) + 1 for text_runs in several)])
        for start, size in self._windows(runs):
            answer = self._near(runs[start : start + size])
            if answer:
                text = int(np.searchsorted(starts, start, "right")) - 1
                first = start - int(starts[text])
                yield from (
                    (text, PhoneticMatch(variant, first, first + size, similarity)) for variant, similarity in answer
                )

    def _windows(self, runs: Sequence[SoundRun]) -> Iterator[tuple[int, int]]:
        """Yield start and length of windows whose skeleton may be near that of a variant; no such window is missed."""
        scripts = np.array([_BITS[run.script] if run.script else 0 for run in runs], np.uint8)
        hashed = [_hashed(run.consonants) for run in runs]
        values = np.array([value for value, _ in hashed], np.uint64)
        powers = np.array([power for _, power in hashed], np.uint64)
        vowels = np.array([run.script is not None and run.opens_with_vowel for run in runs], np.uint64)
        windows = vowels * powers + values
        within = scripts > 0
        for size in range(1, min(MAX_RUNS, len(runs)) + 1):
            count = len(runs) - size + 1
            if size > 1:
                windows = windows[:count] * powers[size - 1 :] + values[size - 1 :]
                within = within[:count] & (scripts[size - 1 :] == scripts[:count])
            other_scripts = self._table[self._slots(windows)] & ~scripts[:count]
            yield from ((start, size) for start in np.flatnonzero(within & (other_scripts != 0)).tolist())

    def _near(self, window: Sequence[SoundRun]) -> tuple[tuple[int, float], ...]:
        """Return the variants that the runs sound like with their similarity; cached, because titles repeat words."""
        key, text = "".join([run.key for run in window]), " ".join([run.text for run in window])
        answer = self._answers.get((key, text))
        if answer is None:
            answer = tuple(self._compared(key, text, window[0].script)) if MIN_KEY <= len(key) <= MAX_KEY else ()
            if len(self._answers) >= _CACHE_SIZE:
                self._answers.clear()
            if len(key) + len(text) <= _MAX_CACHED_LETTERS:
                self._answers[key, text] = answer
        return answer

    def _compared(self, key: str, text: str, script: NameScript | None) -> Iterator[tuple[int, float]]:
        for number, min_similarity in self._with_skeleton_near(sound_skeleton(key)):
            its_script, its_key, name = self._spoken[number]
            if its_script is script or OSA.normalized_similarity(key, its_key) < min_similarity:
                continue
            similarity = likeness(name, text)
            if similarity:
                yield number, similarity

    def _with_skeleton_near(self, skeleton: str) -> tuple[tuple[int, float], ...]:
        """Return the variants whose skeleton is near, with the minimum similarity of their keys."""
        near = self._near_skeletons.get(skeleton)
        if near is None:
            others = {other for piece in pieces(skeleton) for other in self._by_piece.get(piece, ())}
            near = tuple(
                (number, min_similarity)
                for other in sorted(others)
                if (min_similarity := required_similarity(skeleton, other)) is not None
                for number in self._by_skeleton[other]
            )
            if len(self._near_skeletons) >= _SKELETON_CACHE_SIZE:
                self._near_skeletons.clear()
            self._near_skeletons[skeleton] = near
        return near

    def _filled(self) -> tuple[NDArray[np.uint8], np.uint64]:
        """Return the table of the scripts (bits) of the variants near each slot, and the shift from hash to slot."""
        near = {(script, sound_skeleton(key)) for script, key, _ in self._spoken.values()}
        hashes = [(_BITS[script], _neighbours(skeleton)) for script, skeleton in sorted(near, key=str)]
        total = sum(len(some) for _, some in hashes)
        bits = min(_MAX_BITS, max(_MIN_BITS, (_BITS_A_HASH * total).bit_length()))
        table, shift = np.zeros(1 << bits, np.uint8), np.uint64(64 - bits)
        for bit, some in hashes:
            table[_slots(some, shift)] |= np.uint8(bit)
        return table, shift

    def _slots(self, hashes: Hashes) -> NDArray[np.int64]:
        return _slots(hashes, self._shift)


def spoken_variant(text: str) -> tuple[NameScript, str] | None:
    """Return the script and the sound key of a variant; ``None`` where it has not one script, or no usable key."""
    runs = sound_runs([text])[0]
    key = "".join(run.key for run in runs)
    scripts = {run.script for run in runs}
    script = scripts.pop() if len(scripts) == 1 else None
    return (script, key) if script is not None and MIN_KEY <= len(key) <= MAX_KEY else None


def phonetic_reference(variants: Sequence[Variant], texts: Sequence[str]) -> list[tuple[int, PhoneticMatch]]:
    """Return the matches by comparing every variant with every window: the reference that the index must agree with."""
    matches = []
    spoken = [
        (number, variant.text, sound)
        for number, variant in enumerate(variants)
        if (sound := spoken_variant(variant.text))
    ]
    for text, runs in enumerate(sound_runs(texts)):
        for first, last in ((start, start + size) for start in range(len(runs)) for size in range(1, MAX_RUNS + 1)):
            window = runs[first:last]
            scripts = {run.script for run in window}
            if last > len(runs) or None in scripts or len(scripts) > 1:
                continue
            key, surface = "".join(run.key for run in window), " ".join(run.text for run in window)
            for number, name, (script, its_key) in spoken:
                if script not in scripts and near_in_sound(its_key, key) and (similarity := likeness(name, surface)):
                    matches.append((text, PhoneticMatch(number, first, last, similarity)))
    return matches


_END = SoundRun(None, "", "", "")


@lru_cache(maxsize=1 << 14)
def _hashed(letters: str) -> tuple[int, int]:
    """Return the hash of a skeleton and the power by which a preceding hash is multiplied."""
    value, power = 0, 1
    for letter in letters:
        value = (value * _BASE + _CODES[letter]) & _MASK
        power = (power * _BASE) & _MASK
    return value, power


def _slots(hashes: Hashes, shift: np.uint64) -> NDArray[np.int64]:
    mixed = (hashes ^ (hashes >> np.uint64(32))) * _SPREAD
    return (mixed >> shift).astype(np.int64)


def _neighbours(skeleton: str) -> Hashes:
    """Return the hashes of everything at most one edit (OSA) from a skeleton."""
    size = len(skeleton)
    codes = np.array([_CODES[letter] for letter in skeleton], np.uint64)
    powers = np.array([_hashed("a" * count)[1] for count in range(size + 2)], np.uint64)
    before = np.array([_hashed(skeleton[:cut])[0] for cut in range(size + 1)], np.uint64)
    after = np.array([_hashed(skeleton[cut:])[0] for cut in range(size + 1)], np.uint64)
    letters = np.array(list(_CODES.values()), np.uint64)[:, None]
    left, positions = powers[:-1][::-1], np.arange(size)
    inserted = before * powers[1:][::-1] + letters * left + after
    replaced = before[:-1] * left[:-1] + letters * left[1:] + after[1:]
    removed = before[:-1] * left[1:] + after[1:]
    swapped = (
        before[:-2] * left[:-2] + codes[1:] * left[1:-1] + codes[:-1] * left[2:] + after[2:]
        if len(positions) > 1
        else before[:0]
    )
    return np.concatenate([after[:1], inserted.ravel(), replaced.ravel(), removed, swapped])

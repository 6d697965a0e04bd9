"""How alike two names are spelled across scripts: ソニー, Sony and 소니.

A name is cut into chunks of sounds, each written with nought to a few letters of the other script; readable tables that
``benchmarks/training/fit_spelling.py`` learned from pairs of names give the cost of each writing. No model runs here.
The cost of the cheapest alignment is set against the information in the two names: a long name written as expected is
similar, a short one that could be anything is not. The tables and the sound keys are wrong about different names, so
that the similarity is a weighted mean of both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

from ipwatch.text.phonetics.notation import NameScript, Spelling, spellings
from ipwatch.text.phonetics.transducer import TargetPool, Transducer, read_transducer

ALIKE = 0.6
"""From here up two names of different scripts are suspected to be one.

By ``benchmarks/text/cross_script.py``, 0.91 of brand names in kana are, and 25 in a million other pairs.
"""

TABLE_SHARE = 0.7
"""What the tables count in a likeness across scripts; the sound keys (OSA) count the rest.

Chosen from 0.4-1.0 on two folds of names; 0.6-0.8 are as good.
"""

_DIRECTIONS = (
    (NameScript.KANA, NameScript.LATIN),
    (NameScript.HANGUL, NameScript.LATIN),
    (NameScript.HANGUL, NameScript.KANA),
)


@cache
def transducer(source: NameScript, target: NameScript) -> Transducer:
    """Return the shipped transducer from kana or Hangul to Latin, or from Hangul to kana."""
    table = files("ipwatch.text.phonetics").joinpath(f"tables/spelling_{source.value}_{target.value}.tsv")
    return read_transducer(table.read_text("utf-8").splitlines())


def spelling_similarity(a: str, b: str) -> float:
    """Return how alike two names are spelled, 0..1, each in kana, Latin letters or Hangul; the order does not matter.

    It is the greatest likeness of any two of their ``spellings``. Across scripts that is the mean of what the tables
    and the sound keys say; letters called one by one are those letters. Names of one script are compared by the edits
    (OSA) between their notations. A name without a letter of the three scripts is like nothing.
    """
    ways = [
        (left.weight * right.weight, _keys_alike(left.key, right.key), left, right)
        for left in spellings(a)
        for right in spellings(b)
    ]
    best = 0.0
    for weight, keys, left, right in sorted(ways, key=lambda way: -way[0] * way[1]):
        if weight * _most(left, right, keys) > best:
            best = max(best, weight * _likeness(left, right, keys))
    return best


def _keys_alike(left: str, right: str) -> float:
    return OSA.normalized_similarity(left, right) if left and right else 0.0


def _most(left: Spelling, right: Spelling, keys: float) -> float:
    """Return what no likeness of the two is above."""
    return 1.0 if left.script is right.script or left.initials or right.initials else _mean(1.0, keys)


def _likeness(left: Spelling, right: Spelling, keys: float) -> float:
    if not left.sounds or not right.sounds:
        return 0.0
    if left.script is right.script:
        return OSA.normalized_similarity(left.sounds, right.sounds)
    if left.initials == right.sounds or right.initials == left.sounds:
        return 1.0
    source, target = (left, right) if (left.script, right.script) in _DIRECTIONS else (right, left)
    return _mean(transducer(source.script, target.script).similarity(source.sounds, target.sounds), keys)


def _mean(table: float, keys: float) -> float:
    return TABLE_SHARE * table + (1.0 - TABLE_SHARE) * keys


class SpellingPool:
    """Names that one name at a time is compared with, as ``spelling_similarity`` does, all at once.

    ``tables`` gives the transducer from one script to another; the shipped ones unless told.
    """

    def __init__(
        self, names: Sequence[str], tables: Callable[[NameScript, NameScript], Transducer] = transducer
    ) -> None:
        self._size = len(names)
        self._parts = {script: _Part(script, tables) for script in NameScript}
        for at, name in enumerate(names):
            for spelling in spellings(name):
                self._parts[spelling.script].add(at, spelling)

    def similarities(self, name: str) -> NDArray[np.float64]:
        """Return the similarity of a name to each of the pool, in its order."""
        found = np.zeros(self._size)
        for spelling in spellings(name):
            for part in self._parts.values():
                if spelling.sounds and part.spellings:
                    np.maximum.at(found, part.owners, spelling.weight * part.likenesses(spelling))
        return found

    def nearest(self, name: str, limit: int = 5) -> list[tuple[int, float]]:
        """Return the places and similarities of the names most alike, best first; of equals the earlier one first."""
        found = self.similarities(name)
        order = np.argsort(-found, kind="stable")[:limit]
        return [(int(at), float(found[at])) for at in order]


class _Part:
    """The spellings of a pool in one script, and the place in the pool of the name that each belongs to."""

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

    def likenesses(self, other: Spelling) -> NDArray[np.float64]:
        """Return the weighted likeness of a spelling to each of the part."""
        sounds = [mine.sounds for mine in self.spellings]
        weights = np.array([mine.weight for mine in self.spellings])
        if other.script is self.script:
            return weights * _osa(other.sounds, sounds)
        keys = [mine.key for mine in self.spellings]
        heard = np.where([bool(key) for key in keys], _osa(other.key, keys), 0.0) if other.key else np.zeros(len(keys))
        alike = TABLE_SHARE * self._tables(other, sounds) + (1.0 - TABLE_SHARE) * heard
        called = [other.initials == mine.sounds or mine.initials == other.sounds for mine in self.spellings]
        return weights * np.where(called, 1.0, alike)

    def _tables(self, other: Spelling, sounds: Sequence[str]) -> NDArray[np.float64]:
        if (other.script, self.script) not in _DIRECTIONS:
            weights = self._table(self.script, other.script)
            return np.array([weights.similarity(mine, other.sounds) for mine in sounds])
        if other.script not in self._pools:
            self._pools[other.script] = TargetPool(self._table(other.script, self.script), sounds)
        return self._pools[other.script].similarities(other.sounds)


def _osa(one: str, others: Sequence[str]) -> NDArray[np.float64]:
    found: NDArray[np.float64] = cdist([one], others, scorer=OSA.normalized_similarity, dtype=np.float64)[0]
    return found

"""Similarity of the spellings of two names across scripts: ソニー, Sony and 소니.

A name is cut into chunks of sounds, each written with zero to a few letters of the other script; readable tables that
``benchmarks/training/fit_spelling.py`` learned from pairs of names give the cost of each writing. No model runs here.
The cost of the cheapest alignment is set against the information in the two names: a long name written as expected is
similar, a short one that could be anything is not. The tables and the sound keys err on different names, so the
similarity is a weighted mean of both.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from rapidfuzz.distance import OSA

from ipwatch.text.phonetics.notation import NameScript, Spelling, Way, spellings
from ipwatch.text.phonetics.transducer import Transducer, read_transducer

DIRECTIONS = (
    (NameScript.KANA, NameScript.LATIN),
    (NameScript.HANGUL, NameScript.LATIN),
    (NameScript.HANGUL, NameScript.KANA),
)


@dataclass(frozen=True, slots=True)
class SimilarityWeights:
    """The weights 0..1 of ``spelling_similarity``.

    ``without_generic`` multiplies a similarity for each name whose generic words were left out, ``words_swapped`` for
    each whose two words were swapped. ``tables`` is the weight of the tables in a similarity across scripts; the sound
    keys (OSA) have the rest.
    """

    without_generic: float
    words_swapped: float
    tables: float

    def factor(self, spelling: Spelling) -> float:
        """Return the factor of a similarity to that spelling."""
        if spelling.way is Way.WHOLE:
            return 1.0
        return self.without_generic if spelling.way is Way.WITHOUT_GENERIC else self.words_swapped

    def mean(self, table: float, keys: float) -> float:
        """Return the similarity across scripts by those of the tables and of the sound keys."""
        return self.tables * table + (1.0 - self.tables) * keys


@cache
def transducer(source: NameScript, target: NameScript) -> Transducer:
    """Return the shipped transducer from kana or Hangul to Latin, or from Hangul to kana."""
    table = files("ipwatch.text.phonetics").joinpath(f"tables/spelling_{source.value}_{target.value}.tsv")
    return read_transducer(table.read_text("utf-8").splitlines())


def spelling_similarity(a: str, b: str, weights: SimilarityWeights) -> float:
    """Return the similarity of two names, 0..1, each in kana, Latin letters or Hangul; the order does not matter.

    It is the maximum over any two of their ``spellings``. Across scripts a similarity is the weighted mean of the
    tables and the sound keys; letters spelled out one by one count as those letters. Names of one script are compared
    by the edits (OSA) between their notations. A name without a letter of the three scripts has a similarity of 0.
    """
    ways = [
        (weights.factor(left) * weights.factor(right), _key_similarity(left.key, right.key), left, right)
        for left in spellings(a)
        for right in spellings(b)
    ]
    best = 0.0
    for factor, keys, left, right in sorted(ways, key=lambda way: -way[0] * way[1]):
        if factor * _upper_bound(left, right, keys, weights) > best:
            best = max(best, factor * _likeness(left, right, keys, weights))
    return best


def _key_similarity(left: str, right: str) -> float:
    return OSA.normalized_similarity(left, right) if left and right else 0.0


def _upper_bound(left: Spelling, right: Spelling, keys: float, weights: SimilarityWeights) -> float:
    """Return an upper bound of the similarity of the two."""
    return 1.0 if left.script is right.script or left.initials or right.initials else weights.mean(1.0, keys)


def _likeness(left: Spelling, right: Spelling, keys: float, weights: SimilarityWeights) -> float:
    if not left.sounds or not right.sounds:
        return 0.0
    if left.script is right.script:
        return OSA.normalized_similarity(left.sounds, right.sounds)
    if left.initials == right.sounds or right.initials == left.sounds:
        return 1.0
    source, target = (left, right) if (left.script, right.script) in DIRECTIONS else (right, left)
    return weights.mean(transducer(source.script, target.script).similarity(source.sounds, target.sounds), keys)

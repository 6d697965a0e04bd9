"""Similarity of the spellings of two names across scripts: ソニー, Sony and 소니.

A name is cut into chunks of sounds, each written with zero to a few letters of the other script; readable tables that
``benchmarks/training/fit_spelling.py`` learned from pairs of names give the cost of each writing. No model runs here.
The cost of the cheapest alignment is set against the information in the two names: a long name written as expected is
similar, a short one that could be anything is not. The tables and the sound keys err on different names, so the
similarity is a weighted mean of both.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from rapidfuzz.distance import OSA

from ipwatch.text.phonetics.notation import NameScript, Spelling, spellings
from ipwatch.text.phonetics.transducer import Transducer, read_transducer

MIN_SIMILARITY = 0.6
"""Minimum similarity from which two names of different scripts are suspected to be one.

By ``benchmarks/text/cross_script.py``, 0.91 of brand names in kana reach it, and 25 in a million other pairs.
"""

TABLE_SHARE = 0.7
"""Weight of the tables in a similarity across scripts; the sound keys (OSA) have the rest.

Chosen from 0.4-1.0 on two folds of names; 0.6-0.8 are as good.
"""

DIRECTIONS = (
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
    """Return the similarity of two names, 0..1, each in kana, Latin letters or Hangul; the order does not matter.

    It is the maximum over any two of their ``spellings``. Across scripts a similarity is the weighted mean of the
    tables and the sound keys; letters spelled out one by one count as those letters. Names of one script are compared
    by the edits (OSA) between their notations. A name without a letter of the three scripts has a similarity of 0.
    """
    ways = [
        (left.weight * right.weight, _key_similarity(left.key, right.key), left, right)
        for left in spellings(a)
        for right in spellings(b)
    ]
    best = 0.0
    for weight, keys, left, right in sorted(ways, key=lambda way: -way[0] * way[1]):
        if weight * _upper_bound(left, right, keys) > best:
            best = max(best, weight * _likeness(left, right, keys))
    return best


def _key_similarity(left: str, right: str) -> float:
    return OSA.normalized_similarity(left, right) if left and right else 0.0


def _upper_bound(left: Spelling, right: Spelling, keys: float) -> float:
    """Return an upper bound of the similarity of the two."""
    return 1.0 if left.script is right.script or left.initials or right.initials else _mean(1.0, keys)


def _likeness(left: Spelling, right: Spelling, keys: float) -> float:
    if not left.sounds or not right.sounds:
        return 0.0
    if left.script is right.script:
        return OSA.normalized_similarity(left.sounds, right.sounds)
    if left.initials == right.sounds or right.initials == left.sounds:
        return 1.0
    source, target = (left, right) if (left.script, right.script) in DIRECTIONS else (right, left)
    return _mean(transducer(source.script, target.script).similarity(source.sounds, target.sounds), keys)


def _mean(table: float, keys: float) -> float:
    return TABLE_SHARE * table + (1.0 - TABLE_SHARE) * keys

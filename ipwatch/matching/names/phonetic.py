"""Phonetic matches (称呼): words that sound like a mark written in another script: kana, Latin letters or Hangul.

Names in one script are compared by their letters: one that only sounds similar there (Braun and Brown) is another name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ipwatch.matching.differences import differences
from ipwatch.matching.score import SIMILARITY, SPELLING_WEIGHTS, detail
from ipwatch.matching.variants import ObservedText, Variant
from ipwatch.records import Signal
from ipwatch.text.lexicon.frequency import commonness
from ipwatch.text.phonetics.notation import spelled_name, spellings
from ipwatch.text.phonetics.phonetic_runs import PlacedRun, placed_runs
from ipwatch.text.phonetics.similarity import spelling_similarity

_SHORT_KEY = 6
_ZIPF_OF_CERTAINTY = 9.0
_WORD = re.compile(r"[^\W_]{2,}")
_BETWEEN_WORDS = re.compile(r"[\s・.,]+")
_MAX_WORDS = 6


class PhoneticText:
    """A field of a record with its phonetic runs, computed once for all variants."""

    def __init__(self, observed: ObservedText) -> None:
        self.observed = observed
        self.runs: Sequence[PlacedRun] = placed_runs(observed.source)

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Return the range of the source that the runs ``first:last`` are written in."""
        return self.runs[first].start, self.runs[last - 1].end


def likeness(name: str, surface: str) -> float:
    """Return the spelling similarity of a name and words of another script, 0 where they do not match.

    A word of the name that is missing makes another name: スポーツ does not match J SPORTS.
    """
    similarity = spelling_similarity(name, surface, SPELLING_WEIGHTS)
    minimum = SIMILARITY["minimum_word" if _joint_zipf(surface) else "minimum"]
    return 0.0 if similarity < minimum or _lacks_word(name, surface, similarity) else similarity


def phonetic_signals(
    variant: Variant, text: PhoneticText, runs: tuple[int, int], similarity: float
) -> tuple[Signal, ...]:
    """Return the signal of a variant that matches the runs ``first:last`` with that similarity, and its reasons."""
    observed, span = text.observed, text.span(*runs)
    surface = observed.source[slice(*span)]
    main = Signal(
        name="sound",
        score=round(1.0 - SIMILARITY["loss"] * max(0.0, SIMILARITY["full"] - similarity), 4),
        term="sound_key" if similarity >= SIMILARITY["full"] else "sound_spelling",
        compared=(variant.text, surface),
        field=observed.field,
        span=span,
        differences=differences(variant.text, surface),
    )
    letters = sum(len(placed.run.key) for placed in text.runs[slice(*runs)])
    reasons = (("heard_word", _joint_zipf(surface)), ("heard_short", max(0, _SHORT_KEY - letters)))
    return main, *(
        detail("sound", term, amount, main.compared, field=observed.field, span=span)
        for term, amount in reasons
        if amount
    )


def _lacks_word(name: str, surface: str, similarity: float) -> bool:
    """Whether the surface is more similar to the name without its first or last words; generic ones may be missing."""
    words = [word for word in _BETWEEN_WORDS.split(name) if word][:_MAX_WORDS]
    cuts = range(1, len(words))
    parts = [part for cut in cuts for part in (" ".join(words[:cut]), " ".join(words[cut:]))]
    core = {way.sounds for way in spellings(name)}
    return any(
        spelled_name(part)[1] not in core and spelling_similarity(part, surface, SPELLING_WEIGHTS) > similarity
        for part in parts
    )


def _joint_zipf(surface: str) -> float:
    """Return the Zipf value of the words of a surface together, 0 where one of them is no ordinary word.

    The words are taken as independent: words that are common by themselves (record, book) are rare next to each other.
    """
    values = [commonness(word) for word in _WORD.findall(surface)]
    return max(0.0, sum(values) - _ZIPF_OF_CERTAINTY * (len(values) - 1)) if values and all(values) else 0.0

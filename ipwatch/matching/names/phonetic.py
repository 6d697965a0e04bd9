"""Heard names (称呼): where a text sounds like a form that it writes in another script: kana, Latin letters or Hangul.

Names of one script are compared by their letters: what only sounds alike there (Braun and Brown) is another name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ipwatch.matching.differences import differences
from ipwatch.matching.score import detail
from ipwatch.matching.variants import Form, SeenText
from ipwatch.records import Signal
from ipwatch.text.lexicon.frequency import commonness
from ipwatch.text.phonetics.notation import spelled_name, spellings
from ipwatch.text.phonetics.phonetic_runs import PlacedRun, placed_runs
from ipwatch.text.phonetics.similarity import spelling_similarity

UNLIKE, UNLIKE_WORD = 0.6, 0.75
"""Spelling similarity below which two names are not taken for one, and where an ordinary word is written.

Of 1,572 brand names heard in the other script 1 in 100 is less alike than the first, and of the words of 4,400 listing
titles that are heard wrongly 4 in 5 are less alike than these.
"""

SURE = 0.78
"""From here up a name is heard for sure: what is still missing tells nothing."""

_LOST = 0.5
_SHORT_KEY = 6
_ZIPF_OF_ALL = 9.0
_WORD = re.compile(r"[^\W_]{2,}")
_BETWEEN_WORDS = re.compile(r"[\s・.,]+")
_MAX_WORDS = 6


class PhoneticText:
    """A field of a record as it sounds; worked out once for all forms."""

    def __init__(self, observed: SeenText) -> None:
        self.observed = observed
        self.runs: Sequence[PlacedRun] = placed_runs(observed.source)

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Return the range of the source that the runs ``first:last`` are written in."""
        return self.runs[first].start, self.runs[last - 1].end


def likeness(name: str, surface: str) -> float:
    """Return how alike a name and words of another script are spelled, 0 where they are not taken for one.

    A word of the name that is missing makes another name: J SPORTS is not heard in スポーツ.
    """
    similarity = spelling_similarity(name, surface)
    min_similarity = UNLIKE_WORD if _common(surface) else UNLIKE
    return 0.0 if similarity < min_similarity or _lacks_word(name, surface, similarity) else similarity


def phonetic_signals(form: Form, text: PhoneticText, runs: tuple[int, int], similarity: float) -> tuple[Signal, ...]:
    """Return the signal of a form that is heard in the runs ``first:last`` with that similarity, and its reasons."""
    observed, span = text.observed, text.span(*runs)
    surface = observed.source[slice(*span)]
    main = Signal(
        name="sound",
        score=round(1.0 - _LOST * max(0.0, SURE - similarity), 4),
        term="sound_key" if similarity >= SURE else "sound_spelling",
        compared=(form.text, surface),
        field=observed.field,
        span=span,
        differences=differences(form.text, surface),
    )
    letters = sum(len(placed.run.key) for placed in text.runs[slice(*runs)])
    reasons = (("heard_word", _common(surface)), ("heard_short", max(0, _SHORT_KEY - letters)))
    return main, *(
        detail("sound", term, amount, main.compared, field=observed.field, span=span)
        for term, amount in reasons
        if amount
    )


def _lacks_word(name: str, surface: str, similarity: float) -> bool:
    """Whether the surface is more like the name without its first or last words; generic ones need not be heard."""
    words = [word for word in _BETWEEN_WORDS.split(name) if word][:_MAX_WORDS]
    cuts = range(1, len(words))
    parts = [part for cut in cuts for part in (" ".join(words[:cut]), " ".join(words[cut:]))]
    core = {way.sounds for way in spellings(name)}
    return any(spelled_name(part)[1] not in core and spelling_similarity(part, surface) > similarity for part in parts)


def _common(surface: str) -> float:
    """Return how common the words of a surface are together (Zipf), 0 where one of them is no ordinary word.

    Words that are common by themselves (record, book) are rare side by side, as rare as chance has them.
    """
    values = [commonness(word) for word in _WORD.findall(surface)]
    return max(0.0, sum(values) - _ZIPF_OF_ALL * (len(values) - 1)) if values and all(values) else 0.0

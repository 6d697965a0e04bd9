"""Heard names (称呼): where a text sounds like a form that it does not show, across kana, Latin letters and Hangul."""

from __future__ import annotations

from collections.abc import Iterator

from rapidfuzz.distance import OSA

from ipwatch.matching.borders import Border, borders
from ipwatch.matching.differences import differences
from ipwatch.matching.forms import Form, SeenText
from ipwatch.records import Signal
from ipwatch.text.normalize import Skeleton, skeleton
from ipwatch.text.sounds import sound_folded
from ipwatch.text.spelling import spelling_similarity

SURE = 0.5
"""Spelling similarity from which two names are taken for one: half of the pairs of real names are above."""

UNLIKE = 0.3
"""Spelling similarity below which two names have nothing to do with one another."""


class HeardText:
    """A field of a record as it sounds, beside how it looks; worked out once for all forms."""

    def __init__(self, seen: SeenText) -> None:
        self.seen = seen
        self.stream: Skeleton = sound_folded(seen.source)
        self._edges = {seen.folded.offsets[at]: at for at in range(len(seen.folded.offsets))}

    def stands_alone(self, start: int, end: int) -> bool:
        """Whether the range of the source begins and ends where a word can."""
        edges = borders(self.seen)
        inside = [at for place, at in self._edges.items() if start <= place < end]
        if not inside:
            return False
        return edges[min(inside)] is not Border.NONE and edges[max(inside) + 1] is not Border.NONE


def heard_signal(form: Form, heard: HeardText, distance: int) -> Signal | None:
    """Return the signal of the place that sounds most like the form in ``distance`` edits of its sound stream.

    A name is heard in whole words only, and only where it is not spelled as the form is: that is its appearance.
    """
    found = [one for place in _places(form, heard, distance) if (one := _signal(form, heard.seen, place, distance))]
    return max(found, key=lambda signal: signal.score, default=None)


def _places(form: Form, heard: HeardText, distance: int) -> Iterator[tuple[int, int]]:
    key, stream = sound_folded(form.text).text, heard.stream.text
    for length in range(max(1, len(key) - distance), len(key) + distance + 1):
        for start in range(len(stream) - length + 1):
            if OSA.distance(key, stream[start : start + length], score_cutoff=distance) == distance:
                span = heard.stream.span(start, start + length)
                if heard.stands_alone(*span):
                    yield span


def _signal(form: Form, seen: SeenText, span: tuple[int, int], distance: int) -> Signal | None:
    surface = seen.source[slice(*span)]
    if skeleton(surface).text == form.skeleton:
        return None
    similarity = spelling_similarity(form.text, surface)
    if similarity < UNLIKE:
        return None
    return Signal(
        name="sound",
        score=round(min(1.0, similarity / SURE), 4),
        term="sound_spelling" if distance else "sound_key",
        compared=(form.text, surface),
        field=seen.field,
        span=span,
        differences=differences(form.text, surface),
    )

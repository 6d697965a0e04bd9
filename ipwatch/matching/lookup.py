"""Lookup: which texts may show or sound like which forms, for many texts at once.

Two streams run over one kind of index: the skeletons, for what a name looks like, and the sound keys, for what it
sounds like across kana, Latin letters and Hangul. Both are lossless: what their definition of a hit names is found.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ipwatch.matching.candidates import Hits, TermIndex
from ipwatch.matching.forms import Form, FormOrigin
from ipwatch.text.batch import skeletons
from ipwatch.text.folded import FoldedTexts
from ipwatch.text.sounds import LEAST_KEY, sound_edits, sound_folded, sounds

_SPOKEN = frozenset({FormOrigin.TEXT, FormOrigin.VARIANT, FormOrigin.READING})


class Stream(StrEnum):
    """By what a candidate was found: appearance (外観) or sound (称呼)."""

    APPEARANCE = "appearance"
    SOUND = "sound"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A form that a text may show: the form's number, the stream and the least distance in that stream."""

    form: int
    stream: Stream
    distance: int


class Lookup:
    """The forms of all watched marks, ready to be found in texts.

    Generated forms are looked for by appearance only: their sound is that of the form they were made from.
    """

    def __init__(self, forms: Sequence[Form]) -> None:
        self._appearance = TermIndex()
        self._appearance.add([form.skeleton for form in forms], [form.edits for form in forms])
        spoken = [(number, sound_folded(form.text).text) for number, form in enumerate(forms) if form.origin in _SPOKEN]
        spoken = [(number, key) for number, key in spoken if len(key) >= LEAST_KEY]
        self._spoken = [number for number, _ in spoken]
        self._sound = TermIndex()
        self._sound.add([key for _, key in spoken], [sound_edits(len(key)) for _, key in spoken])

    def find(self, texts: Sequence[str]) -> Mapping[int, list[Candidate]]:
        """Return the candidates of each text that has any, by the text's number; appearance first, then by form.

        Raises ``ValueError`` for a text that is too long to be folded.
        """
        found: defaultdict[int, list[Candidate]] = defaultdict(list)
        for text, form, distance in _rows(self._appearance, skeletons(texts)):
            found[text].append(Candidate(form, Stream.APPEARANCE, distance))
        if self._spoken:
            for text, term, distance in _rows(self._sound, sounds(texts)):
                found[text].append(Candidate(self._spoken[term], Stream.SOUND, distance))
        return found


def _rows(index: TermIndex, texts: FoldedTexts) -> zip[tuple[int, int, int]]:
    hits: Hits = index.search(texts)
    return zip(hits.text.tolist(), hits.term.tolist(), hits.distance.tolist(), strict=True)

"""Lookup: which texts may show or sound like which forms, for many texts at once.

``shown`` searches the skeletons, for what a name looks like; ``heard`` the words, for what it sounds like across kana,
Latin letters and Hangul. Both are lossless: what their definition of a hit names is found.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ipwatch.matching.names.phonetic_index import PhoneticMatch, SoundIndex
from ipwatch.matching.term_index import TermIndex
from ipwatch.matching.variants import Form, FormOrigin
from ipwatch.text.folding.packed import FoldedTexts

_SPOKEN = frozenset({FormOrigin.TEXT, FormOrigin.VARIANT, FormOrigin.READING})


@dataclass(frozen=True, slots=True)
class Candidate:
    """A form that a text may show: the form's number and the least distance."""

    form: int
    distance: int


Candidates = Mapping[int, Sequence[Candidate]]
"""By the number of the text, in the order of the forms; texts without a candidate are left out."""


class Lookup:
    """The forms of all watched marks, ready to be found in texts.

    Generated forms are looked for by appearance only: their sound is that of the form they were made from.
    """

    def __init__(self, forms: Sequence[Form]) -> None:
        self._appearance = TermIndex()
        self._appearance.add([form.skeleton for form in forms], [form.edits for form in forms])
        self._sound = SoundIndex([form if form.origin in _SPOKEN else None for form in forms])

    def candidates(self, folded: FoldedTexts) -> Candidates:
        """Return the forms that each text, given by its skeleton, may show."""
        candidates: defaultdict[int, list[Candidate]] = defaultdict(list)
        hits = self._appearance.search(folded)
        for text, form, distance in zip(hits.text.tolist(), hits.term.tolist(), hits.distance.tolist(), strict=True):
            candidates[text].append(Candidate(form, distance))
        return dict(candidates)

    def phonetic_matches(self, texts: Sequence[str]) -> Mapping[int, Sequence[PhoneticMatch]]:
        """Return by its number what each text sounds like; raises ``ValueError`` for one too long to be folded."""
        matches: defaultdict[int, list[PhoneticMatch]] = defaultdict(list)
        for text, match in self._sound.find(texts):
            matches[text].append(match)
        return dict(matches)

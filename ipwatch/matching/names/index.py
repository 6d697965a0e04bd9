"""Lookup: which variants many texts may contain, by appearance and by sound.

``candidates`` searches the skeletons for a similar appearance, ``phonetic_matches`` the words for a similar sound
across kana, Latin letters and Hangul. Both are lossless: everything that is a hit by definition is found.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ipwatch.matching.names.phonetic_index import PhoneticMatch, SoundIndex
from ipwatch.matching.term_index import TermIndex
from ipwatch.matching.variants import Variant, VariantOrigin
from ipwatch.text.folding.packed import FoldedTexts

_SPOKEN = frozenset({VariantOrigin.TEXT, VariantOrigin.VARIANT, VariantOrigin.READING})


@dataclass(frozen=True, slots=True)
class Candidate:
    """A variant that a text may contain: its number and the smallest distance."""

    variant: int
    distance: int


Candidates = Mapping[int, Sequence[Candidate]]
"""By the number of the text, in the order of the variants; texts without a candidate are left out."""


class Lookup:
    """Index of the variants of all watched marks.

    Generated variants are searched by appearance only: their sound is that of the variant they were made from.
    """

    def __init__(self, variants: Sequence[Variant]) -> None:
        self._appearance = TermIndex()
        self._appearance.add([variant.skeleton for variant in variants], [variant.edits for variant in variants])
        self._sound = SoundIndex([variant if variant.origin in _SPOKEN else None for variant in variants])

    def candidates(self, folded: FoldedTexts) -> Candidates:
        """Return the variants that each text may contain; ``folded`` are the skeletons of the texts."""
        candidates: defaultdict[int, list[Candidate]] = defaultdict(list)
        hits = self._appearance.search(folded)
        for text, variant, distance in zip(hits.text.tolist(), hits.term.tolist(), hits.distance.tolist(), strict=True):
            candidates[text].append(Candidate(variant, distance))
        return dict(candidates)

    def phonetic_matches(self, texts: Sequence[str]) -> Mapping[int, Sequence[PhoneticMatch]]:
        """Return the matches of each text by its number; raises ``ValueError`` for a text too long to be folded."""
        matches: defaultdict[int, list[PhoneticMatch]] = defaultdict(list)
        for text, match in self._sound.find(texts):
            matches[text].append(match)
        return dict(matches)

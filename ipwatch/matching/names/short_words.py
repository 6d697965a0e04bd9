"""Whole words (単語単位の照合): declared names of three or four letters with one edit, as words of their own.

In so short a name one edit makes another word, and a search of all windows returns noise; only whole words are
compared. They are found by deletion neighbourhoods: two words that are one edit (OSA) apart are equal once each has
lost at most one letter.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from rapidfuzz.distance import OSA

from ipwatch.matching.names.word_boundaries import Boundary, boundaries
from ipwatch.matching.variants import ObservedText, Variant

MIN_LENGTH = 3
MAX_LENGTH = 4

_CACHE_SIZE = 200_000
"""Maximum number of words in the cache; titles repeat their words."""


class ShortWordIndex:
    """Index of short declared variants in kana or an alphabet, by their deletion neighbourhoods."""

    def __init__(self, variants: Sequence[Variant]) -> None:
        self._variants = tuple(variants)
        self._by_piece: dict[str, list[int]] = {}
        for number, variant in enumerate(variants):
            if _is_short(variant):
                for piece in pieces(variant.skeleton):
                    self._by_piece.setdefault(piece, []).append(number)
        self._answers: dict[str, tuple[int, ...]] = {}

    @property
    def pieces(self) -> Collection[str]:
        """The variants, and the variants without one letter: a word that is near one shares one with it."""
        return self._by_piece.keys()

    def find(self, observed: ObservedText) -> Iterator[tuple[int, tuple[int, int]]]:
        """Yield each variant, by number, that is one edit from a word of the text, and the word's folded range."""
        if not self._by_piece:
            return
        edges = boundaries(observed)
        start = 0
        for end in range(1, len(edges)):
            if edges[end] is Boundary.NONE:
                continue
            if MIN_LENGTH - 1 <= end - start <= MAX_LENGTH + 1:
                for number in self.near(observed.folded.text[start:end]):
                    yield number, (start, end)
            start = end

    def near(self, word: str) -> tuple[int, ...]:
        """Return the numbers of the variants that the folded word is one edit from."""
        answer = self._answers.get(word)
        if answer is None:
            numbers = {number for piece in pieces(word) for number in self._by_piece.get(piece, ())}
            answer = tuple(
                n for n in sorted(numbers) if OSA.distance(self._variants[n].skeleton, word, score_cutoff=1) == 1
            )
            if len(self._answers) >= _CACHE_SIZE:
                self._answers.clear()
            self._answers[word] = answer
        return answer


def pieces(word: str) -> set[str]:
    """Return the word, and the word without each one of its letters."""
    return {word, *(word[:index] + word[index + 1 :] for index in range(len(word)))}


def _is_short(variant: Variant) -> bool:
    spelled = variant.is_kana or variant.is_alphabetic
    return spelled and not variant.generated and MIN_LENGTH <= len(variant.skeleton) <= MAX_LENGTH

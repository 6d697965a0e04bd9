"""Candidates (照合候補): which spellings a text may hold, without missing one.

``candidates_reference`` compares everything with everything and says what is right. ``FormIndex`` finds the same set
from pairs of neighbouring letters and is many times quicker; a property test holds the two together.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise

from rapidfuzz import fuzz

NEAR_PER_CENT = 80.0
"""The least Indel similarity of a form and its window; below it, coincidences outnumber variants many times."""

MIN_NEAR_LETTERS = 5
"""A shorter form must occur letter by letter: at four letters one edit makes another word."""


def is_candidate(form: str, text: str) -> bool:
    """Whether the text holds the form, or a window of at most its length that is near to it.

    A text no longer than the form is compared as a whole: a form is never taken for found because a piece of it is.
    """
    if form in text:
        return True
    if len(form) < MIN_NEAR_LETTERS:
        return False
    if len(text) <= len(form):
        return fuzz.ratio(form, text) >= NEAR_PER_CENT
    return fuzz.partial_ratio(form, text, score_cutoff=NEAR_PER_CENT) >= NEAR_PER_CENT


def candidates_reference(forms: Sequence[str], texts: Sequence[str]) -> set[tuple[int, int]]:
    """Return every (form, text) pair of indexes that ``is_candidate``, by comparing all of them."""
    return {(f, t) for t, text in enumerate(texts) for f, form in enumerate(forms) if is_candidate(form, text)}


class FormIndex:
    """Forms by their bigrams, so that a text is compared only with the forms it shares enough bigrams with."""

    def __init__(self, forms: Sequence[str]) -> None:
        self._forms = tuple(forms)
        self._needed = tuple(_bigrams_needed(form) for form in forms)
        self._by_bigram: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        for index, form in enumerate(forms):
            if len(form) == 1:
                self._by_bigram[form].append((index, 1))
            for bigram, times in Counter(map("".join, pairwise(form))).items():
                self._by_bigram[bigram].append((index, times))

    def candidates(self, text: str) -> list[int]:
        """Return the indexes of the forms that the text is a candidate for, in rising order."""
        shared: defaultdict[int, int] = defaultdict(int)
        pieces = set(text)
        pieces.update(map("".join, pairwise(text)))
        for piece in pieces & self._by_bigram.keys():
            for index, times in self._by_bigram[piece]:
                shared[index] += times
        return sorted(
            index
            for index, count in shared.items()
            if count >= self._needed[index] and is_candidate(self._forms[index], text)
        )


def _bigrams_needed(form: str) -> int:
    """Return how many bigrams of the form every candidate text must hold.

    A window of at most m letters at Indel similarity 0.8 has d letters of the form missing and i added, with i <= d and
    5 (d + i) <= 2 m - d + i. A missing letter breaks at most two bigrams and an added one at most one (q-gram lemma).
    """
    length = len(form)
    if length < MIN_NEAR_LETTERS:
        return max(1, length - 1)
    broken = max(
        2 * missing + added
        for missing in range(length)
        for added in range(missing + 1)
        if 5 * (missing + added) <= 2 * length - missing + added
    )
    return length - 1 - broken

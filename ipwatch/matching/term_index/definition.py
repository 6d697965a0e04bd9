"""Definition of a hit (照合候補), and the brute force that computes it by trying everything.

A term of m letters with k allowed edits hits a text if some substring w of the text has OSA(term, w) <= k. OSA is the
optimal string alignment distance: letters substituted, inserted, omitted, or two adjacent ones swapped, no substring
edited twice. The distance of a hit is the minimum over all substrings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ipwatch.text.folding.packed import SEPARATOR, FoldedTexts

MAX_TERM_LETTERS = 200
"""A longer term is refused: no name of a mark is so long, and the time of a comparison grows with its square."""

MIN_EDITED_LETTERS = 5
"""A shorter term must occur letter by letter: at four letters one edit makes a different word."""

_BEYOND = 0xFFFFFFFF
"""Fills the columns past the end of a text; not a code point."""

_CELLS_AT_ONCE = 1 << 20


@dataclass(frozen=True, slots=True)
class Hits:
    """Terms and the texts they hit, one row a pair, sorted by text, then term.

    ``term`` (id) and ``text`` (position) are int32, ``distance`` is int16.
    """

    term: NDArray[np.int32]
    text: NDArray[np.int32]
    distance: NDArray[np.int16]

    @classmethod
    def sorted(cls, term: NDArray[np.int32], text: NDArray[np.int32], distance: NDArray[np.int16]) -> Hits:
        """Return rows of distinct pairs in the order of hits."""
        order = np.lexsort((term, text))
        return cls(term[order], text[order], distance[order])

    def __len__(self) -> int:
        return len(self.term)


def allowed_edits(length: int, similarity: float = 0.8) -> int:
    """Return the allowed edits of a term of that length: floor((1 - similarity) * length), none below five letters.

    Raises ``ValueError`` for a length below 1 or a similarity outside of 0 < s <= 1.
    """
    if length < 1:
        raise ValueError(f"a term has letters, not {length}")
    if not 0 < similarity <= 1:
        raise ValueError(f"a similarity lies above 0 and up to 1: {similarity}")
    if length < MIN_EDITED_LETTERS:
        return 0
    # 0.2 * 5 is slightly less than 1 in binary.
    return min(length - 1, int((1 - similarity) * length + 1e-9))


def check_terms(terms: Sequence[str], edits: Sequence[int]) -> None:
    """Raise ``ValueError`` with the reason where a term cannot be searched with its number of edits."""
    if len(terms) != len(edits):
        raise ValueError(f"{len(terms)} terms with {len(edits)} numbers of edits")
    for term, allowed in zip(terms, edits, strict=True):
        if not 1 <= len(term) <= MAX_TERM_LETTERS:
            raise ValueError(f"a term has 1 to {MAX_TERM_LETTERS} letters, not {len(term)}: {term[:40]!r}")
        if chr(SEPARATOR) in term:
            raise ValueError(f"a term holds letters and digits, no NUL: {term[:40]!r}")
        if not 0 <= allowed < len(term):
            raise ValueError(f"{allowed} edits for a term of {len(term)} letters: {term[:40]!r}")


def check_texts(texts: FoldedTexts) -> None:
    """Raise ``ValueError`` where the starts of the texts do not fit their codes."""
    starts, codes = texts.starts, texts.codes
    if len(starts) == 0 or starts[0] != 0 or starts[-1] != len(codes):
        raise ValueError("the starts of the texts do not cover their codes")
    if np.any(starts[1:] <= starts[:-1]) or np.any(codes[starts[1:] - 1] != SEPARATOR):
        raise ValueError("a text does not end with its separator")


def hits_reference(terms: Sequence[str], edits: Sequence[int], texts: FoldedTexts) -> Hits:
    """Return every hit by comparing each term with each text; ids are positions. Raises like the index."""
    check_terms(terms, edits)
    check_texts(texts)
    letters = _texts_as_columns(texts)
    rows = [np.zeros((3, 0), np.int64)]
    for length in sorted(set(map(len, terms))):
        same_length = np.flatnonzero(np.fromiter(map(len, terms), np.int64) == length)
        at_once = max(1, _CELLS_AT_ONCE // max(1, len(texts) * length))
        for numbers in np.split(same_length, range(at_once, len(same_length), at_once)):
            distance = _min_distances([terms[number] for number in numbers], letters)
            term, text = np.nonzero(distance <= np.asarray(edits)[numbers, None])
            rows.append(np.stack([numbers[term], text, distance[term, text]]))
    hits = np.concatenate(rows, axis=1)
    return Hits.sorted(hits[0].astype(np.int32), hits[1].astype(np.int32), hits[2].astype(np.int16))


def _texts_as_columns(texts: FoldedTexts) -> NDArray[np.uint32]:
    """Return letter by text, filled up with ``_BEYOND``."""
    lengths = np.diff(texts.starts) - 1
    letters = np.full((int(lengths.max(initial=0)), len(texts)), _BEYOND, np.uint32)
    for number, (start, length) in enumerate(zip(texts.starts[:-1], lengths, strict=True)):
        letters[:length, number] = texts.codes[start : start + length]
    return letters


def _min_distances(terms: list[str], letters: NDArray[np.uint32]) -> NDArray[np.int16]:
    """Return the minimum distance of terms of one length to substrings of the texts, term by text.

    The plain table, one cell after the other, each for all pairs at once: ``cell(i, j)`` is the distance of the first i
    letters of the term to the nearest substring that ends at letter j. A substring may begin anywhere, so row 0 is 0. A
    letter past the end costs as much as an omitted one, so it never lowers a distance.
    """
    patterns = np.array([[[ord(letter)] for letter in term] for term in terms], np.uint32)
    zeros = np.zeros((len(terms), letters.shape[1]), np.int16)
    before_last = last = [zeros + np.int16(i) for i in range(patterns.shape[1] + 1)]
    best = last[-1]
    for j in range(len(letters)):
        column = [zeros]
        for i in range(1, len(last)):
            cell = last[i - 1] + (letters[j] != patterns[:, i - 1])
            cell = np.minimum(cell, np.minimum(last[i], column[i - 1]) + np.int16(1))
            if i > 1 and j > 0:
                swapped = (letters[j] == patterns[:, i - 2]) & (letters[j - 1] == patterns[:, i - 1])
                cell = np.where(swapped, np.minimum(cell, before_last[i - 2] + np.int16(1)), cell)
            column.append(cell)
        before_last, last = last, column
        best = np.minimum(best, last[-1])
    return best

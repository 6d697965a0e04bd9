"""Postings: where a gram of a text may belong to a term, with the letters next to it.

Why no hit is missed (the pigeonhole principle, extended to swaps). Take an alignment of a term with a substring of the
text that has at most k edits.

* k = 0: any one gram of the term occurs in the text as it is.
* k = 1: cut the term in two. The edit is a swap over the cut, and then the term with these two letters swapped occurs
  as it is; or it lies in one half (an insertion at the cut may be counted to either), and the other half occurs as it
  is, with at most one edit next to it.
* k >= 2: choose k + 1 grams that do not overlap. Say s edits are swaps over a cut, where two grams touch. Each
  of the other k - s edits changes letters of one gram at most, so at least (k + 1) - (k - s) = s + 1 grams are changed
  by nothing but such swaps. If none at all changes one of them, it occurs as it is. Else all s + 1 are among the grams
  next to the s cuts. Cuts in a row (each but the last followed by a gram that is swapped at both ends) are one run; a
  run of r cuts has r + 1 grams, so the s cuts have s grams and one more for each run, and in at least one run every
  gram is changed by nothing but the swaps. For each cut one of its two grams is taken, the rarer one, with the letter
  at the cut exchanged for the neighbour's. In that run either the first cut took its first gram, or the last cut its
  last, or a cut that took the gram after it is followed by one that took the gram before it: the same gram, which is
  taken with both letters exchanged as well. (OSA edits no letter twice, so that gram has two letters or more.) The
  scheme grows linearly with k; exchanging letters at every set of cuts would grow exponentially.

A gram found that way is at a known offset of the term, so the rest of the term is compared from there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from ipwatch.matching.term_index.cuts import GramCounts, rarest_grams, rarest_grams_apart, rarest_halves
from ipwatch.matching.term_index.letters import (
    GRAM_LETTERS,
    NEAR_LETTERS,
    SET_BITS,
    WORD_LETTERS,
    letter_bits,
    letter_codes,
)
from ipwatch.matching.term_index.terms import Terms

OFFSET_SHIFT = 8
SIZE_SHIFT = 16
KIND_SHIFT = 24
TERM_SHIFT = 32
_KEY_SHIFT = 8
_LENGTH_SHIFT = 40


class Compare(IntEnum):
    """What the letters next to a gram are compared for, and on which side; ``EDITS``: on both."""

    ONE_EDIT_BEHIND = 0
    ONE_EDIT_BEFORE = 1
    AS_IT_IS = 2
    EDITS = 3


@dataclass(frozen=True, slots=True)
class Postings:
    """One row for each gram of a term; all arrays are uint64.

    ``order``: length of the gram, the gram, ``Compare``; rows are grouped by it. ``adjacent``: the codes of up to eight
    letters on the side that is compared (``EDITS``: after the gram), nearest lowest, 0 where the term ends; ``before``:
    those before the gram. ``sets`` (rows by 2): the letters after and before as sets; the number in the two highest
    bits of the first is how many of them may be absent; empty where the check is not worthwhile. ``detail``: from the
    lowest bits on, edits left for the letters next to the gram (8 bits), its offset in the term (8), its length (8),
    ``Compare`` (8), and the position of the term.
    """

    order: NDArray[np.uint64]
    adjacent: NDArray[np.uint64]
    before: NDArray[np.uint64]
    sets: NDArray[np.uint64]
    detail: NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.order)

    @classmethod
    def joined(cls, parts: list[Postings]) -> Postings:
        """Return all rows, in no particular order."""
        none, no_pair = np.zeros(0, np.uint64), np.zeros((0, 2), np.uint64)
        return cls(
            np.concatenate([none, *(part.order for part in parts)]),
            np.concatenate([none, *(part.adjacent for part in parts)]),
            np.concatenate([none, *(part.before for part in parts)]),
            np.concatenate([no_pair, *(part.sets for part in parts)]),
            np.concatenate([none, *(part.detail for part in parts)]),
        )

    def renumbered(self, position: NDArray[np.int64]) -> Postings:
        """Return the rows with each term at its new position; terms with a negative position are left out."""
        new = position[(self.detail >> np.uint64(TERM_SHIFT)).astype(np.int64)]
        kept = new >= 0
        rest = self.detail[kept] & np.uint64((1 << TERM_SHIFT) - 1)
        detail = (new[kept].astype(np.uint64) << np.uint64(TERM_SHIFT)) | rest
        return Postings(self.order[kept], self.adjacent[kept], self.before[kept], self.sets[kept], detail)


def postings_of(terms: Terms, counts: GramCounts) -> Postings:
    """Return the postings of all terms: 1 for a term without edits, 3 for one edit, at most 5 k / 2 + 1 for more."""
    parts: list[Postings] = []
    for members, letters, edits in terms.grouped():
        if edits == 0:
            parts.append(_unedited(members, letters, counts))
        elif edits == 1:
            parts.extend(_halves(members, letters, counts))
        else:
            parts.extend(_grams_apart(members, letters, edits, counts))
    return Postings.joined(parts)


def _unedited(members: NDArray[np.int64], letters: NDArray[np.uint32], counts: GramCounts) -> Postings:
    codes = letter_codes(letters)
    starts, length = rarest_grams(codes, counts)
    return _rows(members, codes, starts, np.full_like(starts, length), Compare.AS_IT_IS, 0)


def _halves(members: NDArray[np.int64], letters: NDArray[np.uint32], counts: GramCounts) -> Iterator[Postings]:
    codes = letter_codes(letters)
    cuts = rarest_halves(codes, counts)
    left = np.minimum(GRAM_LETTERS, cuts)
    right = np.minimum(GRAM_LETTERS, letters.shape[1] - cuts)
    yield _rows(members, codes, cuts - left, left, Compare.ONE_EDIT_BEHIND, 1)
    yield _rows(members, codes, cuts, right, Compare.ONE_EDIT_BEFORE, 1)
    swapped, differs = _swapped(letters, cuts)
    if np.any(differs):
        other = letter_codes(swapped[differs])
        starts, length = rarest_grams(other, counts)
        yield _rows(members[differs], other, starts, np.full_like(starts, length), Compare.EDITS, 0)


def _grams_apart(
    members: NDArray[np.int64], letters: NDArray[np.uint32], edits: int, counts: GramCounts
) -> Iterator[Postings]:
    chosen = rarest_grams_apart(letter_codes(letters), edits + 1, counts)
    nowhere = np.zeros(len(members), bool)
    for number in range(edits + 1):
        start, length = chosen.starts[:, number], chosen.lengths[:, number]
        before = chosen.touches[:, number] & ~chosen.before[:, number]
        behind = chosen.touches[:, number + 1] & chosen.before[:, number + 1] if number < edits else nowhere
        for first, last in ((False, False), (True, False), (False, True), (True, True)):
            some, spelled = ~nowhere, letters
            if first:
                spelled, differs = _swapped(spelled, start, where=before)
                some = some & before & differs
            if last:
                spelled, differs = _swapped(spelled, start + length, where=behind)
                some = some & behind & differs
            if first and last:
                some = some & (length > 1)
            if np.any(some):
                codes = letter_codes(spelled[some])
                yield _rows(members[some], codes, start[some], length[some], Compare.EDITS, edits - first - last)


def _swapped(
    letters: NDArray[np.uint32], cuts: NDArray[np.int64], where: NDArray[np.bool_] | None = None
) -> tuple[NDArray[np.uint32], NDArray[np.bool_]]:
    """Return the rows with the two letters next to the cut of each row swapped, and whether they differ."""
    rows = np.arange(len(letters)) if where is None else np.flatnonzero(where)
    swapped = letters.copy()
    swapped[rows, cuts[rows]], swapped[rows, cuts[rows] - 1] = letters[rows, cuts[rows] - 1], letters[rows, cuts[rows]]
    return swapped, np.any(swapped != letters, axis=1)


def _rows(  # noqa: PLR0917 - one posting is all of these
    members: NDArray[np.int64],
    codes: NDArray[np.uint8],
    starts: NDArray[np.int64],
    lengths: NDArray[np.int64],
    compare: Compare,
    edits_left: int,
) -> Postings:
    padded = np.pad(codes, ((0, 0), (WORD_LETTERS, WORD_LETTERS)))
    positions = (starts + WORD_LETTERS)[:, None]
    gram = np.take_along_axis(padded, positions + np.arange(GRAM_LETTERS), axis=1)
    gram[np.arange(GRAM_LETTERS) >= lengths[:, None]] = 0
    behind = np.take_along_axis(padded, positions + lengths[:, None] + np.arange(WORD_LETTERS), axis=1)
    before = np.take_along_axis(padded, positions - 1 - np.arange(WORD_LETTERS), axis=1)
    sets = np.zeros((len(members), 2), np.uint64)
    if edits_left <= NEAR_LETTERS - WORD_LETTERS:
        sets[:, 0] = np.bitwise_or.reduce(letter_bits(behind), axis=1) | np.uint64(edits_left << SET_BITS)
        sets[:, 1] = np.bitwise_or.reduce(letter_bits(before), axis=1)
    behind_word, before_word = behind.view("<u8")[:, 0], before.view("<u8")[:, 0]
    adjacent = before_word if compare == Compare.ONE_EDIT_BEFORE else behind_word
    key = gram.view("<u4")[:, 0].astype(np.uint64)
    order = (
        (lengths.astype(np.uint64) << np.uint64(_LENGTH_SHIFT)) | (key << np.uint64(_KEY_SHIFT)) | np.uint64(compare)
    )
    detail = (members << TERM_SHIFT) | (compare << KIND_SHIFT) | (lengths << SIZE_SHIFT)
    detail |= (starts << OFFSET_SHIFT) | edits_left
    return Postings(order, adjacent, before_word, sets, detail.astype(np.uint64))


def key_of(order: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.uint32], NDArray[np.int64]]:
    """Return the length of the gram, the gram and the ``Compare`` of the order of each row."""
    return (
        (order >> np.uint64(_LENGTH_SHIFT)).astype(np.int64),
        ((order >> np.uint64(_KEY_SHIFT)) & np.uint64(0xFFFFFFFF)).astype(np.uint32),
        (order & np.uint64((1 << _KEY_SHIFT) - 1)).astype(np.int64),
    )

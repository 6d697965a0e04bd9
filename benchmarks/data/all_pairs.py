"""Brute force for the identity check: every term against every text, sixteen terms side by side in one register.

The bit-parallel search of Hyyrö (2003) for the optimal string alignment distance: one column of the table is two words
of bits, so a letter costs a dozen instructions for sixteen terms. It shares nothing with the index.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from ipwatch.matching.term_index import Hits
from ipwatch.text.folding.packed import FoldedTexts

LANES = 16
MAX_LETTERS = 64


def all_pairs(terms: list[str], edits: list[int], texts: FoldedTexts) -> Hits:
    """Return every hit of terms of at most 64 letters."""
    used = np.unique(np.frombuffer("".join(terms).encode("utf-32-le"), np.uint32))
    positions = np.searchsorted(used, texts.codes)
    known = used[np.minimum(positions, len(used) - 1)] == texts.codes
    letters = np.where(known, positions + 1, 0).astype(np.int32)
    order = sorted(range(len(terms)), key=lambda number: len(terms[number]))
    blocks = []
    for first in range(0, len(order), LANES):
        group = order[first : first + LANES]
        max_length = max(len(terms[number]) for number in group)
        word: Any = np.uint32 if max_length <= 32 else np.uint64
        if max_length > MAX_LETTERS:
            raise ValueError(f"a term of {max_length} letters does not fit into {MAX_LETTERS} bits")
        masks = np.zeros((len(used) + 1, LANES), word)
        last = np.ones(LANES, word)
        length = np.ones(LANES, np.int32)
        allowed = np.full(LANES, -1, np.int32)
        for lane, number in enumerate(group):
            term = np.frombuffer(terms[number].encode("utf-32-le"), np.uint32)
            for bit, letter in enumerate(np.searchsorted(used, term) + 1):
                masks[letter, lane] |= word(1) << word(bit)
            last[lane] = word(1) << word(len(term) - 1)
            length[lane], allowed[lane] = len(term), edits[number]
        lanes, text, distance = _search(letters, texts.starts, masks, last, length, allowed, word(1))
        blocks.append(np.stack([np.array(group)[lanes], text, distance]))
    term, text, distance = np.concatenate(blocks, axis=1)
    return Hits.sorted(term.astype(np.int32), text.astype(np.int32), distance.astype(np.int16))


@numba.njit(nogil=True)
def _search(  # noqa: PLR0917 - a compiled function has no keywords
    letters: NDArray[np.int32],
    starts: NDArray[np.int64],
    masks: NDArray[np.uint32],
    last: NDArray[np.uint32],
    length: NDArray[np.int32],
    allowed: NDArray[np.int32],
    bit: np.uint32,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    zero = bit - bit
    rise, fall, diagonal, previous = (
        np.empty_like(last),
        np.empty_like(last),
        np.empty_like(last),
        np.empty_like(last),
    )
    score, lowest = np.empty(LANES, np.int32), np.empty(LANES, np.int32)
    lanes, texts, distances = [np.int64(0)], [np.int64(0)], [np.int64(0)]
    for text in range(len(starts) - 1):
        rise[:], fall[:], diagonal[:], previous[:] = ~zero, zero, zero, zero
        score[:] = length
        lowest[:] = length
        for position in range(starts[text], starts[text + 1] - 1):
            row = masks[letters[position]]
            for lane in range(LANES):
                same, up, down = row[lane], rise[lane], fall[lane]
                swapped = ((~diagonal[lane] & same) << bit) & previous[lane]
                zero_diagonal = (((same & up) + up) ^ up) | same | down | swapped
                right, left = down | ~(zero_diagonal | up), zero_diagonal & up
                now = score[lane] + np.int32((right & last[lane]) != zero) - np.int32((left & last[lane]) != zero)
                score[lane], lowest[lane] = now, min(lowest[lane], now)
                right, left = right << bit, left << bit
                rise[lane], fall[lane] = left | ~(zero_diagonal | right), right & zero_diagonal
                diagonal[lane], previous[lane] = zero_diagonal, same
        for lane in range(LANES):
            if lowest[lane] <= allowed[lane]:
                lanes.append(np.int64(lane))
                texts.append(np.int64(text))
                distances.append(np.int64(lowest[lane]))
    return np.array(lanes[1:]), np.array(texts[1:]), np.array(distances[1:])

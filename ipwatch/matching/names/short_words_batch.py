"""Words one edit from a short name, in many texts at once.

``ShortWordBatchIndex`` finds by arrays what ``ShortWordIndex`` finds text by text. A word is decoded to a string only
where a bit table says that it may share a piece with a name; of a million titles most have no such word.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from ipwatch.matching.names.short_words import MAX_LENGTH, MIN_LENGTH, ShortWordIndex
from ipwatch.matching.names.word_ranges import WordRanges, word_ranges
from ipwatch.matching.variants import ObservedText
from ipwatch.text.folding.packed import FoldedTexts

ShortWordMatch = tuple[int, int, tuple[int, int]]
"""Number of the text, number of the variant, folded range of the word."""

_FACTORS = np.array(
    [0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 0xD6E8FEB86659FD93, 0xC2B2AE3D27D4EB4F], np.uint64
)
"""One odd factor for each letter of a word; the hash of a word is the highest bits of the sum of the products."""

_BITS_A_PIECE = 32
_MIN_BITS = 12


class ShortWordBatchIndex:
    """``ShortWordIndex`` for many texts at once."""

    def __init__(self, words: ShortWordIndex) -> None:
        self._words = words
        size = max(_MIN_BITS, (_BITS_A_PIECE * len(words.pieces)).bit_length())
        self._shift = np.uint64(64 - size)
        self._is_piece = np.zeros(1 << size, np.bool_)
        for length in range(MIN_LENGTH - 1, MAX_LENGTH + 1):
            same_length = [piece for piece in words.pieces if len(piece) == length]
            codes = np.array([[ord(letter) for letter in piece] for piece in same_length], np.uint32).reshape(
                -1, length
            )
            self._is_piece[self._hashed(codes)] = True

    def find(self, texts: Sequence[str], folded: FoldedTexts) -> Iterator[ShortWordMatch]:
        """Yield the matches of ``ShortWordIndex.find`` in each text, unordered; ``folded`` are the skeletons."""
        if not self._words.pieces:
            return
        ranges = word_ranges(texts, folded)
        for length in range(MIN_LENGTH - 1, MAX_LENGTH + 2):
            yield from self._of_length(ranges, length, folded)
        for text in ranges.unclear.tolist():
            for variant, word in self._words.find(ObservedText.of("", texts[text])):
                yield text, variant, word

    def _of_length(self, ranges: WordRanges, length: int, folded: FoldedTexts) -> Iterator[ShortWordMatch]:
        rows = ranges.of_length(length)
        first = folded.starts[ranges.text[rows]] + ranges.start[rows]
        codes = folded.codes[first[:, None] + np.arange(length)]
        maybe = self._shares_a_piece(codes)
        kept = rows[maybe]
        texts, starts = ranges.text[kept].tolist(), ranges.start[kept].tolist()
        for text, start, letters in zip(texts, starts, codes[maybe], strict=True):
            for variant in self._words.near(letters.tobytes().decode("utf-32-le", "surrogatepass")):
                yield text, variant, (start, start + length)

    def _shares_a_piece(self, codes: NDArray[np.uint32]) -> NDArray[np.bool_]:
        """Return whether words, as rows of letters, may share a piece with a variant; no word that does is missed."""
        shares = self._is_piece[self._hashed(codes)]
        for left_out in range(codes.shape[1]):
            shares |= self._is_piece[self._hashed(np.delete(codes, left_out, axis=1))]
        return shares

    def _hashed(self, codes: NDArray[np.uint32]) -> NDArray[np.int64]:
        mixed = (codes * _FACTORS[: codes.shape[1]]).sum(axis=1, dtype=np.uint64)
        return np.asarray((mixed >> self._shift).astype(np.int64))

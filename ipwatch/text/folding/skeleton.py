"""The skeleton of a text: case, width, kana spelling, look-alikes and hidden characters are folded away.

Two texts with one skeleton look the same at a glance. Skeletons are compared, never shown: the offset map leads every
match back to the code points of the original. ``batch`` folds many texts at once, to the same letters.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from ipwatch.text.folding.characters import (
    CLINGING,
    FOLD,
    PROLONGED,
    V_SOUNDS,
    VOICING,
    fold_kana,
    is_invisible,
    is_vowel_sign,
    plain,
    to_katakana,
    trait_of,
)
from ipwatch.text.folding.confusables import HAN_VARIANTS, LONG_MARK_LOOKALIKES
from ipwatch.text.folding.neighbours import fold_by_neighbours, fold_stream, katakana_of

__all__ = [
    "MAX_CHARACTERS",
    "Skeleton",
    "beginning",
    "is_invisible",
    "plain",
    "plain_letters",
    "plain_span",
    "skeleton",
    "to_katakana",
]

MAX_CHARACTERS = 20_000
"""Maximum length of a text that is folded; a longer one is refused, so that one record cannot hold up a run."""


@dataclass(frozen=True, slots=True)
class Skeleton:
    """A folded text and where each of its characters came from: ``offsets[i]`` is a code point index of ``source``."""

    text: str
    offsets: tuple[int, ...]
    source: str

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the half-open range of the source that the non-empty range ``start:end`` of the skeleton came from.

        It includes marks, hidden characters and ー that follow the last character, and the voicing marks, vowels after
        ヴ and jamo that were joined to it, even across a space.
        """
        if not 0 <= start < end <= len(self.text):
            raise ValueError(f"no such range in a skeleton of {len(self.text)}: {start}:{end}")
        stop = self.offsets[end - 1] + 1
        limit = self.offsets[end] if end < len(self.offsets) else len(self.source)
        stop = max((index + 1 for index in range(stop, limit) if _was_joined(self.source[index])), default=stop)
        while stop < limit and _clings(self.source[stop]):
            stop += 1
        return self.offsets[start], stop


def skeleton(text: str) -> Skeleton:
    """Return the folded form of a text with its offset map; raises ``ValueError`` above ``MAX_CHARACTERS``.

    The letters are those of the Unicode general categories L and N, and vowel signs after a letter of their script.
    """
    if len(text) > MAX_CHARACTERS:
        raise ValueError(f"a text of {len(text)} characters is not compared; the limit is {MAX_CHARACTERS}")
    pieces = [FOLD[char] for char in text]
    fold_by_neighbours(text, pieces)
    letters = "".join(pieces)
    offsets = [index for index, piece in enumerate(pieces) if piece]
    if len(offsets) < len(letters):
        offsets = [index for index, piece in enumerate(pieces) for _ in piece]
    letters, offsets = fold_stream(letters, offsets)
    return Skeleton(letters, tuple(offsets), text)


def beginning(text: str, limit: int) -> str:
    """Return the beginning of a text with at most ``limit`` visible characters, at most ``MAX_CHARACTERS`` long.

    Marks and hidden characters are not counted, so that a name with hundreds of marks on each letter is complete.
    """
    shown = 0
    for index, char in enumerate(text[:MAX_CHARACTERS]) if len(text) > limit else ():
        shown += trait_of(char) != CLINGING
        if shown > limit:
            return text[:index]
    return text[:MAX_CHARACTERS]


def plain_span(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the half-open range of the text that the non-empty range ``start:end`` of its ``plain`` form came from.

    A character that expands to several is included as a whole, and so are the characters that NFKC may join to it.
    """
    first = last = -1
    offset = folded = 0
    for length, piece in _plain_pieces(text):
        if folded <= start < folded + piece:
            first = offset
        offset += length
        folded += piece
        if last < 0 and folded >= end:
            last = offset
    if not 0 <= start < end <= folded:
        raise ValueError(f"no such range in a plain text of {folded}: {start}:{end}")
    return first, last


def plain_letters(text: str) -> str:
    """Return the letters and digits of a text in their usual spelling.

    Case, width, accents, kana spelling and the spellings of Han characters in Japan and China are folded. Unlike a
    skeleton it keeps look-alikes distinct: two texts with one skeleton but different plain letters were disguised.
    """
    spelled = to_katakana(plain(text))
    for small, voiced in V_SOUNDS.items():
        spelled = spelled.replace(f"ヴ{small}", voiced)
    kept = []
    for char in spelled:
        if "\u30a0" <= char <= "\u30ff":
            kept.append(fold_kana(char))
        else:
            kept.append(unicodedata.normalize("NFD", HAN_VARIANTS.get(char, char)))
    return "".join(char for char in "".join(kept) if unicodedata.category(char)[0] in {"L", "N"} or is_vowel_sign(char))


def _plain_pieces(text: str) -> Iterator[tuple[int, int]]:
    """Yield the lengths of the minimal runs of the text that NFKC changes independently, and of their results."""
    if text.isascii():
        yield from ((1, 1) for _ in text)
        return
    begun = 0
    for index in range(1, len(text) + 1):
        if index == len(text) or not _joins(text[index]):
            yield index - begun, len(plain(text[begun:index]))
            begun = index


def _joins(char: str) -> bool:
    """Whether NFKC may join the character to the preceding one."""
    if char.isascii():
        return False
    head = unicodedata.normalize("NFKD", char)[0]
    # Vowels and final consonants of Hangul, which a syllable begins with neither of.
    return unicodedata.category(head)[0] == "M" or "\u1161" <= head <= "\u11c2"


def _is_jamo(char: str) -> bool:
    """Whether the character is a part of a Hangul syllable, which may join the next one."""
    return "\u1100" <= char <= "\u11ff" or "\u3131" <= char <= "\u3163" or "\uffa1" <= char <= "\uffdc"


def _was_joined(char: str) -> bool:
    """Whether the character, if it has no fold of its own, changed the preceding one."""
    return char in VOICING or _is_jamo(char) or katakana_of(char) in V_SOUNDS


def _clings(char: str) -> bool:
    """Whether the character, if it has no fold of its own, belongs to the preceding one."""
    hidden = is_invisible(char) or unicodedata.category(char)[0] == "M"
    return hidden or char in PROLONGED or char in LONG_MARK_LOOKALIKES

"""Composite marks (結合商標): a filed mark that is a watched one with further words before it or behind it.

The Examination Guidelines for Art. 4(1)(xi) compare the distinctive part (要部) of a composite mark: laudatory words
and words for a kind of business next to a name do not count. Next to other words a name counts only where it is long
enough, or is no ordinary word itself and is next to one; otherwise the letters coincide by chance (キリン in キリンジ,
ライオン in ライオンズマンション).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from ipwatch.matching.names.adjacent_words import is_made_of, may_be_words
from ipwatch.matching.names.appearance import Match
from ipwatch.matching.names.occurrence import kind_of
from ipwatch.matching.names.windows import windows
from ipwatch.matching.names.word_boundaries import Boundary, boundaries
from ipwatch.matching.readings.distinctive_part import split_reading
from ipwatch.matching.score import MAIN_WEIGHTS, STRENGTHS
from ipwatch.matching.variants import ObservedText, Script, Variant
from ipwatch.text.folding.skeleton import plain_letters, skeleton, to_katakana
from ipwatch.text.lexicon.frequency import commonness
from ipwatch.text.lexicon.roles import words
from ipwatch.text.phonetics.kana import morae

_MIN_LETTERS = {"alphabetic": 3, "kana": 3, "other": 2}
_MIN_REST = {"alphabetic": 3, "kana": 2, "other": 1}
"""Minimum letters joined to a name that can be a word: with one more kana it is another name (キリンジ)."""

_SURE_LENGTH = {"alphabetic": 5, "kana": 4, "other": 2}
_MIN_REST_NEXT_TO_SHORT = 4
"""Minimum letters of a generic word next to a name shorter than ``_SURE_LENGTH``: plus, pro and max end many words."""

_LONG = {"alphabetic": 8, "kana": 6, "other": 4}
"""Letters or morae from which a name is so rarely in another by chance that the words next to it do not matter."""

_MIN_LENGTH_NEXT_TO_WORD = {"alphabetic": 5, "kana": 5, "other": 3}
_MIN_WORD_LENGTH = {"alphabetic": 4, "kana": 3, "other": 1}


def is_searched(variant: Variant) -> bool:
    """Whether the variant is searched for within filed marks: declared, and not too short."""
    if variant.generated:
        return False
    if variant.is_kana:
        return _length(variant) >= _MIN_LETTERS["kana"]
    if kind_of(variant) == "other" and variant.scripts != {Script.HAN}:
        return len(variant.skeleton) > _MIN_LETTERS["other"]
    return _length(variant) >= _MIN_LETTERS[kind_of(variant)]


def match_within(variant: Variant, observed: ObservedText) -> Match | None:
    """Return the match of the variant at either end of the filed mark or between generic words, else ``None``.

    The range of the match is the whole filed mark, because the words next to the name are what the match is about.
    """
    whole = observed.folded.text
    if not is_searched(variant) or len(whole) <= len(variant.skeleton):
        return None
    strengths = (_strength(variant, observed, *window) for window in _at_an_end(variant, whole))
    strength = max(strengths, default=0.0)
    if not strength:
        return None
    term = "name_contained_generic" if strength == STRENGTHS["name_beside_laudatory"] else "name_contained"
    return Match(*observed.folded.span(0, len(whole)), strength, term, MAIN_WEIGHTS["name"] * strength)


def _length(variant: Variant) -> int:
    """Return the length of a name: for kana the morae of its distinctive part, for others its letters."""
    return _mora_count(variant.text) if variant.is_kana else len(variant.skeleton)


@lru_cache(maxsize=1 << 12)
def _mora_count(kana: str) -> int:
    return len(split_reading(kana).morae) if morae(kana) else 0


def _at_an_end(variant: Variant, whole: str) -> Iterator[tuple[int, int]]:
    """Yield the ranges of the variant with few enough letters before it or behind it to be generic words."""
    return (
        (start, end)
        for start, end in windows(variant.skeleton, whole, 0)
        if may_be_words(start) or may_be_words(len(whole) - end)
    )


def _strength(variant: Variant, observed: ObservedText, start: int, end: int) -> float:
    whole, edges = observed.folded.text, boundaries(observed)
    sides = [
        _Side.of(variant, observed, 0, start, bounded=edges[start] is not Boundary.NONE, words=_generic_before()),
        _Side.of(variant, observed, end, len(whole), bounded=edges[end] is not Boundary.NONE, words=_generic_behind()),
    ]
    others = [side for side in sides if not side.is_generic]
    if not others:
        return 0.0 if _is_word(observed.source) else STRENGTHS["name_beside_laudatory"]
    if len(others) > 1 or not _holds_next_to(variant, others[0]):
        return 0.0
    as_declared = _spelled(observed.source[slice(*observed.folded.span(start, end))]) == _spelled(variant.text)
    return STRENGTHS["name_beside_others"] if as_declared else 0.0


@dataclass(frozen=True, slots=True)
class _Side:
    """One side of a name: the text on it, and whether it is made of generic words."""

    text: str
    letters: int
    bounded: bool
    is_generic: bool

    @classmethod
    def of(
        cls, variant: Variant, observed: ObservedText, start: int, end: int, *, bounded: bool, words: frozenset[str]
    ) -> _Side:
        """Return the side of the variant in the folded range; ``bounded`` where a boundary separates it."""
        letters = observed.folded.text[start:end]
        text = observed.source[slice(*observed.folded.span(start, end))] if letters else ""
        kind = kind_of(variant)
        min_letters = (
            1 if bounded else _MIN_REST[kind] if _length(variant) >= _SURE_LENGTH[kind] else _MIN_REST_NEXT_TO_SHORT
        )
        is_generic = not letters or (len(letters) >= min_letters and is_made_of(letters, words))
        return cls(text, len(letters), bounded, is_generic)


def _holds_next_to(variant: Variant, side: _Side) -> bool:
    """Whether the variant still counts as the name next to words that are not generic."""
    kind, length = kind_of(variant), _length(variant)
    if side.letters < _MIN_REST[kind] or commonness(variant.text):
        return False
    next_to_word = side.letters >= _MIN_WORD_LENGTH[kind] and _is_word(side.text)
    return length >= _LONG[kind] or (length >= _MIN_LENGTH_NEXT_TO_WORD[kind] and next_to_word)


@lru_cache(maxsize=1 << 12)
def _spelled(text: str) -> str:
    """Return a text in plain letters and katakana: look-alike letters and a final ー make no difference."""
    return to_katakana(plain_letters(text)).rstrip("ー")


def _is_word(text: str) -> bool:
    return commonness(text.strip()) > 0


@cache
def _generic_before() -> frozenset[str]:
    return _folded(words("laudatory", "before"), words("legal_form", "written"))


@cache
def _generic_behind() -> frozenset[str]:
    return _folded(
        words("laudatory", "behind"),
        words("legal_form", "written", "common", "full", "spoken"),
        words("generic", "structure", "line"),
    )


def _folded(*lists: Sequence[str]) -> frozenset[str]:
    return frozenset(skeleton(word).text for listed in lists for word in listed)

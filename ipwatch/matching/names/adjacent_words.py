"""Words against a name (語の連なり): letters that run on from a name and make no other word of it.

Sellers write a word for goods or trade, a particle or the s of a plural right behind a name. Such letters end a name as
a space does; any other letters can make it part of another word (lion in billion).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache, lru_cache

from ipwatch.matching.variants import SeenText, script_of
from ipwatch.text.folding.skeleton import skeleton
from ipwatch.text.lexicon.frequency import commonness
from ipwatch.text.lexicon.roles import words

_PARTICLES = frozenset(words("particle", "after"))
_MAX_PARTICLE_LENGTH = max(map(len, _PARTICLES))
_MAX_WORD_LENGTH = 20
_JOINING = frozenset(words("particle", "joining"))
_MIN_WORD_LENGTH = 4
_ORDINARY = 3.0
"""Zipf value from which letters behind a name are read as a word of their own (sonyheadphones)."""

_MIN_CAPITALS = 3
_MAX_LETTERS = 60
"""Letters beside a name that are read as words."""


def ends_name(observed: SeenText, end: int, stop: int) -> bool:
    """Whether the folded range that runs on from a name is a particle or a plural s, so that the name ends there.

    The s is small behind capitals (SALONs). What is an ordinary word together with the name (きもの) is that word.
    """
    if not end < stop <= end + _MAX_PARTICLE_LENGTH:
        return False
    last, first = observed.folded.offsets[end - 1], observed.folded.offsets[end]
    rest = observed.source[first : observed.folded.offsets[stop - 1] + 1]
    if rest == "s":
        written = observed.source[max(0, last + 1 - _MIN_CAPITALS) : last + 1]
        return len(written) == _MIN_CAPITALS and written.isupper()
    if rest not in _PARTICLES or script_of(rest[0]) is not script_of(observed.source[last]):
        return False
    return not commonness(_written_before(observed, last) + rest)


def _written_before(observed: SeenText, last: int) -> str:
    """Return the letters of one script that end at that place of the source, no more than a word has."""
    first = last
    while (
        last - first < _MAX_WORD_LENGTH
        and first
        and script_of(observed.source[first - 1]) is script_of(observed.source[last])
    ):
        first -= 1
    return observed.source[first : last + 1]


def is_known(kind: str, before: str, after: str, goods: Sequence[str]) -> bool:
    """Whether the folded letters on both sides of a name are words that sellers write against any name, or none.

    ``kind`` is that of the name (``alphabetic``, ``kana`` or ``other``), ``goods`` the goods terms of the mark, folded.
    """
    if after and not _is_behind(kind, after, goods):
        return False
    return not before or before in goods or is_made_of(before, _folded("trade", "before"))


def _is_behind(kind: str, after: str, goods: Sequence[str]) -> bool:
    known = _words_behind(tuple(goods))
    if after in _folded("trade", "after_alone") or is_made_of(after, known):
        return True
    if kind == "alphabetic":
        return False
    rest = after[1:] if after[0] in _JOINING else after
    return after.startswith(tuple(known)) or rest.startswith(tuple(known))


def opens_word(name: str, before: str, after: str) -> bool:
    """Whether a name that is no ordinary word itself runs on into one, as written: sonyheadphones, not zebrawood."""
    return not before and len(after) >= _MIN_WORD_LENGTH and not commonness(name) and commonness(after) >= _ORDINARY


def is_made_of(letters: str, words: Collection[str]) -> bool:
    """Whether the letters are words of the set, one after the other; no more than 60 letters are."""
    if len(letters) > _MAX_LETTERS:
        return False
    reached = {0}
    for end in range(1, len(letters) + 1):
        if any(letters[start:end] in words for start in reached):
            reached.add(end)
    return len(letters) in reached


def may_be_words(letters: int) -> bool:
    """Whether so many letters are few enough for ``is_made_of``."""
    return letters <= _MAX_LETTERS


@lru_cache(maxsize=1 << 8)
def _words_behind(goods: tuple[str, ...]) -> frozenset[str]:
    return frozenset((*goods, *_folded("goods", "common"), *_folded("trade", "after")))


@cache
def _folded(role: str, group: str) -> frozenset[str]:
    return frozenset(skeleton(word).text for word in words(role, group))

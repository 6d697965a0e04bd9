"""Adjacent words (語の連なり): letters joined to a name that do not make it part of another word.

Sellers write a word for goods or trade, a particle or the s of a plural directly behind a name. Such letters end a
name as a space does; any other letters can make it part of another word (lion in billion).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache, lru_cache

from ipwatch.matching.variants import ObservedText, script_of
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
"""Maximum number of letters on one side of a name that are split into words."""


def ends_name(observed: ObservedText, end: int, stop: int) -> bool:
    """Whether the folded range ``end:stop`` behind a name is a particle or a plural s, so that it ends the name.

    A plural s is lower case after capitals (SALONs). A particle that is an ordinary word together with the name
    (きもの) does not end it.
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


def _written_before(observed: ObservedText, last: int) -> str:
    """Return the letters of one script that end at index ``last`` of the source, limited to the length of a word."""
    first = last
    while (
        last - first < _MAX_WORD_LENGTH
        and first
        and script_of(observed.source[first - 1]) is script_of(observed.source[last])
    ):
        first -= 1
    return observed.source[first : last + 1]


def is_known(kind: str, before: str, after: str, goods: Sequence[str]) -> bool:
    """Whether the folded letters on each side of a name are empty or words that sellers join to any name.

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
    """Whether the letters are a sequence of words of the set; false above 60 letters."""
    if len(letters) > _MAX_LETTERS:
        return False
    reached = {0}
    for end in range(1, len(letters) + 1):
        if any(letters[start:end] in words for start in reached):
            reached.add(end)
    return len(letters) in reached


def may_be_words(letters: int) -> bool:
    """Whether that number of letters is within the limit of ``is_made_of``."""
    return letters <= _MAX_LETTERS


@lru_cache(maxsize=1 << 8)
def _words_behind(goods: tuple[str, ...]) -> frozenset[str]:
    return frozenset((*goods, *_folded("goods", "common"), *_folded("trade", "after")))


@cache
def _folded(role: str, group: str) -> frozenset[str]:
    return frozenset(skeleton(word).text for word in words(role, group))

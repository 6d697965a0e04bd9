"""Word borders: where a word can begin and end in a text, as far as its script has words."""

from __future__ import annotations

import unicodedata
from enum import IntEnum
from functools import lru_cache

from ipwatch.matching.forms import Script, SeenText, script_of
from ipwatch.text.normalize import is_invisible

_STANDS_FOR_LETTER = frozenset("*＊●•")
"""Signs that take the place of a letter, where one of them stands between two (S*NY)."""


class Border(IntEnum):
    """What stands between two letters: nothing, a change of script or from b to B, or a separator."""

    NONE = 0
    CHANGE = 1
    SEPARATOR = 2


@lru_cache(maxsize=64)
def borders(seen: SeenText) -> tuple[Border, ...]:
    """Return the border before each letter of the folded text and after the last: one more than it has letters.

    Hidden characters and marks separate nothing. A digit or sign that is read as a letter (S0NY, $ony) belongs to the
    letters beside it. Candidates come text by text, so that only the last few texts are kept.
    """
    offsets = seen.folded.offsets
    if not offsets:
        return (Border.SEPARATOR,)
    scripts = _scripts(seen)
    inner = (
        _between(seen.source, offsets[at - 1], offsets[at], scripts[at - 1], scripts[at])
        for at in range(1, len(offsets))
    )
    return (Border.SEPARATOR, *inner, Border.SEPARATOR)


def run_around(edges: tuple[Border, ...], start: int, end: int) -> tuple[int, int]:
    """Return the range of folded letters that runs on without a border around the range ``start:end``."""
    while edges[start] is Border.NONE:
        start -= 1
    while edges[end] is Border.NONE:
        end += 1
    return start, end


def _scripts(seen: SeenText) -> list[Script]:
    """Return the script of each folded letter; a digit between letters of an alphabet is read as one of them."""
    folded, source = seen.folded, seen.source
    scripts = [
        Script.ALPHABETIC if letter.isascii() and not source[at].isalnum() else script_of(source[at])
        for letter, at in zip(folded.text, folded.offsets, strict=True)
    ]
    for at in range(1, len(scripts) - 1):
        around = scripts[at - 1], scripts[at + 1]
        if scripts[at] is Script.DIGIT and around == (Script.ALPHABETIC, Script.ALPHABETIC):
            scripts[at] = Script.ALPHABETIC
    return scripts


def _between(source: str, first: int, second: int, left: Script, right: Script) -> Border:
    between = source[first + 1 : second]
    if between not in _STANDS_FOR_LETTER and any(_separates(char) for char in between):
        return Border.SEPARATOR
    if left is not right or (source[first].islower() and source[second].isupper()):
        return Border.CHANGE
    return Border.NONE


def _separates(char: str) -> bool:
    return script_of(char) is Script.NONE and not is_invisible(char) and unicodedata.category(char)[0] != "M"

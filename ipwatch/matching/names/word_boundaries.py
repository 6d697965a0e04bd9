"""Word boundaries: where a word can begin and end in a text, as far as its script has words."""

from __future__ import annotations

import re
import unicodedata
from enum import IntEnum
from functools import cache, lru_cache

from ipwatch.matching.variants import ObservedText, Script, script_of
from ipwatch.text.folding.confusables import MASK
from ipwatch.text.folding.skeleton import is_invisible

_STANDS_FOR_LETTER = frozenset("*＊●•")
"""Signs that replace a letter where a single one is between two letters (S*NY)."""


class Boundary(IntEnum):
    """What is between two letters: nothing, a change of script or from b to B, or a separator."""

    NONE = 0
    CHANGE = 1
    SEPARATOR = 2


@lru_cache(maxsize=64)
def boundaries(observed: ObservedText) -> tuple[Boundary, ...]:
    """Return the boundary before each letter of the folded text and after the last: one more than it has letters.

    Hidden characters and marks separate nothing. A digit or sign that is read as a letter (S0NY, $ony) belongs to
    its neighbours. Only the last few texts are cached, because candidates come text by text.
    """
    offsets = observed.folded.offsets
    if not offsets:
        return (Boundary.SEPARATOR,)
    scripts = _scripts(observed)
    inner = (
        _between(observed.source, offsets[index - 1], offsets[index], scripts[index - 1], scripts[index])
        for index in range(1, len(offsets))
    )
    return (Boundary.SEPARATOR, *inner, Boundary.SEPARATOR)


def run_around(edges: tuple[Boundary, ...], start: int, end: int) -> tuple[int, int]:
    """Return the range of folded letters around ``start:end`` up to the next boundaries."""
    while edges[start] is Boundary.NONE:
        start -= 1
    while edges[end] is Boundary.NONE:
        end += 1
    return start, end


def _scripts(observed: ObservedText) -> list[Script]:
    """Return the script of each folded letter; a digit between letters of an alphabet is read as one of them.

    A sign that masks a letter belongs to the letter before it.
    """
    folded, source = observed.folded, observed.source
    scripts = [_script(letter, source[offset]) for letter, offset in zip(folded.text, folded.offsets, strict=True)]
    for masked in re.finditer(f"(?<=.){MASK}", folded.text):
        scripts[masked.start()] = scripts[masked.start() - 1]
    for index in range(1, len(scripts) - 1):
        around = scripts[index - 1], scripts[index + 1]
        if scripts[index] is Script.DIGIT and around == (Script.ALPHABETIC, Script.ALPHABETIC):
            scripts[index] = Script.ALPHABETIC
    return scripts


@cache
def _script(letter: str, char: str) -> Script:
    """Return the script of a folded letter and the character it came from; a sign read as a letter is one."""
    return Script.ALPHABETIC if letter.isascii() and not char.isalnum() else script_of(char)


def _between(source: str, first: int, second: int, left: Script, right: Script) -> Boundary:
    if second - first > 1:
        between = source[first + 1 : second]
        if between not in _STANDS_FOR_LETTER and any(map(_separates, between)):
            return Boundary.SEPARATOR
    if left is not right or (source[second].isupper() and _ends_small(source[: first + 1])):
        return Boundary.CHANGE
    return Boundary.NONE


def _ends_small(text: str) -> bool:
    """Whether the text ends with a lower-case word: one lower-case letter among capitals (SoNY) is none."""
    return text[-1:].islower() and (text[-2:-1].islower() or not text[-2:-1].isalpha())


@cache
def _separates(char: str) -> bool:
    return script_of(char) is Script.NONE and not is_invisible(char) and unicodedata.category(char)[0] != "M"

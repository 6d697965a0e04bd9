"""Word borders: whether a span of a text stands on its own, or is a piece of a longer word."""

from __future__ import annotations

from ipwatch.matching.forms import Script, script_of


def bounded_left(text: str, start: int) -> bool:
    """Whether a word can begin at ``start``: after a separator, another script, or a change from aB to B."""
    if start == 0:
        return True
    before, first = text[start - 1], text[start]
    if script_of(before) is Script.NONE or script_of(before) != _script_within(text, start):
        return True
    return before.islower() and first.isupper()


def bounded_right(text: str, end: int) -> bool:
    """Whether a word can end at ``end``: before a separator, another script, or a change from b to bA."""
    if end == len(text):
        return True
    last, after = text[end - 1], text[end]
    if script_of(after) != _script_within(text, end - 1):
        return True
    return last.islower() and after.isupper()


def run_around(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the range of the unbroken run of one script that the range ``start:end`` stands in."""
    while not bounded_left(text, start):
        start -= 1
    while not bounded_right(text, end):
        end += 1
    return start, end


def _script_within(text: str, index: int) -> Script:
    """Return the script of the letter at ``index``, or of its nearest letter to the left where it is a mark."""
    while index > 0 and script_of(text[index]) is Script.NONE:
        index -= 1
    return script_of(text[index])

"""Refusals (除外): places that hold the letters of a name and are another name or word, whatever speaks for them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import pairwise

from rapidfuzz.distance import OSA, Levenshtein

from ipwatch.matching.names.adjacent_words import is_known, opens_word
from ipwatch.matching.names.reasons import Window, is_masked, kind_of
from ipwatch.matching.variants import Form, SeenText
from ipwatch.text.folding.skeleton import skeleton
from ipwatch.text.lexicon.frequency import commonness
from ipwatch.text.lexicon.roles import words

_WORD = re.compile(r"[^\W_]+")
_LEFT_OUT = ("common", "abroad", "abroad_names")
"""Legal forms that a name is known without, as it is without articles and joining words."""


def refusal(form: Form, seen: SeenText, window: Window, goods: Sequence[str]) -> str | None:
    """Return the term that says why the window is no place of the form, ``None`` where it may be one.

    ``goods`` are the goods terms of the mark, folded.
    """
    start, end = seen.folded.span(window.start, window.end)
    surface = seen.source[start:end]
    if is_number(form.text, surface) or (window.distance and _holds_number(form.text, surface)):
        return "name_digits"
    written = seen.folded.text[window.start : window.end]
    if window.distance and not is_masked(form.skeleton, written):
        if _lacks_word(form, written, window.distance):
            return "name_word_missing"
        if _changes_number(form, seen, window):
            return "name_number_changed"
    if _number_runs_on(form, seen, window):
        return "name_number_changed"
    if form.border_required and window.runs_on and not _stands_out(form, seen, window, goods):
        return "name_inside_word"
    return None


def is_number(watched: str, surface: str) -> bool:
    """Whether what was read as the letters of a name is digits for the most part: 0.5 for OS, 23 for 2e."""
    letters = [char for char in watched if char.isalnum()]
    written = [char for char in surface if char.isalnum()]
    own = sum(char.isdigit() for char in letters)
    if own == len(letters) or not written:
        return False
    digits = sum(char.isdigit() for char in written)
    return digits == len(written) or digits - own > len(written) / 2


def _holds_number(watched: str, surface: str) -> bool:
    """Whether a word of several digits stands in a name that has no digit (Bike 60 for Bike O)."""
    has_digits = any(char.isdigit() for char in watched)
    return not has_digits and any(len(word) > 1 and word.isdigit() for word in surface.split())


def _stands_out(form: Form, seen: SeenText, window: Window, goods: Sequence[str]) -> bool:
    """Whether a form that must stand alone does so but for words that are written against any name.

    What is an ordinary word as a whole is that word (showcase for Show).
    """
    first, last = window.token
    if commonness(_source(seen, first, last)):
        return False
    text, kind = seen.folded.text, kind_of(form)
    if is_known(kind, text[first : window.start], text[window.end : last], goods):
        return True
    if kind != "alphabetic":
        return False
    before, after = _source(seen, first, window.start), _source(seen, window.end, last)
    return opens_word(_source(seen, window.start, window.end), before, after)


def _source(seen: SeenText, start: int, end: int) -> str:
    return seen.source[slice(*seen.folded.span(start, end))] if start < end else ""


def _lacks_word(form: Form, written: str, distance: int) -> bool:
    """Whether a whole word of the form is missing or another stands for it: Sports for J SPORTS, Bike A for Bike O."""
    return any(
        form.skeleton[slice(*word)] not in _small_words() and _is_lost(form.skeleton, written, word, distance)
        for word in _words(form.text, form.skeleton)
    )


@cache
def _small_words() -> frozenset[str]:
    return frozenset(skeleton(word).text for word in (*words("article", "small"), *words("legal_form", *_LEFT_OUT)))


@lru_cache(maxsize=1 << 14)
def _words(text: str, folded: str) -> tuple[tuple[int, int], ...]:
    """Return the ranges of the skeleton that are the words of a name of several."""
    words = [skeleton(word).text for word in _WORD.findall(text)]
    if len(words) < 2 or "".join(words) != folded:  # noqa: PLR2004 - one word is the whole name
        return ()
    ends = [sum(map(len, words[:count])) for count in range(len(words) + 1)]
    return tuple(pairwise(ends))


def _is_lost(watched: str, written: str, word: tuple[int, int], distance: int) -> bool:
    """Whether none of the letters of that word is written, and all the rest within the edits that are left."""
    first, last = word
    left, lost, right = watched[:first], watched[first:last], watched[last:]
    spare = distance - len(lost)
    if spare < 0:
        return False
    for start in range(max(0, len(left) - spare), min(len(written), len(left) + spare) + 1):
        for stop in range(start, min(len(written), start + len(lost)) + 1):
            if set(written[start:stop]) & set(lost):
                continue
            edits = OSA.distance(left, written[:start]) + OSA.distance(right, written[stop:])
            if edits <= spare:
                return True
    return False


def _number_runs_on(form: Form, seen: SeenText, window: Window) -> bool:
    """Whether a digit stands right beside a number at an end of the form: 972 for 97."""
    first, last = window.token
    at = seen.folded.offsets
    ends = (
        (form.text[0], at[window.start - 1] if first < window.start else None),
        (form.text[-1], at[window.end] if window.end < last else None),
    )
    return any(own.isdigit() and beside is not None and seen.source[beside].isdigit() for own, beside in ends)


def _changes_number(form: Form, seen: SeenText, window: Window) -> bool:
    """Whether an edit is in a number of the form, or makes one longer: 9500 for 9700."""
    if not any(char.isdigit() for char in form.text):
        return False
    watched = skeleton(form.text)
    is_digit = [watched.source[at].isdigit() for at in watched.offsets]
    shown = [seen.source[at].isdigit() for at in seen.folded.offsets[window.start : window.end]]
    edits = Levenshtein.editops(form.skeleton, seen.folded.text[window.start : window.end])
    for edit in edits:
        at, there = edit.src_pos, edit.dest_pos
        if edit.tag != "insert":
            if is_digit[at]:
                return True
        elif shown[there] and any(is_digit[max(0, at - 1) : at + 1]):
            return True
    return False

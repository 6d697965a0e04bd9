"""Rejections (除外): occurrences that hold the letters of a name but are another name or word."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from itertools import pairwise

from rapidfuzz.distance import OSA, Levenshtein

from ipwatch.matching.names.adjacent_words import is_known, opens_word
from ipwatch.matching.names.occurrence import Occurrence
from ipwatch.matching.names.reasons import is_masked
from ipwatch.matching.variants import Variant, VariantOrigin
from ipwatch.text.folding.skeleton import skeleton
from ipwatch.text.lexicon.frequency import commonness
from ipwatch.text.lexicon.roles import words

_WORD = re.compile(r"[^\W_]+")
_OPTIONAL_LEGAL_FORMS = ("common", "abroad", "abroad_names")
"""Groups of legal forms that may be missing from a name, as articles and joining words may."""


def rejection(occurrence: Occurrence) -> str | None:
    """Return the term of the reason why the occurrence is not the name, ``None`` where it may be."""
    variant, distance, written = occurrence.variant, occurrence.distance, occurrence.written
    if is_number(variant.text, occurrence.surface) or (distance and _holds_number(variant.text, occurrence.surface)):
        return "name_digits"
    if distance and not is_masked(variant.skeleton, written):
        if _lacks_word(variant, written, distance):
            return "name_word_missing"
        if _changes_number(occurrence):
            return "name_number_changed"
    if _number_runs_on(occurrence):
        return "name_number_changed"
    if _is_part_of_words(occurrence):
        return "name_inside_word"
    return None


def _is_part_of_words(occurrence: Occurrence) -> bool:
    """Whether it is letters of another word, or look-alike letters that a space parts (avec la for aveda)."""
    variant = occurrence.variant
    if variant.origin is VariantOrigin.LOOKALIKE and len(occurrence.surface.split()) > len(variant.text.split()):
        return True
    return variant.boundary_required and occurrence.runs_on > 0 and not _stands_alone(occurrence)


def is_number(watched: str, surface: str) -> bool:
    """Whether a surface that was read as the letters of a name is mostly digits: 0.5 for OS, 23 for 2e."""
    letters = [char for char in watched if char.isalnum()]
    written = [char for char in surface if char.isalnum()]
    own = sum(char.isdigit() for char in letters)
    if own == len(letters) or not written:
        return False
    digits = sum(char.isdigit() for char in written)
    return digits == len(written) or digits - own > len(written) / 2


def _holds_number(watched: str, surface: str) -> bool:
    """Whether the surface holds a word of several digits although the name has no digit (Bike 60 for Bike O)."""
    has_digits = any(char.isdigit() for char in watched)
    return not has_digits and any(len(word) > 1 and word.isdigit() for word in surface.split())


def _stands_alone(occurrence: Occurrence) -> bool:
    """Whether a variant that must stand alone does, except for words that sellers join to any name.

    A token that is an ordinary word as a whole is that word (showcase for Show).
    """
    if commonness(occurrence.token_surface):
        return False
    if is_known(occurrence.kind, occurrence.before, occurrence.after, occurrence.goods):
        return True
    if occurrence.kind != "alphabetic":
        return False
    first, last = occurrence.token
    before, after = occurrence.source(first, occurrence.start), occurrence.source(occurrence.end, last)
    return opens_word(occurrence.surface, before, after)


def _lacks_word(variant: Variant, written: str, distance: int) -> bool:
    """Whether a whole word of the variant is missing or replaced: Sports for J SPORTS, Bike A for Bike O."""
    return any(
        variant.skeleton[slice(*word)] not in _small_words() and _is_lost(variant.skeleton, written, word, distance)
        for word in _words(variant.text, variant.skeleton)
    )


@cache
def _small_words() -> frozenset[str]:
    return frozenset(
        skeleton(word).text for word in (*words("article", "small"), *words("legal_form", *_OPTIONAL_LEGAL_FORMS))
    )


@lru_cache(maxsize=1 << 14)
def _words(text: str, folded: str) -> tuple[tuple[int, int], ...]:
    """Return the ranges of the words in the skeleton of a name; none for a name of one word."""
    words = [skeleton(word).text for word in _WORD.findall(text)]
    if len(words) < 2 or "".join(words) != folded:  # noqa: PLR2004 - one word is the whole name
        return ()
    ends = [sum(map(len, words[:count])) for count in range(len(words) + 1)]
    return tuple(pairwise(ends))


def _is_lost(watched: str, written: str, word: tuple[int, int], distance: int) -> bool:
    """Whether no letter of that word is written, and all the rest is, within the edits that are left."""
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


def _number_runs_on(occurrence: Occurrence) -> bool:
    """Whether a digit is joined to a number at either end of the variant: 972 for 97."""
    name, source, offsets = occurrence.variant.text, occurrence.observed.source, occurrence.observed.folded.offsets
    ends = (
        (name[0], offsets[occurrence.start - 1] if occurrence.before else None),
        (name[-1], offsets[occurrence.end] if occurrence.after else None),
    )
    return any(own.isdigit() and neighbour is not None and source[neighbour].isdigit() for own, neighbour in ends)


def _changes_number(occurrence: Occurrence) -> bool:
    """Whether an edit is in a number of the variant, or makes one longer: 9500 for 9700."""
    variant, observed = occurrence.variant, occurrence.observed
    if not any(char.isdigit() for char in variant.text):
        return False
    watched = skeleton(variant.text)
    is_digit = [watched.source[offset].isdigit() for offset in watched.offsets]
    shown = [observed.source[offset].isdigit() for offset in observed.folded.offsets[occurrence.start : occurrence.end]]
    for edit in Levenshtein.editops(variant.skeleton, occurrence.written):
        watched_index, written_index = edit.src_pos, edit.dest_pos
        if edit.tag != "insert":
            if is_digit[watched_index]:
                return True
        elif shown[written_index] and any(is_digit[max(0, watched_index - 1) : watched_index + 1]):
            return True
    return False

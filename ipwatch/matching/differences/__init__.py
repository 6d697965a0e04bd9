"""Differences between a watched spelling and what was seen in its place, in the order of reading.

Each is a term of ``ipwatch.terms`` with the letters on either side as the two texts have them, so that a person can
check it with the eye.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import replace

from ipwatch.matching.differences.alignment import align
from ipwatch.matching.differences.gaps import hidden_names, is_hidden
from ipwatch.matching.differences.letters import FORM_ONLY
from ipwatch.matching.differences.telling import GAPS, RUNS, Told, tell
from ipwatch.records import Difference

__all__ = ["MAX_DIFFERENCES", "MAX_PIECE", "differences", "is_hidden"]

MAX_DIFFERENCES = 12
"""More are cut off: nobody reads on, and by then the spelling is another one."""

MAX_PIECE = 60
"""Characters of a text that one difference shows."""

_MARKING = {"spelling_space_inside": "spelling_spaces_between"}


def differences(watched: str, seen: str) -> tuple[Difference, ...]:
    """Return how ``seen`` is written otherwise than ``watched``, in the order of reading; empty for the same spelling.

    ``seen`` is the raw piece of a text that was matched. Neighbours with one reason are told together. Case and width
    are told where there is nothing else, signs before the first and after the last letter never. At most
    ``MAX_DIFFERENCES``, of at most ``MAX_PIECE`` characters a side; hidden characters are given by number (U+200B).
    Raises ``ValueError`` for a text that ``skeleton`` refuses.
    """
    if unicodedata.normalize("NFC", watched) == unicodedata.normalize("NFC", seen):
        return ()
    told = _grouped(sorted(tell(align(watched, seen)), key=lambda one: one.steps))
    particular = [one for one in told if one.term not in FORM_ONLY]
    hidden = _hidden(watched, seen)
    if not particular and not hidden:
        particular = list(_together(told))
    shown = (_shown(one, watched, seen) for one in particular)
    return tuple(dict.fromkeys((*shown, *hidden)))[:MAX_DIFFERENCES]


def _hidden(watched: str, seen: str) -> tuple[Difference, ...]:
    added, dropped = hidden_names(watched, seen), hidden_names(seen, watched)
    told = (
        Difference(term="spelling_hidden", watched="", seen=added),
        Difference(term="spelling_hidden_dropped", watched=dropped, seen=""),
    )
    return tuple(one for one in told if one.watched or one.seen)


def _shown(told: Told, watched: str, seen: str) -> Difference:
    pieces = watched[slice(*told.watched)], seen[slice(*told.seen)]
    return Difference(term=told.term, watched=pieces[0][:MAX_PIECE], seen=pieces[1][:MAX_PIECE])


def _grouped(told: Iterable[Told]) -> list[Told]:
    """Return neighbours of one term as one, and separators of one kind as one wherever they stand."""
    groups: list[Told] = []
    newest: dict[str, int] = {}
    for one in told:
        at = newest.get(one.term)
        if at is not None and _belong(groups[at], one):
            groups[at] = _union(groups[at], one)
            if one.term in GAPS and one.term.endswith("_inside"):
                groups[at] = replace(groups[at], term=_MARKING.get(one.term, "spelling_signs_between"))
        else:
            newest[one.term] = len(groups)
            groups.append(one)
    return groups


def _belong(last: Told, one: Told) -> bool:
    if one.term in GAPS:
        return True
    if one.term in RUNS:
        return one.watched[0] < last.watched[1]
    return one.steps[0] - last.steps[1] <= 1


def _together(told: Iterable[Told]) -> Iterable[Told]:
    whole: dict[str, Told] = {}
    for one in told:
        whole[one.term] = _union(whole[one.term], one) if one.term in whole else one
    return whole.values()


def _union(one: Told, other: Told) -> Told:
    return Told(
        one.term,
        (min(one.watched[0], other.watched[0]), max(one.watched[1], other.watched[1])),
        (min(one.seen[0], other.seen[0]), max(one.seen[1], other.seen[1])),
        (one.steps[0], max(one.steps[1], other.steps[1])),
    )

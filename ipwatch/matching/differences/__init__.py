"""Differences between a watched spelling and the observed one, in reading order.

Each is a message key of ``ipwatch.terms`` with the letters on either side as they are in the two texts, so that a
person can check it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import replace

from ipwatch.matching.differences.alignment import align
from ipwatch.matching.differences.gaps import hidden_names, is_hidden
from ipwatch.matching.differences.letters import FORM_ONLY
from ipwatch.matching.differences.located import GAPS, RUNS, LocatedDifference, locate_differences
from ipwatch.records import Difference

__all__ = ["MAX_DIFFERENCES", "MAX_PIECE", "differences", "is_hidden"]

MAX_DIFFERENCES = 12
"""More are cut off: with so many, the spelling is a different one."""

MAX_PIECE = 60
"""Characters of a text that one difference shows."""

_MARKING = {"spelling_space_inside": "spelling_spaces_between"}


def differences(watched: str, observed: str) -> tuple[Difference, ...]:
    """Return how ``observed`` differs from ``watched``, in reading order; empty for the same spelling.

    ``observed`` is the raw piece of a text that was matched. Adjacent differences with one reason are merged. Case and
    width are reported only where there is no other difference, signs before the first and after the last letter never.
    At most ``MAX_DIFFERENCES``, of at most ``MAX_PIECE`` characters a side; hidden characters are given by number
    (U+200B). Raises ``ValueError`` for a text that ``skeleton`` refuses.
    """
    if unicodedata.normalize("NFC", watched) == unicodedata.normalize("NFC", observed):
        return ()
    located = _grouped(sorted(locate_differences(align(watched, observed)), key=lambda difference: difference.steps))
    particular = [difference for difference in located if difference.term not in FORM_ONLY]
    hidden = _hidden(watched, observed)
    if not particular and not hidden:
        particular = list(_together(located))
    shown = (_shown(difference, watched, observed) for difference in particular)
    return tuple(dict.fromkeys((*shown, *hidden)))[:MAX_DIFFERENCES]


def _hidden(watched: str, observed: str) -> tuple[Difference, ...]:
    added, dropped = hidden_names(watched, observed), hidden_names(observed, watched)
    hidden = (
        Difference(term="spelling_hidden", watched="", seen=added),
        Difference(term="spelling_hidden_dropped", watched=dropped, seen=""),
    )
    return tuple(difference for difference in hidden if difference.watched or difference.seen)


def _shown(difference: LocatedDifference, watched: str, observed: str) -> Difference:
    pieces = watched[slice(*difference.watched)], observed[slice(*difference.observed)]
    return Difference(term=difference.term, watched=pieces[0][:MAX_PIECE], seen=pieces[1][:MAX_PIECE])


def _grouped(located: Iterable[LocatedDifference]) -> list[LocatedDifference]:
    """Return the differences with adjacent ones of one key merged, and separators of one kind wherever they are."""
    groups: list[LocatedDifference] = []
    newest: dict[str, int] = {}
    for difference in located:
        index = newest.get(difference.term)
        if index is not None and _belong(groups[index], difference):
            groups[index] = _union(groups[index], difference)
            if difference.term in GAPS and difference.term.endswith("_inside"):
                groups[index] = replace(groups[index], term=_MARKING.get(difference.term, "spelling_signs_between"))
        else:
            newest[difference.term] = len(groups)
            groups.append(difference)
    return groups


def _belong(last: LocatedDifference, following: LocatedDifference) -> bool:
    if following.term in GAPS:
        return True
    if following.term in RUNS:
        return following.watched[0] < last.watched[1]
    return following.steps[0] - last.steps[1] <= 1


def _together(located: Iterable[LocatedDifference]) -> Iterable[LocatedDifference]:
    whole: dict[str, LocatedDifference] = {}
    for difference in located:
        whole[difference.term] = _union(whole[difference.term], difference) if difference.term in whole else difference
    return whole.values()


def _union(first: LocatedDifference, second: LocatedDifference) -> LocatedDifference:
    return LocatedDifference(
        first.term,
        (min(first.watched[0], second.watched[0]), max(first.watched[1], second.watched[1])),
        (min(first.observed[0], second.observed[0]), max(first.observed[1], second.observed[1])),
        (first.steps[0], max(first.steps[1], second.steps[1])),
    )

"""Windows (一致箇所): the ranges of a text that are a name in a given number of edits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from rapidfuzz.distance import OSA

from ipwatch.matching.variants import ObservedText

MAX_WINDOWS = 100
"""Maximum number of windows of one name in one text; the time for each grows with the word around it."""

_AROUND = 16
"""Characters on each side that are compared to recognise repeated windows."""


def windows(name: str, text: str, distance: int) -> Iterator[tuple[int, int]]:
    """Yield the ranges of the text that are the name in exactly ``distance`` edits (OSA), by start, then by end.

    The name is cut into 2 * distance + 1 pieces. One edit touches two of them at most (a swap across a cut), so that at
    least one piece is unchanged in every such range, shifted by at most ``distance`` letters.
    """
    if not distance:
        yield from ((start, start + len(name)) for start in _all(name, text))
        return
    for start in _starts(name, text, distance):
        max_length = min(len(name) + distance, len(text) - start)
        for end in range(start + max(1, len(name) - distance), start + max_length + 1):
            if OSA.distance(name, text[start:end], score_cutoff=distance) == distance:
                yield start, end


def distinct(ranges: Iterable[tuple[int, int]], observed: ObservedText) -> Iterator[tuple[int, int]]:
    """Yield the windows without those that repeat another with the same neighbours, at most ``MAX_WINDOWS``.

    The first of the repeated windows is kept: further ones add no information.
    """
    offsets, source = observed.folded.offsets, observed.source
    yielded: set[tuple[str, str, str]] = set()
    for start, end in ranges:
        first, stop = offsets[start], offsets[end - 1] + 1
        surroundings = source[max(0, first - _AROUND) : first], source[first:stop], source[stop : stop + _AROUND]
        if surroundings not in yielded:
            yielded.add(surroundings)
            yield start, end
        if len(yielded) == MAX_WINDOWS:
            return


def _starts(name: str, text: str, distance: int) -> Iterable[int]:
    """Return the positions at which such a range may start, ascending."""
    pieces = 2 * distance + 1
    if len(name) < pieces:
        return range(len(text))
    cuts = [len(name) * number // pieces for number in range(pieces + 1)]
    near: set[int] = set()
    for first, last in pairwise(cuts):
        for position in _all(name[first:last], text):
            near.update(range(max(0, position - first - distance), position - first + distance + 1))
    return sorted(near)


def _all(needle: str, text: str) -> Iterator[int]:
    position = text.find(needle) if needle else -1
    while position >= 0:
        yield position
        position = text.find(needle, position + 1)

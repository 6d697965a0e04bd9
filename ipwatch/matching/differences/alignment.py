"""Alignment: which letters of a watched spelling correspond to which letters of the observed spelling.

The skeletons decide which letters count as the same; the letters themselves remain those of the two texts, so that
every difference can be shown.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise

from ipwatch.matching.differences.gaps import PROLONGED, is_mark, masks
from ipwatch.text.folding.confusables import MASKING_SIGNS
from ipwatch.text.folding.skeleton import skeleton

MAX_CELLS = 40_000
"""Maximum number of letter pairs that are compared: two spellings of 200 letters without a common end."""

MAX_ONE_SIDED = 20
"""Letters that are missing or added one by one; more of them are one step."""

_LOOKS_PROLONGED = "一丨"
_PIECED = 0.5
_MASKED = 0.5
_REWRITTEN_ABOVE = 0.5

_TWO_FOR_ONE = (
    *(("m", "rn"), ("w", "vv"), ("w", "VV"), ("d", "cl"), ("d", "c1"), ("d", "cI"), ("d", "c|")),
    *(("化", "イヒ"), ("加", "カロ"), ("外", "タト"), ("江", "シエ"), ("仏", "イム"), ("神", "ネ申"), ("林", "木木")),
    *(("明", "日月"), ("朋", "月月"), ("好", "女子"), ("時", "日寺"), ("治", "シ台"), ("旭", "九日"), ("鮮", "魚羊")),
)
"""One character that is imitated by two: adjacent Latin letters, and Han characters taken apart."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A letter of a text with its marks. ``key`` is what it folds to.

    ``tail`` is what follows it and is not a letter: ー, separators, hidden characters. The first unit of a text has no
    letter; its tail is what precedes the first letter.
    """

    key: str
    head: str
    tail: str
    start: int

    @property
    def head_end(self) -> int:
        """Offset at which the letter ends, its ー included."""
        tail = self.tail
        return self.start + len(self.head) + len(tail) - len(tail.lstrip(PROLONGED))

    @property
    def end(self) -> int:
        """Offset at which the next unit begins."""
        return self.start + len(self.head) + len(self.tail)


class StepKind(StrEnum):
    """How the letters of a step differ."""

    KEPT = "kept"
    REPLACED = "replaced"
    MISSING = "missing"
    ADDED = "added"
    SWAPPED = "swapped"
    PIECED = "pieced"
    REWRITTEN = "rewritten"


@dataclass(frozen=True, slots=True)
class Step:
    """Letters of the watched spelling and the corresponding letters of the observed one."""

    kind: StepKind
    watched: tuple[Unit, ...]
    observed: tuple[Unit, ...]


def align(watched: str, observed: str) -> tuple[Step, ...]:
    """Return the alignment of the two texts letter by letter, in reading order; its units make up the texts.

    An edit is a letter replaced, missing, added or swapped with the next one (optimal string alignment), or one letter
    for two that look like it; a sign that masks a letter (S〇NY) is not a letter. A stretch of which more than half
    differs is one ``REWRITTEN`` step. Raises ``ValueError`` for a text that ``skeleton`` refuses.
    """
    first, second = _units(watched), _units(observed, MASKING_SIGNS - frozenset(watched))
    shorter = min(len(first), len(second))
    head = 0
    while head < shorter and first[head].key == second[head].key:
        head += 1
    foot = 0
    while foot < shorter - head and first[-1 - foot].key == second[-1 - foot].key:
        foot += 1
    ends = len(first) - foot, len(second) - foot
    return (
        *_kept(first[:head], second[:head]),
        *_middle(first[head : ends[0]], second[head : ends[1]]),
        *_kept(first[ends[0] :], second[ends[1] :]),
    )


def _units(text: str, signs: frozenset[str] = frozenset()) -> list[Unit]:
    folded = skeleton(text)
    keys: dict[int, str] = {}
    for letter, offset in zip(folded.text, folded.offsets, strict=True):
        keys[offset] = keys.get(offset, "") + letter
    starts = [start for start in keys if text[start] not in signs and not _prolongs(text, start)]
    starts.append(len(text))
    units = [Unit("", "", text[: starts[0]], 0)]
    for start, end in pairwise(starts):
        stop = start + 1
        while stop < end and _joins(text[stop]):
            stop += 1
        units.append(Unit(keys[start], text[start:stop], text[stop:end], start))
    return units


def _joins(char: str) -> bool:
    """Whether a character without a key of its own belongs to the preceding letter."""
    return is_mark(char) or (char.isalpha() and char not in PROLONGED + _LOOKS_PROLONGED)


def _prolongs(text: str, index: int) -> bool:
    """Whether a Han character is a look-alike of ー, directly after a kana."""
    return (
        text[index] in _LOOKS_PROLONGED
        and index > 0
        and "\u3041" <= unicodedata.normalize("NFKC", text[index - 1]) <= "ヺ"
    )


def _kept(watched: Sequence[Unit], observed: Sequence[Unit]) -> Iterator[Step]:
    for left, right in zip(watched, observed, strict=True):
        yield Step(StepKind.KEPT, (left,), (right,))


def _middle(watched: Sequence[Unit], observed: Sequence[Unit]) -> tuple[Step, ...]:
    if not watched and not observed:
        return ()
    longer = max(len(watched), len(observed))
    if min(len(watched), len(observed)) == 0 and longer > MAX_ONE_SIDED:
        return (Step(StepKind.MISSING if watched else StepKind.ADDED, tuple(watched), tuple(observed)),)
    if len(watched) * len(observed) <= MAX_CELLS:
        steps, cost = _cheapest(watched, observed)
        if not watched or not observed or len(steps) == 1 or cost <= max(1.0, _REWRITTEN_ABOVE * longer):
            return steps
    return (Step(StepKind.REWRITTEN, tuple(watched), tuple(observed)),)


def _cheapest(watched: Sequence[Unit], observed: Sequence[Unit]) -> tuple[tuple[Step, ...], float]:
    """Return the cheapest steps between the two, and their cost; an edit costs 1."""
    table: list[list[tuple[float, StepKind, int, int]]] = []
    masked = [masks(unit.tail) for unit in observed]
    for i in range(len(watched) + 1):
        row: list[tuple[float, StepKind, int, int]] = []
        table.append(row)
        for j in range(len(observed) + 1):
            ways = _ways(watched, observed, masked, i, j)
            totals = [(table[i - a][j - b][0] + cost, kind, a, b) for cost, kind, a, b in ways]
            row.append(min(totals, key=lambda way: way[0], default=(0.0, StepKind.KEPT, 0, 0)))
    steps: list[Step] = []
    i, j = len(watched), len(observed)
    while i or j:
        _, kind, a, b = table[i][j]
        steps.append(Step(kind, tuple(watched[i - a : i]), tuple(observed[j - b : j])))
        i, j = i - a, j - b
    return tuple(reversed(steps)), table[-1][-1][0]


def _ways(
    watched: Sequence[Unit], observed: Sequence[Unit], masked: Sequence[bool], i: int, j: int
) -> Iterator[tuple[float, StepKind, int, int]]:
    """Yield every possible last step for prefixes of ``i`` and ``j`` letters: its cost, kind and letters of each.

    ``masked`` is true for each observed letter if a sign that may replace a letter follows it.
    """
    if i and j:
        same = watched[i - 1].key == observed[j - 1].key
        yield (0.0, StepKind.KEPT, 1, 1) if same else (1.0, StepKind.REPLACED, 1, 1)
    if j:
        yield 1.0, StepKind.ADDED, 0, 1
    if i:
        yield _MASKED if j and masked[j - 1] else 1.0, StepKind.MISSING, 1, 0
    if i > 1 and j > 1 and watched[i - 2].key == observed[j - 1].key and watched[i - 1].key == observed[j - 2].key:
        yield 1.0, StepKind.SWAPPED, 2, 2
    if i and j > 1 and _is_pieced(watched[i - 1], observed[j - 2 : j]):
        yield _PIECED, StepKind.PIECED, 1, 2
    if j and i > 1 and _is_pieced(observed[j - 1], watched[i - 2 : i]):
        yield _PIECED, StepKind.PIECED, 2, 1


def _is_pieced(whole: Unit, halves: Sequence[Unit]) -> bool:
    spelled = _pieces().get(whole.key)
    heads = halves[0].head + halves[1].head
    return spelled is not None and len(heads) == len(halves) and unicodedata.normalize("NFKC", heads) in spelled


@lru_cache(maxsize=1)
def _pieces() -> Mapping[str, frozenset[str]]:
    keys = [(skeleton(whole).text, halves) for whole, halves in _TWO_FOR_ONE]
    return {key: frozenset(halves for other, halves in keys if other == key) for key, _ in keys}

"""Comparison of two readings (称呼): their similarity, and every rule that was applied."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from ipwatch.matching.readings.distinctive_part import SplitReading, split_reading
from ipwatch.matching.readings.rules import (
    CHEAPEST,
    COMBINED,
    GENERIC,
    SHORT,
    SHORT_MORAE,
    SPELLING,
    SWAPPED,
    SoundNote,
    SoundRule,
    absence,
    hundredths,
    substitution,
)
from ipwatch.records import Difference, Signal
from ipwatch.terms import render

SIMILAR = 0.80
"""Minimum similarity of two readings that is shown to a reviewer: every published example reaches it."""

_ROUNDING = 1e-9
_SENTENCES = {
    "mora_vowel": "sound_vowel",
    "mora_row": "sound_row",
    "mora_row_far": "sound_row",
    "mora_voicing": "sound_voicing",
    "mora_weak": "sound_weak",
    "mora_weak_absent": "sound_weak",
    "mora_length": "sound_length",
    "mora_length_weak": "sound_length",
    "mora_length_absent": "sound_length",
    "mora_contracted": "sound_contracted",
    "mora_swapped": "sound_swapped",
    "mora_unlike": "sound_one",
    "mora_absent": "sound_one",
    "sound_generic": "sound_distinctive",
}


@dataclass(frozen=True, slots=True)
class MoraDifference:
    """One rule that was applied: the beats on either side (empty where a side has none) and their position.

    ``position`` counts the beats of the watched reading from 1; for a beat that only the observed reading has, the
    beats of the observed one.
    """

    rule: SoundRule
    watched: str
    observed: str
    position: int

    def explain(self, lang: str) -> str:
        """Return the difference as a sentence in ``ja`` or ``en``, with its position and the rule id."""
        what = render(self.rule.term, lang, watched=self.watched, seen=self.observed)
        return render("sound_at", lang, position=str(self.position), difference=what, rule=self.rule.id)


@dataclass(frozen=True, slots=True)
class MoraComparison:
    """Similarity of two readings (0..1), the applied rules in reading order, and the notes that apply."""

    similarity: float
    mora_differences: tuple[MoraDifference, ...]
    notes: tuple[SoundNote, ...] = ()

    @property
    def rules(self) -> tuple[SoundRule, ...]:
        """The applied rules; where several beats differ, rule (8) is appended."""
        taken = tuple(difference.rule for difference in self.mora_differences)
        several = sum(1 for rule in taken if rule not in {SPELLING, GENERIC}) > 1
        return (*taken, COMBINED) if several else taken

    @property
    def term(self) -> str:
        """The message key of the sentence that describes how the readings differ."""
        rule_terms = {rule.term for rule in self.rules if rule is not SPELLING}
        if not rule_terms:
            return "sound_same"
        if self.similarity < SIMILAR:
            return "sound_different"
        sentences = {_SENTENCES[term] for term in rule_terms if term != COMBINED.term}
        return sentences.pop() if len(sentences) == 1 else COMBINED.term

    @property
    def differences(self) -> tuple[Difference, ...]:
        """The differences in the form in which a signal lists them."""
        return tuple(
            Difference(term=difference.rule.term, watched=difference.watched, seen=difference.observed)
            for difference in self.mora_differences
        )


def compare_readings(watched: str, observed: str) -> MoraComparison:
    """Return the cheapest alignment of two kana readings; raises ``ValueError`` where one has no mora.

    The similarity is 1 - cost / beats of the longer distinctive part, where the cost is the sum over all rules,
    multiplied by the factors of the notes.
    """
    left, right = split_reading(watched), split_reading(observed)
    cost, differences = _cheapest_way(left, right)
    notes = (SHORT,) if cost and max(len(left.morae), len(right.morae)) <= SHORT_MORAE else ()
    return MoraComparison(similarity(cost, len(left.morae), len(right.morae)), tuple(differences), notes)


def similarity(cost: int, left: int, right: int) -> float:
    """Return the similarity of two distinctive parts of that many beats at a cost in hundredths of a mora."""
    longer = max(left, right)
    factor = SHORT.factor if longer <= SHORT_MORAE else 1.0
    return max(0.0, 1.0 - cost * factor / (100 * longer))


def reading_signal(
    watched: Iterable[str], observed: Iterable[str], field: str | None, *, floor: float = 0.0
) -> Signal | None:
    """Return the signal of the most similar pair of readings, or ``None`` without a pair that reaches the floor."""
    candidates = tuple(observed)
    pairs = [
        (left, right, compare_readings(left, right))
        for left in watched
        for right in candidates
        if _may_reach(left, right, floor)
    ]
    left, right, best = max(pairs, key=lambda pair: pair[2].similarity, default=("", "", None))
    if best is None or best.similarity < floor:
        return None
    notes = tuple(Difference(term=note.term, watched=left, seen=right) for note in best.notes)
    return Signal(
        name="sound",
        score=round(best.similarity, 4),
        term=best.term,
        compared=(left, right),
        field=field,
        differences=(*best.differences, *notes),
    )


def edits_within(floor: float, left: int, right: int) -> int:
    """Return the maximum number of edits between two distinctive parts of that many beats that reach the floor.

    Each edit costs at least as much as the cheapest rule.
    """
    factor = SHORT.factor if max(left, right) <= SHORT_MORAE else 1.0
    return int((1.0 - floor) * max(left, right) / (factor * CHEAPEST) + _ROUNDING)


def _may_reach(watched: str, observed: str, floor: float) -> bool:
    left, right = split_reading(watched).morae, split_reading(observed).morae
    max_edits = edits_within(floor, len(left), len(right))
    return OSA.distance(left, right, score_cutoff=max_edits) <= max_edits


def _cheapest_way(left: SplitReading, right: SplitReading) -> tuple[int, list[MoraDifference]]:
    """Return the minimum cost in hundredths of a mora, and its differences in reading order."""
    costs = _costs(left.morae, right.morae)
    generic = _generic(left, right)
    differences = [*list(_way_back(costs, left, right))[::-1], *generic]
    return costs[-1][-1] + sum(hundredths(difference.rule, head=False) for difference in generic), differences


def _generic(left: SplitReading, right: SplitReading) -> list[MoraDifference]:
    """Return the differences in words for a kind of business; different words on both sides count twice."""
    if left.generic == right.generic:
        return []
    sides = ((left.left_out, "", left), ("", right.left_out, right))
    return [
        MoraDifference(GENERIC, watched, observed, side.first + len(side.morae) + 1)
        for watched, observed, side in sides
        if side.generic
    ]


def _costs(left: tuple[str, ...], right: tuple[str, ...]) -> list[list[int]]:
    """Return the minimum cost of each prefix of the one against each prefix of the other (weighted OSA)."""
    table = [[0]]
    for j, mora in enumerate(right):
        table[0].append(table[0][j] + hundredths(absence(mora), head=j == 0))
    for i, mora in enumerate(left):
        gone = hundredths(absence(mora), head=i == 0)
        above, row = table[i], [table[i][0] + gone]
        for j, other in enumerate(right):
            head = i == 0 or j == 0
            taken = 0 if mora == other else hundredths(substitution(mora, other), head=head)
            added = hundredths(absence(other), head=j == 0)
            best = min(above[j] + taken, above[j + 1] + gone, row[j] + added)
            if i and j and mora != other and (mora, left[i - 1]) == (right[j - 1], other):
                best = min(best, table[i - 1][j - 1] + hundredths(SWAPPED, head=i == 1 or j == 1))
            row.append(best)
        table.append(row)
    return table


def _way_back(costs: list[list[int]], left: SplitReading, right: SplitReading) -> Iterator[MoraDifference]:
    """Yield the rules of the cheapest alignment from the end of both readings to their beginning."""
    i, j = len(left.morae), len(right.morae)
    while i or j:
        rule, back_i, back_j = _step(costs, left.morae, right.morae, i, j)
        watched, observed = left.written[i - back_i : i], right.written[j - back_j : j]
        i, j = i - back_i, j - back_j
        if rule is SPELLING and watched == observed:
            continue
        position = left.first + i if watched else right.first + j
        yield MoraDifference(rule, "".join(watched), "".join(observed), position + 1)


def _step(
    costs: list[list[int]], left: tuple[str, ...], right: tuple[str, ...], i: int, j: int
) -> tuple[SoundRule, int, int]:
    """Return the rule of the last step of the cheapest alignment of two prefixes, and the beats it takes of each."""
    here = costs[i][j]
    if i and j:
        mora, other = left[i - 1], right[j - 1]
        if mora == other and here == costs[i - 1][j - 1]:
            return SPELLING, 1, 1
        rule = substitution(mora, other)
        if mora != other and here == costs[i - 1][j - 1] + hundredths(rule, head=i == 1 or j == 1):
            return rule, 1, 1
    if i and here == costs[i - 1][j] + hundredths(absence(left[i - 1]), head=i == 1):
        return absence(left[i - 1]), 1, 0
    if j and here == costs[i][j - 1] + hundredths(absence(right[j - 1]), head=j == 1):
        return absence(right[j - 1]), 0, 1
    return SWAPPED, 2, 2

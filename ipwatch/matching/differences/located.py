"""The message keys of the steps of an alignment, each with its spans in the two texts."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ipwatch.matching.differences.alignment import Step, StepKind, Unit
from ipwatch.matching.differences.gaps import (
    PROLONGED,
    masks,
    passes_for_prolonged,
    prolonged,
    separator_kind,
    separators,
)
from ipwatch.matching.differences.letters import MAX_MARKS, edit_of, folds_of
from ipwatch.matching.variants import Script, script_of, scripts_of
from ipwatch.text.folding.confusables import MASKING_SIGNS

GAPS = frozenset({"spelling_space_inside", "spelling_hyphen_inside", "spelling_dot_inside", "spelling_sign_inside"})
"""Separators: one kind is reported once for the whole text."""

RUNS = frozenset({"spelling_doubled", "spelling_undoubled", "spelling_swapped"})
"""Reported for each letter: next to it, the same with another letter is a separate difference."""

_SMALL_TSU = frozenset("ッっｯ")
_VOWELS = frozenset("アイウエオ")
_WRITINGS = {
    Script.ALPHABETIC: "spelling_in_latin",
    Script.KATAKANA: "spelling_in_kana",
    Script.HAN: "spelling_in_kanji",
    Script.HANGUL: "spelling_in_hangul",
}


@dataclass(frozen=True, slots=True)
class LocatedDifference:
    """A message key with its half-open spans in the two texts, and the first and last step it describes."""

    term: str
    watched: tuple[int, int]
    observed: tuple[int, int]
    steps: tuple[int, int]


def locate_differences(steps: Sequence[Step]) -> Iterator[LocatedDifference]:
    """Yield the differences of each step and of each gap between two steps, in no particular order."""
    spelled_out = {index + 1 for index in range(len(steps)) if _is_long_vowel_spelled_out(steps, index)}
    for index, step in enumerate(steps):
        match step.kind:
            case StepKind.KEPT | StepKind.REPLACED:
                yield from _letter(step, index, spelled_out=index + 1 in spelled_out)
            case StepKind.MISSING | StepKind.ADDED:
                if index not in spelled_out and not _is_particle(steps, index):
                    yield _one_sided(steps, index)
            case StepKind.SWAPPED:
                yield _at_step("spelling_swapped", step, index)
            case StepKind.PIECED:
                yield _at_step("spelling_pieced", step, index)
            case StepKind.REWRITTEN:
                yield from _rewritten(step, index)
        if step.kind is StepKind.KEPT and index + 1 in spelled_out:
            yield _joined("spelling_long_vowel", step, steps[index + 1], index)
    yield from _between(steps)


def _at_step(term: str, step: Step, index: int) -> LocatedDifference:
    return LocatedDifference(term, _range(step.watched), _range(step.observed), (index, index))


def _range(units: Sequence[Unit]) -> tuple[int, int]:
    return units[0].start, units[-1].head_end


def _joined(term: str, step: Step, following: Step, index: int) -> LocatedDifference:
    watched, observed = step.watched + following.watched, step.observed + following.observed
    return LocatedDifference(term, _range(watched), _range(observed), (index, index + 1))


def _letter(step: Step, index: int, *, spelled_out: bool) -> Iterator[LocatedDifference]:
    """Yield how a letter differs from its counterpart, and whether its vowel is long."""
    (watched,), (observed,) = step.watched, step.observed
    terms = (
        folds_of(watched.head, observed.head) if step.kind is StepKind.KEPT else [edit_of(watched.head, observed.head)]
    )
    yield from (_at_step(term, step, index) for term in terms)
    watched_long, observed_long = prolonged(watched.tail), prolonged(observed.tail)
    if len(watched_long) == len(observed_long) or spelled_out:
        return
    if len(watched_long) < len(observed_long):
        yield _at_step("spelling_long_vowel_added", step, index)
    elif sign := passes_for_prolonged(watched.tail, observed.tail):
        ends = watched.start + len(watched.head), observed.start + len(observed.head)
        term = "spelling_masked" if sign in MASKING_SIGNS else "spelling_lookalike"
        yield LocatedDifference(term, (ends[0], ends[0] + 1), (ends[1], ends[1] + 1), (index, index))
    else:
        yield _at_step("spelling_long_vowel_dropped", step, index)


def _is_long_vowel_spelled_out(steps: Sequence[Step], index: int) -> bool:
    """Whether one text has ー after a kana where the other has a separate vowel (ソニイ)."""
    if steps[index].kind is not StepKind.KEPT or index + 1 == len(steps):
        return False
    (watched,), (observed,) = steps[index].watched, steps[index].observed
    following = steps[index + 1]
    if following.kind is StepKind.ADDED:
        return following.observed[0].key in _VOWELS and bool(prolonged(watched.tail)) and not prolonged(observed.tail)
    if following.kind is StepKind.MISSING:
        return following.watched[0].key in _VOWELS and bool(prolonged(observed.tail)) and not prolonged(watched.tail)
    return False


def _one_sided(steps: Sequence[Step], index: int) -> LocatedDifference:
    """Return the difference for letters that only one of the texts has."""
    step = steps[index]
    missing = step.kind is StepKind.MISSING
    unit = (step.watched or step.observed)[0]
    before = next(steps[each] for each in range(index - 1, -1, -1) if steps[each].watched and steps[each].observed)
    if missing and masks(before.observed[-1].tail):
        return _masked(step, before.observed[-1], index)
    twins = _twins(steps, index, _key(step))
    if any(each.kind is StepKind.KEPT for each in twins):
        watched = [unit for each in twins for unit in each.watched]
        observed = [unit for each in twins for unit in each.observed]
        return LocatedDifference(
            "spelling_undoubled" if missing else "spelling_doubled", _range(watched), _range(observed), (index, index)
        )
    kind = "small_tsu" if unit.head in _SMALL_TSU else "letter"
    term = f"spelling_{kind}_{'missing' if missing else 'added'}"
    if missing:
        position = before.observed[-1].end
        return LocatedDifference(term, _range(step.watched), (position, position), (index, index))
    position = before.watched[-1].end
    return LocatedDifference(term, (position, position), _range(step.observed), (index, index))


def _masked(step: Step, before: Unit, index: int) -> LocatedDifference:
    """Return the difference for letters replaced by signs, without the ー that follows on both sides."""
    first, last = _range(step.watched)
    signs = before.tail.rstrip(PROLONGED)
    kept = min(len(prolonged(step.watched[-1].tail)), len(before.tail) - len(signs))
    return LocatedDifference(
        "spelling_masked", (first, last - kept), (before.start + len(before.head), before.end - kept), (index, index)
    )


def _is_particle(steps: Sequence[Step], index: int) -> bool:
    """Whether the last letter is a の after a name in hiragana: the word that follows the name, not part of it."""
    step = steps[index]
    if index + 1 < len(steps) or not index or step.kind is not StepKind.ADDED or not steps[index - 1].watched:
        return False
    before = steps[index - 1].watched[-1].head
    return (
        [unit.head for unit in step.observed] == ["の"] and before[:1] != "" and script_of(before[0]) is Script.HIRAGANA
    )


def _twins(steps: Sequence[Step], index: int, key: str) -> Sequence[Step]:
    """Return the run of kept and one-sided steps with the same letter that includes this step."""
    kinds = {StepKind.KEPT, steps[index].kind}
    first = last = index
    while first and steps[first - 1].kind in kinds and _key(steps[first - 1]) == key:
        first -= 1
    while last + 1 < len(steps) and steps[last + 1].kind in kinds and _key(steps[last + 1]) == key:
        last += 1
    return steps[first : last + 1]


def _key(step: Step) -> str:
    return "".join(unit.key for unit in step.watched or step.observed)


def _rewritten(step: Step, index: int) -> Iterator[LocatedDifference]:
    """Yield how a stretch was rewritten: in other shapes of the same letters, in another script, or completely."""
    heads = ["".join(unit.head[:MAX_MARKS] for unit in units) for units in (step.watched, step.observed)]
    keys = ["".join(unit.key for unit in units) for units in (step.watched, step.observed)]
    plain = [unicodedata.normalize("NFKC", head).casefold() for head in heads]
    if keys[0] == keys[1] or plain[0] == plain[1]:
        yield from (_at_step(term, step, index) for term in folds_of(*heads))
        return
    scripts = [_writings(head) for head in heads]
    if not all(scripts) or scripts[0] & scripts[1]:
        yield _at_step("spelling_replaced", step, index)
    else:
        (term, *others) = sorted(_WRITINGS[script] for script in scripts[1])
        yield _at_step("spelling_in_other_script" if others else term, step, index)


def _writings(text: str) -> frozenset[Script]:
    """Return the scripts of the letters of a text, with both kana as one."""
    scripts = scripts_of(text) - {Script.DIGIT}
    return frozenset(Script.KATAKANA if script is Script.HIRAGANA else script for script in scripts)


def _between(steps: Sequence[Step]) -> Iterator[LocatedDifference]:
    """Yield the separators that only one of the texts has, between letters that both have."""
    anchors = [index for index, step in enumerate(steps) if step.watched and step.observed]
    for left, right in pairwise(anchors[1:]):
        watched_unit, observed_unit = steps[left].watched[-1], steps[left].observed[-1]
        dropped = [unit.tail for step in steps[left + 1 : right] for unit in step.watched]
        added = [unit.tail for step in steps[left + 1 : right] for unit in step.observed]
        read_as_long = passes_for_prolonged(watched_unit.tail, observed_unit.tail)
        kinds = (
            separator_kind(separators("".join((watched_unit.tail, *dropped)))),
            separator_kind(separators("".join((observed_unit.tail[len(read_as_long) :], *added)))),
        )
        if kinds[0] == kinds[1] or (dropped and masks("".join((observed_unit.tail, *added)))):
            continue
        spans = (
            (watched_unit.start, steps[right].watched[0].head_end),
            (observed_unit.start, steps[right].observed[0].head_end),
        )
        yield LocatedDifference(_separated(*kinds), *spans, (left, right))


def _separated(watched: str, observed: str) -> str:
    if not watched:
        return f"spelling_{observed}_inside"
    if observed:
        return "spelling_sign_changed"
    return "spelling_space_dropped" if watched == "space" else "spelling_sign_dropped"

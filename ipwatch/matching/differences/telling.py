"""Steps of an alignment told by their terms, each with its places in the two texts."""

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
"""Separators: one kind is told once for the whole text."""

RUNS = frozenset({"spelling_doubled", "spelling_undoubled", "spelling_swapped"})
"""What is told letter by letter, for a neighbour of another letter is another difference."""

_SMALL_TSU = frozenset("ッっｯ")
_VOWELS = frozenset("アイウエオ")
_WRITINGS = {
    Script.ALPHABETIC: "spelling_in_latin",
    Script.KATAKANA: "spelling_in_kana",
    Script.HAN: "spelling_in_kanji",
    Script.HANGUL: "spelling_in_hangul",
}


@dataclass(frozen=True, slots=True)
class Told:
    """A term by its places: half-open ranges of the two texts, and the first and last step it was seen at."""

    term: str
    watched: tuple[int, int]
    seen: tuple[int, int]
    steps: tuple[int, int]


def tell(steps: Sequence[Step]) -> Iterator[Told]:
    """Yield what each step and each gap between two steps says, in no order."""
    spelled_out = {at + 1 for at in range(len(steps)) if _is_long_vowel_spelled_out(steps, at)}
    for at, step in enumerate(steps):
        match step.kind:
            case StepKind.KEPT | StepKind.REPLACED:
                yield from _letter(step, at, spelled_out=at + 1 in spelled_out)
            case StepKind.MISSING | StepKind.ADDED:
                if at not in spelled_out and not _is_particle(steps, at):
                    yield _one_sided(steps, at)
            case StepKind.SWAPPED:
                yield _place("spelling_swapped", step, at)
            case StepKind.PIECED:
                yield _place("spelling_pieced", step, at)
            case StepKind.REWRITTEN:
                yield from _rewritten(step, at)
        if step.kind is StepKind.KEPT and at + 1 in spelled_out:
            yield _joined("spelling_long_vowel", step, steps[at + 1], at)
    yield from _between(steps)


def _place(term: str, step: Step, at: int) -> Told:
    return Told(term, _range(step.watched), _range(step.seen), (at, at))


def _range(units: Sequence[Unit]) -> tuple[int, int]:
    return units[0].start, units[-1].head_end


def _joined(term: str, step: Step, following: Step, at: int) -> Told:
    watched, seen = step.watched + following.watched, step.seen + following.seen
    return Told(term, _range(watched), _range(seen), (at, at + 1))


def _letter(step: Step, at: int, *, spelled_out: bool) -> Iterator[Told]:
    """Yield how a letter differs from the one it stands for, and whether its vowel is long."""
    (watched,), (seen,) = step.watched, step.seen
    terms = folds_of(watched.head, seen.head) if step.kind is StepKind.KEPT else [edit_of(watched.head, seen.head)]
    yield from (_place(term, step, at) for term in terms)
    long, seen_long = prolonged(watched.tail), prolonged(seen.tail)
    if len(long) == len(seen_long) or spelled_out:
        return
    if len(long) < len(seen_long):
        yield _place("spelling_long_vowel_added", step, at)
    elif sign := passes_for_prolonged(watched.tail, seen.tail):
        ends = watched.start + len(watched.head), seen.start + len(seen.head)
        term = "spelling_masked" if sign in MASKING_SIGNS else "spelling_lookalike"
        yield Told(term, (ends[0], ends[0] + 1), (ends[1], ends[1] + 1), (at, at))
    else:
        yield _place("spelling_long_vowel_dropped", step, at)


def _is_long_vowel_spelled_out(steps: Sequence[Step], at: int) -> bool:
    """Whether the one text has ー after a kana, and the other a vowel of its own (ソニイ)."""
    if steps[at].kind is not StepKind.KEPT or at + 1 == len(steps):
        return False
    (watched,), (seen,) = steps[at].watched, steps[at].seen
    following = steps[at + 1]
    if following.kind is StepKind.ADDED:
        return following.seen[0].key in _VOWELS and bool(prolonged(watched.tail)) and not prolonged(seen.tail)
    if following.kind is StepKind.MISSING:
        return following.watched[0].key in _VOWELS and bool(prolonged(seen.tail)) and not prolonged(watched.tail)
    return False


def _one_sided(steps: Sequence[Step], at: int) -> Told:
    """Return what is said of letters that only one of the texts has."""
    step = steps[at]
    missing = step.kind is StepKind.MISSING
    unit = (step.watched or step.seen)[0]
    before = next(steps[each] for each in range(at - 1, -1, -1) if steps[each].watched and steps[each].seen)
    if missing and masks(before.seen[-1].tail):
        return _masked(step, before.seen[-1], at)
    twins = _twins(steps, at, _key(step))
    if any(each.kind is StepKind.KEPT for each in twins):
        watched = [unit for each in twins for unit in each.watched]
        seen = [unit for each in twins for unit in each.seen]
        return Told("spelling_undoubled" if missing else "spelling_doubled", _range(watched), _range(seen), (at, at))
    kind = "small_tsu" if unit.head in _SMALL_TSU else "letter"
    term = f"spelling_{kind}_{'missing' if missing else 'added'}"
    if missing:
        place = before.seen[-1].end
        return Told(term, _range(step.watched), (place, place), (at, at))
    place = before.watched[-1].end
    return Told(term, (place, place), _range(step.seen), (at, at))


def _masked(step: Step, before: Unit, at: int) -> Told:
    """Return what is said of letters in whose place signs stand, without the ー that follows on both sides."""
    first, last = _range(step.watched)
    signs = before.tail.rstrip(PROLONGED)
    kept = min(len(prolonged(step.watched[-1].tail)), len(before.tail) - len(signs))
    return Told("spelling_masked", (first, last - kept), (before.start + len(before.head), before.end - kept), (at, at))


def _is_particle(steps: Sequence[Step], at: int) -> bool:
    """Whether the last letter is a の behind a name in hiragana: the word that follows the name, not part of it."""
    step = steps[at]
    if at + 1 < len(steps) or not at or step.kind is not StepKind.ADDED or not steps[at - 1].watched:
        return False
    before = steps[at - 1].watched[-1].head
    return [unit.head for unit in step.seen] == ["の"] and before[:1] != "" and script_of(before[0]) is Script.HIRAGANA


def _twins(steps: Sequence[Step], at: int, key: str) -> Sequence[Step]:
    """Return the run of kept and of one-sided steps with the same letter that this step stands in."""
    kinds = {StepKind.KEPT, steps[at].kind}
    first = last = at
    while first and steps[first - 1].kind in kinds and _key(steps[first - 1]) == key:
        first -= 1
    while last + 1 < len(steps) and steps[last + 1].kind in kinds and _key(steps[last + 1]) == key:
        last += 1
    return steps[first : last + 1]


def _key(step: Step) -> str:
    return "".join(unit.key for unit in step.watched or step.seen)


def _rewritten(step: Step, at: int) -> Iterator[Told]:
    """Yield how a stretch was rewritten: in other shapes of the same letters, in another script, or altogether."""
    heads = ["".join(unit.head[:MAX_MARKS] for unit in units) for units in (step.watched, step.seen)]
    keys = ["".join(unit.key for unit in units) for units in (step.watched, step.seen)]
    plain = [unicodedata.normalize("NFKC", head).casefold() for head in heads]
    if keys[0] == keys[1] or plain[0] == plain[1]:
        yield from (_place(term, step, at) for term in folds_of(*heads))
        return
    scripts = [_writings(head) for head in heads]
    if not all(scripts) or scripts[0] & scripts[1]:
        yield _place("spelling_replaced", step, at)
    else:
        (term, *others) = sorted(_WRITINGS[script] for script in scripts[1])
        yield _place("spelling_in_other_script" if others else term, step, at)


def _writings(text: str) -> frozenset[Script]:
    """Return the scripts of the letters of a text, with both kana as one."""
    scripts = scripts_of(text) - {Script.DIGIT}
    return frozenset(Script.KATAKANA if script is Script.HIRAGANA else script for script in scripts)


def _between(steps: Sequence[Step]) -> Iterator[Told]:
    """Yield the separators that only one of the texts has, between letters that stand in both."""
    anchors = [at for at, step in enumerate(steps) if step.watched and step.seen]
    for left, right in pairwise(anchors[1:]):
        one, other = steps[left].watched[-1], steps[left].seen[-1]
        dropped = [unit.tail for step in steps[left + 1 : right] for unit in step.watched]
        added = [unit.tail for step in steps[left + 1 : right] for unit in step.seen]
        read_as_long = passes_for_prolonged(one.tail, other.tail)
        kinds = (
            separator_kind(separators("".join((one.tail, *dropped)))),
            separator_kind(separators("".join((other.tail[len(read_as_long) :], *added)))),
        )
        if kinds[0] == kinds[1] or (dropped and masks("".join((other.tail, *added)))):
            continue
        places = (one.start, steps[right].watched[0].head_end), (other.start, steps[right].seen[0].head_end)
        yield Told(_separated(*kinds), *places, (left, right))


def _separated(watched: str, seen: str) -> str:
    if not watched:
        return f"spelling_{seen}_inside"
    if seen:
        return "spelling_sign_changed"
    return "spelling_space_dropped" if watched == "space" else "spelling_sign_dropped"

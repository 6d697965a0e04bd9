"""How well a watch did in the sandbox, where the truth is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ipwatch.sandbox.truth import Truth


@dataclass(frozen=True, slots=True, kw_only=True)
class KindTally:
    """One kind of subject: how many there are, were read, and were flagged for a mark of the right holder.

    ``flagged`` of a decoy or an innocent are wrong, of an imitation right.
    """

    kind: str
    suspected: bool
    subjects: int
    seen: int
    flagged: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """``found`` and ``missed`` are subjects; ``wrong`` are flags (subject and mark) that are not true.

    ``unread`` of the missed were never read at all, so that no matcher could have found them.
    """

    found: int
    missed: int
    unread: int
    wrong: int
    kinds: tuple[KindTally, ...]

    @property
    def precision(self) -> float:
        """The share of flags that are true."""
        return self.found / (self.found + self.wrong) if self.found + self.wrong else 0.0

    @property
    def recall(self) -> float:
        """The share of what should be flagged that was."""
        return self.found / (self.found + self.missed) if self.found + self.missed else 0.0


def tally(truth: Mapping[str, Truth], *, seen: Collection[str], flags: Collection[tuple[str, str]]) -> Tally:
    """Compare flags (subject, mark) with the truth. ``seen`` are the subjects that were read.

    A flag is true where the subject imitates a mark of the same holder: marks of one holder contain each other, such as
    a title and the name of its hero. A subject flagged for another holder's mark is a wrong flag, and still missed.
    """
    hits = {(subject, mark) for subject, mark in flags if _is_true(truth.get(subject), mark)}
    flagged = {subject for subject, _ in flags}
    found = {subject for subject, _ in hits}
    should = {subject for subject, one in truth.items() if one.suspected}
    subjects, read, marked = Counter[str](), Counter[str](), Counter[str]()
    for subject, one in truth.items():
        subjects[one.kind] += 1
        read[one.kind] += subject in seen
        marked[one.kind] += subject in (found if one.suspected else flagged)
    suspected_kinds = {one.kind for one in truth.values() if one.suspected}
    kinds = [
        KindTally(
            kind=kind,
            suspected=kind in suspected_kinds,
            subjects=subjects[kind],
            seen=read[kind],
            flagged=marked[kind],
        )
        for kind in subjects
    ]
    return Tally(
        found=len(found),
        missed=len(should - found),
        unread=len(should - found - set(seen)),
        wrong=len(set(flags) - hits),
        kinds=tuple(sorted(kinds, key=lambda one: (not one.suspected, one.kind))),
    )


def _is_true(one: Truth | None, mark: str) -> bool:
    return one is not None and one.suspected and one.mark is not None and _holder(one.mark) == _holder(mark)


def _holder(mark: str) -> str:
    return mark.partition("/")[0]

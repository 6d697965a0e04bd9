"""Evaluation of a watch in the sandbox against the ground truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ipwatch.sandbox.truth import Truth


@dataclass(frozen=True, slots=True, kw_only=True)
class KindTally:
    """One kind of subject: how many there are, were read, and were flagged for a mark of the right holder.

    ``flagged`` are false positives for decoys and innocent goods, true positives for imitations.
    """

    kind: str
    suspected: bool
    subjects: int
    read: int
    flagged: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """``detected`` and ``missed`` are subjects; ``wrong`` are false flags (subject and mark).

    ``unread`` of the missed were never read, so that no matcher could have detected them.
    """

    detected: int
    missed: int
    unread: int
    wrong: int
    kinds: tuple[KindTally, ...]

    @property
    def precision(self) -> float:
        """The share of true flags."""
        return self.detected / (self.detected + self.wrong) if self.detected + self.wrong else 0.0

    @property
    def recall(self) -> float:
        """The share of detected subjects among those that should be flagged."""
        return self.detected / (self.detected + self.missed) if self.detected + self.missed else 0.0


def tally(truth: Mapping[str, Truth], *, subjects_read: Collection[str], flags: Collection[tuple[str, str]]) -> Tally:
    """Compare flags (subject, mark) with the truth; ``subjects_read`` are the subjects that were read.

    A flag is true where the subject imitates a mark of the same holder, as marks of one holder may contain each other,
    such as a title and the name of its hero. A subject flagged for another holder's mark is a false flag, and missed.
    """
    hits = {(subject, mark) for subject, mark in flags if _is_true(truth.get(subject), mark)}
    flagged = {subject for subject, _ in flags}
    detected = {subject for subject, _ in hits}
    should = {subject for subject, known in truth.items() if known.suspected}
    subjects, read, marked = Counter[str](), Counter[str](), Counter[str]()
    for subject, known in truth.items():
        subjects[known.kind] += 1
        read[known.kind] += subject in subjects_read
        marked[known.kind] += subject in (detected if known.suspected else flagged)
    suspected_kinds = {known.kind for known in truth.values() if known.suspected}
    kinds = [
        KindTally(
            kind=kind,
            suspected=kind in suspected_kinds,
            subjects=subjects[kind],
            read=read[kind],
            flagged=marked[kind],
        )
        for kind in subjects
    ]
    return Tally(
        detected=len(detected),
        missed=len(should - detected),
        unread=len(should - detected - set(subjects_read)),
        wrong=len(set(flags) - hits),
        kinds=tuple(sorted(kinds, key=lambda kind_tally: (not kind_tally.suspected, kind_tally.kind))),
    )


def _is_true(truth: Truth | None, mark: str) -> bool:
    return truth is not None and truth.suspected and truth.mark is not None and _holder(truth.mark) == _holder(mark)


def _holder(mark: str) -> str:
    return mark.partition("/")[0]

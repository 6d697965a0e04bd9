"""Evaluation of a watch in the sandbox against the ground truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from ipwatch.sandbox.truth import Kind, Truth

_PER = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class KindTally:
    """One kind of subject: how many there are, were read, and were flagged for a mark of the right holder.

    ``flagged`` are true positives for imitations, where ``suspected``; for decoys and innocent goods they are false
    positives for whichever mark. What infringes and shows nothing of it is ``not_visible``: neither right nor wrong.
    """

    kind: str
    suspected: bool
    subjects: int
    read: int
    flagged: int
    not_visible: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SignTally:
    """One sign of infringement: how many listings show it, were read, and were flagged for a mark of the right holder.

    A listing with several signs counts for each.
    """

    sign: str
    subjects: int
    read: int
    flagged: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """``detected`` and ``missed`` are subjects that show an infringement; ``wrong`` are false flags (subject and mark).

    ``unread`` of the missed were never read, so that no matcher could have detected them.
    """

    detected: int
    missed: int
    unread: int
    wrong: int

    @property
    def precision(self) -> float:
        """The share of true flags."""
        return self.detected / (self.detected + self.wrong) if self.detected + self.wrong else 0.0

    @property
    def recall(self) -> float:
        """The share of detected subjects among those that should be flagged."""
        return self.detected / (self.detected + self.missed) if self.detected + self.missed else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally(Score):
    """The score of all subjects, that of ``listings`` and ``filings`` apart, and the counts by kind and sign.

    Of the listings, ``suspected`` were flagged and ``mentions`` name or show a mark, flagged or not.
    """

    listings: Score
    filings: Score
    kinds: tuple[KindTally, ...]
    signs: tuple[SignTally, ...]
    suspected: int
    mentions: int

    @property
    def suspected_per_1000_mentions(self) -> float:
        """How many of 1,000 listings that name or show a mark were flagged."""
        return _PER * self.suspected / self.mentions if self.mentions else 0.0

    @property
    def not_visible(self) -> int:
        """How many listings infringe and show nothing of it."""
        return sum(kind.subjects for kind in self.kinds if kind.not_visible)


def tally(
    truth: Mapping[str, Truth],
    *,
    subjects_read: Collection[str],
    flags: Collection[tuple[str, str]],
    mentions: Collection[tuple[str, str]] | None = None,
) -> Tally:
    """Compare flags (subject, mark) with the truth; ``subjects_read`` are the subjects that were read.

    A flag is true where the subject imitates a mark of the same holder, as marks of one holder may contain each other,
    such as a title and the name of its hero. A subject flagged for another holder's mark is a false flag, and missed.
    ``mentions`` are the pairs in which the watch found a mark named or shown and nothing suspected. Without them the
    listings that were read and name or show a mark in truth are counted.
    """
    hits = {(subject, mark) for subject, mark in flags if _is_right(truth.get(subject), mark)}
    detected = {subject for subject, mark in hits if truth[subject].suspected}
    counted = _Counts(truth, frozenset(subjects_read), frozenset(flags), frozenset(hits), frozenset(detected))
    suspected = {subject for subject, _ in flags if not is_filing(subject)}
    if mentions is None:
        named = {subject for subject, known in truth.items() if known.mention and subject in counted.subjects_read}
    else:
        named = {subject for subject, _ in mentions if not is_filing(subject)}
    total = counted.score(counted.subjects)
    return Tally(
        detected=total.detected,
        missed=total.missed,
        unread=total.unread,
        wrong=total.wrong,
        listings=counted.score(subject for subject in counted.subjects if not is_filing(subject)),
        filings=counted.score(subject for subject in counted.subjects if is_filing(subject)),
        kinds=counted.kinds(),
        signs=counted.signs(),
        suspected=len(suspected),
        mentions=len(named | suspected),
    )


def is_filing(subject: str) -> bool:
    """Return whether the key is of a filing: offices are codes in capitals (WIPO ST.3), marketplaces are not."""
    return subject.partition(":")[0].isupper()


@dataclass(frozen=True, slots=True)
class _Counts:
    """What was read and flagged; ``hits`` are the true flags, ``detected`` their subjects that should be flagged."""

    truth: Mapping[str, Truth]
    subjects_read: frozenset[str]
    flags: frozenset[tuple[str, str]]
    hits: frozenset[tuple[str, str]]
    detected: frozenset[str]

    @property
    def subjects(self) -> set[str]:
        """Every subject that exists or was flagged."""
        return {*self.truth, *(subject for subject, _ in self.flags)}

    def score(self, subjects: Iterable[str]) -> Score:
        """Return the score of those subjects."""
        chosen = set(subjects)
        should = {subject for subject in chosen if subject in self.truth and self.truth[subject].suspected}
        missed = should - self.detected
        return Score(
            detected=len(self.detected & chosen),
            missed=len(missed),
            unread=len(missed - self.subjects_read),
            wrong=sum(subject in chosen for subject, _ in self.flags - self.hits),
        )

    def kinds(self) -> tuple[KindTally, ...]:
        """Return the counts by kind: what should be flagged first, what shows nothing last."""
        flagged = {subject for subject, _ in self.flags}
        right = {subject for subject, _ in self.hits}
        subjects, read, marked = Counter[str](), Counter[str](), Counter[str]()
        for subject, known in self.truth.items():
            subjects[known.kind] += 1
            read[known.kind] += subject in self.subjects_read
            marked[known.kind] += subject in (right if known.infringing else flagged)
        suspected = {known.kind for known in self.truth.values() if known.suspected}
        kinds = [
            KindTally(
                kind=kind,
                suspected=kind in suspected,
                subjects=subjects[kind],
                read=read[kind],
                flagged=marked[kind],
                not_visible=kind == Kind.NOT_VISIBLE,
            )
            for kind in subjects
        ]
        return tuple(sorted(kinds, key=lambda each: (not each.suspected, each.not_visible, each.kind)))

    def signs(self) -> tuple[SignTally, ...]:
        """Return the counts by sign, in alphabetical order."""
        subjects, read, marked = Counter[str](), Counter[str](), Counter[str]()
        for subject, known in self.truth.items():
            for sign in known.signs:
                subjects[sign] += 1
                read[sign] += subject in self.subjects_read
                marked[sign] += subject in self.detected
        return tuple(
            SignTally(sign=str(sign), subjects=subjects[sign], read=read[sign], flagged=marked[sign])
            for sign in sorted(subjects)
        )


def _is_right(truth: Truth | None, mark: str) -> bool:
    """Return whether a flag for the mark names an infringement, be it visible or not."""
    return truth is not None and truth.infringing and truth.mark is not None and _holder(truth.mark) == _holder(mark)


def _holder(mark: str) -> str:
    return mark.partition("/")[0]

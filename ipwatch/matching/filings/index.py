"""Index of watched marks for filings, instead of comparing every filing with every mark."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ipwatch.matching.filings.composite_marks import is_searched
from ipwatch.matching.filings.signals import FiledMark, filing_signals, watched_readings
from ipwatch.matching.readings import SIMILAR, cross_script, similar_readings
from ipwatch.matching.readings.near_pairs import near_pairs
from ipwatch.matching.term_index import TermIndex
from ipwatch.matching.variants import Variant
from ipwatch.records import Signal
from ipwatch.text.folding.packed import FoldedTexts

WHOLE_FLOOR = 0.75
"""Minimum similarity of the appearance of two whole names."""

MIN_CONTAINED = 3
"""Minimum letters of a variant that is searched for inside a filed name; two in Han (``composite_marks``)."""

_ROUNDING = 1e-9


class FilingIndex:
    """Index of the variants and readings of all watched marks.

    It is lossless: ``signals`` agrees with ``signals_reference``, which compares every filing with every mark.
    """

    def __init__(self, variants: Sequence[Sequence[Variant]], readings: Sequence[Sequence[str]]) -> None:
        self._variants = [tuple(several) for several in variants]
        self._readings = [tuple(several) for several in readings]
        self._names = _Numbered(
            (variant.skeleton, mark) for mark, several in enumerate(self._variants) for variant in several
        )
        searched = {variant.skeleton for several in self._variants for variant in several if is_searched(variant)}
        self._contained = [
            number for number, name in enumerate(self._names.texts) if len(name) >= MIN_CONTAINED or name in searched
        ]
        self._inside = TermIndex()
        self._inside.add([self._names.texts[number] for number in self._contained], [0] * len(self._contained))
        spoken = [watched_readings(*both) for both in zip(self._variants, self._readings, strict=True)]
        self._spoken = _Numbered((reading, mark) for mark, several in enumerate(spoken) for reading in several)
        self._read, self._unread = (
            _Numbered(
                (cross_script.stream(variant.text), mark)
                for mark, several in enumerate(self._variants)
                if bool(spoken[mark]) is read
                for variant in cross_script.spoken_variants(several)
            )
            for read in (True, False)
        )

    def candidates(self, filings: Sequence[FiledMark]) -> list[list[int]]:
        """Return for each filing the numbers of the marks that may be similar, ascending; none is missed."""
        marks_by_filing: list[set[int]] = [set() for _ in filings]
        self._add_by_appearance(filings, marks_by_filing)
        self._add_by_sound(filings, marks_by_filing)
        return [sorted(marks) for marks in marks_by_filing]

    def signals(self, filings: Sequence[FiledMark]) -> Iterator[Mapping[int, tuple[Signal, ...]]]:
        """Yield for each filing the signals of every mark of similar appearance or sound, by the number of the mark."""
        for filed, marks in zip(filings, self.candidates(filings), strict=True):
            yield _signals(self._variants, self._readings, filed, marks)

    def _add_by_appearance(self, filings: Sequence[FiledMark], marks_by_filing: Sequence[set[int]]) -> None:
        texts = _Numbered(
            (filed.observed.folded.text, number) for number, filed in enumerate(filings) if filed.observed is not None
        )
        for pairs in near_pairs(self._names.texts, texts.texts, _whole_edits):
            for name, text in pairs.tolist():
                _add(marks_by_filing, texts.members[text], self._names.members[name])
        hits = self._inside.search(FoldedTexts.of(texts.texts))
        for term, text in zip(hits.term.tolist(), hits.text.tolist(), strict=True):
            _add(marks_by_filing, texts.members[text], self._names.members[self._contained[term]])

    def _add_by_sound(self, filings: Sequence[FiledMark], marks_by_filing: Sequence[set[int]]) -> None:
        spoken = _Numbered((reading, number) for number, filed in enumerate(filings) for reading in filed.readings)
        hits = similar_readings(self._spoken.texts, spoken.texts, SIMILAR)
        for own, filed in zip(hits.watched.tolist(), hits.observed.tolist(), strict=True):
            _add(marks_by_filing, spoken.members[filed], self._spoken.members[own])
        everything = _streams(enumerate(filings))
        unread = _streams((number, filed) for number, filed in enumerate(filings) if not filed.readings)
        for watched, streams in ((self._unread, everything), (self._read, unread)):
            for own, filed in cross_script.near_streams(watched.texts, streams.texts):
                _add(marks_by_filing, streams.members[filed], watched.members[own])


def signals_reference(
    variants: Sequence[Sequence[Variant]], readings: Sequence[Sequence[str]], filings: Sequence[FiledMark]
) -> Iterator[Mapping[int, tuple[Signal, ...]]]:
    """Yield the signals by comparing every filing with every mark: the reference for ``FilingIndex.signals``."""
    for filed in filings:
        yield _signals(variants, readings, filed, range(len(variants)))


class _Numbered:
    """Distinct texts, numbered, with what each belongs to; empty ones are left out."""

    def __init__(self, owned: Iterable[tuple[str, int]]) -> None:
        members: defaultdict[str, list[int]] = defaultdict(list)
        for text, owner in owned:
            if text:
                members[text].append(owner)
        self.texts = list(members)
        self.members = list(members.values())


def _signals(
    variants: Sequence[Sequence[Variant]], readings: Sequence[Sequence[str]], filed: FiledMark, marks: Iterable[int]
) -> dict[int, tuple[Signal, ...]]:
    compared = ((mark, tuple(filing_signals(variants[mark], readings[mark], filed))) for mark in marks)
    return {mark: signals for mark, signals in compared if signals}


def _whole_edits(left: int, right: int) -> int:
    return int((1.0 - WHOLE_FLOOR) * max(left, right) + _ROUNDING)


def _streams(filings: Iterable[tuple[int, FiledMark]]) -> _Numbered:
    texts = (
        (number, (*([filed.observed.source] if filed.observed else []), *filed.readings)) for number, filed in filings
    )
    return _Numbered((cross_script.stream(text), number) for number, several in texts for text in several)


def _add(marks_by_filing: Sequence[set[int]], filings: Iterable[int], marks: Iterable[int]) -> None:
    for filing in filings:
        marks_by_filing[filing].update(marks)

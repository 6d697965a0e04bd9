"""Signals of a filing: appearance and sound of the whole mark, and whether it is the holder's own.

A filed mark is compared as a whole: name against name, and reading (称呼) against reading. The watched mark's readings
are declared, those of the filing come from the register or from its own kana. Where one side has none, names in
Latin letters, kana or Hangul are compared by their sound streams. Readings of kanji are not guessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ipwatch.matching.filings.composite_marks import match_within
from ipwatch.matching.names import appearance
from ipwatch.matching.readings import SIMILAR, cross_script, reading_signal
from ipwatch.matching.score import combine, qualifier
from ipwatch.matching.variants import ObservedText, Variant
from ipwatch.records import MarkRecord, Right, Signal, WatchedMark
from ipwatch.text.folding.skeleton import plain_letters
from ipwatch.text.phonetics.kana import morae


@dataclass(frozen=True, slots=True)
class FiledMark:
    """A filed mark: its folded text, if any, and its readings in katakana."""

    observed: ObservedText | None
    readings: tuple[str, ...]


def filing_signals(variants: Sequence[Variant], readings: Sequence[str], filed: FiledMark) -> Iterator[Signal]:
    """Yield the best appearance and the best sound of a whole filed mark against a watched one, with their details.

    ``readings`` are those of the watched mark. Nothing is yielded where the marks are not similar.
    """
    appearances = []
    if filed.observed is not None:
        whole = ((variant, appearance.whole_similarity(variant, filed.observed)) for variant in variants)
        within = ((variant, match_within(variant, filed.observed)) for variant in variants)
        appearances = [
            appearance.name_signals(variant, filed.observed, match)
            for variant, match in (*whole, *within)
            if match is not None
        ]
    looks = [signals for signals in appearances if signals[0].name == "name"]
    if looks:
        yield from max(looks, key=combine)
    sounds = [signals[0] for signals in appearances if signals[0].name == "sound"]
    spoken = watched_readings(variants, readings)
    if spoken and filed.readings:
        read = reading_signal(spoken, filed.readings, "readings", floor=SIMILAR)
    else:
        read = cross_script.best_signal(variants, filed.observed, filed.readings)
    sounds.extend([] if read is None else [read])
    if sounds:
        yield max(sounds, key=lambda signal: signal.score)


def watched_readings(variants: Sequence[Variant], readings: Sequence[str]) -> tuple[str, ...]:
    """Return the readings of a mark and its other declared variants in kana, without repetition."""
    declared = (
        variant.text for variant in variants if variant.is_kana and not variant.generated and morae(variant.text)
    )
    return tuple(dict.fromkeys((*readings, *declared)))


def own_right(mark: WatchedMark, record: MarkRecord) -> Signal | None:
    """Return the qualifier of a filing that is one of the mark's rights, or in the holder's own name."""
    numbers = {number for number in (record.registration_number, record.application_number) if number}
    for right in mark.rights:
        if _is_number(right, record.office, numbers):
            return qualifier("right", "right_own", (mark.text, right.number or ""), field="registration_number")
    holders = {plain_letters(holder) for holder in mark.holder_names}
    for applicant in record.applicants:
        if plain_letters(applicant) in holders:
            return qualifier("right", "right_own_applicant", (mark.text, applicant), field="applicants")
    return None


def _is_number(right: Right, office: str, numbers: set[str]) -> bool:
    return right.office == office and right.number is not None and right.number in numbers

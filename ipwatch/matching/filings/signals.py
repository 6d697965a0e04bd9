"""What a filing says: how its mark looks and sounds as a whole, and whether it is the holder's own.

A filed mark is compared as a whole: name against name, and reading (称呼) against reading. The watched mark's readings
are declared, those of the filing come from the register or stand in its own kana. Where one side has none, names in
Latin letters, kana or Hangul are compared by their sound streams. Kanji without a reading are not guessed at.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ipwatch.matching.filings.composite_marks import match_within
from ipwatch.matching.names import appearance
from ipwatch.matching.readings import SIMILAR, cross_script, reading_signal
from ipwatch.matching.score import combine, qualifier
from ipwatch.matching.variants import Form, SeenText
from ipwatch.records import MarkRecord, Right, Signal, WatchedMark
from ipwatch.text.folding.skeleton import plain_letters
from ipwatch.text.phonetics.kana import morae


@dataclass(frozen=True, slots=True)
class FiledMark:
    """What a filing shows of its mark: its text folded, where there is one, and its readings in katakana."""

    observed: SeenText | None
    readings: tuple[str, ...]


def filing_signals(forms: Sequence[Form], readings: Sequence[str], filed: FiledMark) -> Iterator[Signal]:
    """Yield how a filed mark looks and sounds like a watched one, whole against whole; nothing where it does not.

    ``readings`` are those of the watched mark. There is at most one appearance and one sound, each the best.
    """
    appearances = []
    if filed.observed is not None:
        whole = ((form, appearance.whole_similarity(form, filed.observed)) for form in forms)
        within = ((form, match_within(form, filed.observed)) for form in forms)
        appearances = [
            appearance.name_signals(form, filed.observed, match)
            for form, match in (*whole, *within)
            if match is not None
        ]
    looks = [signals for signals in appearances if signals[0].name == "name"]
    if looks:
        yield from max(looks, key=combine)
    sounds = [signals[0] for signals in appearances if signals[0].name == "sound"]
    spoken = watched_readings(forms, readings)
    if spoken and filed.readings:
        read = reading_signal(spoken, filed.readings, "readings", floor=SIMILAR)
    else:
        read = cross_script.best_signal(forms, filed.observed, filed.readings)
    sounds.extend([] if read is None else [read])
    if sounds:
        yield max(sounds, key=lambda signal: signal.score)


def watched_readings(forms: Sequence[Form], readings: Sequence[str]) -> tuple[str, ...]:
    """Return the readings of a mark and what else a person declared in kana, each once."""
    declared = (form.text for form in forms if form.is_kana and not form.generated and morae(form.text))
    return tuple(dict.fromkeys((*readings, *declared)))


def own_right(mark: WatchedMark, record: MarkRecord) -> Signal | None:
    """Return the qualifier for a filing that is one of the mark's rights, or made in the holder's own name."""
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

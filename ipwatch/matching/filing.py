"""What a filing says: how its mark looks and sounds as a whole, and whether it is the holder's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ipwatch.matching import name, sound
from ipwatch.matching.forms import Form, SeenText
from ipwatch.matching.score import combine, qualifier
from ipwatch.records import MarkRecord, Right, Signal, WatchedMark
from ipwatch.text.normalize import plain_letters


def filing_signals(
    forms: Sequence[Form],
    watched_readings: Sequence[str],
    seen: SeenText | None,
    readings: Sequence[str],
    keyed: Signal | None,
) -> Iterator[Signal]:
    """Yield how a filed mark looks and sounds like a watched one, whole against whole; nothing where it does not.

    ``keyed`` is what the sound keys say, for filings that give no reading.
    """
    appearances = []
    if seen is not None:
        places = ((form, name.whole_similarity(form, seen)) for form in forms)
        appearances = [name.name_signals(form, seen, place) for form, place in places if place is not None]
    looks = [signals for signals in appearances if signals[0].name == "name"]
    if looks:
        yield from max(looks, key=combine)
    heard = [signals[0] for signals in appearances if signals[0].name == "sound"]
    read = sound.reading_signal(watched_readings, readings, "readings", floor=sound.SIMILAR)
    heard.extend(signal for signal in (read, keyed) if signal is not None)
    if heard:
        yield max(heard, key=lambda signal: signal.score)


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

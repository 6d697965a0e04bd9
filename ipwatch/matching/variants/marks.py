"""Forms of a mark: every spelling under which it is looked for, the declared ones first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import chain, islice
from typing import NamedTuple

from rapidfuzz.distance import OSA

from ipwatch.matching.variants import disguises, spellings
from ipwatch.matching.variants.form import MAX_FORM_CHARACTERS, Form, FormOrigin, form_of
from ipwatch.records import RightKind, WatchedMark
from ipwatch.text.lexicon.frequency import commonness
from ipwatch.text.phonetics.letter_names import letters_called, spelled_out
from ipwatch.text.phonetics.reading import readings_of

PLACE_KINDS = frozenset({RightKind.GEOGRAPHICAL_INDICATION, RightKind.REGIONAL_COLLECTIVE_MARK})
"""Rights whose names are a place and its goods (Trademark Act, Article 7-2; 地理的表示)."""

MAX_DECLARED = 1_000
"""Declared spellings of one mark that are looked for; a watchlist holds far fewer."""

MOST_GENERATED = {
    FormOrigin.ROMANISED: 40,
    FormOrigin.KANA: 16,
    FormOrigin.HANGUL: 16,
    FormOrigin.HAN: 4,
    FormOrigin.LOOKALIKE: 24,
    FormOrigin.MASKED: 16,
    FormOrigin.RESPELLED: 16,
    FormOrigin.PLACE: 8,
}
"""Generated spellings of one mark, by origin: the first that are no form already."""

_ALIKE = 0.7
"""OSA similarity from which the edits of one form do for another too, so that one place is not found twice."""

_MAX_SOURCES = 32
"""Declared spellings that others are generated from, the first of each kind."""


class Refused(NamedTuple):
    """Declared spellings that are not looked for: the first of them, how many, and the term key of the reason."""

    text: str
    term: str
    number: int = 1


def forms_of(mark: WatchedMark) -> tuple[tuple[Form, ...], tuple[Refused, ...]]:
    """Return the forms a mark is looked for under, each skeleton once, and the declared spellings that cannot be.

    Text, variants and readings come first, in this order, at most ``MAX_DECLARED``; generated ones follow, at most
    ``MOST_GENERATED`` of each origin. A generated form is never looked for in place of a declared one.
    """
    forms: dict[str, Form] = {}
    texts = (mark.text, *mark.variants)
    readings = readings_of(mark.text, mark.readings)
    refused = _declare(
        forms,
        chain(
            [(mark.text, FormOrigin.TEXT)],
            ((text, FormOrigin.VARIANT) for text in mark.variants),
            ((reading, FormOrigin.READING) for reading in readings),
        ),
    )
    for origin, made in _generated(texts, readings):
        _generate(forms, origin, made)
    if mark.kind in PLACE_KINDS:
        places = (spellings.place(text, mark.goods_terms) for text in texts)
        _generate(forms, FormOrigin.PLACE, chain.from_iterable(places))
    return tuple(forms.values()), refused


def _declare(forms: dict[str, Form], declared: Iterable[tuple[str, FormOrigin]]) -> tuple[Refused, ...]:
    refused: list[Refused] = []
    left_out: list[str] = []
    for text, origin in declared:
        if len(forms) >= MAX_DECLARED:
            left_out.append(text)
            continue
        form = form_of(text, origin)
        if form is None:
            refused.append(Refused(text, "form_too_long" if len(text) > MAX_FORM_CHARACTERS else "form_too_short"))
        else:
            forms.setdefault(form.skeleton, form)
    if left_out:
        refused.append(Refused(left_out[0], "form_too_many", len(left_out)))
    return tuple(refused)


def _generated(texts: tuple[str, ...], readings: tuple[str, ...]) -> Iterator[tuple[FormOrigin, Iterable[str]]]:
    """Yield the spellings of each origin; kana among the variants say how a mark sounds as its readings do."""
    names = tuple(islice((text for text in texts if len(text) <= MAX_FORM_CHARACTERS), _MAX_SOURCES))
    kana = tuple(dict.fromkeys((*readings, *chain.from_iterable(readings_of(name) for name in names))))
    read_from = () if kana else names
    abbreviations = tuple(called.upper() for called in map(letters_called, kana) if called)
    words = tuple(reading for reading in kana if not letters_called(reading))
    uncommon = (letters for letters in abbreviations if not commonness(letters))
    yield FormOrigin.ROMANISED, chain(uncommon, _in_turn(spellings.romanised, words))
    in_kana = (
        _in_turn(spelled_out, (*read_from, *abbreviations)),
        _in_turn(spellings.long_vowels, words),
        _in_turn(spellings.in_kana, read_from),
    )
    yield FormOrigin.KANA, chain.from_iterable(in_kana)
    yield FormOrigin.HANGUL, _in_turn(spellings.in_hangul, kana)
    yield FormOrigin.HAN, _in_turn(spellings.in_chinese, names)
    yield FormOrigin.LOOKALIKE, _in_turn(disguises.lookalikes, names)
    yield FormOrigin.MASKED, _in_turn(disguises.masked, (*names, *readings))
    halves = (spellings.half_read(texts[0], reading) for reading in readings)
    joined = (_in_turn(make, names) for make in (spellings.joined_otherwise, spellings.with_and))
    yield FormOrigin.RESPELLED, chain.from_iterable((*joined, *halves))


def _in_turn(make: Callable[[str], Iterator[str]], sources: tuple[str, ...]) -> Iterator[str]:
    """Yield the best spelling of every source, then the second best, so that no source takes the places of another."""
    running = [make(source) for source in sources[:_MAX_SOURCES]]
    while running:
        still = []
        for each in running:
            spelling = next(each, None)
            if spelling is not None:
                yield spelling
                still.append(each)
        running = still


def _generate(forms: dict[str, Form], origin: FormOrigin, made: Iterable[str]) -> None:
    """Add the first spellings that are no form yet; with edits only where no form that has any is like them."""
    new = (form for form in (form_of(text, origin) for text in made) if form is not None)
    fresh = (form for form in new if form.skeleton not in forms)
    for form in islice(fresh, MOST_GENERATED[origin]):
        edited = (other.skeleton for other in forms.values() if other.edits)
        near = any(OSA.normalized_similarity(form.skeleton, other) >= _ALIKE for other in edited)
        forms[form.skeleton] = replace(form, edits=0) if near else form

"""Variants of a mark: every spelling under which it is searched for, the declared ones first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import chain, islice
from typing import NamedTuple

from rapidfuzz.distance import OSA

from ipwatch.matching.variants import disguises, spellings
from ipwatch.matching.variants.variant import MAX_VARIANT_CHARACTERS, Variant, VariantOrigin, variant_of
from ipwatch.records import RightKind, WatchedMark
from ipwatch.text.lexicon.frequency import commonness
from ipwatch.text.phonetics.letter_names import letters_called, spelled_out
from ipwatch.text.phonetics.reading import readings_of

PLACE_KINDS = frozenset({RightKind.GEOGRAPHICAL_INDICATION, RightKind.REGIONAL_COLLECTIVE_MARK})
"""Rights whose names are a place and its goods (Trademark Act, Article 7-2; 地理的表示)."""

MAX_DECLARED = 1_000
"""Declared spellings of one mark that are searched for; a watchlist holds far fewer."""

MAX_GENERATED = {
    VariantOrigin.ROMANISED: 40,
    VariantOrigin.KANA: 16,
    VariantOrigin.HANGUL: 16,
    VariantOrigin.HAN: 4,
    VariantOrigin.LOOKALIKE: 24,
    VariantOrigin.MASKED: 16,
    VariantOrigin.RESPELLED: 16,
    VariantOrigin.GEOGRAPHIC: 8,
}
"""Generated spellings of one mark, by origin: the first ones that are not variants yet."""

_NEAR = 0.7
"""OSA similarity from which the edits of one variant also cover another, so that no occurrence is found twice."""

_MAX_SOURCES = 32
"""Declared spellings that others are generated from: the first of each kind."""


class Refused(NamedTuple):
    """Declared spellings that are not searched for: the first of them, their number, and the message key why."""

    text: str
    term: str
    number: int = 1


def variants_of(mark: WatchedMark) -> tuple[tuple[Variant, ...], tuple[Refused, ...]]:
    """Return the variants of a mark, each skeleton once, and the declared spellings that cannot be searched for.

    Text, declared variants and readings come first, in this order, at most ``MAX_DECLARED``; generated ones follow, at
    most ``MAX_GENERATED`` of each origin. A generated variant never replaces a declared one.
    """
    variants: dict[str, Variant] = {}
    texts = (mark.text, *mark.variants)
    readings = readings_of(mark.text, mark.readings)
    refused = _declare(
        variants,
        chain(
            [(mark.text, VariantOrigin.TEXT)],
            ((text, VariantOrigin.VARIANT) for text in mark.variants),
            ((reading, VariantOrigin.READING) for reading in readings),
        ),
    )
    for origin, made in _generated(texts, readings):
        _generate(variants, origin, made)
    if mark.kind in PLACE_KINDS:
        geographic = (spellings.geographic_part(text, mark.goods_terms) for text in texts)
        _generate(variants, VariantOrigin.GEOGRAPHIC, chain.from_iterable(geographic))
    return tuple(variants.values()), refused


def _declare(variants: dict[str, Variant], declared: Iterable[tuple[str, VariantOrigin]]) -> tuple[Refused, ...]:
    refused: list[Refused] = []
    left_out: list[str] = []
    for text, origin in declared:
        if len(variants) >= MAX_DECLARED:
            left_out.append(text)
            continue
        variant = variant_of(text, origin)
        if variant is None:
            refused.append(Refused(text, "form_too_long" if len(text) > MAX_VARIANT_CHARACTERS else "form_too_short"))
        else:
            variants.setdefault(variant.skeleton, variant)
    if left_out:
        refused.append(Refused(left_out[0], "form_too_many", len(left_out)))
    return tuple(refused)


def _generated(texts: tuple[str, ...], readings: tuple[str, ...]) -> Iterator[tuple[VariantOrigin, Iterable[str]]]:
    """Yield the spellings of each origin; kana among the declared variants are used as readings are."""
    names = tuple(islice((text for text in texts if len(text) <= MAX_VARIANT_CHARACTERS), _MAX_SOURCES))
    kana = tuple(dict.fromkeys((*readings, *chain.from_iterable(readings_of(name) for name in names))))
    read_from = () if kana else names
    abbreviations = tuple(called.upper() for called in map(letters_called, kana) if called)
    words = tuple(reading for reading in kana if not letters_called(reading))
    uncommon = (letters for letters in abbreviations if not commonness(letters))
    yield VariantOrigin.ROMANISED, chain(uncommon, _in_turn(spellings.romanised, words))
    in_kana = (
        _in_turn(spelled_out, (*read_from, *abbreviations)),
        _in_turn(spellings.long_vowels, words),
        _in_turn(spellings.in_kana, read_from),
    )
    yield VariantOrigin.KANA, chain.from_iterable(in_kana)
    yield VariantOrigin.HANGUL, _in_turn(spellings.in_hangul, kana)
    yield VariantOrigin.HAN, _in_turn(spellings.in_chinese, names)
    yield VariantOrigin.LOOKALIKE, _in_turn(disguises.lookalikes, names)
    yield VariantOrigin.MASKED, _in_turn(disguises.masked, (*names, *readings))
    halves = (spellings.half_read(texts[0], reading) for reading in readings)
    joined = (_in_turn(make, names) for make in (spellings.joined_otherwise, spellings.with_and))
    yield VariantOrigin.RESPELLED, chain.from_iterable((*joined, *halves))


def _in_turn(make: Callable[[str], Iterator[str]], sources: tuple[str, ...]) -> Iterator[str]:
    """Yield the best spelling of every source, then the second best, so that no source uses up the limit."""
    running = [make(source) for source in sources[:_MAX_SOURCES]]
    while running:
        still = []
        for each in running:
            spelling = next(each, None)
            if spelling is not None:
                yield spelling
                still.append(each)
        running = still


def _generate(variants: dict[str, Variant], origin: VariantOrigin, made: Iterable[str]) -> None:
    """Add the first spellings that are not variants yet; without edits where a variant with edits is similar."""
    new = (variant for variant in (variant_of(text, origin) for text in made) if variant is not None)
    fresh = (variant for variant in new if variant.skeleton not in variants)
    for variant in islice(fresh, MAX_GENERATED[origin]):
        edited = (other.skeleton for other in variants.values() if other.edits)
        near = any(OSA.normalized_similarity(variant.skeleton, other) >= _NEAR for other in edited)
        variants[variant.skeleton] = replace(variant, edits=0) if near else variant

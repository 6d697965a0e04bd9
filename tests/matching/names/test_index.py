from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipwatch.matching.names.index import Candidates, Lookup
from ipwatch.matching.names.phonetic_index import phonetic_reference
from ipwatch.matching.term_index import hits_reference
from ipwatch.matching.variants import Variant, VariantOrigin, variant_of
from ipwatch.text.folding.batch import skeletons
from ipwatch.text.folding.packed import FoldedTexts
from ipwatch.text.folding.skeleton import MAX_CHARACTERS, skeleton

ORIGINS = st.sampled_from([VariantOrigin.TEXT, VariantOrigin.READING, VariantOrigin.ROMANISED, VariantOrigin.LOOKALIKE])
NAMES = st.text(alphabet="sonyパナソニツク", min_size=2, max_size=9)
TEXTS = st.text(alphabet="sonyパナソニツク 0ー소니", max_size=30)

Row = tuple[int, int, int]


def rows(candidates: Candidates) -> list[Row]:
    return [
        (text, candidate.variant, candidate.distance) for text, several in candidates.items() for candidate in several
    ]


def brute_force(terms: list[str], edits: list[int], texts: list[str], numbers: list[int]) -> list[Row]:
    hits = hits_reference(terms, edits, FoldedTexts.of(texts))
    rows = zip(hits.text.tolist(), hits.term.tolist(), hits.distance.tolist(), strict=True)
    return [(text, numbers[term], distance) for text, term, distance in rows]


def variants_from(named: list[tuple[str, VariantOrigin]]) -> list[Variant]:
    return [variant for name, origin in named if (variant := variant_of(name, origin)) is not None]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(NAMES, ORIGINS), max_size=6), st.lists(TEXTS, max_size=6))
def test_candidates_are_what_brute_force_finds_in_the_skeletons(
    named: list[tuple[str, VariantOrigin]], texts: list[str]
) -> None:
    variants = variants_from(named)
    expected = brute_force(
        [variant.skeleton for variant in variants],
        [variant.edits for variant in variants],
        [skeleton(text).text for text in texts],
        list(range(len(variants))),
    )
    assert rows(Lookup(variants).candidates(skeletons(texts))) == expected


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(NAMES, ORIGINS), max_size=6), st.lists(TEXTS, max_size=6))
def test_phonetic_matches_are_what_brute_force_finds_among_declared_variants(
    named: list[tuple[str, VariantOrigin]], texts: list[str]
) -> None:
    variants = variants_from(named)
    spoken = [(number, variant) for number, variant in enumerate(variants) if not variant.generated]
    expected = phonetic_reference([variant for _, variant in spoken], texts)
    matches = Lookup(variants).phonetic_matches(texts)
    assert sorted(
        (text, match.variant, match.first, match.last) for text, several in matches.items() for match in several
    ) == sorted((text, spoken[match.variant][0], match.first, match.last) for text, match in expected)


def test_without_variants_nothing_is_found() -> None:
    empty = Lookup([])
    assert (empty.candidates(skeletons(["sony"])), empty.phonetic_matches(["sony"])) == ({}, {})


def test_a_text_that_is_too_long_is_refused() -> None:
    variant = variant_of("panasonic")
    assert variant is not None
    with pytest.raises(ValueError, match="limit"):
        Lookup([variant]).phonetic_matches(["a" * (MAX_CHARACTERS + 1)])

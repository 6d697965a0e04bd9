from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from ipwatch.matching.names.short_words import ShortWordIndex
from ipwatch.matching.variants import ObservedText, VariantOrigin, variant_of

WORDS = st.text(alphabet="abc", min_size=1, max_size=6)


@settings(max_examples=400, deadline=None)
@given(st.lists(WORDS, max_size=6), st.lists(WORDS, max_size=8))
def test_every_short_name_one_edit_from_a_word_is_found(names: list[str], words: list[str]) -> None:
    variants = [variant for variant in map(variant_of, names) if variant is not None]
    observed = ObservedText.of("title", " ".join(words))
    matches = {(number, observed.folded.text[slice(*word)]) for number, word in ShortWordIndex(variants).find(observed)}
    assert matches == {
        (number, word)
        for number, variant in enumerate(variants)
        for word in words
        if 3 <= len(variant.skeleton) <= 4 and OSA.distance(variant.skeleton, word) == 1
    }


def test_what_software_made_and_longer_and_han_names_are_left_to_others() -> None:
    made = variant_of("sony", VariantOrigin.ROMANISED)
    variants = [variant for variant in (made, variant_of("panas"), variant_of("東芝電気")) if variant is not None]
    assert list(ShortWordIndex(variants).find(ObservedText.of("title", "sonny panaz 東芝電器"))) == []


def test_the_memory_is_bounded() -> None:
    variant = variant_of("sony")
    assert variant is not None
    words = ShortWordIndex([variant])
    observed = ObservedText.of("title", "sonny " * 3_000)
    assert len(list(words.find(observed))) == 3_000
    assert len(words._answers) == 1

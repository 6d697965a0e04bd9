from __future__ import annotations

import pytest

from ipwatch.matching.names import appearance
from ipwatch.matching.names.occurrence import Occurrence
from ipwatch.matching.names.rejections import is_number, rejection
from ipwatch.matching.variants import ObservedText, variant_of


def rejected_as(mark: str, title: str, goods: tuple[str, ...] = ()) -> str | None:
    """Return the term of the rejection of the best match, ``None`` where it is not rejected."""
    variant = variant_of(mark)
    assert variant is not None
    match = appearance.nearest(variant, ObservedText.of("title", title), goods=goods)
    assert match is not None
    assert (match.score == 0.0) is (match.strength == 0.0)
    return None if match.strength else match.term


@pytest.mark.parametrize(
    ("mark", "title"),
    [
        ("Q SAILING", "Sailing shoes"),
        ("Q SAILING", "R Sailing shoes"),
        ("Kite U", "a kite for children"),
        ("Kite U", "Kite A"),
        ("U.Kite", "kite"),
        ("ノ・カタリナ", "カタリナ"),
    ],
)
def test_a_word_of_the_name_that_is_missing_makes_another_name(mark: str, title: str) -> None:
    assert rejected_as(mark, title) == "name_word_missing"


@pytest.mark.parametrize(
    ("mark", "title"),
    [
        ("Q SAILING", "Q Saling shoes"),
        ("Q SAILING", "QSailin"),
        ("Kite Uo", "Kite 0u"),
        ("Norima Kawa", "Norima Kaw"),
        ("Norimakawa Co", "Norimakawa"),
        ("ザ・ノリマカワ", "ノリマカワ"),
    ],
)
def test_a_letter_that_is_missing_in_a_word_is_a_slip(mark: str, title: str) -> None:
    assert rejected_as(mark, title) is None


@pytest.mark.parametrize(
    ("mark", "title"),
    [
        ("Studio54", "Studio45 tee"),
        ("Studio54", "Studio 64"),
        ("Norima 9700", "Norima 9600"),
        ("Norima 97", "Norima 972"),
        ("97 Norima", "297 Norima"),
    ],
)
def test_another_number_makes_another_name(mark: str, title: str) -> None:
    assert rejected_as(mark, title) == "name_number_changed"


@pytest.mark.parametrize(
    ("mark", "title"),
    [
        ("Studio54", "Studoi54 tee"),
        ("Studio54", "5tudo54"),
        ("Norima 9700", "Norma 9700"),
        ("Norima 97", "Norima 97x2"),
    ],
)
def test_a_slip_next_to_a_number_leaves_it_unchanged(mark: str, title: str) -> None:
    assert rejected_as(mark, title) is None


@pytest.mark.parametrize(
    ("mark", "title"),
    [("OS", "0.5 mm"), ("T&S", "75 pcs"), ("2e", "23 pcs"), ("SEGA", "5364"), ("SEGA", "53G4")],
)
def test_a_number_is_no_name(mark: str, title: str) -> None:
    variant = variant_of(mark)
    assert variant is not None
    observed = ObservedText.of("title", title)
    assert rejection(Occurrence(variant, observed, 0, len(variant.skeleton), 0)) == "name_digits"
    assert rejected_as(mark, title) == "name_digits"
    filed = title.removesuffix(" mm").removesuffix(" pcs")
    assert appearance.whole_similarity(variant, ObservedText.of("mark_text", filed)) is None


@pytest.mark.parametrize(
    ("title", "edits", "rejected"),
    [("Kitena 602", 2, "name_digits"), ("Kitena 02", 1, "name_digits"), ("Kitena 0z", 0, None), ("Kitena 0s", 1, None)],
)
def test_a_number_is_no_word_of_a_name(title: str, edits: int, rejected: str | None) -> None:
    variant = variant_of("Kitena Oz")
    assert variant is not None
    observed = ObservedText.of("title", title)
    assert rejection(Occurrence(variant, observed, 0, len(observed.folded.text), edits)) == rejected


@pytest.mark.parametrize(
    ("mark", "surface"), [("SEGA", "5EG4"), ("SONY", "50NY"), ("9700", "9700"), ("A-1", "A1"), ("Kite O", "Kite 0")]
)
def test_a_name_keeps_its_digits_and_some_of_its_letters(mark: str, surface: str) -> None:
    assert not is_number(mark, surface)
    assert rejected_as(mark, surface) is None


@pytest.mark.parametrize(
    ("mark", "title"),
    [
        ("Champion", "championxyz tee"),
        ("Champion", "the championship"),
        ("LION", "a billion beads"),
        ("Zebra", "zebrawood"),
        ("Ton", "newton"),
        ("Show", "showcase"),
        ("ノリマ", "ノリマッキー"),
        ("ノリマ", "カナノリマ"),
        ("미호", "미호림"),
    ],
)
def test_a_name_that_must_stand_alone_is_not_found_within_other_letters(mark: str, title: str) -> None:
    variant = variant_of(mark)
    assert variant is not None
    assert variant.boundary_required
    assert rejected_as(mark, title) == "name_inside_word"


@pytest.mark.parametrize(
    ("mark", "title"),
    [
        ("Champion", "championshop"),
        ("Champion", "mychampion tee"),
        ("Champion", "Champion-xyz"),
        ("Champion", "ChampionXyz"),
        ("Norm", "NORMs"),
        ("Nrma", "nrmaheadphones"),
        ("ノリマ", "ノリマキーホルダー"),
        ("ノリマ", "のりまの バッグ"),
        ("ノリマ", "のりまのばっぐ"),
        ("미호", "미호의 가방"),
        ("미호", "미호가방"),
    ],
)
def test_it_is_found_next_to_words_that_sellers_join_to_any_name(mark: str, title: str) -> None:
    assert rejected_as(mark, title) is None


def test_it_is_found_next_to_the_goods_of_the_mark() -> None:
    assert rejected_as("Champion", "championracket") == "name_inside_word"
    assert rejected_as("Champion", "championracket", ("racket",)) is None


def test_another_occurrence_with_an_edit_counts_where_the_first_is_refused() -> None:
    variant = variant_of("Champion")
    assert variant is not None
    title = "championxyz and Champoin tee"
    match = appearance.find(variant, ObservedText.of("title", title), 0, (), ())
    assert match is not None
    assert (match.term, title[match.start : match.end]) == ("name_near", "Champoin")

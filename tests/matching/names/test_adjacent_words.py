from __future__ import annotations

import pytest

from ipwatch.matching.names.adjacent_words import ends_name, is_known, is_made_of, opens_word
from ipwatch.matching.variants import ObservedText
from ipwatch.text.folding.skeleton import skeleton


@pytest.mark.parametrize(
    ("text", "name", "ends"),
    [
        ("しゃねるの", "しゃねる", True),
        ("しゃねるには", "しゃねる", True),
        ("しゃねるのば", "しゃねる", False),
        ("きもの", "きも", False),  # an ordinary word of its own
        ("シャネルノ", "シャネル", False),  # a particle is in hiragana
        ("소니의", "소니", True),
        ("소니아", "소니", False),
        ("SALONs", "SALON", True),
        ("salons", "salon", False),
        ("OSs", "OS", False),
        ("SALON", "SALON", False),
    ],
)
def test_particles_and_a_plural_end_a_name(text: str, name: str, *, ends: bool) -> None:
    observed = ObservedText.of("title", text)
    end = len(ObservedText.of("title", name).folded.text)
    assert ends_name(observed, end, len(observed.folded.text)) is ends


@pytest.mark.parametrize(
    ("kind", "before", "after", "known"),
    [
        ("alphabetic", "", "case", True),
        ("alphabetic", "", "bagset", True),
        ("alphabetic", "", "cased", False),
        ("alphabetic", "my", "", True),
        ("alphabetic", "bi", "", False),
        ("kana", "", "ケースセット", True),
        ("other", "", "正規品販売", True),
        ("other", "", "製", True),
        ("other", "", "製作所", False),
        ("other", "新作", "", True),
        ("kana", "", "", True),
    ],
)
def test_words_that_are_joined_to_any_name(kind: str, before: str, after: str, *, known: bool) -> None:
    assert is_known(kind, skeleton(before).text, skeleton(after).text, ()) is known


def test_the_goods_of_a_mark_are_known_on_both_sides() -> None:
    assert is_known("alphabetic", "towel", "rack", ("towel", "rack"))
    assert not is_known("alphabetic", "towel", "rack", ("towel",))


@pytest.mark.parametrize(
    ("name", "before", "after", "opens"),
    [
        ("sony", "", "headphones", True),
        ("sony", "per", "headphones", False),
        ("sony", "", "xqzk", False),
        ("sony", "", "art", False),
        ("zebra", "", "wood", False),
    ],
)
def test_an_invented_name_may_open_an_ordinary_word(name: str, before: str, after: str, *, opens: bool) -> None:
    assert opens_word(name, before, after) is opens


def test_letters_are_read_as_words_one_after_the_other() -> None:
    assert is_made_of("newshop", {"new", "shop"})
    assert is_made_of("", {"new"})
    assert not is_made_of("newsshop", {"new", "shop"})
    assert not is_made_of("new" * 30, {"new"})

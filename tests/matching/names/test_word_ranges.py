from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ipwatch.matching.names.word_boundaries import Boundary, boundaries
from ipwatch.matching.names.word_ranges import word_ranges
from ipwatch.matching.variants import ObservedText
from ipwatch.text.folding.batch import skeletons
from tests.corpus import shared

Range = tuple[int, int, int]

ORDINARY = st.text(alphabet="abAB09 12-ソニーそに一東々ヴァ日立한국*!$.㈱ﾞｶ", max_size=30)
STRANGE = st.text(
    alphabet=st.one_of(
        st.characters(),
        st.sampled_from("aA1 *＊●•|$@ー一ᅳ々゛ﾞヽゞヴァア\u0301\u200b\0\ud800ᄉ\u1163\u11ab\u3164Ⓐ①½㌔ﬁßİกั\u0941क🅰"),
    ),
    max_size=24,
)


def by_borders(text: str) -> set[tuple[int, int]]:
    edges = boundaries(ObservedText.of("title", text))
    return set(pairwise(index for index, edge in enumerate(edges) if edge is not Boundary.NONE))


def ranges_of(texts: list[str]) -> tuple[set[Range], set[int]]:
    ranges = word_ranges(texts, skeletons(texts))
    rows = zip(ranges.text.tolist(), ranges.start.tolist(), ranges.end.tolist(), strict=True)
    return set(rows), set(ranges.unclear.tolist())


def wanted(texts: list[str], unclear: set[int]) -> set[Range]:
    return {(number, *word) for number, text in enumerate(texts) if number not in unclear for word in by_borders(text)}


@settings(max_examples=600, deadline=None)
@given(st.lists(st.one_of(ORDINARY, STRANGE), max_size=8))
@example(["a", "1", "b", "a1", "a 1 b", "a1b", "SoNY ソニーtv"])
@example(["S*NY", "S**NY", "S.NY", "a|b", "a | b", "ソニ一", "一a!"])
@example(["", "\0", "a\0b", "", " "])
def test_the_words_are_those_between_borders(texts: list[str]) -> None:
    rows, unclear = ranges_of(texts)
    assert rows == wanted(texts, unclear)


@pytest.mark.parametrize("text", ["SoNY ソニーのテレビ 55型 (新品)!!", "日立 hitachi 2x4 한국어", "東芝・REGZA"])
def test_ordinary_titles_are_clear(text: str) -> None:
    assert ranges_of([text]) == ({(0, *word) for word in by_borders(text)}, set())


@pytest.mark.parametrize("text", ["P@nasonic", "ヴァイオリン", "ソニ一", "ｶﾞﾝﾀﾞﾑ", "½ 日立", "いすゞ"])
def test_what_neighbours_decide_is_left_to_borders(text: str) -> None:
    assert ranges_of(["sony", text, "sony"])[1] == {1}


def test_real_titles_have_the_words_of_their_borders() -> None:
    with shared("marketplaces/brand_pairs_ja_en.tsv").open(encoding="utf-8") as lines:
        texts = [line.strip() for line, _ in zip(lines, range(3_000), strict=False)]
    rows, unclear = ranges_of(texts)
    assert rows == wanted(texts, unclear)
    assert len(unclear) < len(texts) / 10

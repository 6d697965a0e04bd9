from __future__ import annotations

import pytest

from ipwatch.matching.names.word_boundaries import Boundary, boundaries, run_around
from ipwatch.matching.variants import ObservedText


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("new SONY", "20020002"),
        ("newSONY", "20010002"),
        ("ソニーSONY", "2010002"),
        ("S0NY", "20002"),
        ("S*NY", "20002"),
        ("S_NY", "2202"),
        ("NO\u200bRI", "20002"),
        ("e\u0301a", "202"),
        ("", "2"),
        ("!!", "2"),
    ],
)
def test_the_border_before_each_letter_and_after_the_last(text: str, shown: str) -> None:
    assert "".join(str(int(edge)) for edge in boundaries(ObservedText.of("title", text))) == shown


def test_a_run_goes_on_until_a_border() -> None:
    edges = boundaries(ObservedText.of("title", "a canonical form"))
    assert run_around(edges, 1, 6) == (1, 10)
    assert edges[1] is Boundary.SEPARATOR


def test_one_small_letter_among_capitals_ends_no_word() -> None:
    assert boundaries(ObservedText.of("title", "SoNY"))[2] is Boundary.NONE
    assert boundaries(ObservedText.of("title", "newSONY"))[3] is Boundary.CHANGE

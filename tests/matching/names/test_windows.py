from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from ipwatch.matching.names.windows import MAX_WINDOWS, distinct, windows
from ipwatch.matching.variants import ObservedText


def every_window(name: str, text: str, distance: int) -> list[tuple[int, int]]:
    return [
        (start, end)
        for start in range(len(text))
        for end in range(start + 1, len(text) + 1)
        if OSA.distance(name, text[start:end]) == distance
    ]


@settings(max_examples=600, deadline=None)
@given(st.text(alphabet="abc", min_size=1, max_size=12), st.text(alphabet="abcd", max_size=24), st.integers(0, 3))
@example("abcab", "bacba", 2)
@example("ab", "ba", 1)
@example("a", "bb", 1)
def test_the_windows_are_those_of_all_ranges(name: str, text: str, distance: int) -> None:
    assert list(windows(name, text, distance)) == every_window(name, text, distance)


@pytest.mark.parametrize("swapped", range(8))
def test_a_swap_anywhere_is_one_edit(swapped: int) -> None:
    name = "abcdefghi"
    written = name[:swapped] + name[swapped + 1] + name[swapped] + name[swapped + 2 :]
    assert (2, 11) in set(windows(name, f"xx{written}xx", 1))


def test_without_a_name_there_is_no_window() -> None:
    assert list(windows("", "abc", 0)) == []


def test_identical_windows_are_yielded_once() -> None:
    observed = ObservedText.of("description", "sony " * 1000 + "SONY")
    distinct_windows = list(distinct(windows("sony", observed.folded.text, 0), observed))
    assert distinct_windows[0] == (0, 4)
    assert distinct_windows[-1] == (4000, 4004)
    assert len(distinct_windows) < 12


def test_the_number_of_windows_of_a_text_is_limited() -> None:
    observed = ObservedText.of("description", " ".join(f"sony{number:04}" for number in range(1000)))
    assert len(list(distinct(windows("sony", observed.folded.text, 0), observed))) == MAX_WINDOWS

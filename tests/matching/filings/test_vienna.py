from __future__ import annotations

import pytest

from ipwatch.matching.filings.vienna import filing_elements
from ipwatch.matching.score import QUALIFIERS
from ipwatch.records import MarkRecord, RightKind, Signal, WatchedMark
from ipwatch.terms import render


def compared(watched: tuple[str, ...], filed: tuple[str, ...]) -> Signal | None:
    mark = WatchedMark(watchlist="w", id="m", text="霞印", kind=RightKind.TRADEMARK, vienna_codes=watched)
    return filing_elements(mark, MarkRecord(office="JP", application_number="2026000001", vienna_codes=filed))


@pytest.mark.parametrize(
    ("watched", "filed", "term", "shared"),
    [
        (("26.1.1",), ("5.7.13", "26.1.1"), "figure_section", "26.1.1"),
        (("26.1.1",), ("26.01.01",), "figure_section", "26.1.1"),
        (("26.1.1",), ("26.1.1.5",), "figure_section", "26.1.1"),
        (("26.1.1",), ("26.1.6",), "figure_division", "26.1"),
        (("26.1",), ("26.1.6",), "figure_division", "26.1"),
        (("26.1.1",), ("26.13.25",), "figure_category", "26"),
        (("3.4.1", "26.1.1"), ("26.4.1", "3.4.2"), "figure_division", "3.4"),
        (("26.1.1",), ("3.4.1", "5.7.13"), "figure_apart", "3.4.1, 5.7.13"),
    ],
)
def test_the_code_that_is_shared_furthest_is_named(
    watched: tuple[str, ...], filed: tuple[str, ...], term: str, shared: str
) -> None:
    signal = compared(watched, filed)
    assert signal is not None
    assert (signal.name, signal.term, signal.compared[1]) == ("figure", term, shared)
    assert shared in render(signal.term, "en", watched=signal.compared[0], seen=signal.compared[1])


@pytest.mark.parametrize(
    ("watched", "filed"),
    [
        ((), ("26.1.1",)),
        (("26.1.1",), ()),
        (("26.1.1",), ("27.5.1", "29.1.12")),
        (("27.5.1",), ("27.5.1",)),
        (("26.1.1",), ("", "26..1", "二六.1", "260.1", "circle")),
    ],
)
def test_there_is_no_signal_where_either_shows_no_figure(watched: tuple[str, ...], filed: tuple[str, ...]) -> None:
    assert compared(watched, filed) is None


def test_what_is_shared_further_says_more_and_all_of_it_is_little() -> None:
    points = [QUALIFIERS[f"figure_{level}"] for level in ("section", "division", "category", "apart")]
    assert points == sorted(points, reverse=True)
    assert points[2] > 0 > points[3]
    assert max(map(abs, points)) <= 0.1

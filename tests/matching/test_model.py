"""The list of what the matcher computes is complete, correct, and rendered in the docs."""

from __future__ import annotations

from collections import Counter

import matcher_table
import pytest

from ipwatch.matching.model import MODEL
from ipwatch.matching.score import DETAILS, MAIN_WEIGHTS, WEIGHTS


def test_every_row_of_the_weights_belongs_to_exactly_one_computation() -> None:
    named = Counter(name for computation in MODEL for name in computation.points)
    rows = {f"{section}.{term}" for section, table in WEIGHTS.items() for term in table}
    assert rows == set(named)
    assert [name for name, count in named.items() if count > 1] == []


def test_no_computation_names_weights_that_are_not_there() -> None:
    for computation in MODEL:
        alone = [type(computation)("", "L", "", computation.by, (pattern,)) for pattern in computation.weights]
        assert all(each.points for each in alone), computation


def test_the_main_signals_and_their_details_are_all_listed() -> None:
    assert set(MAIN_WEIGHTS) | set(DETAILS) <= {computation.signal for computation in MODEL}
    assert all(computation.of and set(computation.of) <= set("LFH") for computation in MODEL)


def test_the_page_shows_the_list() -> None:
    page = matcher_table.PAGE.read_text(encoding="utf-8")
    assert page == matcher_table.rendered(page), "run .venv/bin/python tests/matcher_table.py --write"


def test_a_page_without_the_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="matcher: begin"):
        matcher_table.rendered("# Matching")

"""The quality of the text matching on invented titles, as last accepted (``benchmarks/text/quality.py --freeze``)."""

from __future__ import annotations

import json

import pytest
from corpus import shared

from benchmarks.data.quality_data import planted_titles
from benchmarks.data.quality_measure import figures
from benchmarks.data.quality_rows import rows_of
from benchmarks.text import quality


def test_the_quality_on_invented_titles_is_as_frozen() -> None:
    accepted = json.loads(quality.FROZEN.read_text(encoding="utf-8"))
    assert quality.frozen() == accepted
    assert accepted["figures"]["precision_at_recall"]["0.85"] >= 0.9


@pytest.mark.corpus
def test_decoys_in_real_titles_that_were_counted_stay_below_one_in_a_hundred() -> None:
    brands, titles = planted_titles(shared(""), "test", brands=150, titles=20_000, seed=1)
    measured = figures(brands, titles, rows_of(brands, titles, counted=True))
    assert measured["decoys"] > 500
    assert measured["decoys_above_90_per_cent"] <= 0.01 * measured["decoys"]
    assert measured["precision_at_recall"]["0.85"] >= 0.9

"""The quality of the text matching on invented titles, as last accepted (``benchmarks/text/quality.py --freeze``)."""

from __future__ import annotations

import json

from benchmarks.text import quality


def test_the_quality_on_invented_titles_is_as_frozen() -> None:
    accepted = json.loads(quality.FROZEN.read_text(encoding="utf-8"))
    assert quality.frozen() == accepted
    assert accepted["figures"]["precision_at_recall"]["0.85"] >= 0.9
    assert accepted["figures"]["decoys_above_90_per_cent"] <= 0.02 * accepted["figures"]["decoys"]

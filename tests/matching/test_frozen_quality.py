"""The quality of the text matching on invented titles, as it was last accepted (``benchmarks/quality.py --freeze``)."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


def test_the_quality_on_invented_titles_is_as_frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    quality = importlib.import_module("quality")
    accepted = json.loads(quality.FROZEN.read_text(encoding="utf-8"))
    assert quality.frozen() == accepted
    assert accepted["figures"]["precision_at_recall"]["0.85"] >= 0.9
    assert accepted["figures"]["decoys_above_90_per_cent"] <= 0.02 * accepted["figures"]["decoys"]

"""The score of a host name: the sum of the points of its reasons (``weights.toml``), clamped to 0..1."""

from __future__ import annotations

from collections.abc import Iterable

from ipwatch.matching.score import HOST_READING
from ipwatch.records import Signal


def decade_points(decades: float) -> float:
    """Return the points for how much better, in powers of ten, the host reads with the mark than without it."""
    return round(
        min(HOST_READING["stands_out"], max(HOST_READING["inside_words"], HOST_READING["per_decade"] * decades)), 4
    )


def total(signals: Iterable[Signal]) -> float:
    """Return the score 0..1 of a host: the sum of its signals, clamped."""
    return round(min(1.0, max(0.0, sum(signal.score for signal in signals))), 4)

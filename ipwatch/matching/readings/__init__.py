"""Readings (称呼): how similar two readings are mora by mora, and whole names across scripts.

Names within a text that only sound like a mark are found in ``ipwatch.matching.names``.
"""

from ipwatch.matching.readings.comparison import (
    SIMILAR,
    MoraComparison,
    MoraDifference,
    compare_readings,
    reading_signal,
)
from ipwatch.matching.readings.index import ReadingHits, similar_readings, similar_readings_reference
from ipwatch.matching.readings.rules import NOTES, RULES, SoundNote, SoundRule

__all__ = [
    "NOTES",
    "RULES",
    "SIMILAR",
    "MoraComparison",
    "MoraDifference",
    "ReadingHits",
    "SoundNote",
    "SoundRule",
    "compare_readings",
    "reading_signal",
    "similar_readings",
    "similar_readings_reference",
]

"""Sound (称呼): how alike two readings are beat by beat, and names that sound alike across scripts."""

from ipwatch.matching.sound.bulk import ReadingHits, similar_readings, similar_readings_reference
from ipwatch.matching.sound.comparison import SIMILAR, MoraComparison, MoraDifference, compare_readings, reading_signal
from ipwatch.matching.sound.keys import SoundIndex, sound_key_signal
from ipwatch.matching.sound.rules import NOTES, RULES, SoundNote, SoundRule

__all__ = [
    "NOTES",
    "RULES",
    "SIMILAR",
    "MoraComparison",
    "MoraDifference",
    "ReadingHits",
    "SoundIndex",
    "SoundNote",
    "SoundRule",
    "compare_readings",
    "reading_signal",
    "similar_readings",
    "similar_readings_reference",
    "sound_key_signal",
]

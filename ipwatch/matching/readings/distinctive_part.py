"""Readings in one spelling for each sound, split into the distinctive part (要部) and generic words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from ipwatch.text.folding.kana_equivalence import HISTORICAL, LARGE, SAME_SOUND, V_ROW
from ipwatch.text.lexicon.roles import words
from ipwatch.text.phonetics.kana import morae, vowel_of

MAX_MORAE = 60
"""Morae of a reading that are compared; the longest company names have about 40."""

MAX_CHARACTERS = 4 * MAX_MORAE
"""Characters of a reading that are read: two for a mora, and as many signs and spaces between."""

_MIN_DISTINCTIVE = 2
_SAME_SOUND = {**SAME_SOUND, **HISTORICAL} | {small: large for small, large in LARGE.items() if small != "ッ"}
_V_SOUNDS = {
    **V_ROW,
    "ヴァ": "バ",
    "ヴィ": "ビ",
    "ヴェ": "ベ",
    "ヴォ": "ボ",
    "ヴャ": "ビャ",
    "ヴュ": "ビュ",
    "ヴョ": "ビョ",
}
_LONG = {"a": "ーア", "i": "ーイ", "u": "ーウ", "e": "ーエ", "o": "ーオ", None: "ー"}
_DRAWN = {"ーア": "ア", "ーイ": "イ", "ーウ": "ウ", "ーエ": "エイ", "ーオ": "オウ", "ー": ""}
"""The vowels that lengthen the preceding beat: a long e is also spelled エイ, a long o オウ."""


@dataclass(frozen=True, slots=True)
class SplitReading:
    """A reading split into its parts, without legal forms.

    ``morae`` are the beats of its distinctive part (要部) in one spelling for each sound, ``written`` the same beats as
    they are spelled in the reading, ``first`` the number of beats before them. ``generic`` are the beats of the words
    at the end that are left out because many names share them, ``left_out`` the same as spelled in the reading.
    """

    morae: tuple[str, ...]
    written: tuple[str, ...]
    first: int
    generic: tuple[str, ...]
    left_out: str


def split_reading(reading: str) -> SplitReading:
    """Return the reading split into its parts; raises ``ValueError`` where its first ``MAX_CHARACTERS`` have no mora.

    Words for the kind of business are left out, words for who runs it are not: two names that share only the former are
    not similar (guideline Art. 4(1)(xi), composite marks). A name that consists of nothing else keeps them.
    """
    return _split_reading(reading[:MAX_CHARACTERS])


@lru_cache(maxsize=1 << 16)
def _split_reading(reading: str) -> SplitReading:
    written = morae(reading)[:MAX_MORAE]
    if not written:
        raise ValueError("a reading is written in kana")
    spoken = _spoken(written)
    start, stop = 0, len(spoken)
    while length := _prefix_length(_LEGAL_FORMS, spoken[start : stop - _MIN_DISTINCTIVE]):
        start += length
    while length := _prefix_length(_LEGAL_FORMS_REVERSED, spoken[start + _MIN_DISTINCTIVE : stop][::-1]):
        stop -= length
    end = stop
    while length := _prefix_length(_ENDINGS, spoken[start + _MIN_DISTINCTIVE : stop][::-1]):
        stop -= length
    return SplitReading(spoken[start:stop], written[start:stop], start, spoken[stop:end], "".join(written[stop:end]))


def _spoken(written: tuple[str, ...]) -> tuple[str, ...]:
    """Return the beats with one spelling for each sound; a vowel that lengthens the one before becomes ー."""
    spoken: list[str] = []
    vowel: str | None = None
    for mora in written:
        sound = _V_SOUNDS.get(mora) or _SAME_SOUND.get(mora[0], mora[0]) + mora[1:]
        if sound == "ー" or sound in _DRAWN[_LONG[vowel]]:
            spoken.append(_LONG[vowel])
            continue
        spoken.append(sound)
        vowel = vowel_of(sound)
    return tuple(spoken)


def _prefix_length(words: frozenset[tuple[str, ...]], beats: tuple[str, ...]) -> int:
    """Return the length of the longest word that is a prefix of the beats, 0 without one."""
    return next((size for size in range(min(len(beats), _MAX_WORD_MORAE), 0, -1) if beats[:size] in words), 0)


def _words(readings: Sequence[str]) -> frozenset[tuple[str, ...]]:
    """Return the beats of the words; a vowel at the beginning may lengthen the preceding beat."""
    spoken = {_spoken(morae(reading)) for reading in readings}
    drawn = {(long, *beats[1:]) for beats in spoken for long in _LONG.values() if beats[0] in _DRAWN[long]}
    return frozenset(spoken | drawn)


_LEGAL_FORMS = _words(words("legal_form", "spoken"))
_LEGAL_FORMS_REVERSED = frozenset(beats[::-1] for beats in _LEGAL_FORMS)
_ENDINGS = frozenset(beats[::-1] for beats in _words(words("generic", "structure", "line", "trade")))
_MAX_WORD_MORAE = max(map(len, _LEGAL_FORMS | _ENDINGS))

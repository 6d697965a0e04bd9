"""Names across scripts: kana, Latin letters and Hangul, whole against whole, by sound stream and by spelling.

Two names in kana are compared mora by mora instead, which tells more; Han characters are not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from rapidfuzz.distance import OSA

from ipwatch.matching.readings.comparison import SIMILAR
from ipwatch.matching.readings.near_pairs import near_pairs
from ipwatch.matching.score import STRENGTHS
from ipwatch.matching.variants import MAX_FORM_CHARACTERS, Form, SeenText
from ipwatch.records import Signal
from ipwatch.text.phonetics.notation import spelled_name
from ipwatch.text.phonetics.phonetic_runs import sound_stream
from ipwatch.text.phonetics.similarity import ALIKE, spelling_similarity

MIN_KEY_LETTERS = 4
"""Shorter keys meet by chance: they forget vowel length and voicing."""

MOST_APART = 0.4
"""Share of two sound streams that may differ where their spellings are weighed: nine tenths of those that are alike."""

MOST_CONSONANTS_APART = 0.34

_KANA_ONLY = re.compile(r"[\W_ぁ-ゖァ-ヺーｦ-ﾟ]+")
_LETTER = re.compile(r"[a-z]")
_VOWELS = re.compile(r"(?<!^)[aiueoyw]")
_MAX_STREAM = 200
_ROUNDING = 1e-9
_LEAST_NEAR, _NEAR_SHARE = 8, 0.15


def best_signal(forms: Sequence[Form], seen: SeenText | None, readings: Sequence[str]) -> Signal | None:
    """Return the signal of the declared form and the filed text or reading that sound most alike, or ``None``.

    Alike are two names with one sound stream (short ones) or 0.85 of it in common, and two of different scripts whose
    spellings are; streams that differ by more than ``MOST_APART`` are not weighed. A form that is spelled as the filing
    is says nothing about sound.
    """
    found = []
    for form in spoken_forms(forms):
        if seen is not None and form.skeleton != seen.folded.text:
            found.append(_signal(form.text, seen.source, seen.field, (0, len(seen.source))))
        found.extend(_signal(form.text, reading, "readings", None) for reading in readings)
    return max((one for one in found if one is not None), key=lambda signal: signal.score, default=None)


def spoken_forms(forms: Sequence[Form]) -> Iterator[Form]:
    """Yield the forms that are compared across scripts: what a person declared, not what was made from it."""
    return (form for form in forms if not form.generated and stream(form.text))


def stream(text: str) -> str:
    """Return the sound stream of a whole name; empty where too little of it is heard to be compared.

    Of a text that is longer than any name only the beginning is heard.
    """
    return _stream(text[:MAX_FORM_CHARACTERS])


@lru_cache(maxsize=1 << 16)
def _stream(text: str) -> str:
    heard = sound_stream(text)[:_MAX_STREAM]
    return heard if len(_LETTER.findall(heard)) >= MIN_KEY_LETTERS else ""


def near_streams(watched: Sequence[str], seen: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield every pair of streams that ``best_signal`` weighs."""
    for pairs in near_pairs(watched, seen, _most_edits):
        for mine, other in pairs.tolist():
            if _is_weighed(watched[mine], seen[other]):
                yield mine, other


def _most_edits(left: int, right: int) -> int:
    return int(MOST_APART * max(left, right) + _ROUNDING)


@lru_cache(maxsize=1 << 16)
def _consonants(heard: str) -> str:
    return _VOWELS.sub("", heard)


def _is_weighed(mine: str, other: str) -> bool:
    most = _most_edits(len(mine), len(other))
    if OSA.distance(mine, other, score_cutoff=most) > most:
        return False
    left, right = _consonants(mine), _consonants(other)
    return OSA.normalized_distance(left, right) <= MOST_CONSONANTS_APART or _is_near(mine, other)


def _is_near(mine: str, other: str) -> bool:
    length = max(len(mine), len(other))
    most = int(_NEAR_SHARE * length) if length >= _LEAST_NEAR else 0
    return OSA.distance(mine, other, score_cutoff=most) <= most


def _signal(watched: str, seen: str, field: str, span: tuple[int, int] | None) -> Signal | None:
    if _KANA_ONLY.fullmatch(watched) and _KANA_ONLY.fullmatch(seen):
        return None
    mine, other = stream(watched), stream(seen)
    if not other or not _is_weighed(mine, other):
        return None
    score = max(_stream_score(mine, other), _spelling_score(watched, seen))
    if not score:
        return None
    term = "sound_key" if mine == other else "sound_spelling"
    return Signal(name="sound", score=round(score, 4), term=term, compared=(watched, seen), field=field, span=span)


def _stream_score(mine: str, other: str) -> float:
    return STRENGTHS["sound_key"] * OSA.normalized_similarity(mine, other) if _is_near(mine, other) else 0.0


def _spelling_score(watched: str, seen: str) -> float:
    """Return the likeness of two spellings, on the scale of two readings: just alike is ``SIMILAR``."""
    if spelled_name(watched)[0] is spelled_name(seen)[0]:
        return 0.0
    alike = spelling_similarity(watched, seen)
    return SIMILAR + (alike - ALIKE) / (1.0 - ALIKE) * (STRENGTHS["sound_key"] - SIMILAR) if alike >= ALIKE else 0.0

"""Names across scripts: kana, Latin letters and Hangul compared as wholes, by sound stream and by spelling.

Two names in kana are compared mora by mora instead, which is more precise; Han characters are not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from rapidfuzz.distance import OSA

from ipwatch.matching.readings.comparison import SIMILAR
from ipwatch.matching.readings.near_pairs import near_pairs
from ipwatch.matching.score import SIMILARITY, SPELLING_WEIGHTS, STRENGTHS
from ipwatch.matching.variants import MAX_VARIANT_CHARACTERS, ObservedText, Variant
from ipwatch.records import Signal
from ipwatch.text.phonetics.notation import spelled_name
from ipwatch.text.phonetics.phonetic_runs import sound_stream
from ipwatch.text.phonetics.similarity import spelling_similarity

MIN_KEY_LETTERS = 4
"""Shorter keys coincide by chance: keys carry no vowel length and no voicing."""

MAX_STREAM_DISTANCE = 0.4
"""Maximum distance of two sound streams whose spellings are compared: nine tenths of similar pairs are within it."""

MAX_CONSONANT_DISTANCE = 0.34

_KANA_ONLY = re.compile(r"[\W_ぁ-ゖァ-ヺーｦ-ﾟ]+")
_LETTER = re.compile(r"[a-z]")
_VOWELS = re.compile(r"(?<!^)[aiueoyw]")
_MAX_STREAM = 200
_ROUNDING = 1e-9
_MIN_NEAR_LETTERS, _NEAR_SHARE = 8, 0.15


def best_signal(variants: Sequence[Variant], observed: ObservedText | None, readings: Sequence[str]) -> Signal | None:
    """Return the signal of the declared variant and the filed text or reading that sound most similar, or ``None``.

    Names are similar if their sound streams are equal (short ones) or 0.85 similar, or if they are in different scripts
    and their spellings are similar; pairs of streams more than ``MAX_STREAM_DISTANCE`` apart are left out.
    A variant spelled like the filing carries no information about sound and is skipped.
    """
    signals = []
    for variant in spoken_variants(variants):
        if observed is not None and variant.skeleton != observed.folded.text:
            signals.append(_signal(variant.text, observed.source, observed.field, (0, len(observed.source))))
        signals.extend(_signal(variant.text, reading, "readings", None) for reading in readings)
    return max(
        (candidate for candidate in signals if candidate is not None), key=lambda signal: signal.score, default=None
    )


def spoken_variants(variants: Sequence[Variant]) -> Iterator[Variant]:
    """Yield the variants that are compared across scripts: the declared ones that have a sound stream."""
    return (variant for variant in variants if not variant.generated and stream(variant.text))


def stream(text: str) -> str:
    """Return the sound stream of a whole name; empty where too few of its letters are pronounced to be compared.

    Only the beginning of a text that is longer than any name is used.
    """
    return _stream(text[:MAX_VARIANT_CHARACTERS])


@lru_cache(maxsize=1 << 16)
def _stream(text: str) -> str:
    sounds = sound_stream(text)[:_MAX_STREAM]
    return sounds if len(_LETTER.findall(sounds)) >= MIN_KEY_LETTERS else ""


def near_streams(watched: Sequence[str], observed: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield every pair of streams that ``best_signal`` compares."""
    for pairs in near_pairs(watched, observed, _max_edits):
        for left, right in pairs.tolist():
            if _is_weighed(watched[left], observed[right]):
                yield left, right


def _max_edits(left: int, right: int) -> int:
    return int(MAX_STREAM_DISTANCE * max(left, right) + _ROUNDING)


@lru_cache(maxsize=1 << 16)
def _consonants(sounds: str) -> str:
    return _VOWELS.sub("", sounds)


def _is_weighed(left: str, right: str) -> bool:
    max_edits = _max_edits(len(left), len(right))
    if OSA.distance(left, right, score_cutoff=max_edits) > max_edits:
        return False
    left_consonants, right_consonants = _consonants(left), _consonants(right)
    return OSA.normalized_distance(left_consonants, right_consonants) <= MAX_CONSONANT_DISTANCE or _is_near(left, right)


def _is_near(left: str, right: str) -> bool:
    length = max(len(left), len(right))
    max_edits = int(_NEAR_SHARE * length) if length >= _MIN_NEAR_LETTERS else 0
    return OSA.distance(left, right, score_cutoff=max_edits) <= max_edits


def _signal(watched: str, observed: str, field: str, span: tuple[int, int] | None) -> Signal | None:
    if _KANA_ONLY.fullmatch(watched) and _KANA_ONLY.fullmatch(observed):
        return None
    left, right = stream(watched), stream(observed)
    if not right or not _is_weighed(left, right):
        return None
    score = max(_stream_score(left, right), _spelling_score(watched, observed))
    if not score:
        return None
    term = "sound_key" if left == right else "sound_spelling"
    return Signal(name="sound", score=round(score, 4), term=term, compared=(watched, observed), field=field, span=span)


def _stream_score(left: str, right: str) -> float:
    return STRENGTHS["sound_key"] * OSA.normalized_similarity(left, right) if _is_near(left, right) else 0.0


def _spelling_score(watched: str, observed: str) -> float:
    """Return the similarity of two spellings on the scale of readings: ``minimum_filed`` maps to ``SIMILAR``."""
    if spelled_name(watched)[0] is spelled_name(observed)[0]:
        return 0.0
    similarity, minimum = spelling_similarity(watched, observed, SPELLING_WEIGHTS), SIMILARITY["minimum_filed"]
    return (
        SIMILAR + (similarity - minimum) / (1.0 - minimum) * (STRENGTHS["sound_key"] - SIMILAR)
        if similarity >= minimum
        else 0.0
    )

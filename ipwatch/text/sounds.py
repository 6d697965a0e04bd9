"""The sound stream: what a title sounds like, so that a name is found in it whatever script it is written in.

Each run of kana, Latin letters or Hangul is turned into its sound key, and the keys stand one after the other without a
separator, so that a name over several words is found. Han characters and digits stand as themselves: they are not read
(an analyser is wrong on one brand name in five), no key holds them, and a name of mixed scripts (松本キヨシ) still
meets itself. A run of any other alphabet is one ``BREAK``, across which nothing is heard.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

import numpy as np

from ipwatch.text.folded import SEPARATOR, FoldedTexts
from ipwatch.text.normalize import MAX_CHARACTERS, Skeleton
from ipwatch.text.romanize import (
    RUNS,
    digits_as_letters,
    heard,
    is_spelled,
    key_with_offsets,
    keys_of,
    undisguised,
)

LEAST_KEY = 4
"""The shortest key that is looked for; below ``LEAST_FREE_KEY`` only as whole runs, from a border to a border."""

LEAST_FREE_KEY = 6
"""The shortest key that is looked for anywhere in a stream."""

_LEAST_EDITED_KEY = 8
_CACHED_LETTERS = 40
_VOICING = frozenset("ﾞﾟ")


def sound_edits(length: int) -> int:
    """Return how many edits a key of this length may be away from what is heard: none below 8, then 0.85 of it alike.

    Measured in 4,989 real titles by ``benchmarks/scripts.py --noise``: 100 keys of 7 letters are heard wrongly twice in
    1,000 titles as they are and 81 times with one edit; keys of 8 letters 9 times with one edit.
    """
    return 0 if length < _LEAST_EDITED_KEY else int(length * 0.15)


def sound_folded(text: str) -> Skeleton:
    """Return the sound stream of a text with its offset map; raises ``ValueError`` above ``MAX_CHARACTERS``.

    Each character of a key leads back to the character it was spelled with, the last of a run to the end of the run.
    """
    _check(text)
    folded, places = _folded_with_places(text)
    heard: list[str] = []
    offsets: list[int] = []
    for match in RUNS.finditer(folded):
        run, start = match[0], match.start()
        key, at = _key(run) if is_spelled(run) else (run[0], (0,))
        heard.append(key)
        offsets += [places[start + offset] for offset in at]
    return Skeleton("".join(heard), tuple(offsets), text)


def sounds(texts: Iterable[str]) -> FoldedTexts:
    """Return the sound streams of many texts, each equal to that of ``sound_folded``; raises ``ValueError`` as it does.

    All texts are folded at once, and every distinct run is turned into its key once.
    """
    kept = list(texts)
    for text in kept:
        _check(text)
    joined = "".join(f"{undisguised(text.replace(chr(SEPARATOR), ' '))}{chr(SEPARATOR)}" for text in kept)
    runs = RUNS.findall(digits_as_letters(heard(joined)))
    spelled = [run for run in dict.fromkeys(runs) if is_spelled(run)]
    keys = dict(zip(spelled, keys_of(spelled), strict=True))
    stream = "".join([keys[run] if run in keys else run[0] for run in runs])
    codes = np.frombuffer(stream.encode("utf-32-le", "surrogatepass"), np.uint32)
    ends = np.flatnonzero(codes == SEPARATOR) + 1
    return FoldedTexts(codes, np.concatenate([np.zeros(1, np.int64), ends.astype(np.int64)]))


def _check(text: str) -> None:
    if len(text) > MAX_CHARACTERS:
        raise ValueError(f"a text of {len(text)} characters is not compared; the limit is {MAX_CHARACTERS}")


def _key(run: str) -> tuple[str, Sequence[int]]:
    return _short_key(run) if len(run) <= _CACHED_LETTERS else key_with_offsets(run)


_short_key = lru_cache(maxsize=1 << 14)(key_with_offsets)


def _folded_with_places(text: str) -> tuple[str, list[int]]:
    """Return the folded text and, for each of its characters, the code point of the text it came from."""
    parts: list[str] = []
    places: list[int] = []
    for start, cluster in _clusters(undisguised(text.replace(chr(SEPARATOR), " "))):
        folded = heard(cluster)
        parts.append(folded)
        places += [start] * len(folded)
    return digits_as_letters("".join(parts)), places


def _clusters(text: str) -> Iterator[tuple[int, str]]:
    """Yield the pieces of a text that NFKC rewrites each on its own, with the place where each starts."""
    start = 0
    for at, char in enumerate(text):
        if at and not _joins(char):
            yield start, text[start:at]
            start = at
    if text:
        yield start, text[start:]


def _joins(char: str) -> bool:
    """Whether NFKC may join the character to the one before it, as far as letters that are heard go."""
    return (
        unicodedata.combining(char) != 0
        or char in _VOICING
        or "\u1160" <= char <= "\u11ff"
        or "\uffa0" <= char <= "\uffdc"
    )

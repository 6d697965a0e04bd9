"""Names that sound alike across kana and Latin letters: one key for every way a sound is spelled."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from ipwatch.matching.forms import Form, SeenText
from ipwatch.records import Signal
from ipwatch.text.romanize import sound_key

MIN_KEY_LETTERS = 4
"""Shorter keys meet by chance: they forget vowel length and voicing."""

MIN_JOINED_KEY_LETTERS = 7
"""Shorter names are not read across a space (can on)."""

KEY_SCORE = 0.96


class SoundIndex:
    """Forms by sound key, for names written in another script than the one declared."""

    def __init__(self, forms: Iterable[Form]) -> None:
        found: dict[str, list[int]] = {}
        for index, form in enumerate(forms):
            if not (form.is_kana or form.is_alphabetic):
                continue
            key = sound_key(form.text)
            if len(key) >= MIN_KEY_LETTERS:
                found.setdefault(key, []).append(index)
        self._forms: Mapping[str, list[int]] = MappingProxyType(found)
        self._longest = max((len(key) for key in found), default=0)

    def find(self, seen: SeenText) -> dict[int, tuple[int, int]]:
        """Return the first place of every form whose sound key the text holds in one to three whole words."""
        places: dict[int, tuple[int, int]] = {}
        if not self._forms:
            return places
        words = [(match.start(), match.end()) for match in _WORD.finditer(seen.source)]
        for at, (start, _) in enumerate(words):
            for count in range(_MAX_WORDS):
                if at + count >= len(words) or not _is_near(words, at, count):
                    break
                end = words[at + count][1]
                if end - start > _LETTERS_PER_KEY_LETTER * self._longest:
                    break
                key = sound_key(seen.source[start:end])
                if count and len(key) < MIN_JOINED_KEY_LETTERS:
                    continue
                for index in self._forms.get(key, ()):
                    places.setdefault(index, (start, end))
        return places


def sound_key_signal(form: Form, seen: SeenText, span: tuple[int, int]) -> Signal:
    """Return the signal of a form that a text holds by sound."""
    surface = seen.source[slice(*span)]
    return Signal(
        name="sound", score=KEY_SCORE, term="sound_key", compared=(form.text, surface), field=seen.field, span=span
    )


_WORD = re.compile(r"[A-Za-zÀ-ɏＡ-Ｚａ-ｚ]+|[ァ-ヺーｦ-ﾟ]+|[ぁ-ゖー]+")
_MAX_WORDS = 3
_MAX_GAP = 2
_LETTERS_PER_KEY_LETTER = 4


def _is_near(words: list[tuple[int, int]], at: int, count: int) -> bool:
    return count == 0 or words[at + count][0] - words[at + count - 1][1] <= _MAX_GAP

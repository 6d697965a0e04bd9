"""Readings (称呼): the sounds a mark is called by, declared by people or standing in its own kana.

Kanji are not read here: analysers are wrong on one brand name in five, so they may only propose.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ipwatch.text.kana import morae
from ipwatch.text.normalize import to_katakana

_KANA_WORD = re.compile(r"(?<![^\W_])[ァ-ヺー・]+(?![^\W_])")
_MIN_MORAE = 2


def readings_of(text: str, declared: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the readings of a mark in katakana, without repetition, best known first.

    Declared readings win; without any, each word of the text that is wholly kana and two morae or longer is one. A
    text without such a word has no reading: the result is empty, never a guess.
    """
    words = declared or _KANA_WORD.findall(to_katakana(text))
    readings = ("".join(morae(word)) for word in words)
    return tuple(dict.fromkeys(reading for reading in readings if len(morae(reading)) >= _MIN_MORAE))

"""Generated spellings: what a mark is also written as, worked out from what was declared.

Each generator takes declared texts, best known first, and yields spellings in the order of their worth. None of them
guesses a reading of kanji.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ipwatch.text.kana import morae
from ipwatch.text.korean import hangul
from ipwatch.text.normalize import plain, plain_letters, skeleton
from ipwatch.text.transcribe import hidden_long_vowels, kana_spellings, katakana, spellings
from ipwatch.text.words import commonness

_MIN_LATIN = 4
_MIN_MORAE_READ = 3
_MIN_HANGUL = 2
_MIN_WORD = 3
"""Letters from which a word can be English: "no" and "to" are Japanese too."""

_MIN_LOOKALIKE = 5

_TWO_FOR_ONE = (("rn", "m"), ("m", "rn"), ("vv", "w"), ("w", "vv"), ("cl", "d"), ("d", "cl"))
_NO_BETWEEN_HAN = re.compile(r"(?<=[一-鿿々])の(?=[一-鿿])")


def romanised(reading: str) -> Iterator[str]:
    """Yield the Latin spellings of a kana text that have four letters or more and are no ordinary word."""
    for spelling in spellings(reading):
        if len(spelling) >= _MIN_LATIN and not commonness(spelling):
            yield spelling


def in_kana(text: str) -> Iterator[str]:
    """Yield the kana of Latin letters that are clearly Japanese, of three morae or more, without an ordinary word.

    Then with the long vowels that the letters may not show (Kogyo: コギョウ, コウギョウ).
    """
    if any(commonness(word) for word in (text, *text.split()) if len(word) >= _MIN_WORD):
        return
    read = katakana(text)
    if read is not None and len(morae(read)) >= _MIN_MORAE_READ:
        yield from (spelling for spelling in hidden_long_vowels(read) if not commonness(spelling))


def long_vowels(reading: str) -> Iterator[str]:
    """Yield the other ways in which kana write the long vowels of a kana text, if three letters are left of it."""
    for spelling in kana_spellings(reading)[1:]:
        if len(skeleton(spelling).text) >= _MIN_MORAE_READ and not commonness(spelling):
            yield spelling


def in_hangul(reading: str) -> Iterator[str]:
    """Yield a kana text in Hangul."""
    yield from (spelling for spelling in hangul(reading) if len(spelling) >= _MIN_HANGUL)


def in_chinese(text: str) -> Iterator[str]:
    """Yield what a Chinese text writes for Japanese の between Han (鬼滅の刃: 鬼滅之刃).

    Simplified and traditional Han need no spelling of their own: the skeleton folds them.
    """
    for word in ("之", "的"):
        spelled = _NO_BETWEEN_HAN.sub(word, text)
        if spelled != text:
            yield spelled


def lookalikes(text: str) -> Iterator[str]:
    """Yield a text in Latin letters with one pair of letters written as the one it looks like, or the other way.

    Only for five letters or more; what turns into an ordinary word (modern, modem) is left out.
    """
    letters = plain(text)
    if not letters.isascii() or len(plain_letters(text)) < _MIN_LOOKALIKE:
        return
    for pair, single in _TWO_FOR_ONE:
        at = letters.find(pair)
        while at >= 0:
            spelled = letters[:at] + single + letters[at + len(pair) :]
            if not commonness(spelled):
                yield spelled
            at = letters.find(pair, at + 1)

"""Ordinary words: how frequent a word is in English or Japanese, to distinguish a name from an equal ordinary word.

The lists are ``tables/words_*.txt``, with their source and licence, and are read on first use.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cache, lru_cache
from importlib.resources import files

from ipwatch.text.folding.skeleton import plain, to_katakana

COMMON_WORD = 2.5
"""Zipf value from which a word is common: 30,000 English and 20,000 Japanese words of the 88,000 in the lists."""

_LATIN_WORD = re.compile(r"[a-z]+")
_MAX_WORD_LENGTH = 40


@lru_cache(maxsize=1 << 16)
def commonness(word: str) -> float:
    """Return the Zipf value of a word, 0.0 where it is in no list: 3 is once in a million words, 6 is "one".

    Case, width and the choice of kana make no difference. English inflections are words of their own; names of people
    and firms are in neither list. A Japanese value is an estimate, and ranks words only roughly.
    """
    if not 1 < len(word) <= _MAX_WORD_LENGTH:
        return 0.0
    spelled = to_katakana(plain(word))
    lines = _lines("words_en.txt" if _LATIN_WORD.fullmatch(spelled) else "words_ja.txt")
    key = f"{spelled}\t"
    index = bisect_left(lines, key)
    if index == len(lines) or not lines[index].startswith(key):
        return 0.0
    return int(lines[index].removeprefix(key)) / 10


@cache
def _lines(name: str) -> tuple[str, ...]:
    text = (files("ipwatch.text.lexicon") / "tables" / name).read_text(encoding="utf-8")
    return tuple(line for line in text.split("\n") if line and not line.startswith("#"))

"""Kana: morae (拍) and romanisation.

A mora is one beat of Japanese: a kana with its small ャュョァィゥェォ, and each of ー ッ ン on its own, as the JPO's
examination guideline for Article 4(1)(xi) counts them.
"""

from __future__ import annotations

import re
from functools import lru_cache

from ipwatch.text.folding.skeleton import to_katakana

_SMALL = "ァィゥェォャュョヮ"
_MORA = re.compile(rf"[ッンー]|[ァ-ヺ][{_SMALL}]?")
_NOT_KANA = re.compile(r"[^ァ-ヺー]+")

_VOWELS = "aiueo"
ROWS = {
    "": "アイウエオ",
    "k": "カキクケコ",
    "g": "ガギグゲゴ",
    "s": "サシスセソ",
    "z": "ザジズゼゾ",
    "t": "タチツテト",
    "d": "ダヂヅデド",
    "n": "ナニヌネノ",
    "h": "ハヒフヘホ",
    "b": "バビブベボ",
    "p": "パピプペポ",
    "m": "マミムメモ",
    "r": "ラリルレロ",
}
"""The five kana of each row, by its consonant letter."""

_HEPBURN = {
    "シ": "shi",
    "ジ": "ji",
    "チ": "chi",
    "ツ": "tsu",
    "ヂ": "ji",
    "ヅ": "zu",
    "フ": "fu",
    "ヤ": "ya",
    "ユ": "yu",
    "ヨ": "yo",
    "ワ": "wa",
    "ヰ": "i",
    "ヱ": "e",
    "ヲ": "o",
    "ン": "n",
    "ヴ": "vu",
    "ヷ": "va",
    "ヸ": "vi",
    "ヹ": "ve",
    "ヺ": "vo",
    "ヵ": "ka",
    "ヶ": "ke",
}
_KANA_ROMAJI = {
    kana: consonant + vowel for consonant, row in ROWS.items() for kana, vowel in zip(row, _VOWELS, strict=True)
} | _HEPBURN
_SMALL_ROMAJI = dict(zip(_SMALL, ("a", "i", "u", "e", "o", "ya", "yu", "yo", "wa"), strict=True))
_KANA_ROMAJI |= _SMALL_ROMAJI


@lru_cache(maxsize=1 << 16)
def morae(kana: str) -> tuple[str, ...]:
    """Return the beats of a kana string in katakana; other characters are left out."""
    return tuple(_MORA.findall(_NOT_KANA.sub("", to_katakana(kana))))


def vowel_of(mora: str) -> str | None:
    """Return the vowel letter a mora ends in, or ``None`` for ッ, ン and ー."""
    if mora in {"ッ", "ン", "ー"}:
        return None
    return mora_romaji(mora)[-1]


def consonant_of(mora: str) -> str:
    """Return the kana row of a mora as its consonant letter, empty for the vowel row; シ is in the row of s."""
    head = mora[0]
    for consonant, row in ROWS.items():
        if head in row:
            return consonant
    return mora_romaji(head)[:1]


def mora_romaji(mora: str) -> str:
    """Return one mora in Hepburn; ッ and ー are empty, because their sound depends on their neighbours."""
    if mora in {"ッ", "ー"}:
        return ""
    head = _KANA_ROMAJI[mora[0]]
    if len(mora) == 1:
        return head
    tail = _SMALL_ROMAJI[mora[1]]
    stem = head[:-1]
    if tail[0] == "y" and stem in {"sh", "j", "ch"}:
        return stem + tail[1:]
    if mora[0] == "ウ":
        stem = "w"
    return stem + tail


def romaji(kana: str) -> str:
    """Return a kana string in Hepburn letters, with ー as the vowel repeated and ッ as the consonant doubled."""
    out: list[str] = []
    doubled = False
    for mora in morae(kana):
        if mora == "ッ":
            doubled = True
            continue
        if mora == "ー":
            if out and out[-1][-1] in _VOWELS:
                out.append(out[-1][-1])
            continue
        letters = mora_romaji(mora)
        if doubled and letters[0] not in _VOWELS:
            letters = ("t" if letters.startswith("ch") else letters[0]) + letters
        doubled = False
        out.append(letters)
    return "".join(out)

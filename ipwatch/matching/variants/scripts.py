"""Scripts of characters, as far as word boundaries depend on them."""

from __future__ import annotations

import unicodedata
from enum import StrEnum


class Script(StrEnum):
    """What decides where a word can end: writing with spaces, kana, Han or Hangul."""

    ALPHABETIC = "alphabetic"
    HIRAGANA = "hiragana"
    KATAKANA = "katakana"
    HAN = "han"
    HANGUL = "hangul"
    DIGIT = "digit"
    NONE = "none"


def script_of(char: str) -> Script:
    """Return the script of a character as far as word boundaries need it; separators have ``NONE``."""
    if char.isascii():
        if char.isalpha():
            return Script.ALPHABETIC
        return Script.DIGIT if char.isdigit() else Script.NONE
    char = unicodedata.normalize("NFKC", char)[0]
    for first, last, script in _RANGES:
        if first <= char <= last:
            return script
    if char.isdigit():
        return Script.DIGIT
    return Script.ALPHABETIC if char.isalpha() else Script.NONE


_RANGES = (
    ("\u3041", "\u309f", Script.HIRAGANA),
    ("\u30a1", "\u30fa", Script.KATAKANA),
    ("\u30fc", "\u30ff", Script.KATAKANA),
    ("\u3005", "\u3007", Script.HAN),
    ("\u3400", "\u4dbf", Script.HAN),
    ("\u4e00", "\u9fff", Script.HAN),
    ("\uf900", "\ufaff", Script.HAN),
    ("\U00020000", "\U0003ffff", Script.HAN),
    ("\u1100", "\u11ff", Script.HANGUL),
    ("\u3130", "\u318f", Script.HANGUL),
    ("\uac00", "\ud7a3", Script.HANGUL),
)


def scripts_of(text: str) -> frozenset[Script]:
    """Return the scripts of the letters and digits of a text."""
    return frozenset(script_of(char) for char in text) - {Script.NONE}

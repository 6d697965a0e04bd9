"""Look-alike characters (外観上の紛らわしい文字): what a reader takes them for, checked by hand.

Source of the letters: Unicode Technical Standard 39 names the shapes that readers confuse; the table keeps those that
imitate a Latin letter or a kana, and adds the Greek and Cyrillic letters that UTS 39 leaves apart but brand abuse uses.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_CYRILLIC = dict(zip("аеорсухіјѕԁԛԝһѵкмтвнгьӏ", "aeopcyxijsdqwhvkmtbhrbi", strict=True))
_CYRILLIC_CAPITALS = dict(zip("АВЕЗКМНОРСТУХІЈЅҮԌԚԜ", "abe3kmhopctyxijsygqw", strict=True))
_GREEK = dict(zip("αβγικνορτυχωεϲϳ", "abyiknoptuxwecj", strict=True))
_GREEK_CAPITALS = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹϴ", "abezhikmnoptyxco", strict=True))
_LATIN = {
    "ı": "i",
    "ɩ": "i",
    "ǀ": "i",
    "ł": "l",
    "ø": "o",
    "đ": "d",
    "ħ": "h",
    "ŧ": "t",
    "ƙ": "k",
    "ɑ": "a",
    "ɡ": "g",
    "ʏ": "y",
    "ꮪ": "s",
    "օ": "o",
    "ո": "n",
    "ս": "u",
}
_SMALL_CAPITALS = dict(zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡᴢ", "abcdefghijklmnoprstuvwz", strict=True))
_ON_DARK_GROUND = {
    chr(first + at): letter for first in (0x1F150, 0x1F170) for at, letter in enumerate("abcdefghijklmnopqrstuvwxyz")
}

LETTER_LOOKALIKES: Mapping[str, str] = MappingProxyType(
    _CYRILLIC | _CYRILLIC_CAPITALS | _GREEK | _GREEK_CAPITALS | _LATIN | _SMALL_CAPITALS | _ON_DARK_GROUND
)
"""Letters of other alphabets, Latin ones with a stroke, small capitals and white letters on a dark disc or square (🅾),
to the Latin letter they pass for."""

HAN_LOOKALIKES: Mapping[str, str] = MappingProxyType(
    dict(zip("二力口工夕卜八", "ニカロエタトハ", strict=True))
    | dict(zip("曰士末已巳荼午干于冶減夭晶刀", "日土未己己茶牛千千治滅天品刃", strict=True))
)
"""Han characters to the katakana or the commoner Han character they pass for (口レックス for ロレックス)."""

KANA_LOOKALIKES: Mapping[str, str] = MappingProxyType({"ソ": "ン", "ツ": "シ"})
"""Katakana that are told apart by a stroke's slant, to one of each pair (ポケモソ for ポケモン)."""

LEET: Mapping[str, str] = MappingProxyType(
    {"l": "i", "1": "i", "0": "o", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "9": "g"}
)
"""Digits and the letter l, to one sign of their class."""

LEET_SYMBOLS: Mapping[str, str] = MappingProxyType({"!": "i", "|": "i", "@": "a", "$": "s", "€": "e"})
"""Symbols that stand for a letter where letters or digits stand on both sides of them; $ also at a word's edge."""

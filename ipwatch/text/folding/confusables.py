"""Look-alike characters (外観上の紛らわしい文字): the letters they are mistaken for.

Letters come from three sources, kept separate so that an explanation can state how established a likeness is: the
confusables of Unicode Technical Standard 39, Latin letters by their Unicode names (both generated into ``tables`` next
to this module), and a wider table, chosen by eye, of letters that UTS 39 leaves out but that counterfeit listings and
look-alike domains use. Shape decides, letter by letter: Ν passes for N and ν for v, though they are one Greek letter;
``tests/text/folding/test_tables.py`` lists the letters whose capitals pass for another one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

from ipwatch.text.folding.tables import HAN, LATIN, UTS39, read_table

_TABLE = read_table(UTS39)
_UTS39_SYMBOLS = {char: letter for char, letter in _TABLE.items() if unicodedata.category(char)[0] == "S"}

UTS39_LOOKALIKES: Mapping[str, str] = MappingProxyType(
    {char: letter for char, letter in _TABLE.items() if char not in _UTS39_SYMBOLS}
)
"""Letters that UTS 39 lists as confusable with one Latin letter or digit, in scripts used together with Latin."""

LATIN_LOOKALIKES: Mapping[str, str] = MappingProxyType(read_table(LATIN))
"""Latin letters with a stroke, hook or tail, small capitals, letters on a dark ground (🅾) and regional indicators."""

_WIDER = {
    "a": "дλɐʌɅΔᗩ",
    "b": "вβъ",
    "c": "ҫ",
    "d": "ðԃђ",
    "e": "зэєεξəΣᗴᕮ",
    "f": "ғϝ",
    "g": "ᘜ",
    "h": "нңҥӈћɥ",
    "i": "ꟾ",
    "k": "кқҝҟӄκĸʞ",
    "l": "ʅ",
    "m": "мӎ",
    "n": "ипηπŋᑎ",
    "o": "ѳөθᗝ〇",
    "p": "þƿ",
    "q": "ϙᑫ",
    "r": "яɹ",
    "s": "ᔕ",
    "t": "тҭτʇ",
    "u": "цџʉ",
    "w": "шщωʍᗯ",
    "x": "ҳχ",
    "y": "ʎ",
    "2": "ƻ",
    "ae": "æ",
    "oe": "œ",
}

WIDER_LOOKALIKES: Mapping[str, str] = MappingProxyType(
    {char: letter for letter, chars in _WIDER.items() for char in chars}
)
"""Further letters that pass for a Latin one: к т м κ τ, mirrored ones (И Я), and those of fancy-text generators."""


def _with_small_letters(letters: Mapping[str, str]) -> dict[str, str]:
    """Add small letters without an entry as their capitals, so that a word folds the same in either case."""
    small = {char.casefold(): letter for char, letter in letters.items()}
    return {char: letter for char, letter in small.items() if len(char) == 1 and not char.isascii()} | dict(letters)


LETTER_LOOKALIKES: Mapping[str, str] = MappingProxyType(
    _with_small_letters({**WIDER_LOOKALIKES, **LATIN_LOOKALIKES, **UTS39_LOOKALIKES})
)
"""All of them in one: a letter of any alphabet, to the Latin letter or letters that it resembles."""

HAN_LOOKALIKES: Mapping[str, str] = MappingProxyType(
    dict(zip("二力口工夕卜八", "ニカロエタトハ", strict=True))
    | dict(zip("囗亻千才三厶乂丿匕", "ロイチオミムメノヒ", strict=True))
    | dict(zip("曰士末已巳荼午干于冶減减夭晶刀", "日土未己己茶牛チチ治滅滅天品刃", strict=True))
)
"""Han characters to the katakana or the commoner Han character that they resemble (口レックス for ロレックス)."""

KANA_LOOKALIKES: Mapping[str, str] = MappingProxyType({"ソ": "ン", "ツ": "シ"})
"""Katakana that differ only by the slant of a stroke, to one of each pair (ポケモソ for ポケモン)."""

LONG_MARK_LOOKALIKES = frozenset("一ᅳ")
"""The Han one and the Hangul eu, which pass for ー after a kana (ソニ一)."""

LEET: Mapping[str, str] = MappingProxyType(
    {"l": "i", "1": "i", "0": "o", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "9": "g"}
)
"""Digits and the letter l, to one sign of their class."""

_CURRENCY = {
    "a": "₳∆",
    "b": "฿₿",
    "c": "¢￠₵",
    "d": "∂",
    "e": "€∑",
    "f": "₣",
    "g": "₲",
    "k": "₭",
    "l": "£￡₤",
    "m": "₥",
    "n": "₦∩",
    "p": "₱",
    "s": "$＄₴",
    "t": "₮",
    "v": "√",
    "w": "₩￦",
    "y": "¥￥",
}

CURRENCY_SYMBOLS: Mapping[str, str] = MappingProxyType(
    {sign: letter for letter, signs in _CURRENCY.items() for sign in signs}
)
"""Signs that represent a letter within a word, and at its edge next to three letters ($ONY)."""

LEET_SYMBOLS: Mapping[str, str] = MappingProxyType(
    dict(zip("!！¡|｜¦￤@＠", "iiiiiiiaa", strict=True)) | _UTS39_SYMBOLS | dict(CURRENCY_SYMBOLS)
)
"""Every sign that represents a letter within a word."""


MASK = "ꙮ"
"""The letter that a masked letter folds to: attested once, in a psalter of 1429, and in no name."""

CROSSES = frozenset("×✕")
"""Masking signs that also occur between two names (ポケモン×ユニクロ)."""

MASKING_SIGNS = frozenset("○〇◯●◎◌•*＊") | CROSSES
"""Signs that sellers write for one letter of a name (伏せ字): シ○ネル, S*NY."""


def _han_variants() -> dict[str, str]:
    """Return the table of Han spellings in which no look-alike of another character represents the others.

    乾 and 幹 are 干 in China, but 干 folds to 千 here, which 乾 does not resemble.
    """
    table = read_table(HAN)
    kept_apart: dict[str, list[str]] = {}
    for char, kept in table.items():
        if kept in HAN_LOOKALIKES:
            kept_apart.setdefault(kept, []).append(char)
    for spellings in kept_apart.values():
        table |= dict.fromkeys(spellings, min(spellings))
        del table[min(spellings)]
    return table


HAN_VARIANTS: Mapping[str, str] = MappingProxyType(_han_variants())
"""Shinjitai, traditional and simplified spellings of one Han character (異体字) to one of them: 優衣庫, 优衣库.

The simplified side decides, so that characters which China writes as one are one here as well (後 and 后, 裏 and 里, 發
and 髮): a Chinese title cannot be read otherwise. Folded texts only propose matches; the spellings themselves are
compared afterwards.
"""

SAME_LETTERS: Mapping[str, str] = MappingProxyType(dict(zip("ىیېکګہھةךםןףץ", "يييككهههכמנפצ", strict=True)))
"""Letters that vary by keyboard or at word ends: Arabic, Persian and Urdu yeh, kaf and heh, Hebrew finals."""

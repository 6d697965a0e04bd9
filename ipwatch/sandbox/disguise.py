"""Disguised spellings of a mark that a plain search misses and a buyer recognises."""

from __future__ import annotations

from random import Random

_TWINS = {
    "A": "АΑ", "B": "ВΒ", "C": "СϹ", "E": "ЕΕ", "H": "НΗ", "I": "ІΙ1l", "K": "КΚ", "M": "МΜ", "N": "Ν", "O": "ОΟ0",
    "P": "РΡ", "S": "Ѕ5", "T": "ТΤ", "U": "Ս", "W": "Ԝ", "X": "ХΧ", "Z": "Ζ", "a": "а", "c": "с", "e": "е3", "i": "і1",
    "o": "оο0", "p": "р", "s": "ѕ", "u": "υ", "w": "ԝ", "x": "х", "y": "у",
    "ニ": "二", "ロ": "口", "カ": "力", "タ": "夕", "エ": "工", "ト": "卜", "ハ": "八", "ミ": "三", "ソ": "ン",
    "ヒ": "匕", "ー": "一", "リ": "り", "り": "リ", "ん": "ン", "ヶ": "ケ", "之": "乙", "オ": "才", "器": "噐",
    "牛": "午", "茶": "荼", "戦": "戰", "記": "紀", "影": "彰", "星": "皇", "ネ": "礻",
}  # fmt: skip
_SEPARATORS = (" ", "・", "\u200b", ".", "*", "_", "-", "\u3000", "\u2060")


def with_twins(text: str, rng: Random) -> str | None:
    """Return the text with one or two characters replaced by ones that look the same, or ``None`` if none can be."""
    indices = [index for index, character in enumerate(text) if character in _TWINS]
    if not indices:
        return None
    letters = list(text)
    for index in rng.sample(indices, k=min(len(indices), rng.randint(1, 2))):
        letters[index] = rng.choice(_TWINS[text[index]])
    return "".join(letters)


def spaced(text: str, rng: Random) -> str:
    """Return the text with a visible or invisible separator between its characters."""
    separator = rng.choice(_SEPARATORS)
    letters = [character for character in text if not character.isspace()]
    if rng.choice((True, False)):
        return separator.join(letters)
    cut = rng.randint(1, len(letters) - 1)
    return "".join(letters[:cut]) + separator + "".join(letters[cut:])

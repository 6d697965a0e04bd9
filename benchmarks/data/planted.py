"""Listing titles with names planted in them, and words that only look like a name: labelled data from a seed.

``plant`` puts variants of brand names (18 kinds) into real or invented titles (9 contexts), and decoys: ordinary words
that contain a brand name or are near to one. This module measures nothing.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import jaconv

Chance = random.Random

_TWINS = {
    "a": "аα", "c": "сϲ", "e": "еҽ", "i": "іı", "k": "кκ", "l": "ӏ1", "m": "м", "n": "ո", "o": "оο", "p": "рρ",
    "s": "ѕ", "t": "тτ", "u": "υս", "x": "хχ", "y": "уү", "h": "һ", "v": "ν", "w": "ԝ", "g": "ɡ", "d": "ԁ",
}  # fmt: skip
_LEET = dict(zip("oileastbg", "011345789", strict=True)) | {"s": "5", "t": "7", "a": "4", "b": "8", "e": "3"}
_NEIGHBOURS = {
    "a": "sqz", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj", "i": "uo", "j": "hk",
    "k": "jl", "l": "k", "m": "n", "n": "bm", "o": "ip", "p": "o", "q": "wa", "r": "et", "s": "ad", "t": "ry",
    "u": "yi", "v": "cb", "w": "qe", "x": "zc", "y": "tu", "z": "x",
}  # fmt: skip
_KANA = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン"
_VOICED = dict(zip("カキクケコサシスセソタチツテトハヒフヘホ", "ガギグゲゴザジズゼゾダヂヅデドバビブベボ", strict=True))
_HAN_TWINS = dict(zip("ニカロエタトハ", "二力口工夕卜八", strict=True))
_HAN = "本田山川中大新東西南北美花光和天日月星"
_HANGUL = "가나다라마바사아자차카타파하"


def _letters(text: str) -> list[int]:
    return [index for index, char in enumerate(text) if char.isalnum()]


def _replace(text: str, table: Mapping[str, str], chance: Chance) -> str:
    positions = [index for index, char in enumerate(text) if char.lower() in table]
    letters = list(text)
    for index in chance.sample(positions, chance.randint(1, len(positions))) if positions else ():
        letters[index] = chance.choice(table[text[index].lower()])
    return "".join(letters)


def _cut(text: str, chance: Chance, signs: str) -> str:
    index = chance.randint(1, max(1, len(text) - 1))
    return text[:index] + chance.choice(signs) + text[index:]


def _another(char: str, chance: Chance) -> str:
    """Return a letter that replaces another by a typing slip, by voicing or at random within the script."""
    if char.lower() in _NEIGHBOURS:
        return chance.choice(_NEIGHBOURS[char.lower()])
    if char in _VOICED:
        return _VOICED[char]
    name = unicodedata.name(char, "")
    if name.startswith(("KATAKANA", "HIRAGANA")):
        return chance.choice(_KANA)
    return chance.choice(_HANGUL if name.startswith("HANGUL") else _HAN if name.startswith("CJK") else "aeioust")


def _deleted(text: str, chance: Chance) -> str:
    index = chance.choice(_letters(text))
    return text[:index] + text[index + 1 :]


def _doubled(text: str, chance: Chance) -> str:
    index = chance.choice(_letters(text))
    return text[: index + 1] + text[index:]


def _swapped(text: str, chance: Chance) -> str:
    pairs = [
        index
        for index in _letters(text)
        if text[index + 1 : index + 2].isalnum() and text[index].lower() != text[index + 1].lower()
    ]
    if not pairs:
        return text
    index = chance.choice(pairs)
    return text[:index] + text[index + 1] + text[index] + text[index + 2 :]


def _substituted(text: str, chance: Chance) -> str:
    index = chance.choice(_letters(text))
    return text[:index] + _another(text[index], chance) + text[index + 1 :]


def _inserted(text: str, chance: Chance) -> str:
    index = chance.choice(_letters(text))
    added = chance.choice("abcdefghiklmnoprstuvwxyz") if text[index].isascii() else _another(text[index], chance)
    return text[:index] + added + text[index:]


_EDITS = (_deleted, _doubled, _swapped, _substituted, _inserted)


def _edited_twice(text: str, chance: Chance) -> str:
    once = chance.choice(_EDITS)(text, chance)
    return chance.choice(_EDITS)(once, chance) if _letters(once) else once


def _hiragana(text: str, _chance: Chance) -> str:
    return str(jaconv.kata2hira(text))


KINDS: Mapping[str, tuple[Callable[[str, Chance], str], float]] = {
    "exact": (lambda text, _: text, 10),
    "case": (lambda text, chance: chance.choice((text.lower(), text.upper(), text.title())), 8),
    "full_width": (lambda text, _: str(jaconv.h2z(text, ascii=True, digit=True)), 4),
    "half_width": (lambda text, _: str(jaconv.z2h(text, kana=True)), 4),
    "spaced": (lambda text, _: " ".join(text.replace(" ", "")), 5),
    "punctuation": (lambda text, chance: _cut(text, chance, "-._・*~ "), 7),
    "zero_width": (lambda text, chance: _cut(text, chance, "\u200b\u200d\u2060\u00ad"), 4),
    "leet": (lambda text, chance: _replace(text, _LEET, chance), 7),
    "homoglyph": (lambda text, chance: _replace(text, _TWINS, chance), 7),
    "han_lookalike": (lambda text, chance: _replace(text, _HAN_TWINS, chance), 3),
    "hiragana": (_hiragana, 4),
    "long_mark": (lambda text, _: text.replace("ー", ""), 3),
    "deletion": (_deleted, 8),
    "doubled": (_doubled, 6),
    "swap": (_swapped, 6),
    "substitution": (_substituted, 8),
    "insertion": (_inserted, 5),
    "two_edits": (_edited_twice, 6),
}
"""Ways to write a name, each with its weight."""

CONTEXTS: Mapping[str, tuple[Callable[[str, Chance], str], float]] = {
    "plain": (lambda name, _: name, 10),
    "glued_after": (
        lambda name, chance: name + chance.choice(("shop", "outlet", "bag", "バッグ", "ポーチ", "系", "製", "세트")),
        3,
    ),
    "glued_before": (lambda name, chance: chance.choice(("new", "my", "original", "新作", "限定", "本物")) + name, 2),
    "style": (lambda name, chance: name + chance.choice((" style", " type", "スタイル")), 1.5),
    "for": (lambda name, _: f"for {name}", 1.5),
    "compatible": (lambda name, chance: chance.choice(("compatible with ", "fits ", "适用 ")) + name, 1.5),
    "fuu": (lambda name, _: f"{name}風", 1),
    "taiou": (lambda name, chance: name + chance.choice(("対応", "互換", "用")), 1),
    "chinese_for": (lambda name, chance: chance.choice(("适用于", "兼容")) + name, 1),
}
"""Words around a name, each with its weight."""

_DECOYS = """
Canon: canonize canonry cannonade | LION: billion rebellion dandelion pavilion vermilion scallion battalion
SONY: masonry sonnybrook resony parsonyard | KAO: kaolinite kaomoji karakao | KIRIN: kirinite shirinking
Pigeon: pigeonwing wigeon pigeonry | brother: stepbrother brotherly bother | SHARP: sharpie sharpness sharpening
PILOT: copilot pilotage pivot | ZEBRA: zebrawood zebrano | Tiger: tigereye tigerfish tier | SEIKO: seikoukai seikan
CASIO: occasion casino occasional | RICOH: ricochet rich | Asahi: asahiyama asahidake | MUJI: fujimujina mujila
KAI: kaiju kaizen haikai | Pocky: rocky pocket hockey | Glico: glicolic glycol | HONDA: rhonda hondarribia fonda
TOYOTA: toyotama toyohara | YAMAHA: yamahata yamanaka | SUZUKI: suzukii suzukaze | EPSON: epsom nepson
CITIZEN: netizen citizenship citizenry | SHIMANO: shimanto shimanoura | MIZUNO: mizuna mizunomi
PORTER: porterhouse reporter transporter supporter | ASICS: basics physics | BANDAI: bandaid bandana bandaiji
KOSE: kosher akosen | ANESSA: vanessa | Merries: berries cherries ferries | moony: money moonyard | FANCL: fancy fancier
Nikon: nikonos nickona | GUNZE: bronze | CHOYA: choyadori | Makita: marquita makitara | DAIWA: daiwan taiwan
Licca: felicca slicca | Kewpie: kewpiedoll kewpies | instax: instant | HOYA: hoyalty ahoyas | SEGA: segalen omega
ライオン: ダンデライオン ライオンキング ライオンズ | キリン: キリング キリンソウ | アサヒ: アサヒナ アサヒガニ
タイガー: タイガース タイガーリリー | ピジョン: ピジョンブラッド テレビジョン ビジョン | トミカ: トミカワ
ホンダ: ホンダワラ | ゼブラ: ゼブラフィッシュ | パイロット: コパイロット パイロットランプ | シャープ: シャープペン
ブラザー: ブラザーズ | カシオ: カシオペア | シチズン: シチズンシップ | ロート: フロート ロートレック
花王: 百花王 花王冠 | 日立: 旭日立山 日立つ | 明治: 明治維新 明治村 | 日産: 一日産量 | セガ: セガレ メガ
"""


def decoys() -> dict[str, tuple[str, ...]]:
    """Return the decoy words of each brand name: words that hold the name or come within an edit or two of it."""
    pairs = (entry.split(":") for entry in re.split(r"[|\n]", _DECOYS) if entry.strip())
    return {brand.strip(): tuple(words.split()) for brand, words in pairs}


@dataclass(frozen=True, slots=True)
class Brand:
    """A brand with every spelling of its name that is planted; the first is its text."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlantedTitle:
    """A title, the brand that it names (``None`` for none), how the name is written and the words around it.

    ``name`` is the name in its usual spelling, ``written`` that in the title; ``decoy_of`` is the brand that a decoy
    resembles.
    """

    text: str
    background: str
    brand: int | None = None
    name: str = ""
    written: str = ""
    kind: str = ""
    context: str = ""
    decoy_of: int | None = None


def vary(name: str, chance: Chance) -> tuple[str, str]:
    """Return a kind of variation and the name so written; ``exact`` where the variation leaves the name unchanged."""
    kind = chance.choices(list(KINDS), [weight for _, weight in KINDS.values()])[0]
    written = KINDS[kind][0](name, chance)
    return ("exact", name) if written == name or not _letters(written) else (kind, written)


def plant(
    brands: Sequence[Brand], backgrounds: Sequence[str], chance: Chance, *, planted: float, decoyed: float
) -> list[PlantedTitle]:
    """Return a title for each background: the shares ``planted`` and ``decoyed`` of them with a name or a decoy."""
    words = decoys()
    of_brand = [
        (number, word) for number, brand in enumerate(brands) for name in brand.names for word in words.get(name, ())
    ]
    titles = []
    for background in backgrounds:
        draw = chance.random()
        if draw < planted:
            titles.append(_planted(brands, background, chance))
        elif draw < planted + decoyed and of_brand:
            number, word = chance.choice(of_brand)
            shown = chance.choice((word, word.title(), word.upper()))
            titles.append(PlantedTitle(_insert(background, shown, chance), background, decoy_of=number, written=shown))
        else:
            titles.append(PlantedTitle(background, background))
    return titles


def _planted(brands: Sequence[Brand], background: str, chance: Chance) -> PlantedTitle:
    number = chance.randrange(len(brands))
    name = chance.choice(brands[number].names)
    kind, written = vary(name, chance)
    context = chance.choices(list(CONTEXTS), [weight for _, weight in CONTEXTS.values()])[0]
    text = _insert(background, CONTEXTS[context][0](written, chance), chance)
    return PlantedTitle(text, background, number, name, written, kind, context)


def _insert(background: str, words: str, chance: Chance) -> str:
    pieces = re.split(r"([\s\u3000]+)", background)
    index = chance.choice(range(0, len(pieces) + 1, 2))
    return " ".join(
        part for part in ("".join(pieces[:index]).rstrip(), words, "".join(pieces[index:]).lstrip()) if part
    )

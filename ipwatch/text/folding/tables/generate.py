"""Generate the tables again from their sources: ``python -m ipwatch.text.folding.tables.generate``.

The sources are the packages of the dependency group ``tables`` and the names in Python's own Unicode data; ipwatch
itself never runs this. Only properties that no later version of Unicode may change are read from the Unicode data, so
that every supported Python writes the same files.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import opencc
from confusable_homoglyphs import categories

from ipwatch.text.folding.tables import HAN, LATIN, UTS39

_SCRIPTS = """
LATIN GREEK CYRILLIC ARMENIAN GEORGIAN CHEROKEE COPTIC LISU CANADIAN_ABORIGINAL DESERET OSAGE ELBASAN CARIAN LYCIAN
LYDIAN OLD_ITALIC RUNIC TIFINAGH WARANG_CITI MIAO BAMUM GOTHIC COMMON
"""
"""Scripts whose letters are mistaken for Latin ones.

The others of UTS 39 (Arabic, Hebrew, Thai and the scripts of India among them) are those of large markets, whose words
would be broken up: الأحذية would become l, o and a rest.
"""

_BY_NAME = re.compile(
    r"LATIN (?:CAPITAL|SMALL) LETTER (?:DOTLESS |SCRIPT |INSULAR |BLACKLETTER |STRETCHED |BARRED |OPEN |REVERSED )?"
    r"([A-Z])(?: WITH .+)?|"
    r"LATIN (?:SMALL )?LETTER (?:SMALL CAPITAL|STRETCHED) (?:BARRED )?([A-Z])(?: WITH .+)?|"
    r"NEGATIVE (?:CIRCLED|SQUARED) LATIN CAPITAL LETTER ([A-Z])|"
    r"REGIONAL INDICATOR SYMBOL LETTER ([A-Z])"
)
_NAMED_BLOCKS = (
    range(0x00C0, 0x02B0),
    range(0x1D00, 0x1DC0),
    range(0x1E00, 0x1F00),
    range(0x2C60, 0x2C80),
    range(0xA722, 0xA7CB),
    range(0xAB30, 0xAB6C),
    range(0x1F150, 0x1F18A),
    range(0x1F1E6, 0x1F200),
)
"""Blocks without a gap that a later Unicode could fill."""

_HAN_BLOCKS = (range(0x3400, 0x4DC0), range(0x4E00, 0xA000), range(0x20000, 0x2A6E0))
_HAN_CONVERSIONS = ("jp2t", "tw2t", "hk2t", "t2s")
_HAN_PAIRS = """
髙高 﨑崎 嵜崎 𠮷吉 邉邊 濵濱 栁柳 桺柳 桒桑 冨富 渕淵 頬頰 呉吳 戸戶 讃讚 篭籠 曻昇 舩船 吞呑 嶋島 嶌島 槗橋
𣘺橋 熈熙 煕熙 穐秋 翆翠 楳梅 埜野 濶闊 杤栃 囯国 圀国 飮飲 靑青 閒間 姬姫 淸清 尙尚 吳呉 吿告 娛娯 塡填 巓巔
顚顛 屛屏 姸妍 繫繋 焰焔 蠅蝿 瀆涜 籤籖 竈竃 蘂蕊 篠筱 侭儘 靱靭 鴬鶯
"""
"""Spellings of one character in Japanese names and printing (異体字) that OpenCC keeps distinct, written by hand."""


def tables() -> dict[str, str]:
    """Return the text of every table by file name."""
    uts39 = _uts39()
    package = f"confusable_homoglyphs {version('confusable_homoglyphs')} (MIT)"
    han = f"OpenCC {version('opencc')} (Apache-2.0), configurations {', '.join(_HAN_CONVERSIONS)}; pairs of generate.py"
    return {
        UTS39: _file(
            "Letters and symbols that are confusable with one Latin letter or digit, in scripts written beside Latin.",
            f"Unicode Technical Standard 39, confusables.txt (Unicode-3.0), as carried by {package}",
            uts39,
        ),
        LATIN: _file(
            "Latin letters with a stroke, hook or tail, small capitals, letters on a dark ground, regional indicators.",
            "character names of the Unicode Character Database (Unicode-3.0), as carried by Python",
            {char: letter for char, letter in _named() if char not in uts39},
        ),
        HAN: _file("Han characters that are spellings of one character, to one of them.", han, _han()),
    }


def _file(what: str, source: str, rows: Mapping[str, str]) -> str:
    header = (
        f"# {what}\n# Source: {source}\n"
        "# Written by python -m ipwatch.text.folding.tables.generate; not edited by hand.\n"
    )
    return header + "".join(f"{ord(char):04X}\t{rows[char]}\n" for char in sorted(rows))


def _uts39() -> dict[str, str]:
    """Return the characters with one Latin letter or digit as confusable, unless NFKC resolves them (ſ is s)."""
    path = files("confusable_homoglyphs").joinpath("confusables.json")
    listed = {_unmarked(char): others for char, others in json.loads(path.read_text(encoding="utf-8")).items()}
    lookalikes: dict[str, str] = {}
    for char, others in listed.items():
        if len(char) != 1 or char.isascii() or unicodedata.category(char)[0] not in {"L", "S"}:
            continue
        # NFKC of Unicode 3.2 is the same in every Python and covers what is written in full or half width.
        folded = unicodedata.ucd_3_2_0.normalize("NFKC", char).casefold()
        letters = sorted({_unmarked(other["c"]).casefold() for other in others})
        letters = [letter for letter in letters if len(letter) == 1 and letter.isascii() and letter.isalnum()]
        settled = folded.isascii() or (folded != char.casefold() and folded in listed)
        if letters and not settled and categories.alias(char) in _SCRIPTS.split():
            lookalikes[char] = letters[0]
    return lookalikes


def _unmarked(char: str) -> str:
    """Return the text without the left-to-right marks that the data puts around letters of other directions."""
    return char.replace("\u200e", "")


def _named() -> Iterator[tuple[str, str]]:
    for code in (code for block in _NAMED_BLOCKS for code in block):
        char = chr(code)
        match = _BY_NAME.fullmatch(unicodedata.name(char, ""))
        if match and not unicodedata.normalize("NFKD", char)[0].isascii():
            yield char, next(filter(None, match.groups())).lower()


def _han() -> dict[str, str]:
    """Return every Han character that is one spelling of several, to the simplified one."""
    simplify = opencc.OpenCC("t2s").convert
    variants: dict[str, str] = {}
    for spellings in _classes(_han_pairs()):
        simplified = {simplify(char) for char in spellings}
        kept = min((char for char in simplified & spellings if simplify(char) == char), default=min(spellings))
        variants |= {char: kept for char in spellings if char != kept}
    return variants


def _han_pairs() -> Iterator[tuple[str, str]]:
    yield from ((pair[0], pair[1]) for pair in _HAN_PAIRS.split())
    for name in _HAN_CONVERSIONS:
        convert = opencc.OpenCC(name).convert
        for char in (chr(code) for block in _HAN_BLOCKS for code in block):
            other = convert(char)
            if len(other) == 1 and other != char:
                yield char, other


def _classes(pairs: Iterable[tuple[str, str]]) -> list[set[str]]:
    """Return the sets of characters that the pairs join."""
    joined: defaultdict[str, set[str]] = defaultdict(set)
    for first, second in pairs:
        left, right = joined[first] or {first}, joined[second] or {second}
        if left is not right:
            left |= right
            for char in left:
                joined[char] = left
    return [spellings for char, spellings in joined.items() if char == min(spellings)]


def written(name: str) -> str:
    """Return the text of a table as it is in the package."""
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


def main() -> None:
    """Write the tables to the directory of this module."""
    for name, text in tables().items():
        Path(__file__).with_name(name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

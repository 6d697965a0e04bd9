"""Names of letters (文字の読み): how abbreviations are spelled out in kana, letter by letter (エフディーケー, FDK)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import islice, product

from ipwatch.text.folding.skeleton import plain, plain_letters
from ipwatch.text.phonetics.kana import morae

MAX_SPELLED_OUT = 12
"""Maximum number of ways in which one abbreviation is spelled out."""

LETTER_NAMES = {
    "a": "エー エイ",
    "b": "ビー",
    "c": "シー",
    "d": "ディー デー",
    "e": "イー",
    "f": "エフ",
    "g": "ジー",
    "h": "エイチ エッチ",
    "i": "アイ",
    "j": "ジェー ジェイ",
    "k": "ケー ケイ",
    "l": "エル",
    "m": "エム",
    "n": "エヌ",
    "o": "オー",
    "p": "ピー",
    "q": "キュー",
    "r": "アール",
    "s": "エス",
    "t": "ティー テー",
    "u": "ユー",
    "v": "ブイ ヴィー",
    "w": "ダブリュー ダブル",
    "x": "エックス",
    "y": "ワイ",
    "z": "ゼット ズィー",
    "&": "アンド",
}
"""Japanese names of letters, the usual name first."""

DIGIT_NAMES = {
    "0": "ゼロ レイ",
    "1": "ワン イチ",
    "2": "ツー ニ",
    "3": "スリー サン",
    "4": "フォー ヨン",
    "5": "ファイブ ゴ",
    "6": "シックス ロク",
    "7": "セブン ナナ",
    "8": "エイト ハチ",
    "9": "ナイン キュウ",
}
"""Names of digits within names, in English and in Japanese."""

_CALLED = {sign: names.split() for sign, names in (LETTER_NAMES | DIGIT_NAMES).items()}
_WORD_BORDER = re.compile(r"[\s\-_/・&]+")
_MAX_WORD_SIGNS = 4
_MAX_SIGNS = 6
_MIN_CALLED = 3
_MAX_KANA = 60


def spelled_out(text: str) -> Iterator[str]:
    """Yield how an abbreviation is spelled out in kana, the usual names first; at most ``MAX_SPELLED_OUT`` ways.

    An abbreviation is written in capitals, digits and &, or has no vowel letter, or single letters only (7&i), with at
    most four signs in a word and two to six in all; digits alone are a number, not an abbreviation.
    """
    signs = "".join(char for char in plain(text) if char in _CALLED)
    if not 1 < len(signs) <= _MAX_SIGNS or not _is_abbreviation(text):
        return
    ways = sorted(product(*(range(len(_CALLED[sign])) for sign in signs)), key=lambda way: (sum(way), way))
    for way in islice(ways, MAX_SPELLED_OUT):
        yield "".join(_CALLED[sign][number] for sign, number in zip(signs, way, strict=True))


def _is_abbreviation(text: str) -> bool:
    written = plain(text)
    letters = [char for char in plain_letters(text) if not char.isdigit()]
    if not letters or any(char not in _CALLED for char in letters):
        return False
    word_length = max(sum(char in _CALLED for char in word) for word in _WORD_BORDER.split(written))
    if word_length > _MAX_WORD_SIGNS:
        return False
    return text.upper() == text or set("aeiou").isdisjoint(written) or word_length == 1


def letters_called(kana: str) -> str:
    """Return the letters that a kana text spells out one by one (エヌイーシー: nec), with & for アンド.

    Empty where it spells out fewer than three, or contains anything else: many words are the names of two letters
    (ケイエイ), and of digits (サンゴ).
    """
    called = _called(kana)
    letters = called.replace("&", "")
    return called if len(letters) >= _MIN_CALLED and letters.isalpha() else ""


def is_spelled_out(kana: str) -> bool:
    """Whether a kana text spells out letters and digits one by one, and contains nothing else."""
    return len(_called(kana)) > 1


@lru_cache(maxsize=1 << 12)
def _called(kana: str) -> str:
    beats = "".join(morae(kana))
    if len(beats) > _MAX_KANA:
        return ""
    calls: list[str | None] = [*(None for _ in beats), ""]
    for index in reversed(range(len(beats))):
        for name, sign in _by_first_kana().get(beats[index], ()):
            rest = calls[index + len(name)] if beats.startswith(name, index) else None
            if rest is not None:
                calls[index] = sign + rest
                break
    return calls[0] or ""


@cache
def _by_first_kana() -> dict[str, list[tuple[str, str]]]:
    """Return the names by their first kana, longest first, those of letters before digits, with their signs."""
    by_kana: dict[str, list[tuple[str, str]]] = {}
    for sign, names in _CALLED.items():
        for name in names:
            by_kana.setdefault(name[0], []).append((name, sign))
    return {first: sorted(names, key=lambda called: -len(called[0])) for first, names in by_kana.items()}

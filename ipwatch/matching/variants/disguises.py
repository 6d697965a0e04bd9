"""Disguises that change the number of letters, or that no folding may undo: generated as forms of their own.

Each generator takes a declared text and yields spellings in the order of their worth.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import permutations

from ipwatch.text.folding.skeleton import plain, plain_letters, skeleton
from ipwatch.text.lexicon.frequency import commonness

MASK_SIGN = "○"
"""The masking sign that stands for all of them in a form; every other one folds to the same letter."""

_TWO_FOR_ONE = (("rn", "m"), ("m", "rn"), ("vv", "w"), ("w", "vv"), ("cl", "d"), ("d", "cl"))
_MIN_LATIN = 5

_PARTS = {
    "ル": "ノレ",
    "仏": "イム",
    "加": "カロ",
    "化": "イヒ",
    "如": "女口",
    "好": "女子",
    "始": "女台",
    "弘": "弓ム",
    "明": "日月",
    "村": "木寸",
    "松": "木公",
    "林": "木木",
    "町": "田丁",
    "相": "木目",
    "神": "ネ申",
    "鉄": "金失",
    "銀": "金艮",
}
"""Kana and Han that are written as their left and right halves, each a character of its own (シャネノレ, ネ申)."""

_MIN_IN_PARTS = 4

_ONE_STROKE = (
    *("侍待", "候侯", "大太犬", "天夫", "宇字", "宮官", "微徴", "日目", "東束", "水氷永", "玉王", "目且", "石右"),
    *("綱網", "緑縁", "織識", "萩荻", "鳥烏"),
)
"""Han that a dot, a short stroke or a like radical tells apart, chosen by eye. Of 15,000 names of firms, brands and
characters and 46,000 Japanese words, none of three letters or more turns into another one by them."""

_OTHER_STROKE = tuple(pair for group in _ONE_STROKE for pair in permutations(group, 2))
_MIN_ONE_STROKE = 3
_MIN_MASKED = 3
_EDITED_FROM = 5
"""Letters from which a text may write one otherwise (``allowed_edits``)."""


def lookalikes(text: str) -> Iterator[str]:
    """Yield a text with letters written as others that they look like, all of one kind together and one at a time.

    Pairs of Latin letters for one, if five letters are left; kana and Han in their two halves, if four are; Han that a
    dot tells apart, in names of three letters or more. What turns into an ordinary word (modern, modem) is left out.
    """
    letters = plain(text)
    ways: list[Iterator[str]] = []
    if letters.isascii():
        ways = [_replaced(letters, pair, single, _MIN_LATIN) for pair, single in _TWO_FOR_ONE]
    else:
        ways = [_replaced(letters, whole, parts, _MIN_IN_PARTS) for whole, parts in _PARTS.items() if whole in letters]
        if len(plain_letters(text)) >= _MIN_ONE_STROKE:
            ways += [_replaced(letters, letter, lookalike, _MIN_ONE_STROKE) for letter, lookalike in _OTHER_STROKE]
    for way in ways:
        yield from (spelled for spelled in way if not commonness(spelled))


def _replaced(text: str, old: str, new: str, min_letters: int) -> Iterator[str]:
    """Yield the text with every ``one`` as ``other``, then with each on its own, if ``least`` letters are left."""
    offsets = [match.start() for match in re.finditer(re.escape(old), text)]
    spelled = [text[:offset] + new + text[offset + len(old) :] for offset in offsets]
    if len(offsets) > 1:
        spelled.insert(0, text.replace(old, new))
    yield from (each for each in spelled if len(skeleton(each).text) >= min_letters)


def masked(text: str) -> Iterator[str]:
    """Yield a name of at least three letters with a masking sign for one inner letter (伏せ字: シ○ネル, S*NY).

    Only for names so short that no letter may be written otherwise: in the others, a masked letter is one of those.
    """
    letters = plain(text)
    if len(letters) < _MIN_MASKED or not all(char.isalpha() or char == "ー" for char in letters):
        return
    if len(skeleton(letters).text) < _EDITED_FROM:
        yield from (letters[:index] + MASK_SIGN + letters[index + 1 :] for index in range(1, len(letters) - 1))

"""Disguises that change the number of letters, or that folding cannot undo: generated as variants.

Each generator takes a declared text and yields spellings, the most useful first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import permutations

from ipwatch.text.folding.skeleton import plain, plain_letters, skeleton
from ipwatch.text.lexicon.frequency import commonness

MASK_SIGN = "◌"
"""The placeholder that represents every masking sign in a variant; they fold to one letter, and no seller writes it."""

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
"""Kana and Han written as their left and right halves, each half a character of its own (シャネノレ, ネ申)."""

_MIN_IN_PARTS = 4

_ONE_STROKE = (
    *("侍待", "候侯", "大太犬", "天夫", "宇字", "宮官", "微徴", "日目", "東束", "水氷永", "玉王", "目且", "石右"),
    *("綱網", "緑縁", "織識", "萩荻", "鳥烏"),
)
"""Han that differ by a dot, a short stroke or a similar radical, chosen by eye.

Of 15,000 names of firms, brands and characters and 46,000 Japanese words, none of three letters or more becomes another
one by such a replacement.
"""

_OTHER_STROKE = tuple(pair for group in _ONE_STROKE for pair in permutations(group, 2))
_MIN_ONE_STROKE = 3
_MIN_MASKED = 3
_EDITED_FROM = 5
"""Length in letters from which a text may have an edit (``allowed_edits``)."""


def lookalikes(text: str) -> Iterator[str]:
    """Yield a text with letters of one kind replaced by look-alikes: all occurrences together, then each one alone.

    Two Latin letters for one, if five letters remain; kana and Han in their two halves, if four remain; Han that differ
    by a dot, in names of three letters or more. Results whose new words are ordinary (modern, modem) are left out.
    """
    letters = plain(text)
    ways: list[Iterator[str]] = []
    if letters.isascii():
        ways = [_replaced(letters, pair, single, _MIN_LATIN) for pair, single in _TWO_FOR_ONE]
    else:
        ways = [_replaced(letters, whole, parts, _MIN_IN_PARTS) for whole, parts in _PARTS.items() if whole in letters]
        if len(plain_letters(text)) >= _MIN_ONE_STROKE:
            ways += [_replaced(letters, letter, lookalike, _MIN_ONE_STROKE) for letter, lookalike in _OTHER_STROKE]
    own = set(letters.split())
    for way in ways:
        yield from (spelled for spelled in way if not any(commonness(word) for word in set(spelled.split()) - own))


def _replaced(text: str, old: str, new: str, min_letters: int) -> Iterator[str]:
    """Yield the text with all ``old`` as ``new``, then with one at a time; each has ``min_letters`` letters or more."""
    offsets = [match.start() for match in re.finditer(re.escape(old), text)]
    spelled = [text[:offset] + new + text[offset + len(old) :] for offset in offsets]
    if len(offsets) > 1:
        spelled.insert(0, text.replace(old, new))
    yield from (each for each in spelled if len(skeleton(each).text) >= min_letters)


def masked(text: str) -> Iterator[str]:
    """Yield a name of at least three letters with a masking sign in place of one inner letter (伏せ字: シ○ネル, S*NY).

    Only for names too short for an edit: in longer ones a masked letter is found as an edit.
    """
    letters = plain(text)
    if len(letters) < _MIN_MASKED or not all(char.isalpha() or char == "ー" for char in letters):
        return
    if len(skeleton(letters).text) < _EDITED_FROM:
        yield from (letters[:index] + MASK_SIGN + letters[index + 1 :] for index in range(1, len(letters) - 1))

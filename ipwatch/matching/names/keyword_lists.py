"""Keyword lists (キーワード羅列): whether a name is one of many in a row, written for search engines only."""

from __future__ import annotations

import re

_SIGNS = re.compile(r"[、,，・/／|｜#＃;；*＊●■◆\n\r\t]+")
_SPACES = re.compile(r"[\s\u3000]+")
_MAX_ITEM_LENGTH = 24
_MIN_ITEMS = 8
"""Minimum number of short items in a row that make a list: a sentence that names brands has fewer."""

_REACH = 400
"""Number of characters before and after the name that are searched."""

_SENTENCE = re.compile(
    r"[。.!?！？]\s|[。！？:：]|です|ます|した|\b(?:is|are|the|with|and|your|this|for|from)\b", re.IGNORECASE
)
"""Matches a sentence, or by its colon a property of the goods (ブランド：SONY): no item of a list."""

_LABEL = re.compile(r"^.*[:：]", re.DOTALL)
_LOWER_CASE_START = re.compile(r"[a-z]|[\u3041-\u3096]")


def in_list(text: str, start: int, end: int) -> bool:
    """Whether the range is in a row of eight or more short items, separated by signs or, for names, by spaces."""
    first = max(0, start - _REACH)
    near, position = text[first : end + _REACH], start - first
    return any(
        _items_around(near, position, separator, named=separator is _SPACES) >= _MIN_ITEMS
        for separator in (_SIGNS, _SPACES)
    )


def _items_around(text: str, position: int, separator: re.Pattern[str], *, named: bool) -> int:
    """Return the number of consecutive items in the row around the position; 0 where the position is in no item."""
    row = 0
    holds = False
    start = 0
    for stop, after in (*(match.span() for match in separator.finditer(text)), (len(text), len(text))):
        here = start <= position < max(stop, start + 1)
        item = _LABEL.sub("", text[start:stop]) if here else text[start:stop]
        if _is_item(item, named=named):
            row += 1
            holds = holds or here
        elif holds or here:
            break
        else:
            row = 0
        start = after
    return row if holds else 0


def _is_item(item: str, *, named: bool) -> bool:
    """Whether the text is short and no part of a sentence; if ``named``, it starts in no lower case or hiragana."""
    word = item.strip()
    if not word or len(word) > _MAX_ITEM_LENGTH or _SENTENCE.search(word):
        return False
    return not (named and _LOWER_CASE_START.match(word))

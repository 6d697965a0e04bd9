"""Cuts cells that hold several names, goods or readings; where a character may also belong to a name, it says so."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence

from ipwatch.terms import listed, message
from ipwatch.watchlists.importing.messages import Remark, quoted
from ipwatch.watchlists.schema import MAX_TEXT

_OPENING = "（(「『[［【〔〈《"
_CLOSING = "）)」』]］】〕〉》"
_STRONG = frozenset("、､，﹐﹑;；︔|｜¦\n\r\t\v\f\x85\u2028\u2029")
"""What no name holds: it always separates."""
_SLASHES = frozenset("/／")
_DOTS = frozenset("・･")
_BETWEEN = re.compile("[/／・･\u3000,、]")
_COMPANY = re.compile(r"\s*(?:co|ltd|inc|llc|corp|k\.?k|s\.?a|gmbh|plc|pte|jr|sr)\b", re.IGNORECASE)
_MIN_NAME = 2
_KEPT = message("importing.kept_separator")

Split = Callable[[str, int], bool]
"""Whether the character at an index of a text is a separator."""


def split_names(text: str, remark: Remark) -> list[str]:
    """Return the names of a cell. ``、，；|``, line breaks and tabs separate; ``・`` and ``/`` where scripts change.

    A ``・``, ``/`` or space of full width within one script, such as in スター・ウォーズ, is kept and remarked on.
    """
    parts: list[str] = []
    for strong in _cut(text, _is_strong):
        names = _cut(strong, _parts_names)
        if len(names) > 1:
            remark(message("importing.split_names", names=listed(map(quoted, names))))
        if any(_is_doubtful(name, index) for name in names if len(name) <= MAX_TEXT for index in range(len(name))):
            remark(_KEPT)
        parts.extend(names)
    return parts


def split_goods(text: str, remark: Remark) -> list[str]:
    """Return the words for goods of a cell: ``・``, ``/``, commas and spaces of full width separate as well.

    Brackets are left whole: 織物（畳べり地を除く。）, as the goods of a registration are written.
    """
    parts = _cut(text, lambda whole, index: _is_strong(whole, index) or _parts_goods(whole, index))
    dots = (index for index, each in enumerate(text) if each in _DOTS)
    spaces = any(each == " " and _parts_goods(text.strip(), index) for index, each in enumerate(text.strip()))
    if spaces or any(_katakana(text[index - 1 : index]) and _katakana(text[index + 1 : index + 2]) for index in dots):
        remark(message("importing.split_goods", names=listed(map(quoted, parts))))
    return parts


def split_readings(text: str) -> list[str]:
    """Return the readings of a cell; ``・`` stays, as it may stand within one."""
    return _cut(text, lambda whole, index: _is_strong(whole, index) or whole[index] in _SLASHES or whole[index] == ",")


def split_plain(text: str) -> list[str]:
    """Return the entries of a cell whose values hold no separator of any kind: paths and codes."""
    return _cut(text, lambda whole, index: _is_strong(whole, index) or whole[index] == ",")


def holds_separator(text: str) -> bool:
    """Return whether a mark holds what separates values elsewhere."""
    return any(_is_strong(text, index) or each in _SLASHES for index, each in enumerate(text))


def _cut(text: str, separates: Split) -> list[str]:
    """Return the parts between separators that stand outside of brackets; those of brackets that do not match count."""
    depths = _depths(text)
    parts = [""]
    for index, character in enumerate(text):
        if not depths[index] and separates(text, index):
            parts.append("")
        else:
            parts[-1] += character
    return [part for part in (each.strip().strip("\u200b\ufeff").strip() for each in parts) if part]


def _depths(text: str) -> Sequence[int]:
    depth = 0
    depths = []
    for character in text:
        depth += (character in _OPENING) - (character in _CLOSING)
        if depth < 0:
            break
        depths.append(depth)
    return depths if depth == 0 and len(depths) == len(text) else [0] * len(text)


def _is_strong(text: str, index: int) -> bool:
    return text[index] in _STRONG and not _in_number(text, index)


def _is_comma(text: str, index: int) -> bool:
    return text[index] in {",", "，"} and not _in_number(text, index)


def _in_number(text: str, index: int) -> bool:
    """Return whether a comma groups digits: 1,000."""
    if text[index] not in {",", "，"}:
        return False
    digits = unicodedata.normalize("NFKC", text[index + 1 : index + 5])
    thousands = digits[:3]
    return (
        text[:index][-1:].isdecimal()
        and thousands.isdecimal()
        and len(thousands) == 3  # noqa: PLR2004 - thousands
        and not digits[3:].isdecimal()
    )


def _parts_names(text: str, index: int) -> bool:
    if text[index] == ",":
        return _is_comma(text, index) and not _COMPANY.match(text[index + 1 : index + 1 + MAX_TEXT])
    if text[index] not in _SLASHES | _DOTS | {"\u3000"}:
        return False
    before = _BETWEEN.split(text[max(0, index - MAX_TEXT) : index])[-1].strip()
    after = _BETWEEN.split(text[index + 1 : index + 1 + MAX_TEXT])[0].strip()
    if text[index] in _SLASHES:
        return (_is_eastern(before) or _is_eastern(after)) and min(len(before), len(after)) >= _MIN_NAME
    return bool(before) and bool(after) and _is_eastern(before) != _is_eastern(after)


def _is_doubtful(name: str, index: int) -> bool:
    """Return whether a character that stays within a name may have been meant to separate."""
    if name[index] == " ":
        return _is_eastern(name[:index]) != _is_eastern(name[index + 1 :])
    return name[index] in _SLASHES | _DOTS | {"\u3000"} or _is_comma(name, index)


def _parts_goods(text: str, index: int) -> bool:
    if text[index] == " ":
        return _is_eastern(text[index - 1 : index]) or _is_eastern(text[index + 1 : index + 2])
    return text[index] in _SLASHES | _DOTS | {"\u3000", "。"} or _is_comma(text, index)


def _katakana(character: str) -> bool:
    return bool(re.fullmatch("[ァ-ヺーｦ-ﾟ]", character))


def _is_eastern(text: str) -> bool:
    """Return whether a text holds kana, Han letters or Hangul."""
    return bool(re.search(r"[\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3\uff66-\uff9f\U00020000-\U0003ffff]", text))

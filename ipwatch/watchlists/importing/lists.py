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
"""Whether the character at a place of a text separates there."""


def split_names(text: str, remark: Remark) -> list[str]:
    """Return the names of a cell. ``、，；|``, line breaks and tabs separate; ``・`` and ``/`` where scripts change.

    A ``・``, ``/`` or space of full width within one script, such as in スター・ウォーズ, is kept and remarked on.
    """
    parts: list[str] = []
    for strong in _cut(text, _is_strong):
        names = _cut(strong, _parts_names)
        if len(names) > 1:
            remark(message("importing.split_names", names=listed(map(quoted, names))))
        if any(_is_doubtful(name, at) for name in names if len(name) <= MAX_TEXT for at in range(len(name))):
            remark(_KEPT)
        parts.extend(names)
    return parts


def split_goods(text: str, remark: Remark) -> list[str]:
    """Return the words for goods of a cell: ``・``, ``/``, commas and spaces of full width separate as well.

    Brackets are left whole: 織物（畳べり地を除く。）, as the goods of a registration are written.
    """
    parts = _cut(text, lambda whole, at: _is_strong(whole, at) or _parts_goods(whole, at))
    dots = (at for at, each in enumerate(text) if each in _DOTS)
    spaces = any(each == " " and _parts_goods(text.strip(), at) for at, each in enumerate(text.strip()))
    if spaces or any(_katakana(text[at - 1 : at]) and _katakana(text[at + 1 : at + 2]) for at in dots):
        remark(message("importing.split_goods", names=listed(map(quoted, parts))))
    return parts


def split_readings(text: str) -> list[str]:
    """Return the readings of a cell; ``・`` stays, as it may stand within one."""
    return _cut(text, lambda whole, at: _is_strong(whole, at) or whole[at] in _SLASHES or whole[at] == ",")


def split_plain(text: str) -> list[str]:
    """Return the entries of a cell whose values hold no separator of any kind: paths and codes."""
    return _cut(text, lambda whole, at: _is_strong(whole, at) or whole[at] == ",")


def holds_separator(text: str) -> bool:
    """Return whether a mark holds what separates values elsewhere."""
    return any(_is_strong(text, at) or each in _SLASHES for at, each in enumerate(text))


def _cut(text: str, separates: Split) -> list[str]:
    """Return the parts between separators that stand outside of brackets; those of brackets that do not match count."""
    depths = _depths(text)
    parts = [""]
    for at, character in enumerate(text):
        if not depths[at] and separates(text, at):
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


def _is_strong(text: str, at: int) -> bool:
    return text[at] in _STRONG and not _in_number(text, at)


def _is_comma(text: str, at: int) -> bool:
    return text[at] in {",", "，"} and not _in_number(text, at)


def _in_number(text: str, at: int) -> bool:
    """Return whether a comma groups digits: 1,000."""
    if text[at] not in {",", "，"}:
        return False
    digits = unicodedata.normalize("NFKC", text[at + 1 : at + 5])
    return text[:at][-1:].isdecimal() and digits[:3].isdecimal() and len(digits[:3]) == 3 and not digits[3:].isdecimal()  # noqa: PLR2004 - thousands


def _parts_names(text: str, at: int) -> bool:
    if text[at] == ",":
        return _is_comma(text, at) and not _COMPANY.match(text[at + 1 : at + 1 + MAX_TEXT])
    if text[at] not in _SLASHES | _DOTS | {"\u3000"}:
        return False
    before = _BETWEEN.split(text[max(0, at - MAX_TEXT) : at])[-1].strip()
    after = _BETWEEN.split(text[at + 1 : at + 1 + MAX_TEXT])[0].strip()
    if text[at] in _SLASHES:
        return (_is_eastern(before) or _is_eastern(after)) and min(len(before), len(after)) >= _MIN_NAME
    return bool(before) and bool(after) and _is_eastern(before) != _is_eastern(after)


def _is_doubtful(name: str, at: int) -> bool:
    """Return whether a character that stays within a name may have been meant to separate."""
    if name[at] == " ":
        return _is_eastern(name[:at]) != _is_eastern(name[at + 1 :])
    return name[at] in _SLASHES | _DOTS | {"\u3000"} or _is_comma(name, at)


def _parts_goods(text: str, at: int) -> bool:
    if text[at] == " ":
        return _is_eastern(text[at - 1 : at]) or _is_eastern(text[at + 1 : at + 2])
    return text[at] in _SLASHES | _DOTS | {"\u3000", "。"} or _is_comma(text, at)


def _katakana(character: str) -> bool:
    return bool(re.fullmatch("[ァ-ヺーｦ-ﾟ]", character))


def _is_eastern(text: str) -> bool:
    """Return whether a text holds kana, Han letters or Hangul."""
    return bool(re.search(r"[\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3\uff66-\uff9f\U00020000-\U0003ffff]", text))

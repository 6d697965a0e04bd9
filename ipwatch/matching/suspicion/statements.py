"""What the seller says of the goods: words for a copy, for goods of one's own making, for a maker, for a licence."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache

from ipwatch.text.folding.skeleton import plain, plain_span
from ipwatch.text.lexicon.roles import alternatives
from ipwatch.text.lexicon.roles import words as lexicon_words

_BEFORE, _BEHIND = 40, 24
"""Characters around a statement in which it may be denied (コピー品ではありません)."""

_SENTENCE_ENDS = ("。", ".", "!", "?", "\n", "、", ",", ";", "・")
_FEW_LETTERS = 6


@dataclass(frozen=True)
class SellerText:
    """A field of a listing that the seller wrote."""

    field: str
    source: str

    @cached_property
    def plain(self) -> str:
        """The text folded by ``plain``."""
        return plain(self.source)


@dataclass(frozen=True, slots=True)
class Statement:
    """Words of a text, with their field and their span in it."""

    words: str
    field: str
    span: tuple[int, int]


@cache
def _pattern(role: str, group: str) -> re.Pattern[str]:
    return re.compile(alternatives(role, group))


@cache
def _makers() -> re.Pattern[str]:
    names = sorted(
        {plain(word.replace("-", " ")) for word in lexicon_words("makers", "character_goods", "publishers")}, key=len
    )
    kana = "|".join(re.escape(name) for name in reversed(names) if not name.isascii())
    latin = "|".join(re.escape(name) for name in reversed(names) if name.isascii())
    return re.compile(rf"(?:{kana})|(?<![a-z])(?:{latin})(?![a-z])")


def stated(
    group: str, observed: SellerText, *, skipped: tuple[int, int] | None = None, alone: bool = False
) -> Statement | None:
    """Return the first words of a group of ``lexicon/seller_statement.toml`` that the text does not deny.

    Words within ``skipped``, the span of the mark itself, do not count; with ``alone`` only a sentence that says hardly
    more.
    """
    return _first(_pattern("seller_statement", group), observed, skipped, alone=alone)


def maker(observed: SellerText) -> Statement | None:
    """Return a known maker or publisher that the text names."""
    return _first(_makers(), observed, None)


def named(name: str, observed: SellerText) -> Statement | None:
    """Return where the text names someone, such as a declared licensee; Latin names only as whole words."""
    folded = _folded_name(name)
    return _first(_naming(folded), observed, None) if folded and folded in observed.plain else None


@lru_cache(maxsize=1 << 14)
def _folded_name(name: str) -> str:
    return plain(name).strip()


@lru_cache(maxsize=1 << 14)
def _naming(folded: str) -> re.Pattern[str]:
    edges = (r"(?<![a-z0-9])", r"(?![a-z0-9])") if folded.isascii() else ("", "")
    return re.compile(re.escape(folded).join(edges))


def likened(names: Iterable[str], observed: SellerText) -> Statement | None:
    """Return a sentence that says no more than that the goods are like those of one of the names (今治タオル風)."""
    folded = [each for name in names if (each := _folded_name(name)) and each in observed.plain]
    sentences = (_first(_likening(name), observed, None, alone=True) for name in folded)
    return next((sentence for sentence in sentences if sentence), None)


@lru_cache(maxsize=1 << 12)
def _likening(folded: str) -> re.Pattern[str]:
    before, after = alternatives("context", "style_before"), alternatives("context", "style_after")
    return re.compile(rf"(?:{before})\s*{re.escape(folded)}|{re.escape(folded)}[\s\-]*(?:{after})")


def _first(
    pattern: re.Pattern[str], observed: SellerText, skipped: tuple[int, int] | None, *, alone: bool = False
) -> Statement | None:
    text = observed.plain
    for match in pattern.finditer(text):
        if match.end() == match.start() or _is_denied(text, match) or (alone and not _is_alone(text, match)):
            continue
        span = plain_span(observed.source, *match.span())
        if skipped is not None and span[0] < skipped[1] and span[1] > skipped[0]:
            continue
        return Statement(observed.source[slice(*span)], observed.field, span)
    return None


def _is_alone(text: str, match: re.Match[str]) -> bool:
    """Whether a sentence consists of the words of the match and a few letters."""
    start = max((text.rfind(end, 0, match.start()) for end in _SENTENCE_ENDS), default=-1) + 1
    end = min((index for each in _SENTENCE_ENDS if (index := text.find(each, match.end())) >= 0), default=len(text))
    return len(text[start:end].strip()) <= len(match.group().strip()) + _FEW_LETTERS


def _is_denied(text: str, match: re.Match[str]) -> bool:
    before = text[max(0, match.start() - _BEFORE) : match.start()]
    behind = text[match.end() : match.end() + _BEHIND]
    if _pattern("seller_statement", "denied_before").search(before):
        return True
    is_negative = _pattern("seller_statement", "negative").search(match.group()) is not None
    return not is_negative and _pattern("seller_statement", "denied_behind").search(behind) is not None

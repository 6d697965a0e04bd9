"""Terms of a mark: its spellings in host names, which hold neither spaces nor signs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from ipwatch.matching.hosts.lines import MAX_LABEL
from ipwatch.matching.hosts.split import added_words, word_cost
from ipwatch.matching.term_index import allowed_edits
from ipwatch.matching.variants import VariantOrigin, variant_of, variants_of
from ipwatch.records import WatchedMark
from ipwatch.text.folding.skeleton import plain, plain_letters

MIN_LETTERS = 2
MIN_PART = 5
"""Minimum letters of a word of a mark that is searched for alone; shorter ones occur in hosts by chance."""

_NO_HOST = frozenset({VariantOrigin.LOOKALIKE, VariantOrigin.MASKED})
"""Variants that hosts are not searched for: look-alikes are folded anyway, and no host can hold a masking sign."""

_COMMON_PART = 6.3
"""A word of a mark with a lower cost, about the 15,000 commonest, is not distinctive (bank, national)."""

_WORD = re.compile(r"[^\W_]+")
_TOP_LEVEL = re.compile(r"(.{2,})\.(?:com|net|org|co|info|biz|tv|jp|co\.jp|ne\.jp)", re.DOTALL)
_ARTICLE = re.compile(r"(?:the|la|le|les|el|los|il|der|die|das)\s+(?=\S{4})")
_AND = re.compile(r"\s*[&＆]\s*")


class TermKind(Enum):
    """Relation of a term to its mark: a declared spelling, another variant, or one word of it."""

    WHOLE = auto()
    OTHER = auto()
    PART = auto()


@dataclass(frozen=True, slots=True)
class HostTerm:
    """One spelling as it can occur in a host. ``letters`` are plain, ``skeleton`` has look-alikes folded too.

    A term that ``is_bounded`` counts only where no letter is next to it.
    """

    mark: int
    text: str
    letters: str
    skeleton: str
    kind: TermKind
    edits: int
    is_bounded: bool = False


def terms_of(number: int, mark: WatchedMark) -> list[HostTerm]:
    """Return the terms of a mark, each skeleton once, whole spellings first; ``number`` is kept as ``mark``."""
    texts = (mark.text, *mark.variants)
    declared = [_term(number, each, TermKind.WHOLE) for text in texts for each in _spellings(text)]
    others = [
        _term(number, variant.text, TermKind.OTHER, is_bounded=variant.generated and variant.boundary_required)
        for variant in variants_of(mark)[0]
        if variant.origin not in _NO_HOST
    ]
    parts = [_term(number, word, TermKind.PART) for text in texts for word in _parts(text)]
    by_skeleton: dict[str, HostTerm] = {}
    for search_term in (*declared, *others, *parts):
        if search_term is not None:
            by_skeleton.setdefault(search_term.skeleton, search_term)
    return list(by_skeleton.values())


def _term(number: int, text: str, kind: TermKind, *, is_bounded: bool = False) -> HostTerm | None:
    variant = variant_of(text)
    if variant is None or not MIN_LETTERS <= len(variant.skeleton) <= MAX_LABEL:
        return None
    edits = allowed_edits(len(variant.skeleton)) if kind is TermKind.WHOLE else 0
    return HostTerm(number, text, plain_letters(text), variant.skeleton, kind, edits, is_bounded)


def _spellings(text: str) -> Iterator[str]:
    """Yield the spelling, and what it loses or gains in a host: the article, the ending of a host, and "and" for &."""
    yield text
    spelled = plain(text)
    named = _TOP_LEVEL.fullmatch(spelled)
    if named:
        yield named[1]
    without = _ARTICLE.sub("", spelled, count=1) if _ARTICLE.match(spelled) else spelled
    if without != spelled:
        yield without
    if _AND.search(without):
        yield _AND.sub(" and ", without)


def _parts(text: str) -> Iterator[str]:
    """Yield the distinctive words of a spelling of several words in an alphabet."""
    words = _WORD.findall(plain(text))
    if len(words) < 2:  # noqa: PLR2004 - one word is the whole mark
        return
    for word in words:
        if len(word) >= MIN_PART and word.isascii() and word.isalpha() and word not in added_words():
            cost = word_cost(word)
            if cost is None or cost > _COMMON_PART:
                yield word

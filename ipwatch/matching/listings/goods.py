"""Goods (商品): whether a listing offers the goods that a mark is watched for."""

from __future__ import annotations

from collections.abc import Sequence

from ipwatch.matching.score import qualifier
from ipwatch.matching.variants import ObservedText, Script, scripts_of
from ipwatch.matching.watched import goods_skeletons
from ipwatch.records import Signal, WatchedMark
from ipwatch.text.folding.skeleton import skeleton

_JAPANESE = frozenset({Script.HIRAGANA, Script.KATAKANA, Script.HAN})
_SHOWN_TERMS = 3
_DISTINCTIVE_LETTERS = 7
_DISTINCTIVE_KANA = 4
_DISTINCTIVE_HAN = 3
_DISTINCTIVE_HANGUL = 3
"""A syllable holds two or three letters; most ordinary Korean nouns have two syllables and occur in longer words."""


def listing_goods(
    mark: WatchedMark,
    fields: Sequence[ObservedText],
    span: tuple[int, int] | None,
    spelling: str,
    *,
    place_alone: bool = False,
) -> Signal | None:
    """Return whether the goods of the mark are named in a listing; the title is ``fields[0]``.

    Absence counts only where the mark declares goods terms in every script of the title: a Korean title names no
    Japanese goods term. ``span`` is the mark itself in the title, which names no goods; ``spelling`` is the variant of
    the mark that matched. Absence does not count where the variant itself contains a goods term (今治タオル), and
    counts less where it is distinctive, unless it is ``place_alone``, only the place in such a name.
    """
    if not mark.goods_terms or not fields:
        return None
    for observed in fields:
        for goods_term in mark.goods_terms:
            named_span = _named(goods_term, observed, span if observed is fields[0] else None)
            if named_span is not None:
                compared = (goods_term, observed.source[slice(*named_span)])
                return qualifier("goods", "goods_named", compared, field=observed.field, span=named_span)
    spelled = skeleton(fields[0].source[slice(*span)] if span else spelling).text
    if any(goods_term in spelled for goods_term in goods_skeletons(mark)):
        return None
    declared = _script_groups(scripts_of("".join(mark.goods_terms)))
    title = fields[0]
    start, end = span or (0, 0)
    written = _script_groups(scripts_of(title.source[:start] + title.source[end:]))
    if not written or not written <= declared:
        return None
    shown = ", ".join(mark.goods_terms[:_SHOWN_TERMS])
    term = "goods_absent_distinctive" if is_distinctive(spelling) and not place_alone else "goods_absent"
    return qualifier("goods", term, (shown, title.source), field=title.field)


def is_distinctive(spelling: str) -> bool:
    """Whether a name is too long for its script to be an ordinary word."""
    scripts = scripts_of(spelling)
    if scripts <= {Script.HIRAGANA, Script.KATAKANA}:
        min_letters = _DISTINCTIVE_KANA
    elif Script.HAN in _script_groups(scripts):
        min_letters = _DISTINCTIVE_HAN
    else:
        min_letters = _DISTINCTIVE_HANGUL if Script.HANGUL in scripts else _DISTINCTIVE_LETTERS
    return len(skeleton(spelling).text) >= min_letters


def _named(goods_term: str, observed: ObservedText, mark_span: tuple[int, int] | None) -> tuple[int, int] | None:
    """Return the span of the goods term in the text, outside the mark."""
    folded = skeleton(goods_term).text
    index = observed.folded.text.find(folded) if folded else -1
    while index >= 0:
        start, end = observed.folded.span(index, index + len(folded))
        if mark_span is None or end <= mark_span[0] or start >= mark_span[1]:
            return start, end
        index = observed.folded.text.find(folded, index + 1)
    return None


def _script_groups(scripts: frozenset[Script]) -> frozenset[Script]:
    """Return the scripts with kana and Han as one, and without digits."""
    joined = {Script.HAN if script in _JAPANESE else script for script in scripts}
    return frozenset(joined - {Script.DIGIT})

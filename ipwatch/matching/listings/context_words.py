"""Context words (文脈): how the words around a name qualify its use, in the languages of the marketplaces."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ipwatch.matching.score import qualifier
from ipwatch.matching.variants import ObservedText
from ipwatch.records import RightKind, Signal, WatchedMark
from ipwatch.text.folding.skeleton import plain, plain_span
from ipwatch.text.lexicon.roles import alternatives

_REACH = 40
"""Number of characters before and after the name that are searched."""

_MODEL = r"[\s0-9a-z.\-/+_]{0,14}"
"""A model number or spaces between a name and the context word that belongs to it (ソニー WH-1000 対応)."""


@dataclass(frozen=True, slots=True)
class _Pattern:
    term: str
    before: re.Pattern[str]
    after: re.Pattern[str]


_AROUND = (
    _Pattern(
        "context_compatible",
        before=re.compile(rf"(?:{alternatives('context', 'compatible_before')})[\s:：]*$"),
        after=re.compile(
            rf"^{_MODEL}(?:{alternatives('context', 'compatible_after')})"
            rf"|{alternatives('context', 'compatible_behind')}"
        ),
    ),
    _Pattern(
        "context_style",
        before=re.compile(rf"(?:{alternatives('context', 'style_before')})\s*$"),
        after=re.compile(rf"^[\s\-]*(?:{alternatives('context', 'style_after')})"),
    ),
    _Pattern(
        "context_other_than",
        before=re.compile(alternatives("context", "other_than_before")),
        after=re.compile(rf"^\s*(?:{alternatives('context', 'other_than_after')})"),
    ),
)
_ANYWHERE = (
    ("context_replica", re.compile(alternatives("context", "replica"))),
    ("context_used", re.compile(alternatives("context", "used"))),
)
_PACKAGING = re.compile(alternatives("packaging", "empty"))
_PUBLICATION = re.compile(alternatives("publication", "title"))
_PRINTED_MATTER = 16
"""Class of the Nice Classification that holds books, magazines and stationery."""

_USED_CONDITION = re.compile(alternatives("context", "used_condition"))


def around(
    observed: ObservedText, span: tuple[int, int], watched: str, kind: RightKind, goods: Sequence[str] = ()
) -> Iterator[Signal]:
    """Yield the qualifiers of the words next to the name, each kind once, with the span of those words.

    ``span`` is that of the name; its other occurrences in the same spelling count as well. A word for the mark's
    ``goods`` may separate the name and what follows (SONY headphones compatible).
    """
    surface = observed.source[slice(*span)]
    yielded: set[str] = set()
    for match in re.finditer(re.escape(surface), observed.source):
        for term, words in _adjacent(observed.source, match.span(), goods):
            shown = "context_style_gi" if _is_gi_style(term, kind) else term
            if shown not in yielded:
                yielded.add(shown)
                compared = (watched, observed.source[slice(*words)])
                yield qualifier("context", shown, compared, field=observed.field, span=words)


def _is_gi_style(term: str, kind: RightKind) -> bool:
    return term == "context_style" and kind is RightKind.GEOGRAPHICAL_INDICATION


def _adjacent(source: str, name: tuple[int, int], goods: Sequence[str]) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield the term of each kind of word next to the name, with the span of the word in the source."""
    first = max(0, name[0] - _REACH)
    before, after = source[first : name[0]], source[name[1] : name[1] + _REACH]
    for pattern in _AROUND:
        if match := pattern.before.search(plain(before)):
            yield pattern.term, _source_span(match, before, 0, first)
            continue
        for skipped in (0, *_after_goods(plain(after), goods)):
            if match := pattern.after.search(plain(after)[skipped:]):
                yield pattern.term, _source_span(match, after, skipped, name[1])
                break


def _source_span(match: re.Match[str], text: str, skipped: int, offset: int) -> tuple[int, int]:
    """Return the span in the source of words matched in the plain text, without the spaces around them.

    ``skipped`` is the length of plain text that was not searched, ``offset`` that of the text in the source.
    """
    words = match.group()
    start = match.start() + len(words) - len(words.lstrip())
    first, last = plain_span(text, skipped + start, skipped + start + len(words.strip()))
    return offset + first, offset + last


def _after_goods(after: str, goods: Sequence[str]) -> Iterator[int]:
    """Yield the index behind each goods term that the plain text begins with."""
    rest = after.lstrip()
    for goods_term in goods:
        word = plain(goods_term)
        if word and rest.startswith(word):
            yield len(after) - len(rest) + len(word)


def anywhere(observed: ObservedText, watched: str, span: tuple[int, int] | None = None) -> Iterator[Signal]:
    """Yield the qualifiers of the words of the whole text, each kind once; the name in ``span`` is left out."""
    text = plain(_without_name(observed, span))
    for term, pattern in _ANYWHERE:
        match = pattern.search(text)
        if match:
            yield qualifier("context", term, (watched, match.group()), field=observed.field)


def publication(observed: ObservedText, watched: str, span: tuple[int, int] | None = None) -> Signal | None:
    """Return the qualifier of a title that is a book or magazine; the name in ``span`` is left out."""
    match = _PUBLICATION.search(plain(_without_name(observed, span)))
    return (
        qualifier("context", "context_publication", (watched, match.group()), field=observed.field) if match else None
    )


def packaging(observed: ObservedText, watched: str, span: tuple[int, int] | None = None) -> Signal | None:
    """Return the qualifier of a title that offers empty packaging; the name in ``span`` is left out."""
    match = _PACKAGING.search(plain(_without_name(observed, span)))
    return qualifier("context", "context_packaging", (watched, match.group()), field=observed.field) if match else None


def is_for_packaging(mark: WatchedMark) -> bool:
    """Whether bags or boxes are the mark's own goods."""
    return any(_PACKAGING.search(plain(goods_term)) for goods_term in mark.goods_terms)


def _without_name(observed: ObservedText, span: tuple[int, int] | None) -> str:
    """Return the text without the name: Book Off is no book."""
    return observed.source if span is None else f"{observed.source[: span[0]]} {observed.source[span[1] :]}"


def is_for_publications(mark: WatchedMark) -> bool:
    """Whether books and magazines are the mark's own goods: stationery and stickers are of their class as well."""
    if not mark.goods_terms:
        return _PRINTED_MATTER in mark.nice_classes
    return any(_PUBLICATION.search(plain(goods_term)) for goods_term in mark.goods_terms)


def used_condition(condition: str | None, watched: str) -> Signal | None:
    """Return the qualifier of a listing whose condition is second-hand, in the words of the marketplaces."""
    if condition is None or not _USED_CONDITION.search(plain(condition)):
        return None
    return qualifier("context", "context_used", (watched, condition), field="condition")
